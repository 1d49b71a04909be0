/*
 * The far side as the pipeline uses it: paths below the site's root, and a
 * handler for each step in flight.  Hub.
 *
 * far_step() gives a clean step to fill in, far_send() puts it in flight, and
 * its handler is called from inside a later far_send() or far_wait().  A
 * handler only notes what happened; it sends nothing itself.
 */
#ifndef PUBLISH_FAR_H
#define PUBLISH_FAR_H

#include <sys/types.h>

#include "publish/far_folder.h"
#include "publish/far_login.h"
#include "publish/far_pool.h"
#include "publish/tree.h"
#include "remote/worker_msg.h"

/*
 * Our own folder, nobody else's business: below the root, or where
 * `remote-state' has it.  Paths are written with this name in either case.
 */
#define FAR_SIDE ".sandferry"
#define FAR_STAGE FAR_SIDE "/stage"
#define FAR_KEPT FAR_SIDE "/kept"

/* Where a path begins, with `layout = releases'; see releases.h. */
enum far_place {
	FAR_LIVE, /* the release that visitors see */
	FAR_NEXT, /* the one that is to be live */
	FAR_BASE, /* what the url names, which is the site where there are no
		   * releases; ours begin there too, whatever is said */
};
enum { FAR_RELEASE_SIZE = 32 };

/* item: as given to far_send(). */
typedef void far_done_fn(void *ctx, size_t item, const struct msg_done *done);
typedef void
far_entry_fn(void *ctx, size_t item, const struct msg_entry *entry);

struct far_handler {
	far_done_fn *done;
	far_entry_fn *entry; /* of a STEP_LIST; else NULL */
	void *ctx;
	size_t item;
	bool lasting; /* ctx is there for as long as the far side is */
};

struct far_slot {
	struct far_handler handler;
	bool used;
	uint32_t next; /* free slot behind this one */
};

struct far {
	struct ferry_job *job;
	struct host host;
	struct far_login login; /* SFTP: one session, */
	struct far_line line; /* ... and its line */
	struct far_pool *pool; /* FTP: several; else NULL */
	int folder; /* of this machine, in place of a server; or -1 */
	uint64_t left_at; /* FTP: when our last publish ended, by the server's
			   * clock; 0: unknown */
	char places[FAR_BASE][FAR_RELEASE_SIZE]; /* below the base; "" is it */
	struct msg_step step; /* the one being filled in */
	enum far_order order; /* ... and whether it waits for others */
	bool too_long; /* ... has a path that does not fit */
	char shown[2 * LIMIT_PATH]; /* for far_shown() */
	struct far_slot *slots;
	uint32_t slot_count, first_free;
	size_t in_flight;
	bool broken; /* a reply to a step that is not in flight */
	uint64_t confirmed; /* bytes, since the session began */
	void (*progress)(void *ctx); /* confirmed has grown; or NULL */
	void (*tick)(void *ctx); /* at tick_at; may send; or NULL */
	uint64_t tick_at; /* by clock_ms() */
	void *ctx;
	int cancel; /* what the session listens to */
	int silence[2]; /* a pipe that never says anything */
	bool deaf, woken;
};

/* Connect and log in. */
int far_prepare(struct far *f, struct ferry_job *job, struct ferry_error *err);
int far_open(struct far *f, struct ferry_error *err);
void far_close(struct far *f); /* one that was only zeroed is fine */
bool far_is_open(const struct far *f);

/* What is learned of server and line is kept here; -1: nowhere. */
void far_remember(struct far *f, int state_dir);

/* Who knows, once the line is there, whether to send is no use to compress. */
void far_ask_packed(struct far *f, bool (*packed)(void *ctx), void *ctx);

