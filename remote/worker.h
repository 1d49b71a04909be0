/*
 * The worker: one session with one server, at the far end of a door.  It owns
 * nothing but what came through the door.
 */
#ifndef REMOTE_WORKER_H
#define REMOTE_WORKER_H

/*
 * The folder of a worker for one, to be received before its wall stands; it
 * waits for the hub.  -1: none came.
 */
int worker_folder_receive(int door);

/*
 * Serve until the hub has enough or the session is over; an exit status.
 * folder: what was received, which becomes the worker's; or -1.
 */
int worker_run(int door, int folder);

#endif
