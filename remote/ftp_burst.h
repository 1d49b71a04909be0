/*
 * Many commands at once on the control connection, none of which needs a data
 * connection: their replies come in the same order.  Worker.
 */
#ifndef REMOTE_FTP_BURST_H
#define REMOTE_FTP_BURST_H

#include "remote/ftp_reply.h"

enum {
	BURST_WINDOW = 32, /* commands without an answer */
	BURST_BYTES = 8 * 1024, /* of those; less than any socket holds */
	BURST_LINE = 8 * 1024, /* of an answer */
};

/* ---- Reading replies; no I/O ---- */

struct burst_line { /* half of one, between what came and what comes */
	char half[BURST_LINE];
	size_t n;
};

enum burst_read { BURST_MORE, BURST_REPLY, BURST_BAD };

/*
 * Read on, to the end of a reply at most: *used tells how far.  r is to be
 * clear when a reply begins; after BURST_BAD nothing counts any more.
 */
enum burst_read burst_take(struct burst_line *l, struct ftp_reply *r,
    const char *p, size_t n, size_t *used);

/* ---- The exchange ---- */

struct ftp;

struct burst_talk {
	void *ctx;
	/*
	 * The next command, without its end; its length.  0: there is none now,
	 * but there may be one after an answer, or after a look at the door.
	 */
	size_t (*next)(void *ctx, char *to, size_t size);
	/*
	 * f->reply answers the oldest command that had no answer yet.  False:
	 * it cannot be the answer to that.
	 */
	bool (*answer)(void *ctx);
	/* Is the door worth a look, for what is sent next? */
	bool (*wants)(void *ctx);
};

/* Can it be done at all, on this connection? */
bool burst_possible(const struct ftp *f);
/*
 * Until all is answered, and nothing is left to say.  False: the session is
 * over, f->lost.  *most: so many commands were unanswered at one time.
 */
bool burst_run(struct ftp *f, const struct burst_talk *talk, unsigned *most);

#endif
