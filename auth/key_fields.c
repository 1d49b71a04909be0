/*
 * The fields of a private key in an openssh-key-v1 file (PROTOCOL.key; the
 * agent's draft-miller-ssh-agent, 4.2) made into a key of OpenSSL's.  Hub only.
 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <string.h>

#include "auth/key_parts.h"
#include "base/limits.h"

enum { ED25519_SIZE = 32, MAX_PARAMS = 10, MAX_NUMBER = 16384 / 8 };

/*
 * Parameters for EVP_PKEY_fromdata().  The numbers live in a secret, because
 * OpenSSL's own OSSL_PARAM_BLD leaves them unwiped on the heap.
 */
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

/* A positive mpint; NULL and bad otherwise. */
static BIGNUM *
get_number(struct buf_reader *r)
{
	size_t n;
	const unsigned char *p = buf_get_string(r, &n, MAX_NUMBER + 1);
	BIGNUM *bn = NULL;

	if (p != NULL && n > 0 && p[0] < 0x80)
		bn = BN_bin2bn(p, (int)n, NULL);
	if (bn == NULL)
		r->bad = true;
	else
		BN_set_flags(bn, BN_FLG_CONSTTIME);
	return bn;
}

/* string public, string seed || public */
static EVP_PKEY *
get_ed25519(struct buf_reader *r)
{
	size_t public_len, n;
	const unsigned char *public = buf_get_string(r, &public_len, 64);
	const unsigned char *p = buf_get_string(r, &n, 64);

	if (r->bad || public_len != ED25519_SIZE || n != 2 * ED25519_SIZE ||
	    memcmp(p + ED25519_SIZE, public, ED25519_SIZE) != 0)
		return NULL;
	return EVP_PKEY_new_raw_private_key_ex(
	    NULL, "ED25519", NULL, p, ED25519_SIZE);
}

/* string curve, string Q, mpint d */
static EVP_PKEY *
get_ecdsa(const struct key_kind *kind, struct buf_reader *r)
{
	struct params params;
	char curve[16];
	size_t n;
	const unsigned char *q;
	BIGNUM *d;
	EVP_PKEY *pkey;

	params_init(&params);
	buf_get_cstring(r, curve, sizeof(curve));
	q = buf_get_string(r, &n, LIMIT_KEY_BLOB);
	d = get_number(r);
	params_number(&params, OSSL_PKEY_PARAM_PRIV_KEY, d);
	if (r->bad || strcmp(curve, kind->curve) != 0)
		params.bad = true;
	/* fromdata takes non-const pointers and writes through neither */
	params.list[params.count++] = OSSL_PARAM_construct_utf8_string(
	    OSSL_PKEY_PARAM_GROUP_NAME, (char *)(uintptr_t)kind->group, 0);
	params.list[params.count++] = OSSL_PARAM_construct_octet_string(
	    OSSL_PKEY_PARAM_PUB_KEY, (void *)(uintptr_t)q, n);
	pkey = params_make(&params, kind->name);
	BN_clear_free(d);
	return pkey;
}

/* d mod (p - 1): OpenSSL wants the exponents that the file leaves out. */
static BIGNUM *
exponent(const BIGNUM *d, const BIGNUM *prime)
{
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *less = BN_new(), *e = BN_new();
	bool ok = ctx != NULL && less != NULL && e != NULL && d != NULL &&
	    prime != NULL && BN_copy(less, prime) != NULL &&
	    BN_sub_word(less, 1) == 1;

	if (ok) {
		BN_set_flags(less, BN_FLG_CONSTTIME);
		ok = BN_mod(e, d, less, ctx) == 1;
	}
	BN_clear_free(less);
	BN_CTX_free(ctx);
	if (ok)
		return e;
	BN_clear_free(e);
	return NULL;
}

/* mpint n, e, d, q^-1 mod p, p, q */
static EVP_PKEY *
get_rsa(const struct key_kind *kind, struct buf_reader *r)
{
	static const char *const names[] = { OSSL_PKEY_PARAM_RSA_N,
		OSSL_PKEY_PARAM_RSA_E, OSSL_PKEY_PARAM_RSA_D,
		OSSL_PKEY_PARAM_RSA_COEFFICIENT1, OSSL_PKEY_PARAM_RSA_FACTOR1,
		OSSL_PKEY_PARAM_RSA_FACTOR2, OSSL_PKEY_PARAM_RSA_EXPONENT1,
		OSSL_PKEY_PARAM_RSA_EXPONENT2 };
	enum { IN_FILE = 6, D = 2, P = 4, Q = 5, ALL = 8 };
	BIGNUM *number[ALL];
	struct params params;
	EVP_PKEY *pkey;

	params_init(&params);
	for (unsigned i = 0; i < IN_FILE; i++)
		number[i] = get_number(r);
	number[IN_FILE] = exponent(number[D], number[P]);
	number[IN_FILE + 1] = exponent(number[D], number[Q]);
	for (unsigned i = 0; i < ALL; i++)
		params_number(&params, names[i], number[i]);
	pkey = params_make(&params, kind->name);
	for (unsigned i = 0; i < ALL; i++)
		BN_clear_free(number[i]);
	return pkey;
}

EVP_PKEY *
key_fields_get(const struct key_kind *kind, struct buf_reader *r)
{
	if (kind->curve != NULL)
		return get_ecdsa(kind, r);
	if (strcmp(kind->name, "RSA") == 0)
		return get_rsa(kind, r);
	return get_ed25519(r);
}
