/*
 * The library's door: one verb for one site, its events, its questions, and the
 * way to stop it.  Hub.
 */
#include "publish/job.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/path.h"
#include "publish/adopt.h"
#include "publish/allowed.h"
#include "publish/check.h"
#include "publish/explain.h"
#include "publish/grants.h"
#include "publish/host.h"
#include "publish/publish.h"
#include "publish/status.h"
#include "publish/unlock.h"
#include "publish/verify.h"

const char *
ferry_version(void)
{
	return FERRY_VERSION;
}

void
ferry_options_init(struct ferry_options *o)
{
	memset(o, 0, sizeof(*o));
	o->size = sizeof(*o);
	o->secret_fd = -1;
	o->log_level = LOG_WARNING;
}

static bool
own(const char **s)
{
	if (*s == NULL)
		return true;
	*s = strdup(*s);
	return *s != NULL;
}

/* An older application's struct is shorter: what it lacks keeps its default. */
static int
copy_options(struct ferry_job *job, const struct ferry_options *options,
    struct ferry_error *err)
{
	struct ferry_options *o = &job->options, given;
	size_t size = options != NULL ? options->size : 0;
	bool ok = true;

	ferry_options_init(o);
	if (options == NULL)
		return 0;
	if (size < sizeof(size) || size > sizeof(*o))
		return err_set(err, ferry_EUSAGE, "options_size",
		    "struct ferry_options has a size that this library does "
		    "not know: %zu",
		    size);
	ferry_options_init(&given);
	memcpy(&given, options, size);
	*o = given;
	o->size = sizeof(*o);
	/* every one is tried, so that none is left borrowed and then freed */
	ok &= own(&o->key_file);
	ok &= own(&o->known_hosts);
	ok &= own(&o->fallback_known_hosts);
	ok &= own(&o->state_dir);
	ok &= own(&o->worker);
	ok &= own(&o->fingerprint);
	ok &= own(&o->system_known_hosts);
	ok &= own(&o->command);
	ok &= own(&o->access_file);
	ok &= own(&o->certificate_file);
	ok &= own(&o->credentials_dir);
	ok &= own(&o->askpass);
	ok &= own(&o->app_secret_file);
	ok &= own(&o->ssh_config);
	ok &= own(&o->format);
	ok &= own(&o->authorities);
	ok &= own(&o->client_certificate);
	ok &= own(&o->plan.url);
	ok &= own(&o->account);
	if (ok && (unsigned)o->confine > ferry_CONFINE_OFF)
		return err_set(err, ferry_EUSAGE, "options_confine",
		    "ferry_options.confine has an unknown value: %d",
		    (int)o->confine);
	return ok ? 0 : err_memory(err);
}

/* Readable for ever once written to; a signal handler may write. */
static int
open_cancel(int fds[2], struct ferry_error *err)
{
	int i;

	if (pipe(fds) != 0) {
		fds[0] = fds[1] = -1;
		return err_os(err, ferry_EINTERNAL, errno, "no_pipe",
		    "cannot make a pipe");
	}
	for (i = 0; i < 2; i++) {
		fcntl(fds[i], F_SETFD, FD_CLOEXEC);
		fcntl(fds[i], F_SETFL, O_NONBLOCK);
	}
	return 0;
}

int
ferry_job_new(struct ferry_job **out, const struct ferry_site *site,
    enum ferry_verb verb, const struct ferry_options *options,
    struct ferry_error *err)
{
	struct ferry_job *job;
	int rc;

	*out = NULL;
	err_clear(err);
	if (site == NULL || verb < ferry_PUBLISH || verb > ferry_UNDO)
		return err_set(err, ferry_EUSAGE, "job_arguments",
		    "a job needs a site and a verb");
	job = calloc(1, sizeof(*job));
	if (job == NULL)
		return err_memory(err);
	job->site = site;
	job->verb = verb;
	job->cancel[0] = job->cancel[1] = -1;
	rc = copy_options(job, options, err);
	if (rc == 0)
		rc = open_cancel(job->cancel, err);
	if (rc != 0) {
		ferry_job_free(job);
		return rc;
	}
	*out = job;
	return 0;
}

void
ferry_job_free(struct ferry_job *job)
{
	if (job == NULL)
		return;
	free((char *)job->options.key_file);
	free((char *)job->options.known_hosts);
	free((char *)job->options.fallback_known_hosts);
	free((char *)job->options.state_dir);
	free((char *)job->options.worker);
	free((char *)job->options.fingerprint);
	free((char *)job->options.system_known_hosts);
	free((char *)job->options.command);
	free((char *)job->options.access_file);
	access_free(job->access);
	free((char *)job->options.certificate_file);
	free((char *)job->options.credentials_dir);
	free((char *)job->options.askpass);
	free((char *)job->options.app_secret_file);
	free((char *)job->options.ssh_config);
	free((char *)job->options.format);
	free((char *)job->options.authorities);
	free((char *)job->options.client_certificate);
	free((char *)job->options.plan.url);
	free((char *)job->options.account);
	secret_free(job->question.secret);
	if (job->cancel[0] >= 0)
		close(job->cancel[0]);
	if (job->cancel[1] >= 0)
		close(job->cancel[1]);
	free(job);
}

/* What the user allowed, and what follows from it. */
static int
load_access(struct ferry_job *job, struct ferry_error *err)
{
	int rc = allowed_load(&job->access, &job->options, err);

	if (rc == 0)
		rc = allowed_apply(&job->options, job->access, err);
	if (rc == 0)
		job->hash_known_hosts = access_yes(job->access, NULL,
		    "hash-known-hosts", job->site->hash_known_hosts);
	return rc;
}

