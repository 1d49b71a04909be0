/*
 * Sign as SSH does: RFC 8709 (Ed25519), RFC 5656 (ECDSA), RFC 8332 (RSA with
 * SHA-2; never with SHA-1).  Hub only.
 */
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <string.h>

#include "auth/key_parts.h"
#include "base/err.h"
#include "base/limits.h"

enum { MAX_RAW = 16384 / 8 };

static const struct scheme {
	const char *algorithm, *type, *digest;
} schemes[] = {
	{ "ssh-ed25519", "ssh-ed25519", NULL },
	{ "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", "SHA256" },
	{ "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384", "SHA384" },
	{ "ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521", "SHA512" },
	{ "rsa-sha2-512", "ssh-rsa", "SHA512" },
	{ "rsa-sha2-256", "ssh-rsa", "SHA256" },
};

static bool
sign_raw(const struct key *k, const char *digest, const void *data, size_t n,
    unsigned char *raw, size_t *raw_len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx != NULL &&
	    EVP_DigestSignInit_ex(
		ctx, NULL, digest, NULL, NULL, k->pkey, NULL) == 1 &&
	    EVP_DigestSign(ctx, raw, raw_len, data, n) == 1;

	EVP_MD_CTX_free(ctx);
	return ok;
}

bool
key_sign_check(const struct key *k)
{
	static const unsigned char probe[] = "is this my other half?";
	const char *digest = k->kind->name[1] == 'D' ? NULL : "SHA256";
	unsigned char raw[MAX_RAW];
	size_t n = sizeof(raw);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx != NULL &&
	    sign_raw(k, digest, probe, sizeof(probe), raw, &n) &&
	    EVP_DigestVerifyInit_ex(
		ctx, NULL, digest, NULL, NULL, k->pkey, NULL) == 1 &&
	    EVP_DigestVerify(ctx, raw, n, probe, sizeof(probe)) == 1;

	EVP_MD_CTX_free(ctx);
	return ok;
}

static void
put_number(struct buf *b, const BIGNUM *n)
{
	unsigned char bytes[MAX_RAW];

	buf_put_mpint(b, bytes, (size_t)BN_bn2bin(n, bytes));
}

/* From DER's SEQUENCE of r and s to mpint r, mpint s. */
static bool
put_ecdsa(struct buf *b, const unsigned char *raw, size_t n)
{
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &raw, (long)n);
	struct buf numbers;

	if (sig == NULL)
		return false;
	buf_init(&numbers, LIMIT_SIGNATURE);
	put_number(&numbers, ECDSA_SIG_get0_r(sig));
	put_number(&numbers, ECDSA_SIG_get0_s(sig));
	buf_put_string(b, numbers.data, numbers.len);
	if (!buf_ok(&numbers))
		b->failed = true;
	buf_free(&numbers);
	ECDSA_SIG_free(sig);
	return true;
}

static int
sign(const struct key *k, const struct scheme *s, const void *data, size_t n,
    struct buf *signature, struct ferry_error *err)
{
	unsigned char raw[MAX_RAW];
	size_t raw_len = sizeof(raw);
	bool ok = sign_raw(k, s->digest, data, n, raw, &raw_len);

	if (ok) {
		buf_put_cstring(signature, s->algorithm);
		if (k->kind->curve != NULL)
			ok = put_ecdsa(signature, raw, raw_len);
		else
			buf_put_string(signature, raw, raw_len);
	}
	if (!ok)
		return err_set(err, ferry_EINTERNAL, "key_sign_failed",
		    "the key cannot sign with %s", s->algorithm);
	return buf_ok(signature) ? 0 : err_memory(err);
}

static int
sign_elsewhere(const struct key *k, const struct scheme *s, const void *data,
    size_t n, struct buf *signature, struct ferry_error *err)
{
	unsigned char raw[LIMIT_SIGNATURE];
	size_t size = sizeof(raw);

	if (k->sign(k->ctx, s->algorithm, data, n, raw, &size) != 0 ||
	    size > sizeof(raw)) {
		err_set(err, ferry_EKEY, "sign_refused",
		    "the application did not sign the login with the key "
		    "that it has elsewhere");
		err_hint(err,
		    "Is the device there, and did somebody decline? Try "
		    "again.");
		return -ferry_EKEY;
	}
	buf_put(signature, raw, size);
	return buf_ok(signature) ? 0 : err_memory(err);
}

static const struct scheme *
find(const char *algorithm, const char *type)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		if (strcmp(schemes[i].algorithm, algorithm) == 0 &&
		    strcmp(schemes[i].type, type) == 0)
			return &schemes[i];
	}
	return NULL;
}

int
key_sign(const struct key *k, const char *algorithm, const void *data, size_t n,
    struct buf *signature, struct ferry_error *err)
{
	const struct scheme *s = find(algorithm, k->kind->type);
	int rc;

	if (s == NULL)
		return err_set(err, ferry_EKEY, "key_algorithm",
		    "a key of type %s does not sign with %s", k->kind->type,
		    algorithm);
	if (key_is_elsewhere(k))
		return sign_elsewhere(k, s, data, n, signature, err);
	ERR_set_mark();
	rc = sign(k, s, data, n, signature, err);
	ERR_pop_to_mark();
	return rc;
}
