/* Read back and hash.  Hub. */
#include "publish/readback.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/limits.h"

enum {
	PIECES = 32, /* in flight */
	PIECE = 1024 * 1024, /* SFTP: bytes of one; all of them is memory */
	CHUNK = 64 * 1024, /* bytes hashed at once */
	/*
	 * FTP: a worker writes no larger file.  Each piece of one that is
	 * larger is followed by the rest, which is forgotten.
	 */
	PIECE_FTP = LIMIT_LEDGER - CHUNK,
};

/* A file that is being read. */
struct reading {
	bool used;
	size_t item;
	struct readback_file file;
	struct hash hash;
	uint64_t length; /* bytes of it to be read */
	uint64_t asked, hashed; /* of those */
	unsigned pieces; /* in flight */
	enum readback_result result;
	struct msg_done why;
};

/* A part of it. */
struct piece {
	struct reading *of; /* NULL: free */
	uint64_t at, length; /* in what is to be read of the file */
	uint64_t hashed; /* of this piece */
	int fd;
	bool done;
	struct msg_done reply;
};

struct run {
	const struct readback *rb;
	struct report *report;
	size_t next; /* file to begin with */
	struct reading readings[PIECES];
	struct piece pieces[PIECES];
	struct reading *asking; /* has bytes that nobody was asked for */
	bool waiting; /* for a reply */
	bool landed; /* one has come that is not settled yet */
	int failed; /* errno of the scratch files, or 0 */
	unsigned char chunk[CHUNK];
};

uint64_t
readback_sample_at(uint64_t size, unsigned k)
{
	if (k == 0 || size <= READBACK_SAMPLE)
		return 0;
	return k == 1 ? (size - READBACK_SAMPLE) / 2 : size - READBACK_SAMPLE;
}

/* ---- Hashing ---- */

/* As far as the piece has come. */
static void
hash_up_to(struct run *r, struct piece *p, uint64_t end)
{
	size_t want;
	ssize_t n;

	while (p->hashed < end && r->failed == 0) {
		want =
		    end - p->hashed < CHUNK ? (size_t)(end - p->hashed) : CHUNK;
		n = pread(p->fd, r->chunk, want, (off_t)p->hashed);
		if (n <= 0) {
			r->failed = n < 0 ? errno : EIO;
			return;
		}
		hash_update(&p->of->hash, r->chunk, (size_t)n);
		p->hashed += (uint64_t)n;
		r->report->bytes_done += (uint64_t)n;
	}
}

/*
 * FTP: a file grows from its beginning.  What has come is hashed, and its pages
 * are given back.
 */
static void
follow(struct run *r, struct piece *p)
{
	off_t size = lseek(p->fd, 0, SEEK_END);

	if (size < 0 || (uint64_t)size <= p->hashed)
		return;
	hash_up_to(
	    r, p, (uint64_t)size < p->length ? (uint64_t)size : p->length);
#ifdef FALLOC_FL_PUNCH_HOLE
	(void)fallocate(p->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
	    (off_t)p->hashed);
#endif
}

static void
grown(void *ctx)
{
	struct run *r = ctx;
	size_t i;

	for (i = 0; i < PIECES; i++)
		if (r->pieces[i].of != NULL && !r->pieces[i].done &&
		    r->pieces[i].at == r->pieces[i].of->hashed)
			follow(r, &r->pieces[i]);
	report_progress(r->report, NULL);
}

/* ---- Asking ---- */

static void
replied(void *ctx, size_t i, const struct msg_done *done)
{
	struct run *r = ctx;

	r->pieces[i].reply = *done;
	r->pieces[i].done = r->landed = true;
	r->waiting = false;
}

/* The next file that is to be read; NULL: there is none, or no memory. */
static struct reading *
begin(struct run *r)
{
	struct reading *o = r->readings;

	while (o->used) /* there is one for each piece */
		o++;
	for (; r->next < r->rb->count; r->next++) {
		memset(o, 0, sizeof(*o));
		if (!r->rb->make(r->rb->ctx, r->next, &o->file))
			continue;
		if (!hash_init(&o->hash)) {
			r->failed = ENOMEM;
			return NULL;
		}
		o->used = true;
		o->item = r->next++;
		o->result = READBACK_EQUAL;
		o->length = o->file.sample ? READBACK_SAMPLES * READBACK_SAMPLE
					   : o->file.size;
		return o;
	}
	return NULL;
}

static uint64_t
piece_size(const struct run *r, const struct reading *o)
{
	if (o->file.sample)
		return READBACK_SAMPLE;
	return far_is_ftp(r->rb->far) ? PIECE_FTP : PIECE;
}

