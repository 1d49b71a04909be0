/*
 * In which order files appear.  Hub; no I/O.
 *
 * What needs each other in a circle is found first (Tarjan 1972, with a stack
 * of its own in place of recursion) and taken as one.  What remains has no
 * circles; Tarjan finds it in the order in which it may appear.  Backwards from
 * there the ranks are handed down: nothing comes later than what needs it.
 * Forwards again, within each rank, each comes one wave behind the last thing
 * that it needs.  In a circle somebody must be first: those of the lowest rank.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "publish/refs.h"

enum { NONE = UINT32_MAX };

struct order {
	size_t n; /* puts */
	uint32_t *put_of; /* of each file in the tree, or NONE */
	uint32_t *first; /* put i needs needs[first[i]..first[i + 1]) */
	uint32_t *needs;

	uint32_t *seen, *low; /* Tarjan's numbers; 0: not met yet */
	uint32_t *path, *at; /* where the search is: puts, and next needs */
	uint32_t *stack; /* met, and of no circle yet */
	uint32_t *circle; /* of each put: in the order they were found */
	uint32_t *found; /* puts by circle */
	uint32_t depth, stacked, found_count, circles, met;

	uint32_t *rank, *level; /* of each circle */
	uint32_t *ranks; /* bits: its members' own; it takes a wave for each */
};

static uint32_t *
numbers(size_t n)
{
	return calloc(n + 1, sizeof(uint32_t));
}

static bool
begin(struct order *o, size_t n, size_t files)
{
	o->n = n;
	o->put_of = numbers(files);
	o->first = numbers(n + 1);
	o->seen = numbers(n);
	o->low = numbers(n);
	o->path = numbers(n);
	o->at = numbers(n);
	o->stack = numbers(n);
	o->circle = numbers(n);
	o->found = numbers(n);
	o->rank = numbers(n);
	o->level = numbers(n);
	o->ranks = numbers(n);
	return o->put_of != NULL && o->first != NULL && o->seen != NULL &&
	    o->low != NULL && o->path != NULL && o->at != NULL &&
	    o->stack != NULL && o->circle != NULL && o->found != NULL &&
	    o->rank != NULL && o->level != NULL && o->ranks != NULL;
}

static void
end(struct order *o)
{
	free(o->put_of);
	free(o->first);
	free(o->needs);
	free(o->seen);
	free(o->low);
	free(o->path);
	free(o->at);
	free(o->stack);
	free(o->circle);
	free(o->found);
	free(o->rank);
	free(o->level);
	free(o->ranks);
}

