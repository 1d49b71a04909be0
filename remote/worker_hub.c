/*
 * What an engine that is called, and comes back when the server is done, wants
 * of the hub meanwhile.  Worker.
 */
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/err.h"
#include "remote/worker_parts.h"

bool
worker_turn(void *ctx)
{
	struct worker *w = ctx;

	if (!worker_mail_post(&w->mail))
		w->stage = STAGE_OVER; /* the hub is gone */
	else
		worker_read_door(w);
	if (w->stage == STAGE_READY)
		worker_report_progress(w);
	return w->stage != STAGE_OVER;
}

void
worker_hear_hub(struct worker *w)
{
	struct pollfd fd = { .fd = w->mail.door };

	fd.events = POLLIN | (w->mail.letters != NULL ? POLLOUT : 0);
	if (poll(&fd, 1, -1) < 0 && errno != EINTR)
		worker_die(w, "poll");
	else if (!worker_mail_post(&w->mail))
		w->stage = STAGE_OVER; /* the hub is gone */
	else if (fd.revents & (POLLIN | POLLHUP))
		worker_read_door(w);
}

void
worker_wait_for_hub(struct worker *w, const bool *waiting)
{
	while (*waiting && w->stage != STAGE_OVER)
		worker_hear_hub(w);
}

int
worker_dial(void *ctx, unsigned port)
{
	struct worker *w = ctx;
	struct msg_dial m = { port };
	struct buf b = worker_mail_paper();

	w->dialling = true;
	w->dialled = -ECANCELED;
	msg_put_dial(&b, &m);
	worker_say(w, &b);
	worker_wait_for_hub(w, &w->dialling);
	w->dialling = false;
	return w->dialled;
}

bool
worker_take_socket(
    struct worker *w, struct buf_reader *r, int *fd, struct ferry_error *err)
{
	struct msg_socket m;

	(void)err;
	if (!w->dialling || !msg_get_socket(r, &m) ||
	    (*fd >= 0) != (m.os_errno == 0) || m.os_errno > 4095)
		return false;
	w->dialled = *fd >= 0 ? *fd : -(int)m.os_errno;
	w->dialling = false;
	*fd = -1;
	return true;
}

/*
 * By pread(2): whoever else has this descriptor has another place in it.  (And
 * glibc's fstat(3) is a call that the wall refuses.)
 */
static bool
read_all(struct buf *b, int fd)
{
	unsigned char chunk[16 * 1024];
	ssize_t n;

	while ((n = pread(fd, chunk, sizeof chunk, (off_t)b->len)) > 0)
		buf_put(b, chunk, (size_t)n);
	return n == 0 && buf_ok(b) && b->len > 0;
}

bool
worker_load_authorities(
    struct worker *w, struct buf *b, int fd, struct ferry_error *err)
{
	if (read_all(b, fd))
		return true;
	err_set(err, ferry_EINTERNAL, "authorities",
	    "the certificate authorities cannot be read");
	worker_fail(w, err);
	return false;
}
