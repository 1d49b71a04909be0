/*
 * From a folder to a tree: what would be published.  Hub.  Opens everything
 * beneath one directory descriptor; hashes only what the stat cache does not
 * know.
 */
#ifndef PUBLISH_SCAN_H
#define PUBLISH_SCAN_H

#include "base/log.h"
#include "publish/site.h"
#include "publish/tree.h"

struct scan {
	const struct ferry_site *site;
	int state_dir; /* where the stat cache lives; or -1: no cache */
	int cancel_fd; /* readable: stop; or -1 */
	void *ctx;
	/* A file that is never published, with the reason. */
	void (*skipped)(void *ctx, const char *path, const char *reason);
	/* One thing that is wrong; the scan goes on to find the others. */
	void (*failed)(void *ctx, const struct ferry_error *error);
	void (*progress)(void *ctx, size_t files, uint64_t bytes_hashed);
	/* Before it is read: one that may have to be sent.  NULL is fine. */
	void (*met)(void *ctx, uint64_t size, bool packed);
	bool meets_all; /* ... whatever the stat cache knows */
	size_t hashed; /* out: files that were read */
};

/*
 * Fill out (sealed).  ferry_ESOURCE when anything was reported to failed().
 * The cache is written back when the scan succeeded.
 */
int scan_source(struct scan *s, struct tree *out, struct ferry_error *err);

/*
 * Open one file of the source for reading, as the scan would: beneath the
 * source, the link policy obeyed.  -1 and *err (ferry_ESOURCE).
 */
int scan_open(
    const struct ferry_site *site, const char *path, struct ferry_error *err);

#endif
