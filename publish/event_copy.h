/* Keep an event beyond its callback.  Hub. */
#ifndef PUBLISH_EVENT_COPY_H
#define PUBLISH_EVENT_COPY_H

#include "base/arena.h"
#include "sandferry.h"

/*
 * A copy, with copies of all that it points to; all of it lies in the arena.
 * NULL: out of memory.
 */
const struct ferry_event *
event_copy(const struct ferry_event *event, struct arena *a);

#endif
