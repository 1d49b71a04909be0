/* Start and end a worker process.  Hub.  posix_spawn only, never fork. */
#ifndef CONFINE_SPAWN_H
#define CONFINE_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

#include "confine/role.h"
#include "sandferry.h"

struct spawn {
	pid_t pid;
	int door; /* our end: non-blocking, CLOEXEC */
	int output; /* the worker's stdout and stderr, to be read:
				 * non-blocking, CLOEXEC */
	bool killed; /* spawn_end() had to */
};

/*
 * Start the program for this role, which builds its wall if it is to be
 * confined.  It has an empty environment, default signals, stdin
 * from /dev/null, stdout and stderr to a pipe, the door as descriptor 3, nothing
 * else, and in a process group of its own: a ^C on the terminal is for the hub,
 * which tells the worker.  ferry_EWALL when it cannot be started.
 */
int spawn_worker(struct spawn *out, const char *path, enum role role,
    bool confined, struct ferry_error *err);

/*
 * Close the door, wait at most timeout_ms for the process, then SIGKILL and
 * reap it.  Returns its wait status, or -1 if somebody else reaped it.  The
 * output stays open for its last words; the caller closes it.
 */
int spawn_end(struct spawn *s, unsigned timeout_ms);

#endif
