/*
 * The ledger on the server, and its copy here.  Hub.  The server's is the
 * truth; the copy only saves fetching it whole.
 */
#ifndef PUBLISH_RECORD_H
#define PUBLISH_RECORD_H

#include "publish/far.h"
#include "publish/ledger.h"

#define RECORD_LEDGER FAR_SIDE "/ledger"
#define RECORD_ASIDE FAR_KEPT "/ledger"

struct record {
	struct far *far;
	int state_dir; /* or -1: nothing is kept here */
	struct ledger ledger; /* parsed from the bytes as they were read */
	struct buf bytes; /* whole records; grows with what is appended */
	bool whole; /* read all of the server's, whatever our copy says */
	bool aside; /* found there, where it had been put while replaced */
	bool absent; /* the server had none: the first publish */
	bool gone; /* ... any more, nor our folder: our copy is of no use */
	struct msg_done stage; /* the folder, when it was last asked for */
	size_t staged; /* ... and how much is in it */
	bool knows_stage;
	uint64_t size; /* of the server's, torn bytes included */
	unsigned char check[LEDGER_CHECK]; /* of the last record in bytes */
	size_t sent; /* bytes of `bytes` that the server was given */
	uint64_t generation; /* of the publish begun here; 0: none */
	uint64_t release; /* of that, or of what is compacted; 0: none */
	bool makes_release; /* ... which is not there yet */
	char machine[64];
	struct msg_done appended; /* the first append that failed */
	bool copied; /* our copy equals the server's */
	bool known; /* the server's goes on where our copy ends */
	uint64_t mtime; /* FTP: of the server's, as it equals ours; or 0 */
};

void record_init(struct record *r, struct far *far, int state_dir);
void record_free(struct record *r);

/*
 * Fetch and parse the server's ledger: the part behind our copy, if the copy
 * is a beginning of it, else the whole.  Unreadable: ferry_EDENIED; damaged or
 * lost: ferry_EDRIFT; another site's: owner.h.  Absent is an empty ledger, with
 * r->absent.
 */
int record_read(struct record *r, struct ferry_error *err);

/* Where it was found. */
const char *record_path(const struct record *r);

/* Parse again what is in r->bytes now. */
int record_parse(struct record *r, struct ferry_error *err);

/* Something is to be written there: a copy that is of no use goes. */
void record_forget(struct record *r);

/*
 * Append to the server's ledger; in flight when they return.  A barrier later,
 * record_judge() tells whether it worked.
 */
int record_begin(
    struct record *r, const struct plan *plan, struct ferry_error *err);
int record_staged(struct record *r, struct ferry_error *err);
int record_end(struct record *r, struct ferry_error *err);
int record_judge(struct record *r, struct ferry_error *err);

/* Replace the server's ledger by a compacted one of these live files. */
int record_compact(
    struct record *r, const struct tree *live, struct ferry_error *err);

/* The same, but it still tells of the last `keep` publishes. */
int record_shorten(struct record *r, size_t keep, struct ferry_error *err);

/* The copy that is here, if it is a whole ledger of a published site. */
bool record_copy(const struct record *r, struct ledger *out);

/* Is there one at all? */
bool record_has_copy(const struct record *r);

/* Keep a copy here; failing to only costs time later. */
void record_keep(struct record *r);

#endif
