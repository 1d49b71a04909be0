/*
 * The Blowfish cipher (Schneier, 1993) with bcrypt's salted key schedule
 * (Provos and Mazieres, 1999).  Hub only.
 */
#include "auth/blowfish.h"

#include <string.h>

#include "auth/blowfish_pi.h"

void
blowfish_init(struct blowfish *b)
{
	memcpy(b->p, blowfish_pi, sizeof(b->p));
	memcpy(b->s, blowfish_pi + 18, sizeof(b->s));
}

static uint32_t
mix(const struct blowfish *b, uint32_t x)
{
	return ((b->s[0][x >> 24] + b->s[1][x >> 16 & 255]) ^
		   b->s[2][x >> 8 & 255]) +
	    b->s[3][x & 255];
}

void
blowfish_encrypt(const struct blowfish *b, uint32_t block[2])
{
	uint32_t left = block[0], right = block[1];

	for (unsigned i = 0; i < 16; i += 2) {
		left ^= b->p[i];
		right ^= mix(b, left);
		right ^= b->p[i + 1];
		left ^= mix(b, right);
	}
	block[0] = right ^ b->p[17];
	block[1] = left ^ b->p[16];
}

/* The next two words of the chain, with two words of salt taken in. */
static void
advance(const struct blowfish *b, uint32_t chain[2], const uint32_t *salt,
    unsigned *at)
{
	chain[0] ^= salt[*at];
	chain[1] ^= salt[*at + 1];
	*at = (*at + 2) % BLOWFISH_KEY_WORDS;
	blowfish_encrypt(b, chain);
}

void
blowfish_expand(struct blowfish *b, const uint32_t *salt, const uint32_t *key)
{
	static const uint32_t zeros[BLOWFISH_KEY_WORDS];
	uint32_t chain[2] = { 0, 0 };
	unsigned at = 0;

	if (salt == NULL)
		salt = zeros;
	for (unsigned i = 0; i < 18; i++)
		b->p[i] ^= key[i % BLOWFISH_KEY_WORDS];
	for (unsigned i = 0; i < 18; i += 2) {
		advance(b, chain, salt, &at);
		memcpy(&b->p[i], chain, sizeof(chain));
	}
	for (unsigned box = 0; box < 4; box++) {
		for (unsigned i = 0; i < 256; i += 2) {
			advance(b, chain, salt, &at);
			memcpy(&b->s[box][i], chain, sizeof(chain));
		}
	}
}
