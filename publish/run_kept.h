/* ferry_LOG: the last runs for a url, from the files of run_log.h.  Hub. */
#ifndef PUBLISH_RUN_KEPT_H
#define PUBLISH_RUN_KEPT_H

#include "publish/job.h"

/* ferry_EUSAGE, "no_such_run"; ferry_ECANCELLED ends `follow'. */
int run_kept(struct ferry_job *job, struct ferry_error *err);

#endif
