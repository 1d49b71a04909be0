/* SHA-256, base64 and hexadecimal, on libcrypto. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HASH_SIZE = 32, HASH_HEX_SIZE = 65, HASH_FINGERPRINT_SIZE = 52 };

struct hash { /* a running SHA-256 */
	void *ctx;
};

struct digest {
	unsigned char b[HASH_SIZE];
};

bool hash_init(struct hash *h); /* false: out of memory */
void hash_update(struct hash *h, const void *p, size_t n);
/* Also frees.  False: libcrypto ran out of memory somewhere; *out is zero. */
bool hash_final(struct hash *h, struct digest *out);
void hash_free(struct hash *h); /* for a hash that is not finished */
/* False: libcrypto ran out of memory; *out is zero then. */
bool hash_bytes(const void *p, size_t n, struct digest *out);
bool hash_equal(const struct digest *a, const struct digest *b);
void hash_hex(const struct digest *d, char out[HASH_HEX_SIZE]);
/* "SHA256:" and unpadded base64, as ssh-keygen -l prints a key blob. */
void
hash_fingerprint(const void *blob, size_t n, char out[HASH_FINGERPRINT_SIZE]);

/* Padded base64; returns the length, dst needs 4 * ((n + 2) / 3) + 1. */
size_t hash_base64(const void *p, size_t n, char *dst);
/*
 * Decode padded base64 of n characters, nothing else among them.  dst needs
 * 3 * (n / 4).  False when it is not base64.
 */
bool hash_unbase64(const char *s, size_t n, unsigned char *dst, size_t *len);

#endif
