/* Publish a site: the six verbs in a row.  Hub. */
#ifndef PUBLISH_PUBLISH_H
#define PUBLISH_PUBLISH_H

#include "publish/job.h"

/* The verb ferry_PUBLISH; with dry_run it stops behind the plan. */
int publish_run(struct ferry_job *job, struct ferry_error *err);

#endif
