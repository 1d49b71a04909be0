/* Events on their way from the job's thread to the application's.  Hub. */
#include "publish/outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bell.h"
#include "base/clock.h"
#include "publish/event_copy.h"

enum { PAUSE_MS = 34 }; /* between two times that somebody is woken */

struct outbox_item {
	struct outbox_item *next;
	struct arena arena; /* all of the event is in it */
	const struct ferry_event *event;
};

static struct outbox_item *
make(const struct ferry_event *event)
{
	struct outbox_item *item = calloc(1, sizeof(*item));

	if (item == NULL)
		return NULL;
	arena_init(&item->arena);
	item->event = event_copy(event, &item->arena);
	if (item->event != NULL)
		return item;
	arena_free(&item->arena);
	free(item);
	return NULL;
}

static void
drop(struct outbox_item *item)
{
	arena_free(&item->arena);
	free(item);
}

int
outbox_open(struct outbox *o)
{
	int error;

	o->ready = bell_open();
	if (o->ready < 0)
		return errno;
	error = pthread_mutex_init(&o->mutex, NULL);
	if (error == 0) {
		error = pthread_cond_init(&o->taken, NULL);
		if (error != 0)
			pthread_mutex_destroy(&o->mutex);
	}
	if (error != 0) {
		close(o->ready);
		return error;
	}
	o->first = o->last = NULL;
	o->count = 0;
	o->rings = o->emptied = 0;
	o->ended = o->closed = false;
	return 0;
}

void
outbox_free(struct outbox *o)
{
	struct outbox_item *item, *next;

	for (item = o->first; item != NULL; item = next) {
		next = item->next;
		drop(item);
	}
	pthread_cond_destroy(&o->taken);
	pthread_mutex_destroy(&o->mutex);
	close(o->ready);
}

/* Of what is done so far only the newest counts. */
static bool
replace_last(struct outbox *o, struct outbox_item *item)
{
	struct outbox_item *last = o->last;

	if (last == NULL || last->event->kind != ferry_EVENT_PROGRESS ||
	    item->event->kind != ferry_EVENT_PROGRESS)
		return false;
	arena_free(&last->arena);
	last->arena = item->arena;
	last->event = item->event;
	free(item);
	return true;
}

static void
wake(struct outbox *o, bool urgent)
{
	const uint64_t now = clock_ms(), soon = o->emptied + PAUSE_MS;
	const uint64_t at = urgent || soon < now ? now : soon;

	if (o->rings != 0 && o->rings <= at)
		return;
	o->rings = at;
	bell_ring(o->ready, at);
}

static void
append(struct outbox *o, struct outbox_item *item)
{
	if (o->first == NULL)
		o->first = item;
	else
		o->last->next = item;
	o->last = item;
	o->count++;
	wake(o, item->event->kind == ferry_EVENT_QUESTION);
}

bool
outbox_put(struct outbox *o, const struct ferry_event *event)
{
	struct outbox_item *item = make(event);
	bool closed;

	if (item == NULL)
		return false;
	pthread_mutex_lock(&o->mutex);
	while (!o->closed && o->count >= OUTBOX_MAX)
		pthread_cond_wait(&o->taken, &o->mutex);
	closed = o->closed;
	if (closed)
		drop(item);
	else if (!replace_last(o, item))
		append(o, item);
	pthread_mutex_unlock(&o->mutex);
	return !closed;
}

void
outbox_end(struct outbox *o)
{
	pthread_mutex_lock(&o->mutex);
	o->ended = true;
	wake(o, true);
	pthread_mutex_unlock(&o->mutex);
}

/* All that is there, and the bell is quiet again. */
static struct outbox_item *
take(struct outbox *o, bool *ended)
{
	struct outbox_item *first;

	pthread_mutex_lock(&o->mutex);
	first = o->first;
	*ended = o->ended;
	o->first = o->last = NULL;
	o->count = 0;
	o->rings = 0;
	o->emptied = clock_ms();
	bell_ring(o->ready, 0);
	pthread_cond_broadcast(&o->taken);
	pthread_mutex_unlock(&o->mutex);
	return first;
}

bool
outbox_deliver(struct outbox *o, ferry_event_fn *fn, void *ctx)
{
	struct outbox_item *item, *next;
	bool ended;

	for (item = take(o, &ended); item != NULL; item = next) {
		next = item->next;
		if (fn != NULL)
			fn(ctx, item->event);
		drop(item);
	}
	return ended;
}

void
outbox_close(struct outbox *o)
{
	pthread_mutex_lock(&o->mutex);
	o->closed = true;
	pthread_cond_broadcast(&o->taken);
	pthread_mutex_unlock(&o->mutex);
}
