/*
 * How a worker ends, and its output, which is where its last words are: of a
 * sanitizer, of the C library.  Hub; for door.c only.
 */
#ifndef REMOTE_DOOR_END_H
#define REMOTE_DOOR_END_H

#include "remote/door.h"

/* Log what the worker wrote to its stdout and stderr; never blocks. */
void door_end_output(struct door *d);

/* End the worker (it has this long to go by itself) and log the rest. */
void door_end(struct door *d, unsigned patience_ms);

/* It closed the door without a FAIL: reap it and say how it ended. */
int door_end_report(struct door *d, struct ferry_error *err);

#endif
