/* Blowfish, as much of it as bcrypt_kdf.c needs.  Hub only. */
#ifndef AUTH_BLOWFISH_H
#define AUTH_BLOWFISH_H

#include <stdint.h>

enum { BLOWFISH_KEY_WORDS = 16 };

struct blowfish {
	uint32_t p[18];
	uint32_t s[4][256];
};

void blowfish_init(struct blowfish *b); /* the state before any key: pi */
/*
 * bcrypt's key schedule, which works on the state as it is: mix the key into P,
 * then replace P and S by a chain of encryptions that takes in the salt (NULL:
 * zeros, which is Blowfish's own schedule).  Both are BLOWFISH_KEY_WORDS long.
 */
void
blowfish_expand(struct blowfish *b, const uint32_t *salt, const uint32_t *key);
void blowfish_encrypt(const struct blowfish *b, uint32_t block[2]);

#endif
