/*
 * The FTP engine: one control connection, one libcurl handle, steps one after
 * the other.  Worker.  Calls last as long as the server does; meanwhile the
 * door is looked at through `turn`.  Every connection comes from the hub.
 */
#ifndef REMOTE_FTP_H
#define REMOTE_FTP_H

#include "base/secret.h"
#include "remote/worker_msg.h"

struct ftp;

struct ftp_hooks {
	void *ctx;
	/* Look at the door without waiting.  False: stop at once. */
	bool (*turn)(void *ctx);
	int door; /* readable when there is something to look at */
	/* A connection to this port of the server; or -errno. */
	int (*dial)(void *ctx, unsigned port);
	void (*ready)(void *ctx, const struct msg_ready *ready);
	void (*done)(void *ctx, const struct msg_done *done);
	void (*entry)(void *ctx, const struct msg_entry *entry);
	void (*learned)(void *ctx, const struct msg_learned *learned);
	/* The signature's length; 0: there is none. */
	size_t (*sign)(void *ctx, const struct msg_tls_sign *m,
	    unsigned char *to, size_t size);
};

/* A step that waits; what has taken it out of its queue frees it. */
struct ftp_todo {
	struct ftp_todo *next;
	struct msg_step step;
	int fd; /* or -1 */
	bool careful; /* it was tried among others, and refused */
};

struct ftp_queue {
	struct ftp_todo *first, **end;
};

void ftp_queue_init(struct ftp_queue *q);
void ftp_queue_add(struct ftp_queue *q, struct ftp_todo *t);
void ftp_queue_put_back(struct ftp_queue *q, struct ftp_todo *t);
struct ftp_todo *ftp_queue_take(struct ftp_queue *q); /* NULL: it is empty */

enum ftp_login { FTP_LOGIN_DONE, FTP_LOGIN_REFUSED };

/* Once, before the wall: libcurl and libssl open what they need. */
bool ftp_warm_up(void);

/*
 * sock becomes the engine's.  authorities: PEM, may be empty; only read here.
 * The config is copied.
 */
int ftp_new(struct ftp **out, const struct msg_connect_ftp *config, int sock,
    const struct buf *authorities, const struct ftp_hooks *hooks,
    struct ferry_error *err);
void ftp_free(struct ftp *f);

/* A handshake on the connection that is there; ends it. */
int ftp_look(struct ftp *f, struct msg_certificate *out, struct buf *der,
    struct ferry_error *err);

/*
 * From here on, whoever asks is shown this certificate: DER, others behind it.
 * False: malformed.
 */
bool ftp_client_set(struct ftp *f, const struct msg_blob *der);

/* READY is said when it went well.  Negative: the session is over. */
int
ftp_login(struct ftp *f, const struct secret *password, enum ftp_login *result,
    struct msg_login_refused *refused, struct ferry_error *err);

/*
 * DONE is said in any case but a negative one: the session is over.  The first
 * of these steps, or as many of them as can be done at once; also such as come
 * through the door meanwhile.
 */
int ftp_work(struct ftp *f, struct ftp_queue *q, struct ferry_error *err);
/* Nothing to do for a while: keep the connection alive. */
int ftp_idle(struct ftp *f, struct ferry_error *err);

/* When the server was last heard, on the monotonic clock in ms. */
uint64_t ftp_heard(const struct ftp *f);
/* File bytes that a connection has taken. */
uint64_t ftp_sent(const struct ftp *f);

#endif
