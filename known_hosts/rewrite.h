/* Replace the private known_hosts file under its lock.  Hub. */
#ifndef KNOWN_HOSTS_REWRITE_H
#define KNOWN_HOSTS_REWRITE_H

#include "base/buf.h"
#include "base/limits.h"
#include "sandferry.h"

struct rewrite {
	const char *path;
	int dirfd, lock;
	struct buf text; /* as it is now */
};

/* A rewrite that rewrite_end() may end at once. */
void rewrite_init(struct rewrite *w, const char *path);
/*
 * Make the folder (0700) if need be, take the lock, read the file.  Refuses a
 * symbolic link, and the file that is one of the n in `never` (each may be
 * NULL) by another name.
 */
int rewrite_begin(struct rewrite *w, const char *const *never, size_t n,
    struct ferry_error *err);
/* Put text in its place: 0600, atomic, on the disk when this returns. */
int rewrite_commit(
    struct rewrite *w, const struct buf *text, struct ferry_error *err);
void rewrite_end(struct rewrite *w);

#endif
