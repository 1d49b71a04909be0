/*
 * PKCS#8 private keys, plain and encrypted (RFC 5958).  Hub only.
 *
 * An encrypted one says itself how long deriving its key shall take; that is
 * judged before it is begun.
 */
#include <openssl/asn1t.h>
#include <openssl/pkcs12.h>

#include "auth/key_parts.h"
#include "base/limits.h"

/* Unknown and negative are as much as can be. */
static uint64_t
number(const ASN1_INTEGER *i)
{
	uint64_t v;

	return ASN1_INTEGER_get_uint64(&v, i) == 1 ? v : UINT64_MAX;
}

static int
judge_work(uint64_t work, uint64_t limit, struct ferry_error *err)
{
	return work <= limit ? 0 : key_wrong_work(err, work, limit);
}

static int
judge_pbkdf2(const ASN1_TYPE *parameters, struct ferry_error *err)
{
	PBKDF2PARAM *p =
	    ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM), parameters);
	int rc;

	if (p == NULL)
		return key_wrong_content(err, "its PBKDF2 makes no sense");
	rc = judge_work(number(p->iter), LIMIT_PBKDF2_ROUNDS, err);
	PBKDF2PARAM_free(p);
	return rc;
}

static int
judge_scrypt(const ASN1_TYPE *parameters, struct ferry_error *err)
{
	SCRYPT_PARAMS *p = ASN1_TYPE_unpack_sequence(
	    ASN1_ITEM_rptr(SCRYPT_PARAMS), parameters);
	uint64_t limit = LIMIT_SCRYPT_WORK, work = 1;

	if (p == NULL)
		return key_wrong_content(err, "its scrypt makes no sense");
	const uint64_t factors[] = { number(p->costParameter),
		number(p->blockSize), number(p->parallelizationParameter) };
	for (unsigned i = 0; i < 3; i++) { /* without overflow */
		work = factors[i] <= limit ? work * factors[i] : limit + 1;
		work = work <= limit ? work : limit + 1;
	}
	SCRYPT_PARAMS_free(p);
	return judge_work(work, limit, err);
}

/* A key derivation and a cipher (RFC 8018, 6.2; RFC 7914, 7). */
static int
judge_pbes2(const ASN1_TYPE *parameters, struct ferry_error *err)
{
	PBE2PARAM *p =
	    ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), parameters);
	const char *cipher;
	int rc, kdf;

	if (p == NULL)
		return key_wrong_content(err, "its encryption makes no sense");
	kdf = OBJ_obj2nid(p->keyfunc->algorithm);
	cipher = OBJ_nid2sn(OBJ_obj2nid(p->encryption->algorithm));
	if (cipher == NULL || !key_pem_has_cipher(cipher))
		rc = key_wrong_cipher(err, cipher != NULL ? cipher : "?");
	else if (kdf == NID_id_pbkdf2)
		rc = judge_pbkdf2(p->keyfunc->parameter, err);
	else if (kdf == NID_id_scrypt)
		rc = judge_scrypt(p->keyfunc->parameter, err);
	else
		rc = key_wrong_cipher(err, "an unknown key derivation");
	PBE2PARAM_free(p);
	return rc;
}

/* PKCS#12's way, of which OpenSSL still does Triple DES (RFC 7292, C). */
static int
judge_pbes1(const ASN1_TYPE *parameters, struct ferry_error *err)
{
	PBEPARAM *p =
	    ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBEPARAM), parameters);
	int rc;

	if (p == NULL)
		return key_wrong_content(err, "its encryption makes no sense");
	rc = judge_work(number(p->iter), LIMIT_PBKDF2_ROUNDS, err);
	PBEPARAM_free(p);
	return rc;
}

int
key_pkcs8_judge(const X509_ALGOR *algorithm, struct ferry_error *err)
{
	const char *name;

	switch (OBJ_obj2nid(algorithm->algorithm)) {
	case NID_pbes2:
		return judge_pbes2(algorithm->parameter, err);
	case NID_pbe_WithSHA1And3_Key_TripleDES_CBC:
	case NID_pbe_WithSHA1And2_Key_TripleDES_CBC:
		return judge_pbes1(algorithm->parameter, err);
	default:
		name = OBJ_nid2sn(OBJ_obj2nid(algorithm->algorithm));
		return key_wrong_cipher(err, name != NULL ? name : "?");
	}
}

/* The content into *out; libcrypto's own copy is wiped. */
static bool
decrypt(struct secret **out, const X509_ALGOR *algorithm,
    const ASN1_OCTET_STRING *box, const struct secret *passphrase)
{
	unsigned char *plain = NULL;
	int n = 0;

	if (PKCS12_pbe_crypt(algorithm, (const char *)passphrase->data,
		(int)passphrase->len, ASN1_STRING_get0_data(box),
		ASN1_STRING_length(box), &plain, &n, 0) == NULL)
		return false;
	*out = secret_copy(plain, (size_t)n);
	OPENSSL_clear_free(plain, (size_t)n);
	/* one wrong passphrase in 256 leaves a padding that looks right */
	return *out != NULL &&
	    key_pem_judge((*out)->data, (*out)->len, NULL) == 0;
}

static int
unseal(struct secret **out, const struct secret *body,
    const struct secret *passphrase, struct ferry_error *err)
{
	const unsigned char *p = body->data;
	X509_SIG *sealed = d2i_X509_SIG(NULL, &p, (long)body->len);
	const X509_ALGOR *algorithm;
	const ASN1_OCTET_STRING *box;
	int rc;

	if (sealed == NULL)
		return key_wrong_content(err, "it holds no private key");
	X509_SIG_get0(sealed, &algorithm, &box);
	rc = key_pkcs8_judge(algorithm, err);
	if (rc == 0 &&
	    (passphrase == NULL || !decrypt(out, algorithm, box, passphrase)))
		rc = key_wrong_passphrase(err, passphrase);
	X509_SIG_free(sealed);
	return rc;
}

int
key_pkcs8_parse(EVP_PKEY **pkey, const struct key_armour *a,
    const struct secret *passphrase, struct ferry_error *err)
{
	const struct secret *plain = a->body;
	struct secret *opened = NULL;
	int rc = key_pem_judge(plain->data, plain->len, err);

	if (rc == 0 && a->label[0] == 'E') {
		rc = unseal(&opened, a->body, passphrase, err);
		plain = opened;
	}
	if (rc == 0)
		rc = key_der_pkcs8(pkey, plain->data, plain->len, err);
	secret_free(opened);
	return rc;
}
