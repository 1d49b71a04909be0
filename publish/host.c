/*
 * The host key policy.  Hub.  known_hosts/ says what the files say; what
 * follows from it for this job is said here, and nowhere else:
 *
 *   revoked, changed	refused; no question, no pin excuses it when publishing
 *   pins, none equal	refused
 *   trusted		go on
 *   new type, unknown	a pin that is equal accepts and records it; else the
 *			user is asked; nobody to ask: refused
 *
 * `host trust' does the same, except that the very fingerprint, given by the
 * user for this one job, excuses a change as well.  A pin does not: the site
 * file is shared, and whoever may edit it must not redirect its readers.
 */
#include "publish/host.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "known_hosts/proof.h"
#include "publish/account.h"
#include "publish/host_parts.h"
#include "publish/places.h"
#include "publish/reach.h"

struct store_host
host_name(const struct ferry_site *site)
{
	return (struct store_host){ site->url.host, NULL, site->url.port };
}

/* The files are told apart only where two may say something. */
static int
load_alone(
    struct host *h, const struct store_files *files, struct ferry_error *err)
{
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < STORE_FALLBACKS; i++) {
		struct store_files one = { .dirfd = files->dirfd,
			.own = files->own };

		one.fallback[i] = files->fallback[i];
		rc = store_load(&h->alone[i], &one, NULL, err);
	}
	return rc;
}

/* Hosts that ssh knows are unknown where a sandbox hides its file. */
static void
tell_reach(const struct host *h)
{
	char words[256];

	if (access(h->fallback, R_OK) != 0 &&
	    reach_words(&h->job->outer, h->fallback, words, sizeof(words)))
		log_line(&h->job->report.log, LOG_INFO, "%s", words);
}

int
host_open(struct host *h, struct ferry_job *job, struct ferry_error *err)
{
	const struct ferry_options *o = &job->options;
	struct store_host who = host_name(job->site);
	struct store_files files = { .own = h->own.path,
		.hash_names = job->hash_known_hosts };
	int rc;

	memset(h, 0, sizeof(*h));
	h->job = job;
	buf_init(&h->algorithms, 512);
	if (!places_known_hosts(o, &h->own))
		return err_set(err, ferry_EUSAGE, "no_home",
		    "there is no home folder to keep known_hosts in");
	files.dirfd = h->own.dirfd;
	if (places_fallback(o, h->fallback, sizeof(h->fallback)))
		files.fallback[STORE_USER] = h->fallback;
	files.fallback[STORE_SYSTEM] = o->system_known_hosts;
	if (job->verb == ferry_HOST_LIST && !o->list_all)
		memset(files.fallback, 0, sizeof(files.fallback));
	rc = store_load(&h->store, &files, &job->report.log, err);
	if (files.fallback[STORE_USER] != NULL)
		tell_reach(h);
	if (rc != 0 || who.name == NULL)
		return rc;
	if (files.fallback[STORE_SYSTEM] != NULL)
		rc = load_alone(h, &files, err);
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
	for (unsigned i = 0; i < STORE_FALLBACKS; i++) {
		store_free(h->alone[i]);
		h->alone[i] = NULL;
	}
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
ask_alone(struct host_judgement *j, const struct store *alone,
    struct store_finding *found, struct ferry_host_finding *f)
{
	struct store_report report;

	store_judge(alone, &j->host, j->blob, j->n, &report);
	*found = report.fallback;
	*f = finding(found);
}

static void
judge(struct host_judgement *j, const struct host *h, const void *blob,
    size_t n, const char *address)
{
	const struct ferry_site *site = h->job->site;

	memset(j, 0, sizeof(*j));
	j->job = h->job;
	j->host = host_name(site);
	if (h->job->options.check_host_ip && *address != '\0')
		j->host.address = address;
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
	buf_init(&j->command, LIMIT_KNOWN_HOSTS_LINE);
	host_command_print(h->job, j->fingerprint, &j->command);
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
		.pins = site->pin_count,
		.command = buf_text(&j->command),
	};
	if (h->alone[STORE_SYSTEM] != NULL) {
		ask_alone(
		    j, h->alone[STORE_USER], &j->user, &j->report.fallback);
		ask_alone(
		    j, h->alone[STORE_SYSTEM], &j->system, &j->report.system);
	}
	/* What the site's pins exclude would be refused all the same. */
	if (j->report.verdict == ferry_HOST_REVOKED ||
	    (j->report.pins > 0 && !j->report.pinned))
		j->report.command = NULL;
}

