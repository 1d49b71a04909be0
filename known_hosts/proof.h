/*
 * Did this host sign this session?  Hub.  The worker hands over the last
 * clear-text message of the first key exchange; the hub takes the host key and
 * its signature from it and verifies the signature over the exchange hash H
 * (RFC 4253, 8) itself.
 */
#ifndef KNOWN_HOSTS_PROOF_H
#define KNOWN_HOSTS_PROOF_H

#include <stdbool.h>
#include <stddef.h>

#include "sandferry.h"

struct proof { /* points into the message */
	const unsigned char *key; /* K_S, a host key blob */
	size_t key_len;
	const unsigned char *signature; /* "string algorithm, string blob" */
	size_t signature_len;
};

/*
 * Parse SSH_MSG_KEXDH_REPLY / SSH_MSG_KEX_ECDH_REPLY (31) or
 * SSH_MSG_KEX_DH_GEX_REPLY (33), all of one shape.
 * ferry_EWALL when it is malformed.
 */
int proof_parse(
    struct proof *p, const void *msg, size_t n, struct ferry_error *err);

/*
 * Verify with libcrypto that the key signed h (the exchange hash: 32, 48 or 64
 * bytes).  ssh-ed25519, ecdsa-sha2-nistp256/384/521, rsa-sha2-256/512; SHA-1
 * RSA is refused.  ferry_EWALL when it did not.
 */
int proof_verify(const struct proof *p, const void *h, size_t h_len,
    struct ferry_error *err);

/*
 * Is signature ("string algorithm, string blob") the key's, over the data, by
 * this algorithm?
 */
bool proof_signed(const void *key, size_t key_len, const char *algorithm,
    const void *signature, size_t signature_len, const void *data, size_t n);

/* The type name inside a host key blob, "" when malformed. */
void proof_key_type(const void *blob, size_t n, char *dst, size_t size);

#endif
