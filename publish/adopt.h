/*
 * adopt: what lies on the server already, and is equal to the source, becomes
 * ours without an upload.  Hub.  It also makes a new ledger in place of one
 * that is damaged or lost.
 */
#ifndef PUBLISH_ADOPT_H
#define PUBLISH_ADOPT_H

#include "publish/job.h"

/* ferry_ADOPT. */
int adopt_run(struct ferry_job *job, struct ferry_error *err);

#endif
