/*
 * Stage what the server has already: undo.  Hub.
 *
 * Each file gets a second name in the stage folder, or is copied there where
 * the server has no links: from where it is kept, or from where the same
 * content is live; that must still be what the ledger says,
 * by size and time, as for drift.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "publish/kept.h"
#include "publish/stage.h"
#include "publish/stage_source.h"

struct linking {
	struct transfer *t;
	const struct plan *plan;
	struct stage_source *sources; /* of what is live */
	size_t source_count;
	size_t missing;
	const char *first; /* path of the first that is missing */
};

static bool
is_kept(const struct linking *l, const struct digest *digest)
{
	char kept[KEPT_PATH_SIZE];

	kept_path(kept, digest);
	return tree_find(&l->t->kept.names, kept + sizeof(FAR_KEPT)) != NULL;
}

static const struct tree_file *
live_source(const struct linking *l, const struct digest *digest)
{
	const struct stage_source *s =
	    stage_source_of(l->sources, l->source_count, digest);

	return s != NULL ? s->live : NULL;
}

static bool
find_sources(struct linking *l)
{
	const struct plan *p = l->plan;
	size_t n = 0;

	l->sources = calloc(p->count + 1, sizeof(*l->sources));
	for (size_t i = 0; l->sources != NULL && i < p->count; i++)
		if (p->steps[i].kind == PLAN_PUT)
			l->sources[n++].wanted = &p->steps[i].local->digest;
	if (l->sources == NULL)
		return false;
	l->source_count = stage_source_sort(l->sources, n);
	stage_source_find(
	    l->sources, l->source_count, &l->t->record.ledger.live);
	return true;
}

static void
miss(struct linking *l, size_t i)
{
	if (l->missing++ == 0)
		l->first = l->plan->steps[i].path;
}

/*
 * What is kept was ours when it was set aside, and nobody else comes there;
 * what is live must still be what the ledger says.
 */
static void
looked(void *ctx, size_t i, const struct msg_done *done)
{
	struct linking *l = ctx;
	const struct tree_file *wanted = l->plan->steps[i].local;
	const struct tree_file *live = live_source(l, &wanted->digest);
	bool fine = done->result == RESULT_OK && S_ISREG(done->mode) &&
	    done->size == wanted->size;

	if (!is_kept(l, &wanted->digest))
		fine =
		    fine && live != NULL && far_is_as(&l->t->far, done, live);
	if (!fine)
		miss(l, i);
}

static void
linked(void *ctx, size_t i, const struct msg_done *done)
{
	if (done->result != RESULT_OK && done->result != RESULT_EXISTS)
		miss(ctx, i);
}

static bool
find_source(const struct linking *l, const struct digest *digest,
    char path[LIMIT_PATH + 1])
{
	const struct tree_file *live;
	char kept[KEPT_PATH_SIZE];

	if (is_kept(l, digest)) {
		kept_path(kept, digest);
		strcpy(path, kept);
		return true;
	}
	live = live_source(l, digest);
	if (live != NULL)
		strcpy(path, live->path);
	return live != NULL;
}

static int
join(struct transfer *t, const struct tree_file *wanted, const char *from,
    const char *to, const struct far_handler *handler, struct ferry_error *err)
{
	struct msg_step *s =
	    far_step(&t->far, t->kept.copied ? STEP_COPY : STEP_LINK, from);

	far_set_target(&t->far, to);
	if (t->kept.copied) {
		s->length = wanted->size;
		s->mode = wanted->mode;
		s->mtime = far_mtime(wanted->mtime);
		s->flags = t->job->site->durable ? PUT_DURABLE : 0;
	}
	return far_send(&t->far, -1, handler, err);
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
	if (rc == 0)
		rc = join(l->t, wanted, from, to, &handler, err);
	if (rc != 0 || l->t->kept.copied)
		return rc;
	handler.done = NULL;
	far_step(f, STEP_CHMOD, to)->mode = wanted->mode;
	return far_send(f, -1, &handler, err);
}

int
stage_link(struct transfer *t, const struct plan *plan, const unsigned *copies,
    struct ferry_error *err)
{
	struct linking l = { .t = t, .plan = plan };
	int rc = far_wait(&t->far, err); /* for what is kept */

	tree_seal(&t->kept.names);
	if (rc == 0 && !find_sources(&l))
		rc = err_memory(err);
	for (size_t i = 0; rc == 0 && i < plan->count; i++)
		if (plan->steps[i].kind == PLAN_PUT)
			rc = send_link(&l, copies, i, err);
	if (rc == 0)
		rc = far_wait(&t->far, err);
	free(l.sources);
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
