/* Replace the private known_hosts file under its lock.  Hub. */
#ifndef KNOWN_HOSTS_REWRITE_H
#define KNOWN_HOSTS_REWRITE_H

#include "base/buf.h"
#include "base/limits.h"
#include "sandferry.h"

struct rewrite {
	int at; /* AT_FDCWD, or the open folder that path is below */
	const char *path;
	int dirfd, lock; /* of the file itself */
	struct buf text; /* as it is now */
};

/* A rewrite that rewrite_end() may end at once. */
void rewrite_init(struct rewrite *w, int at, const char *path);
/*
 * Make the folder (0700) if need be, take the lock, remove what a killed run
 * left behind, read the file.  A folder that is there keeps its mode: other
 * things of the user's may be in it, and the file needs no help from it.
 * Refuses a symbolic link, and what is one of the n in `never` (each may be
 * NULL) by another name, also when it is not there yet.
 */
int rewrite_begin(struct rewrite *w, const char *const *never, size_t n,
    struct ferry_error *err);
/*
 * Put text in its place: 0600 (whatever the old file had), atomic, on the disk
 * when this returns 0.  An error leaves the old file, except
 * "known_hosts_not_durable", which says so.
 */
int rewrite_commit(
    struct rewrite *w, const struct buf *text, struct ferry_error *err);
void rewrite_end(struct rewrite *w);

#endif
