/*
 * A job on a thread of its own.  Hub.
 *
 * The thread runs the plain blocking pipeline.  Its events go through the
 * outbox to whoever dispatches; the last one waits in the job itself, so that
 * it comes whatever happens.
 */
#include <errno.h>

#include "base/err.h"
#include "base/thread.h"
#include "publish/job.h"

/* On the job's thread. */
static void
hear(void *ctx, const struct ferry_event *event)
{
	struct ferry_job *job = ctx;

	if (event->kind == ferry_EVENT_FINISHED)
		job->last = *event; /* all it points to is the job's */
	else if (!outbox_put(&job->outbox, event) &&
	    event->kind == ferry_EVENT_QUESTION)
		job->unheard = true;
}

static void *
run(void *ctx)
{
	struct ferry_job *job = ctx;

	job_execute(job, hear, job, &job->failure);
	outbox_end(&job->outbox);
	return NULL;
}

int
ferry_job_start(struct ferry_job *job, ferry_event_fn *on_event, void *ctx,
    struct ferry_error *err)
{
	int rc = job_claim(job, err), error;

	if (rc != 0)
		return rc;
	error = outbox_open(&job->outbox);
	if (error != 0)
		return err_os(err, ferry_EINTERNAL, error, "no_descriptor",
		    "cannot make the job's descriptor");
	job->on_event = on_event;
	job->ctx = ctx;
	job->threaded = true;
	error = thread_start(&job->thread, run, job);
	if (error == 0)
		return 0;
	job->threaded = false;
	outbox_free(&job->outbox);
	return err_os(
	    err, ferry_EINTERNAL, error, "no_thread", "cannot start a thread");
}

int
ferry_job_fd(const struct ferry_job *job)
{
	return job->threaded ? job->outbox.ready : -1;
}

/* Whoever has given the job up hears no more of it. */
static void
pass_on(void *ctx, const struct ferry_event *event)
{
	struct ferry_job *job = ctx;

	if (job->on_event != NULL && !job->doomed)
		job->on_event(job->ctx, event);
}

int
ferry_job_dispatch(struct ferry_job *job)
{
	bool finished;

	if (!job->threaded || job->inside > 0)
		return -ferry_EUSAGE;
	job_enter(job);
	if (!job->finished && outbox_deliver(&job->outbox, pass_on, job)) {
		job->finished = true;
		pass_on(job, &job->last);
	}
	finished = job->finished || job->doomed;
	job_leave(job);
	return finished;
}

void
job_stop(struct ferry_job *job)
{
	if (!job->threaded)
		return;
	ferry_job_cancel(job);
	outbox_close(&job->outbox);
	pthread_join(job->thread, NULL);
	outbox_free(&job->outbox);
}
