/*
 * The walls of a job: the worker's is judged, the command's own one is built,
 * and what is missing is said.  Hub.
 */
#ifndef PUBLISH_WALLS_H
#define PUBLISH_WALLS_H

#include <stdbool.h>

#include "auth/secrets_outside.h"
#include "base/arena.h"
#include "confine/wall.h"
#include "remote/dial.h"
#include "remote/worker_msg.h"
#include "sandferry.h"

struct ferry_job;
struct web;

struct walls { /* of a job; zero at first */
	struct dial_peers *peers; /* the server's addresses */
	struct web *web; /* check: where visitors see the site; or NULL */
	struct secrets_outside *outside; /* NULL: programs are ours to start */
	const int *target; /* the folder of a file: url, open; or NULL */
	bool sealed, started; /* is there a ... */
	struct ferry_wall self, worker;
	struct arena memory; /* of host */
	const struct ferry_host_report *host; /* relied on; or NULL */
	unsigned said; /* layers whose absence was told */
	bool said_off;
};

/*
 * From here on the job needs nothing new: look up its server, and, if it is to
 * confine itself, give up all else.  No thread may have been started by then
 * that is to be inside.  ferry_EREACH; ferry_EWALL: a layer is required, and is
 * not to be had.
 */
int walls_seal(struct ferry_job *job, struct ferry_error *err);

/* The addresses of a host, or whoever of the application connects to it. */
int walls_find_peers(const struct ferry_job *job, struct dial_peers **out,
    const char *host, unsigned port, struct ferry_error *err);

/* For struct session_config; ctx is the job. */
int walls_judge_worker(
    void *ctx, const struct msg_wall *wall, struct ferry_error *err);

/*
 * The server's key was accepted: keep it for the receipt, as it was judged the
 * first time, before it was recorded.
 */
void walls_note_host(struct walls *w, const struct ferry_host_report *host);

/* Tell what stood and who was talked to, if it came to that; and free. */
void walls_end(struct ferry_job *job);

#endif
