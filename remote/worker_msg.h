/*
 * The door in the wall: every message between hub and worker, both directions.
 *
 * One message is one packet of a SOCK_SEQPACKET pair: u8 version, u8 type, u32
 * length of the body, body; big-endian, RFC 4251 strings; at most one
 * descriptor rides along.  For each message: a struct, a put, and directly
 * below it in the .c the get that reads it.  A get checks every length before
 * it looks, and fails unless the body is used up to its last byte.  Strings
 * and blobs that a get gives out point into the message.
 */
#ifndef REMOTE_WORKER_MSG_H
#define REMOTE_WORKER_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/limits.h"
#include "sandferry.h"

enum {
	WORKER_MSG_VERSION = 1,
	WORKER_MSG_HEADER = 6,
	WORKER_MSG_PATH = LIMIT_PATH + 256, /* root and a path below it */
	WORKER_MSG_TEXT = 240,
	WORKER_MSG_METHODS = 256,
	WORKER_MSG_ALGORITHMS = 512,
	WORKER_MSG_USER = 256,
	WORKER_MSG_HOST = 256,
	WORKER_MSG_HASH_MAX = 64, /* SHA-512 */
};

enum worker_msg_type {
	/* hub to worker */
	MSG_CONNECT = 1, /* once, first; carries the connected socket */
	MSG_VERDICT, /* once, answers HOSTKEY */
	MSG_LOGIN_KEY, /* log in with this public key */
	MSG_LOGIN_PASSWORD, /* log in with this password */
	MSG_SIGNATURE, /* answers SIGN */
	MSG_STEP, /* after READY; carries a file where the op says */
	MSG_QUIT, /* end the session in good order */
	MSG_LOGIN_PROMPTED, /* log in by what the server asks */
	MSG_ANSWERS, /* answers PROMPTS */
	/* FTP; see `struct msg_connect_ftp` for who says what when */
	MSG_CONNECT_FTP, /* once, first; carries the control connection */
	MSG_AUTHORITIES, /* once, after it; carries the bundle, read-only */
	MSG_SOCKET, /* answers DIAL; carries the connection, if there is one */
	MSG_CLIENT_CERTIFICATE, /* ours, for whoever asks for one */
	MSG_TLS_SIGNATURE, /* answers TLS_SIGN */
	/* HTTP; see `struct msg_connect_http` */
	MSG_CONNECT_HTTP, /* once, first */
	MSG_HTTP_GET, /* one at a time */
	MSG_FOLDER, /* once, first; carries the folder; see msg_put_folder */

	/* worker to hub */
	MSG_HOSTKEY = 64, /* once: what the server proved */
	MSG_SIGN, /* sign these bytes */
	MSG_LOGIN_REFUSED, /* and what the server would take instead */
	MSG_READY, /* logged in, steps are welcome */
	MSG_DONE, /* a step ended */
	MSG_ENTRY, /* one name of a STEP_LIST */
	MSG_PROGRESS, /* bytes that the server has confirmed */
	MSG_LOG,
	MSG_FAIL, /* the session is over; the worker exits */
	MSG_OFFER, /* once: how the server lets anybody in */
	MSG_PROMPTS, /* what the server asks (RFC 4256) */
	MSG_WALL, /* once, first of all: what the worker is behind */
	MSG_CERTIFICATE, /* once: what the FTP server's TLS showed */
	MSG_DIAL, /* connect to the server: one at a time */
	MSG_LEARNED, /* what an FTP server can do after all, or cannot */
	MSG_TLS_SIGN, /* sign this handshake with the certificate's key */
	MSG_HTTP_REPLY, /* answers HTTP_GET */
};

/* The name of a type for traces, "CONNECT"; "?" when there is none. */
const char *worker_msg_name(unsigned type);

/*
 * Begin a message in an empty b and end it by filling in the length.  The puts
 * below do both.  worker_msg_open checks the header of a received packet:
 * false when version or length disagree.
 */
