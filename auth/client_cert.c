/*
 * A client certificate: its blocks of PEM (RFC 7468), its days, its key.  Hub
 * only.
 *
 * OpenSSL's own reader of PEM would take the private key of the same file
 * apart, and leave copies of it behind.
 */
#include "auth/client_cert.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/x509.h"

static const char begin_certificate[] = "-----BEGIN CERTIFICATE-----";
static const char end_certificate[] = "-----END CERTIFICATE-----";
static const char begin_any[] = "-----BEGIN ";
static const char key_label[] = "PRIVATE KEY-----";

static const char hint[] = "Name the certificate in PEM, as the authority gave "
			   "it: it begins with -----BEGIN CERTIFICATE-----.";

static int
wrong(struct ferry_error *err, const char *id, const char *text)
{
	err_set(err, ferry_EKEY, id, "%s", text);
	err_hint(err, "%s", hint);
	return -ferry_EKEY;
}

static int
damaged(struct ferry_error *err)
{
	return wrong(
	    err, "client_cert_damaged", "the client certificate is damaged");
}

/* ---- The file ---- */

/* Its base64, joined; false: what is not. */
static bool
decode(const char *p, size_t n, unsigned char **der, size_t *len)
{
	char *joined = malloc(n + 1);
	size_t used = 0;
	bool ok;

	*der = malloc(n + 1);
	for (size_t i = 0; joined != NULL && i < n; i++)
		if (strchr(" \t\r\n", p[i]) == NULL)
			joined[used++] = p[i];
	ok = joined != NULL && *der != NULL && used > 0 &&
	    hash_unbase64(joined, used, *der, len);
	free(joined);
	return ok;
}

/* One more for the chain; the first is returned through *own. */
static int
add(struct client_cert *c, X509 **own, const char *p, size_t n,
    struct ferry_error *err)
{
	unsigned char *der;
	const unsigned char *at;
	size_t len;
	X509 *x = NULL;
	int rc = 0;

	if (decode(p, n, &der, &len)) {
		at = der;
		x = d2i_X509(NULL, &at, (long)len);
		if (x != NULL && at != der + len) {
			X509_free(x);
			x = NULL;
		}
	}
	if (x == NULL)
		rc = damaged(err);
	else
		buf_put(&c->chain, der, len);
	if (x != NULL && *own == NULL)
		*own = x;
	else
		X509_free(x);
	free(der);
	if (rc == 0 && !buf_ok(&c->chain))
		rc = wrong(err, "client_cert_too_large",
		    "the client certificate and its authorities' are too "
		    "large");
	return rc;
}

static int
read_all(struct client_cert *c, X509 **own, const char *p, size_t n,
    struct ferry_error *err)
{
	const char *end = p + n, *stop;
	int rc = 0;

	while (rc == 0 &&
	    (p = memmem(p, (size_t)(end - p), begin_certificate,
		 strlen(begin_certificate))) != NULL) {
		p += strlen(begin_certificate);
		stop = memmem(p, (size_t)(end - p), end_certificate,
		    strlen(end_certificate));
		if (stop == NULL)
			return damaged(err);
		rc = add(c, own, p, (size_t)(stop - p), err);
		p = stop;
	}
	if (rc == 0 && *own == NULL)
		rc = wrong(err, "client_cert_none",
		    "there is no certificate for TLS in this file");
	return rc;
}

void
client_cert_leave_key(struct secret *file)
{
	char *p = (char *)file->data, *end = p + file->len, *stop, *tail;
	size_t n;

	while ((p = memmem(p, (size_t)(end - p), begin_any,
		    strlen(begin_any))) != NULL) {
		stop = memchr(p, '\n', (size_t)(end - p));
		if (stop == NULL)
			return;
		tail =
		    memmem(p, (size_t)(stop - p), key_label, strlen(key_label));
		if (tail != NULL)
			break;
		p = stop;
	}
	if (p == NULL)
		return;
	/* the END line has the same tail */
	tail = memmem(stop, (size_t)(end - stop), key_label, strlen(key_label));
	if (tail == NULL)
		return;
	n = (size_t)(tail - p) + strlen(key_label);
	memmove(file->data, p, n);
	secret_wipe(file->data + n, file->len - n);
	file->len = n;
}

/* ---- What it says ---- */

static int
describe(struct client_cert *c, X509 *x, struct ferry_error *err)
{
	c->since = x509_seconds(X509_get0_notBefore(x));
	c->until = x509_seconds(X509_get0_notAfter(x));
	x509_print_name(
	    c->subject, sizeof(c->subject), X509_get_subject_name(x));
	c->half = X509_get_pubkey(x);
	if (c->half == NULL)
		return damaged(err);
	if (EVP_PKEY_is_a(c->half, "RSA") || EVP_PKEY_is_a(c->half, "EC"))
		return 0;
	err_set(err, ferry_EKEY, "client_cert_type",
	    "the client certificate is for a key of type %s, which cannot be "
	    "used here",
	    EVP_PKEY_get0_type_name(c->half));
	err_hint(err, "Ask for one with an ECDSA or RSA key.");
	return -ferry_EKEY;
}

int
client_cert_parse(struct client_cert **out, const void *pem, size_t n,
    struct ferry_error *err)
{
	struct client_cert *c = calloc(1, sizeof(*c));
	X509 *own = NULL;
	int rc;

	*out = NULL;
	if (c == NULL)
		return err_memory(err);
	buf_init(&c->chain, LIMIT_CLIENT_CHAIN);
	ERR_set_mark();
	rc = read_all(c, &own, pem, n, err);
	if (rc == 0)
		rc = describe(c, own, err);
	ERR_pop_to_mark();
	X509_free(own);
	if (rc == 0)
		*out = c;
	else
		client_cert_free(c);
	return rc;
}

void
client_cert_free(struct client_cert *c)
{
	if (c == NULL)
		return;
	EVP_PKEY_free(c->half);
	buf_free(&c->chain);
	free(c);
}

/* "2026-01-02" */
static void
print_day(char dst[16], int64_t seconds)
{
	time_t when = (time_t)seconds;
	struct tm tm;

	if (gmtime_r(&when, &tm) == NULL ||
	    strftime(dst, 16, "%Y-%m-%d", &tm) == 0)
		strcpy(dst, "?");
}

int
client_cert_judge(const struct client_cert *c, const struct key *k, int64_t now,
    struct ferry_error *err)
{
	char day[16];

	if (k != NULL && !key_fits(k, c->half)) {
		err_set(err, ferry_EKEY, "client_cert_other_key",
		    "the client certificate is for another key");
		err_hint(err, "Name the two that belong together.");
		return -ferry_EKEY;
	}
	if (now >= c->since && now <= c->until)
		return 0;
	print_day(day, now < c->since ? c->since : c->until);
	err_set(err, ferry_EKEY,
	    now < c->since ? "client_cert_early" : "client_cert_expired",
	    now < c->since ? "the client certificate is valid from %s only"
			   : "the client certificate was valid until %s",
	    day);
	err_hint(err,
	    now < c->since ? "Is this machine's clock right?"
			   : "Ask its authority for a new one.");
	return -ferry_EKEY;
}
