/*
 * verify: is all that was published there, whole?  Hub.  Nothing is written on
 * the server.
 */
#ifndef PUBLISH_VERIFY_H
#define PUBLISH_VERIFY_H

#include "publish/job.h"

/* ferry_VERIFY: ferry_EVERIFY names the first that is not. */
int verify_run(struct ferry_job *job, struct ferry_error *err);

#endif
