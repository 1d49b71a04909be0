/*
 * One session as the hub sees it: resolve, connect, start a worker, judge the
 * host, log in, then steps in flight.  Hub.  Everything that comes through the
 * door is hostile until checked; a broken rule ends in ferry_EWALL.
 */
#ifndef REMOTE_SESSION_H
#define REMOTE_SESSION_H

#include "auth/key.h"
#include "auth/secrets.h"
#include "base/log.h"
#include "remote/dial.h"
#include "remote/door.h"
#include "remote/worker_msg.h"
#include "sandferry.h"

struct session;

/* A client certificate, for whoever asks for one. */
struct session_client {
	const struct key *key; /* stays in the hub */
	const struct buf *chain; /* DER, its own first */
};

/* What an FTP session needs beside. */
struct session_ftp {
	enum msg_tls mode;
	unsigned tls_max; /* as msg_connect_ftp's */
	uint32_t lacks; /* enum msg_trait: known not to work */
	uint32_t known; /* all that it has; 0: ask it */
	bool judged; /* `spki` is the key that the server must show */
	bool verify; /* chain and name must be right as well */
	struct digest spki;
	int authorities; /* the bundle, PEM; or -1 */
	/*
	 * The client certificate, asked for only when the server is trusted; or
	 * NULL: there is none.  It must live as long as the session.  NULL ok.
	 */
	int (*need_client)(void *ctx, const struct session_client **out,
	    struct ferry_error *err);
	/*
	 * May the server with this certificate be logged in to?  0, or a
	 * negated code.  Not asked with `judged`.
	 */
	int (*judge_certificate)(void *ctx, const struct msg_certificate *c,
	    struct ferry_error *err);
	/* For the host's profile, at any time; NULL ok. */
	void (*learned)(void *ctx, const struct msg_learned *m);
};

/* Copied; what it points to must live as long as the session. */
struct session_config {
	const char *host; /* name or numeric address, no brackets */
	unsigned port;
	struct dial_peers *peers; /* of the host; NULL: look it up */
	const char *user;
	const char *worker; /* path of the worker program */
	const char *algorithms; /* host keys, preferred first */
	unsigned connect_ms; /* one attempt, all of them twice that */
	unsigned silence_ms; /* a server silent for longer is lost */
	unsigned keepalive_ms; /* idle: ask it for a sign of life; 0: never */
	/*
	 * Readable: stop; or -1.  Once logged in, calls return ferry_ECANCELLED
	 * and the session goes on for an owner who turns this to silence.
	 */
	int cancel_fd;
	const struct log *log;
	bool confine; /* the worker builds its wall */

	/* who decides; all on the calling thread */
	void *ctx;
	/* Is this wall good enough?  0, or a negated code.  NULL: any is. */
	int (*judge_wall)(
	    void *ctx, const struct msg_wall *wall, struct ferry_error *err);
	/* Is this host key right?  0, or a negated code. */
	int (*judge_host)(void *ctx, const void *blob, size_t n,
	    const char *address, struct ferry_error *err);
	/*
	 * The selected key, asked for only when the host is proven; or NULL
	 * and *err untouched: log in without.  The session does not own it.
	 * NULL: there is none.
	 */
	int (*need_key)(
	    void *ctx, const struct key **out, struct ferry_error *err);
	/*
	 * A password; attempt is 1 ... SECRETS_MAX_TRIES.  prompt: the server's
	 * words for it, raw; or NULL.  ferry_ESECRET: there is none.
	 */
	int (*need_password)(void *ctx, unsigned attempt, const char *prompt,
	    struct secret **out, struct ferry_error *err);
	/* Whatever else the server asks: only the user knows. */
	int (*need_answer)(void *ctx, const char *prompt, bool echo,
	    struct secret **out, struct ferry_error *err);
	/* What the server wants to be shown, raw; NULL ok. */
	void (*said)(void *ctx, const char *text);
	void (*logged_in)(void *ctx); /* keys may be forgotten now; NULL ok */
	/* From inside these no session_ function may be called: */
	void (*on_done)(void *ctx, const struct msg_done *done);
	void (*on_entry)(void *ctx, const struct msg_entry *entry);
	void (*on_progress)(void *ctx, uint64_t bytes);
	/*
	 * What to compress on a line with this round trip time, in
	 * microseconds.  SSH only; NULL: nothing.
	 */
	enum msg_compress (*compress)(void *ctx, unsigned rtt_us);
	bool host_only; /* stop when the host key has been judged */
	const struct session_ftp *ftp; /* NULL: SFTP */
	const int *folder; /* open, in place of host, port, user; or NULL */
};

/*
 * Connect and log in; returns when steps are welcome (or, with host_only, when
 * judge_host has spoken).
 */
int session_open(struct session **out, const struct session_config *config,
    struct ferry_error *err);

/*
 * FTP: one more session beside another, to the same address, without waiting
 * for anything but `need_password`: session_turn() does the rest, and may fail
 * in all the ways in which session_open() does.
 */
int session_begin(struct session **out, const struct session_config *config,
    const struct session *beside, struct ferry_error *err);
/* Logged in: steps are welcome. */
bool session_is_ready(const struct session *s);

/* What the server can do. */
const struct msg_ready *session_ready(const struct session *s);

/* Bytes that compression has kept off the line, as the worker says. */
uint64_t session_saved(const struct session *s);

/*
 * Send one step; fd (or -1) stays the caller's and may be closed.  Blocks,
 * delivering replies to the callbacks, while too many are in flight.  After a
 * failure every call returns it again.
 */
int session_step(struct session *s, const struct msg_step *step, int fd,
    struct ferry_error *err);

/* Deliver replies until at most this many steps are in flight. */
int session_wait(struct session *s, size_t in_flight, struct ferry_error *err);

/*
 * For those who have several sessions: what to wait for, in p, which has room
 * for SESSION_POLLS; *timeout_ms is lowered to when the session wants a turn.
 * A turn delivers what has come, and waits for nothing.
 */
enum { SESSION_POLLS = DOOR_POLLS + 1 };
size_t session_poll(
    const struct session *s, struct pollfd p[SESSION_POLLS], int *timeout_ms);
int session_turn(struct session *s, struct ferry_error *err);

/* From now on a server that is silent for so long is lost; never for longer. */
void session_hurry(struct session *s, unsigned silence_ms);

/* End in good order (waits at most 2 s), or kill; NULL is fine. */
void session_close(struct session *s);

#endif
