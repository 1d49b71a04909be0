/*
 * What the files of the FTP engine share.  Worker; included by remote/ftp*.c
 * only.
 *
 * ftp.c        beginning, login, which step is whose
 * ftp_look.c   the first handshake: whom are we talking to?
 * ftp_wire.c   libcurl: one exchange after the other, on our connections
 * ftp_data.c   connections from the hub, data connections above all
 * ftp_ahead.c  the EPSV of the next transfer, before this one has ended
 * ftp_tls.c    its data connections resume the session of the control one
 * ftp_client.c our certificate, if the server asks for one
 * ftp_error.c  why the session is over
 * ftp_reply.c  what the server answers
 * ftp_put.c    a file on its way
 * ftp_ops.c    all other steps
 * ftp_many.c   those of them that need no data connection, many at once
 * ftp_burst.c  many commands, sent and answered past libcurl
 * ftp_find.c   what is there: sizes, kinds, absence
 * ftp_libc.c   calls of libc that libcurl makes and the wall refuses
 */
#ifndef REMOTE_FTP_ENGINE_H
#define REMOTE_FTP_ENGINE_H

#include <curl/curl.h>
#include <openssl/ssl.h>
#include <poll.h>

#include "base/hash.h"
#include "remote/ftp.h"
#include "remote/ftp_reply.h"
#include "remote/listing.h"

enum {
	FTP_LINE = 8 * 1024, /* of a listing; the longest name has 255 */
	FTP_NAMES_MAX = 1 << 20, /* in one listing */
	FTP_TAIL = 64 * 1024, /* compared before a file is resumed */
	FTP_COMMAND = 2 * WORKER_MSG_PATH,
};

enum ftp_transfer { FTP_STOR, FTP_APPE, FTP_RETR, FTP_LIST };

/* A data connection's bytes: where from, or where to. */
struct ftp_flow {
	enum ftp_transfer transfer;
	const char *path;
	uint64_t length; /* STOR, APPE: to send */
	uint64_t offset; /* RETR: in the remote file; it goes to its end */
	void *ctx;
	/* The next n bytes at most; 0 is the end. */
	size_t (*read)(void *ctx, void *p, size_t n);
	bool (*write)(void *ctx, const void *p, size_t n);
};

/* An EPSV that was said before libcurl says it. */
struct ftp_ahead {
	bool owed; /* its answer: the next one behind that to the upload */
	uint64_t said; /* ms */
	char answer[128]; /* 229, for libcurl */
	size_t n; /* of it; 0: there is none */
	bool due; /* libcurl has said EPSV, and is to hear it now */
	bool used; /* in the exchange that runs */
};

struct ftp {
	struct msg_connect_ftp config;
	struct ftp_hooks hooks;
	X509_STORE *authorities;
	CURLM *multi;
	CURL *easy;
	char url[WORKER_MSG_HOST + 32]; /* "ftp://host:21/" */
	char home[WORKER_MSG_PATH]; /* the folder of the login, or "" */
	char server[WORKER_MSG_TEXT]; /* its greeting */
	int sock; /* a control connection that was not used yet; or -1 */
	int control, data; /* libcurl's; or -1 */
	int dial_errno; /* of the last one that failed */
	bool ready; /* logged in */
	bool logging_in; /* the next connection is the control one */
	bool accepted; /* 125 or 150: the data connection is in use */
	bool data_expected; /* 227 or 229 was the last answer */
	bool tls_begun; /* the control connection's */
	bool lost; /* the control connection is */
	bool stopped, silent; /* why an exchange was cut off */
	bool binary; /* TYPE I is in force */
	bool utf8; /* it was told that names are in UTF-8 */
	int owed; /* answers to commands that were sent */
	bool epsv_said; /* the last of them, and not answered yet */
	int group; /* of keys, that the server took last; or 0 */
	SSL *tls; /* libcurl's, of the control connection; or NULL */
	SSL_SESSION *session; /* the newest of the control connection */
	struct ftp_client *client; /* NULL: no certificate of ours */
	bool client_asked; /* for one, and there was none */
	int alert; /* the last one that ended a connection; 0: none */
	bool passive; /* this data connection is by PASV */
	uint32_t has, lacks; /* enum msg_trait */
	uint32_t told_has, told_lacks; /* of those: through the door */
	bool early; /* bytes went before the server said 150 */
	bool early_due; /* and libcurl is still to hear one, of ours */
	bool early_owed; /* the server's own is not for libcurl: */
	struct ftp_reply unsaid;
	struct ftp_ahead ahead;
	bool distrusted; /* because of that, libcurl has given EPSV up */
	unsigned puts; /* steps, one behind the other */
	uint64_t given; /* bytes that libcurl has taken, of this upload */
	struct ftp_reply reply;
	struct ftp_flow *flow; /* of the exchange that runs */
	CURLcode curl; /* how the last one ended */
	uint64_t heard, sent;
	/* the file that was put last, and its size: for those appended to */
	char known[WORKER_MSG_PATH];
	uint64_t known_size;
};

/* ---- ftp_data.c ---- */

/* libcurl's callbacks. */
curl_socket_t
data_open(void *ctx, curlsocktype purpose, struct curl_sockaddr *address);
int data_close(void *ctx, curl_socket_t fd);
/* The exchange that runs, for the stand-ins of libc; NULL: none does. */
void data_current(struct ftp *f);
/* Does the server not want any more of it? */
bool data_is_cut(const struct ftp *f);
#ifndef POLLRDHUP /* where POLLHUP says it */
#define POLLRDHUP POLLHUP
#endif

