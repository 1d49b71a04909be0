/*
 * check: everything that a publish needs, tried one by one on the real server.
 * Hub.  Writes nothing there but a probe in our own folder, removed again.
 */
#ifndef PUBLISH_CHECK_H
#define PUBLISH_CHECK_H

#include "publish/job.h"

/* ferry_CHECK.  All items are tried; *err is the first that failed. */
int check_run(struct ferry_job *job, struct ferry_error *err);

#endif
