/* Commit: the burst of renames and removals that makes a publish live.  Hub. */
#ifndef PUBLISH_COMMIT_H
#define PUBLISH_COMMIT_H

#include "publish/plan.h"
#include "publish/transfer.h"

/*
 * Carry out every step of the plan, in its order, all in flight.  copies: as
 * from stage_plan().  done: steps to leave out, or NULL.  ferry_EPARTIAL when
 * one failed, ferry_EDRIFT when somebody else's file is where a new one is to
 * go: the ledger stays open, the next run goes on from there.
 */
int commit_run(struct transfer *t, struct plan *plan, const unsigned *copies,
    const bool *done, struct ferry_error *err);

#endif
