/*
 * The certificate that speaks for a key: found, read, judged.  Hub only.
 *
 * Beside the key file one other name is ever looked at, FILE-cert.pub, and only
 * when no certificate was named.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "auth/certificate.h"
#include "auth/key_parts.h"
#include "base/err.h"

/* Take the file's words over, or leave the key as it was. */
static int
certify(struct key *k, const char *path, uint64_t now, struct ferry_error *err)
{
	struct certificate *c = NULL;
	struct secret *text;
	int rc = key_read_certificate(&text, path, err);

	if (rc != 0)
		return rc;
	rc = certificate_parse(&c, text->data, text->len, err);
	secret_free(text);
	if (rc == 0)
		rc = certificate_judge(c, k->blob.data, k->blob.len, now, err);
	if (rc == 0) {
		certificate_free(k->certificate);
		k->certificate = c;
		return 0;
	}
	certificate_free(c);
	err_prefix(err, "%s", path);
	return rc;
}

int
key_certify(struct key *k, const char *key_path, const char *path, uint64_t now,
    struct ferry_error *err)
{
	char beside[PATH_MAX];
	struct ferry_error local;
	int rc;

	if (err == NULL)
		err = &local;
	if (path != NULL)
		return certify(k, path, now, err);
	if (key_path == NULL)
		return 0;
	if (snprintf(beside, sizeof(beside), "%s-cert.pub", key_path) >=
	    (int)sizeof(beside))
		return 0;
	rc = certify(k, beside, now, err);
	if (rc == 0 || strcmp(err->id, "certificate_missing") != 0)
		return rc;
	err_clear(err);
	return 0;
}

const unsigned char *
key_offer(const struct key *k, size_t *n)
{
	const struct buf *b =
	    k->certificate != NULL ? &k->certificate->blob : &k->blob;

	*n = b->len;
	return b->data;
}

const char *
key_offer_type(const struct key *k)
{
	return k->certificate != NULL ? k->certificate->type : k->kind->type;
}

const struct certificate *
key_certificate(const struct key *k)
{
	return k->certificate;
}
