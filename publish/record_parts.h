/* What reading and writing the ledger share.  Hub; included by them only. */
#ifndef PUBLISH_RECORD_PARTS_H
#define PUBLISH_RECORD_PARTS_H

#include "publish/record.h"

#define RECORD_COPY "ledger" /* in the state folder */

/* A temporary file without a name; or -1. */
int record_scratch(struct ferry_error *err);

#endif
