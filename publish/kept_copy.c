/*
 * Keep old versions where the server has no links: by copies that it makes
 * itself.  Hub.
 *
 * Each has a name of its own until it is whole.  Those of a run that was cut
 * off go with what nobody needs any more.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "publish/kept.h"

enum copy_state {
	COPY_NONE,
	COPY_ASKED,
	COPY_MADE,
};

struct copying {
	struct transfer *t;
	uint8_t *states; /* enum copy_state of each step */
	bool failed;
};

static void
new_path(char dst[KEPT_PATH_SIZE], size_t i)
{
	snprintf(dst, KEPT_PATH_SIZE, FAR_KEPT "/new-%zu", i);
}

static bool
is_wanted(const struct transfer *t, const struct plan_step *step)
{
	char kept[KEPT_PATH_SIZE];

	if (step->recorded == NULL || step->drifted ||
	    (step->kind != PLAN_PUT && step->kind != PLAN_REMOVE))
		return false;
	kept_path(kept, &step->recorded->digest);
	return tree_find(&t->kept.names, kept + sizeof(FAR_KEPT)) == NULL;
}

/* What has gone needs no copy. */
static void
copied(void *ctx, size_t i, const struct msg_done *done)
{
	struct copying *c = ctx;

	if (done->result == RESULT_OK)
		c->states[i] = COPY_MADE;
	else if (done->result != RESULT_ABSENT)
		c->failed = ++c->t->kept.failed > 0;
}

static void
renamed(void *ctx, size_t i, const struct msg_done *done)
{
	struct copying *c = ctx;

	(void)i;
	c->t->kept.failed += done->result != RESULT_OK;
}

static int
send_copy(struct copying *c, const struct plan_step *step, size_t i,
    struct ferry_error *err)
{
	const struct far_handler handler = {
		.done = copied, .ctx = c, .item = i
	};
	struct far *f = &c->t->far;
	struct msg_step *s = far_step(f, STEP_COPY, step->path);
	char path[KEPT_PATH_SIZE];

	c->states[i] = COPY_ASKED;
	new_path(path, i);
	far_set_target(f, path);
	s->length = step->recorded->size;
	s->mode = step->recorded->mode;
	s->mtime = far_mtime(step->recorded->mtime);
	s->flags = c->t->job->site->durable ? PUT_DURABLE : 0;
	return far_send(f, -1, &handler, err);
}

/* Over keep-bytes they would go at once. */
static bool
is_too_much(const struct transfer *t, const struct plan *plan)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < plan->count; i++)
		if (is_wanted(t, &plan->steps[i]))
			bytes += plan->steps[i].recorded->size;
	return bytes > t->job->site->keep_bytes;
}

static int
copy(struct copying *c, const struct plan *plan, struct ferry_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < plan->count; i++)
		if (is_wanted(c->t, &plan->steps[i]))
			rc = send_copy(c, &plan->steps[i], i, err);
	return rc != 0 ? rc : far_wait(&c->t->far, err);
}

/* Where one could not be made there is no undo, and the others only take room. */
static int
take(struct copying *c, const struct plan_step *step, size_t i,
    struct ferry_error *err)
{
	struct far_handler handler = { .ctx = c };
	struct far *f = &c->t->far;
	char path[KEPT_PATH_SIZE], kept[KEPT_PATH_SIZE];

	if (c->states[i] == COPY_NONE)
		return 0;
	new_path(path, i);
	if (c->states[i] == COPY_ASKED || c->failed) {
		c->t->kept.failed += c->states[i] == COPY_MADE;
		far_step(f, STEP_REMOVE, path);
		return far_send(f, -1, &handler, err);
	}
	kept_path(kept, &step->recorded->digest);
	handler.done = renamed;
	if (tree_add(&c->t->kept.names, kept + sizeof(FAR_KEPT)) == NULL)
		return err_memory(err);
	far_step(f, STEP_RENAME, path)->length = step->recorded->size;
	far_set_target(f, kept);
	return far_send(f, -1, &handler, err);
}

int
kept_copy(struct transfer *t, const struct plan *plan, struct ferry_error *err)
{
	struct copying c = { .t = t };
	int rc;

	if (!t->kept.copied || !kept_works(t))
		return 0;
	tree_seal(&t->kept.names);
	if (is_too_much(t, plan))
		return 0;
	c.states = calloc(plan->count + 1, sizeof(*c.states));
	rc = c.states != NULL ? copy(&c, plan, err) : err_memory(err);
	for (size_t i = 0; rc == 0 && i < plan->count; i++)
		rc = take(&c, &plan->steps[i], i, err);
	if (rc == 0)
		rc = far_wait(&t->far, err);
	else
		far_forget(&t->far);
	free(c.states);
	return rc;
}
