/*
 * A private key: from the bytes of its file to something that can sign.  Hub
 * only.  key_parts.h shows the way that the bytes take.
 */
#include "auth/key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "auth/certificate.h"
#include "auth/key_parts.h"
#include "base/err.h"
#include "base/limits.h"

enum { MIN_RSA_BITS = 1024, MAX_RSA_BITS = 16384, MAX_POINT = 66 };

static const struct key_kind kinds[] = {
	{ "ssh-ed25519", "ED25519", NULL, NULL },
	{ "ecdsa-sha2-nistp256", "EC", "nistp256", "prime256v1" },
	{ "ecdsa-sha2-nistp384", "EC", "nistp384", "secp384r1" },
	{ "ecdsa-sha2-nistp521", "EC", "nistp521", "secp521r1" },
	{ "ssh-rsa", "RSA", NULL, NULL },
};

const struct key_kind *
key_kind_of_type(const char *type)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strcmp(type, kinds[i].type) == 0)
			return &kinds[i];
	}
	return NULL;
}

static int
judge_kind(struct key *k, struct ferry_error *err)
{
	char group[32] = "";
	const char *name = EVP_PKEY_get0_type_name(k->pkey);
	int bits = EVP_PKEY_get_bits(k->pkey);
	bool ec = EVP_PKEY_is_a(k->pkey, "EC");

	if (ec)
		EVP_PKEY_get_group_name(k->pkey, group, sizeof(group), NULL);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (EVP_PKEY_is_a(k->pkey, kinds[i].name) &&
		    (!ec || strcmp(group, kinds[i].group) == 0))
			k->kind = &kinds[i];
	}
	if (k->kind == NULL)
		return key_wrong_type(err,
		    group[0] != '\0'   ? group
			: name != NULL ? name
				       : "?");
	if (strcmp(k->kind->name, "RSA") != 0 ||
	    (bits >= MIN_RSA_BITS && bits <= MAX_RSA_BITS))
		return 0;
	err_set(err, ferry_EKEY, "key_short",
	    "this is an RSA key of %d bits; servers want %d to %d", bits,
	    MIN_RSA_BITS, MAX_RSA_BITS);
	err_hint(err, "Make a new one: ssh-keygen -t ed25519");
	return -ferry_EKEY;
}

static BIGNUM *
get_number(const struct key *k, const char *name)
{
	BIGNUM *n = NULL;

	EVP_PKEY_get_bn_param(k->pkey, name, &n);
	return n;
}

/* mpint e, mpint n */
static bool
put_rsa(struct buf *blob, const struct key *k)
{
	static const char *const names[] = { OSSL_PKEY_PARAM_RSA_E,
		OSSL_PKEY_PARAM_RSA_N };
	unsigned char bytes[MAX_RSA_BITS / 8];
	bool ok = true;

	for (unsigned i = 0; ok && i < 2; i++) {
		BIGNUM *n = get_number(k, names[i]);

		ok = n != NULL && BN_num_bytes(n) <= (int)sizeof(bytes);
		if (ok)
			buf_put_mpint(blob, bytes, (size_t)BN_bn2bin(n, bytes));
		BN_free(n);
	}
	return ok;
}

/* string curve, string Q: uncompressed, whatever the file says */
static bool
put_ecdsa(struct buf *blob, const struct key *k)
{
	unsigned char point[1 + 2 * MAX_POINT] = {
		POINT_CONVERSION_UNCOMPRESSED
	};
	int size = (EVP_PKEY_get_bits(k->pkey) + 7) / 8;
	BIGNUM *x = get_number(k, OSSL_PKEY_PARAM_EC_PUB_X);
	BIGNUM *y = get_number(k, OSSL_PKEY_PARAM_EC_PUB_Y);
	bool ok = x != NULL && y != NULL && size <= MAX_POINT &&
	    BN_bn2binpad(x, point + 1, size) == size &&
	    BN_bn2binpad(y, point + 1 + size, size) == size;

	buf_put_cstring(blob, k->kind->curve);
	buf_put_string(blob, point, 1 + 2 * (size_t)size);
	BN_free(x);
	BN_free(y);
	return ok;
}

