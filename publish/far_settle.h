/*
 * Was a step done whose answer was lost with its session?  Hub; no I/O: what
 * to send next, and what its answer means.
 */
#ifndef PUBLISH_FAR_SETTLE_H
#define PUBLISH_FAR_SETTLE_H

#include <stdbool.h>

#include "remote/worker_msg.h"

struct far_settle {
	unsigned tries; /* so far, but the one in flight */
	bool doubt; /* an earlier one may have been done */
	bool looking; /* a STAT is in flight in its place */
	struct msg_done refusal; /* of the step that is looked after */
};

/* What to send for this step now, with the same number. */
void far_settle_step(const struct far_settle *s, const struct msg_step *step,
    struct msg_step *now);

/*
 * An answer has come.  True: it is the step's, *done has been put right; false:
 * far_settle_step() says what to send next.
 */
bool far_settle_reply(
    struct far_settle *s, const struct msg_step *step, struct msg_done *done);

#endif
