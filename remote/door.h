/*
 * The hub's end of the door: one worker, its packets, its silence, its death.
 * Hub.
 *
 * What the worker may say is a table of rules.  A packet that no rule lets in,
 * at that moment and for that many times, ends the worker and the session:
 * ferry_EWALL.  LOG and FAIL are always welcome and handled here.  After a
 * failure every call returns it again.  A cancel is no failure: calls return
 * it, nothing was sent, and the session goes on if its owner wants it to.
 */
#ifndef REMOTE_DOOR_H
#define REMOTE_DOOR_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/log.h"
#include "confine/spawn.h"
#include "remote/worker_msg.h"
#include "sandferry.h"

struct door_rule {
	unsigned type; /* enum worker_msg_type; 0 ends the table */
	unsigned states; /* bits of door.state in which it is welcome */
	bool once;
	/*
	 * 0, or a negated code, which ends the session.  Must not send: what
	 * waits to be sent lies in door.out.
	 */
	int (*handle)(
	    void *ctx, struct buf_reader *body, struct ferry_error *err);
};

struct door {
	struct spawn worker;
	const struct log *log;
	int cancel_fd; /* readable: stop; or -1 */
	unsigned silence_ms; /* what the worker grants the server */

	unsigned state; /* one bit; the owner's */
	const struct door_rule *rules;
	void *ctx; /* for the rules and for `until` */
	uint32_t seen; /* which rules have let something in */

	struct buf out; /* one packet; the puts go here */
	unsigned char in[LIMIT_MESSAGE];
	uint64_t heard; /* when it last said something that counts */
	unsigned logs; /* LOG messages since then */
	struct door_output {
		char line[240];
		size_t len, total;
		char refused[24]; /* the call that its filter stopped */
	} output;

	bool cancelled; /* seen since the last call returned */
	int failed; /* 0, or a negated code and why: */
	bool farewell; /* it was the worker that said so */
	struct ferry_error failure;
};

/*
 * Start the worker for this role, which is to confine itself or not.  The
 * caller has filled in log, cancel_fd, silence_ms.
 */
int door_open(struct door *d, const char *worker, enum role role, bool confine,
    struct ferry_error *err);

/* From now on these rules, and none of them has been used. */
void door_rules(struct door *d, const struct door_rule *rules, void *ctx);

/*
 * Send the packet in d->out, with a descriptor (or -1); wipe it.  Blocks while
 * the worker does not take it, and delivers meanwhile.
 */
int door_send(struct door *d, int pass, struct ferry_error *err);

/*
 * Deliver until until(ctx) holds.  The worker owes us something: one that is
 * silent for longer than it grants the server is killed, ferry_ELOST.
 */
int
door_wait(struct door *d, bool (*until)(void *ctx), struct ferry_error *err);

/* Deliver what has come, without waiting. */
int door_drain(struct door *d, struct ferry_error *err);

/*
 * For those who wait at several doors at once: what to wait for, in p, which
 * has room for DOOR_POLLS; and, behind the wait, what door_wait() does about a
 * worker that owes us something and is silent.
 */
enum { DOOR_POLLS = 3 };
size_t door_poll(const struct door *d, struct pollfd p[DOOR_POLLS]);
/* Milliseconds, never less than 0. */
int door_patience(const struct door *d);
int door_lose_patience(struct door *d, struct ferry_error *err);

/* Close, and give a worker in good standing this long to end. */
void door_close(struct door *d, unsigned patience_ms);

/* For rules: the worker broke the protocol.  Returns -ferry_EWALL. */
int door_breach(struct ferry_error *err, const char *id, const char *format,
    ...) __attribute__((format(printf, 3, 4)));
/* The same for a body that its get does not accept. */
int door_malformed(struct ferry_error *err, unsigned type);

/* Escape text that the worker should have escaped, if it has not. */
void door_clean(char *text, size_t size);

#endif
