/*
 * The numbers of a private key made into a key of OpenSSL's.  Hub only.
 *
 * They live in a secret on the way, because OpenSSL's own OSSL_PARAM_BLD leaves
 * them unwiped on the heap.
 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/objects.h>
#include <openssl/params.h>
#include <string.h>

#include "auth/key_parts.h"

enum { MAX_PARAMS = 10, MAX_NUMBER = 16384 / 8, MAX_POINT = 1 + 2 * 66 };

/* For EVP_PKEY_fromdata(). */
struct params {
	OSSL_PARAM list[MAX_PARAMS];
	size_t count;
	struct secret *memory;
	bool bad;
};

static void
params_init(struct params *p)
{
	memset(p, 0, sizeof(*p));
	p->memory = secret_new(MAX_PARAMS * (size_t)MAX_NUMBER);
	p->bad = p->memory == NULL;
}

static void
params_number(struct params *p, const char *name, const BIGNUM *n)
{
	size_t len = n != NULL ? (size_t)BN_num_bytes(n) : 0;
	unsigned char *at;

	if (p->bad || len == 0 || len > MAX_NUMBER) {
		p->bad = true;
		return;
	}
	at = p->memory->data + p->memory->len;
	p->memory->len += len;
	p->bad = BN_bn2nativepad(n, at, (int)len) < 0;
	p->list[p->count++] = OSSL_PARAM_construct_BN(name, at, len);
}

static EVP_PKEY *
params_make(struct params *p, const char *name)
{
	EVP_PKEY_CTX *ctx = NULL;
	EVP_PKEY *pkey = NULL;

	p->list[p->count] = OSSL_PARAM_construct_end();
	if (!p->bad)
		ctx = EVP_PKEY_CTX_new_from_name(NULL, name, NULL);
	if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_KEYPAIR, p->list) != 1)
		pkey = NULL;
	EVP_PKEY_CTX_free(ctx);
	secret_free(p->memory);
	return pkey;
}

EVP_PKEY *
key_params_rsa(BIGNUM *const number[KEY_RSA_NUMBERS])
{
	static const char *const names[] = {
		[KEY_RSA_N] = OSSL_PKEY_PARAM_RSA_N,
		[KEY_RSA_E] = OSSL_PKEY_PARAM_RSA_E,
		[KEY_RSA_D] = OSSL_PKEY_PARAM_RSA_D,
		[KEY_RSA_P] = OSSL_PKEY_PARAM_RSA_FACTOR1,
		[KEY_RSA_Q] = OSSL_PKEY_PARAM_RSA_FACTOR2,
		[KEY_RSA_DP] = OSSL_PKEY_PARAM_RSA_EXPONENT1,
		[KEY_RSA_DQ] = OSSL_PKEY_PARAM_RSA_EXPONENT2,
		[KEY_RSA_QINV] = OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
	};
	struct params params;
	EVP_PKEY *pkey;

	params_init(&params);
	for (unsigned i = 0; i < KEY_RSA_NUMBERS; i++)
		params_number(&params, names[i], number[i]);
	pkey = params_make(&params, "RSA");
	for (unsigned i = 0; i < KEY_RSA_NUMBERS; i++)
		BN_clear_free(number[i]);
	return pkey;
}

/* Q = d G, where the file leaves it out; 0: it cannot be. */
static size_t
make_public(const char *name, const BIGNUM *d, unsigned char q[MAX_POINT])
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(OBJ_sn2nid(name));
	EC_POINT *point = group != NULL ? EC_POINT_new(group) : NULL;
	size_t n = 0;

	if (point != NULL &&
	    EC_POINT_mul(group, point, d, NULL, NULL, NULL) == 1)
		n = EC_POINT_point2oct(group, point,
		    POINT_CONVERSION_UNCOMPRESSED, q, MAX_POINT, NULL);
	EC_POINT_free(point);
	EC_GROUP_free(group);
	return n;
}

EVP_PKEY *
key_params_ecdsa(const char *group, BIGNUM *d, const unsigned char *q, size_t n)
{
	unsigned char made[MAX_POINT];
	struct params params;
	EVP_PKEY *pkey;

	params_init(&params);
	params_number(&params, OSSL_PKEY_PARAM_PRIV_KEY, d);
	if (!params.bad && n == 0) {
		n = make_public(group, d, made);
		params.bad = n == 0;
		q = made;
	}
	/* fromdata takes non-const pointers and writes through neither */
	params.list[params.count++] = OSSL_PARAM_construct_utf8_string(
	    OSSL_PKEY_PARAM_GROUP_NAME, (char *)(uintptr_t)group, 0);
	params.list[params.count++] = OSSL_PARAM_construct_octet_string(
	    OSSL_PKEY_PARAM_PUB_KEY, (void *)(uintptr_t)q, n);
	pkey = params_make(&params, "EC");
	BN_clear_free(d);
	return pkey;
}
