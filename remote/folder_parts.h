/*
 * What the files of the folder's driver share.  Worker; included by
 * remote/folder*.c only.
 *
 * folder.c       names: folders, links, looking
 * folder_list.c  all names of one
 * folder_open.c  ways to a path that never lead out, and what errors mean
 * folder_copy.c  bytes: PUT, GET, COPY
 * folder_durable.c  names that are to be on disk
 */
#ifndef REMOTE_FOLDER_PARTS_H
#define REMOTE_FOLDER_PARTS_H

#include <sys/stat.h>

#include "remote/folder.h"

enum {
	FOLDER_BUFFER = 256 * 1024,
	FOLDER_TURN = 4 * 1024 * 1024, /* bytes between two turns */
	FOLDER_NAMES_MAX = 1 << 20, /* in one folder */
	FOLDER_CHANGED = 256, /* folders, then they are synced at once */
};

struct folder {
	int root;
	dev_t dev; /* of the folders beneath it; a file may have another */
	struct folder_hooks hooks;
	bool plain; /* a file system without modes, links and odd seconds */
	bool left; /* nobody waits for us any more */
	uint64_t moved, turned; /* bytes; when there was a turn last */
	unsigned char *buffer; /* FOLDER_BUFFER */
	bool durable; /* the hub wants all of it on disk */
	int unsynced; /* errno: that went wrong since the last record */
	char *changed[FOLDER_CHANGED]; /* folders, perhaps twice */
	size_t changed_count;
};

/*
 * Open beneath the root; a link that is the last name is followed without
 * O_NOFOLLOW, but never out.  An fd, or -1 and errno: EXDEV is a link that
 * leads out, EMULTIHOP (FOLDER_OTHER) what belongs to another file system.
 */
int
folder_open(const struct folder *f, const char *path, int flags, unsigned mode);
/*
 * The folder that holds the path, and its last name in it.  An fd to close, or
 * -1 and errno.
 */
int folder_parent(const struct folder *f, const char *path, const char **name);

/* fstat(2), of what has this name and is not followed.  0, or -1 and errno. */
int folder_fstat(int fd, struct stat *st);
int folder_lstat(const struct folder *f, const char *path, struct stat *st);

/* The step went wrong: what errno means for it. */
void folder_fail(struct msg_done *done, int e);
void folder_note(struct msg_done *done, const struct stat *st);

/* Mode and times as far as the file system has such.  0, or -1 and errno. */
int folder_chmod(const struct folder *f, int fd, unsigned mode);
int folder_touch(const struct folder *f, int fd, uint64_t mtime);

/*
 * This step was done: the folders that it changed are on disk by the next
 * folder_durable_sync().  That: 0, or -1 and errno.
 */
void folder_durable_note(struct folder *f, const struct msg_step *step);
int folder_durable_sync(struct folder *f);
void folder_durable_free(struct folder *f);

/* LIST. */
void folder_list(
    struct folder *f, const struct msg_step *step, struct msg_done *done);

/* PUT, GET, COPY. */
void folder_put(struct folder *f, const struct msg_step *step, int fd,
    struct msg_done *done);
void folder_get(struct folder *f, const struct msg_step *step, int fd,
    struct msg_done *done);
void folder_copy(
    struct folder *f, const struct msg_step *step, struct msg_done *done);

#endif
