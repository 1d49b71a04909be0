/*
 * The SFTP engine: version 3, pipelined across files, over one or several
 * channels of one SSH connection.  Worker.
 */
#ifndef REMOTE_SFTP_H
#define REMOTE_SFTP_H

#include "remote/ssh.h"
#include "remote/worker_msg.h"

struct sftp;

struct sftp_hooks {
	void *ctx;
	void (*ready)(void *ctx, const struct msg_ready *ready); /* once */
	void (*done)(void *ctx, const struct msg_done *done);
	void (*entry)(void *ctx, const struct msg_entry *entry);
};

/* max_files 0: adapt. */
int sftp_new(struct sftp **out, struct ssh *ssh, const struct sftp_hooks *hooks,
    unsigned max_files, struct ferry_error *err);
void sftp_free(struct sftp *s);

/* Queue a step; the descriptor becomes the engine's. */
int sftp_step(struct sftp *s, const struct msg_step *step, int fd,
    struct ferry_error *err);

/*
 * Do all that can be done without waiting.  Negative: the session is over
 * (a server that breaks the protocol: ferry_ELOST).
 */
int sftp_pump(struct sftp *s, struct ferry_error *err);

/*
 * Nothing is to be done: have the server answer something, so that the line is
 * not forgotten, and it is noticed if nobody is there any more.  (libssh2's own
 * keepalive keeps each answer to it in memory, and asks no more than sshd.)
 */
void sftp_idle(struct sftp *s);

/* How many descriptors does it hold for its steps? */
unsigned sftp_held(const struct sftp *s);
/* Is an answer of the server outstanding? */
bool sftp_waiting(const struct sftp *s);
/* When it last answered, on the monotonic clock in ms. */
uint64_t sftp_heard(const struct sftp *s);
/* File bytes that the server has confirmed. */
uint64_t sftp_confirmed(const struct sftp *s);

#endif
