/* Which steps of an FTP pool may be in flight together.  Hub; no I/O. */
#ifndef PUBLISH_FAR_ORDER_H
#define PUBLISH_FAR_ORDER_H

#include <stdbool.h>

#include "remote/worker_msg.h"

enum { FAR_MARKS = 24 }; /* folders above both paths of a step */

enum far_order {
	FAR_IN_ORDER, /* behind all before it, ahead of all behind it */
	FAR_LOOSE, /* with any whose paths are not its own, above or below;
		    * sidecars (sidecar.h) count as what they are beside */
	FAR_URGENT, /* loose, and worth a session of its own */
};

bool far_order_together(const struct msg_step *a, enum far_order order_a,
    const struct msg_step *b, enum far_order order_b);

/*
 * The same in short, to be compared first: with some hundred steps in flight,
 * their paths would be fetched from all over the memory.
 */
struct far_marks {
	enum far_order order;
	uint32_t whole[2]; /* of path and target, by hash; 0: there is none */
	uint32_t above[FAR_MARKS]; /* of each folder above them */
	unsigned count; /* of those; all of FAR_MARKS: there may be more */
};

void far_order_mark(
    const struct msg_step *step, enum far_order order, struct far_marks *m);
/* True: they may be together, surely.  False: look at the steps. */
bool far_order_apart(const struct far_marks *a, const struct far_marks *b);

#endif
