/*
 * A look at what visitors see: from CONNECT_HTTP on, one GET after the other.
 * Worker.
 *
 * The engine is called and comes back when it knows; what it wants of the hub
 * meanwhile is worker_hub.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "remote/http.h"
#include "remote/worker_parts.h"

struct worker_http {
	struct msg_connect_http config;
	struct buf authorities; /* until the engine has them */
	struct http *engine; /* NULL: not all is known yet */
	struct msg_http_get get;
	unsigned char token[WORKER_MSG_TOKEN]; /* of that */
};

/* ---- What comes through the door ---- */

static void
begin(struct worker *w, struct ferry_error *err)
{
	const struct http_hooks hooks = { w, worker_turn, worker_dial };
	struct worker_http *h = w->http;

	w->stage = STAGE_HTTP;
	if (http_new(&h->engine, &h->config, &h->authorities, &hooks))
		return;
	err_set(err, ferry_EINTERNAL, "libcurl",
	    "this libcurl cannot do what a look at the site needs");
	worker_fail(w, err);
}

bool
worker_http_take_connect(
    struct worker *w, struct buf_reader *r, int *fd, struct ferry_error *err)
{
	struct worker_http *h = calloc(1, sizeof(*h));

	(void)fd;
	if (h == NULL)
		return false;
	w->http = h;
	buf_init(&h->authorities, LIMIT_AUTHORITIES);
	if (!msg_get_connect_http(r, &h->config))
		return false;
	if (h->config.authorities)
		w->stage = STAGE_HTTP_BUNDLE;
	else
		begin(w, err);
	return true;
}

bool
worker_http_take_authorities(
    struct worker *w, struct buf_reader *r, int *fd, struct ferry_error *err)
{
	if (*fd < 0 || !buf_get_end(r))
		return false;
	if (worker_load_authorities(w, &w->http->authorities, *fd, err))
		begin(w, err);
	return true;
}

bool
worker_http_take_get(
    struct worker *w, struct buf_reader *r, int *fd, struct ferry_error *err)
{
	struct worker_http *h = w->http;
	struct msg_http_get *get = &h->get;

	(void)fd;
	(void)err;
	if (!msg_get_http_get(r, get))
		return false;
	/* it points into the packet */
	memcpy(h->token, get->token.p, get->token.n);
	get->token.p = h->token;
	w->stage = STAGE_HTTP_GET;
	return true;
}

/* ---- The look ---- */

void
worker_http_get(struct worker *w)
{
	struct msg_http_reply reply;
	struct buf b = worker_mail_paper();

	http_get(w->http->engine, &w->http->get, &reply);
	if (w->stage != STAGE_OVER) {
		msg_put_http_reply(&b, &reply);
		worker_say(w, &b);
	}
	buf_free(&b);
	if (w->stage != STAGE_OVER)
		w->stage = STAGE_HTTP;
}

void
worker_http_free(struct worker_http *h)
{
	if (h == NULL)
		return;
	http_free(h->engine);
	buf_free(&h->authorities);
	free(h);
}
