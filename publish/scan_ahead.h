/*
 * The scan on a thread of its own, while the connection is being made.  Hub.
 *
 * Nothing of it is seen from outside: what the scan has to say is kept, and
 * said by the caller's thread when that asks for the result.
 */
#ifndef PUBLISH_SCAN_AHEAD_H
#define PUBLISH_SCAN_AHEAD_H

#include "publish/scan.h"

struct scan_ahead;

/*
 * Begin.  What `what` points to must outlive the scan; its callbacks are
 * called by scan_ahead_join only.
 */
int scan_ahead_start(
    struct scan_ahead **out, const struct scan *what, struct ferry_error *err);

/* Wait for the end and fill the tree; as scan_source().  Once. */
int scan_ahead_join(
    struct scan_ahead *a, struct tree *out, struct ferry_error *err);

/* Stops a scan that nobody waited for; NULL is fine. */
void scan_ahead_free(struct scan_ahead *a);

#endif
