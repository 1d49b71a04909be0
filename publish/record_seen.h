/*
 * When our copy of the ledger was last seen to equal the server's: the size and
 * the time that the server's had then.  Hub; in the state folder.
 */
#ifndef PUBLISH_RECORD_SEEN_H
#define PUBLISH_RECORD_SEEN_H

#include <stdbool.h>
#include <stdint.h>

#include "publish/ledger.h"

struct record_seen {
	uint64_t size, mtime;
	unsigned char check[LEDGER_CHECK]; /* of the copy's last record */
};

/* With the size and check of the copy: the time that belongs to them. */
bool record_seen_load(struct record_seen *s, int state_dir);
/* Failing to only costs time later. */
void record_seen_save(const struct record_seen *s, int state_dir);

#endif
