/*
 * A publish may be held to a plan that was made before: it does exactly that,
 * or nothing.  Hub.  What was looked at is only compared with the plan that is
 * made anew; nothing is ever done because a file says so.
 */
#ifndef PUBLISH_PLAN_HELD_H
#define PUBLISH_PLAN_HELD_H

#include "publish/job.h"
#include "publish/ledger.h"
#include "publish/plan.h"

/*
 * Each notes its part of the plan in the job's summary, and fails if the job is
 * held to another: of another site, ferry_EUSAGE, "plan_of_other_site"; made
 * before somebody published, ferry_EDRIFT, "plan_outdated"; of another source,
 * ferry_ESOURCE, "plan_differs".
 */
int plan_held_url(struct ferry_job *job, struct ferry_error *err);
int plan_held_ledger(
    struct ferry_job *job, const struct ledger *l, struct ferry_error *err);
int plan_held_digest(
    struct ferry_job *job, const struct plan *p, struct ferry_error *err);

#endif
