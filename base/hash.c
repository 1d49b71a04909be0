/*
 * SHA-256 by libcrypto, and the two ways to print bytes.  Runs in the hub and
 * in the worker.
 */
#include "base/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool
hash_init(struct hash *h)
{
	h->ctx = EVP_MD_CTX_new();
	if (!h->ctx)
		return false;
	if (EVP_DigestInit_ex(h->ctx, EVP_sha256(), NULL) == 1)
		return true;
	hash_free(h);
	return false;
}

void
hash_update(struct hash *h, const void *p, size_t n)
{
	/* A failure leaves no context: hash_final() then says so. */
	if (h->ctx && EVP_DigestUpdate(h->ctx, p, n) != 1)
		hash_free(h);
}

bool
hash_final(struct hash *h, struct digest *out)
{
	bool ok = h->ctx && EVP_DigestFinal_ex(h->ctx, out->b, NULL) == 1;

	if (!ok)
		memset(out, 0, sizeof(*out));
	hash_free(h);
	return ok;
}

void
hash_free(struct hash *h)
{
	EVP_MD_CTX_free(h->ctx);
	h->ctx = NULL;
}

bool
hash_bytes(const void *p, size_t n, struct digest *out)
{
	if (EVP_Digest(p, n, out->b, NULL, EVP_sha256(), NULL) == 1)
		return true;
	memset(out, 0, sizeof(*out));
	return false;
}

bool
hash_equal(const struct digest *a, const struct digest *b)
{
	return CRYPTO_memcmp(a->b, b->b, HASH_SIZE) == 0;
}

void
hash_hex(const struct digest *d, char out[HASH_HEX_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < HASH_SIZE; i++) {
		out[2 * i] = digits[d->b[i] >> 4];
		out[2 * i + 1] = digits[d->b[i] & 15];
	}
	out[2 * HASH_SIZE] = '\0';
}

void
hash_fingerprint(const void *blob, size_t n, char out[HASH_FINGERPRINT_SIZE])
{
	static const char name[] = "SHA256:";
	struct digest d;
	size_t len;

	hash_bytes(blob, n, &d);
	memcpy(out, name, sizeof(name) - 1);
	len = sizeof(name) - 1;
	len += hash_base64(d.b, sizeof(d.b), out + len);
	out[len - 1] = '\0'; /* 32 bytes end in exactly one '=' */
}

size_t
hash_base64(const void *p, size_t n, char *dst)
{
	const unsigned char *s = p;
	char *start = dst;
	uint32_t v;

	for (; n > 0; s += 3, dst += 4) {
		v = (uint32_t)s[0] << 16;
		v |= n > 1 ? (uint32_t)s[1] << 8 : 0;
		v |= n > 2 ? s[2] : 0;
		dst[0] = alphabet[v >> 18];
		dst[1] = alphabet[v >> 12 & 63];
		dst[2] = n > 1 ? alphabet[v >> 6 & 63] : '=';
		dst[3] = n > 2 ? alphabet[v & 63] : '=';
		n -= n < 3 ? n : 3;
	}
	*dst = '\0';
	return (size_t)(dst - start);
}

/* The alphabet turned round, from '+' to 'z'. */
static const signed char values[] = { 62, -1, -1, -1, 63, 52, 53, 54, 55, 56,
	57, 58, 59, 60, 61, -1, -1, -1, -1, -1, -1, -1, 0, 1, 2, 3, 4, 5, 6, 7,
	8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
	-1, -1, -1, -1, -1, -1, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37,
	38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51 };

static int
base64_value(char c)
{
	return c >= '+' && c <= 'z' ? values[c - '+'] : -1;
}

bool
hash_unbase64(const char *s, size_t n, unsigned char *dst, size_t *len)
{
	size_t pad, i, j;
	uint32_t v = 0;
	int value;

	*len = 0;
	if (n % 4 != 0)
		return false;
	for (pad = 0; pad < 2 && pad < n && s[n - pad - 1] == '='; pad++)
		;
	for (i = 0; i < n; i++) {
		value = i < n - pad ? base64_value(s[i]) : 0;
		if (value < 0)
			return false;
		v = v << 6 | (uint32_t)value;
		if (i % 4 != 3)
			continue;
		for (j = 0; j < 3; j++)
			dst[i / 4 * 3 + j] = (unsigned char)(v >> (16 - 8 * j));
	}
	/* The bits that the padding cuts off must be zero: one form each. */
	if (pad && (v & (pad == 1 ? 0xffU : 0xffffU)) != 0)
		return false;
	*len = n / 4 * 3 - pad;
	return true;
}
