/*
 * DER of a private key: PKCS#1 (RFC 8017, A.1.2), SEC1 (RFC 5915, 3), PKCS#8
 * (RFC 5958, 2; RFC 8410, 7).  Hub only.
 *
 * OpenSSL could read all of them, but its decoders leave copies of the key
 * behind on the heap.
 */
#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/objects.h>

#include "auth/key_parts.h"
#include "base/limits.h"

enum { ED25519_SIZE = 32 };

/* Is the next one of these? */
static bool
is_next(const struct buf_reader *r, int class, int tag)
{
	const unsigned char *p = r->p;
	long len;
	int is_class, is_tag;

	return !r->bad && r->left > 0 &&
	    (ASN1_get_object(&p, &len, &is_tag, &is_class, (long)r->left) &
		0x81) == 0 &&
	    is_class == class && is_tag == tag;
}

/* What is in the next, which has to be one of these. */
static struct buf_reader
get(struct buf_reader *r, int class, int tag)
{
	struct buf_reader inside = { .bad = true };
	const unsigned char *p = r->p;
	long len;

	if (!is_next(r, class, tag)) {
		r->bad = true;
		return inside;
	}
	ASN1_get_object(&p, &len, &tag, &class, (long)r->left);
	inside = buf_read(p, (size_t)len);
	buf_get(r, (size_t)(p - r->p) + (size_t)len);
	return inside;
}

static struct buf_reader
get_plain(struct buf_reader *r, int tag)
{
	return get(r, V_ASN1_UNIVERSAL, tag);
}

/* It is a small one: a version. */
static int
get_version(struct buf_reader *r)
{
	struct buf_reader n = get_plain(r, V_ASN1_INTEGER);

	if (n.left != 1)
		r->bad = true;
	return buf_get_u8(&n);
}

/* NULL and bad: it is not positive. */
static BIGNUM *
make_number(struct buf_reader *r, const struct buf_reader *bytes)
{
	BIGNUM *bn = NULL;

	if (!bytes->bad && bytes->left > 0 && bytes->left <= LIMIT_KEY_FILE)
		bn = BN_bin2bn(bytes->p, (int)bytes->left, NULL);
	if (bn == NULL)
		r->bad = true;
	else
		BN_set_flags(bn, BN_FLG_CONSTTIME);
	return bn;
}

static BIGNUM *
get_number(struct buf_reader *r)
{
	struct buf_reader n = get_plain(r, V_ASN1_INTEGER);

	if (n.left > 0 && n.p[0] >= 0x80)
		n.bad = true;
	return make_number(r, &n);
}

EVP_PKEY *
key_der_rsa(const void *der, size_t n)
{
	static const enum key_rsa_number order[] = { KEY_RSA_N, KEY_RSA_E,
		KEY_RSA_D, KEY_RSA_P, KEY_RSA_Q, KEY_RSA_DP, KEY_RSA_DQ,
		KEY_RSA_QINV };
	struct buf_reader all = buf_read(der, n);
	struct buf_reader r = get_plain(&all, V_ASN1_SEQUENCE);
	BIGNUM *number[KEY_RSA_NUMBERS];

	if (get_version(&r) != 0)
		r.bad = true; /* of more than two primes */
	for (unsigned i = 0; i < KEY_RSA_NUMBERS; i++)
		number[order[i]] = get_number(&r);
	if (buf_get_end(&r))
		return key_params_rsa(number);
	for (unsigned i = 0; i < KEY_RSA_NUMBERS; i++)
		BN_clear_free(number[i]);
	return NULL;
}

/* OpenSSL's name of the curve that has these parameters (RFC 5480, 2.1.1). */
static const char *
find_group(const struct buf_reader *parameters)
{
	const unsigned char *p = parameters->p;
	EC_GROUP *group = NULL;
	int nid = NID_undef;

	if (!parameters->bad && parameters->left > 0)
		group = d2i_ECPKParameters(NULL, &p, (long)parameters->left);
	if (group != NULL)
		nid = EC_GROUP_get_curve_name(group);
	EC_GROUP_free(group);
	return nid != NID_undef ? OBJ_nid2sn(nid) : NULL;
}

