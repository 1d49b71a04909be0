/* A host key blob (RFC 4253, 6.6): its type and its parts.  Hub. */
#ifndef KNOWN_HOSTS_BLOB_H
#define KNOWN_HOSTS_BLOB_H

#include <stdbool.h>
#include <stddef.h>

enum blob_kind { BLOB_ED25519, BLOB_ECDSA, BLOB_RSA };

struct blob_type {
	const char *name;
	enum blob_kind kind;
	const char *curve; /* RFC 5656, 6.1: "nistp256" */
	const char *group; /* libcrypto's name of it */
	size_t point; /* bytes of an uncompressed point */
	const char *digest; /* that ECDSA signs with: RFC 5656, 6.2.1 */
};

enum {
	BLOB_NAME_SIZE = 64,
	BLOB_RSA_MIN_BITS = 1024,
	BLOB_RSA_MAX_BITS = 16384
};

struct blob { /* points into the bytes */
	const char *name; /* not terminated */
	size_t name_len;
	const struct blob_type *type; /* NULL: a type that we do not use */
	const unsigned char *key; /* the Ed25519 key, the point Q, or e */
	size_t key_len;
	const unsigned char *modulus; /* n, without leading zeros */
	size_t modulus_len;
};

/*
 * False when it is malformed: a part missing or of the wrong size, bytes left
 * over.  Of a type that is not ours only the name is looked at.
 */
bool blob_parse(struct blob *b, const void *p, size_t n);
bool blob_same_type(const struct blob *a, const struct blob *b);
/* Is the type name s[0..n) the one inside the blob, or RSA's other names? */
bool blob_is_named(const struct blob *b, const char *s, size_t n);

#endif
