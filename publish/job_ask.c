/*
 * What a job asks, and what it is told.  Hub.
 *
 * The event goes out; the answer comes from inside its callback or, where the
 * job has a thread of its own, from any other one, whenever the user is ready.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/limits.h"
#include "base/path.h"
#include "publish/job.h"

/* Until somebody has answered, or the job is to stop. */
static void
await(struct ferry_job *job)
{
	struct pollfd p[2] = {
		{ .fd = job->answered[0], .events = POLLIN },
		{ .fd = job->cancel[0], .events = POLLIN },
	};
	char byte;

	while (poll(p, 2, -1) < 0 || (p[0].revents | p[1].revents) == 0)
		;
	(void)!read(job->answered[0], &byte, 1);
}

static void
open_question(struct ferry_job *job, const struct ferry_question *q)
{
	pthread_mutex_lock(&job->mutex);
	memset(&job->question, 0, sizeof(job->question));
	job->question.id = q->id;
	job->question.kind = q->kind;
	pthread_mutex_unlock(&job->mutex);
}

static void
close_question(struct ferry_job *job)
{
	pthread_mutex_lock(&job->mutex);
	job->question.id = 0;
	pthread_mutex_unlock(&job->mutex);
}

/* Deliver the question; what was answered meanwhile is in job->question. */
static void
ask(struct ferry_job *job, struct ferry_question *q)
{
	if (!job->options.may_ask) {
		memset(&job->question, 0, sizeof(job->question));
		return;
	}
	q->id = ++job->questions;
	open_question(job, q);
	report_question(&job->report, q);
	if (job->threaded && !job->unheard)
		await(job);
	close_question(job);
	job->unheard = false;
	if (!job->question.answered && fs_readable(job->cancel[0]))
		job->hushed = true;
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
job_ask_secret(struct ferry_job *job, const struct ferry_question *asked,
    struct secret **out, struct ferry_error *err)
{
	char escaped[LIMIT_SECRET], by_server[LIMIT_SECRET];
	struct ferry_question q = *asked;

	q.prompt = path_escape(
	    escaped, sizeof(escaped), asked->prompt, strlen(asked->prompt));
	if (asked->asked != NULL)
		q.asked = path_escape(by_server, sizeof(by_server),
		    asked->asked, strlen(asked->asked));
	*out = NULL;
	ask(job, &q);
	if (!job->question.answered || !job->question.yes ||
	    job->question.secret == NULL) {
		secret_free(job->question.secret);
		job->question.secret = NULL;
		err_set(err, ferry_ESECRET, "secret_needed", "%s: no answer",
		    asked->prompt);
		err_hint(err,
		    "Run it again and answer, or give --password-fd N or "
		    "--keyring.");
		return -ferry_ESECRET;
	}
	*out = job->question.secret;
	job->question.secret = NULL;
	return 0;
}

static int
answer(struct job_question *q, uint64_t question, bool yes, const void *secret,
    size_t n)
{
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

int
ferry_job_answer(struct ferry_job *job, uint64_t question, bool yes,
    const void *secret, size_t n)
{
	int rc;

	pthread_mutex_lock(&job->mutex);
	rc = answer(&job->question, question, yes, secret, n);
	pthread_mutex_unlock(&job->mutex);
	if (rc == 0)
		(void)!write(job->answered[1], "", 1);
	return rc;
}
