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
	const char *algorithms; /* to offer for it, a comma list */
};

enum {
	BLOB_TYPES = 5,
	BLOB_NAME_SIZE = 64,
	BLOB_RSA_MIN_BITS = 1024,
	BLOB_RSA_MAX_BITS = 16384
};

extern const struct blob_type blob_types[BLOB_TYPES]; /* best first */

struct blob { /* points into the bytes */
	const char *name; /* not terminated */
	size_t name_len;
	const struct blob_type *type; /* NULL: a type that we do not use */
	const struct blob_type *inside; /* of the key in a certificate */
	const unsigned char *key; /* the Ed25519 key, the point Q, or e */
	size_t key_len;
	const unsigned char *modulus; /* n, without leading zeros */
	size_t modulus_len;
};

/*
 * False when it is malformed: a part missing or of the wrong size, bytes left
 * over.  Of a type that is not ours only the name is looked at, and of a
 * certificate the key in it; its other parts, and who signed it, are not.
 */
bool blob_parse(struct blob *b, const void *p, size_t n);
/*
 * Is it the same key, however its numbers are written?  Not of unused types.
 * With `inside`, b may also be a certificate that holds the key a.
 */
bool blob_same_key(const struct blob *a, const struct blob *b, bool inside);
bool blob_same_type(const struct blob *a, const struct blob *b);
/* Is the type name s[0..n) the one inside the blob, or RSA's other names? */
bool blob_is_named(const struct blob *b, const char *s, size_t n);

#endif
