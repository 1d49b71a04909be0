/*
 * Read the pages whose references matter.  Hub.
 *
 * Not while the scan hashes them: the scan runs before it is known what differs
 * from the server, and does not read at all what an earlier scan has hashed.
 * Where all is likely to differ they are read behind it: scan_ahead.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/limits.h"
#include "publish/refs.h"
#include "publish/scan.h"
#include "publish/scan_open.h"

enum { CANCEL_EVERY = 16 }; /* pages */

struct reading {
	struct refs *refs;
	struct scan_opener source;
	unsigned char *bytes;
	size_t cap;
};

/* Does it differ from the recorded ones?  *at moves on: both are sorted. */
static bool
is_wanted(const struct tree_file *f, const struct tree *recorded, size_t *at)
{
	const struct tree_file *there = NULL;

	while (recorded != NULL && *at < recorded->count) {
		int c = strcmp(recorded->files[*at].path, f->path);

		if (c == 0)
			there = &recorded->files[*at];
		if (c >= 0)
			break;
		++*at;
	}
	if (there != NULL && there->size == f->size &&
	    hash_equal(&there->digest, &f->digest))
		return false;
	return links_language(f->path) != LINKS_NONE && f->size <= LIMIT_PAGE;
}

static bool
make_room(struct reading *rd, size_t size)
{
	unsigned char *p;

	if (size <= rd->cap)
		return true;
	size += size / 2;
	p = realloc(rd->bytes, size);
	if (p == NULL)
		return false;
	rd->bytes = p;
	rd->cap = size;
	return true;
}

/* Whole, or errno; fewer bytes than that: it has changed. */
static ssize_t
read_bytes(int fd, unsigned char *bytes, size_t size)
{
	size_t done = 0;
	ssize_t n;

	while (done < size) {
		n = read(fd, bytes + done, size - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static int
read_page(
    struct reading *rd, const struct tree_file *f, struct ferry_error *err)
{
	const size_t size = (size_t)f->size;
	int fd, rc = 0;
	ssize_t n;

	if (!make_room(rd, size))
		return err_memory(err);
	fd = scan_opener_open(&rd->source, f->path, err);
	if (fd < 0)
		return -ferry_ESOURCE;
	n = read_bytes(fd, rd->bytes, size);
	if (n < 0)
		rc = err_os(err, ferry_ESOURCE, errno, "source_unreadable",
		    "cannot read %s", f->path);
	else if ((size_t)n == size && !refs_add(rd->refs, f, rd->bytes, size))
		rc = err_memory(err);
	else
		rd->refs->read[f - rd->refs->local->files] = true;
	close(fd);
	return rc;
}

int
refs_read(struct refs *r, const struct tree *recorded,
    const struct ferry_site *site, int cancel_fd, struct ferry_error *err)
{
	struct reading rd = { .refs = r };
	size_t at = 0;
	int rc = 0;

	if (r->read == NULL)
		r->read = calloc(r->local->count + 1, sizeof(*r->read));
	if (r->read == NULL || r->failed)
		return err_memory(err);
	scan_opener_init(&rd.source, site);
	for (size_t i = 0; rc == 0 && i < r->local->count; i++) {
		if (r->read[i] ||
		    !is_wanted(&r->local->files[i], recorded, &at))
			continue;
		if (r->pages % CANCEL_EVERY == 0 && fs_readable(cancel_fd))
			rc = err_set(err, ferry_ECANCELLED, "cancelled",
			    "stopped while reading pages");
		else
			rc = read_page(&rd, &r->local->files[i], err);
	}
	free(rd.bytes);
	scan_opener_close(&rd.source);
	return rc;
}
