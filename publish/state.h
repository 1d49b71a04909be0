/*
 * What this machine remembers of a server's site, and of a source.  Hub.
 *
 * Ledger copy, lock and what was learned about the server belong to the url:
 * whatever is published there, and with whichever verb, it is the same run that
 * is to be met.  Caches of the scan belong to the source, below.
 */
#ifndef PUBLISH_STATE_H
#define PUBLISH_STATE_H

#include "publish/job.h"

struct state {
	int dir; /* or -1: nothing can be remembered */
	int source; /* the caches of this source; or -1 */
};

/* Open, and make where they are missing; that it cannot be is told. */
void state_open(struct state *s, struct ferry_job *job);
void state_close(struct state *s);

#endif
