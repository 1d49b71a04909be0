/*
 * A key that stays elsewhere: what its public half says about it.  Hub only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/certificate.h"
#include "auth/key_parts.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/limits.h"

static int
wrong(struct ferry_error *err, const char *what)
{
	err_set(err, ferry_EKEY, "public_key_wrong",
	    "the public key that the application gave %s", what);
	err_hint(
	    err, "Give the one line of KEY.pub: ssh-ed25519 AAAA... comment");
	return -ferry_EKEY;
}

static int
wrong_type(struct ferry_error *err, const char *type, size_t n)
{
	err_set(err, ferry_EKEY, "public_key_type",
	    "the public key that the application gave is of type %.*s, which "
	    "is not supported",
	    n < 40 ? (int)n : 40, type);
	err_hint(err, "Use an Ed25519, ECDSA or RSA key.");
	return -ferry_EKEY;
}

static size_t
word(const char *p)
{
	return strcspn(p, " \t\r\n");
}

static bool
is_certificate(const char *line)
{
	const size_t n = word(line), tail = strlen(CERTIFICATE_SUFFIX);

	return n > tail &&
	    memcmp(line + n - tail, CERTIFICATE_SUFFIX, tail) == 0;
}

/* Whether its numbers make sense is seen when it has signed. */
static bool
is_of_kind(const struct buf *blob, const struct key_kind *kind)
{
	struct buf_reader r = buf_read(blob->data, blob->len);
	char inner[64];

	buf_get_cstring(&r, inner, sizeof(inner));
	return !r.bad && strcmp(inner, kind->type) == 0 && r.left > 0;
}

/* "type base64 comment" */
static int
read_key(struct key *k, const char *line, struct ferry_error *err)
{
	const char *base64 = line + word(line);
	char type[64];
	size_t n;

	if (word(line) == 0 || word(line) >= sizeof(type))
		return wrong(err, "is none");
	snprintf(type, sizeof(type), "%.*s", (int)word(line), line);
	if (strncmp(type, "-----", 5) == 0)
		return wrong(err, "is a PEM file");
	k->kind = key_kind_of_type(type);
	if (k->kind == NULL)
		return wrong_type(err, line, word(line));
	base64 += strspn(base64, " \t");
	n = word(base64);
	if (n == 0 || n / 4 * 3 > LIMIT_KEY_BLOB)
		return wrong(err, "is cut");
	if (buf_grow(&k->blob, n / 4 * 3) == NULL)
		return err_memory(err);
	if (!hash_unbase64(base64, n, k->blob.data, &k->blob.len) ||
	    !is_of_kind(&k->blob, k->kind))
		return wrong(err, "is damaged");
	base64 += n;
	base64 += strspn(base64, " \t");
	n = strcspn(base64, "\r\n");
	if (base64[n + strspn(base64 + n, "\r\n")] != '\0')
		return wrong(err, "has more than one line");
	k->comment = strndup(base64, n);
	return k->comment != NULL ? 0 : err_memory(err);
}

static int
read_certificate(
    struct key *k, const char *line, uint64_t now, struct ferry_error *err)
{
	struct certificate *c;
	int rc = certificate_parse(&c, line, strlen(line), err);
	char type[64];

	if (rc != 0)
		return rc;
	k->certificate = c;
	snprintf(type, sizeof(type), "%.*s",
	    (int)(strlen(c->type) - strlen(CERTIFICATE_SUFFIX)), c->type);
	k->kind = key_kind_of_type(type);
	buf_put(&k->blob, c->key.data, c->key.len);
	k->comment = strdup("");
	if (k->kind == NULL)
		return wrong_type(err, type, strlen(type));
	if (!buf_ok(&k->blob) || k->comment == NULL)
		return err_memory(err);
	return certificate_judge(c, k->blob.data, k->blob.len, now, err);
}

int
key_elsewhere(struct key **out, const char *line, ferry_sign_fn *sign,
    void *ctx, uint64_t now, struct ferry_error *err)
{
	struct key *k = calloc(1, sizeof(*k));
	int rc;

	*out = NULL;
	if (k == NULL)
		return err_memory(err);
	k->sign = sign;
	k->ctx = ctx;
	buf_init(&k->blob, LIMIT_KEY_BLOB);
	rc = is_certificate(line) ? read_certificate(k, line, now, err)
				  : read_key(k, line, err);
	if (rc == 0) {
		*out = k;
		k = NULL;
	}
	key_free(k);
	return rc;
}

bool
key_is_elsewhere(const struct key *k)
{
	return k->pkey == NULL;
}
