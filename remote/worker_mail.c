/* Messages on their way through the door to the hub.  Worker. */
#include "remote/worker_mail.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "confine/chan.h"

enum {
	BATCH = 32, /* messages */
	LAST_TRIES = 100,
	LAST_TRY_MS = 100,
};

struct letter {
	struct letter *next;
	size_t n;
	unsigned char p[];
};

void
worker_mail_init(struct worker_mail *m, int door)
{
	m->door = door;
	m->letters = NULL;
	m->end = &m->letters;
	m->count = 0;
}

struct buf
worker_mail_paper(void)
{
	struct buf b;

	buf_init(&b, LIMIT_MESSAGE);
	return b;
}

static bool
keep(struct worker_mail *m, const struct buf *b)
{
	struct letter *l = malloc(sizeof *l + b->len);

	if (l == NULL)
		return false;
	l->next = NULL;
	l->n = b->len;
	memcpy(l->p, b->data, b->len);
	*m->end = l;
	m->end = &l->next;
	m->count++;
	return true;
}

const char *
worker_mail_send(struct worker_mail *m, struct buf *b)
{
	const char *why = NULL;

	if (!buf_ok(b))
		why = "a message that does not fit";
	else if (m->letters != NULL ||
	    chan_send(m->door, b->data, b->len, -1) != 0)
		why = keep(m, b) ? NULL : "out of memory";
	buf_free(b);
	return why;
}

const char *
worker_mail_later(struct worker_mail *m, struct buf *b)
{
	const char *why = NULL;

	if (!buf_ok(b))
		why = "a message that does not fit";
	else if (!keep(m, b))
		why = "out of memory";
	else if (m->count % BATCH == 0)
		(void)worker_mail_post(m); /* a hub that is gone is seen */
	buf_free(b);
	return why;
}

static void
drop_first(struct worker_mail *m)
{
	struct letter *l = m->letters;

	m->letters = l->next;
	if (m->letters == NULL)
		m->end = &m->letters;
	m->count--;
	free(l);
}

bool
worker_mail_post(struct worker_mail *m)
{
	while (m->letters != NULL) {
		if (chan_send(m->door, m->letters->p, m->letters->n, -1) != 0)
			return errno == EAGAIN;
		drop_first(m);
	}
	return true;
}

void
worker_mail_end(struct worker_mail *m)
{
	struct pollfd fd = { .fd = m->door, .events = POLLOUT };
	int tries;

	for (tries = 0; m->letters != NULL && tries < LAST_TRIES; tries++)
		if (poll(&fd, 1, LAST_TRY_MS) > 0 && !worker_mail_post(m))
			break;
	while (m->letters != NULL)
		drop_first(m);
}
