/*
 * Bytes into, out of and within the folder: PUT, GET, COPY.  Worker.
 *
 * Where the file system shares blocks between files, a PUT shares those of the
 * source, and what is counted is what the new file then holds.  Elsewhere the
 * bytes have to be read to be counted, so they are written from there.  Mode
 * and mtime are set last: they mean that all of it is there.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fs.h"
#include "remote/folder_parts.h"

#ifdef __linux__
#include <linux/fs.h>
#endif

/* Share all blocks of a file with an empty one. */
static bool
share(int from, int to)
{
#ifdef FICLONE
	return ioctl(to, FICLONE, from) == 0;
#else
	(void)from;
	(void)to;
	return false;
#endif
}

/* So many bytes are behind us.  False: nobody waits for the rest. */
static bool
move(struct folder *f, uint64_t n)
{
	f->moved += n;
	if (f->moved - f->turned < FOLDER_TURN)
		return true;
	f->turned = f->moved;
	f->left = f->left || !f->hooks.turn(f->hooks.ctx);
	return !f->left;
}

/* 0, or an errno. */
static int
write_at(int fd, const unsigned char *p, size_t n, uint64_t offset)
{
	while (n > 0) {
		const ssize_t done = pwrite(fd, p, n, (off_t)offset);

		if (done < 0 && errno != EINTR)
			return errno;
		if (done > 0) {
			p += done;
			n -= (size_t)done;
			offset += (uint64_t)done;
		}
	}
	return 0;
}

static bool
is_zero(const unsigned char *p, size_t n)
{
	return p[0] == 0 && memcmp(p, p + 1, n - 1) == 0;
}

/* fd, if it is a regular file: what it is now in *st.  -1: *done has it. */
static int
judge_file(int fd, struct stat *st, struct msg_done *done)
{
	if (fd >= 0 && folder_fstat(fd, st) == 0 && S_ISREG(st->st_mode))
		return fd;
	folder_fail(done, fd >= 0 ? EINVAL : errno);
	if (fd >= 0)
		close(fd);
	return -1;
}

static int
open_to_write(const struct folder *f, const char *path, int flags,
    struct stat *st, struct msg_done *done)
{
	flags |= O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK;
	return judge_file(
	    folder_open(f, path, flags, PUT_PARTIAL_MODE), st, done);
}

/* A link to it within the folder will do. */
static int
open_to_read(const struct folder *f, const char *path, struct stat *st,
    struct msg_done *done)
{
	return judge_file(
	    folder_open(f, path, O_RDONLY | O_NONBLOCK, 0), st, done);
}

/* ---- PUT ---- */

struct put {
	struct folder *f;
	const struct msg_step *step;
	struct msg_done *done;
	struct hash hash;
	int from, to;
	uint64_t there; /* bytes of the file, before it began */
	uint64_t end; /* the same now */
};

static size_t
piece(uint64_t left)
{
	return left < FOLDER_BUFFER ? (size_t)left : FOLDER_BUFFER;
}

/* Count what the clone holds; the source may change meanwhile. */
static bool
count_clone(struct put *p)
{
	struct folder *f = p->f;
	uint64_t at, n;

	for (at = 0; at < p->step->length; at += n) {
		n = piece(p->step->length - at);
		if (fs_read_at(p->to, f->buffer, n, at) != (ssize_t)n)
			return false;
		hash_update(&p->hash, f->buffer, n);
		if (!move(f, n))
			return false;
	}
	return true;
}

/* All of it at once.  False: as if nothing had been tried. */
static bool
put_clone(struct put *p)
{
	struct stat st;

	if (p->step->offset != 0 || p->step->length == 0 || p->there != 0 ||
	    !share(p->from, p->to))
		return false;
	if (folder_fstat(p->to, &st) == 0 &&
	    (uint64_t)st.st_size == p->step->length)
		return true;
	(void)!ftruncate(p->to, 0);
	return false;
}

