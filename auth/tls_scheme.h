/*
 * The signatures of TLS: which number means what (RFC 8446, 4.2.3; those with
 * SHA-1 are left out).  Hub only.
 */
#ifndef AUTH_TLS_SCHEME_H
#define AUTH_TLS_SCHEME_H

#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct tls_scheme {
	unsigned number;
	const char *key; /* OpenSSL's name for the kind of key */
	const char *digest; /* NULL: it has one of its own */
	bool pss; /* RSA only */
};

const struct tls_scheme *tls_scheme_find(unsigned number); /* or NULL */

bool tls_scheme_sign(const struct tls_scheme *s, EVP_PKEY *pkey,
    const void *data, size_t n, struct buf *signature);
bool tls_scheme_verify(const struct tls_scheme *s, EVP_PKEY *pkey,
    const void *data, size_t n, const void *signature, size_t signature_len);

#endif
