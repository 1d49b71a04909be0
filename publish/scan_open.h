/*
 * Opening what lies beneath the source, and following the links in it without
 * ever leaving it.  Hub.
 */
#ifndef PUBLISH_SCAN_OPEN_H
#define PUBLISH_SCAN_OPEN_H

#include "base/limits.h"
#include "publish/site.h"

enum { SCAN_PATH_SIZE = LIMIT_PATH + 1 };

/* Open the source's folder; the caller closes it.  -1 and *err. */
int scan_open_source(const struct ferry_site *site, struct ferry_error *err);

/*
 * Where a path of the source leads once every link on it is followed: a path
 * of the same folder without links in dst, and NULL; or why it leads nowhere,
 * in words that follow "a link".  An absolute link may point into the
 * source.  What was found may change: open it with scan_open_beneath().
 */
const char *scan_open_resolve(int root, const struct ferry_site *site,
    const char *path, char dst[SCAN_PATH_SIZE]);

/*
 * Open a path for reading (flags: O_DIRECTORY or 0), no link on it followed,
 * so never anything but what lies beneath dirfd; a FIFO does not block.  -1
 * and errno: ELOOP or ENOTDIR where a link stands.
 */
int scan_open_beneath(int dirfd, const char *path, int flags);

/*
 * Many files of the source, one after the other: what leads to the last one
 * stays open, for the next is mostly beside it.
 */
struct scan_opener {
	const struct ferry_site *site;
	int root, dir; /* or -1 */
	char path[SCAN_PATH_SIZE]; /* of dir */
};

void scan_opener_init(struct scan_opener *o, const struct ferry_site *site);
/* As scan_open(). */
int scan_opener_open(
    struct scan_opener *o, const char *path, struct ferry_error *err);
/* Look at the source anew, from the next one on. */
void scan_opener_close(struct scan_opener *o);

#endif
