/* What the two halves of drift share.  Hub; included by them only. */
#ifndef PUBLISH_DRIFT_PARTS_H
#define PUBLISH_DRIFT_PARTS_H

#include "publish/drift.h"

/* ctx: the drift.  This is what the server has in the place of step i. */
void drift_looked(void *ctx, size_t i, const struct msg_done *done);

/* May there be something, whatever its letters' case? */
bool drift_may_be_there(const struct drift *d, const char *path);

/* Over FTP: each old folder once, with all new names in it. */
int drift_ask_folders(struct drift *d, struct ferry_error *err);

#endif
