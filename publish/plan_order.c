/*
 * The waves of the commit: nothing appears before what it needs.  Hub; no I/O.
 *
 * A folder that takes its place as a whole brings pages and what they need at
 * once.  Where that cannot be right, since something in it is needed by what
 * it needs itself, it comes apart: its own folders may still come as such.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "publish/plan_parts.h"
#include "publish/refs.h"

/* What comes by itself, and not with another. */
static bool
appears(const struct plan *p, size_t i)
{
	const struct plan_step *s = &p->steps[i];

	return s->kind == PLAN_PLACE ||
	    (s->kind == PLAN_PUT && s->folder == 0 &&
		plan_beside(p, i) == NULL);
}

static struct refs_put *
list_puts(const struct plan *p, size_t *n)
{
	struct refs_put *puts = calloc(p->count + 1, sizeof(*puts));

	*n = 0;
	for (size_t i = 0; puts != NULL && i < p->count; i++)
		if (appears(p, i))
			puts[(*n)++] = (struct refs_put){
				.path = p->steps[i].path,
				.folder = p->steps[i].kind == PLAN_PLACE,
				.rank = p->steps[i].rank,
			};
	return puts;
}

/* Folders that cannot come as a whole.  False: out of memory. */
static bool
find_apart(
    const struct refs_put *puts, size_t n, struct tree *apart, bool *found)
{
	*found = false;
	for (size_t i = 0; i < n; i++) {
		if (!puts[i].folder || !puts[i].cyclic)
			continue;
		*found = true;
		if (tree_add(apart, puts[i].path) == NULL)
			return false;
	}
	tree_seal(apart);
	return true;
}

/* What makes way and the folders come before all waves. */
static void
take_waves(struct plan *p, const struct refs_put *puts)
{
	struct plan_step *s;
	size_t i, n = 0;

	for (i = 0; i < p->count; i++) {
		s = &p->steps[i];
		s->put = 0;
		if (!appears(p, i))
			continue;
		s->wave = PLAN_FOLDER + 1 + puts[n++].wave;
		s->put = (uint32_t)n;
		if (s->kind == PLAN_PLACE)
			p->folders[s->folder - 1].wave = s->wave;
	}
	for (i = 0; i < p->count; i++) {
		s = &p->steps[i];
		if (s->kind == PLAN_PUT && s->folder != 0)
			s->wave = p->folders[s->folder - 1].wave;
	}
	plan_join(p);
}

/* Within folders, should one of that name be there when they are to come. */
static int
order_inner(struct plan *p, const struct refs *refs, struct ferry_error *err)
{
	struct refs_put *puts = calloc(p->count + 1, sizeof(*puts));
	const struct plan_step *file;
	size_t i, n = 0;
	int rc;

	if (puts == NULL)
		return err_memory(err);
	for (i = 0; i < p->count; i++)
		if (p->steps[i].kind == PLAN_PUT && p->steps[i].folder != 0)
			puts[n++] = (struct refs_put){ .path = p->steps[i].path,
				.rank = p->steps[i].rank };
	rc = n > 0 ? refs_order(refs, puts, n, NULL, err) : 0;
	n = 0;
	for (i = 0; rc == 0 && i < p->count; i++)
		if (p->steps[i].kind == PLAN_PUT && p->steps[i].folder != 0)
			p->steps[i].inner = PLAN_FOLDER + 1 + puts[n++].wave;
	for (i = 0; rc == 0 && i < p->count; i++) {
		file = plan_beside(p, i);
		if (file != NULL)
			p->steps[i].inner = file->inner;
	}
	free(puts);
	return rc;
}

static void
take_needs(struct plan *p, const struct plan_needs *needs)
{
	free(p->needs.first);
	free(p->needs.of);
	p->needs = *needs;
}

static bool
is_sheet(const char *path)
{
	size_t n = strlen(path);

	return n > 4 && strcasecmp(path + n - 4, ".css") == 0;
}

/* Each rank in two halves. */
void
plan_order_unread(struct plan *p)
{
	struct plan_step *s;

	for (size_t i = 0; i < p->count; i++) {
		s = &p->steps[i];
		if (s->kind == PLAN_PUT)
			s->wave = 2 * s->wave + is_sheet(s->path);
	}
	plan_join(p);
}

int
plan_order(struct plan *p, const struct refs *refs, bool gather,
    struct ferry_error *err)
{
	struct plan_needs needs;
	struct refs_put *puts;
	struct tree apart;
	bool again = true;
	size_t n;
	int rc = 0;

	tree_init(&apart);
	while (rc == 0 && again) {
		again = false;
		plan_scatter(p);
		if (gather)
			rc = plan_gather(p, NULL, &apart, err);
		if (rc != 0)
			break;
		puts = list_puts(p, &n);
		rc = puts == NULL ? err_memory(err)
				  : refs_order(refs, puts, n, &needs, err);
		if (rc == 0)
			take_needs(p, &needs);
		if (rc == 0 && !find_apart(puts, n, &apart, &again))
			rc = err_memory(err);
		if (rc == 0 && !again)
			take_waves(p, puts);
		free(puts);
	}
	tree_free(&apart);
	return rc != 0 ? rc : order_inner(p, refs, err);
}
