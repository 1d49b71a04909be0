/* The bytes of a sidecar, whatever its form.  Hub. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/limits.h"
#include "publish/scan.h"
#include "publish/sidecar.h"
#include "publish/sidecar_coder.h"

enum {
	CHUNK = 64 * 1024,
	TENTHS = 9, /* of the text, at most, to be worth it */
};

struct making {
	struct sidecar_coder coder;
	void *state; /* of the coder */
	struct hash base, made;
	uint64_t read, written; /* bytes */
	int in, out;
	unsigned char from[CHUNK], to[CHUNK];
};

static struct sidecar_coder
coder(enum site_form form)
{
	return form == SITE_GZIP ? sidecar_gzip() : sidecar_brotli();
}

bool
sidecar_version(enum site_form form, char dst[SIDECAR_VERSION])
{
	const struct sidecar_coder c = coder(form);

	memcpy(dst, c.version, sizeof(c.version));
	return c.begin != NULL;
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

/* Bytes; 0: at the end; -1 and errno.  One that grows is not read on. */
static ssize_t
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
	return n;
}

/* All that these n bytes give; the last call has none. */
static int
drain(struct making *m, size_t n, struct ferry_error *err)
{
	struct sidecar_flow f = { .from = m->from, .left = n };
	bool more = true;

	while (more) {
		f.to = m->to;
		f.room = CHUNK;
		if (!m->coder.run(m->state, &f, n == 0, &more))
			return err_memory(err);
		hash_update(&m->made, m->to, CHUNK - f.room);
		m->written += CHUNK - f.room;
		if (m->out >= 0 && !write_all(m->out, m->to, CHUNK - f.room))
			return err_os(err, ferry_EINTERNAL, errno, "no_scratch",
			    "cannot write a temporary file");
	}
	return 0;
}

static int
run(struct making *m, int cancel_fd, struct ferry_error *err)
{
	ssize_t n = 1;
	int rc = 0;

	while (rc == 0 && n > 0) {
		if (fs_readable(cancel_fd))
			return err_set(err, ferry_ECANCELLED, "cancelled",
			    "stopped while compressing");
		n = fill(m);
		if (n < 0)
			return err_os(err, ferry_ESOURCE, errno,
			    "source_unreadable", "cannot read the file");
		rc = drain(m, (size_t)n, err);
	}
	return rc;
}

int
sidecar_make(struct sidecar *s, enum site_form form, int in, int out,
    int cancel_fd, struct ferry_error *err)
{
	struct making *m = calloc(1, sizeof(*m));
	int rc;

	memset(s, 0, sizeof(*s));
	if (m == NULL)
		return err_memory(err);
	m->in = in;
	m->out = out;
	m->coder = coder(form);
	m->state = m->coder.begin();
	if (m->state == NULL || !hash_init(&m->base) || !hash_init(&m->made))
		rc = err_memory(err);
	else
		rc = run(m, cancel_fd, err);
	m->coder.end(m->state);
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
open_made(
    const char *base, enum site_form form, int in, struct ferry_error *err)
{
	struct sidecar s;
	int fd = fs_scratch(), rc;

	if (fd < 0) {
		err_os(err, ferry_EINTERNAL, errno, "no_scratch",
		    "cannot make a temporary file");
		return -1;
	}
	rc = sidecar_make(&s, form, in, fd, -1, err);
	if (rc == 0 && lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	if (rc != 0)
		err_prefix(err, "%s", base);
	close(fd);
	return -1;
}

int
sidecar_open(struct scan_opener *source, const struct tree_file *f,
    struct ferry_error *err)
{
	const size_t n = strlen(f->path) - (SIDECAR_SUFFIX - 1);
	char base[LIMIT_PATH + 1];
	enum site_form form = SITE_GZIP;
	int in, fd;

	if (!f->sidecar)
		return scan_opener_open(source, f->path, err);
	while (strcmp(f->path + n, sidecar_suffix(form)) != 0)
		form++;
	memcpy(base, f->path, n);
	base[n] = '\0';
	in = scan_opener_open(source, base, err);
	if (in < 0)
		return -1;
	fd = open_made(base, form, in, err);
	close(in);
	return fd;
}
