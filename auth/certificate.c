/*
 * Read and judge an OpenSSH user certificate, so that what the server would
 * refuse without a reason is said in words.  Hub only.
 */
#include "auth/certificate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/limits.h"

enum { OF_USER = 1, OF_HOST = 2, TIME_SIZE = 32 };

/* The kinds, and how many strings their public keys have. */
static const struct kind {
	const char *type, *key_type;
	unsigned fields;
} kinds[] = {
	{ "ssh-ed25519" CERTIFICATE_SUFFIX, "ssh-ed25519", 1 },
	{ "ecdsa-sha2-nistp256" CERTIFICATE_SUFFIX, "ecdsa-sha2-nistp256", 2 },
	{ "ecdsa-sha2-nistp384" CERTIFICATE_SUFFIX, "ecdsa-sha2-nistp384", 2 },
	{ "ecdsa-sha2-nistp521" CERTIFICATE_SUFFIX, "ecdsa-sha2-nistp521", 2 },
	{ "ssh-rsa" CERTIFICATE_SUFFIX, "ssh-rsa", 2 },
};

/* ---- The words ---- */

static int
none(struct ferry_error *err, const char *text)
{
	err_set(err, ferry_EKEY, "certificate_none", "%s", text);
	err_hint(err,
	    "Name the file that `ssh-keygen -s` wrote: mostly KEY-cert.pub.");
	return -ferry_EKEY;
}

static int
damaged(struct ferry_error *err, const char *what)
{
	err_set(err, ferry_EKEY, "certificate_damaged",
	    "the certificate is damaged: %s", what);
	err_hint(err, "Take a fresh copy of the certificate.");
	return -ferry_EKEY;
}

static int
wrong_type(struct ferry_error *err, const char *type)
{
	err_set(err, ferry_EKEY, "certificate_type",
	    strncmp(type, "sk-", 3) == 0
		? "this certificate is for a security key (FIDO), which is "
		  "not supported (%s)"
		: "this is a certificate of type %s, which is not supported",
	    type);
	err_hint(err, "Have an Ed25519, ECDSA or RSA key certified.");
	return -ferry_EKEY;
}

static void
show_time(uint64_t when, char dst[TIME_SIZE])
{
	time_t t = (time_t)when;
	struct tm tm;

	if (when > INT64_MAX || gmtime_r(&t, &tm) == NULL ||
	    strftime(dst, TIME_SIZE, "%Y-%m-%d %H:%M:%S UTC", &tm) == 0)
		snprintf(dst, TIME_SIZE, "for ever");
}

/* ---- The line of text ---- */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The next word; text is left behind it. */
static const char *
next_word(const char **text, const char *end, size_t *n)
{
	const char *p = *text, *word;

	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	for (word = p; p < end && !is_blank(*p); p++)
		continue;
	*n = (size_t)(p - word);
	*text = p;
	return word;
}

static bool
ends(const char *word, size_t n, const char *with)
{
	size_t len = strlen(with);

	return n > len && memcmp(word + n - len, with, len) == 0;
}

/* "type base64 comment", and nothing but blanks behind that line. */
static int
read_line(struct buf *blob, char type[64], const char *p, size_t n,
    struct ferry_error *err)
{
	const char *end = p + n, *line_end, *word, *base64;
	size_t len;

	if (n == 0)
		return none(err, "the certificate file is empty");
	if (n >= 5 && memcmp(p, "-----", 5) == 0)
		return none(err, "this is a PEM file, not an SSH certificate");
	word = next_word(&p, end, &len);
	if (!ends(word, len, CERTIFICATE_SUFFIX))
		return none(err,
		    len > 4 && memcmp(word, "ssh-", 4) == 0
			? "this is a public key, not a certificate"
			: "this is not a certificate");
	if (len >= 64 || memchr(word, '\0', len) != NULL)
		return damaged(err, "its type makes no sense");
	memcpy(type, word, len);
	type[len] = '\0';
	base64 = next_word(&p, end, &len);
	line_end = memchr(p, '\n', (size_t)(end - p));
	for (p = line_end != NULL ? line_end : end; p < end; p++) {
		if (!is_blank(*p))
			return damaged(err, "there is more than one line");
	}
	if (len / 4 * 3 > LIMIT_KEY_BLOB)
		return damaged(err, "it is too long to be sent");
	if (len == 0 || buf_grow(blob, len / 4 * 3) == NULL ||
	    !hash_unbase64(base64, len, blob->data, &blob->len))
		return damaged(err, "its base64 text makes no sense");
	return 0;
}

/* ---- The bytes ---- */

/* A string of text, cut to what dst holds. */
static void
get_text(struct buf_reader *r, char *dst, size_t size)
{
	size_t n;
	const unsigned char *p = buf_get_string(r, &n, LIMIT_KEY_BLOB);

	snprintf(dst, size, "%.*s", (int)n, p != NULL ? (const char *)p : "");
}

