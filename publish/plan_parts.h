/* What the files of the plan share.  Hub; included by publish/plan*.c only. */
#ifndef PUBLISH_PLAN_PARTS_H
#define PUBLISH_PLAN_PARTS_H

#include "publish/plan.h"

/* A clean step at the end.  NULL: out of memory. */
struct plan_step *plan_add(struct plan *p, enum plan_kind kind,
    enum plan_rank rank, const char *path, const char *reason);

/* Into the order of the commit. */
void plan_sort(struct plan *p);

#endif
