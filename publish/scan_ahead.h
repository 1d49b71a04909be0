/*
 * The scan on a thread of its own, while the connection is being made, and
 * behind it, where wanted, a look at what pages refer to.  Hub.
 *
 * Nothing of it is seen from outside: what the scan has to say is kept, and
 * said by the caller's thread when that asks for the result.
 */
#ifndef PUBLISH_SCAN_AHEAD_H
#define PUBLISH_SCAN_AHEAD_H

#include "publish/refs.h"
#include "publish/scan.h"

struct scan_ahead;

/*
 * Begin.  What `what` points to must outlive the scan; its callbacks are
 * called by scan_ahead_join only.  pages: from refs_init(), without a tree:
 * when the scan has ended well all pages are read into it, until
 * scan_ahead_stop(); or NULL.
 */
int scan_ahead_start(struct scan_ahead **out, const struct scan *what,
    struct refs *pages, struct ferry_error *err);

/*
 * Wait for the end of the scan and fill the tree, which stays where it is; as
 * scan_source().  Once.
 */
int scan_ahead_join(
    struct scan_ahead *a, struct tree *out, struct ferry_error *err);

/*
 * Behind the join: pages has what was read until now, and the tree of that;
 * refs_read() goes on from there.
 */
void scan_ahead_stop(struct scan_ahead *a);

/*
 * At any time: is what may have to be sent, as far as it is known by now, of a
 * kind that compressing is of no use for?  ctx: the scan.
 */
bool scan_ahead_is_packed(void *ctx);

/* Stops all that nobody waited for; NULL is fine. */
void scan_ahead_free(struct scan_ahead *a);

#endif
