/*
 * The driver for a folder of this machine: each step is done before the next
 * one begins.  Worker.
 *
 * All that it touches lies beneath one descriptor: paths are resolved by
 * openat2(2) with RESOLVE_BENEATH and without crossing into another file
 * system, so that neither `..' nor a link leads out, whoever puts it there and
 * when.  A file's own attributes are set by its descriptor.
 */
#ifndef REMOTE_FOLDER_H
#define REMOTE_FOLDER_H

#include "remote/worker_msg.h"

struct folder;

struct folder_hooks {
	void *ctx;
	void (*entry)(void *ctx, const struct msg_entry *entry);
	/* Now and then in what takes long.  False: nobody waits for it. */
	bool (*turn)(void *ctx);
};

/*
 * dirfd becomes the folder's.  *ready is what it can do.  ferry_EREACH: this
 * kernel cannot keep us beneath it.
 */
int folder_new(struct folder **out, int dirfd, const struct folder_hooks *hooks,
    struct msg_ready *ready, struct ferry_error *err);
void folder_free(struct folder *f); /* NULL is fine */

/*
 * Do it; *done says how it went.  fd (or -1) becomes the folder's.  Fails only
 * when the whole folder is gone: ferry_ELOST.
 */
int folder_step(struct folder *f, const struct msg_step *step, int fd,
    struct msg_done *done, struct ferry_error *err);

/* Bytes that were written, or need not be, since the beginning. */
uint64_t folder_moved(const struct folder *f);

#endif
