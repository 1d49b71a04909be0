/*
 * The commit burst.  Hub.
 *
 * Servers work through single requests in the order of their arrival, so as
 * much of the plan as may be is in flight at once: commit_order.c says what has
 * to wait for what.  A server that cannot replace by rename needs several
 * requests for each: there every wave waits for the one before; and over FTP,
 * where several connections share the work.  There, too, folders that are
 * wholly new come as a whole.
 */
#include "publish/commit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "publish/commit_order.h"
#include "publish/drift.h"
#include "publish/kept.h"
#include "publish/stage.h"

struct commit {
	struct transfer *t;
	struct plan *plan;
	const unsigned *copies;
	bool *apart; /* folders that could not be placed as such */
	bool *
	    there; /* steps whose folder was there already: not yet looked at */
	struct drift drift; /* what is in those */
	struct commit_order order;
	struct ferry_error first;
	size_t first_step; /* whose that is */
};

static const char *
verb(const struct plan_step *step)
{
	switch (step->kind) {
	case PLAN_PUT:
		return "replace";
	case PLAN_MKDIR:
		return "make the folder";
	case PLAN_PLACE:
		return "place";
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
	return step->kind == PLAN_RMDIR && result != RESULT_AGAIN &&
	    result != RESULT_SKIPPED;
}

static void
step_done(void *ctx, size_t i, const struct msg_done *done)
{
	struct commit *c = ctx;
	const struct plan_step *step = &c->plan->steps[i];
	struct report *r = &c->t->job->report;
	struct ferry_error e;

	r->files_done++;
	if (step->kind == PLAN_PLACE && done->result == RESULT_OK)
		r->files_done += c->plan->folders[step->folder - 1].steps;
	report_progress(r, step->path);
	if (is_fine(step, done->result))
		return;
	if (step->kind == PLAN_MKDIR && done->result == RESULT_EXISTS) {
		c->there[i] = true;
		return;
	}
	if (step->kind == PLAN_PLACE && done->result != RESULT_SKIPPED) {
		c->apart[step->folder - 1] = true; /* it is there already? */
		return;
	}
	far_judge(done, verb(step), step->path, &e);
	/* a server that has to look twice says late why the rest failed */
	if (c->order.failures == 0 || i < c->first_step) {
		c->first = e;
		c->first_step = i;
	}
	commit_order_failed(&c->order, i);
	report_failure(r, step->path, &e);
}

/* Theirs stays: ours is not wanted. */
static int
drop_staged(struct commit *c, size_t i, struct ferry_error *err)
{
	const struct far_handler handler = { .done = NULL };
	char path[STAGE_PATH_SIZE];

	stage_path(path, c->plan, c->copies, i);
	far_step(&c->t->far, STEP_REMOVE, path);
	far_loose(&c->t->far);
	return far_send(&c->t->far, -1, &handler, err);
}

static int
send_step(struct commit *c, size_t i, struct ferry_error *err)
{
	const struct plan_step *step = &c->plan->steps[i];
	const struct far_handler handler = {
		.done = step_done, .ctx = c, .item = i
	};
	struct far *f = &c->t->far;
	char path[STAGE_PATH_SIZE];
	struct msg_step *m;
	int rc;

	if (c->drift.marks[i] && !step->drifted)
		return drop_staged(c, i, err);
	rc = kept_save(c->t, step, err);
	if (rc != 0)
		return rc;
	switch (step->kind) {
	case PLAN_REMOVE:
		far_step(f, STEP_REMOVE, step->path);
		break;
	case PLAN_RMDIR:
		far_step(f, STEP_RMDIR, step->path);
		break;
	case PLAN_MKDIR:
		m = far_step(f, STEP_MKDIR, step->path);
		m->mode = transfer_dir_mode(c->t);
		/* elsewhere each new name has been looked at by now */
		m->flags = far_is_ftp(f) ? PUT_EXCLUSIVE : 0;
		break;
	case PLAN_PUT:
		stage_path(path, c->plan, c->copies, i);
		far_step(f, STEP_RENAME, path)->length = step->local->size;
		far_set_target(f, step->path);
		snprintf(path, sizeof(path), "%s/aside-%zu", FAR_KEPT, i);
		far_set_aside(f, path);
		break;
	case PLAN_PLACE:
		stage_path(path, c->plan, c->copies, i);
		far_step(f, STEP_RENAME, path)->mode = S_IFDIR;
		far_set_target(f, step->path);
		break;
	}
	far_loose(f); /* within its wave */
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
	const struct commit_order *o = &c->order;
	char held[80] = "";

	if (o->failures == 0)
		return 0;
	if (o->held > 0)
		snprintf(held, sizeof(held),
		    ", and %zu that need%s them wait%s", o->held,
		    o->held == 1 ? "s" : "", o->held == 1 ? "s" : "");
	if (err != NULL)
		*err = c->first;
	err_prefix(err, "%zu of %zu steps could not be done%s; the first",
	    o->failures, c->plan->count, held);
	err_recode(err, ferry_EPARTIAL, "partial");
	err_hint(err,
	    "Correct that on the server and run it again: it goes on "
	    "from there.");
	return -ferry_EPARTIAL;
}

/* Empty now; the deepest first. */
static int
drop_staged_folders(struct commit *c, uint32_t wave, struct ferry_error *err)
{
	const struct far_handler handler = { .done = NULL };
	const struct plan_step *step;
	char path[STAGE_PATH_SIZE];
	int rc = 0;

	for (size_t i = c->plan->count; rc == 0 && i-- > 0;) {
		step = &c->plan->steps[i];
		if (step->kind != PLAN_MKDIR || step->folder == 0 ||
		    !c->apart[step->folder - 1] ||
		    c->plan->folders[step->folder - 1].wave != wave)
			continue;
		stage_path(path, c->plan, c->copies, i);
		far_step(&c->t->far, STEP_RMDIR, path);
		far_loose(&c->t->far);
		rc = far_send(&c->t->far, -1, &handler, err);
	}
	return rc != 0 ? rc : far_wait(&c->t->far, err);
}

/* Folders that were there already: whose are the files in them? */
static int
look_there(struct commit *c, const bool *done, struct ferry_error *err)
{
	struct plan *p = c->plan;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < p->count; i++) {
		if (!c->there[i])
			continue;
		c->there[i] = false;
		rc = drift_ask_folder(&c->drift, p->steps[i].path, done, err);
	}
	for (size_t i = 0; i < p->count; i++)
		p->steps[i].drifted |= c->drift.marks[i] &&
		    c->t->job->site->drift == SITE_DRIFT_OVERWRITE;
	return rc;
}

