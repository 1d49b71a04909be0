/*
 * Look at a page as a visitor does: one GET, and what it leads to on the same
 * host.  Worker.  Calls last as long as the server does, within limits;
 * meanwhile the door is looked at through `turn`.  Every connection comes from
 * the hub.
 */
#ifndef REMOTE_HTTP_H
#define REMOTE_HTTP_H

#include "remote/worker_msg.h"

struct http;

struct http_hooks {
	void *ctx;
	/* Look at the door without waiting.  False: stop at once. */
	bool (*turn)(void *ctx);
	/* A connection to this port of the server; or -errno. */
	int (*dial)(void *ctx, unsigned port);
};

/* authorities: PEM, may be empty; becomes the engine's.  False: no memory. */
bool http_new(struct http **out, const struct msg_connect_http *config,
    struct buf *authorities, const struct http_hooks *hooks);
void http_free(struct http *h); /* NULL is fine */

/* What came of it, in any case. */
void http_get(
    struct http *h, const struct msg_http_get *get, struct msg_http_reply *out);

#endif
