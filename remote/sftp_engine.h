/*
 * What the files of the SFTP engine share.  Worker; included by remote/sftp*.c
 * only.
 *
 * sftp.c          tasks: their queue, what every kind of them needs
 * sftp_window.c   how many files are open at once
 * sftp_channel.c  one channel: opening it, packets in and out, requests
 * sftp_put.c      one file on its way: open, write, set, verify, close
 * sftp_copy.c     a copy that the server makes
 * sftp_ops.c      all other steps
 */
#ifndef REMOTE_SFTP_ENGINE_H
#define REMOTE_SFTP_ENGINE_H

#include "base/hash.h"
#include "remote/sftp.h"
#include "remote/sftp_msg.h"

enum {
	SFTP_CHANNELS = 4, /* of one connection; OpenSSH allows 10 */
	SFTP_REQUESTS = 4096, /* slots of one channel; a power of two */
	SFTP_IN_FLIGHT = 1024, /* make no more data requests above this */
	SFTP_OUT_HIGH = 512 * 1024, /* make no more data above this */
	SFTP_CHUNK = 32 * 1024, /* draft-02, 3: every server takes this */
	SFTP_CHUNK_MIN = 1024, /* whatever a server says */
	SFTP_CHUNK_MAX = 255 * 1024,
	SFTP_FILES_START = 64,
	SFTP_FILES_MAX = 256,
	SFTP_FILES_UNSAID = 100, /* where the server does not say its limit */
	SFTP_WIDEN_MIN = 16 * 1024 * 1024, /* in all, to open a channel for */
	SFTP_STRIPE_MIN = 4 * 1024 * 1024, /* of one file, to share it out */
	SFTP_STRIPE_RTT = 5, /* ms; below it a channel's window suffices */
	SFTP_NAMES_MAX = 1 << 20, /* in one listing */
	COPY_FILES = 2, /* that one copy has open */
};

/* What a request was for; its reply goes to the task with this. */
enum sftp_purpose {
	FOR_FREE, /* the slot is not in use */
	FOR_LIMITS,
	FOR_LIFE, /* only to be answered */
	FOR_OPEN,
	FOR_OPEN_STRIPE,
	FOR_OPEN_TARGET, /* of a COPY */
	FOR_SIZE, /* FSTAT before: how much is there? */
	FOR_COMPARE, /* READ of what is there already */
	FOR_WRITE,
	FOR_COPY,
	FOR_ATTRIBUTES,
	FOR_FSYNC,
	FOR_VERIFY, /* FSTAT after: did it all arrive? */
	FOR_CLOSE,
	FOR_READ,
	FOR_NAMES,
	FOR_ONLY, /* the one request of a simple step */
	FOR_LOOK, /* STAT after a failed MKDIR, LSTAT after a LINK */
	FOR_ASIDE, /* RENAME target to aside */
	FOR_CLEAR, /* REMOVE what a run cut off had left aside */
	FOR_ASIDE_AGAIN,
	FOR_IN, /* RENAME path to target */
	FOR_BACK, /* RENAME aside to target */
	FOR_TIDY, /* REMOVE what is not wanted any more */
};

struct sftp_request {
	enum sftp_purpose purpose;
	uint32_t id;
	struct sftp_task *task; /* NULL: nobody waits for it */
	uint64_t offset;
	uint32_t length;
	uint64_t sent_at; /* ms */
};

enum sftp_channel_state {
	CHANNEL_NONE,
	CHANNEL_OPENING,
	CHANNEL_STARTING, /* the subsystem is asked for */
	CHANNEL_GREETING, /* INIT is sent */
	CHANNEL_READY,
	CHANNEL_REFUSED, /* an extra one, and the server did not want it */
};

struct sftp_channel {
	enum sftp_channel_state state;
	LIBSSH2_CHANNEL *ssh;
	struct buf out, in;
	size_t out_head, in_head;
	struct sftp_request requests[SFTP_REQUESTS];
	unsigned in_flight, next_slot;
	uint32_t next_id;
	bool window_shut; /* the last write met a closed window */
};

struct sftp_handle {
	uint16_t n; /* 0: none */
	bool asked;
	unsigned char p[LIMIT_SFTP_HANDLE];
};

enum put_phase {
	PUT_OPENING,
	PUT_SIZING, /* how much is there already? */
	PUT_COMPARING, /* is it the same as ours? */
	PUT_WRITING,
	PUT_FLUSHING, /* all is sent, some is not confirmed */
	PUT_FINISHING, /* attributes, size, close are on their way */
	PUT_CLOSING, /* it failed; handles are being closed */
};

/* Why does a server refuse to open a file among others? */
enum sftp_crowd {
	CROWD_UNKNOWN,
	CROWD_ASKED, /* one goes alone, to find out */
	CROWD_MATTERS, /* because of the others: it has few handles */
	CROWD_IS_FINE, /* because of the file */
};

struct sftp_task {
	struct sftp_task *next; /* in `waiting` or `writing` */
	struct sftp_task *newer, *older; /* all tasks */
	uint32_t id;
	uint8_t op;
	uint16_t flags;
	uint32_t mode;
	uint64_t mtime, offset, length;
	struct digest wanted; /* with PUT_DIGEST: of the local bytes */
	char *path, *target, *aside; /* in one allocation */
	int fd; /* or -1 */
	unsigned home; /* channel of all but the stripes */
	unsigned in_flight; /* requests of this task */
	bool opened; /* counts in the window of files */
	bool failed;
	bool again; /* to be opened once more: it was refused among others */
	bool created; /* PUT_EXCLUSIVE: by us, so it may go again */
	enum put_phase phase;
	struct sftp_handle handles[SFTP_CHANNELS];

