/*
 * The door's messages that only HTTP has, each put above its get.
 * Runs in the hub and in the worker.
 */
#include "remote/worker_msg.h"

void
msg_put_connect_http(struct buf *b, const struct msg_connect_http *m)
{
	worker_msg_begin(b, MSG_CONNECT_HTTP);
	buf_put_u32(b, m->silence_ms);
	buf_put_u8(b, m->authorities);
	worker_msg_end(b);
}

bool
msg_get_connect_http(struct buf_reader *r, struct msg_connect_http *m)
{
	m->silence_ms = buf_get_u32(r);
	m->authorities = buf_get_bool(r);
	return buf_get_end(r);
}

void
msg_put_http_get(struct buf *b, const struct msg_http_get *m)
{
	worker_msg_begin(b, MSG_HTTP_GET);
	buf_put_cstring(b, m->url);
	buf_put_u32(b, m->most);
	buf_put_string(b, m->token.p, m->token.n);
	worker_msg_end(b);
}

bool
msg_get_http_get(struct buf_reader *r, struct msg_http_get *m)
{
	buf_get_cstring(r, m->url, sizeof(m->url));
	m->most = buf_get_u32(r);
	m->token.p = buf_get_string(r, &m->token.n, WORKER_MSG_TOKEN);
	return buf_get_end(r) && m->most <= LIMIT_HTTP && m->token.n > 0;
}

void
msg_put_http_reply(struct buf *b, const struct msg_http_reply *m)
{
	worker_msg_begin(b, MSG_HTTP_REPLY);
	buf_put_u8(b, m->how);
	buf_put_u8(b, m->shown);
	buf_put_u32(b, m->status);
	buf_put_u32(b, m->redirects);
	buf_put_cstring(b, m->text);
	worker_msg_end(b);
}

bool
msg_get_http_reply(struct buf_reader *r, struct msg_http_reply *m)
{
	m->how = buf_get_u8(r);
	m->shown = buf_get_bool(r);
	m->status = buf_get_u32(r);
	m->redirects = buf_get_u32(r);
	buf_get_cstring(r, m->text, sizeof(m->text));
	return buf_get_end(r) && m->how <= MSG_HTTP_ELSEWHERE &&
	    (m->status == 0 || (m->status >= 100 && m->status < 600)) &&
	    (m->how != MSG_HTTP_ANSWERED || m->status != 0) &&
	    (m->how == MSG_HTTP_ANSWERED || !m->shown) &&
	    m->redirects <= LIMIT_REDIRECTS;
}
