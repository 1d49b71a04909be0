/*
 * Events on their way from the job's thread to the application's.  Hub.
 *
 * What is under way is bounded: a thread that tells more waits until the
 * application has heard some of it.  Of several reports of progress in a row
 * only the newest stays.  Nobody is woken more than thirty times a second, but
 * for a question or the end.
 */
#ifndef PUBLISH_OUTBOX_H
#define PUBLISH_OUTBOX_H

#include <pthread.h>

#include "sandferry.h"

enum { OUTBOX_MAX = 4096 }; /* events */

struct outbox_item;

struct outbox {
	pthread_mutex_t mutex;
	pthread_cond_t taken; /* there is room again, or nobody listens */
	struct outbox_item *first, *last;
	size_t count;
	int ready; /* a bell: readable when there is something */
	uint64_t rings; /* when, ms; 0: not yet */
	uint64_t emptied; /* ms, the last time */
	bool ended; /* nothing comes any more */
	bool closed; /* nobody listens any more */
};

/* 0, or an errno. */
int outbox_open(struct outbox *o);
/* No thread may use it any more. */
void outbox_free(struct outbox *o);

/* False: there is no memory for it, or nobody listens; it is lost. */
bool outbox_put(struct outbox *o, const struct ferry_event *event);

/* Nothing comes any more; whoever waits for it is told. */
void outbox_end(struct outbox *o);

/*
 * Deliver all that is there by now, on this thread; the callback may call
 * everything but outbox_free().  True: that was all, nothing comes any more.
 */
bool outbox_deliver(struct outbox *o, ferry_event_fn *fn, void *ctx);

/* From now on nothing is kept, and nobody waits for room. */
void outbox_close(struct outbox *o);

#endif
