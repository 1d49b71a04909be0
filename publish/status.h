/*
 * status: what was published last, and whether it still lies there as it was
 * left.  Hub.  Nothing is written on the server, no lock is taken.
 */
#ifndef PUBLISH_STATUS_H
#define PUBLISH_STATUS_H

#include "publish/job.h"

/* ferry_STATUS. */
int status_run(struct ferry_job *job, struct ferry_error *err);

#endif
