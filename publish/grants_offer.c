/* A key file that the user chose: looked at, and granted to the site.  Hub. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/path.h"
#include "known_hosts/match.h"
#include "publish/allowed.h"
#include "publish/far_login.h"
#include "publish/grants_parts.h"
#include "publish/host_parts.h"
#include "publish/reach.h"

/*
 * An absolute path without links or dots in its folder.  Its last name stays as
 * the user chose it, also when that is a link: what it leads to is held to the
 * fingerprint anyway.
 */
static int
make_absolute(char dst[PATH_MAX], const char *path, struct ferry_error *err)
{
	size_t n = path_dir_len(path);
	char dir[PATH_MAX], *folder = NULL;
	bool ok;

	if (n < sizeof(dir)) {
		snprintf(dir, sizeof(dir), "%.*s", n > 0 ? (int)n : 1,
		    n > 0 ? path : ".");
		folder = realpath(dir, NULL);
	}
	ok =
	    folder != NULL && path_join(dst, PATH_MAX, folder, path_base(path));
	free(folder);
	if (ok)
		return 0;
	return err_set(err, ferry_EKEY, "key_missing",
	    "cannot find the folder of %s", path);
}

/* What all files together know about the host. */
struct known {
	char name[MATCH_NAME_SIZE], plain[MATCH_NAME_SIZE];
	char fingerprint[HASH_FINGERPRINT_SIZE];
	bool several; /* or a revoked one: who knows */
};

static void
look_at_entry(void *ctx, const struct store_entry *e)
{
	struct known *k = ctx;

	if (e->marker == STORE_MARK_AUTHORITY ||
	    (!match_hosts(e->hosts, e->hosts_len, k->name) &&
		!match_hosts(e->hosts, e->hosts_len, k->plain)))
		return;
	if (e->marker != STORE_NO_MARKER ||
	    (k->fingerprint[0] != '\0' &&
		strcmp(k->fingerprint, e->fingerprint) != 0))
		k->several = true;
	strcpy(k->fingerprint, e->fingerprint);
}

/* The one host key that is known here; "" when there are none, or several. */
static int
find_host_key(char dst[HASH_FINGERPRINT_SIZE], struct ferry_job *job,
    struct ferry_error *err)
{
	const struct site_url *url = &job->site->url;
	struct known known = { .several = false };
	struct host h = { 0 };
	int rc = host_open(&h, job, err);

	if (rc == 0) {
		match_name(known.name, url->host, url->port);
		match_name(known.plain, url->host, MATCH_PORT);
		store_list(h.store, look_at_entry, &known);
	}
	strcpy(dst, known.several ? "" : known.fingerprint);
	host_close(&h);
	return rc;
}

/* Only its passphrase makes it tell which key it is. */
static int
unseal(struct key_peek *peek, struct ferry_job *job, struct ferry_error *err)
{
	struct far_login l = { 0 };
	int rc = far_login_load_key(&l, job, err);

	if (rc == 0)
		key_peek_parsed(peek, l.key);
	key_free(l.key);
	return rc;
}

/* All of it: a certificate without its key would fail at each publish. */
static int
look_at_client(
    struct grants_offer *o, struct ferry_job *job, struct ferry_error *err)
{
	const char *path = job->options.client_certificate;
	struct far_login l = { 0 };
	struct far_client client = { .cert = NULL };
	int rc = far_login_load_key(&l, job, err);

	if (rc == 0) {
		key_peek_parsed(&o->peek, l.key);
		rc = far_client_take(&client, job, l.key, err);
	}
	far_client_free(&client);
	return rc == 0 ? make_absolute(o->certificate, path, err) : rc;
}

static int
look(struct grants_offer *o, struct ferry_job *job, struct ferry_error *err)
{
	const char *path = job->options.key_file;
	struct secret *file = NULL;
	int rc = key_read_file(&file, NULL, path, err);

	if (rc != 0 && err->os_errno != 0)
		reach_hint(err, &job->outer, path);
	if (rc != 0)
		return rc;
	rc = key_peek(&o->peek, file->data, file->len, err);
	secret_free(file);
	if (rc == -ferry_EKEY)
		key_name_file(err, path);
	return rc == -ferry_ESECRET ? unseal(&o->peek, job, err) : rc;
}

static int
take_certificate(
    struct grants_offer *o, const char *path, struct ferry_error *err)
{
	if (path == NULL)
		return 0;
	if (strcmp(path, "none") != 0)
		return make_absolute(o->certificate, path, err);
	strcpy(o->certificate, path);
	return 0;
}

int
grants_offer_make(struct grants_offer *o, struct ferry_job *job,
    const char *path, struct ferry_error *err)
{
	struct ferry_options *options = &job->options;
	char *copy = strdup(path);
	int rc;

	memset(o, 0, sizeof(*o));
	if (copy == NULL)
		return err_memory(err);
	free((char *)options->key_file);
	options->key_file = copy;
	if (site_is_ftp(job->site)) {
		rc = look_at_client(o, job, err);
	} else {
		rc = look(o, job, err);
		if (rc == 0)
			rc =
			    take_certificate(o, options->certificate_file, err);
		if (rc == 0)
			rc = find_host_key(o->host_key, job, err);
	}
	if (rc == 0)
		rc = make_absolute(o->key, copy, err);
	grant_print_time(o->made, (long long)time(NULL));
	o->shown = (struct ferry_grant){
		.url = job->site->url.text,
		.key = o->key,
		.certificate =
		    o->certificate[0] != '\0' ? o->certificate : NULL,
		.type = o->peek.type,
		.comment = path_escape(o->comment, sizeof(o->comment),
		    o->peek.comment, strlen(o->peek.comment)),
		.fingerprint = o->peek.fingerprint,
		.host_key = o->host_key[0] != '\0' ? o->host_key : NULL,
		.made = o->made,
		.state = ferry_GRANT_OFFERED,
	};
	return rc;
}

/* In words, before it is gone. */
static void
print_old(char *dst, size_t size, const struct access *a, const char *url)
{
	struct grant old;

	*dst = '\0';
	if (grant_find(&old, a, url))
		snprintf(dst, size, "it replaces the grant of %s, %s",
		    old.fingerprint != NULL ? old.fingerprint : "no key",
		    old.key != NULL ? old.key : "no file");
}

int
grants_offer_take(const struct grants_offer *o, struct ferry_job *job,
    struct ferry_error *err)
{
	struct ferry_grant shown = o->shown;
	const struct grant g = {
		.url = shown.url,
		.key = shown.key,
		.certificate = shown.certificate,
		.fingerprint = shown.fingerprint,
		.host_key = shown.host_key,
		.made = shown.made,
	};
	struct secret *secret = NULL;
	struct access *a;
	char old[512];
	int rc = allowed_open(&a, &job->options, err);

	if (rc == 0)
		rc = grants_secret(&secret, job, true, err);
	if (rc == 0) {
		print_old(old, sizeof(old), a, g.url);
		rc = grant_put(a, &g, secret, err);
	}
	if (rc == 0)
		rc = access_save(a, err);
	if (rc == 0) {
		shown.state = ferry_GRANT_GOOD;
		report_grant(&job->report, &shown);
		if (old[0] != '\0')
			report_note(&job->report, "%s", old);
	}
	secret_free(secret);
	access_free(a);
	return rc;
}