void worker_msg_begin(struct buf *b, enum worker_msg_type type);
void worker_msg_end(struct buf *b);
bool worker_msg_open(
    const void *packet, size_t n, unsigned *type, struct buf_reader *body);
/* Part of several messages. */
void msg_get_digest(struct buf_reader *r, struct digest *d);

enum msg_driver { MSG_DRIVER_SFTP = 1, MSG_DRIVER_FTP, MSG_DRIVER_FOLDER };

enum msg_compress { /* SSH; never before the login */
	MSG_COMPRESS_NOTHING,
	MSG_COMPRESS_SENT, /* by us: nothing of the server's is unpacked */
	MSG_COMPRESS_BOTH, /* libssh2 does not unpack without packing */
};

struct msg_connect {
	uint8_t driver; /* enum msg_driver */
	uint8_t log_level;
	uint32_t silence_ms; /* a server silent for longer is lost */
	uint32_t keepalive_ms; /* STAT when idle for this long; 0: never */
	uint32_t max_files; /* in flight; 0: adapt */
	uint8_t compress; /* enum msg_compress: ask for it */
	char user[WORKER_MSG_USER];
	char algorithms[WORKER_MSG_ALGORITHMS]; /* host keys, preferred first */
};
void msg_put_connect(struct buf *b, const struct msg_connect *m);
bool msg_get_connect(struct buf_reader *r, struct msg_connect *m);

struct msg_blob { /* LOGIN_KEY, LOGIN_PASSWORD, SIGNATURE, SIGN, ... */
	const unsigned char *p; /* SIGNATURE: n = 0 is a refusal */
	size_t n;
};
void msg_put_blob(
    struct buf *b, enum worker_msg_type type, const struct msg_blob *m);
bool msg_get_blob(struct buf_reader *r, struct msg_blob *m, size_t max);

enum msg_tls { MSG_TLS_EXPLICIT = 1, MSG_TLS_IMPLICIT, MSG_TLS_NONE };

enum msg_trait { /* of an FTP server: bits, as READY.features above SFTP's */
	MSG_FTP_TLS = 1 << 8, /* the session is encrypted, data too */
	MSG_FTP_TLS13 = 1 << 9, /* by TLS 1.3 */
	MSG_FTP_REUSE = 1 << 10, /* data connections resume its session */
	MSG_FTP_EPSV = 1 << 11,
	MSG_FTP_MLST = 1 << 12, /* and MLSD */
	MSG_FTP_SIZE = 1 << 13,
	MSG_FTP_REST = 1 << 14, /* of streams */
	MSG_FTP_APPE = 1 << 15,
	MSG_FTP_MFMT = 1 << 16, /* sets times */
	MSG_FTP_CHMOD = 1 << 17, /* sets modes */
	MSG_FTP_REPLACE = 1 << 18, /* RNTO replaces what is there */
	MSG_FTP_UTF8 = 1 << 19,
	MSG_FTP_EARLY = 1 << 20, /* takes the bytes before it has said 150 */
	MSG_FTP_BURST = 1 << 21, /* takes commands before it has answered */
	MSG_FTP_AHEAD = 1 << 22, /* and EPSV before it has said 226 */
	MSG_FTP_AVBL = 1 << 23, /* says how much room there is */
	MSG_FTP_ALL = 0xffff << 8,
};

/* Those that are seen in each session anew. */
enum {
	MSG_FTP_SEEN =
	    MSG_FTP_TLS | MSG_FTP_TLS13 | MSG_FTP_REUSE | MSG_FTP_BURST
};

