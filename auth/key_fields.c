/*
 * The fields of a private key in an openssh-key-v1 file (PROTOCOL.key; the
 * agent's draft-miller-ssh-agent, 4.2) made into a key of OpenSSL's.  Hub only.
 */
#include <openssl/bn.h>
#include <string.h>

#include "auth/key_parts.h"
#include "base/limits.h"

enum { ED25519_SIZE = 32, MAX_NUMBER = 16384 / 8 };

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
	char curve[16];
	size_t n;
	const unsigned char *q;
	BIGNUM *d;

	buf_get_cstring(r, curve, sizeof(curve));
	q = buf_get_string(r, &n, LIMIT_KEY_BLOB);
	d = get_number(r);
	if (!r->bad && n > 0 && strcmp(curve, kind->curve) == 0)
		return key_params_ecdsa(kind->group, d, q, n);
	BN_clear_free(d);
	return NULL;
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
get_rsa(struct buf_reader *r)
{
	static const enum key_rsa_number in_file[] = { KEY_RSA_N, KEY_RSA_E,
		KEY_RSA_D, KEY_RSA_QINV, KEY_RSA_P, KEY_RSA_Q };
	BIGNUM *number[KEY_RSA_NUMBERS];

	for (unsigned i = 0; i < sizeof(in_file) / sizeof(*in_file); i++)
		number[in_file[i]] = get_number(r);
	number[KEY_RSA_DP] = exponent(number[KEY_RSA_D], number[KEY_RSA_P]);
	number[KEY_RSA_DQ] = exponent(number[KEY_RSA_D], number[KEY_RSA_Q]);
	return key_params_rsa(number);
}

EVP_PKEY *
key_fields_get(const struct key_kind *kind, struct buf_reader *r)
{
	if (kind->curve != NULL)
		return get_ecdsa(kind, r);
	if (strcmp(kind->name, "RSA") == 0)
		return get_rsa(r);
	return get_ed25519(r);
}
