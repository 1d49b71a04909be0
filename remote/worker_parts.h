/*
 * What the files of the worker share.  Worker; included by remote/worker*.c
 * only.
 *
 * worker.c        the loop, what may come through the door, steps
 * worker_login.c  from CONNECT to READY
 * worker_ftp.c    the same for FTP, and its steps one after the other
 * worker_http.c   a look at what visitors see
 * worker_hub.c    what these two want of the hub meanwhile
 * worker_folder.c a folder of this machine in place of a server
 * worker_mail.c   messages on their way out
 */
#ifndef REMOTE_WORKER_PARTS_H
#define REMOTE_WORKER_PARTS_H

#include "base/secret.h"
#include "remote/ftp.h"
#include "remote/sftp.h"
#include "remote/ssh.h"
#include "remote/worker_mail.h"
#include "remote/worker_msg.h"

enum worker_stage {
	STAGE_START = 1 << 0, /* nothing known: CONNECT must come */
	STAGE_HANDSHAKE = 1 << 1,
	STAGE_VERDICT = 1 << 2, /* the hub judges the host key */
	STAGE_WAIT_LOGIN = 1 << 3, /* the hub chooses how to log in */
	STAGE_LOGIN = 1 << 4,
	STAGE_OFFER = 1 << 5, /* asking how the server lets anybody in */
	STAGE_PROMPTED = 1 << 6, /* the hub answers what the server asks */
	STAGE_READY = 1 << 7,
	STAGE_OVER = 1 << 8,
	/* FTP only */
	STAGE_AUTHORITIES = 1 << 9, /* the bundle is on its way */
	STAGE_LOOK = 1 << 10, /* a handshake, to see the certificate */
	/* HTTP only */
	STAGE_HTTP_BUNDLE = 1 << 11, /* the authorities are on their way */
	STAGE_HTTP = 1 << 12, /* the hub says what to get */
	STAGE_HTTP_GET = 1 << 13,
};

enum worker_method { BY_KEY, BY_PASSWORD, BY_PROMPTS };

struct worker {
	struct worker_mail mail; /* and the door that it goes through */
	enum worker_stage stage;
	struct msg_connect connect;
	struct ssh *ssh;
	struct sftp *sftp;
	struct worker_ftp *ftp; /* in place of these two */
	struct worker_http *http; /* or this */
	struct worker_folder *folder; /* or this */
	bool dialling; /* the engine waits for a connection */
	int dialled; /* what SOCKET brought: a descriptor, or -errno */
	enum worker_method method; /* to log in by */
	struct buf key; /* LOGIN_KEY's blob */
	struct secret *password;
	struct secret **answers; /* while STAGE_PROMPTED: put them here, */
	uint32_t prompts; /* that many */
	uint64_t progress_at, progress_sent;
	enum worker_stage owes_stage; /* what the server owes us */
	uint64_t owes_since; /* ms */
	uint64_t idle_since; /* ms: READY, by SFTP */
	unsigned files_max; /* that steps may bring at one time */
	int status; /* to exit with */
	unsigned char packet[LIMIT_MESSAGE]; /* the one being read */
};

/* worker.c: end the process, for why; end the session; say this. */
void worker_die(struct worker *w, const char *why);
void worker_fail(struct worker *w, const struct ferry_error *err);
void worker_say(struct worker *w, struct buf *b);
/* Hooks of both engines: what they say goes to the hub as it is. */
void worker_on_ready(void *ctx, const struct msg_ready *ready);
void worker_on_done(void *ctx, const struct msg_done *done);
void worker_on_entry(void *ctx, const struct msg_entry *entry);
/* Take what has come through the door. */
void worker_read_door(struct worker *w);
/* PROGRESS, when it is time for it. */
void worker_report_progress(struct worker *w);
/* Logged in: steps are welcome from here on.  False: the session is over. */
bool worker_start_engine(struct worker *w, struct ferry_error *err);

/*
 * worker_login.c: what comes through the door before READY.  *fd is the
 * descriptor that came along; -1 when taken.  False: malformed or senseless.
 */
typedef bool worker_take_fn(
    struct worker *w, struct buf_reader *r, int *fd, struct ferry_error *err);
worker_take_fn worker_take_connect, worker_take_verdict, worker_take_login_key,
    worker_take_login_password, worker_take_login_prompted, worker_take_answers,
    worker_take_signature;
/* Each does what it can, and says whether the next stage has begun. */
bool worker_handshake(struct worker *w, struct ferry_error *err);
bool worker_offer(struct worker *w, struct ferry_error *err);
bool worker_login(struct worker *w, struct ferry_error *err);

/*
 * worker_ftp.c.  Its stages last as long as the server does, and look at the
 * door meanwhile.
 */
worker_take_fn worker_ftp_take_connect, worker_ftp_take_authorities,
    worker_ftp_take_client, worker_ftp_take_signature;
/* The descriptor becomes ours.  False: out of memory. */
bool
worker_ftp_take_step(struct worker *w, const struct msg_step *step, int fd);
bool worker_ftp_look(struct worker *w, struct ferry_error *err);
bool worker_ftp_login(struct worker *w, struct ferry_error *err);
bool worker_ftp_ready(struct worker *w, struct ferry_error *err);
unsigned worker_ftp_held(const struct worker_ftp *f);
uint64_t worker_ftp_heard(const struct worker_ftp *f);
uint64_t worker_ftp_sent(const struct worker_ftp *f);
void worker_ftp_free(struct worker_ftp *f);
/*
 * worker_hub.c: hooks of both engines.  Look at the door: false, the session is
 * over.  Have the hub connect to this port: a descriptor, or -errno.
 */
bool worker_turn(void *worker);
int worker_dial(void *worker, unsigned port);
worker_take_fn worker_take_socket;
/* Whatever comes next through the door, and what waits to go out. */
void worker_hear_hub(struct worker *w);
/* However long the hub takes; it has a limit of its own. */
void worker_wait_for_hub(struct worker *w, const bool *waiting);
/* The bundle into b.  False: it cannot be read, and the session is over. */
bool worker_load_authorities(
    struct worker *w, struct buf *b, int fd, struct ferry_error *err);

/* worker_http.c */
worker_take_fn worker_http_take_connect, worker_http_take_authorities,
    worker_http_take_get;
void worker_http_get(struct worker *w);
void worker_http_free(struct worker_http *h);

/* worker_folder.c: dirfd becomes its own; so does a step's fd. */
void worker_folder_begin(struct worker *w, int dirfd);
void
worker_folder_take_step(struct worker *w, const struct msg_step *step, int fd);
uint64_t worker_folder_heard(const struct worker_folder *f);
uint64_t worker_folder_moved(const struct worker_folder *f);
void worker_folder_free(struct worker_folder *f);

#endif
