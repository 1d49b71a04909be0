/*
 * Verify that a host key signed this session's exchange hash.  Hub: the worker
 * that brings both is not believed.
 */
#include "known_hosts/proof.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "known_hosts/blob.h"

enum {
	MSG_KEXDH_REPLY = 31, /* RFC 4253, 8; RFC 5656, 7.1 */
	MSG_KEX_DH_GEX_REPLY = 33, /* RFC 4419, 5: of the same shape */
	ED25519_SIGNATURE = 64,
};

struct bytes {
	const unsigned char *p;
	size_t n;
};

/* Whoever has said this, nothing of ours was given away. */
static int
refuse(struct ferry_error *err, const char *id, const char *text)
{
	err_set(err, ferry_EWALL, id, "%s", text);
	err_hint(err,
	    "Nothing was sent. Try again, from another network if you can: "
	    "somebody may stand between you and the server. If it happens "
	    "again, please report it.");
	return -ferry_EWALL;
}

static int
malformed(struct ferry_error *err)
{
	return refuse(err, "host_proof_malformed",
	    "the worker's proof of the host key is malformed");
}

/* No worker of ours gets as far with such a key. */
static int
refuse_type(struct ferry_error *err, const struct blob *key)
{
	err_set(err, ferry_EWALL, "host_proof_type",
	    "host keys of type %.*s are not supported", (int)key->name_len,
	    key->name);
	err_hint(err,
	    "Give the server an Ed25519 key as well: ssh-keygen -A there.");
	return -ferry_EWALL;
}

int
proof_parse(struct proof *p, const void *msg, size_t n, struct ferry_error *err)
{
	struct buf_reader r = buf_read(msg, n);
	uint8_t type = buf_get_u8(&r);
	size_t len;

	memset(p, 0, sizeof(*p));
	p->key = buf_get_string(&r, &p->key_len, LIMIT_KEY_BLOB);
	buf_get_string(&r, &len, LIMIT_KEX_REPLY);
	p->signature = buf_get_string(&r, &p->signature_len, LIMIT_SIGNATURE);
	if (n <= LIMIT_KEX_REPLY && buf_get_end(&r) && p->key_len > 0 &&
	    p->signature_len > 0 &&
	    (type == MSG_KEXDH_REPLY || type == MSG_KEX_DH_GEX_REPLY))
		return 0;
	memset(p, 0, sizeof(*p));
	return malformed(err);
}

void
proof_key_type(const void *blob, size_t n, char *dst, size_t size)
{
	struct blob key;

	if (!blob_parse(&key, blob, n) || key.name_len >= size) {
		if (size > 0)
			dst[0] = '\0';
		return;
	}
	memcpy(dst, key.name, key.name_len);
	dst[key.name_len] = '\0';
}

static EVP_PKEY *
from_params(const char *type, OSSL_PARAM *params)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *pkey = NULL;

	if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
		pkey = NULL;
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

/* libcrypto checks that the point is on the curve. */
static EVP_PKEY *
make_ecdsa(const struct blob *key)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
		    (char *)(uintptr_t)key->type->group, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY,
		    (void *)(uintptr_t)key->key, key->key_len),
		OSSL_PARAM_construct_end(),
	};

	return from_params("EC", params);
}

static EVP_PKEY *
make_rsa(const struct blob *key)
{
	BIGNUM *e = BN_bin2bn(key->key, (int)key->key_len, NULL);
	BIGNUM *n = BN_bin2bn(key->modulus, (int)key->modulus_len, NULL);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;
	EVP_PKEY *pkey = NULL;

	if (e != NULL && n != NULL && build != NULL &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e) == 1 &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) == 1)
		params = OSSL_PARAM_BLD_to_param(build);
	if (params != NULL)
		pkey = from_params("RSA", params);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	BN_free(e);
	BN_free(n);
	return pkey;
}

static bool
verify(EVP_PKEY *pkey, const char *digest, struct bytes signature,
    struct bytes data)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok;

	ok = pkey != NULL && ctx != NULL &&
	    EVP_DigestVerifyInit_ex(
		ctx, NULL, digest, NULL, NULL, pkey, NULL) == 1 &&
	    EVP_DigestVerify(ctx, signature.p, signature.n, data.p, data.n) ==
		1;
	EVP_MD_CTX_free(ctx);
	return ok;
}

static bool
verify_ed25519(
    const struct blob *key, struct bytes signature, struct bytes data)
{
	EVP_PKEY *pkey;
	bool ok;

	if (signature.n != ED25519_SIGNATURE)
		return false;
	pkey = EVP_PKEY_new_raw_public_key(
	    EVP_PKEY_ED25519, NULL, key->key, key->key_len);
	ok = verify(pkey, NULL, signature, data);
	EVP_PKEY_free(pkey);
	return ok;
}

