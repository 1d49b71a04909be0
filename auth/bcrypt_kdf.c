/*
 * bcrypt_pbkdf: from a passphrase to the key of an encrypted openssh-key-v1
 * file.  Hub only.
 *
 * It is PBKDF2 (RFC 8018, 5.2) with two changes.  The function that is iterated
 * is a bcrypt of SHA-512 digests; and the blocks of output are dealt out byte
 * by byte, like cards, so that no part of the key can be had for less than all
 * of the work.
 */
#include "auth/bcrypt_kdf.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include "auth/blowfish.h"
#include "base/secret.h"

enum { BLOCK = 32, MAX_OUTPUT = 1024, BCRYPT_COST = 6 };

/* What one derivation works on; all of it is wiped at the end. */
struct work {
	struct blowfish cipher;
	uint32_t pass[BLOWFISH_KEY_WORDS];
	uint32_t salt[BLOWFISH_KEY_WORDS];
	unsigned char digest[SHA512_DIGEST_LENGTH];
	unsigned char round[BLOCK]; /* of this round */
	unsigned char sum[BLOCK]; /* of all rounds so far */
};

/* SHA-512 of a and b, as the big-endian words that Blowfish takes. */
static bool
digest(struct work *w, const void *a, size_t a_len, const void *b, size_t b_len,
    uint32_t words[BLOWFISH_KEY_WORDS])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx != NULL &&
	    EVP_DigestInit_ex(ctx, EVP_sha512(), NULL) == 1 &&
	    EVP_DigestUpdate(ctx, a, a_len) == 1 &&
	    EVP_DigestUpdate(ctx, b, b_len) == 1 &&
	    EVP_DigestFinal_ex(ctx, w->digest, NULL) == 1;

	EVP_MD_CTX_free(ctx);
	for (unsigned i = 0; ok && i < BLOWFISH_KEY_WORDS; i++) {
		const unsigned char *d = w->digest + 4 * i;

		words[i] = (uint32_t)d[0] << 24 | (uint32_t)d[1] << 16 |
		    (uint32_t)d[2] << 8 | d[3];
	}
	return ok;
}

/* bcrypt of (pass, salt) into round; words leave it little-endian. */
static void
bcrypt(struct work *w)
{
	/* "OxychromaticBlowfishSwatDynamite" */
	uint32_t text[BLOCK / 4] = { 0x4f787963, 0x68726f6d, 0x61746963,
		0x426c6f77, 0x66697368, 0x53776174, 0x44796e61, 0x6d697465 };

	blowfish_init(&w->cipher);
	blowfish_expand(&w->cipher, w->salt, w->pass);
	for (unsigned i = 0; i < 1 << BCRYPT_COST; i++) {
		blowfish_expand(&w->cipher, NULL, w->salt);
		blowfish_expand(&w->cipher, NULL, w->pass);
	}
	for (unsigned i = 0; i < BLOCK / 4; i += 2) {
		for (unsigned j = 0; j < 64; j++)
			blowfish_encrypt(&w->cipher, text + i);
	}
	for (unsigned i = 0; i < BLOCK; i++)
		w->round[i] = (unsigned char)(text[i / 4] >> 8 * (i % 4));
	secret_wipe(text, sizeof(text));
}

/* One block of output, into sum. */
static bool
block(struct work *w, const void *salt, size_t salt_len, uint32_t number,
    uint32_t rounds)
{
	const unsigned char count[4] = { (unsigned char)(number >> 24),
		(unsigned char)(number >> 16), (unsigned char)(number >> 8),
		(unsigned char)number };

	if (!digest(w, salt, salt_len, count, sizeof(count), w->salt))
		return false;
	bcrypt(w);
	for (unsigned i = 0; i < BLOCK; i++)
		w->sum[i] = w->round[i];
	while (--rounds > 0) {
		if (!digest(w, w->round, BLOCK, NULL, 0, w->salt))
			return false;
		bcrypt(w);
		for (unsigned i = 0; i < BLOCK; i++)
			w->sum[i] ^= w->round[i];
	}
	return true;
}

bool
bcrypt_kdf(const void *pass, size_t pass_len, const void *salt, size_t salt_len,
    uint32_t rounds, unsigned char *out, size_t n)
{
	struct work w;
	size_t blocks = (n + BLOCK - 1) / BLOCK;
	bool ok;

	if (rounds == 0 || pass_len == 0 || salt_len == 0 || n == 0 ||
	    n > MAX_OUTPUT)
		return false;
	ok = digest(&w, pass, pass_len, NULL, 0, w.pass);
	for (size_t i = 0; ok && i < blocks; i++) {
		ok = block(&w, salt, salt_len, (uint32_t)i + 1, rounds);
		for (size_t j = 0; ok && j * blocks + i < n; j++)
			out[j * blocks + i] = w.sum[j];
	}
	if (!ok)
		secret_wipe(out, n);
	secret_wipe(&w, sizeof(w));
	return ok;
}