/* The first file that is not before this folder's own. */
static size_t
first_below(const struct tree *t, const char *dir)
{
	size_t n = strlen(dir), low = 0, high = t->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const char *path = t->files[middle].path;
		int c = strncmp(path, dir, n);

		if (c < 0 || (c == 0 && (unsigned char)path[n] < '/'))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Which files come with which put? */
static void
map(struct order *o, const struct tree *t, const struct refs_put *puts)
{
	const struct tree_file *f;

	for (size_t i = 0; i < t->count; i++)
		o->put_of[i] = NONE;
	for (uint32_t i = 0; i < o->n; i++) {
		size_t n = strlen(puts[i].path);

		if (!puts[i].folder) {
			f = tree_find(t, puts[i].path);
			if (f != NULL)
				o->put_of[f - t->files] = i;
			continue;
		}
		for (size_t j = first_below(t, puts[i].path); j < t->count &&
		     strncmp(t->files[j].path, puts[i].path, n) == 0 &&
		     t->files[j].path[n] == '/';
		     j++)
			o->put_of[j] = i;
	}
}

/* Both ends of an edge, as puts.  False: one of them is not put. */
static bool
ends(const struct order *o, const struct refs_edge *e, uint32_t *from,
    uint32_t *to)
{
	*from = o->put_of[e->from];
	*to = o->put_of[e->to];
	return *from != NONE && *to != NONE && *from != *to;
}

/* The edges, sorted by where they come from. */
static bool
gather(struct order *o, const struct refs *r)
{
	uint32_t from, to;

	if (r->count >= NONE)
		return false;
	for (size_t i = 0; i < r->count; i++) {
		if (ends(o, &r->edges[i], &from, &to))
			o->first[from + 1]++;
	}
	for (size_t i = 0; i < o->n; i++)
		o->first[i + 1] += o->first[i];
	o->needs = numbers(o->first[o->n]);
	if (o->needs == NULL)
		return false;
	memcpy(o->at, o->first, o->n * sizeof(*o->at));
	for (size_t i = 0; i < r->count; i++) {
		if (ends(o, &r->edges[i], &from, &to))
			o->needs[o->at[from]++] = to;
	}
	return true;
}

static void
enter(struct order *o, uint32_t put)
{
	o->seen[put] = o->low[put] = ++o->met;
	o->at[put] = o->first[put];
	o->stack[o->stacked++] = put;
	o->path[o->depth++] = put;
}

/* All that this put needs has been met. */
static void
leave(struct order *o, uint32_t put)
{
	uint32_t other;

	o->depth--;
	if (o->depth > 0) {
		other = o->path[o->depth - 1];
		if (o->low[put] < o->low[other])
			o->low[other] = o->low[put];
	}
	if (o->low[put] != o->seen[put])
		return;
	do {
		other = o->stack[--o->stacked];
		o->circle[other] = o->circles;
		o->low[other] = NONE; /* no longer stacked */
		o->found[o->found_count++] = other;
	} while (other != put);
	o->circles++;
}

static void
search(struct order *o, uint32_t start)
{
	uint32_t put, other;

	enter(o, start);
	while (o->depth > 0) {
		put = o->path[o->depth - 1];
		if (o->at[put] == o->first[put + 1]) {
			leave(o, put);
			continue;
		}
		other = o->needs[o->at[put]++];
		if (o->seen[other] == 0)
			enter(o, other);
		else if (o->low[other] != NONE && o->seen[other] < o->low[put])
			o->low[put] = o->seen[other];
	}
}

static uint32_t
count_bits(uint32_t bits)
{
	uint32_t n = 0;

	for (; bits != 0; bits &= bits - 1)
		n++;
	return n;
}

/* Nothing comes later than what needs it. */
static void
hand_down_ranks(struct order *o, const struct refs_put *puts)
{
	uint32_t put, c, other;

	for (c = 0; c < o->circles; c++)
		o->rank[c] = PLAN_LAST;
	for (put = 0; put < o->n; put++) {
		c = o->circle[put];
		o->ranks[c] |= UINT32_C(1) << puts[put].rank;
		if (puts[put].rank < o->rank[c])
			o->rank[c] = puts[put].rank;
	}
	for (size_t i = o->n; i-- > 0;) {
		put = o->found[i];
		c = o->circle[put];
		for (uint32_t k = o->first[put]; k < o->first[put + 1]; k++) {
			other = o->circle[o->needs[k]];
			if (o->rank[c] < o->rank[other])
				o->rank[other] = o->rank[c];
		}
	}
}

/* In its rank each comes behind what it needs. */
static void
find_levels(struct order *o)
{
	uint32_t put, c, other, behind;

	for (size_t i = 0; i < o->n; i++) {
		put = o->found[i];
		c = o->circle[put];
		for (uint32_t k = o->first[put]; k < o->first[put + 1]; k++) {
			other = o->circle[o->needs[k]];
			behind = o->level[other] + count_bits(o->ranks[other]);
			if (other != c && o->rank[other] == o->rank[c] &&
			    behind > o->level[c])
				o->level[c] = behind;
		}
	}
}

static void
number_waves(const struct order *o, struct refs_put *puts)
{
	uint32_t waves[PLAN_LAST + 1] = { 0 }, before = 0, n;

	for (uint32_t c = 0; c < o->circles; c++) {
		n = o->level[c] + count_bits(o->ranks[c]);
		if (waves[o->rank[c]] < n)
			waves[o->rank[c]] = n;
	}
	for (size_t rank = 0; rank <= PLAN_LAST; rank++) {
		n = waves[rank];
		waves[rank] = before;
		before += n;
	}
	for (uint32_t i = 0; i < o->n; i++) {
		uint32_t c = o->circle[i];
		uint32_t lower = (UINT32_C(1) << puts[i].rank) - 1;

		puts[i].wave = waves[o->rank[c]] + o->level[c] +
		    count_bits(o->ranks[c] & lower);
	}
	for (uint32_t i = 0; i + 1 < o->n; i++) {
		uint32_t a = o->found[i], b = o->found[i + 1];

		if (o->circle[a] == o->circle[b])
			puts[a].cyclic = puts[b].cyclic = true;
	}
}

/* What comes in a later wave, or in the same circle too early, is left out. */
static void
give_needs(
    struct order *o, const struct refs_put *puts, struct plan_needs *needs)
{
	uint32_t kept = 0, k = 0, end;

	for (uint32_t i = 0; i < o->n; i++) {
		end = o->first[i + 1];
		o->first[i] = kept;
		for (; k < end; k++)
			if (puts[o->needs[k]].wave < puts[i].wave)
				o->needs[kept++] = o->needs[k];
	}
	o->first[o->n] = kept;
	*needs = (struct plan_needs){ o->first, o->needs, o->n };
	o->first = o->needs = NULL;
}

int
refs_order(const struct refs *r, struct refs_put *puts, size_t n,
    struct plan_needs *needs, struct ferry_error *err)
{
	struct order o;
	int rc = 0;

	if (needs != NULL)
		memset(needs, 0, sizeof(*needs));
	memset(&o, 0, sizeof(o));
	for (size_t i = 0; i < n; i++) {
		puts[i].wave = 0;
		puts[i].cyclic = false;
	}
	if (n >= NONE || !begin(&o, n, r->local->count)) {
		rc = err_memory(err);
		goto out;
	}
	map(&o, r->local, puts);
	if (!gather(&o, r)) {
		rc = err_memory(err);
		goto out;
	}
	for (uint32_t i = 0; i < n; i++) {
		if (o.seen[i] == 0)
			search(&o, i);
	}
	hand_down_ranks(&o, puts);
	find_levels(&o);
	number_waves(&o, puts);
	if (needs != NULL)
		give_needs(&o, puts, needs);
out:
	end(&o);
	return rc;
}