static int
record(struct host *h, const struct host_judgement *j, struct ferry_error *err)
{
	const struct ferry_host_finding *old = &j->report.own;
	bool replaces = old->verdict == ferry_HOST_CHANGED;
	int rc = store_trust(h->store, &j->host, j->blob, j->n, err);

	if (rc == 0)
		report_note(&h->job->report,
		    "%s %s of %s is trusted now, recorded in %s%s%s", j->type,
		    j->fingerprint, j->where, h->own.path,
		    replaces ? " instead of " : "",
		    replaces ? old->fingerprint : "");
	return rc;
}

/* It is accepted for this run in any case. */
static int
accept_key(struct host *h, const struct host_judgement *j)
{
	struct ferry_error e;

	if (record(h, j, &e) != 0)
		report_warning(&h->job->report, NULL, &e);
	return 0;
}

/* The pin holds in each run, whether the key is recorded or not. */
static int
accept_pinned(struct host *h, const struct host_judgement *j)
{
	if (account_may_record(h->job))
		return accept_key(h, j);
	log_line(&h->job->report.log, LOG_INFO,
	    "%s %s of %s is not recorded: nobody but the site file vouches "
	    "for it, and there is a password",
	    j->type, j->fingerprint, j->where);
	return 0;
}

/* When publishing. */
static int
decide(struct host *h, struct host_judgement *j, struct ferry_error *err)
{
	const struct ferry_host_report *r = &j->report;
	enum job_host_answer answer;

	if (r->verdict == ferry_HOST_REVOKED)
		return host_refuse_revoked(j, err);
	if (r->verdict == ferry_HOST_CHANGED)
		return host_refuse_changed(j, err);
	if (r->pins > 0 && !r->pinned)
		return host_refuse_unpinned(j, err);
	h->job->host_known = r->verdict == ferry_HOST_TRUSTED;
	if (h->job->host_known)
		return 0;
	if (r->pinned)
		return accept_pinned(h, j);
	answer = job_ask_host(h->job, r);
	h->job->host_known = answer == JOB_HOST_YES;
	if (answer == JOB_HOST_YES)
		return accept_key(h, j);
	return answer == JOB_HOST_OTHER_KEY ? host_refuse_other(j, err)
					    : host_refuse_unknown(j, err);
}

static int
decide_trust(struct host *h, struct host_judgement *j, struct ferry_error *err)
{
	const struct ferry_host_report *r = &j->report;
	const char *expected = h->job->options.fingerprint;
	enum job_host_answer answer = JOB_HOST_YES;

	if (r->verdict == ferry_HOST_REVOKED)
		return host_refuse_revoked(j, err);
	if (expected != NULL && strcmp(expected, r->fingerprint) != 0)
		return host_refuse_other(j, err);
	if (r->pins > 0 && !r->pinned)
		return host_refuse_unpinned(j, err);
	if (r->verdict == ferry_HOST_CHANGED && expected == NULL)
		return host_refuse_changed(j, err);
	if (r->verdict == ferry_HOST_TRUSTED && !r->from_fallback) {
		report_note(&h->job->report, "%s is trusted already", j->where);
		return 0;
	}
	if (r->verdict != ferry_HOST_TRUSTED && expected == NULL && !r->pinned)
		answer = job_ask_host(h->job, r);
	if (answer == JOB_HOST_OTHER_KEY)
		return host_refuse_other(j, err);
	return answer == JOB_HOST_YES ? record(h, j, err)
				      : host_refuse_unknown(j, err);
}

static bool
is_refusal(int rc)
{
	return rc == -ferry_EHOSTKEY || rc == -ferry_EHOSTCHANGED;
}

int
host_judge(struct host *h, const void *blob, size_t n, const char *address,
    struct ferry_error *err)
{
	struct host_judgement j;
	struct ferry_error local;
	int rc = 0;

	if (err == NULL)
		err = &local;
	judge(&j, h, blob, n, address);
	if (!buf_ok(&j.line) || !buf_ok(&j.command)) {
		rc = err_memory(err);
	} else if (h->job->verb == ferry_HOST_SHOW) {
		report_host(&h->job->report, &j.report);
	} else if (h->job->verb == ferry_HOST_TRUST) {
		report_host(&h->job->report, &j.report);
		rc = decide_trust(h, &j, err);
	} else {
		rc = decide(h, &j, err);
		if (rc == 0 && h->job->verb == ferry_CHECK)
			report_host(&h->job->report, &j.report);
	}
	if (rc == 0)
		walls_note_host(&h->job->walls, &j.report);
	if (is_refusal(rc))
		report_refusal(&h->job->report, &j.report, err);
	buf_free(&j.line);
	buf_free(&j.command);
	return rc;
}
