/*
 * A process that starts the programs of secrets for a hub that seals itself: it
 * is there from before the seal, and does nothing else.  Hub.
 *
 * A password command needs files, sockets and programs that nobody here can
 * list, so it cannot run behind the wall; and which of them will be needed, if
 * any, is known only when the server has proven who it is.
 */
#ifndef AUTH_SECRETS_OUTSIDE_H
#define AUTH_SECRETS_OUTSIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/secret.h"
#include "sandferry.h"

struct secrets_child;
struct secrets_outside;

enum { SECRETS_OUTSIDE_PROGRAMS = 4 };

/* What it may be told to start; it keeps to this list. */
struct secrets_program {
	char *const *argv; /* the caller's, until secrets_outside_start() */
	bool more; /* one more word may follow: what is asked for */
};

/*
 * Start it, by fork: the process has one thread.  It ends with
 * secrets_outside_end(), or with us.  cancel_fd: readable: stop; or -1.
 */
int secrets_outside_start(struct secrets_outside **out,
    const struct secrets_program *programs, size_t count, int cancel_fd,
    struct ferry_error *err);
void secrets_outside_end(struct secrets_outside *o); /* NULL is fine */

/* secrets_child_run(), there; but for its cancel_fd. */
int secrets_outside_run(struct secret **out, const struct secrets_outside *o,
    const struct secrets_child *c, struct ferry_error *err);

#endif
