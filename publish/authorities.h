/* Who vouches for servers' certificates.  Hub. */
#ifndef PUBLISH_AUTHORITIES_H
#define PUBLISH_AUTHORITIES_H

#include "sandferry.h"

/*
 * The bundle that was named, or this system's: PEM, to be read by a worker.
 * *fd is -1 where there is none.  ferry_EUSAGE: the named one cannot be read.
 */
int authorities_open(
    int *fd, const struct ferry_options *o, struct ferry_error *err);

#endif
