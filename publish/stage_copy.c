/*
 * Content that the server has already does not travel.  Hub; SFTP only.
 *
 * What is live under some name, as the ledger says and a look confirms, or is
 * kept, is copied there: so a folder that was renamed costs no upload.  Of
 * several files with the same content the first travels, and the others are
 * copied behind it.  Whatever goes wrong, the file is sent after all.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "publish/kept.h"
#include "publish/stage_parts.h"
#include "publish/stage_source.h"

enum {
	COPY_MIN = 4096, /* bytes: to send fewer is as quick */
	KEPT_MIN = 1024 * 1024, /* worth a round trip to ask whether it is */
};

/* Files of one content; they stand together in `order`. */
struct group {
	const struct digest *digest;
	size_t first, count; /* in `order` */
	uint64_t size;
	const struct tree_file *from; /* where it is live, or NULL */
	bool kept; /* where it may be otherwise */
	bool fine; /* it is there */
};

struct copying {
	struct stage *s;
	size_t *order; /* items, by content */
	size_t count;
	struct group *groups; /* by content */
	size_t group_count;
};

static bool
works(const struct stage *s)
{
	return !far_is_ftp(&s->t->far) &&
	    (far_features(&s->t->far) & MSG_COPY_DATA) != 0;
}

/* ---- What could be copied ---- */

static bool
is_candidate(const struct stage *s, size_t i)
{
	const struct plan_step *step = &s->plan->steps[i];

	return step->kind == PLAN_PUT && step->local->size >= COPY_MIN;
}

struct candidate {
	const struct tree_file *file;
	size_t item;
};

static int
by_content(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	int c = memcmp(x->file->digest.b, y->file->digest.b, HASH_SIZE);

	return c != 0 ? c : (x->item > y->item) - (x->item < y->item);
}

static void
make_groups(struct copying *c, const struct candidate *found, size_t count)
{
	struct group *g = NULL;
	size_t i;

	for (i = 0; i < count; i++) {
		c->order[i] = found[i].item;
		if (g == NULL ||
		    !hash_equal(g->digest, &found[i].file->digest)) {
			g = &c->groups[c->group_count++];
			g->digest = &found[i].file->digest;
			g->size = found[i].file->size;
			g->first = i;
		}
		g->count++;
	}
	c->count = count;
}

static bool
collect(struct copying *c)
{
	const size_t steps = c->s->plan->count;
	struct candidate *found = calloc(steps + 1, sizeof(*found));
	size_t i, n = 0;

	for (i = 0; found != NULL && i < steps; i++)
		if (is_candidate(c->s, i))
			found[n++] =
			    (struct candidate){ c->s->plan->steps[i].local, i };
	c->order = calloc(n + 1, sizeof(*c->order));
	c->groups = calloc(n + 1, sizeof(*c->groups));
	if (found == NULL || c->order == NULL || c->groups == NULL) {
		free(found);
		return false;
	}
	if (n > 1)
		qsort(found, n, sizeof(*found), by_content);
	make_groups(c, found, n);
	free(found);
	return true;
}

/* Where could this content come from? */
static bool
find_sources(struct copying *c)
{
	const struct transfer *t = c->s->t;
	const bool kept = kept_works(t) && !t->record.absent;
	struct stage_source *sources =
	    calloc(c->group_count + 1, sizeof(*sources));
	size_t i;

	/* groups are sorted by content, too */
	for (i = 0; sources != NULL && i < c->group_count; i++)
		sources[i].wanted = c->groups[i].digest;
	if (sources == NULL)
		return false;
	stage_source_find(sources, c->group_count, &t->record.ledger.live);
	for (i = 0; i < c->group_count; i++) {
		c->groups[i].from = sources[i].live;
		c->groups[i].kept = kept && sources[i].live == NULL &&
		    c->groups[i].size >= KEPT_MIN;
	}
	free(sources);
	return true;
}

static const char *
source_path(const struct group *g, char kept[KEPT_PATH_SIZE])
{
	if (g->from != NULL)
		return g->from->path;
	kept_path(kept, g->digest);
	return kept;
}

static void
looked(void *ctx, size_t i, const struct msg_done *done)
{
	struct copying *c = ctx;
	struct group *g = &c->groups[i];

	g->fine = done->result == RESULT_OK &&
	    (g->kept ? S_ISREG(done->mode) && done->size == g->size
		     : far_is_as(&c->s->t->far, done, g->from));
}