/*
 * An FTP session.  The role of the worker is `ftp`; MSG_CONNECT never comes.
 *
 *   hub     CONNECT_FTP      with the control connection
 *   hub     AUTHORITIES      if `authorities`: with the bundle, PEM
 *     -- only with TLS and without `judged`:
 *   worker  CERTIFICATE      after a handshake of its own; it has closed that
 *                            connection, nobody has logged in
 *   hub     VERDICT          not trusted: the worker ends
 *     --
 *   hub     CLIENT_CERTIFICATE  if there is one: DER, one after the other
 *   hub     LOGIN_PASSWORD   may come at once where there is no CERTIFICATE
 *   worker  DIAL 0           if it has no unused control connection (any more)
 *   hub     SOCKET
 *   worker  LOGIN_REFUSED    then another LOGIN_PASSWORD may come; or
 *   worker  READY            then STEPs as in SFTP, but one after the other
 *   worker  DIAL port        a data connection to the address (never another)
 *                            that the control connection leads to; the worker
 *                            waits for the SOCKET, STEPs may come before it
 *   worker  LEARNED          any time from READY on; for the host's profile
 *   worker  TLS_SIGN         with CLIENT_CERTIFICATE, in any handshake from
 *                            there on, once for each connection; the worker
 *                            waits for
 *   hub     TLS_SIGNATURE
 *
 * A DIAL 0 comes before READY only: a control connection that is lost ends the
 * session by FAIL (ferry_ELOST), and the hub settles what was in flight.
 *
 * The server's key is the one judged, or the session ends: with `judged`,
 * `spki` is the SHA-256 of the SubjectPublicKeyInfo; without, it is the one in
 * CERTIFICATE.  `verify`: the chain and the name must be right as well, each
 * time; without it VERDICT or `judged` decide alone (a pin).
 *
 * FAILs before READY: ftp_no_tls (ferry_EPOLICY: the server refuses AUTH TLS),
 * ftp_tls (ferry_EREACH: no handshake; the text says why), ftp_tls_version
 * (ferry_EREACH: not with this `tls_max`; another session may raise it),
 * ftp_key_changed (ferry_EREACH: another key than the judged one),
 * ftp_client_wanted (ferry_ELOGIN: it wants a client certificate, and there is
 * none), ftp_client_refused (ferry_ELOGIN: it does not want this one),
 * ftp_busy (ferry_EBUSY: 421, or too many connections: have fewer),
 * ftp_failed (ferry_EREACH: anything else).  After it, all ferry_ELOST:
 * ftp_lost, ftp_data (no data connection, by EPSV or PASV), server_silent; and
 * ftp_busy again.  A step whose DONE came before FAIL is settled; of the others
 * the first may have been done or not: look.
 */
struct msg_connect_ftp {
	uint8_t log_level;
	uint8_t mode; /* enum msg_tls */
	uint8_t tls_max; /* minor version: 3 is TLS 1.2, 4 is TLS 1.3 */
	bool judged; /* `spki` was trusted in this run */
	bool verify; /* chain and name, too */
	bool authorities; /* AUTHORITIES follows */
	uint32_t silence_ms; /* a server silent for longer is lost */
	uint32_t keepalive_ms; /* NOOP when idle for this long; 0: never */
	uint32_t port; /* of the control connection */
	uint32_t lacks; /* enum msg_trait: known not to work, do not try */
	uint32_t known; /* traits that it has, all of them: do not ask; or 0 */
	struct digest spki;
	char host[WORKER_MSG_HOST]; /* as in the url, no brackets */
	char user[WORKER_MSG_USER];
};
void msg_put_connect_ftp(struct buf *b, const struct msg_connect_ftp *m);
bool msg_get_connect_ftp(struct buf_reader *r, struct msg_connect_ftp *m);

/* AUTHORITIES has no body: a regular file of at most LIMIT_AUTHORITIES. */
void msg_put_authorities(struct buf *b);

struct msg_certificate {
	struct digest spki; /* of `der`; the hub may count again */
	uint8_t tls; /* minor version that was agreed on */
	bool chain_ok; /* leads to an authority, and is valid today */
	bool name_ok; /* it is the host's */
	int64_t since, until; /* valid, seconds since 1970 */
	char why[WORKER_MSG_TEXT]; /* not chain_ok: in OpenSSL's words */
	char subject[WORKER_MSG_TEXT]; /* raw */
	char issuer[WORKER_MSG_TEXT]; /* raw */
	char names[WORKER_MSG_TEXT]; /* that it is for, "a.org, *.b.org"; raw */
	struct msg_blob der; /* the server's own certificate */
};
void msg_put_certificate(struct buf *b, const struct msg_certificate *m);
bool msg_get_certificate(struct buf_reader *r, struct msg_certificate *m);

