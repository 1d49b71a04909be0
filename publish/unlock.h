/* unlock: who holds the lock on the server?  Take it away.  Hub. */
#ifndef PUBLISH_UNLOCK_H
#define PUBLISH_UNLOCK_H

#include "publish/job.h"

/* ferry_UNLOCK. */
int unlock_run(struct ferry_job *job, struct ferry_error *err);

#endif
