/*
 * Drift: is what we are about to replace or remove still what we left?  Hub.
 */
#ifndef PUBLISH_DRIFT_H
#define PUBLISH_DRIFT_H

#include "publish/plan.h"
#include "publish/transfer.h"

struct drift {
	struct transfer *t;
	const struct plan *plan;
	const struct tree *recorded;
	size_t found;
	struct ferry_error first;
};

/*
 * Ask; the answers come in while other steps travel.  Folders that give way to
 * a file are listed at once: a stranger in one counts as drift.
 */
int drift_ask(struct drift *d, struct ferry_error *err);

/* Behind the barrier: ferry_EDRIFT names what was found. */
int drift_judge(const struct drift *d, struct ferry_error *err);

#endif
