/*
 * A session with a folder of this machine: FOLDER, then steps, each done as it
 * comes through the door.  Worker.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "confine/chan.h"
#include "remote/folder.h"
#include "remote/worker.h"
#include "remote/worker_parts.h"

struct worker_folder {
	struct folder *engine;
	uint64_t heard; /* ms: when a step ended or went on */
	uint64_t posted; /* ms: when the hub was last told what was kept */
};

enum {
	QUEUE_MAX = 512, /* messages that the hub has not taken */
	POST_MS = 20,
};

/* Landlock wants to know the folder before it stands. */
int
worker_folder_receive(int door)
{
	unsigned char packet[LIMIT_MESSAGE];
	struct pollfd p = { .fd = door, .events = POLLIN };
	struct buf_reader body;
	unsigned type;
	ssize_t n;
	int fd = -1;

	while (poll(&p, 1, -1) < 0 && errno == EINTR)
		;
	n = chan_receive(door, packet, sizeof(packet), &fd);
	if (n > 0 && fd >= 0 &&
	    worker_msg_open(packet, (size_t)n, &type, &body) &&
	    type == MSG_FOLDER && buf_get_end(&body))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Until the hub has taken some of it. */
static bool
await_hub(struct worker *w)
{
	struct pollfd p = { .fd = w->mail.door, .events = POLLOUT };

	while (w->stage != STAGE_OVER && w->mail.count >= QUEUE_MAX) {
		if (poll(&p, 1, -1) < 0 && errno != EINTR)
			worker_die(w, "poll");
		else if (!worker_mail_post(&w->mail))
			w->stage = STAGE_OVER; /* the hub is gone */
	}
	return w->stage != STAGE_OVER;
}

static void
on_entry(void *ctx, const struct msg_entry *entry)
{
	if (await_hub(ctx))
		worker_on_entry(ctx, entry);
}

static bool
turn(void *ctx)
{
	struct worker *w = ctx;
	struct pollfd p = { .fd = w->mail.door };

	w->folder->heard = w->folder->posted = clock_ms();
	if (!worker_mail_post(&w->mail) ||
	    (poll(&p, 1, 0) > 0 && (p.revents & POLLHUP)))
		w->stage = STAGE_OVER; /* the hub is gone */
	else
		worker_report_progress(w);
	return w->stage != STAGE_OVER;
}

void
worker_folder_begin(struct worker *w, int dirfd)
{
	const struct folder_hooks hooks = { w, on_entry, turn };
	struct ferry_error err = { 0 };
	struct msg_ready ready;

	w->folder = calloc(1, sizeof(*w->folder));
	if (w->folder == NULL) {
		close(dirfd);
		worker_die(w, "out of memory");
		return;
	}
	if (folder_new(&w->folder->engine, dirfd, &hooks, &ready, &err) != 0) {
		worker_fail(w, &err);
		return;
	}
	w->stage = STAGE_READY;
	worker_on_ready(w, &ready);
}

/* Steps are short and many: their answers go out together. */
static void
answer(struct worker *w, const struct msg_done *done)
{
	struct worker_folder *f = w->folder;
	struct buf b = worker_mail_paper();
	const char *why;

	msg_put_done(&b, done);
	why = worker_mail_later(&w->mail, &b);
	if (why != NULL) {
		worker_die(w, why);
	} else if (f->heard - f->posted >= POST_MS) {
		f->posted = f->heard;
		(void)worker_mail_post(&w->mail); /* the loop sees who left */
	}
}

void
worker_folder_take_step(struct worker *w, const struct msg_step *step, int fd)
{
	struct ferry_error err = { 0 };
	struct msg_done done;

	if (folder_step(w->folder->engine, step, fd, &done, &err) != 0) {
		worker_fail(w, &err);
		return;
	}
	w->folder->heard = clock_ms();
	if (w->stage != STAGE_OVER)
		answer(w, &done);
}

uint64_t
worker_folder_heard(const struct worker_folder *f)
{
	return f->heard;
}

uint64_t
worker_folder_moved(const struct worker_folder *f)
{
	return folder_moved(f->engine);
}

void
worker_folder_free(struct worker_folder *f)
{
	if (f == NULL)
		return;
	folder_free(f->engine);
	free(f);
}