static int
look(struct copying *c, struct ferry_error *err)
{
	struct far_handler handler = { .done = looked, .ctx = c };
	char kept[KEPT_PATH_SIZE];
	bool asked = false;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < c->group_count; i++) {
		if (c->groups[i].from == NULL && !c->groups[i].kept)
			continue;
		asked = true;
		handler.item = i;
		far_step(
		    &c->s->t->far, STEP_STAT, source_path(&c->groups[i], kept));
		rc = far_send(&c->s->t->far, -1, &handler, err);
	}
	return rc == 0 && asked ? far_wait(&c->s->t->far, err) : rc;
}

/* ---- Copies ---- */

static void
copied(void *ctx, size_t i, const struct msg_done *done)
{
	struct stage *s = ctx;
	struct report *r = &s->t->job->report;

	if (done->result != RESULT_OK) {
		s->items[i].state = ITEM_WAITING;
		return;
	}
	stage_staged(s, i);
	r->files_done++;
	report_progress(r, s->plan->steps[i].path);
}

static int
send_copy(struct stage *s, size_t i, const char *from, struct ferry_error *err)
{
	const struct far_handler handler = {
		.done = copied, .ctx = s, .item = i
	};
	const struct tree_file *local = s->plan->steps[i].local;
	char path[STAGE_PATH_SIZE];
	struct msg_step *m;

	s->items[i].state = ITEM_SENT;
	s->items[i].copied = true;
	stage_path(path, s->plan, s->copies, i);
	stage_claim(s->t, path + sizeof(FAR_STAGE));
	m = far_step(&s->t->far, STEP_COPY, from);
	far_set_target(&s->t->far, path);
	m->flags = s->t->job->site->durable ? PUT_DURABLE : 0;
	m->mode = local->mode;
	m->mtime = far_mtime(local->mtime);
	m->length = local->size;
	return far_send(&s->t->far, -1, &handler, err);
}

/* All but the first; or all, if an interrupted run has staged one of them. */
static void
wait_for_first(struct copying *c, const struct group *g)
{
	struct stage_item *items = c->s->items;
	const size_t *member = c->order + g->first;
	size_t i, model = member[0];

	for (i = 0; i < g->count; i++)
		if (items[member[i]].state == ITEM_STAGED)
			model = member[i];
	for (i = 0; i < g->count; i++) {
		if (member[i] == model ||
		    items[member[i]].state != ITEM_WAITING)
			continue;
		items[member[i]].state = ITEM_BEHIND;
		items[member[i]].model = model;
	}
}

/* A copy of each; those that are staged already need none. */
static int
copy_group(struct copying *c, const struct group *g, struct ferry_error *err)
{
	char kept[KEPT_PATH_SIZE];
	const char *from = source_path(g, kept);
	size_t i, item;
	int rc = 0;

	for (i = 0; rc == 0 && i < g->count; i++) {
		item = c->order[g->first + i];
		if (c->s->items[item].state == ITEM_WAITING)
			rc = send_copy(c->s, item, from, err);
	}
	return rc;
}

static int
copy_groups(struct copying *c, struct ferry_error *err)
{
	bool sent = false;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < c->group_count; i++) {
		sent |= c->groups[i].fine;
		if (c->groups[i].fine)
			rc = copy_group(c, &c->groups[i], err);
		else
			wait_for_first(c, &c->groups[i]);
	}
	return rc == 0 && sent ? far_wait(&c->s->t->far, err) : rc;
}

int
stage_copy(struct stage *s, struct ferry_error *err)
{
	struct copying c = { .s = s };
	int rc = 0;

	if (!works(s))
		return 0;
	if (!collect(&c) || !find_sources(&c))
		rc = err_memory(err);
	if (rc == 0)
		rc = look(&c, err);
	if (rc == 0)
		rc = copy_groups(&c, err);
	free(c.order);
	free(c.groups);
	return rc;
}

int
stage_copy_behind(struct stage *s, struct ferry_error *err)
{
	char from[STAGE_PATH_SIZE];
	bool sent = false;
	size_t i, model;
	int rc = 0;

	for (i = 0; rc == 0 && i < s->plan->count; i++) {
		if (s->items[i].state != ITEM_BEHIND)
			continue;
		model = s->items[i].model;
		if (s->items[model].state != ITEM_STAGED) {
			s->items[i].state = ITEM_WAITING;
			continue;
		}
		sent = true;
		stage_path(from, s->plan, s->copies, model);
		rc = send_copy(s, i, from, err);
	}
	return rc == 0 && sent ? far_wait(&s->t->far, err) : rc;
}
