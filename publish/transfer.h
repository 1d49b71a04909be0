/*
 * Carry out a plan: from the first connection to the last rename.  Hub.  What
 * is shared by its parts stands in struct transfer.
 */
#ifndef PUBLISH_TRANSFER_H
#define PUBLISH_TRANSFER_H

#include "publish/far.h"
#include "publish/lock.h"
#include "publish/plan.h"
#include "publish/record.h"

struct transfer {
	struct ferry_job *job;
	struct far far;
	struct record record;
	struct lock lock;
	struct tree leftovers; /* what lies in the stage folder, sealed */
	bool *claimed; /* ... and which of it is still needed */
	struct transfer_kept { /* see kept.h */
		struct tree names; /* in the kept folder */
		size_t drifted, failed; /* versions */
		bool copied; /* there are no links: see kept_copy() */
	} kept;
	struct transfer_releases { /* see releases.h */
		struct tree there; /* names in their folder */
		uint64_t back; /* undo: the one to go back to; or 0 */
	} releases;
	struct transfer_root { /* see drift_list_root() */
		struct tree names; /* folded */
		bool known;
	} root;
	struct transfer_room { /* see preflight.h */
		struct msg_done found;
		size_t level; /* of the folder: 0 the root, 1 above it, ... */
		bool asked;
	} room;
	const struct tree *history; /* undo: what was live once; else NULL */
	const char *current; /* path that travels; in the plan */
	uint64_t confirmed; /* bytes before this phase began */
};

/* All that needs nobody but this machine; transfer_close() is due afterwards. */
int transfer_prepare(struct transfer *t, struct ferry_job *job, int state_dir,
    struct ferry_error *err);
/* Connect, log in, read the ledger. */
int transfer_open(struct transfer *t, struct ferry_error *err);
/* Read it once more. */
int transfer_read(struct transfer *t, struct ferry_error *err);

/*
 * Take the lock; our folder is made, where it is missing.  While somebody else
 * publishes that is waited for as long as the options say.  ferry_ELOCKED with
 * the lock held: the ledger is no longer the one that was read.
 */
int transfer_lock(struct transfer *t, struct ferry_error *err);

/*
 * Lock, finish the commit that an earlier run left open, read on.  Before the
 * plan is made, when the ledger says LEDGER_COMMITTING.
 */
int transfer_recover(struct transfer *t, struct ferry_error *err);

/*
 * Lock, look for drift, stage, commit.  recorded: what the plan was made of.
 * The plan loses what is to stay as somebody else made it.
 */
int transfer_run(struct transfer *t, struct plan *plan,
    const struct tree *recorded, struct ferry_error *err);

/* Record the end of it, tidy up, unlock. */
int transfer_end(struct transfer *t, struct ferry_error *err);

/* What a new folder is to get; 0: the server gives it anyway. */
uint32_t transfer_dir_mode(const struct transfer *t);

/* However it ended: unlock if the session still lives.  Zeroed is fine. */
void transfer_close(struct transfer *t);

#endif
