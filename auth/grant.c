/*
 * Grants of access to a key: found, authenticated, written.  Hub; no I/O.
 */
#include "auth/grant.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "auth/access_keys.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"

enum { TEXT_MAX = 64 * 1024 };

/* What the mac says first: it is good for nothing else. */
static const char version[] = "sandferry grant 1";

/* The keys of a grant in the file, and where they are in the struct. */
static const struct field {
	const char *key;
	size_t offset;
	bool authentic; /* part of what the mac is about */
} fields[] = {
	{ "key", offsetof(struct grant, key), true },
	{ "certificate", offsetof(struct grant, certificate), true },
	{ "fingerprint", offsetof(struct grant, fingerprint), true },
	{ "host-key", offsetof(struct grant, host_key), true },
	{ "made", offsetof(struct grant, made), true },
	{ "folder", offsetof(struct grant, folder), true },
	{ "identity", offsetof(struct grant, identity), true },
	{ "used", offsetof(struct grant, used), false },
	{ "mac", offsetof(struct grant, mac), false },
};

enum {
	FIELDS = sizeof(fields) / sizeof(fields[0]),
	FOLDERS = offsetof(struct grant, folder), /* what is theirs alone */
};

static const char **
at(struct grant *g, const struct field *f)
{
	return (const char **)((char *)g + f->offset);
}

static const char *
value_of(const struct grant *g, const struct field *f)
{
	return *(const char *const *)((const char *)g + f->offset);
}

bool
grant_find(struct grant *out, const struct access *a, const char *url)
{
	const char *section;
	bool any = false;

	*out = (struct grant){ .url = NULL };
	for (size_t i = 0; (section = access_url(a, i, &out->line)); i++) {
		if (strcmp(section, url) == 0)
			break;
	}
	if (section == NULL)
		return false;
	for (size_t i = 0; i < FIELDS; i++) {
		*at(out, &fields[i]) = access_get(a, url, fields[i].key);
		any = any || *at(out, &fields[i]) != NULL;
	}
	out->url = any ? section : NULL;
	return any;
}

/*
 * HMAC-SHA-256 over the version, the url and the fields, each a string with its
 * length in front; one that is not there is empty.  A key's grant ends before
 * the folder.
 */
static bool
make_mac(char dst[GRANT_MAC_SIZE], const struct grant *g,
    const struct secret *secret)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	const bool folder = g->folder != NULL || g->identity != NULL;
	unsigned n = 0;
	struct buf b;
	bool ok;

	buf_init(&b, TEXT_MAX);
	buf_put_cstring(&b, version);
	buf_put_cstring(&b, g->url);
	for (size_t i = 0; i < FIELDS; i++) {
		const char *value = value_of(g, &fields[i]);

		if (fields[i].authentic &&
		    (folder || fields[i].offset < FOLDERS))
			buf_put_cstring(&b, value != NULL ? value : "");
	}
	ok = buf_ok(&b) &&
	    HMAC(EVP_sha256(), secret->data, (int)secret->len, b.data, b.len,
		mac, &n) != NULL &&
	    n == HASH_SIZE;
	if (ok)
		hash_base64(mac, n, dst);
	buf_free(&b);
	return ok;
}

bool
grant_judge(const struct grant *g, const struct secret *secret)
{
	char mac[GRANT_MAC_SIZE];

	const bool key = g->key != NULL && g->fingerprint != NULL,
		   folder = g->folder != NULL && g->identity != NULL;

	return g->url != NULL && key != folder && g->made != NULL &&
	    g->mac != NULL && make_mac(mac, g, secret) &&
	    strlen(g->mac) == strlen(mac) &&
	    CRYPTO_memcmp(g->mac, mac, strlen(mac)) == 0;
}

int
grant_put(struct access *a, const struct grant *g, const struct secret *secret,
    struct ferry_error *err)
{
	struct grant made = *g;
	char mac[GRANT_MAC_SIZE];
	int rc = 0;

	if (!make_mac(mac, g, secret))
		return err_memory(err);
	made.mac = mac;
	for (size_t i = 0; rc == 0 && i < FIELDS; i++) {
		const char *value = value_of(&made, &fields[i]);

		rc = value != NULL
		    ? access_set(a, g->url, fields[i].key, value, err)
		    : access_remove(a, g->url, fields[i].key, err);
	}
	return rc;
}

int
grant_remove(struct access *a, const char *url, struct ferry_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < FIELDS; i++)
		rc = access_remove(a, url, fields[i].key, err);
	if (rc != 0)
		return rc;
	for (const struct access_key *k = access_keys; k->name != NULL; k++) {
		if (k->of_site && access_get(a, url, k->name) != NULL)
			return 0;
	}
	return access_remove(a, url, NULL, err);
}

void
grant_print_time(char dst[GRANT_TIME_SIZE], long long seconds)
{
	time_t when = (time_t)seconds;
	struct tm tm;

	if (gmtime_r(&when, &tm) == NULL ||
	    strftime(dst, GRANT_TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm) != 20)
		strcpy(dst, "1970-01-01T00:00:00Z");
}
