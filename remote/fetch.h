/*
 * Look at pages as a visitor does, by a worker of its own.  Hub.
 *
 * The worker names ports, and nothing but ports: all connections lead to the
 * one address that was found first, and to those ports that are allowed.
 */
#ifndef REMOTE_FETCH_H
#define REMOTE_FETCH_H

#include "base/log.h"
#include "remote/dial.h"
#include "remote/worker_msg.h"
#include "sandferry.h"

enum { FETCH_PORTS = 4 };

struct fetch;

/* Copied; what it points to must live as long as the fetch. */
struct fetch_config {
	const char *worker; /* path of the worker program */
	bool confine; /* the worker builds its wall */
	int cancel_fd; /* readable: stop; or -1 */
	const struct log *log;
	struct dial_peers *peers; /* of the host, at the port of ... */
	unsigned ports[FETCH_PORTS]; /* the first; 0s end them */
	int authorities; /* the bundle, PEM; or -1: no https */
	unsigned connect_ms, silence_ms; /* silence: of a whole GET */
	void *ctx;
	/* Is this wall good enough?  0, or a negated code.  NULL: any is. */
	int (*judge_wall)(
	    void *ctx, const struct msg_wall *wall, struct ferry_error *err);
};

/* Start the worker; it connects when there is something to get. */
int fetch_open(struct fetch **out, const struct fetch_config *config,
    struct ferry_error *err);

/*
 * *out tells what came of it, whatever it was; its text is clean.  Negative:
 * ferry_ECANCELLED, ferry_EWALL and the like.  After a failure every call
 * returns it again.  token: 1 to WORKER_MSG_TOKEN bytes that are looked for.
 */
int fetch_get(struct fetch *f, const char *url, const void *token, size_t n,
    struct msg_http_reply *out, struct ferry_error *err);

/* Was there a connection to this one of config.ports? */
bool fetch_used(const struct fetch *f, size_t port);

void fetch_close(struct fetch *f); /* NULL is fine */

#endif
