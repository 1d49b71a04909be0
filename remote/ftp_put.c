/*
 * One file on its way by FTP.  Worker.
 *
 * 226 is necessary, not sufficient: after every STOR the server is asked for
 * the size, by us or (PUT_UNSEEN) by the hub.  Whatever is there already is
 * taken for ours only when its last bytes are; and nothing is left behind that
 * looks whole and is not what was planned.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/path.h"
#include "remote/ftp_engine.h"

enum {
	CHUNK = 64 * 1024,
	USUAL_MODE = 0644, /* what a server gives a new file */
};

struct put {
	struct ftp *f;
	const struct msg_step *step;
	int fd;
	uint64_t at; /* the next local byte */
	uint64_t begin; /* the first local byte that travels */
	bool torn; /* the local file ended early, or cannot be read */
	struct hash hash;
	/* comparing the end of what is there */
	unsigned char *tail;
	size_t tail_got, tail_len;
};

/* The next local bytes, counted and hashed, whoever gets them. */
static size_t
next_bytes(struct put *p, void *dst, size_t n)
{
	ssize_t got;

	if (n > p->step->length - p->at)
		n = (size_t)(p->step->length - p->at);
	if (n == 0)
		return 0;
	got = fs_read_at(p->fd, dst, n, p->at);
	if (got < (ssize_t)n)
		p->torn = true;
	if (got <= 0)
		return 0;
	hash_update(&p->hash, dst, (size_t)got);
	p->at += (uint64_t)got;
	return (size_t)got;
}

static size_t
on_read(void *ctx, void *dst, size_t n)
{
	struct put *p = ctx;
	size_t got = next_bytes(p, dst, n);

	p->f->sent += got;
	return got;
}

/* Local bytes that need not travel still count in the digest. */
static void
skip_to(struct put *p, uint64_t end)
{
	unsigned char *chunk = malloc(CHUNK);

	if (chunk == NULL)
		p->torn = true;
	while (!p->torn && p->at < end) {
		uint64_t n = end - p->at;

		(void)next_bytes(p, chunk, n < CHUNK ? (size_t)n : CHUNK);
	}
	free(chunk);
}

/* ---- What is there already ---- */

static bool
on_tail(void *ctx, const void *bytes, size_t n)
{
	struct put *p = ctx;

	if (n > p->tail_len - p->tail_got)
		n = p->tail_len - p->tail_got;
	memcpy(p->tail + p->tail_got, bytes, n);
	p->tail_got += n;
	return true;
}

/* Are the last bytes of what is there ours? */
static bool
same_tail(struct put *p, uint64_t size)
{
	size_t n = size < FTP_TAIL ? (size_t)size : FTP_TAIL;
	struct ftp_flow flow = { .transfer = FTP_RETR,
		.path = p->step->path,
		.offset = size - n,
		.ctx = p,
		.write = on_tail };
	unsigned char *local = malloc(n);
	bool same = false;

	p->tail = malloc(n);
	p->tail_len = n;
	p->tail_got = 0;
	if (local != NULL && p->tail != NULL &&
	    wire_transfer(p->f, &flow) == RESULT_OK && p->tail_got == n)
		same = fs_read_at(p->fd, local, n, size - n) == (ssize_t)n &&
		    memcmp(local, p->tail, n) == 0;
	free(local);
	free(p->tail);
	p->tail = NULL;
	return same;
}

/* How many bytes of it are on the server and need not travel? */
static uint64_t
resumable(struct put *p)
{
	struct ftp_found found;

	find_size(p->f, p->step->path, &found);
	if (found.result != RESULT_OK || found.entry.size == 0 ||
	    found.entry.size > p->step->length ||
	    (p->f->lacks & (MSG_FTP_APPE | MSG_FTP_REST)) != 0)
		return 0;
	return same_tail(p, found.entry.size) ? found.entry.size : 0;
}

/* APPE writes behind what is there: it has to be what the hub believes. */
static bool
ends_at(struct put *p, struct msg_done *done)
{
	struct ftp *f = p->f;
	struct ftp_found found;

	if (strcmp(f->known, p->step->path) == 0 &&
	    f->known_size == p->step->offset)
		return true;
	find_size(f, p->step->path, &found);
	if (found.result != RESULT_OK) {
		ftp_refuse(f, done);
		done->result = (uint8_t)found.result;
		return false;
	}
	done->size = found.entry.size;
	if (found.entry.size == p->step->offset)
		return true;
	ftp_refuse_for(done, RESULT_SHORT, "");
	return false;
}

/* ---- Sending ---- */

static enum msg_result
send_file(struct put *p, bool append)
{
	struct ftp_flow flow = { .transfer = append ? FTP_APPE : FTP_STOR,
		.path = p->step->path,
		.length = p->step->length - p->at,
		.ctx = p,
		.read = on_read };
	enum msg_result result;

	p->begin = p->at;
	result = wire_transfer(p->f, &flow);
	if (append && result == RESULT_UNSUPPORTED)
		ftp_learn(p->f, MSG_FTP_APPE, false);
	return result;
}

/* Refused before it began: because of what is there, or is not? */
static bool
may_be_in_the_way(const struct put *p)
{
	const struct ftp *f = p->f;

	return !f->lost && !f->accepted &&
	    (f->reply.code == 550 || f->reply.code == 553);
}

