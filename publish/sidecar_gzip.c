/*
 * The bytes of a sidecar.  Hub.
 *
 * A gzip file as reproducible as can be: no time, no name, no system.  Another
 * version of zlib may still find other matches.
 */
#include "publish/sidecar.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/limits.h"
#include "publish/scan.h"

enum {
	CHUNK = 64 * 1024,
	LEVEL = 9,
	WINDOW = 15 + 16, /* with a gzip header, zlib.h */
	MEMORY = 9,
	UNKNOWN_SYSTEM = 255, /* RFC 1952, 2.3.1 */
	TENTHS = 9, /* of the text, at most, to be worth it */
};

struct making {
	z_stream z;
	gz_header header;
	struct hash base, made;
	uint64_t read, written; /* bytes */
	int in, out;
	unsigned char from[CHUNK], to[CHUNK];
};

const char *
sidecar_version(void)
{
	return zlibVersion();
}

static bool
write_all(int fd, const unsigned char *p, size_t n)
{
	while (n > 0) {
		ssize_t wrote = write(fd, p, n);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0)
			return false;
		p += wrote;
		n -= (size_t)wrote;
	}
	return true;
}

static bool
begin(struct making *m)
{
	m->header.os = UNKNOWN_SYSTEM;
	if (deflateInit2(&m->z, LEVEL, Z_DEFLATED, WINDOW, MEMORY,
		Z_DEFAULT_STRATEGY) != Z_OK)
		return false;
	deflateSetHeader(&m->z, &m->header);
	return hash_init(&m->base) && hash_init(&m->made);
}

/* 1: some; 0: at the end; -1 and errno.  One that grows is not read on. */
static int
fill(struct making *m)
{
	ssize_t n;

	if (m->read > SIDECAR_MAX)
		return 0;
	do
		n = read(m->in, m->from, CHUNK);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -1;
	hash_update(&m->base, m->from, (size_t)n);
	m->read += (uint64_t)n;
	m->z.next_in = m->from;
	m->z.avail_in = (unsigned)n;
	return n > 0;
}

/* All that this input gives.  False and errno. */
static bool
drain(struct making *m, int flush)
{
	size_t n;

	do {
		m->z.next_out = m->to;
		m->z.avail_out = CHUNK;
		deflate(&m->z, flush); /* fails on misuse only */
		n = CHUNK - m->z.avail_out;
		hash_update(&m->made, m->to, n);
		m->written += n;
		if (m->out >= 0 && !write_all(m->out, m->to, n))
			return false;
	} while (m->z.avail_out == 0);
	return true;
}

static int
run(struct making *m, int cancel_fd, struct ferry_error *err)
{
	int more = 1;

	while (more > 0) {
		if (fs_readable(cancel_fd))
			return err_set(err, ferry_ECANCELLED, "cancelled",
			    "stopped while compressing");
		more = fill(m);
		if (more < 0)
			return err_os(err, ferry_ESOURCE, errno,
			    "source_unreadable", "cannot read the file");
		if (!drain(m, more > 0 ? Z_NO_FLUSH : Z_FINISH))
			return err_os(err, ferry_EINTERNAL, errno, "no_scratch",
			    "cannot write a temporary file");
	}
	return 0;
}

int
sidecar_make(
    struct sidecar *s, int in, int out, int cancel_fd, struct ferry_error *err)
{
	struct making *m = calloc(1, sizeof(*m));
	int rc;

	memset(s, 0, sizeof(*s));
	if (m == NULL)
		return err_memory(err);
	m->in = in;
	m->out = out;
	rc = begin(m) ? run(m, cancel_fd, err) : err_memory(err);
	deflateEnd(&m->z);
	if (rc == 0 &&
	    (!hash_final(&m->base, &s->base) ||
		!hash_final(&m->made, &s->digest)))
		rc = err_memory(err);
	if (rc == 0 && m->written <= m->read * TENTHS / 10)
		s->size = m->written;
	hash_free(&m->base);
	hash_free(&m->made);
	free(m);
	return rc;
}

static int
open_made(const char *base, int in, struct ferry_error *err)
{
	struct sidecar s;
	int fd = fs_scratch(), rc;

	if (fd < 0) {
		err_os(err, ferry_EINTERNAL, errno, "no_scratch",
		    "cannot make a temporary file");
		return -1;
	}
	rc = sidecar_make(&s, in, fd, -1, err);
	if (rc == 0 && lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	if (rc != 0)
		err_prefix(err, "%s", base);
	close(fd);
	return -1;
}

int
sidecar_open(const struct ferry_site *site, const struct tree_file *f,
    struct ferry_error *err)
{
	char base[LIMIT_PATH + 1];
	size_t n = strlen(f->path);
	int in, fd;

	if (!f->sidecar)
		return scan_open(site, f->path, err);
	n -= strlen(SIDECAR_SUFFIX);
	memcpy(base, f->path, n);
	base[n] = '\0';
	in = scan_open(site, base, err);
	if (in < 0)
		return -1;
	fd = open_made(base, in, err);
	close(in);
	return fd;
}
