/*
 * Which steps of the commit wait for which.  Hub; no I/O.
 *
 * A put waits for what is in flight only if it needs some of that: each wait
 * costs a round trip, and settles all that came before it, so that a site has
 * seldom more than two (images, then style sheets, then pages).  Where nobody
 * knows who needs what (an undo, or a commit that is rolled forward), or where
 * steps may overtake each other, every wave waits for the one before.
 *
 * What needs something that failed stays as it was; so does, where needs are
 * not known, everything behind it.  Removals come last, and only if all else
 * has come: what stays as it was may need what is to be removed.
 */
#include "publish/commit_order.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

int
commit_order_init(struct commit_order *o, const struct plan *plan,
    bool in_order, struct ferry_error *err)
{
	const size_t n = plan->needs.count + 1;

	*o = (struct commit_order){
		.plan = plan,
		.by_wave = !in_order || plan->needs.first == NULL,
		.gentle = in_order,
		.flight = 1,
		.sent = calloc(n, sizeof(*o->sent)),
		.failed = calloc(n, sizeof(*o->failed)),
	};
	return o->sent != NULL && o->failed != NULL ? 0 : err_memory(err);
}

void
commit_order_free(struct commit_order *o)
{
	free(o->sent);
	free(o->failed);
}

/* What the step's put needs: from *list on, so many.  None: it is no put. */
static uint32_t
needs(const struct commit_order *o, size_t i, const uint32_t **list)
{
	const struct plan_needs *n = &o->plan->needs;
	const uint32_t put = o->plan->steps[i].put;

	if (o->by_wave || put == 0)
		return 0;
	*list = n->of + n->first[put - 1];
	return n->first[put] - n->first[put - 1];
}

bool
commit_order_waits(const struct commit_order *o, size_t i)
{
	const struct plan_step *step = &o->plan->steps[i];
	const uint32_t *list = NULL;
	uint32_t n;

	if (step->rank == PLAN_LAST || o->by_wave)
		return step->wave != o->wave &&
		    (step->rank == PLAN_LAST || !o->gentle ||
			o->wave > PLAN_FOLDER);
	n = needs(o, i, &list);
	while (n-- > 0)
		if (o->sent[list[n]] == o->flight)
			return true;
	return false;
}

void
commit_order_settled(struct commit_order *o)
{
	o->flight++;
}

bool
commit_order_holds(struct commit_order *o, size_t i)
{
	const uint32_t *list = NULL;
	uint32_t n = needs(o, i, &list);

	while (n-- > 0) {
		if (!o->failed[list[n]])
			continue;
		o->failed[o->plan->steps[i].put - 1] = true;
		o->held++;
		return true;
	}
	return false;
}

void
commit_order_sent(struct commit_order *o, size_t i)
{
	const struct plan_step *step = &o->plan->steps[i];

	o->wave = step->wave;
	if (!o->by_wave && step->put != 0)
		o->sent[step->put - 1] = o->flight;
}

void
commit_order_failed(struct commit_order *o, size_t i)
{
	const struct plan_step *step = &o->plan->steps[i];

	o->failures++;
	if (!o->by_wave && step->put != 0)
		o->failed[step->put - 1] = true;
}

bool
commit_order_ends(const struct commit_order *o, size_t i)
{
	return o->failures > 0 &&
	    (o->by_wave || o->plan->steps[i].rank == PLAN_LAST);
}
