/* Our own folder on the server, and the way to it.  Hub. */
#ifndef PUBLISH_SIDE_H
#define PUBLISH_SIDE_H

#include "publish/far.h"

enum { SIDE_PARTS = 5 };

#define SIDE_DENY FAR_SIDE "/.htaccess"

struct side {
	struct far *far;
	int htaccess; /* what will stand in it */
	struct msg_done done[SIDE_PARTS];
};

/*
 * Before the first publish: make the root, and in it the folder for ledger,
 * lock and stage, which no visitor may see.  In flight when it returns: what
 * needs the folder may follow at once.
 */
int side_send(struct side *s, struct far *f, struct ferry_error *err);

/*
 * Behind the barrier.  A root without a parent is made now, parents and all:
 * what followed has to be tried again.
 */
int side_judge(struct side *s, struct ferry_error *err);

void side_free(struct side *s);

/* Only the file in it that keeps visitors out, where the web server reads it. */
int side_deny(struct far *f, struct msg_done *done, struct ferry_error *err);

/*
 * Folders in it that somebody took for superfluous are made again: backups and
 * mirrors forget empty ones.  In flight when it returns, and nothing is said.
 */
int side_mend(struct far *f, struct ferry_error *err);

/*
 * Where `remote-state' has it: does a rename lead from there into the root?
 * Both are there.  ferry_EDENIED, id "remote_state_elsewhere".
 */
int side_probe(struct far *f, struct ferry_error *err);

/* What people know it by. */
const char *side_name(const struct ferry_site *site);

#endif