struct msg_dial {
	uint32_t port; /* 1 to 65535; 0: the control connection once more */
};
void msg_put_dial(struct buf *b, const struct msg_dial *m);
bool msg_get_dial(struct buf_reader *r, struct msg_dial *m);

struct msg_socket {
	uint32_t os_errno; /* why no connection comes along; or 0 */
};
void msg_put_socket(struct buf *b, const struct msg_socket *m);
bool msg_get_socket(struct buf_reader *r, struct msg_socket *m);

struct msg_learned {
	uint32_t has; /* enum msg_trait; works */
	uint32_t lacks; /* was tried, and does not */
};
void msg_put_learned(struct buf *b, const struct msg_learned *m);
bool msg_get_learned(struct buf_reader *r, struct msg_learned *m);

struct msg_tls_sign { /* see auth/tls_claim.h */
	uint32_t scheme; /* RFC 8446, 4.2.3 */
	struct msg_blob server; /* its key: a SubjectPublicKeyInfo, DER */
	struct msg_blob handshake; /* all its messages so far */
};
void msg_put_tls_sign(struct buf *b, const struct msg_tls_sign *m);
bool msg_get_tls_sign(struct buf_reader *r, struct msg_tls_sign *m);

/*
 * A look at what visitors see.  The role of the worker is `http`.
 *
 *   hub     CONNECT_HTTP
 *   hub     AUTHORITIES    if `authorities': with the bundle, PEM
 *     -- as often as the hub likes:
 *   hub     HTTP_GET
 *   worker  DIAL port      for each connection, also behind a redirect; never 0
 *   hub     SOCKET
 *   worker  HTTP_REPLY
 *
 * Each GET ends within `silence_ms', whatever the server does.  A certificate
 * has to be right, by these authorities and for this name.
 */
struct msg_connect_http {
	uint32_t silence_ms;
	bool authorities; /* AUTHORITIES follows */
};
void msg_put_connect_http(struct buf *b, const struct msg_connect_http *m);
bool msg_get_connect_http(struct buf_reader *r, struct msg_connect_http *m);

enum {
	WORKER_MSG_URL = 4 * LIMIT_PATH,
	WORKER_MSG_TOKEN = 256, /* that is looked for */
};

struct msg_http_get {
	char url[WORKER_MSG_URL]; /* http: or https: */
	uint32_t most; /* bytes of the body that are looked at */
	struct msg_blob token;
};
void msg_put_http_get(struct buf *b, const struct msg_http_get *m);
bool msg_get_http_get(struct buf_reader *r, struct msg_http_get *m);

enum msg_http {
	MSG_HTTP_ANSWERED,
	MSG_HTTP_FAILED, /* text: why, in libcurl's words */
	MSG_HTTP_ELSEWHERE, /* a redirect to another host, text: its url */
};

struct msg_http_reply {
	uint8_t how; /* enum msg_http */
	bool shown; /* the token is in the body */
	uint32_t status; /* 100 to 599; 0: none came */
	uint32_t redirects; /* that were followed */
	char text[WORKER_MSG_TEXT]; /* escaped */
};
void msg_put_http_reply(struct buf *b, const struct msg_http_reply *m);
bool msg_get_http_reply(struct buf_reader *r, struct msg_http_reply *m);

/*
 * A folder of this machine.  The role of the worker is `folder'.
 *
 *   hub     FOLDER         with the folder, open: the worker builds its wall
 *                          around it before it says anything
 *   worker  WALL
 *   worker  READY          then STEPs as in SFTP, each done when the next one
 *                          begins; paths are relative to the folder
 *
 * What failed has MSG_FOLDER_ERRNO and the errno as DONE.status.  FAILs:
 * folder_unreachable (ferry_EREACH), folder_lost (ferry_ELOST: removed, or its
 * disk).  FOLDER has no body.
 */
