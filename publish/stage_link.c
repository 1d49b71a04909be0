/*
 * Stage what the server has already: undo.  Hub.
 *
 * Each file gets a second name in the stage folder, from where it is kept, or
 * from where the same content is live.  It must still be what the ledger says:
 * size and time, as for drift.
 */
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "publish/kept.h"
#include "publish/stage.h"

struct linking {
	struct transfer *t;
	const struct plan *plan;
	size_t missing;
	const char *first; /* path of the first that is missing */
};

static void
miss(struct linking *l, size_t i)
{
	if (l->missing++ == 0)
		l->first = l->plan->steps[i].path;
}

static void
looked(void *ctx, size_t i, const struct msg_done *done)
{
	struct linking *l = ctx;
	const struct tree_file *wanted = l->plan->steps[i].local;

	if (done->result != RESULT_OK || !S_ISREG(done->mode) ||
	    done->size != wanted->size)
		miss(l, i);
}

static void
linked(void *ctx, size_t i, const struct msg_done *done)
{
	if (done->result != RESULT_OK && done->result != RESULT_EXISTS)
		miss(ctx, i);
}

/* Where this content is: kept, or live under some name; or false. */
static bool
find_source(const struct linking *l, const struct digest *digest,
    char path[LIMIT_PATH + 1])
{
	const struct tree *live = &l->t->record.ledger.live;
	char kept[KEPT_PATH_SIZE];

	kept_path(kept, digest);
	if (tree_find(&l->t->kept.names, kept + sizeof(FAR_KEPT)) != NULL) {
		strcpy(path, kept);
		return true;
	}
	for (size_t i = 0; i < live->count; i++) {
		if (!hash_equal(&live->files[i].digest, digest))
			continue;
		strcpy(path, live->files[i].path);
		return true;
	}
	return false;
}

/* Look at it, then give it the name that the commit expects. */
static int
send_link(struct linking *l, const unsigned *copies, size_t i,
    struct ferry_error *err)
{
	struct far_handler handler = { .done = looked, .ctx = l, .item = i };
	const struct tree_file *wanted = l->plan->steps[i].local;
	struct far *f = &l->t->far;
	char from[LIMIT_PATH + 1], to[STAGE_PATH_SIZE];
	int rc;

	if (!find_source(l, &wanted->digest, from)) {
		miss(l, i);
		return 0;
	}
	stage_path(to, l->plan, copies, i);
	stage_claim(l->t, to + sizeof(FAR_STAGE));
	far_step(f, STEP_STAT, from);
	rc = far_send(f, -1, &handler, err);
	handler.done = linked;
	far_step(f, STEP_LINK, from);
	far_set_target(f, to);
	if (rc == 0)
		rc = far_send(f, -1, &handler, err);
	handler.done = NULL;
	far_step(f, STEP_CHMOD, to)->mode = wanted->mode;
	return rc != 0 ? rc : far_send(f, -1, &handler, err);
}

int
stage_link(struct transfer *t, const struct plan *plan, const unsigned *copies,
    struct ferry_error *err)
{
	struct linking l = { .t = t, .plan = plan };
	int rc = far_wait(&t->far, err); /* for what is kept */

	tree_seal(&t->kept.names);
	for (size_t i = 0; rc == 0 && i < plan->count; i++)
		if (plan->steps[i].kind == PLAN_PUT)
			rc = send_link(&l, copies, i, err);
	if (rc == 0)
		rc = far_wait(&t->far, err);
	if (rc != 0 || l.missing == 0)
		return rc;
	err_set(err, ferry_EVERIFY, "not_kept",
	    "%zu file%s of then %s not kept any more; the first: %s", l.missing,
	    l.missing == 1 ? "" : "s", l.missing == 1 ? "is" : "are", l.first);
	err_hint(err,
	    "Nothing was changed. Publish an older state of the source "
	    "instead; `keep' and `keep-bytes' say how much is kept.");
	return -ferry_EVERIFY;
}