/* "mpint r, mpint s" (RFC 5656, 3.1.2) as the DER that libcrypto wants. */
static int
ecdsa_der(struct bytes signature, unsigned char **der)
{
	struct buf_reader r = buf_read(signature.p, signature.n);
	struct bytes part[2];
	BIGNUM *number[2] = { NULL, NULL };
	ECDSA_SIG *sig = ECDSA_SIG_new();
	int len = -1;

	for (int i = 0; i < 2; i++) {
		part[i].p = buf_get_string(&r, &part[i].n, LIMIT_SIGNATURE);
		/* A negative one would be read as another number. */
		if (part[i].n == 0 || (part[i].p[0] & 0x80) != 0)
			goto out;
		number[i] = BN_bin2bn(part[i].p, (int)part[i].n, NULL);
	}
	if (!buf_get_end(&r) || sig == NULL ||
	    ECDSA_SIG_set0(sig, number[0], number[1]) != 1)
		goto out;
	number[0] = number[1] = NULL; /* sig has them now */
	len = i2d_ECDSA_SIG(sig, der);
out:
	BN_free(number[0]);
	BN_free(number[1]);
	ECDSA_SIG_free(sig);
	return len;
}

static bool
verify_ecdsa(const struct blob *key, struct bytes signature, struct bytes data)
{
	unsigned char *der = NULL;
	int len = ecdsa_der(signature, &der);
	EVP_PKEY *pkey;
	bool ok;

	if (len <= 0)
		return false;
	pkey = make_ecdsa(key);
	ok = verify(
	    pkey, key->type->digest, (struct bytes){ der, (size_t)len }, data);
	EVP_PKEY_free(pkey);
	OPENSSL_free(der);
	return ok;
}

/* PKCS#1 v1.5, RFC 8332, 3.  Some servers drop leading zeros. */
static bool
verify_rsa(const struct blob *key, const char *digest, struct bytes signature,
    struct bytes data)
{
	size_t size = key->modulus_len;
	unsigned char *full;
	EVP_PKEY *pkey;
	bool ok;

	if (signature.n == 0 || signature.n > size)
		return false;
	full = calloc(1, size);
	if (full == NULL)
		return false;
	memcpy(full + size - signature.n, signature.p, signature.n);
	pkey = make_rsa(key);
	ok = verify(pkey, digest, (struct bytes){ full, size }, data);
	EVP_PKEY_free(pkey);
	free(full);
	return ok;
}

static bool
is(struct bytes s, const char *text)
{
	return s.n == strlen(text) && memcmp(s.p, text, s.n) == 0;
}

static bool
verify_any(const struct blob *key, struct bytes algorithm,
    struct bytes signature, struct bytes data)
{
	switch (key->type->kind) {
	case BLOB_ED25519:
		return is(algorithm, key->type->name) &&
		    verify_ed25519(key, signature, data);
	case BLOB_ECDSA:
		return is(algorithm, key->type->name) &&
		    verify_ecdsa(key, signature, data);
	case BLOB_RSA:
		if (is(algorithm, "rsa-sha2-256"))
			return verify_rsa(key, "SHA256", signature, data);
		return is(algorithm, "rsa-sha2-512") &&
		    verify_rsa(key, "SHA512", signature, data);
	}
	return false;
}

bool
proof_signed(const void *key, size_t key_len, const char *algorithm,
    const void *signature, size_t signature_len, const void *data, size_t n)
{
	struct bytes by, raw, what = { data, n };
	struct buf_reader r = buf_read(signature, signature_len);
	struct blob b;
	bool ok;

	by.p = buf_get_string(&r, &by.n, BLOB_NAME_SIZE);
	raw.p = buf_get_string(&r, &raw.n, LIMIT_SIGNATURE);
	if (!buf_get_end(&r) || !is(by, algorithm) ||
	    !blob_parse(&b, key, key_len) || b.type == NULL)
		return false;
	ERR_set_mark();
	ok = verify_any(&b, by, raw, what);
	ERR_pop_to_mark();
	return ok;
}

int
proof_verify(
    const struct proof *p, const void *h, size_t h_len, struct ferry_error *err)
{
	struct bytes data = { h, h_len }, algorithm, signature;
	struct buf_reader r = buf_read(p->signature, p->signature_len);
	struct blob key;
	bool ok;

	algorithm.p = buf_get_string(&r, &algorithm.n, BLOB_NAME_SIZE);
	signature.p = buf_get_string(&r, &signature.n, LIMIT_SIGNATURE);
	if (!buf_get_end(&r) || !blob_parse(&key, p->key, p->key_len) ||
	    (h_len != 32 && h_len != 48 && h_len != 64))
		return malformed(err);
	if (key.type == NULL)
		return refuse_type(err, &key);
	if (is(algorithm, "ssh-rsa"))
		return refuse(err, "host_proof_sha1",
		    "the host key signed with SHA-1, which proves nothing");
	/* Whoever looks at libcrypto's queue next must not find our failure. */
	ERR_set_mark();
	ok = verify_any(&key, algorithm, signature, data);
	ERR_pop_to_mark();
	if (ok)
		return 0;
	return refuse(
	    err, "host_proof", "the host key did not sign this session");
}
