/*
 * bcrypt_pbkdf, the key derivation of encrypted openssh-key-v1 files.  Our own
 * because no library of Debian 12 offers it.  Hub only.
 */
#ifndef AUTH_BCRYPT_KDF_H
#define AUTH_BCRYPT_KDF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Fill out[0..n).  False: rounds 0, empty pass or salt, n 0 or over 1024. */
bool bcrypt_kdf(const void *pass, size_t pass_len, const void *salt,
    size_t salt_len, uint32_t rounds, unsigned char *out, size_t n);

#endif
