/* What was live before a publish.  Hub. */
#ifndef PUBLISH_UNDO_H
#define PUBLISH_UNDO_H

#include "publish/transfer.h"

/*
 * The site as it was before this publish, 0: before the last one; into `then`.
 * ferry_EUSAGE, "nothing_to_undo" and "no_such_publish"; ferry_EDENIED,
 * "undo_unavailable", where the server can keep nothing.
 */
int undo_find(struct transfer *t, uint64_t generation, struct ledger *then,
    struct ferry_error *err);

#endif
