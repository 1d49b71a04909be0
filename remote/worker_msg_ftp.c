/*
 * The door's messages that only FTP has, each put above its get.
 * Runs in the hub and in the worker.
 */
#include "base/log.h"
#include "remote/worker_msg.h"

void
msg_put_connect_ftp(struct buf *b, const struct msg_connect_ftp *m)
{
	worker_msg_begin(b, MSG_CONNECT_FTP);
	buf_put_u8(b, m->log_level);
	buf_put_u8(b, m->mode);
	buf_put_u8(b, m->tls_max);
	buf_put_u8(b, m->judged);
	buf_put_u8(b, m->verify);
	buf_put_u8(b, m->authorities);
	buf_put_u32(b, m->silence_ms);
	buf_put_u32(b, m->keepalive_ms);
	buf_put_u32(b, m->port);
	buf_put_u32(b, m->lacks);
	buf_put_u32(b, m->known);
	buf_put(b, m->spki.b, sizeof(m->spki.b));
	buf_put_cstring(b, m->host);
	buf_put_cstring(b, m->user);
	worker_msg_end(b);
}

bool
msg_get_connect_ftp(struct buf_reader *r, struct msg_connect_ftp *m)
{
	m->log_level = buf_get_u8(r);
	m->mode = buf_get_u8(r);
	m->tls_max = buf_get_u8(r);
	m->judged = buf_get_bool(r);
	m->verify = buf_get_bool(r);
	m->authorities = buf_get_bool(r);
	m->silence_ms = buf_get_u32(r);
	m->keepalive_ms = buf_get_u32(r);
	m->port = buf_get_u32(r);
	m->lacks = buf_get_u32(r);
	m->known = buf_get_u32(r);
	msg_get_digest(r, &m->spki);
	buf_get_cstring(r, m->host, sizeof(m->host));
	buf_get_cstring(r, m->user, sizeof(m->user));
	return buf_get_end(r) && m->log_level <= LOG_TRACE &&
	    m->mode >= MSG_TLS_EXPLICIT && m->mode <= MSG_TLS_NONE &&
	    m->tls_max >= 3 && m->tls_max <= 4 && m->port >= 1 &&
	    m->port <= UINT16_MAX &&
	    ((m->lacks | m->known) & ~(unsigned)MSG_FTP_ALL) == 0;
}

void
msg_put_authorities(struct buf *b)
{
	worker_msg_begin(b, MSG_AUTHORITIES);
	worker_msg_end(b);
}

void
msg_put_certificate(struct buf *b, const struct msg_certificate *m)
{
	worker_msg_begin(b, MSG_CERTIFICATE);
	buf_put(b, m->spki.b, sizeof(m->spki.b));
	buf_put_u8(b, m->tls);
	buf_put_u8(b, m->chain_ok);
	buf_put_u8(b, m->name_ok);
	buf_put_u64(b, (uint64_t)m->since);
	buf_put_u64(b, (uint64_t)m->until);
	buf_put_cstring(b, m->why);
	buf_put_cstring(b, m->subject);
	buf_put_cstring(b, m->issuer);
	buf_put_cstring(b, m->names);
	buf_put_string(b, m->der.p, m->der.n);
	worker_msg_end(b);
}

bool
msg_get_certificate(struct buf_reader *r, struct msg_certificate *m)
{
	msg_get_digest(r, &m->spki);
	m->tls = buf_get_u8(r);
	m->chain_ok = buf_get_bool(r);
	m->name_ok = buf_get_bool(r);
	m->since = (int64_t)buf_get_u64(r);
	m->until = (int64_t)buf_get_u64(r);
	buf_get_cstring(r, m->why, sizeof(m->why));
	buf_get_cstring(r, m->subject, sizeof(m->subject));
	buf_get_cstring(r, m->issuer, sizeof(m->issuer));
	buf_get_cstring(r, m->names, sizeof(m->names));
	m->der.p = buf_get_string(r, &m->der.n, LIMIT_CERTIFICATE);
	return buf_get_end(r) && m->tls >= 3 && m->tls <= 4 && m->der.n > 0;
}

void
msg_put_dial(struct buf *b, const struct msg_dial *m)
{
	worker_msg_begin(b, MSG_DIAL);
	buf_put_u32(b, m->port);
	worker_msg_end(b);
}

bool
msg_get_dial(struct buf_reader *r, struct msg_dial *m)
{
	m->port = buf_get_u32(r);
	return buf_get_end(r) && m->port <= UINT16_MAX;
}

void
msg_put_socket(struct buf *b, const struct msg_socket *m)
{
	worker_msg_begin(b, MSG_SOCKET);
	buf_put_u32(b, m->os_errno);
	worker_msg_end(b);
}

bool
msg_get_socket(struct buf_reader *r, struct msg_socket *m)
{
	m->os_errno = buf_get_u32(r);
	return buf_get_end(r);
}

void
msg_put_learned(struct buf *b, const struct msg_learned *m)
{
	worker_msg_begin(b, MSG_LEARNED);
	buf_put_u32(b, m->has);
	buf_put_u32(b, m->lacks);
	worker_msg_end(b);
}

bool
msg_get_learned(struct buf_reader *r, struct msg_learned *m)
{
	m->has = buf_get_u32(r);
	m->lacks = buf_get_u32(r);
	return buf_get_end(r) &&
	    ((m->has | m->lacks) & ~(unsigned)MSG_FTP_ALL) == 0;
}

void
msg_put_tls_sign(struct buf *b, const struct msg_tls_sign *m)
{
	worker_msg_begin(b, MSG_TLS_SIGN);
	buf_put_u32(b, m->scheme);
	buf_put_string(b, m->server.p, m->server.n);
	buf_put_string(b, m->handshake.p, m->handshake.n);
	worker_msg_end(b);
}

bool
msg_get_tls_sign(struct buf_reader *r, struct msg_tls_sign *m)
{
	m->scheme = buf_get_u32(r);
	m->server.p = buf_get_string(r, &m->server.n, LIMIT_KEY_BLOB);
	m->handshake.p = buf_get_string(r, &m->handshake.n, LIMIT_HANDSHAKE);
	return buf_get_end(r) && m->scheme <= UINT16_MAX && m->server.n > 0 &&
	    m->handshake.n > 0;
}
