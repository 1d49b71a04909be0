/*
 * Drift: is what we are about to replace or remove still what we left?  And is
 * a new name free?  Hub.
 */
#ifndef PUBLISH_DRIFT_H
#define PUBLISH_DRIFT_H

#include "publish/plan.h"
#include "publish/transfer.h"

struct drift {
	struct transfer *t;
	struct plan *plan;
	const struct tree *recorded;
	bool *marks; /* of each step: not as we left it; made by drift_ask() */
	struct tree
	    folded; /* drift.c's own: what is recorded, by folded names */
	size_t found; /* what stops the publish */
	struct ferry_error first;
};

void drift_free(struct drift *d);

/*
 * Before a first publish: what is in the root; in flight.  drift_ask() asks
 * only for what may be there.  Not over FTP.
 */
int drift_list_root(struct transfer *t, struct ferry_error *err);

/*
 * Ask; the answers come in while other steps travel, unless the site wants to
 * go on over drift: then the plan is right when this returns.  Folders that
 * give way to a file are listed at once: a stranger in one stops it anyway.
 */
int drift_ask(struct drift *d, struct ferry_error *err);

/*
 * In the commit: this folder is new to us, and was there already.  Marks those
 * of the steps right in it that would replace somebody else's file, but for
 * those that are done; with `stop' it is ferry_EDRIFT.
 */
int drift_ask_folder(struct drift *d, const char *dir, const bool *done,
    struct ferry_error *err);

/* Behind the barrier: ferry_EDRIFT names what was found. */
int drift_judge(const struct drift *d, struct ferry_error *err);

#endif
