/*
 * What would stop a publish half-way, found out before its first byte.  Hub.
 */
#ifndef PUBLISH_PREFLIGHT_H
#define PUBLISH_PREFLIGHT_H

#include "publish/plan.h"
#include "publish/transfer.h"

/*
 * Ask for the room that the server has; in flight.  For a first publish, whose
 * root may not be there yet.  SFTP only.
 */
int preflight_ask(struct transfer *t, struct ferry_error *err);

/*
 * Names that the server cannot hold, or not both of, ferry_ESOURCE; less room
 * than the plan needs, ferry_EFULL.  may_write: our own folder may be made to
 * find that out.  Whoever does not tell has room.
 */
int preflight_judge(struct transfer *t, const struct plan *plan,
    const struct tree *local, bool may_write, struct ferry_error *err);

#endif
