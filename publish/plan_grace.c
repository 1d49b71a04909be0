/*
 * What left the source may stay for a while: visitors and caches still have
 * pages that need it.  Hub; no I/O.
 *
 * The ledger says since when a file waits, so every machine agrees.  It is
 * removed as any other once the grace is over.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "publish/plan_parts.h"

enum { DAY = 24 * 60 * 60 /* seconds */ };

struct granter {
	struct plan *plan;
	const struct plan_grace *grace;
	struct tree waiting; /* paths */
};

/* Publishes, or begun days, that it outlives after this one; -1: none. */
static int64_t
left(const struct tree_file *f, const struct plan_grace *g)
{
	const int64_t days = (int64_t)g->days * DAY;
	uint64_t passed;

	if (g->days > 0) {
		passed = f->gone_at == 0 || g->now < f->gone_time
		    ? 0
		    : g->now - f->gone_time;
		return passed >= (uint64_t)days
		    ? -1
		    : (days - (int64_t)passed + DAY - 1) / DAY;
	}
	if (g->publishes == 0)
		return -1;
	passed = f->gone_at == 0 || g->generation < f->gone_at
	    ? 0
	    : g->generation - f->gone_at;
	return passed > g->publishes ? -1 : (int64_t)(g->publishes - passed);
}

/* NULL: out of memory. */
static const char *
reason(struct plan *p, const struct plan_grace *g, int64_t n)
{
	const char *copy = NULL;
	struct buf b;

	if (n == 0)
		return "removed by the next publish";
	buf_init(&b, 128);
	buf_printf(&b, "removed after %lld more %s%s", (long long)n,
	    g->days > 0 ? "day" : "publish",
	    n == 1            ? ""
		: g->days > 0 ? "s"
			      : "es");
	if (buf_ok(&b))
		copy = arena_copy(&p->names, (const char *)b.data, b.len);
	buf_free(&b);
	return copy;
}

static struct plan_wait *
add(struct plan *p, const struct tree_file *f)
{
	struct plan_wait *w = p->waits;
	size_t n = p->wait_count;

	if ((n & (n - 1)) == 0) /* 0, 1, 2, 4, ...: it is full */
		w = realloc(w, (n > 0 ? 2 * n : 1) * sizeof(*w));
	if (w == NULL)
		return NULL;
	p->waits = w;
	w += p->wait_count++;
	*w = (struct plan_wait){ .file = f };
	return w;
}

static bool
add_wait(struct granter *g, const struct tree_file *f)
{
	struct plan_wait *w = add(g->plan, f);

	if (w == NULL || tree_add(&g->waiting, f->path) == NULL)
		return false;
	w->noted = f->gone_at != 0;
	w->reason = reason(g->plan, g->grace, left(f, g->grace));
	g->plan->waiting++;
	g->plan->notes += !w->noted;
	return w->reason != NULL;
}

static bool
waits(const struct granter *g, const struct plan_step *s)
{
	return s->kind == PLAN_REMOVE && s->rank == PLAN_LAST &&
	    left(s->recorded, g->grace) >= 0;
}

static bool
find_waiting(struct granter *g)
{
	const struct plan *p = g->plan;

	for (size_t i = 0; i < p->count; i++)
		if (waits(g, &p->steps[i]) &&
		    !add_wait(g, p->steps[i].recorded))
			return false;
	tree_seal(&g->waiting);
	return true;
}

/* The plan without their removals, and those of the folders that they keep. */
static void
take_out(struct granter *g, const struct tree *recorded)
{
	struct plan *p = g->plan;
	size_t kept = 0;

	for (size_t i = 0; i < p->count; i++) {
		const struct plan_step *s = &p->steps[i];

		if (waits(g, s)) {
			p->removed--;
			p->sidecars_removed -= plan_has_base(recorded, s->path);
		} else if (s->kind != PLAN_RMDIR ||
		    !tree_has_below(&g->waiting, s->path)) {
			p->steps[kept++] = *s;
		}
	}
	p->count = kept;
}

/* Waited, and is in the source again. */
static bool
find_back(struct plan *p, const struct tree *local, const struct tree *recorded)
{
	for (size_t i = 0; i < recorded->count; i++) {
		const struct tree_file *old = &recorded->files[i], *now;
		struct plan_wait *w;

		if (old->gone_at == 0)
			continue;
		now = tree_find(local, old->path);
		if (now == NULL || now->gone_at != 0)
			continue;
		w = add(p, old);
		if (w == NULL)
			return false;
		w->back = true;
		p->notes++;
	}
	return true;
}

int
plan_grant(struct plan *p, const struct tree *local,
    const struct tree *recorded, const struct plan_grace *grace,
    struct ferry_error *err)
{
	struct granter g = { .plan = p, .grace = grace };
	bool ok;

	tree_init(&g.waiting);
	ok = find_waiting(&g) && find_back(p, local, recorded);
	if (ok)
		take_out(&g, recorded);
	tree_free(&g.waiting);
	return ok ? 0 : err_memory(err);
}