/* Does it come by itself now, in this wave, though it was to come with all? */
static bool
is_apart(const struct commit *c, size_t i, uint32_t wave)
{
	const struct plan_step *step = &c->plan->steps[i];

	return step->folder != 0 && step->kind != PLAN_PLACE &&
	    c->apart[step->folder - 1] &&
	    c->plan->folders[step->folder - 1].wave == wave;
}

/*
 * Folders of this wave that could not be placed, for one of that name is there
 * after all: what is in them takes its place file by file, behind what it
 * needs.
 */
static int
place_apart(
    struct commit *c, uint32_t wave, const bool *done, struct ferry_error *err)
{
	uint32_t now = PLAN_FOLDER, next;
	int rc = 0;

	for (; rc == 0 && now != UINT32_MAX; now = next) {
		next = UINT32_MAX;
		for (size_t i = 0; rc == 0 && i < c->plan->count; i++) {
			const uint32_t inner = c->plan->steps[i].inner;

			if (!is_apart(c, i, wave) || (done != NULL && done[i]))
				continue;
			if (inner == now)
				rc = send_step(c, i, err);
			else if (inner > now && inner < next)
				next = inner;
		}
		if (rc == 0)
			rc = far_wait(&c->t->far, err);
		if (rc == 0)
			rc = look_there(c, done, err);
		if (c->order.failures > 0)
			return rc;
	}
	return rc != 0 ? rc : drop_staged_folders(c, wave, err);
}

/* All of it is done, or has failed. */
static int
end_wave(
    struct commit *c, uint32_t wave, const bool *done, struct ferry_error *err)
{
	int rc = far_wait(&c->t->far, err);

	if (rc == 0)
		rc = look_there(c, done, err);
	for (size_t i = 0; rc == 0 && i < c->plan->folder_count; i++) {
		if (c->apart[i] && c->plan->folders[i].wave == wave)
			return place_apart(c, wave, done, err);
	}
	return rc;
}

static int
send_all(
    struct commit *c, const bool *done, bool whole, struct ferry_error *err)
{
	const struct plan_step *step = c->plan->steps;
	struct commit_order *o = &c->order;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < c->plan->count; i++, step++) {
		if (commit_order_waits(o, i)) {
			rc = end_wave(c, o->wave, done, err);
			commit_order_settled(o);
			if (rc != 0 || commit_order_ends(o, i))
				return rc;
		}
		if (commit_order_holds(o, i))
			continue;
		commit_order_sent(o, i);
		if (step->folder != 0 && step->kind != PLAN_PLACE)
			continue;
		if (done != NULL && !whole)
			rc = clear_aside(c, i, err);
		if (rc == 0 && (done == NULL || !done[i]))
			rc = send_step(c, i, err);
	}
	return rc != 0 ? rc : end_wave(c, o->wave, done, err);
}

int
commit_run(struct transfer *t, struct plan *plan, const unsigned *copies,
    const bool *done, struct ferry_error *err)
{
	struct commit c = { .t = t, .plan = plan, .copies = copies };
	const bool whole = (far_features(&t->far) & MSG_POSIX_RENAME) != 0;
	int rc = commit_order_init(&c.order, plan, whole, err);

	c.apart = calloc(plan->folder_count + 1, sizeof(*c.apart));
	c.there = calloc(plan->count + 1, sizeof(*c.there));
	c.drift = (struct drift){ .t = t,
		.plan = plan,
		.recorded = &t->record.ledger.live,
		.marks = calloc(plan->count + 1, sizeof(*c.drift.marks)) };
	if (rc == 0 &&
	    (c.apart == NULL || c.there == NULL || c.drift.marks == NULL))
		rc = err_memory(err);
	if (rc == 0) {
		far_expect(&t->far, plan->count);
		rc = send_all(&c, done, whole, err);
	}
	if (rc == 0)
		rc = judge(&c, err);
	commit_order_free(&c.order);
	drift_free(&c.drift);
	free(c.there);
	free(c.apart);
	return rc;
}