static int
run_verb(struct ferry_job *job, struct ferry_error *err)
{
	switch (job->verb) {
	case ferry_PUBLISH:
	case ferry_UNDO:
		return publish_run(job, err);
	case ferry_HOST_FORGET:
		return host_forget(job, err);
	case ferry_HOST_LIST:
		return host_list(job, err);
	case ferry_ACCESS_ADD:
		return grants_add(job, err);
	case ferry_ACCESS_LIST:
		return grants_list(job, err);
	case ferry_ACCESS_REMOVE:
		return grants_remove(job, err);
	case ferry_ACCESS_IMPORT:
		return grants_import(job, err);
	case ferry_EXPLAIN:
		return explain_run(job, err);
	case ferry_CHECK:
		return check_run(job, err);
	case ferry_ADOPT:
		return adopt_run(job, err);
	case ferry_UNLOCK:
		return unlock_run(job, err);
	case ferry_VERIFY:
		return verify_run(job, err);
	case ferry_STATUS:
		return status_run(job, err);
	default:
		return host_run(job, err);
	}
}

int
ferry_job_run(struct ferry_job *job, ferry_event_fn *on_event, void *ctx,
    struct ferry_error *err)
{
	struct ferry_error own_err;
	int rc;

	if (err == NULL)
		err = &own_err;
	err_clear(err);
	if (job->ran)
		return err_set(err, ferry_EUSAGE, "job_ran",
		    "a job runs once: make a new one");
	job->ran = true;
	outer_find(&job->outer, "", environ);
	report_init(&job->report, on_event, ctx, job->options.log_level);
	job->report.summary.dry_run = job->options.dry_run;
	job->report.summary.target =
	    job->site->target != NULL ? job->site->target : "";
	job->report.summary.url =
	    job->site->url.text != NULL ? job->site->url.text : "";
	rc = load_access(job, err);
	if (rc == 0)
		rc = run_verb(job, err);
	walls_end(job);
	report_summary(&job->report, rc != 0 ? err : NULL);
	return rc;
}

void
ferry_job_cancel(struct ferry_job *job)
{
	int saved = errno;
	ssize_t n;

	/* a full pipe is readable too: nothing to do about an error */
	n = write(job->cancel[1], "", 1);
	(void)n;
	errno = saved;
}

/* Deliver the question; what was answered meanwhile is in job->question. */
static void
ask(struct ferry_job *job, struct ferry_question *q)
{
	memset(&job->question, 0, sizeof(job->question));
	if (!job->options.may_ask)
		return;
	q->id = ++job->questions;
	job->question.id = q->id;
	job->question.kind = q->kind;
	report_question(&job->report, q);
	job->question.id = 0;
}

enum job_host_answer
job_ask_host(struct ferry_job *job, const struct ferry_host_report *host)
{
	struct ferry_question q = {
		.kind = ferry_ASK_HOST_KEY,
		.prompt = "Is this the server's key?",
		.attempt = 1,
		.echo = true,
		.host = host,
	};

	ask(job, &q);
	secret_free(job->question.secret);
	job->question.secret = NULL;
	if (job->question.other_key)
		return JOB_HOST_OTHER_KEY;
	return job->question.answered && job->question.yes ? JOB_HOST_YES
							   : JOB_HOST_NO;
}

bool
job_ask_grant(struct ferry_job *job, const struct ferry_grant *grant)
{
	struct ferry_question q = {
		.kind = ferry_ASK_GRANT,
		.prompt = "Grant this key?",
		.attempt = 1,
		.echo = true,
		.grant = grant,
	};

	ask(job, &q);
	secret_free(job->question.secret);
	job->question.secret = NULL;
	return job->question.answered && job->question.yes;
}

bool
job_ask_confirm(struct ferry_job *job, const char *prompt)
{
	char escaped[512];
	struct ferry_question q = {
		.kind = ferry_ASK_CONFIRM,
		.prompt = path_escape(
		    escaped, sizeof(escaped), prompt, strlen(prompt)),
		.attempt = 1,
		.echo = true,
	};

	ask(job, &q);
	secret_free(job->question.secret);
	job->question.secret = NULL;
	return job->question.answered && job->question.yes;
}

int
job_ask_secret(struct ferry_job *job, enum ferry_question_kind kind,
    const char *prompt, unsigned attempt, bool echo, struct secret **out,
    struct ferry_error *err)
{
	char escaped[LIMIT_SECRET];
	struct ferry_question q = {
		.kind = kind,
		.prompt = path_escape(
		    escaped, sizeof(escaped), prompt, strlen(prompt)),
		.attempt = attempt,
		.echo = echo,
	};

	*out = NULL;
	ask(job, &q);
	if (!job->question.answered || !job->question.yes ||
	    job->question.secret == NULL) {
		secret_free(job->question.secret);
		job->question.secret = NULL;
		err_set(err, ferry_ESECRET, "secret_needed", "%s: no answer",
		    prompt);
		err_hint(err,
		    "Run it again and answer, or give --password-fd N or "
		    "--keyring.");
		return -ferry_ESECRET;
	}
	*out = job->question.secret;
	job->question.secret = NULL;
	return 0;
}

int
ferry_job_answer(struct ferry_job *job, uint64_t question, bool yes,
    const void *secret, size_t n)
{
	struct job_question *q = &job->question;

	if (question == 0 || question != q->id || q->answered ||
	    n > LIMIT_SECRET)
		return -ferry_EUSAGE;
	if (yes && q->kind != ferry_ASK_HOST_KEY) {
		q->secret = secret_copy(
		    secret != NULL ? secret : "", secret != NULL ? n : 0);
		if (q->secret == NULL)
			return -ferry_EINTERNAL;
	}
	q->answered = true;
	q->yes = yes;
	q->other_key = q->kind == ferry_ASK_HOST_KEY && !yes && n > 0;
	return 0;
}
