/* A login by grant: chosen, judged at each door, noted.  Hub. */
#include "publish/grants.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "auth/app_secret.h"
#include "auth/client_cert.h"
#include "auth/secrets_keyring.h"
#include "base/err.h"
#include "base/path.h"
#include "publish/allowed.h"
#include "publish/grants_parts.h"
#include "publish/host_parts.h"
#include "publish/places.h"
#include "publish/reach.h"

int
grants_secret(struct secret **out, const struct ferry_job *job, bool make,
    struct ferry_error *err)
{
	const struct ferry_options *o = &job->options;
	char helper[PLACES_SIZE];
	struct place file;
	struct secrets_keyring keyring = {
		.helper = helper,
		.may_ask = o->may_ask || o->askpass != NULL,
		.cancel_fd = job->cancel[0],
		.outside = job->walls.outside,
	};
	struct app_secret_config config = {
		.make = make, .only_file = o->storage_fd >= 0, .ctx = &keyring
	};

	if (places_app_secret(o, &file)) {
		config.dirfd = file.dirfd;
		config.file = file.path;
	}
	if (places_keyring(o, helper, sizeof(helper)))
		config.portal = secrets_keyring_portal;
	return app_secret_get(out, &config, err);
}

void
grants_hint(struct ferry_error *err, const struct ferry_job *job,
    const char *words, const char *key)
{
	struct buf command;

	if (err == NULL)
		return;
	buf_init(&command, sizeof(err->hint));
	host_command_begin(job, "access add", &command);
	if (site_is_ftp(job->site))
		host_command_option(&command, "--client-cert", "FILE");
	host_command_option(&command, "--key", key != NULL ? key : "FILE");
	/* One that is cut would do something else. */
	if (buf_ok(&command) &&
	    strlen(words) + command.len + 3 < sizeof(err->hint))
		err_hint(err, "%s: %s", words, buf_text(&command));
	else
		err_hint(err, "%s: sandferry access add --key FILE", words);
	buf_free(&command);
}

static int
use_key(struct ferry_job *job, const char *key, const char *certificate,
    struct ferry_error *err)
{
	struct ferry_options *o = &job->options;

	o->key_file = strdup(key);
	if (o->key_file != NULL && o->certificate_file == NULL &&
	    certificate != NULL)
		o->certificate_file = strdup(certificate);
	if (o->key_file == NULL ||
	    (certificate != NULL && o->certificate_file == NULL))
		return err_memory(err);
	return 0;
}

int
grants_judge(
    struct ferry_job *job, const struct grant *g, struct ferry_error *err)
{
	struct secret *secret;
	int rc = grants_secret(&secret, job, false, err);

	if (rc == -ferry_EKEY && err != NULL &&
	    strcmp(err->id, "app_secret_missing") == 0)
		grants_hint(err, job, "Grant the key again", g->key);
	if (rc != 0)
		return rc;
	if (!grant_judge(g, secret)) {
		rc = err_set(err, ferry_EKEY, "grant_forged",
		    "%s:%u: this grant was not made by this application as it "
		    "stands there",
		    access_path(job->access), g->line);
		grants_hint(err, job, "If it is what you want", g->key);
	}
	secret_free(secret);
	return rc;
}

/*
 * FTP: a certificate and its key, if they were named or granted.  Most servers
 * ask for none.
 */
static int
choose_client(struct ferry_job *job, struct ferry_error *err)
{
	struct ferry_options *o = &job->options;
	struct grant g;
	int rc;

	if (o->client_certificate != NULL)
		return o->key_file == NULL && !job_has_key(job)
		    ? use_key(job, o->client_certificate, NULL, err)
		    : 0;
	if (o->key_file != NULL ||
	    job_has_key(job) || /* which far_ftp.c refuses */
	    !grant_find(&g, job->access, job->site->url.text))
		return 0;
	rc = grants_judge(job, &g, err);
	if (rc == 0 && g.certificate == NULL)
		rc = err_set(err, ferry_EKEY, "client_cert_missing",
		    "%s:%u: the grant names no certificate",
		    access_path(job->access), g.line);
	if (rc == 0)
		rc = use_key(job, g.key, NULL, err);
	if (rc == 0 && (o->client_certificate = strdup(g.certificate)) == NULL)
		rc = err_memory(err);
	if (rc == 0)
		job->by.grant = g;
	return rc;
}

/* LoadCredential=key:... in systemd.exec(5). */
static bool
find_credential(const struct ferry_options *o, char *dst, size_t size)
{
	const char *dir = o->credentials_dir;

	return dir != NULL && *dir == '/' && path_join(dst, size, dir, "key") &&
	    access(dst, F_OK) == 0;
}

int
grants_choose(struct ferry_job *job, struct ferry_error *err)
{
	const char *url = job->site->url.text;
	char path[PLACES_SIZE];
	struct grant g;
	int rc;

	if (site_is_folder(job->site))
		return 0; /* there is nobody to log in to */
	if (site_is_ftp(job->site))
		return choose_client(job, err);
	rc = grants_judge_certificate(job, err);
	if (rc != 0 || job->options.key_file != NULL || job_has_key(job) ||
	    job->options.use_password)
		return rc;
	if (find_credential(&job->options, path, sizeof(path)))
		return use_key(job, path, NULL, err);
	if (!grant_find(&g, job->access, url)) {
		err_set(err, ferry_EKEY, "key_not_granted",
		    "no key is granted to %s", url);
		grants_hint(err, job,
		    "Name one for this run with --key, or grant it", NULL);
		return -ferry_EKEY;
	}
	rc = grants_judge(job, &g, err);
	if (rc == 0)
		rc = use_key(job, g.key, g.certificate, err);
	if (rc == 0)
		job->by.grant = g;
	return rc;
}