bool far_is_ftp(const struct far *f);
/* Can this path be sent at all?  Not every byte goes through FTP. */
bool far_can_name(const struct far *f, const char *path);
/* enum msg_feature and enum msg_trait: what the server can do. */
uint32_t far_features(const struct far *f);
/* The same of what is known not to work.  SFTP: none. */
uint32_t far_lacks(const struct far *f);
/* Does the server say how much room there is, by STEP_SPACE? */
bool far_tells_space(const struct far *f);
/* FTP: what new files and folders get; NULL: SFTP, where modes are set. */
const struct far_modes *far_modes(const struct far *f);
void far_learn_modes(struct far *f, const struct far_modes *m);
/*
 * Is this the file that was recorded?  Size and time.  Over FTP, where times
 * are seldom kept: not younger than what we did last there.
 */
bool far_is_as(const struct far *f, const struct msg_done *done,
    const struct tree_file *recorded);

/* From now on a cancel is not heard: what follows is short and must be done. */
void far_deafen(struct far *f);

/* From now on nobody waits for a server that is silent for so long. */
void far_hurry(struct far *f, unsigned silence_ms);

/* From now on this place is that folder of the base. */
void far_set_place(
    struct far *f, enum far_place place, const char folder[FAR_RELEASE_SIZE]);

/*
 * A clean step; path is below the root ("" is the root itself), which is
 * FAR_LIVE unless said otherwise.
 */
struct msg_step *far_step(struct far *f, enum msg_op op, const char *path);
struct msg_step *far_step_in(
    struct far *f, enum msg_op op, enum far_place place, const char *path);

/*
 * A path of ours as the user knows it: where `remote-state' puts our folder.
 * Valid until the next call.
 */
const char *far_shown(struct far *f, const char *path);
void far_set_target(struct far *f, const char *path);
void far_set_target_in(struct far *f, enum far_place place, const char *path);
void far_set_aside(struct far *f, const char *path);
/* Of a STEP_SYMLINK: what it holds; relative, and down from where it is. */
void far_set_held(struct far *f, const char *held);

/*
 * It may overtake others and be overtaken, over several connections, but for
 * steps on the same paths and those above and below.  Without it a step waits
 * for all before it and holds up all behind it.  SFTP servers keep the order in
 * any case.
 */
void far_loose(struct far *f);
/* Loose, and worth a connection of its own. */
void far_urgent(struct far *f);
/* So many loose steps are to come. */
void far_expect(struct far *f, size_t steps);

/*
 * fd stays the caller's.  When this or far_wait() fails because of the session,
 * the handlers of all steps still in flight are forgotten; for other failures
 * there is far_forget().
 */
int far_send(struct far *f, int fd, const struct far_handler *handler,
    struct ferry_error *err);
/* Wait until every step in flight has ended. */
int far_wait(struct far *f, struct ferry_error *err);
/* Wait until *flag, which a handler clears, is false, or nothing is left. */
int far_wait_while(struct far *f, const bool *flag, struct ferry_error *err);
/* A handler's done: ctx is a row of outcomes, and item this one's place. */
void far_keep_done(void *ctx, size_t item, const struct msg_done *done);
/* Send one step, wait for it (and all before it): *out is its outcome. */
int
far_call(struct far *f, int fd, struct msg_done *out, struct ferry_error *err);
/* The same for a STEP_LIST: the names become a sealed tree of this folder. */
int far_list(struct far *f, const char *path, struct tree *names,
    struct msg_done *out, struct ferry_error *err);
int far_list_in(struct far *f, enum far_place place, const char *path,
    struct tree *names, struct msg_done *out, struct ferry_error *err);

/*
 * Something went wrong between two replies: whoever sent steps returns, and
 * with it goes what their handlers would write to.  Only lasting ones stay.
 */
void far_forget(struct far *f);

/* Does the server say that it has no room left?  Waits for all in flight. */
int far_is_full(struct far *f, bool *full, struct ferry_error *err);

/*
 * Turn an outcome into an error, in one table: "cannot VERB PATH: why".  path
 * is relative to the site.  RESULT_OK gives 0.
 */
int far_judge(const struct msg_done *done, const char *verb, const char *path,
    struct ferry_error *err);

/* A modification time as the wire can carry it: 32 bits, not before 1970. */
uint64_t far_mtime(int64_t mtime);

#endif
