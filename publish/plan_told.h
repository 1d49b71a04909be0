/*
 * The plan as an application gets it: sandferry.h's struct ferry_plan, which
 * outlives job, trees and connection.  Hub.
 */
#ifndef PUBLISH_PLAN_TOLD_H
#define PUBLISH_PLAN_TOLD_H

#include "base/hash.h"
#include "publish/plan.h"

/*
 * A step as it is told.  False: it is no file's.  What it points to lives as
 * long as the step's, and hex.
 */
bool plan_told_step(const struct plan_step *step, char hex[HASH_HEX_SIZE],
    struct ferry_planned *out);
/* The same of a file that waits.  False: it does so no longer. */
bool plan_told_wait(const struct plan_wait *wait, struct ferry_planned *out);

/* A copy of all that is told.  ferry_plan_free(). */
int plan_told_make(struct ferry_plan **out, const struct plan *p,
    const struct ferry_plan_id *id, struct ferry_error *err);

#endif