static int
ask(struct run *r, struct piece *p, struct ferry_error *err)
{
	const struct far_handler handler = {
		.done = replied, .ctx = r, .item = (size_t)(p - r->pieces)
	};
	struct reading *o = r->asking;
	uint64_t left = o->length - o->asked, most = piece_size(r, o);
	struct msg_step *s = far_step(r->rb->far, STEP_GET, o->file.path);

	p->of = o;
	p->at = o->asked;
	p->length = left < most ? left : most;
	p->hashed = 0;
	p->done = false;
	s->offset = o->file.sample ? readback_sample_at(o->file.size,
					 (unsigned)(p->at / READBACK_SAMPLE))
				   : p->at;
	s->length = p->length;
	far_loose(r->rb->far);
	o->asked += p->length;
	o->pieces++;
	if (o->asked == o->length)
		r->asking = NULL;
	return far_send(r->rb->far, p->fd, &handler, err);
}

/* As much as there is room for; what has come goes first. */
static int
fill(struct run *r, struct ferry_error *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && r->failed == 0 && i < PIECES; i++) {
		struct piece *p = &r->pieces[i];

		if (r->landed)
			break;
		if (p->of != NULL)
			continue;
		if (r->asking == NULL)
			r->asking = begin(r);
		if (r->asking == NULL)
			return 0;
		if (p->fd < 0)
			p->fd = fs_scratch();
		if (p->fd < 0)
			r->failed = errno;
		else
			rc = ask(r, p, err);
	}
	return rc;
}

/* ---- Judging ---- */

/* The file may have another length now; then it is not hashed any further. */
static void
judge_reply(struct reading *o, const struct piece *p)
{
	const struct msg_done *d = &p->reply;

	if (o->result == READBACK_FAILED)
		return;
	if (d->result == RESULT_OK || d->result == RESULT_SHORT) {
		if (d->size != o->file.size || d->sent != p->length)
			o->result = READBACK_OTHER;
		return;
	}
	o->result = READBACK_FAILED;
	o->why = *d;
}

static void
end(struct run *r, struct reading *o)
{
	struct digest digest;

	if (!hash_final(&o->hash, &digest))
		r->failed = ENOMEM;
	if (o->result == READBACK_EQUAL &&
	    !hash_equal(&digest, &o->file.digest))
		o->result = READBACK_OTHER;
	o->used = false;
	r->report->files_done++;
	if (r->failed == 0)
		r->rb->done(r->rb->ctx, o->item, o->result, &o->why);
}

static void
settle_piece(struct run *r, struct piece *p)
{
	struct reading *o = p->of;

	judge_reply(o, p);
	if (o->result == READBACK_EQUAL)
		hash_up_to(r, p, p->length);
	else if (r->asking == o)
		r->asking = NULL; /* what is left of it says nothing new */
	o->hashed = p->at + p->length;
	o->pieces--;
	p->of = NULL;
	report_progress(r->report, o->file.path);
	if (ftruncate(p->fd, 0) != 0)
		r->failed = errno;
	if (o->pieces == 0 && r->asking != o)
		end(r, o);
}

/* Pieces of one file in their order; true: there was one. */
static bool
settle(struct run *r)
{
	bool any = false, again;
	size_t i;

	r->landed = false;
	do {
		again = false;
		for (i = 0; i < PIECES && r->failed == 0; i++) {
			struct piece *p = &r->pieces[i];

			if (p->of == NULL || !p->done || p->at != p->of->hashed)
				continue;
			settle_piece(r, p);
			any = again = true;
		}
	} while (again);
	return any;
}

static int
run(struct run *r, struct ferry_error *err)
{
	struct far *f = r->rb->far;
	int rc = 0;

	while (rc == 0 && r->failed == 0) {
		rc = fill(r, err);
		if (rc != 0 || settle(r))
			continue;
		if (f->in_flight == 0)
			break;
		r->waiting = true;
		rc = far_wait_while(f, &r->waiting, err);
	}
	if (rc == 0 && r->failed != 0)
		rc = err_os(err, ferry_EINTERNAL, r->failed, "no_scratch",
		    "cannot read a file back");
	if (rc != 0)
		far_forget(f); /* replies that are still to come */
	return rc;
}

int
readback_run(const struct readback *rb, struct ferry_error *err)
{
	struct far *f = rb->far;
	void (*progress)(void *) = f->progress, (*tick)(void *) = f->tick;
	void *ctx = f->ctx;
	struct run *r = calloc(1, sizeof(*r));
	size_t i;
	int rc;

	if (r == NULL)
		return err_memory(err);
	r->rb = rb;
	r->report = &f->job->report;
	for (i = 0; i < PIECES; i++)
		r->pieces[i].fd = -1;
	far_expect(f, rb->count);
	f->progress = far_is_ftp(f) ? grown : NULL;
	f->tick = NULL;
	f->ctx = r;
	rc = run(r, err);
	f->progress = progress;
	f->tick = tick;
	f->ctx = ctx;
	for (i = 0; i < PIECES; i++) {
		if (r->readings[i].used)
			hash_free(&r->readings[i].hash);
		if (r->pieces[i].fd >= 0)
			close(r->pieces[i].fd);
	}
	free(r);
	return rc;
}
