/*
 * The stat cache: what each file of the source held when it was last read, so
 * that a scan reads only what changed.  Hub.  Losing it costs time alone.
 *
 *   "sandferry scan 1\n", u64 when its scan began (seconds), u32 count, then
 *   count entries: string path and a NUL, u64 size, mtime, ctime (ns), inode,
 *   u8 is it a secret, u8[32] SHA-256; at the end SHA-256 of all before it.
 */
#ifndef PUBLISH_SCAN_CACHE_H
#define PUBLISH_SCAN_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/hash.h"

/* What tells a file from itself after a change. */
struct scan_stamp {
	uint64_t size;
	uint64_t mtime, ctime; /* nanoseconds since 1970, modulo 2^64 */
	uint64_t inode;
	int64_t newest; /* the later one of both, in seconds */
};

struct scan_stamp scan_cache_stamp(const struct stat *st);
bool scan_cache_same(const struct scan_stamp *a, const struct scan_stamp *b);

struct scan_cache {
	struct buf old; /* the file as it was loaded */
	const char **index; /* its entries, sorted by path */
	size_t count;
	int64_t began; /* when the scan that wrote it began */
	struct buf fresh; /* the file to be saved */
	uint32_t fresh_count;
};

/* Start a new cache at this time, with nothing known. */
void scan_cache_init(struct scan_cache *c, int64_t now);
void scan_cache_free(struct scan_cache *c);

/* Take what the folder's cache file knows; a damaged file knows nothing. */
void scan_cache_load(struct scan_cache *c, int state_dir);
/* The same from c->old.  False: damaged, and nothing is known. */
bool scan_cache_parse(struct scan_cache *c);

/*
 * What this file held, if it is as it was.  A file that changed in the last
 * moments before it was read may have changed again within the same tick of
 * its clock, without a trace: it is not known.
 */
bool scan_cache_find(const struct scan_cache *c, const char *path,
    const struct scan_stamp *stamp, struct digest *digest, bool *secret);

void scan_cache_note(struct scan_cache *c, const char *path,
    const struct scan_stamp *stamp, const struct digest *digest, bool secret);
/* Write what was noted.  False and errno: the old file is still there. */
bool scan_cache_save(struct scan_cache *c, int state_dir);

#endif
