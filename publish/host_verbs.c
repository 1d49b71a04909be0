/* host show, trust, forget, list: jobs about known hosts alone.  Hub. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "known_hosts/match.h"
#include "publish/far_login.h"
#include "publish/host_parts.h"
#include "publish/host_tls.h"
#include "publish/site_pins.h"

static int
judge_site(const struct ferry_job *job, struct ferry_error *err)
{
	if (site_is_folder(job->site)) {
		err_set(err, ferry_EUSAGE, "no_server",
		    "there is no server behind %s, and no key to know",
		    job->site->url.text);
		err_hint(err,
		    "A folder of this machine is granted: sandferry access "
		    "add --folder DIR.");
		return -ferry_EUSAGE;
	}
	if (job->site->url.host != NULL)
		return 0;
	err_set(err, ferry_EUSAGE, "no_url", "no server is named");
	err_hint(err, "Give `url` in the site file, or --url.");
	return -ferry_EUSAGE;
}

/* host show, host trust, of a server with a certificate. */
static int
run_tls(struct ferry_job *job, struct ferry_error *err)
{
	struct far_ftp ftp = { 0 };
	struct far_login l = { 0 };
	struct session_ftp wanted;
	int rc = far_ftp_open(&ftp, job, err);

	if (rc == 0) {
		far_ftp_config(&ftp, &wanted);
		if (wanted.mode == MSG_TLS_NONE)
			rc = err_set(err, ferry_EPOLICY, "plain_ftp",
			    "a server without TLS shows no key, and proves "
			    "nothing");
	}
	if (rc == 0)
		rc = walls_seal(job, err);
	if (rc == 0) {
		report_phase(&job->report, ferry_PHASE_CONNECT, 0, 0);
		rc = far_login_open_ftp(
		    &l, job, &ftp, NULL, job->cancel[0], err);
	}
	far_login_close(&l);
	far_ftp_close(&ftp);
	return rc;
}

int
host_run(struct ferry_job *job, struct ferry_error *err)
{
	const char *fingerprint = job->options.fingerprint;
	struct host h = { 0 };
	struct far_login l = { 0 };
	int rc = judge_site(job, err);

	if (rc == 0 && fingerprint != NULL) {
		rc = site_judge_fingerprint(fingerprint, err);
		if (rc != 0)
			err_prefix(err, "--fingerprint");
	}
	if (rc == 0 && site_is_ftp(job->site))
		return run_tls(job, err);
	if (rc == 0)
		rc = host_open(&h, job, err);
	if (rc == 0)
		rc = walls_seal(job, err);
	if (rc == 0) {
		report_phase(&job->report, ferry_PHASE_CONNECT, 0, 0);
		rc = far_login_open(&l, job, &h, NULL, job->cancel[0], err);
	}
	far_login_close(&l);
	host_close(&h);
	return rc;
}

/* What is looked for among the lines, and who is told. */
struct search {
	struct report *report;
	const char *own; /* the private file */
	/* NULL: any; the second one "" or a name that counts as well */
	const char *name, *plain;
	unsigned found;
};

static bool
is_meant(const struct search *s, const struct store_entry *e)
{
	if (s->name == NULL)
		return true;
	return e->marker == STORE_NO_MARKER &&
	    (match_hosts(e->hosts, e->hosts_len, s->name) ||
		(s->plain[0] != '\0' &&
		    match_hosts(e->hosts, e->hosts_len, s->plain)));
}

static void
tell_entry(void *ctx, const struct store_entry *e)
{
	struct search *s = ctx;
	struct ferry_host_entry entry = {
		.path = e->path,
		.line = e->line,
		.hashed = e->hashed,
		.only_read = strcmp(e->path, s->own) != 0,
		.marker = (enum ferry_host_marker)e->marker,
		.type = e->type,
		.fingerprint = e->fingerprint,
	};
	struct buf hosts;

	if (!is_meant(s, e))
		return;
	s->found++;
	buf_init(&hosts, LIMIT_KNOWN_HOSTS);
	buf_put(&hosts, e->hosts, e->hosts_len);
	buf_put_u8(&hosts, '\0');
	entry.hosts = buf_ok(&hosts) ? (const char *)hosts.data : "";
	report_host_entry(s->report, &entry);
	buf_free(&hosts);
}

static void
tell_left(void *ctx, const struct store_entry *e)
{
	struct search *s = ctx;

	if (!is_meant(s, e))
		return;
	s->found++;
	report_note(s->report, "still known by %s:%u: %s %s", e->path, e->line,
	    e->type, e->fingerprint);
}

int
host_list(struct ferry_job *job, struct ferry_error *err)
{
	struct host h = { 0 };
	struct search s = { .report = &job->report, .own = h.own.path };
	int rc = host_open(&h, job, err);

	if (rc == 0) {
		store_list(h.store, tell_entry, &s);
		if (s.found + host_tls_list(job) == 0)
			report_note(&job->report, "nothing is recorded in %s",
			    h.own.path);
	}
	host_close(&h);
	return rc;
}

/* Tell what went, as it was before, and who knows the host all the same. */
static void
tell_forgotten(
    const struct host *h, const struct store *before, unsigned removed)
{
	char name[MATCH_NAME_SIZE], plain[MATCH_NAME_SIZE];
	const struct ferry_site *site = h->job->site;
	struct report *report = &h->job->report;
	struct search s = { report, h->own.path, name, "", 0 };

	match_name(name, site->url.host, site->url.port);
	match_name(plain, site->url.host, MATCH_PORT);
	if (removed > 0)
		store_list(before, tell_entry, &s);
	if (removed == 0)
		report_note(report, "%s holds no key of %s", h->own.path, name);
	else
		report_note(report, "removed %u line%s from %s", removed,
		    removed == 1 ? "" : "s", h->own.path);
	/* The key of the plain name is good for its other ports, too. */
	s.plain = strcmp(plain, name) != 0 ? plain : "";
	store_list(h->store, tell_left, &s);
}

int
host_forget(struct ferry_job *job, struct ferry_error *err)
{
	struct host h = { 0 };
	struct store_files own = { .own = h.own.path };
	struct store *before = NULL;
	struct store_host who = host_name(job->site);
	unsigned removed = 0;
	int rc = judge_site(job, err);

	if (rc == 0 && site_is_ftp(job->site))
		return host_tls_forget(job, err);
	if (rc == 0)
		rc = host_open(&h, job, err);
	own.dirfd = h.own.dirfd;
	if (rc == 0)
		rc = store_load(&before, &own, NULL, err);
	if (rc == 0)
		rc = store_forget(h.store, &who, &removed, err);
	if (rc == 0)
		tell_forgotten(&h, before, removed);
	store_free(before);
	host_close(&h);
	return rc;
}