/* string key */
static bool
put_ed25519(struct buf *blob, const struct key *k)
{
	unsigned char public[32];
	size_t n = sizeof(public);

	if (EVP_PKEY_get_raw_public_key(k->pkey, public, &n) != 1)
		return false;
	buf_put_string(blob, public, n);
	return true;
}

static bool
make_blob(struct key *k)
{
	bool ok;

	buf_put_cstring(&k->blob, k->kind->type);
	if (k->kind->curve != NULL)
		ok = put_ecdsa(&k->blob, k);
	else if (strcmp(k->kind->name, "RSA") == 0)
		ok = put_rsa(&k->blob, k);
	else
		ok = put_ed25519(&k->blob, k);
	return ok && buf_ok(&k->blob);
}

int
key_new(struct key **out, EVP_PKEY *pkey, const char *comment,
    struct ferry_error *err)
{
	struct key *k = calloc(1, sizeof(*k));
	int rc;

	*out = NULL;
	if (k == NULL) {
		EVP_PKEY_free(pkey);
		return err_memory(err);
	}
	k->pkey = pkey;
	buf_init(&k->blob, LIMIT_KEY_BLOB);
	if ((k->comment = strdup(comment)) == NULL) {
		rc = err_memory(err);
		goto out;
	}
	if ((rc = judge_kind(k, err)) != 0)
		goto out;
	if (!make_blob(k) || !key_sign_check(k)) {
		rc = key_wrong_content(
		    err, "its two halves are of different keys");
		goto out;
	}
	*out = k;
	k = NULL;
out:
	key_free(k);
	return rc;
}

static int
parse(struct key **out, const struct key_armour *a,
    const struct secret *passphrase, struct ferry_error *err)
{
	EVP_PKEY *pkey = NULL;
	int rc;

	if (strcmp(a->label, "OPENSSH PRIVATE KEY") == 0)
		return key_openssh_parse(
		    out, a->body->data, a->body->len, passphrase, err);
	if (strcmp(a->label, "PRIVATE KEY") == 0 ||
	    strcmp(a->label, "ENCRYPTED PRIVATE KEY") == 0)
		rc = key_pkcs8_parse(&pkey, a, passphrase, err);
	else if (strcmp(a->label, "RSA PRIVATE KEY") == 0 ||
	    strcmp(a->label, "EC PRIVATE KEY") == 0)
		rc = key_pem_parse(&pkey, a, passphrase, err);
	else
		rc = key_wrong_type(err, a->label);
	return rc == 0 ? key_new(out, pkey, "", err) : rc;
}

int
key_parse(struct key **out, const void *bytes, size_t n,
    const struct secret *passphrase, struct ferry_error *err)
{
	struct key_armour armour;
	int rc;

	*out = NULL;
	if ((rc = key_armour_parse(&armour, bytes, n, err)) != 0)
		return rc;
	/* leave the thread's OpenSSL errors as the application had them */
	ERR_set_mark();
	rc = parse(out, &armour, passphrase, err);
	ERR_pop_to_mark();
	key_armour_free(&armour);
	return rc;
}

void
key_free(struct key *k)
{
	if (k == NULL)
		return;
	EVP_PKEY_free(k->pkey);
	buf_free(&k->blob);
	certificate_free(k->certificate);
	free(k->comment);
	free(k);
}

const unsigned char *
key_blob(const struct key *k, size_t *n)
{
	*n = k->blob.len;
	return k->blob.data;
}

const char *
key_type(const struct key *k)
{
	return k->kind->type;
}

const char *
key_comment(const struct key *k)
{
	return k->comment;
}