/* Strings in a string. */
static void
get_principals(struct buf_reader *r, char *dst, size_t size)
{
	size_t n, used = 0;
	const unsigned char *p = buf_get_string(r, &n, LIMIT_KEY_BLOB);
	struct buf_reader names = buf_read(p, n);

	dst[0] = '\0';
	while (names.left > 0 && !names.bad) {
		p = buf_get_string(&names, &n, LIMIT_KEY_BLOB);
		if (p == NULL)
			break;
		used += (size_t)snprintf(dst + used, size - used, "%s%.*s",
		    used > 0 ? ", " : "", (int)n, (const char *)p);
		if (used >= size) {
			memcpy(dst + size - sizeof("..."), "...", 4);
			break;
		}
	}
	r->bad = r->bad || names.bad;
}

/* The key's fields, as they are in its own blob. */
static void
get_key(struct buf_reader *r, struct certificate *c, const struct kind *kind)
{
	buf_put_cstring(&c->key, kind->key_type);
	for (unsigned i = 0; i < kind->fields; i++) {
		size_t n;
		const unsigned char *p = buf_get_string(r, &n, LIMIT_KEY_BLOB);

		if (p != NULL)
			buf_put_string(&c->key, p, n);
	}
}

/*
 * string type, string nonce, the key's fields, uint64 serial, uint32 of whom,
 * string id, string principals, uint64 after, uint64 before, string critical
 * options, string extensions, string reserved, string authority's key, string
 * signature
 */
static int
read_blob(struct certificate *c, const char *type, struct ferry_error *err)
{
	struct buf_reader r = buf_read(c->blob.data, c->blob.len);
	const struct kind *kind = NULL;
	const unsigned char *p;
	char inner[64];
	uint32_t of;
	size_t n;

	buf_get_cstring(&r, inner, sizeof(inner));
	if (r.bad || strcmp(inner, type) != 0)
		return damaged(err, "its type is another inside");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strcmp(type, kinds[i].type) == 0)
			kind = &kinds[i];
	}
	if (kind == NULL)
		return wrong_type(err, type);
	c->type = kind->type;
	buf_get_string(&r, &n, LIMIT_KEY_BLOB);
	get_key(&r, c, kind);
	c->serial = buf_get_u64(&r);
	of = buf_get_u32(&r);
	get_text(&r, c->id, sizeof(c->id));
	get_principals(&r, c->principals, sizeof(c->principals));
	c->after = buf_get_u64(&r);
	c->before = buf_get_u64(&r);
	for (int i = 0; i < 3; i++)
		buf_get_string(&r, &n, LIMIT_KEY_BLOB);
	p = buf_get_string(&r, &n, LIMIT_KEY_BLOB);
	if (p != NULL)
		hash_fingerprint(p, n, c->authority);
	buf_get_string(&r, &n, LIMIT_KEY_BLOB);
	if (!buf_get_end(&r))
		return damaged(err, "its fields make no sense");
	if (of == OF_USER)
		return buf_ok(&c->key) ? 0 : err_memory(err);
	if (of != OF_HOST)
		return damaged(err, "it is for neither users nor hosts");
	err_set(err, ferry_EKEY, "certificate_host",
	    "this is a host's certificate: it proves a server, not a user");
	err_hint(
	    err, "Have the key certified for a user: ssh-keygen -s without -h");
	return -ferry_EKEY;
}

int
certificate_parse(struct certificate **out, const void *bytes, size_t n,
    struct ferry_error *err)
{
	struct certificate *c = calloc(1, sizeof(*c));
	char type[64];
	int rc;

	*out = NULL;
	if (c == NULL)
		return err_memory(err);
	buf_init(&c->blob, LIMIT_KEY_BLOB);
	buf_init(&c->key, LIMIT_KEY_BLOB);
	rc = read_line(&c->blob, type, bytes, n, err);
	if (rc == 0)
		rc = read_blob(c, type, err);
	if (rc == 0) {
		*out = c;
		c = NULL;
	}
	certificate_free(c);
	return rc;
}

int
certificate_judge(const struct certificate *c, const void *key_blob, size_t n,
    uint64_t now, struct ferry_error *err)
{
	char text[TIME_SIZE];

	if (c->key.len != n || memcmp(c->key.data, key_blob, n) != 0) {
		err_set(err, ferry_EKEY, "certificate_other_key",
		    "the certificate is for another key");
		err_hint(
		    err, "Name the certificate of the private key in use.");
		return -ferry_EKEY;
	}
	if (now < c->after) {
		show_time(c->after, text);
		err_set(err, ferry_EKEY, "certificate_early",
		    "the certificate is not valid before %s", text);
		err_hint(err,
		    "Is this machine's clock right? Else wait, or ask for "
		    "another.");
		return -ferry_EKEY;
	}
	if (now >= c->before) {
		show_time(c->before, text);
		err_set(err, ferry_EKEY, "certificate_expired",
		    "the certificate has expired: it was valid until %s", text);
		err_hint(err,
		    "Have it renewed; --certificate none logs in with the key "
		    "alone.");
		return -ferry_EKEY;
	}
	return 0;
}

void
certificate_print(const struct certificate *c, struct buf *out)
{
	char until[TIME_SIZE];

	show_time(c->before, until);
	buf_printf(out,
	    "certificate \"%s\" (serial %llu) for %s, until %s, by %s", c->id,
	    (unsigned long long)c->serial,
	    c->principals[0] != '\0' ? c->principals : "nobody", until,
	    c->authority);
}

void
certificate_free(struct certificate *c)
{
	if (c == NULL)
		return;
	buf_free(&c->blob);
	buf_free(&c->key);
	free(c);
}