int
grants_judge_host(
    struct ferry_job *job, const void *blob, size_t n, struct ferry_error *err)
{
	struct job_grant *by = &job->by;
	char shown[HASH_FINGERPRINT_SIZE];

	if (by->grant.url == NULL)
		return 0;
	hash_fingerprint(blob, n, shown);
	/* after a login the grant's may lie in by->host_key */
	if (by->grant.host_key == NULL ||
	    strcmp(by->grant.host_key, shown) == 0) {
		memcpy(by->host_key, shown, sizeof(shown));
		return 0;
	}
	err_set(err, ferry_EKEY, "grant_host",
	    "the key is granted for the server with %s, which now shows %s",
	    by->grant.host_key, shown);
	grants_hint(err, job, "If that is right, confirm it", by->grant.key);
	return -ferry_EKEY;
}

static int
judge_fingerprint(const struct ferry_job *job, const char *fingerprint,
    struct ferry_error *err)
{
	const struct grant *g = &job->by.grant;

	if (strcmp(g->fingerprint, fingerprint) == 0)
		return 0;
	err_set(err, ferry_EKEY, "grant_stale",
	    "%s holds another key than was granted: %s", g->key, fingerprint);
	grants_hint(err, job, "If that is right, grant it", g->key);
	return -ferry_EKEY;
}

int
grants_read_key(struct secret **file, unsigned *worries, struct ferry_job *job,
    struct ferry_error *err)
{
	const struct grant *g = &job->by.grant;
	struct ferry_error ignored;
	struct key_peek peek;
	int rc;

	if (job_has_key(job)) {
		*worries = 0;
		rc = job_key_read(file, job, err);
	} else {
		rc = key_read_file(file, worries, job->options.key_file, err);
	}
	if (rc != 0 && job->options.key_file != NULL && err->os_errno != 0)
		reach_hint(err, &job->outer, job->options.key_file);
	if (rc == 0 && job->options.client_certificate != NULL)
		client_cert_leave_key(*file);
	if (g->url == NULL)
		return rc;
	if (rc != 0) {
		if (strcmp(err->id, "key_missing") != 0)
			return rc;
		err_set(err, ferry_EKEY, "grant_moved",
		    "the granted key file %s is not there", g->key);
		grants_hint(err, job, "Say where it is now", NULL);
		reach_hint(err, &job->outer, g->key);
		return -ferry_EKEY;
	}
	/* Before a passphrase is asked for; what is no key is said later. */
	if (key_peek(&peek, (*file)->data, (*file)->len, &ignored) == 0)
		rc = judge_fingerprint(job, peek.fingerprint, err);
	if (rc != 0) {
		secret_free(*file);
		*file = NULL;
	}
	return rc;
}

int
grants_judge_key(
    struct ferry_job *job, const struct key *key, struct ferry_error *err)
{
	struct key_peek peek;

	if (job->by.grant.url == NULL)
		return 0;
	key_peek_parsed(&peek, key);
	return judge_fingerprint(job, peek.fingerprint, err);
}

static bool
has_host_key(const struct ferry_job *job)
{
	return !site_is_ftp(job->site) && !site_is_folder(job->site);
}

/* Change the grant in the file, if it is still the one that was used. */
static int
put_down(struct ferry_job *job, const char *now, struct ferry_error *err)
{
	/* its strings are of job->access, which does not change */
	struct grant g = job->by.grant, there;
	struct secret *secret = NULL;
	struct access *a;
	int rc = allowed_open(&a, &job->options, err);

	if (rc != 0)
		return rc;
	if (!grant_find(&there, a, g.url) || there.mac == NULL ||
	    strcmp(there.mac, g.mac) != 0)
		goto out;
	if (g.host_key == NULL && has_host_key(job)) {
		g.host_key = job->by.host_key;
		rc = grants_secret(&secret, job, false, err);
		if (rc == 0)
			rc = grant_put(a, &g, secret, err);
	}
	if (rc == 0)
		rc = access_set(a, g.url, "used", now, err);
	if (rc == 0)
		rc = access_save(a, err);
out:
	secret_free(secret);
	access_free(a);
	return rc;
}

void
grants_note_login(struct ferry_job *job)
{
	struct job_grant *by = &job->by;
	enum { MINUTE = 16 }; /* of "2026-01-02T03:04:05Z" */
	char now[GRANT_TIME_SIZE];
	struct ferry_error e;
	/* FTP's servers have new keys as often as new certificates */
	bool bound = by->grant.host_key != NULL || !has_host_key(job);

	if (by->grant.url == NULL || by->noted)
		return;
	by->noted = true;
	grant_print_time(now, (long long)time(NULL));
	if (bound && by->grant.used != NULL &&
	    strncmp(now, by->grant.used, MINUTE) == 0)
		return;
	if (put_down(job, now, &e) == 0) {
		if (!bound)
			by->grant.host_key = by->host_key;
		return;
	}
	if (bound)
		log_line(&job->report.log, LOG_INFO,
		    "when the key was used is not noted: %s", e.text);
	else
		report_warning(&job->report, NULL, &e);
}
