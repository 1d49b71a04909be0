/* Our own folder on the server, and the way to it.  Hub. */
#ifndef PUBLISH_SIDE_H
#define PUBLISH_SIDE_H

#include "publish/far.h"

/*
 * Before the first publish: make the root (with its parents), and in it the
 * folder for ledger, lock and stage, which no visitor may see.
 */
int side_make(struct far *f, struct ferry_error *err);

/*
 * Folders in it that somebody took for superfluous are made again: backups and
 * mirrors forget empty ones.  In flight when it returns, and nothing is said.
 */
int side_mend(struct far *f, struct ferry_error *err);

#endif
