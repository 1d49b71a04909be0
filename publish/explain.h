/*
 * explain: each right that the product asks for, with the real paths of this
 * site and user, and what the kernel makes of it; or the lines of a manifest
 * that asks somebody else's sandbox for the same.  Hub; seals nothing.
 */
#ifndef PUBLISH_EXPLAIN_H
#define PUBLISH_EXPLAIN_H

#include "publish/job.h"

/*
 * ferry_EXPLAIN.  The site may be empty: paths that are not known are left out,
 * or stand as /path/to/....  ferry_EUSAGE: there is no such format.
 */
int explain_run(struct ferry_job *job, struct ferry_error *err);

#endif