/* Has the server closed its half?  What it sent before may be there still. */
bool data_has_ended(int fd);
/* libcurl has sent this command. */
void data_note_command(struct ftp *f, const char *p, size_t n);
/* What a transfer that has ended says about the ways to connect. */
void data_learn(struct ftp *f);

/* ---- ftp_ahead.c ---- */

/* The data connection of an upload is closed: say EPSV, if it is worth it. */
void ahead_say(struct ftp *f);
/*
 * Hear its answer, if one is owed; before anything else is said.  False: the
 * session is over.
 */
bool ahead_settle(struct ftp *f);
/* libcurl reads.  One line of what comes before it; 0: all; -1: nothing now. */
ssize_t ahead_read(struct ftp *f, char *p, size_t n);
/* libcurl sends: was that said already? */
bool ahead_swallow(struct ftp *f, const char *p, size_t n);
/* Then this is the answer; n is not 0. */
ssize_t ahead_answer(struct ftp *f, char *p, size_t n);
/* There is no such port any more. */
void ahead_forget(struct ftp *f);
/* What a transfer that has ended says about it. */
void ahead_judge(struct ftp *f);

/* ---- ftp_tls.c ---- */

/* Prepare the next connection's TLS: the first is the control one. */
bool ftp_tls_prepare(struct ftp *f, SSL_CTX *ctx);
void ftp_tls_forget(struct ftp *f);
void ftp_tls_note_group(struct ftp *f, const SSL *tls);

/* ---- ftp_client.c ---- */

void ftp_client_free(struct ftp_client *c); /* NULL is fine */
/* The next connection shows it, or notes that it is asked for. */
bool ftp_client_prepare(struct ftp *f, SSL_CTX *ctx);
/* Does this alert say that the server wants a certificate, or another one? */
bool ftp_client_alert(int alert);

/* ---- ftp_error.c ---- */

/* Why the session is over. */
int ftp_error(const struct ftp *f, struct ferry_error *err);

/* ---- ftp_wire.c ---- */

int wire_open(struct ftp *f, struct ferry_error *err);
void wire_close(struct ftp *f);
/* Connect and log in, by a NOOP. */
void wire_login(struct ftp *f, const struct secret *password);
/*
 * One command; the reply is in f->reply.  Its code; 0: none came, f->lost.
 */
unsigned wire_command(struct ftp *f, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* One data connection.  OK, or what the last reply means. */
enum msg_result wire_transfer(struct ftp *f, struct ftp_flow *flow);
/* Look at the door, and at the clock.  False: stop. */
bool wire_turn(struct ftp *f);

/* ---- ftp_find.c ---- */

struct ftp_found {
	enum msg_result result;
	struct listing entry; /* without a name */
};

/* What is at this path?  absent is said on evidence only. */
void find_path(struct ftp *f, const char *path, struct ftp_found *out);
/* Its size and time, for STAT_ROUGH. */
void find_rough(struct ftp *f, const char *path, struct ftp_found *out);
/* The size of a file that was just written. */
void find_size(struct ftp *f, const char *path, struct ftp_found *out);
/* What MLST, SIZE and MDTM have answered. */
bool find_take_mlst(const struct ftp *f, struct listing *l);
bool find_take_size(const struct ftp *f, struct listing *l);
bool find_take_time(const struct ftp *f, struct listing *l);
bool find_is_folder(struct ftp *f, const char *path);
/* All of a folder; each may be NULL. */
enum msg_result find_list(struct ftp *f, const char *path, void *ctx,
    bool (*each)(void *ctx, const struct listing *l), const char **why);

/* ---- steps; each fills in done->result and what goes with it ---- */

void put_step(
    struct ftp *f, const struct msg_step *step, int fd, struct msg_done *done);
void ops_step(
    struct ftp *f, const struct msg_step *step, int fd, struct msg_done *done);
/* The last reply is why. */
void ftp_refuse(struct ftp *f, struct msg_done *done);
void
ftp_refuse_for(struct msg_done *done, enum msg_result result, const char *why);
/* Can these names be sent at all? */
bool ftp_can_say(const struct msg_step *step);
/* Is the server to be told first that they are in UTF-8? */
bool ftp_needs_utf8(const struct ftp *f, const struct msg_step *step);
/* Can the first of them be one of many?  Then do it, and those behind it. */
bool ftp_is_many(const struct ftp *f, const struct ftp_queue *q);
void ftp_many(struct ftp *f, struct ftp_queue *q);
/* This was the answer to SITE CHMOD. */
void ftp_note_chmod(struct ftp *f, unsigned code);
/* SITE CHMOD; the code of the answer, 0: it lacks that, or the end. */
unsigned ftp_chmod(struct ftp *f, const char *path, uint32_t mode);
/* SITE CHMOD and MFMT as far as the server does them; never an error. */
void
ftp_attributes(struct ftp *f, const char *path, uint32_t mode, uint64_t mtime);
/* What AVBL has answered. */
void ftp_take_space(struct ftp *f, struct msg_done *done);
void ftp_learn(struct ftp *f, uint32_t trait, bool has);
uint64_t ftp_now_ms(void);

#endif