void msg_put_folder(struct buf *b);
enum { MSG_FOLDER_ERRNO = 1 << 16 };
/* EXDEV is a link that leads out; this, another file system inside. */
#define FOLDER_OTHER EMULTIHOP

struct msg_verdict {
	bool trusted;
};
void msg_put_verdict(struct buf *b, const struct msg_verdict *m);
bool msg_get_verdict(struct buf_reader *r, struct msg_verdict *m);

struct msg_hostkey {
	struct msg_blob reply; /* the clear-text key exchange reply */
	struct msg_blob hash; /* exchange hash H = session id */
};
void msg_put_hostkey(struct buf *b, const struct msg_hostkey *m);
bool msg_get_hostkey(struct buf_reader *r, struct msg_hostkey *m);

struct msg_offer {
	char methods[WORKER_MSG_METHODS]; /* "publickey,password" */
	char banner[LIMIT_BANNER]; /* what it says to everybody; raw */
};
void msg_put_offer(struct buf *b, const struct msg_offer *m);
bool msg_get_offer(struct buf_reader *r, struct msg_offer *m);

struct msg_prompts {
	char name[WORKER_MSG_TEXT]; /* the server's texts, raw */
	char instruction[WORKER_MSG_TEXT];
	uint32_t count; /* 0: to be shown only; answered by none */
	struct msg_prompt {
		bool echo; /* the answer may be shown */
		char text[WORKER_MSG_TEXT];
	} prompt[LIMIT_PROMPTS];
};
void msg_put_prompts(struct buf *b, const struct msg_prompts *m);
bool msg_get_prompts(struct buf_reader *r, struct msg_prompts *m);

struct msg_answers {
	uint32_t count; /* as many as there were prompts */
	struct msg_blob answer[LIMIT_PROMPTS];
};
void msg_put_answers(struct buf *b, const struct msg_answers *m);
bool msg_get_answers(struct buf_reader *r, struct msg_answers *m);

enum msg_refusal {
	REFUSAL_WRONG,
	REFUSAL_PARTIAL, /* what we did was right, but not enough */
	REFUSAL_CLOSED, /* the server does not listen any more */
};

struct msg_login_refused {
	char methods[WORKER_MSG_METHODS]; /* what it takes now */
	uint8_t how; /* enum msg_refusal */
	char words[WORKER_MSG_TEXT]; /* its last ones, or ""; raw */
};
void msg_put_login_refused(struct buf *b, const struct msg_login_refused *m);
bool msg_get_login_refused(struct buf_reader *r, struct msg_login_refused *m);

enum msg_feature { /* bits of msg_ready.features */
	MSG_POSIX_RENAME = 1 << 0,
	MSG_FSYNC = 1 << 1,
	MSG_LIMITS = 1 << 2,
	MSG_STATVFS = 1 << 3,
	MSG_HARDLINK = 1 << 4,
	MSG_COPY_DATA = 1 << 5,
	MSG_LSETSTAT = 1 << 6,
	MSG_COMPRESSED = 1 << 7, /* the server agreed to it */
	/* above the traits of FTP; even seconds only: a folder on FAT */
	MSG_ROUGH_TIMES = 1 << 24,
};

struct msg_ready {
	uint32_t features;
	uint32_t max_files; /* open files that the server allows; 0: unsaid */
	char server[WORKER_MSG_TEXT]; /* "SSH-2.0-OpenSSH_9.2p1"; raw */
};
void msg_put_ready(struct buf *b, const struct msg_ready *m);
bool msg_get_ready(struct buf_reader *r, struct msg_ready *m);

