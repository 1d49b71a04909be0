/*
 * The library's door: one verb for one site, from its making to its end.  Hub.
 * Its questions are job_ask.c, its own thread is job_thread.c.
 */
#include "publish/job.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "publish/adopt.h"
#include "publish/allowed.h"
#include "publish/check.h"
#include "publish/explain.h"
#include "publish/grants.h"
#include "publish/host.h"
#include "publish/publish.h"
#include "publish/run_kept.h"
#include "publish/status.h"
#include "publish/unlock.h"
#include "publish/verify.h"

const char *
ferry_version(void)
{
	return FERRY_VERSION;
}

void
ferry_options_fill(struct ferry_options *o, size_t size)
{
	const struct ferry_options defaults = {
		.size = size,
		.secret_fd = -1,
		.key_fd = -1,
		.storage_fd = -1,
		.source_fd = -1,
		.folder_fd = -1,
		.log_level = LOG_WARNING,
	};

	memset(o, 0, size);
	memcpy(o, &defaults, size < sizeof(*o) ? size : sizeof(*o));
}

/* What an application lends us until ferry_job_new() returns. */
static const size_t option_strings[] = {
	offsetof(struct ferry_options, key_file),
	offsetof(struct ferry_options, known_hosts),
	offsetof(struct ferry_options, fallback_known_hosts),
	offsetof(struct ferry_options, state_dir),
	offsetof(struct ferry_options, worker),
	offsetof(struct ferry_options, fingerprint),
	offsetof(struct ferry_options, system_known_hosts),
	offsetof(struct ferry_options, command),
	offsetof(struct ferry_options, access_file),
	offsetof(struct ferry_options, certificate_file),
	offsetof(struct ferry_options, credentials_dir),
	offsetof(struct ferry_options, askpass),
	offsetof(struct ferry_options, app_secret_file),
	offsetof(struct ferry_options, ssh_config),
	offsetof(struct ferry_options, format),
	offsetof(struct ferry_options, authorities),
	offsetof(struct ferry_options, client_certificate),
	offsetof(struct ferry_options, plan.url),
	offsetof(struct ferry_options, account),
	offsetof(struct ferry_options, public_key),
	offsetof(struct ferry_options, folder),
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char **
option_string(struct ferry_options *o, size_t i)
{
	return (const char **)((char *)o + option_strings[i]);
}

/* Each is tried, so that none is left borrowed and then freed. */
static bool
own_options(struct ferry_options *o)
{
	bool ok = true;

	for (size_t i = 0; i < COUNT(option_strings); i++) {
		const char **s = option_string(o, i);

		if (*s != NULL) {
			*s = strdup(*s);
			ok &= *s != NULL;
		}
	}
	return ok;
}

/* The same of descriptors: the job has its own. */
static const struct option_fd {
	size_t at;
	const char *name;
} option_folders[] = {
	{ offsetof(struct ferry_options, storage_fd), "storage_fd" },
	{ offsetof(struct ferry_options, source_fd), "source_fd" },
	{ offsetof(struct ferry_options, folder_fd), "folder_fd" },
};

static int *
option_folder(struct ferry_options *o, size_t i)
{
	return (int *)((char *)o + option_folders[i].at);
}

static int
own_folders(struct ferry_options *o, struct ferry_error *err)
{
	struct stat st;
	int rc = 0;

	for (size_t i = 0; i < COUNT(option_folders); i++) {
		int *fd = option_folder(o, i), given = *fd;

		*fd = -1;
		if (rc != 0 || given < 0)
			continue;
		if (fstat(given, &st) != 0 || !S_ISDIR(st.st_mode))
			rc = err_set(err, ferry_EUSAGE, "options_fd",
			    "ferry_options.%s is no open folder: %d",
			    option_folders[i].name, given);
		else if ((*fd = fcntl(given, F_DUPFD_CLOEXEC, 3)) < 0)
			rc =
			    err_os(err, ferry_EINTERNAL, errno, "no_descriptor",
				"cannot keep ferry_options.%s open",
				option_folders[i].name);
	}
	return rc;
}

static void
free_options(struct ferry_options *o)
{
	for (size_t i = 0; i < COUNT(option_strings); i++)
		free((char *)*option_string(o, i));
	for (size_t i = 0; i < COUNT(option_folders); i++)
		if (*option_folder(o, i) >= 0)
			close(*option_folder(o, i));
}

/* By path, where they are looked for. */
static bool
own_claims(struct ferry_job *job)
{
	struct ferry_options *o = &job->options;
	struct tree_file *f;
	bool ok = true;

	for (size_t i = 0; ok && o->claims != NULL && i < o->claim_count; i++) {
		f = tree_add(&job->claims, o->claims[i].path);
		ok = f != NULL;
		if (!ok)
			break;
		f->size = o->claims[i].size;
		memcpy(f->digest.b, o->claims[i].sha256, sizeof(f->digest.b));
	}
	tree_seal(&job->claims);
	o->claims = NULL;
	o->claim_count = 0;
	return ok;
}

/* An older application's struct is shorter: what it lacks keeps its default. */
static int
copy_options(struct ferry_job *job, const struct ferry_options *options,
    struct ferry_error *err)
{
	struct ferry_options *o = &job->options, given;
	size_t size = options != NULL ? options->size : 0;
	bool ok;
	int rc;

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
	ok = own_options(o);
	ok &= own_claims(job);
	rc = own_folders(o, err);
	if (ok && o->connect != NULL && o->confine_self)
		return err_set(err, ferry_EUSAGE, "options_connect",
		    "ferry_options.connect and confine_self exclude each "
		    "other");
	if (ok && (unsigned)o->confine > ferry_CONFINE_OFF)
		return err_set(err, ferry_EUSAGE, "options_confine",
		    "ferry_options.confine has an unknown value: %d",
		    (int)o->confine);
	return ok ? rc : err_memory(err);
}

/* Readable for ever once written to; a signal handler may write. */
static int
open_pipes(struct ferry_job *job, struct ferry_error *err)
{
	int i;

	if (fs_pipe(job->cancel) != 0 || fs_pipe(job->answered) != 0)
		return err_os(err, ferry_EINTERNAL, errno, "no_pipe",
		    "cannot make a pipe");
	for (i = 0; i < 2; i++) {
		fcntl(job->cancel[i], F_SETFL, O_NONBLOCK);
		fcntl(job->answered[i], F_SETFL, O_NONBLOCK);
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
	if (site == NULL || verb < ferry_PUBLISH || verb > ferry_LOG)
		return err_set(err, ferry_EUSAGE, "job_arguments",
		    "a job needs a site and a verb");
	job = calloc(1, sizeof(*job));
	if (job == NULL)
		return err_memory(err);
	job->site = site;
	job->verb = verb;
	tree_init(&job->claims);
	job->key.fd = -1;
	job->cancel[0] = job->cancel[1] = -1;
	job->answered[0] = job->answered[1] = -1;
	pthread_mutex_init(&job->mutex, NULL);
	rc = copy_options(job, options, err);
	if (rc == 0)
		rc = job_key_take(job, err);
	if (rc == 0)
		rc = open_pipes(job, err);
	if (rc == 0 && job->options.source_fd >= 0) {
		job->opened = *site;
		job->opened.source_fd = job->options.source_fd;
		job->site = &job->opened;
	}
	if (rc != 0) {
		ferry_job_free(job);
		return rc;
	}
	*out = job;
	return 0;
}

static void
close_pipe(const int fds[2])
{
	for (int i = 0; i < 2; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static void
destroy(struct ferry_job *job)
{
	free_options(&job->options);
	access_free(job->access);
	job_key_forget(job);
	secret_free(job->question.secret);
	ferry_plan_free(job->plan);
	close_pipe(job->cancel);
	close_pipe(job->answered);
	pthread_mutex_destroy(&job->mutex);
	free(job);
}

void
ferry_job_free(struct ferry_job *job)
{
	if (job == NULL)
		return;
	if (job->inside > 0) {
		/* from a callback: as soon as that has returned */
		job->doomed = true;
		ferry_job_cancel(job);
		return;
	}
	job_stop(job);
	destroy(job);
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
	case ferry_LOG:
		return run_kept(job, err);
	default:
		return host_run(job, err);
	}
}

int
job_execute(struct ferry_job *job, ferry_event_fn *on_event, void *ctx,
    struct ferry_error *err)
{
	char *no_environment[] = { NULL };
	struct ferry_run run;
	int rc;

	outer_find(&job->outer, "",
	    job->options.storage_fd < 0 ? environ : no_environment);
	report_init(&job->report, on_event, ctx, job->options.log_level);
	job->report.summary.dry_run = job->options.dry_run;
	job->report.summary.target =
	    job->site->target != NULL ? job->site->target : "";
	job->report.summary.url =
	    job->site->url.text != NULL ? job->site->url.text : "";
	run_log_open(&job->report.kept, job, &run);
	if (job->report.kept.fd >= 0)
		report_run(&job->report, &run);
	rc = load_access(job, err);
	if (rc == 0)
		rc = run_verb(job, err);
	if (rc != 0 && job->hushed)
		rc = err_set(err, ferry_ECANCELLED, "cancelled", "cancelled");
	walls_end(job);
	report_summary(&job->report, rc != 0 ? err : NULL);
	run_log_close(&job->report.kept);
	return rc;
}

int
job_claim(struct ferry_job *job, struct ferry_error *err)
{
	err_clear(err);
	if (job->ran)
		return err_set(err, ferry_EUSAGE, "job_ran",
		    "a job runs once: make a new one");
	job->ran = true;
	return 0;
}

void
job_enter(struct ferry_job *job)
{
	job->inside++;
}

void
job_leave(struct ferry_job *job)
{
	if (--job->inside == 0 && job->doomed)
		ferry_job_free(job);
}

struct running {
	struct ferry_job *job;
	ferry_event_fn *fn;
	void *ctx;
};

/* Whoever has given the job up hears no more of it. */
static void
tell(void *ctx, const struct ferry_event *event)
{
	const struct running *r = ctx;

	r->job->finished = event->kind == ferry_EVENT_FINISHED;
	if (r->fn != NULL && !r->job->doomed)
		r->fn(r->ctx, event);
}

int
ferry_job_run(struct ferry_job *job, ferry_event_fn *on_event, void *ctx,
    struct ferry_error *err)
{
	struct running r = { .job = job, .fn = on_event, .ctx = ctx };
	struct ferry_error own_err;
	int rc;

	if (err == NULL)
		err = &own_err;
	rc = job_claim(job, err);
	if (rc != 0)
		return rc;
	job_enter(job);
	rc = job_execute(job, tell, &r, err);
	job_leave(job);
	return rc;
}

int
ferry_job_plan(
    struct ferry_plan **out, struct ferry_job *job, struct ferry_error *err)
{
	*out = NULL;
	err_clear(err);
	if (!job->finished)
		return err_set(err, ferry_EUSAGE, "job_unfinished",
		    "the job has not finished");
	if (job->plan == NULL)
		return err_set(err, ferry_EUSAGE, "no_plan",
		    "the job has no plan, or it was taken already");
	*out = job->plan;
	job->plan = NULL;
	return 0;
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