/* parameters: of the wrapping; none if bad. */
static EVP_PKEY *
get_ecdsa(struct buf_reader *all, struct buf_reader parameters)
{
	struct buf_reader r = get_plain(all, V_ASN1_SEQUENCE);
	struct buf_reader secret, outer, point = { .left = 0 };
	const char *group;
	BIGNUM *d;

	if (get_version(&r) != 1)
		r.bad = true;
	secret = get_plain(&r, V_ASN1_OCTET_STRING);
	d = make_number(&r, &secret);
	if (is_next(&r, V_ASN1_CONTEXT_SPECIFIC, 0)) {
		outer = get(&r, V_ASN1_CONTEXT_SPECIFIC, 0);
		if (parameters.bad)
			parameters = outer;
	}
	if (is_next(&r, V_ASN1_CONTEXT_SPECIFIC, 1)) {
		outer = get(&r, V_ASN1_CONTEXT_SPECIFIC, 1);
		point = get_plain(&outer, V_ASN1_BIT_STRING);
		if (buf_get_u8(&point) != 0 || point.left == 0)
			r.bad = true; /* bits that are no bytes */
	}
	group = find_group(&parameters);
	if (buf_get_end(&r) && group != NULL)
		return key_params_ecdsa(group, d, point.p, point.left);
	BN_clear_free(d);
	return NULL;
}

EVP_PKEY *
key_der_ecdsa(const void *der, size_t n)
{
	struct buf_reader all = buf_read(der, n);

	return get_ecdsa(&all, (struct buf_reader){ .bad = true });
}

static EVP_PKEY *
get_ed25519(struct buf_reader *all)
{
	struct buf_reader seed = get_plain(all, V_ASN1_OCTET_STRING);

	if (seed.bad || seed.left != ED25519_SIZE || !buf_get_end(all))
		return NULL;
	return EVP_PKEY_new_raw_private_key_ex(
	    NULL, "ED25519", NULL, seed.p, ED25519_SIZE);
}

/* The algorithm's identifier; its parameters, if any, are left in r. */
static int
get_algorithm(struct buf_reader *r)
{
	const unsigned char *p = r->p;
	ASN1_OBJECT *o = NULL;
	int nid;

	if (!r->bad && r->left > 0)
		o = d2i_ASN1_OBJECT(NULL, &p, (long)r->left);
	get_plain(r, V_ASN1_OBJECT);
	nid = o != NULL ? OBJ_obj2nid(o) : NID_undef;
	ASN1_OBJECT_free(o);
	return nid;
}

int
key_der_pkcs8(
    EVP_PKEY **pkey, const void *der, size_t n, struct ferry_error *err)
{
	struct buf_reader all = buf_read(der, n);
	struct buf_reader r = get_plain(&all, V_ASN1_SEQUENCE);
	int version = get_version(&r), nid;
	struct buf_reader algorithm = get_plain(&r, V_ASN1_SEQUENCE);
	struct buf_reader key = get_plain(&r, V_ASN1_OCTET_STRING);

	/* behind it: attributes, and the public key again */
	nid = get_algorithm(&algorithm);
	if (r.bad || algorithm.bad || version > 1)
		return key_wrong_content(err, "it holds no private key");
	if (nid == NID_rsaEncryption)
		*pkey = key_der_rsa(key.p, key.left);
	else if (nid == NID_X9_62_id_ecPublicKey)
		*pkey = get_ecdsa(&key, algorithm);
	else if (nid == NID_ED25519)
		*pkey = get_ed25519(&key);
	else
		return key_wrong_type(
		    err, nid != NID_undef ? OBJ_nid2sn(nid) : "?");
	return *pkey != NULL
	    ? 0
	    : key_wrong_content(err, "the private key in it makes no sense");
}
