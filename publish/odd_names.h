/* Names that not every file system can hold.  Hub. */
#ifndef PUBLISH_ODD_NAMES_H
#define PUBLISH_ODD_NAMES_H

#include "publish/far.h"
#include "publish/plan.h"

/*
 * Can the file system of a folder hold what is new in the plan?  Asked before
 * anything is staged, by making such names in our own folder; nothing is asked
 * where there are none.  ferry_ESOURCE names the first that it cannot.
 */
int
odd_names_try(struct far *f, const struct plan *plan, struct ferry_error *err);

#endif