	uint64_t at; /* PUT: next local byte to read */
	uint64_t keep; /* PUT: bytes there that need no sending */
	uint64_t asked; /* PUT: next byte to compare; GET: to fetch; COPY */
	uint64_t there; /* GET: where to stop; PUT: where the file ended */
	unsigned skipped; /* PUT: writes of zeros, since the last one made */
	bool sized; /* GET: the server said how long the file is */
	bool end_seen; /* GET, LIST: the server said EOF */
	unsigned names; /* LIST: so far */
	struct hash hash;
	struct msg_done done;
};

/* A file on the first channel that a PUT_KEEP left open, or none. */
struct sftp_kept {
	struct sftp_handle handle;
	char path[WORKER_MSG_PATH];
};

struct sftp {
	struct ssh *ssh;
	struct sftp_hooks hooks;
	struct sftp_channel channels[SFTP_CHANNELS];
	struct msg_ready ready;
	uint32_t chunk;
	unsigned files, window, window_max; /* open, wanted, allowed */
	enum sftp_crowd crowd;
	unsigned rtt_min, rtt_open; /* ms: best of all, latest of an open */
	uint64_t confirmed;
	uint64_t heard; /* ms: the last answer, or the first question */
	struct sftp_kept kept;
	struct sftp_task *waiting, **waiting_end;
	struct sftp_task *writing, **writing_end;
	struct sftp_task *newest;
	unsigned held; /* descriptors, of all tasks */
	uint64_t backlog; /* local bytes not yet read, of all puts */
};

/* sftp_channel.c: what a channel can do without waiting */
int
channel_drive(struct sftp *s, unsigned c, bool *moved, struct ferry_error *err);
void channel_free(struct sftp_channel *ch);
/* May more requests for data be made? */
bool channel_room(const struct sftp_channel *ch);
size_t channel_unsent(const struct sftp_channel *ch);
/*
 * An id for a request of this task, to be printed to ch->out next.  offset and
 * length come back with the reply.
 */
uint32_t channel_request(struct sftp_channel *ch, struct sftp_task *task,
    enum sftp_purpose purpose, uint64_t offset, uint32_t length);

/* sftp_window.c; s->files counts those that are open or being opened */
void window_init(struct sftp *s, unsigned max_files); /* 0: adapt */
/* The server says that it has so many handles; 0: no limit. */
void window_handles(struct sftp *s, uint64_t handles);
/* May t be opened now? */
bool window_admits(struct sftp *s, const struct sftp_task *t);
void window_opened(struct sftp *s);
/* A file was refused: is it to go again? */
bool window_refused(struct sftp *s);
void window_finished(struct sftp *s, const struct sftp_task *t);

/* sftp_put.c */
void put_start(struct sftp *s, struct sftp_task *t);
int put_reply(struct sftp *s, struct sftp_task *t, unsigned c,
    const struct sftp_request *rq, struct sftp_reply *reply,
    struct ferry_error *err);
enum put_turn { PUT_MADE, PUT_WAITS, PUT_DONE };
/* Make the next request for this file on this channel. */
enum put_turn put_produce(struct sftp *s, struct sftp_task *t, unsigned c);
/* This name is about to mean another file: what is kept of it is closed. */
void put_forget(struct sftp *s, const char *path);
/* Let this channel carry a part of a large file too. */
void put_stripe(struct sftp *s, struct sftp_task *t, unsigned c);

/* sftp_copy.c */
void copy_start(struct sftp *s, struct sftp_task *t);
int
copy_reply(struct sftp *s, struct sftp_task *t, const struct sftp_request *rq,
    struct sftp_reply *reply, struct ferry_error *err);

/* sftp_ops.c */
void ops_start(struct sftp *s, struct sftp_task *t);
int
ops_reply(struct sftp *s, struct sftp_task *t, const struct sftp_request *rq,
    struct sftp_reply *reply, struct ferry_error *err);

/* sftp.c */
int sftp_greeted(struct sftp *s, unsigned c, struct sftp_reply *version,
    struct ferry_error *err);
int sftp_replied(struct sftp *s, unsigned c, const struct sftp_request *rq,
    struct sftp_reply *reply, struct ferry_error *err);
/* The server broke the protocol; it is named in one place. */
int sftp_broken(struct ferry_error *err, const char *what);
/* Note the first failure of a task. */
void sftp_fail(struct sftp_task *t, enum msg_result result, uint32_t status,
    const struct sftp_blob *text);
/* A status other than OK fails the task; true: it was OK. */
bool sftp_status_ok(struct sftp_task *t, const struct sftp_reply *reply);
/* What DONE says of the file. */
void sftp_note_attrs(struct sftp_task *t, const struct sftp_attrs *a);
/* The same from a reply that can be nothing else; else the task fails. */
bool sftp_take_attrs(struct sftp_task *t, const struct sftp_reply *reply);
void sftp_finish(struct sftp *s, struct sftp_task *t);
/* Back to the head of the queue: nothing of it has happened. */
void sftp_again(struct sftp *s, struct sftp_task *t);
struct sftp_blob sftp_handle(const struct sftp_task *t, unsigned c);
bool sftp_keep_handle(
    struct sftp_task *t, unsigned c, const struct sftp_reply *reply);
void sftp_close(struct sftp *s, struct sftp_task *t, unsigned c);

#endif