enum msg_op {
	STEP_MKDIR = 1, /* path, mode; a folder that exists is fine, save
			 * with PUT_EXCLUSIVE (FTP's way to lock) */
	STEP_PUT, /* path, file; see below */
	STEP_RENAME, /* path to target, replacing it; aside if the server
			 * cannot replace: the old file waits there meanwhile */
	STEP_REMOVE, /* path */
	STEP_RMDIR, /* path */
	STEP_STAT, /* path, not following a link */
	STEP_GET, /* path, file: write offset..offset+length there */
	STEP_LIST, /* path: one ENTRY each, then DONE */
	STEP_SPACE, /* path: DONE.size = bytes that we may still write;
		     * RESULT_UNSUPPORTED: FTP, it does not say */
	STEP_CHMOD, /* path, mode; RESULT_UNSUPPORTED: no mode can be set */
	STEP_LINK, /* path, also known as target from now on (hard link);
		    * RESULT_EXISTS: a file has that name */
	STEP_COPY, /* path, of exactly `length` bytes, copied by the server to
		    * target: created or overwritten, mode and mtime set.
		    * RESULT_UNSUPPORTED: it cannot; RESULT_SHORT: either one
		    * has another size.  Of the flags only PUT_DURABLE */
	STEP_SYMLINK, /* path, a symbolic link that holds `target', as it is:
		       * relative and without dots, or it is no step */
	STEP_READLINK, /* path: DONE.text = what the link holds, raw and
			* perhaps cut; RESULT_FAILED: it is none */
	STEP_LAST = STEP_READLINK,
};

enum msg_put_flag { /* bits of msg_step.flags */
	PUT_TRUNCATE = 1 << 0, /* begin with an empty file, create it */
	PUT_EXCLUSIVE = 1 << 1, /* create, fail if it exists (the lock) */
	PUT_RESUME = 1 << 2, /* keep what is there as far as it is equal */
	PUT_ATTRIBUTES = 1 << 3, /* set mode and mtime when all is written */
	PUT_DURABLE = 1 << 4, /* fsync@openssh.com before close */
	PUT_CUT = 1 << 5, /* end the file behind what was written */
	PUT_KEEP = 1 << 6, /* leave it open for the next PUT of it */
	PUT_DIGEST = 1 << 7, /* attributes only if it was this content */
	PUT_UNSEEN = 1 << 8, /* FTP: do not ask for its size; the hub will */
	STAT_ROUGH = 1 << 9, /* FTP: in as few round trips as can be */
	PUT_ALL = (STAT_ROUGH << 1) - 1,
};

/* SFTP: what a file has until a PUT or COPY of it is complete. */
enum { PUT_PARTIAL_MODE = 0600 };

/*
 * FTP writes at the end of a file only.  PUT with an offset: APPE, if the file
 * has exactly this size, else RESULT_SHORT with its size (what is too long
 * cannot be cut: put the file anew and rename it).  PUT_RESUME: what is there
 * counts if its last 64 KiB are ours.  PUT_EXCLUSIVE: RESULT_UNSUPPORTED.
 * PUT_DURABLE, PUT_KEEP, PUT_CUT mean nothing.  With PUT_ATTRIBUTES, a mode or
 * a time of 0 is left alone: each costs a round trip.  A mode in an answer may
 * have no permission bits: the server did not tell.  GET reads on to the end of
 * the file and forgets what is too much.  RENAME without `aside` is one try.
 * ABSENT is said on evidence: MLST, a listing, or a 550 or 553 whose words say
 * so; never on the number alone.  A LIST that went well has the server's last
 * words in `text`: some cut listings, and say so only there.  Every PUT is
 * followed by SIZE (or MLST, or a listing), done.size is what it says.  A PUT
 * whose local bytes are not PUT_DIGEST's is removed again.
 *
 * PUT_UNSEEN leaves that question out, a round trip: done.size is offset and
 * length, as sent, and nobody knows what the server has of it.  Before anything
 * relies on the file, the hub looks, by STAT or LIST.  Attributes are set all
 * the same; PUT_RESUME still asks what is there before.
 *
 * STAT_ROUGH is for comparing with what it said before: the size may count
 * lines as two bytes where nothing was transferred yet, and a server that does
 * not say is asked by no other way (RESULT_UNSUPPORTED).
 *
 * CHMOD by FTP is SITE CHMOD: RESULT_UNSUPPORTED, without a word to the server,
 * once it lacks that.
 */
