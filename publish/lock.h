/*
 * One publish at a time: a file on the server, created exclusively, and a lock
 * on this machine.  Hub.  Whoever finds the file older than ten minutes by the
 * server's own clock may take it over; so a long run refreshes it.
 */
#ifndef PUBLISH_LOCK_H
#define PUBLISH_LOCK_H

#include "publish/far.h"
#include "publish/record.h"

enum {
	LOCK_NONCE = 16,
	LOCK_STALE = 10 * 60, /* seconds after which it may be taken over */
};

#define LOCK_PATH FAR_SIDE "/lock"

struct lock {
	struct far *far;
	int state_dir; /* or -1 */
	int local; /* the lock on this machine, or -1 */
	int text_fd; /* what stands in the lock */
	size_t text_len;
	char nonce[LOCK_NONCE + 1];
	char text[256];
	bool held;
	bool left; /* a run of ours ended without giving it up */
	bool releasing; /* its removal is in flight */
	struct msg_done put, ledger; /* the replies while taking it */
};

void lock_init(struct lock *l, struct far *far, int state_dir);

/*
 * Take it; ferry_ELOCKED names the owner and since when.  Also fails so when
 * the server's ledger is no longer the one that was read.
 */
int
lock_take(struct lock *l, const struct record *record, struct ferry_error *err);

/* Make it young again: in flight when it returns. */
int lock_refresh(struct lock *l, struct ferry_error *err);

/* Give it up: in flight when it returns. */
int lock_release(struct lock *l, struct ferry_error *err);

/*
 * Take it if a dead run of ours has left one, so that nobody waits for it: this
 * run had nothing to do and would not notice.  That it fails does not matter.
 */
void lock_take_left(struct lock *l, const struct record *record);

/* Wait for that alone, not for the large file that is still in flight. */
int lock_await(struct lock *l, struct ferry_error *err);

void lock_close(struct lock *l); /* local descriptors */

/* A lock as anybody sees it. */
struct lock_other {
	bool held; /* or left behind */
	char text[256]; /* raw: "me@machine 1234 2026-01-31T12:00:00Z ..." */
	uint64_t mtime; /* last refreshed, by the server's clock */
	uint64_t age; /* seconds since then; lock_judge() */
	bool alive; /* it was refreshed of late, or its owner runs here */
};

/* Only look. */
int lock_look(struct far *far, struct lock_other *out, struct ferry_error *err);

/* How old is it?  The server's clock is asked by a file that comes and goes. */
int lock_judge(struct lock *l, const char *machine, struct lock_other *other,
    struct ferry_error *err);
/* Take it away, unless somebody has it now who had it not when it was seen. */
int lock_remove(
    struct lock *l, const struct lock_other *seen, struct ferry_error *err);

#endif
