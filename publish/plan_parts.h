/* What the files of the plan share.  Hub; included by publish/plan*.c only. */
#ifndef PUBLISH_PLAN_PARTS_H
#define PUBLISH_PLAN_PARTS_H

#include "publish/plan.h"

/* A clean step at the end.  NULL: out of memory. */
struct plan_step *plan_add(struct plan *p, enum plan_kind kind,
    enum plan_rank rank, const char *path, const char *reason);

/*
 * In a sorted plan: the step that puts the file whose sidecar this one puts or
 * removes, or NULL.
 */
const struct plan_step *plan_beside(const struct plan *p, size_t i);

/* Is this a sidecar of a file of the tree? */
bool plan_has_base(const struct tree *t, const char *path);

/* Undo plan_gather(). */
void plan_scatter(struct plan *p);

#endif