struct msg_step {
	uint32_t id; /* chosen by the hub, unique in flight */
	uint8_t op; /* enum msg_op */
	uint16_t flags; /* enum msg_put_flag */
	uint32_t mode;
	uint64_t mtime; /* seconds since 1970 */
	uint64_t offset; /* in the remote file (PUT, GET) */
	uint64_t length; /* PUT: of the local file, read from 0;
				 * GET: at most */
	struct digest digest; /* with PUT_DIGEST: of those bytes, or
			       * RESULT_SOURCE */
	char path[WORKER_MSG_PATH];
	char target[WORKER_MSG_PATH];
	char aside[WORKER_MSG_PATH];
};
void msg_put_step(struct buf *b, const struct msg_step *m);
bool msg_get_step(struct buf_reader *r, struct msg_step *m);

enum msg_result {
	RESULT_OK,
	RESULT_ABSENT, /* SSH_FX_NO_SUCH_FILE */
	RESULT_DENIED, /* SSH_FX_PERMISSION_DENIED */
	RESULT_FAILED, /* SSH_FX_FAILURE and the like */
	RESULT_UNSUPPORTED, /* SSH_FX_OP_UNSUPPORTED */
	RESULT_SHORT, /* the server's size is not what was sent */
	RESULT_SOURCE, /* the local file ended early or failed */
	RESULT_SKIPPED, /* not tried: the session ended before */
	RESULT_EXISTS, /* MKDIR with PUT_EXCLUSIVE: it is there already */
	RESULT_FULL, /* FTP: disk or quota are full */
	RESULT_AGAIN, /* FTP: a passing fault (4xx); try a new session */
	RESULT_LAST = RESULT_AGAIN,
};

/*
 * The server's bytes into a text of a message: up to a NUL, cut if need be, not
 * escaped.  That is done once, where an error or a log takes them in.
 */
void msg_copy_text(char *dst, size_t size, const void *src, size_t n);

struct msg_done {
	uint32_t id;
	uint8_t result; /* enum msg_result */
	uint32_t status; /* SFTP status, FTP reply code, folder's errno */
	uint64_t size; /* STAT, GET, PUT: of the remote file */
	uint64_t mtime;
	uint32_t mode; /* with the file type bits of stat(2) */
	uint64_t sent; /* PUT: bytes that travelled; GET: fetched */
	struct digest digest; /* PUT: of all `length` local bytes */
	char text[WORKER_MSG_TEXT]; /* the server's words, raw */
};
void msg_put_done(struct buf *b, const struct msg_done *m);
bool msg_get_done(struct buf_reader *r, struct msg_done *m);

struct msg_entry {
	uint32_t id;
	uint64_t size, mtime;
	uint32_t mode;
	char name[LIMIT_NAME + 1];
};
void msg_put_entry(struct buf *b, const struct msg_entry *m);
bool msg_get_entry(struct buf_reader *r, struct msg_entry *m);

struct msg_progress {
	uint64_t bytes; /* since READY */
	uint64_t saved; /* by compression: not sent; also since READY */
};
void msg_put_progress(struct buf *b, const struct msg_progress *m);
bool msg_get_progress(struct buf_reader *r, struct msg_progress *m);

struct msg_log {
	uint8_t level;
	char text[WORKER_MSG_TEXT];
};
void msg_put_log(struct buf *b, const struct msg_log *m);
bool msg_get_log(struct buf_reader *r, struct msg_log *m);

struct msg_wall {
	uint8_t layers; /* bits of enum wall_layer that stand */
	uint8_t landlock; /* its version in force; 0: none */
	uint32_t landlock_errno; /* why one does not stand; or 0 */
	uint32_t seccomp_errno;
};
void msg_put_wall(struct buf *b, const struct msg_wall *m);
bool msg_get_wall(struct buf_reader *r, struct msg_wall *m);

/* FAIL carries a struct ferry_error without its os_errno. */
void msg_put_fail(struct buf *b, const struct ferry_error *m);
bool msg_get_fail(struct buf_reader *r, struct ferry_error *m);

#endif
