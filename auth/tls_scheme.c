/* Sign and verify as TLS does.  Hub only. */
#include "auth/tls_scheme.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

static const struct tls_scheme schemes[] = {
	{ 0x0403, "EC", "SHA256", false },
	{ 0x0503, "EC", "SHA384", false },
	{ 0x0603, "EC", "SHA512", false },
	{ 0x0804, "RSA", "SHA256", true },
	{ 0x0805, "RSA", "SHA384", true },
	{ 0x0806, "RSA", "SHA512", true },
	{ 0x0401, "RSA", "SHA256", false },
	{ 0x0501, "RSA", "SHA384", false },
	{ 0x0601, "RSA", "SHA512", false },
	{ 0x0807, "ED25519", NULL, false },
	{ 0x0809, "RSA-PSS", "SHA256", true },
	{ 0x080a, "RSA-PSS", "SHA384", true },
	{ 0x080b, "RSA-PSS", "SHA512", true },
};

const struct tls_scheme *
tls_scheme_find(unsigned number)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		if (schemes[i].number == number)
			return &schemes[i];
	}
	return NULL;
}

/* RFC 8446, 4.2.3: the salt is as long as the digest. */
static bool
set_padding(const struct tls_scheme *s, EVP_PKEY_CTX *ctx)
{
	return !s->pss ||
	    (EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
		EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) ==
		    1);
}

bool
tls_scheme_sign(const struct tls_scheme *s, EVP_PKEY *pkey, const void *data,
    size_t n, struct buf *signature)
{
	size_t len = (size_t)EVP_PKEY_get_size(pkey), before = signature->len;
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *ctx; /* of md */
	unsigned char *p = buf_grow(signature, len);
	bool ok;

	ERR_set_mark();
	ok = md != NULL && p != NULL && EVP_PKEY_is_a(pkey, s->key) &&
	    EVP_DigestSignInit_ex(
		md, &ctx, s->digest, NULL, NULL, pkey, NULL) == 1 &&
	    set_padding(s, ctx) && EVP_DigestSign(md, p, &len, data, n) == 1;
	ERR_pop_to_mark();
	EVP_MD_CTX_free(md);
	if (p != NULL)
		signature->len = ok ? before + len : before;
	return ok;
}

bool
tls_scheme_verify(const struct tls_scheme *s, EVP_PKEY *pkey, const void *data,
    size_t n, const void *signature, size_t signature_len)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *ctx; /* of md */
	bool ok;

	ERR_set_mark();
	ok = md != NULL && EVP_PKEY_is_a(pkey, s->key) &&
	    EVP_DigestVerifyInit_ex(
		md, &ctx, s->digest, NULL, NULL, pkey, NULL) == 1 &&
	    set_padding(s, ctx) &&
	    EVP_DigestVerify(md, signature, signature_len, data, n) == 1;
	ERR_pop_to_mark();
	EVP_MD_CTX_free(md);
	return ok;
}
