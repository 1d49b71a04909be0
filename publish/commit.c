/*
 * The commit burst.  Hub.
 *
 * Servers work through single requests in the order of their arrival, so the
 * whole plan is in flight at once, but for the removals: they wait until all
 * that is to replace them is in place.  A server that cannot replace by rename
 * needs several requests for each: there every rank waits for the one before;
 * and over FTP, where several connections share the work.
 */
#include "publish/commit.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "publish/stage.h"

struct commit {
	struct transfer *t;
	const struct plan *plan;
	size_t failed;
	struct ferry_error first;
};

static const char *
verb(const struct plan_step *step)
{
	switch (step->kind) {
	case PLAN_PUT:
		return "replace";
	case PLAN_MKDIR:
		return "make the folder";
	default:
		return "remove";
	}
}

static bool
is_fine(const struct plan_step *step, unsigned result)
{
	if (result == RESULT_OK)
		return true;
	if (step->kind == PLAN_REMOVE)
		return result == RESULT_ABSENT;
	/* not empty: somebody else's files keep their folder */
	return step->kind == PLAN_RMDIR;
}

static void
step_done(void *ctx, size_t i, const struct msg_done *done)
{
	struct commit *c = ctx;
	const struct plan_step *step = &c->plan->steps[i];
	struct report *r = &c->t->job->report;
	struct ferry_error e;

	r->files_done++;
	report_progress(r, step->path);
	if (is_fine(step, done->result))
		return;
	far_judge(done, verb(step), step->path, &e);
	if (c->failed++ == 0)
		c->first = e;
	report_failure(r, step->path, &e);
}

static int
send_step(struct commit *c, size_t i, unsigned copy, struct ferry_error *err)
{
	const struct plan_step *step = &c->plan->steps[i];
	const struct far_handler handler = {
		.done = step_done, .ctx = c, .item = i
	};
	struct far *f = &c->t->far;
	char name[STAGE_NAME_SIZE], path[STAGE_NAME_SIZE + sizeof(FAR_STAGE)];

	switch (step->kind) {
	case PLAN_REMOVE:
		far_step(f, STEP_REMOVE, step->path);
		break;
	case PLAN_RMDIR:
		far_step(f, STEP_RMDIR, step->path);
		break;
	case PLAN_MKDIR:
		far_step(f, STEP_MKDIR, step->path)->mode =
		    c->t->job->site->dir_mode;
		break;
	case PLAN_PUT:
		stage_name(name, &step->local->digest, copy);
		snprintf(path, sizeof(path), "%s/%s", FAR_STAGE, name);
		far_step(f, STEP_RENAME, path)->length = step->local->size;
		far_set_target(f, step->path);
		snprintf(path, sizeof(path), "%s/aside-%zu", FAR_KEPT, i);
		far_set_aside(f, path);
		break;
	}
	far_loose(f); /* within its rank */
	return far_send(f, -1, &handler, err);
}

/* A run cut off in the middle of this step may have left the old file aside. */
static int
clear_aside(struct commit *c, size_t i, struct ferry_error *err)
{
	const struct far_handler handler = { .done = NULL };
	char path[sizeof(FAR_KEPT) + 32];

	if (c->plan->steps[i].kind != PLAN_PUT)
		return 0;
	snprintf(path, sizeof(path), "%s/aside-%zu", FAR_KEPT, i);
	far_step(&c->t->far, STEP_REMOVE, path);
	far_loose(&c->t->far);
	return far_send(&c->t->far, -1, &handler, err);
}

static int
judge(const struct commit *c, struct ferry_error *err)
{
	if (c->failed == 0)
		return 0;
	err_set(err, ferry_EPARTIAL, "partial",
	    "%zu of %zu steps could not be done; the first: %s", c->failed,
	    c->plan->count, c->first.text);
	err_hint(err,
	    "Correct that on the server and run it again: it goes on "
	    "from there.");
	return -ferry_EPARTIAL;
}

int
commit_run(struct transfer *t, const struct plan *plan, const unsigned *copies,
    const bool *done, struct ferry_error *err)
{
	struct commit c = { .t = t, .plan = plan };
	bool ordered = (far_features(&t->far) & MSG_POSIX_RENAME) != 0;
	bool last = false;
	size_t i;
	int rc = 0;

	far_expect(&t->far, plan->count);
	for (i = 0; rc == 0 && i < plan->count; i++) {
		if (plan->steps[i].rank == PLAN_LAST && !last) {
			last = true;
			rc = far_wait(&t->far, err);
			if (rc != 0 || c.failed > 0)
				break;
		}
		if (done != NULL && !ordered)
			rc = clear_aside(&c, i, err);
		if (rc != 0 || (done != NULL && done[i]))
			continue;
		if (!ordered && i > 0 &&
		    plan->steps[i].rank != plan->steps[i - 1].rank)
			rc = far_wait(&t->far, err);
		if (rc == 0)
			rc = send_step(&c, i, copies[i], err);
	}
	if (rc == 0)
		rc = far_wait(&t->far, err);
	return rc != 0 ? rc : judge(&c, err);
}