/* What was read is not what is there. */
static bool
begin_again(struct put *p)
{
	struct hash hash;

	if (!hash_init(&hash))
		return false;
	hash_free(&p->hash);
	p->hash = hash;
	p->at = 0;
	return true;
}

/*
 * STOR, once more if the server does not write over what is there.  What it
 * said first is the reason for the hub.
 */
static enum msg_result
send_whole(struct put *p, struct msg_done *done)
{
	enum msg_result result = send_file(p, false);
	const char *path = p->step->path;
	struct ftp *f = p->f;
	char parent[WORKER_MSG_PATH];
	struct ftp_found found;

	if (result == RESULT_OK || !may_be_in_the_way(p))
		return result;
	ftp_refuse(f, done);
	find_path(f, path, &found);
	if (found.result == RESULT_OK && S_ISREG(found.entry.mode) &&
	    !f->lost && wire_command(f, "DELE %s", path) / 100 == 2) {
		done->result = RESULT_OK;
		done->status = 0;
		done->text[0] = '\0';
		return begin_again(p) ? send_file(p, false) : RESULT_SOURCE;
	}
	memcpy(parent, path, path_dir_len(path));
	parent[path_dir_len(path)] = '\0';
	if (found.result == RESULT_ABSENT && parent[0] != '\0' && !f->lost &&
	    strcmp(parent, "/") != 0 && !find_is_folder(f, parent))
		done->result = RESULT_ABSENT;
	return done->result;
}

/* By what the server says, or (PUT_UNSEEN) by what went there. */
static void
look(struct put *p, uint64_t sent, struct ftp_found *found)
{
	if ((p->step->flags & PUT_UNSEEN) == 0) {
		find_size(p->f, p->step->path, found);
		return;
	}
	memset(found, 0, sizeof(*found));
	found->result = RESULT_OK;
	found->entry.size = p->step->offset + p->begin + sent;
}

static void
verify(struct put *p, struct msg_done *done)
{
	struct ftp *f = p->f;
	struct ftp_found found;
	uint32_t mode = p->step->mode & 07777;
	bool wants_mode;

	look(p, done->sent, &found);
	if (f->lost)
		return;
	if (found.result == RESULT_ABSENT) { /* it said 226, and kept nothing */
		ftp_refuse_for(done, RESULT_SHORT, "");
		return;
	}
	if (found.result != RESULT_OK) {
		ftp_refuse(f, done);
		done->result = (uint8_t)found.result;
		return;
	}
	done->size = found.entry.size;
	done->mode = found.entry.mode;
	if (done->size != p->step->offset + p->step->length) {
		ftp_refuse_for(done, RESULT_SHORT, "");
		return;
	}
	strcpy(f->known, p->step->path);
	f->known_size = done->size;
	if ((p->step->flags & PUT_ATTRIBUTES) == 0)
		return;
	wants_mode = p->step->flags & PUT_UNSEEN ? true
	    : found.entry.has & LISTING_MODE
	    ? mode != (found.entry.mode & 07777)
	    : mode != USUAL_MODE;
	ftp_attributes(f, p->step->path, wants_mode ? mode : 0, p->step->mtime);
}

/* What is there now is not what was planned, and might look like it. */
static void
undo(struct put *p)
{
	if (!p->f->lost && p->step->offset == 0)
		(void)wire_command(p->f, "DELE %s", p->step->path);
}

static enum msg_result
transfer(struct put *p, struct msg_done *done)
{
	uint64_t there;
	enum msg_result result;

	if (p->step->flags & PUT_RESUME) {
		there = resumable(p);
		skip_to(p, there);
		p->begin = p->at;
		if (p->f->lost || p->torn || there == p->step->length)
			return RESULT_OK;
		if (there == 0)
			return send_whole(p, done);
		return send_file(p, true);
	}
	if (p->step->offset == 0)
		return send_whole(p, done);
	if (!ends_at(p, done))
		return done->result;
	p->f->known[0] = '\0';
	if (p->f->lacks & MSG_FTP_APPE) {
		ftp_refuse_for(done, RESULT_UNSUPPORTED, "no APPE");
		return RESULT_UNSUPPORTED;
	}
	result = send_file(p, true);
	return result;
}

void
put_step(
    struct ftp *f, const struct msg_step *step, int fd, struct msg_done *done)
{
	struct put p = { .f = f, .step = step, .fd = fd };
	enum msg_result result;

	if (step->flags & PUT_EXCLUSIVE) {
		ftp_refuse_for(
		    done, RESULT_UNSUPPORTED, "FTP has only MKD for that");
		return;
	}
	if (!hash_init(&p.hash)) {
		ftp_refuse_for(done, RESULT_SOURCE, "out of memory");
		return;
	}
	result = transfer(&p, done);
	done->sent = p.at - p.begin;
	skip_to(&p, p.torn || result != RESULT_OK ? 0 : step->length);
	hash_final(&p.hash, &done->digest);
	if (f->lost && f->reply.code < 400)
		return;
	if (done->result != RESULT_OK)
		return;
	if (p.torn ||
	    (result == RESULT_OK && (step->flags & PUT_DIGEST) &&
		!hash_equal(&done->digest, &step->digest))) {
		ftp_refuse_for(done, RESULT_SOURCE, "");
		undo(&p);
		return;
	}
	if (result != RESULT_OK) {
		ftp_refuse(f, done);
		done->result = (uint8_t)result;
		return;
	}
	verify(&p, done);
}
