/* Which steps of the commit wait for which.  Hub; no I/O. */
#ifndef PUBLISH_COMMIT_ORDER_H
#define PUBLISH_COMMIT_ORDER_H

#include "publish/plan.h"

struct commit_order {
	const struct plan *plan;
	bool by_wave; /* each wave waits for the one before it */
	bool gentle; /* ... but nothing has to wait for folders */
	uint32_t wave; /* of the last step that was sent */
	uint32_t flight; /* one more than what has been waited for */
	uint32_t *sent; /* of each put: in which flight; 0: in none */
	bool *failed; /* of each put: it stays as it was */
	size_t failures, held;
};

/*
 * in_order: the server does one thing after the other, and replaces by one
 * request.  There only those wait who need something.
 */
int commit_order_init(struct commit_order *o, const struct plan *plan,
    bool in_order, struct ferry_error *err);
void commit_order_free(struct commit_order *o);

/* Has all that is in flight to be done before this step, the next one? */
bool commit_order_waits(const struct commit_order *o, size_t i);
/* It has been waited for. */
void commit_order_settled(struct commit_order *o);
/* Does this step stay undone, since what it needs could not be done? */
bool commit_order_holds(struct commit_order *o, size_t i);
void commit_order_sent(struct commit_order *o, size_t i);
void commit_order_failed(struct commit_order *o, size_t i);
/* Is there nothing more to be sent, whatever it is? */
bool commit_order_ends(const struct commit_order *o, size_t i);

#endif
