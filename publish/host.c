/*
 * The host key policy.  Hub.  known_hosts/ says what the files say; what
 * follows from it for this job is said here, and nowhere else:
 *
 *   revoked, changed	refused; no question, no pin from the site excuses it
 *			when publishing
 *   pins, none equal	refused
 *   trusted		go on
 *   new type, unknown	a pin that is equal accepts and records it; else the
 *			user is asked; nobody to ask: refused
 */
#include "publish/host.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "known_hosts/proof.h"
#include "publish/far_login.h"
#include "publish/places.h"

/* One judgement: the key and everything said about it. */
struct judgement {
	const struct ferry_site *site;
	struct store_host host;
	char where[300]; /* for people: the port too, unless it is 22 */
	const void *blob;
	size_t n;
	struct store_report store;
	struct ferry_host_report report;
	char type[STORE_TYPE_SIZE], fingerprint[HASH_FINGERPRINT_SIZE];
	struct buf line;
};

int
host_open(struct host *h, struct ferry_job *job, struct ferry_error *err)
{
	struct store_host who = { job->site->url.host, NULL,
		job->site->url.port };
	struct store_files files = { .own = h->own,
		.hash_names = job->site->hash_known_hosts };
	int rc;

	memset(h, 0, sizeof(*h));
	h->job = job;
	buf_init(&h->algorithms, 512);
	if (!places_known_hosts(&job->options, h->own, sizeof(h->own)))
		return err_set(err, ferry_EUSAGE, "no_home",
		    "there is no home folder to keep known_hosts in");
	if (places_fallback(&job->options, h->fallback, sizeof(h->fallback)))
		files.fallback[STORE_USER] = h->fallback;
	rc = store_load(&h->store, &files, &job->report.log, err);
	if (rc != 0)
		return rc;
	store_prefer(h->store, &who, &h->algorithms);
	return buf_ok(&h->algorithms) ? 0 : err_memory(err);
}

void
host_close(struct host *h)
{
	store_free(h->store);
	h->store = NULL;
	buf_free(&h->algorithms);
}

const char *
host_algorithms(struct host *h)
{
	return buf_text(&h->algorithms);
}

static struct ferry_host_finding
finding(const struct store_finding *f)
{
	return (struct ferry_host_finding){
		.path = f->path,
		.line = f->line,
		.type = f->type,
		.fingerprint = f->fingerprint,
		.verdict = (enum ferry_host_verdict)f->verdict,
	};
}

static bool
is_pinned(const struct ferry_site *site, const char *fingerprint)
{
	unsigned i;

	for (i = 0; i < site->pin_count; i++)
		if (strcmp(site->pins[i], fingerprint) == 0)
			return true;
	return false;
}

static void
judge(struct judgement *j, struct host *h, const void *blob, size_t n)
{
	const struct ferry_site *site = h->job->site;

	memset(j, 0, sizeof(*j));
	j->site = site;
	j->host = (struct store_host){ site->url.host, NULL, site->url.port };
	if (site->url.port == 22)
		snprintf(j->where, sizeof(j->where), "%s", site->url.host);
	else
		snprintf(j->where, sizeof(j->where),
		    strchr(site->url.host, ':') ? "[%s]:%u" : "%s:%u",
		    site->url.host, site->url.port);
	j->blob = blob;
	j->n = n;
	store_judge(h->store, &j->host, blob, n, &j->store);
	proof_key_type(blob, n, j->type, sizeof(j->type));
	hash_fingerprint(blob, n, j->fingerprint);
	buf_init(&j->line, LIMIT_KNOWN_HOSTS_LINE);
	store_print_line(&j->host, blob, n, &j->line);
	j->report = (struct ferry_host_report){
		.host = site->url.host,
		.port = site->url.port,
		.type = j->type,
		.fingerprint = j->fingerprint,
		.verdict = (enum ferry_host_verdict)j->store.verdict,
		.from_fallback = j->store.from_fallback,
		.pinned = is_pinned(site, j->fingerprint),
		.own = finding(&j->store.own),
		.fallback = finding(&j->store.fallback),
		.line = buf_text(&j->line),
	};
}

/* The command that would make this key trusted, as it can be typed. */
static void
hint_trust(
    const struct judgement *j, const char *first, struct ferry_error *err)
{
	const struct ferry_site *site = j->site;
	bool named = site->file != NULL;

	err_hint(err, "%s: sandferry host trust%s%s --hostkey %s%s%s", first,
	    named && site->target[0] != '\0' ? " " : "",
	    named ? site->target : "", j->fingerprint, named ? "" : " --url ",
	    named ? "" : site->url.text);
}

static int
refuse_revoked(const struct judgement *j, struct ferry_error *err)
{
	err_set(err, ferry_EHOSTCHANGED, "host_key_revoked",
	    "%s offered a key that is marked as revoked: %s %s", j->where,
	    j->type, j->fingerprint);
	err_hint(err, "Do not connect; ask who runs the server.");
	return -ferry_EHOSTCHANGED;
}

static int
refuse_changed(const struct judgement *j, struct ferry_error *err)
{
	const struct store_finding *known = &j->store.own;

	if (known->verdict != STORE_CHANGED)
		known = &j->store.fallback;
	err_set(err, ferry_EHOSTCHANGED, "host_key_changed",
	    "the host key of %s has changed: it was %s, now it is %s (%s:%u)",
	    j->where, known->fingerprint, j->fingerprint,
	    known->path != NULL ? known->path : "known_hosts", known->line);
	hint_trust(
	    j, "Somebody may be listening. If the change is confirmed", err);
	return -ferry_EHOSTCHANGED;
}

