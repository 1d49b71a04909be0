/* The stat cache of the scan: one file, written whole.  Hub. */
#include "publish/scan_cache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/limits.h"

static const char file_name[] = "scan-cache";
static const char magic[] = "sandferry scan 1\n";

enum {
	MAGIC = sizeof(magic) - 1,
	COUNT_AT = MAGIC + 8,
	ENTRY_TAIL = 4 * 8 + 1 + HASH_SIZE, /* behind the path's NUL */
	LIMIT_CACHE = 512 * 1024 * 1024,
	/*
	 * FAT counts time in steps of two seconds, others in one, Linux itself
	 * in up to ten milliseconds: a change that recent may not show.
	 */
	COARSEST_TICK = 2,
};

#ifdef __APPLE__
#define MTIME(st) ((st)->st_mtimespec)
#define CTIME(st) ((st)->st_ctimespec)
#else
#define MTIME(st) ((st)->st_mtim)
#define CTIME(st) ((st)->st_ctim)
#endif

static uint64_t
nanoseconds(struct timespec t)
{
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

struct scan_stamp
scan_cache_stamp(const struct stat *st)
{
	int64_t m = MTIME(st).tv_sec, c = CTIME(st).tv_sec;

	return (struct scan_stamp){
		.size = (uint64_t)st->st_size,
		.mtime = nanoseconds(MTIME(st)),
		.ctime = nanoseconds(CTIME(st)),
		.inode = st->st_ino,
		.newest = m > c ? m : c,
	};
}

bool
scan_cache_same(const struct scan_stamp *a, const struct scan_stamp *b)
{
	return a->size == b->size && a->mtime == b->mtime &&
	    a->ctime == b->ctime && a->inode == b->inode;
}

void
scan_cache_init(struct scan_cache *c, int64_t now)
{
	memset(c, 0, sizeof(*c));
	buf_init(&c->old, LIMIT_CACHE);
	buf_init(&c->fresh, LIMIT_CACHE);
	buf_put(&c->fresh, magic, MAGIC);
	buf_put_u64(&c->fresh, (uint64_t)now);
	buf_put_u32(&c->fresh, 0); /* the count: scan_cache_save() */
}

static void
forget(struct scan_cache *c)
{
	buf_free(&c->old);
	buf_init(&c->old, LIMIT_CACHE);
	free(c->index);
	c->index = NULL;
	c->count = 0;
}

void
scan_cache_free(struct scan_cache *c)
{
	forget(c);
	buf_free(&c->fresh);
}

/* An entry is kept by its path: what follows lies behind the path's NUL. */
static int
by_path(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

static bool
parse_entries(struct scan_cache *c, struct buf_reader *r, uint32_t count)
{
	if (count > r->left / (4 + 1 + ENTRY_TAIL))
		return false;
	c->index = calloc((size_t)count + 1, sizeof(*c->index));
	if (c->index == NULL)
		return false;
	for (c->count = 0; c->count < count; c->count++) {
		size_t n;
		const char *path =
		    (const char *)buf_get_string(r, &n, LIMIT_PATH + 1);

		if (path == NULL || n < 2 ||
		    memchr(path, '\0', n) != path + n - 1 ||
		    buf_get(r, ENTRY_TAIL) == NULL)
			return false;
		c->index[c->count] = path;
	}
	qsort(c->index, c->count, sizeof(*c->index), by_path);
	return buf_get_end(r);
}

bool
scan_cache_parse(struct scan_cache *c)
{
	struct buf_reader r;
	struct digest digest;
	const unsigned char *m;
	uint64_t began;

	if (!buf_ok(&c->old) || c->old.len < MAGIC + HASH_SIZE)
		goto damaged;
	r = buf_read(c->old.data, c->old.len - HASH_SIZE);
	hash_bytes(r.p, r.left, &digest);
	if (memcmp(digest.b, r.p + r.left, HASH_SIZE) != 0)
		goto damaged;
	m = buf_get(&r, MAGIC);
	began = buf_get_u64(&r);
	if (m == NULL || memcmp(m, magic, MAGIC) != 0 || began > INT64_MAX)
		goto damaged;
	c->began = (int64_t)began;
	if (parse_entries(c, &r, buf_get_u32(&r)))
		return true;
damaged:
	forget(c);
	return false;
}

void
scan_cache_load(struct scan_cache *c, int state_dir)
{
	if (fs_read(state_dir, file_name, false, &c->old) == 0)
		scan_cache_parse(c);
	else
		forget(c);
}

bool
scan_cache_find(const struct scan_cache *c, const char *path,
    const struct scan_stamp *stamp, struct digest *digest, bool *secret)
{
	const char **found;
	struct scan_stamp then;
	struct buf_reader r;

	if (c->count == 0 || stamp->newest >= c->began - COARSEST_TICK)
		return false;
	found = bsearch(&path, c->index, c->count, sizeof(*c->index), by_path);
	if (found == NULL)
		return false;
	r = buf_read(*found + strlen(path) + 1, ENTRY_TAIL);
	then.size = buf_get_u64(&r);
	then.mtime = buf_get_u64(&r);
	then.ctime = buf_get_u64(&r);
	then.inode = buf_get_u64(&r);
	if (!scan_cache_same(&then, stamp))
		return false;
	*secret = buf_get_u8(&r) != 0;
	memcpy(digest->b, buf_get(&r, HASH_SIZE), HASH_SIZE);
	return true;
}

void
scan_cache_note(struct scan_cache *c, const char *path,
    const struct scan_stamp *stamp, const struct digest *digest, bool secret)
{
	buf_put_string(&c->fresh, path, strlen(path) + 1);
	buf_put_u64(&c->fresh, stamp->size);
	buf_put_u64(&c->fresh, stamp->mtime);
	buf_put_u64(&c->fresh, stamp->ctime);
	buf_put_u64(&c->fresh, stamp->inode);
	buf_put_u8(&c->fresh, secret);
	buf_put(&c->fresh, digest->b, HASH_SIZE);
	c->fresh_count++;
}

bool
scan_cache_save(struct scan_cache *c, int state_dir)
{
	struct digest digest;

	if (buf_ok(&c->fresh)) {
		for (unsigned i = 0; i < 4; i++)
			c->fresh.data[COUNT_AT + i] =
			    (unsigned char)(c->fresh_count >> (24 - 8 * i));
		hash_bytes(c->fresh.data, c->fresh.len, &digest);
		buf_put(&c->fresh, digest.b, HASH_SIZE);
	}
	if (!buf_ok(&c->fresh)) {
		errno = ENOMEM;
		return false;
	}
	return fs_write(state_dir, file_name, c->fresh.data, c->fresh.len,
		   0600) == 0;
}
