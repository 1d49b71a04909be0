/* Messages on their way through the door to the hub.  Worker. */
#ifndef REMOTE_WORKER_MAIL_H
#define REMOTE_WORKER_MAIL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Those that the door did not take yet, oldest first. */
struct worker_mail {
	int door;
	struct letter *letters, **end;
	size_t count;
};

void worker_mail_init(struct worker_mail *m, int door);
/* An empty message to print into. */
struct buf worker_mail_paper(void);
/* Send it, or keep it; b is freed.  NULL, or why that cannot be done. */
const char *worker_mail_send(struct worker_mail *m, struct buf *b);
/*
 * The same for one of many small answers: it is kept until there is a batch of
 * them, for each that is sent alone wakes the hub.  Who is about to wait, or
 * has worked for a while, posts.
 */
const char *worker_mail_later(struct worker_mail *m, struct buf *b);
/* Send what was kept, as far as it goes.  False: the hub is gone. */
bool worker_mail_post(struct worker_mail *m);
/* The last words have to reach the hub, but not for ever.  Also frees. */
void worker_mail_end(struct worker_mail *m);

#endif