static int
refuse_unpinned(const struct judgement *j, struct ferry_error *err)
{
	err_set(err, ferry_EHOSTCHANGED, "host_key_not_pinned",
	    "%s offered %s %s, which is not a host key that this site names",
	    j->where, j->type, j->fingerprint);
	err_hint(err,
	    "Somebody may be listening. If the key is right, correct "
	    "`hostkey` in the site file or --hostkey.");
	return -ferry_EHOSTCHANGED;
}

static int
refuse_unknown(const struct judgement *j, struct ferry_error *err)
{
	if (j->report.verdict == ferry_HOST_NEW_TYPE)
		err_set(err, ferry_EHOSTKEY, "host_key_new_type",
		    "%s is known, but not by a key of this type: %s %s",
		    j->where, j->type, j->fingerprint);
	else
		err_set(err, ferry_EHOSTKEY, "host_key_unknown",
		    "the host key of %s is not known: %s %s", j->where, j->type,
		    j->fingerprint);
	hint_trust(
	    j, "Compare it with what the server's owner says, then", err);
	return -ferry_EHOSTKEY;
}

static int
record(struct host *h, const struct judgement *j, struct ferry_error *err)
{
	int rc = store_trust(h->store, &j->host, j->blob, j->n, err);

	if (rc == 0)
		report_note(&h->job->report, "%s %s of %s is trusted now (%s)",
		    j->type, j->fingerprint, j->where, h->own);
	return rc;
}

/* It is accepted for this run in any case. */
static int
accept_key(struct host *h, const struct judgement *j)
{
	struct ferry_error e;

	if (record(h, j, &e) != 0)
		report_warning(&h->job->report, NULL, &e);
	return 0;
}

/* When publishing. */
static int
decide(struct host *h, const struct judgement *j, struct ferry_error *err)
{
	const struct ferry_host_report *r = &j->report;

	if (r->verdict == ferry_HOST_REVOKED)
		return refuse_revoked(j, err);
	if (r->verdict == ferry_HOST_CHANGED)
		return refuse_changed(j, err);
	if (h->job->site->pin_count > 0 && !r->pinned)
		return refuse_unpinned(j, err);
	if (r->verdict == ferry_HOST_TRUSTED)
		return 0;
	if (r->pinned || job_ask_host(h->job, r))
		return accept_key(h, j);
	return refuse_unknown(j, err);
}

/* `host trust`: here an equal pin excuses even a change. */
static int
decide_trust(struct host *h, const struct judgement *j, struct ferry_error *err)
{
	const struct ferry_host_report *r = &j->report;

	report_host(&h->job->report, r);
	if (r->verdict == ferry_HOST_REVOKED)
		return refuse_revoked(j, err);
	if (h->job->site->pin_count > 0 && !r->pinned)
		return refuse_unpinned(j, err);
	if (r->verdict == ferry_HOST_CHANGED && !r->pinned)
		return refuse_changed(j, err);
	if (r->verdict == ferry_HOST_TRUSTED && !r->from_fallback) {
		report_note(&h->job->report, "%s is trusted already", r->host);
		return 0;
	}
	if (r->verdict != ferry_HOST_TRUSTED && !r->pinned &&
	    !job_ask_host(h->job, r))
		return refuse_unknown(j, err);
	return record(h, j, err);
}

int
host_judge(struct host *h, const void *blob, size_t n, const char *address,
    struct ferry_error *err)
{
	struct judgement j;
	int rc = 0;

	/* as ssh(1) unless told otherwise: CheckHostIP no */
	(void)address;
	judge(&j, h, blob, n);
	if (!buf_ok(&j.line))
		rc = err_memory(err);
	else if (h->job->verb == ferry_HOST_SHOW)
		report_host(&h->job->report, &j.report);
	else if (h->job->verb == ferry_HOST_TRUST)
		rc = decide_trust(h, &j, err);
	else
		rc = decide(h, &j, err);
	buf_free(&j.line);
	return rc;
}

static int
judge_site(const struct ferry_job *job, struct ferry_error *err)
{
	if (job->site->url.host != NULL)
		return 0;
	err_set(err, ferry_EUSAGE, "no_url", "no server is named");
	err_hint(err, "Give `url` in the site file, or --url.");
	return -ferry_EUSAGE;
}

int
host_run(struct ferry_job *job, struct ferry_error *err)
{
	struct host h = { 0 };
	struct far_login l = { 0 };
	int rc = judge_site(job, err);

	if (rc == 0)
		rc = host_open(&h, job, err);
	if (rc == 0) {
		report_phase(&job->report, ferry_PHASE_CONNECT, 0, 0);
		rc = far_login_open(&l, job, &h, NULL, job->cancel[0], err);
	}
	far_login_close(&l);
	host_close(&h);
	return rc;
}

int
host_forget(struct ferry_job *job, struct ferry_error *err)
{
	struct host h = { 0 };
	unsigned removed = 0;
	int rc = judge_site(job, err);

	if (rc == 0)
		rc = host_open(&h, job, err);
	if (rc == 0) {
		struct store_host who = { job->site->url.host, NULL,
			job->site->url.port };

		rc = store_forget(h.store, &who, &removed, err);
	}
	if (rc == 0 && removed == 0)
		report_note(&job->report, "%s holds no key of %s", h.own,
		    job->site->url.host);
	else if (rc == 0)
		report_note(&job->report, "removed %u line%s from %s", removed,
		    removed == 1 ? "" : "s", h.own);
	host_close(&h);
	return rc;
}
