/*
 * The worker: one session with one server, at the far end of a door.  It owns
 * nothing but what came through the door.
 */
#ifndef REMOTE_WORKER_H
#define REMOTE_WORKER_H

/* Serve until the hub has enough or the session is over; an exit status. */
int worker_run(int door);

#endif
