/* Take a host key blob apart without trusting a byte of it.  Hub. */
#include "known_hosts/blob.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"

static const char certificate[] = "-cert-v01@openssh.com";

const struct blob_type blob_types[BLOB_TYPES] = {
	{ "ssh-ed25519", BLOB_ED25519, NULL, NULL, 0, NULL, "ssh-ed25519" },
	{ "ecdsa-sha2-nistp256", BLOB_ECDSA, "nistp256", "P-256", 65, "SHA256",
	    "ecdsa-sha2-nistp256" },
	{ "ecdsa-sha2-nistp384", BLOB_ECDSA, "nistp384", "P-384", 97, "SHA384",
	    "ecdsa-sha2-nistp384" },
	{ "ecdsa-sha2-nistp521", BLOB_ECDSA, "nistp521", "P-521", 133, "SHA512",
	    "ecdsa-sha2-nistp521" },
	{ "ssh-rsa", BLOB_RSA, NULL, NULL, 0, NULL,
	    "rsa-sha2-512,rsa-sha2-256" },
};

static bool
equals(const void *p, size_t n, const char *s)
{
	return n == strlen(s) && memcmp(p, s, n) == 0;
}

/* A positive mpint in place, without its leading zeros. */
static const unsigned char *
get_positive(struct buf_reader *r, size_t *n)
{
	const unsigned char *p = buf_get_string(r, n, LIMIT_KEY_BLOB);

	if (p == NULL || *n == 0 || (p[0] & 0x80) != 0) {
		r->bad = true;
		return NULL;
	}
	while (*n > 0 && *p == 0) {
		p++;
		(*n)--;
	}
	r->bad = r->bad || *n == 0;
	return p;
}

static size_t
bits(const unsigned char *p, size_t n)
{
	size_t count = 8 * n;

	for (unsigned top = p[0]; top < 0x80; top <<= 1)
		count--;
	return count;
}

static bool
get_parts(struct blob *b, const struct blob_type *type, struct buf_reader *r)
{
	const unsigned char *curve;
	size_t n;

	switch (type->kind) {
	case BLOB_ED25519:
		b->key = buf_get_string(r, &b->key_len, 32);
		return b->key_len == 32;
	case BLOB_ECDSA:
		curve = buf_get_string(r, &n, BLOB_NAME_SIZE);
		b->key = buf_get_string(r, &b->key_len, type->point);
		return curve != NULL && equals(curve, n, type->curve) &&
		    b->key_len == type->point && b->key[0] == 4;
	case BLOB_RSA:
		b->key = get_positive(r, &b->key_len);
		b->modulus = get_positive(r, &b->modulus_len);
		if (r->bad)
			return false;
		n = bits(b->modulus, b->modulus_len);
		return n >= BLOB_RSA_MIN_BITS && n <= BLOB_RSA_MAX_BITS;
	}
	return false;
}

static bool
name_ok(const unsigned char *p, size_t n)
{
	if (n == 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if (p[i] <= ' ' || p[i] >= 0x7f || p[i] == ',')
			return false;
	return true;
}

static const struct blob_type *
find_type(const char *name, size_t n)
{
	for (size_t i = 0; i < BLOB_TYPES; i++)
		if (equals(name, n, blob_types[i].name))
			return &blob_types[i];
	return NULL;
}

/* OpenSSH's PROTOCOL.certkeys: the name, a nonce, the key's parts, and more. */
static void
get_inside(struct blob *b, struct buf_reader *r)
{
	const struct blob_type *type;
	size_t suffix = sizeof(certificate) - 1, n = b->name_len;

	if (n <= suffix ||
	    memcmp(b->name + n - suffix, certificate, suffix) != 0)
		return;
	type = find_type(b->name, n - suffix);
	buf_get_string(r, &n, LIMIT_KEY_BLOB);
	if (type != NULL && get_parts(b, type, r) && !r->bad)
		b->inside = type;
}

bool
blob_parse(struct blob *b, const void *p, size_t n)
{
	struct buf_reader r = buf_read(p, n);
	const unsigned char *name;
	size_t len;

	memset(b, 0, sizeof(*b));
	if (n > LIMIT_KEY_BLOB)
		return false;
	name = buf_get_string(&r, &len, BLOB_NAME_SIZE - 1);
	if (name == NULL || !name_ok(name, len))
		return false;
	b->name = (const char *)name;
	b->name_len = len;
	b->type = find_type(b->name, len);
	if (b->type != NULL)
		return get_parts(b, b->type, &r) && buf_get_end(&r);
	get_inside(b, &r);
	return true;
}

bool
blob_same_key(const struct blob *a, const struct blob *b, bool inside)
{
	const struct blob_type *type = b->type;

	if (type == NULL && inside)
		type = b->inside;
	return a->type != NULL && a->type == type && a->key_len == b->key_len &&
	    memcmp(a->key, b->key, a->key_len) == 0 &&
	    a->modulus_len == b->modulus_len &&
	    (a->modulus_len == 0 ||
		memcmp(a->modulus, b->modulus, a->modulus_len) == 0);
}

bool
blob_same_type(const struct blob *a, const struct blob *b)
{
	return a->name_len == b->name_len && a->name_len > 0 &&
	    memcmp(a->name, b->name, a->name_len) == 0;
}

bool
blob_is_named(const struct blob *b, const char *s, size_t n)
{
	if (n == b->name_len && memcmp(s, b->name, n) == 0)
		return true;
	/* Signature algorithms of one key type: RFC 8332, 3. */
	return b->type != NULL && b->type->kind == BLOB_RSA &&
	    (equals(s, n, "rsa-sha2-256") || equals(s, n, "rsa-sha2-512"));
}
