/*
 * What the files key*.c share, one step of reading each:
 *
 *   file --key_armour--> bytes --key_openssh--> fields --key_fields--> numbers
 *                            `---key_pem, key_pkcs8--> DER --key_der--> numbers
 *   numbers --key_params--> EVP_PKEY
 *
 * and key_new() makes a struct key of it.  Nobody else includes this.
 */
#ifndef AUTH_KEY_PARTS_H
#define AUTH_KEY_PARTS_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "auth/key.h"

/* The kinds of key that can log in. */
struct key_kind {
	const char *type; /* SSH's name */
	const char *name; /* OpenSSL's name */
	const char *curve; /* SSH's name of it; ECDSA only */
	const char *group; /* OpenSSL's name of it */
};

struct key {
	EVP_PKEY *pkey; /* NULL: it stays elsewhere */
	ferry_sign_fn *sign; /* there, with: */
	void *ctx;
	const struct key_kind *kind;
	struct buf blob;
	char *comment;
	struct certificate *certificate; /* or NULL */
};

/* NULL: not one that can log in. */
const struct key_kind *key_kind_of_type(const char *type);

/*
 * Take over pkey (also on failure): judge its kind, make the public blob, and
 * let the key prove that its two halves belong together.
 */
int key_new(struct key **out, EVP_PKEY *pkey, const char *comment,
    struct ferry_error *err);

/* Can the key verify what it signs? */
bool key_sign_check(const struct key *k);

/* key_read.c, as key_read_file(). */
int key_read_certificate(
    struct secret **out, const char *path, struct ferry_error *err);

/* key_armour.c: "-----BEGIN label-----", header lines, base64. */

struct key_armour {
	char label[48]; /* "OPENSSH PRIVATE KEY" */
	char header[256]; /* "Proc-Type: ...\nDEK-Info: ...\n", or "" */
	struct secret *body;
};

int key_armour_parse(
    struct key_armour *a, const void *bytes, size_t n, struct ferry_error *err);
void key_armour_free(struct key_armour *a);

/* key_openssh.c: openssh-key-v1. */

struct key_openssh { /* the outside of the box; points into the bytes */
	const struct key_cipher *cipher; /* NULL: the box is open */
	const unsigned char *salt;
	size_t salt_len;
	uint32_t rounds;
	const struct key_kind *kind;
	const unsigned char *blob; /* the public key */
	size_t blob_len;
	const unsigned char *box; /* the private key, perhaps encrypted */
	size_t box_len;
	const unsigned char *tag; /* of the ciphers that authenticate */
};

int key_openssh_read(struct key_openssh *k, const void *bytes, size_t n,
    struct ferry_error *err);
int key_openssh_parse(struct key **out, const void *bytes, size_t n,
    const struct secret *passphrase, struct ferry_error *err);

/* key_fields.c: the fields of the kind, behind its name; NULL when bad. */

EVP_PKEY *key_fields_get(const struct key_kind *kind, struct buf_reader *r);

/* key_params.c: its numbers, which are taken over; NULL: they are none. */

enum key_rsa_number { /* RFC 8017's names */
	KEY_RSA_N,
	KEY_RSA_E,
	KEY_RSA_D,
	KEY_RSA_P,
	KEY_RSA_Q,
	KEY_RSA_DP,
	KEY_RSA_DQ,
	KEY_RSA_QINV,
	KEY_RSA_NUMBERS
};

EVP_PKEY *key_params_rsa(BIGNUM *const number[KEY_RSA_NUMBERS]);
/* group: OpenSSL's name.  n = 0: without its public point. */
EVP_PKEY *key_params_ecdsa(
    const char *group, BIGNUM *d, const unsigned char *q, size_t n);

/* key_der.c: what armour or encryption is taken off from. */

EVP_PKEY *key_der_rsa(const void *der, size_t n); /* PKCS#1; or NULL */
EVP_PKEY *key_der_ecdsa(const void *der, size_t n); /* SEC1; or NULL */
/* PKCS#8; *pkey is set on success only. */
int key_der_pkcs8(
    EVP_PKEY **pkey, const void *der, size_t n, struct ferry_error *err);

/* key_pem.c: PKCS#1 and SEC1; key_pkcs8.c.  pkey is set on success only. */

int key_pem_parse(EVP_PKEY **pkey, const struct key_armour *a,
    const struct secret *passphrase, struct ferry_error *err);
/* Is it one whole DER sequence and no byte more? */
int key_pem_judge(const void *der, size_t n, struct ferry_error *err);
bool key_pem_has_cipher(const char *name);
int key_pkcs8_parse(EVP_PKEY **pkey, const struct key_armour *a,
    const struct secret *passphrase, struct ferry_error *err);
/* May the key of this AlgorithmIdentifier be derived: known and not long? */
int key_pkcs8_judge(const X509_ALGOR *algorithm, struct ferry_error *err);

/*
 * key_wrong.c: the words for what is wrong; all return the negated code.  The
 * first two judge, and return 0 for what looks right.
 */

int key_wrong_file(const char *p, size_t n, struct ferry_error *err);
int key_wrong_label(const char *label, struct ferry_error *err);
int key_wrong_type(struct ferry_error *err, const char *type);
int key_wrong_header(struct ferry_error *err, const char *text);
int key_wrong_lines(struct ferry_error *err);
int key_wrong_base64(struct ferry_error *err);
int key_wrong_end(struct ferry_error *err);
int key_wrong_trailing(struct ferry_error *err);
int key_wrong_content(struct ferry_error *err, const char *what);
int key_wrong_cipher(struct ferry_error *err, const char *cipher);
int key_wrong_work(struct ferry_error *err, uint64_t work, uint64_t limit);
/* given NULL: a passphrase is needed; else it is wrong. */
int key_wrong_passphrase(struct ferry_error *err, const struct secret *given);

#endif
