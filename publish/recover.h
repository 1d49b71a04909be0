/* Roll a commit forward that an earlier run, anywhere, left open.  Hub. */
#ifndef PUBLISH_RECOVER_H
#define PUBLISH_RECOVER_H

#include "publish/ledger.h"
#include "publish/transfer.h"

/* What will be live when the open commit is complete; sealed. */
int recover_preview(
    const struct ledger *l, struct tree *after, struct ferry_error *err);

/* Under the lock: complete it, and close it in the ledger. */
int recover_run(struct transfer *t, struct ferry_error *err);

#endif