/*
 * Write n bytes where they belong, unless they are there: what a killed run
 * left (PUT_RESUME), or zeros behind the end.
 */
static int
put_piece(struct put *p, size_t n, uint64_t at)
{
	static const unsigned fresh = PUT_TRUNCATE | PUT_RESUME;
	unsigned char *ours = p->f->buffer, *theirs = ours + FOLDER_BUFFER;
	const uint64_t to = p->step->offset + at;

	if ((p->step->flags & PUT_RESUME) && to + n <= p->there &&
	    fs_read_at(p->to, theirs, n, to) == (ssize_t)n &&
	    memcmp(ours, theirs, n) == 0)
		return 0;
	if ((p->step->flags & fresh) && to >= p->there && is_zero(ours, n))
		return 0;
	p->done->sent += n;
	if (to + n > p->end)
		p->end = to + n;
	return write_at(p->to, ours, n, to);
}

static void
put_bytes(struct put *p)
{
	struct folder *f = p->f;
	uint64_t at = 0;
	size_t n;
	int e;

	while (at < p->step->length) {
		n = piece(p->step->length - at);
		if (fs_read_at(p->from, f->buffer, n, at) != (ssize_t)n) {
			p->done->result = RESULT_SOURCE;
			return;
		}
		hash_update(&p->hash, f->buffer, n);
		e = put_piece(p, n, at);
		if (e != 0) {
			folder_fail(p->done, e);
			return;
		}
		at += n;
		if (!move(f, n)) {
			p->done->result = RESULT_SKIPPED;
			return;
		}
	}
}

/* Attributes, disk, a last look. */
static void
finish(const struct folder *f, int fd, const struct msg_step *step,
    uint64_t size, struct msg_done *done)
{
	const bool attributes =
	    step->op == STEP_COPY || (step->flags & PUT_ATTRIBUTES) != 0;
	struct stat st;

	if ((attributes &&
		(folder_chmod(f, fd, step->mode) != 0 ||
		    folder_touch(f, fd, step->mtime) != 0)) ||
	    ((step->flags & PUT_DURABLE) && fsync(fd) != 0) ||
	    folder_fstat(fd, &st) != 0) {
		folder_fail(done, errno);
		return;
	}
	folder_note(done, &st);
	if (done->size != size)
		done->result = RESULT_SHORT;
}

static void
put_all(struct put *p)
{
	const struct msg_step *s = p->step;
	struct msg_done *done = p->done;
	const unsigned whole = PUT_TRUNCATE | PUT_RESUME;

	if (put_clone(p)) {
		done->sent = s->length;
		if (!count_clone(p))
			done->result = RESULT_FAILED;
	} else {
		put_bytes(p);
	}
	if (!hash_final(&p->hash, &done->digest) ||
	    (done->result == RESULT_OK && (s->flags & PUT_DIGEST) &&
		!hash_equal(&done->digest, &s->digest)))
		done->result = RESULT_SOURCE;
	if (done->result != RESULT_OK)
		return;
	/* what ended in zeros, or was longer */
	if ((s->flags & whole) && p->end != s->offset + s->length &&
	    ftruncate(p->to, (off_t)(s->offset + s->length)) != 0)
		folder_fail(done, errno);
	else
		finish(p->f, p->to, s, s->offset + s->length, done);
}

void
folder_put(struct folder *f, const struct msg_step *step, int fd,
    struct msg_done *done)
{
	struct put p = { .f = f, .step = step, .done = done, .from = fd };
	const char *name;
	struct stat st;
	int at;

