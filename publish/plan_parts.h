/* What the files of the plan share.  Hub; included by publish/plan*.c only. */
#ifndef PUBLISH_PLAN_PARTS_H
#define PUBLISH_PLAN_PARTS_H

#include "publish/plan.h"

/* A clean step at the end.  NULL: out of memory. */
struct plan_step *plan_add(struct plan *p, enum plan_kind kind,
    enum plan_rank rank, const char *path, const char *reason);

/* Undo plan_gather(). */
void plan_scatter(struct plan *p);

#endif