	p.to = open_to_write(f, step->path,
	    ((step->flags & PUT_TRUNCATE) ? O_TRUNC : 0) |
		((step->flags & PUT_EXCLUSIVE) ? O_EXCL : 0),
	    &st, done);
	if (p.to < 0)
		return;
	p.there = p.end = (uint64_t)st.st_size;
	if ((step->flags & PUT_CUT) && ftruncate(p.to, (off_t)step->offset))
		folder_fail(done, errno);
	else if (!hash_init(&p.hash))
		done->result = RESULT_SOURCE;
	else
		put_all(&p);
	/* neither half of it nor a hole is to look like something whole */
	if (done->result != RESULT_OK && (step->flags & PUT_CUT))
		(void)!ftruncate(p.to, (off_t)step->offset);
	close(p.to);
	if (done->result == RESULT_OK || (step->flags & PUT_EXCLUSIVE) == 0)
		return;
	at = folder_parent(f, step->path, &name);
	if (at >= 0) {
		(void)unlinkat(at, name, 0);
		close(at);
	}
}

/* ---- GET ---- */

void
folder_get(struct folder *f, const struct msg_step *step, int fd,
    struct msg_done *done)
{
	struct stat st;
	uint64_t at = step->offset, end;
	int from = open_to_read(f, step->path, &st, done);
	size_t n;

	if (from < 0)
		return;
	folder_note(done, &st);
	end = step->offset + step->length;
	if (end < step->offset || done->size < end)
		end = done->size;
	while (at < end && done->result == RESULT_OK) {
		n = piece(end - at);
		if (fs_read_at(from, f->buffer, n, at) != (ssize_t)n) {
			done->result = RESULT_SHORT;
		} else if (write_at(fd, f->buffer, n, at - step->offset) != 0) {
			done->result = RESULT_SOURCE;
		} else {
			done->sent += n;
			at += n;
			if (!move(f, n))
				done->result = RESULT_SKIPPED;
		}
	}
	close(from);
}

/* ---- COPY ---- */

/* By the file system's own means; what it cannot is left to be read. */
static uint64_t
copy_inside(struct folder *f, int from, int to, uint64_t length)
{
	uint64_t at = 0;
#ifdef SYS_copy_file_range
	int64_t in, out;
	long n;

	while (at < length) {
		const uint64_t left = length - at;

		in = out = (int64_t)at;
		n = syscall(SYS_copy_file_range, from, &in, to, &out,
		    left < FOLDER_TURN ? left : FOLDER_TURN, 0);
		if (n <= 0)
			break;
		at += (uint64_t)n;
		if (!move(f, (uint64_t)n))
			break;
	}
#else
	(void)f;
	(void)from;
	(void)to;
	(void)length;
#endif
	return at;
}

static void
copy_bytes(
    struct folder *f, int from, int to, uint64_t length, struct msg_done *done)
{
	uint64_t at = 0;
	size_t n;
	int e;

	if (length > 0 && share(from, to)) {
		(void)move(f, length);
		return;
	}
	at = copy_inside(f, from, to, length);
	while (at < length && done->result == RESULT_OK && !f->left) {
		n = piece(length - at);
		if (fs_read_at(from, f->buffer, n, at) != (ssize_t)n) {
			done->result = RESULT_SHORT;
			return;
		}
		e = write_at(to, f->buffer, n, at);
		if (e != 0)
			folder_fail(done, e);
		at += n;
		(void)move(f, n);
	}
	if (f->left)
		done->result = RESULT_SKIPPED;
}

void
folder_copy(
    struct folder *f, const struct msg_step *step, struct msg_done *done)
{
	struct stat was, is;
	int to, from = open_to_read(f, step->path, &was, done);

	if (from < 0)
		return;
	to = open_to_write(f, step->target, 0, &is, done);
	if (to < 0)
		goto out;
	if ((uint64_t)was.st_size != step->length)
		done->result = RESULT_SHORT;
	else if (is.st_ino == was.st_ino && is.st_dev == was.st_dev)
		folder_fail(done, EINVAL); /* emptied, both would be */
	else if (ftruncate(to, 0) != 0)
		folder_fail(done, errno);
	else
		copy_bytes(f, from, to, step->length, done);
	if (done->result == RESULT_OK)
		finish(f, to, step, step->length, done);
	close(to);
out:
	close(from);
}
