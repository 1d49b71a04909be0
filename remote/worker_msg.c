/*
 * The door's messages, each put above its get.  FTP's: worker_msg_ftp.c;
 * HTTP's: worker_msg_http.c.
 * Runs in the hub and in the worker.
 */
#include "remote/worker_msg.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/path.h"
#include "confine/wall.h"

const char *
worker_msg_name(unsigned type)
{
	switch (type) {
	case MSG_CONNECT:
		return "CONNECT";
	case MSG_VERDICT:
		return "VERDICT";
	case MSG_LOGIN_KEY:
		return "LOGIN_KEY";
	case MSG_LOGIN_PASSWORD:
		return "LOGIN_PASSWORD";
	case MSG_SIGNATURE:
		return "SIGNATURE";
	case MSG_STEP:
		return "STEP";
	case MSG_QUIT:
		return "QUIT";
	case MSG_LOGIN_PROMPTED:
		return "LOGIN_PROMPTED";
	case MSG_ANSWERS:
		return "ANSWERS";
	case MSG_HOSTKEY:
		return "HOSTKEY";
	case MSG_SIGN:
		return "SIGN";
	case MSG_LOGIN_REFUSED:
		return "LOGIN_REFUSED";
	case MSG_READY:
		return "READY";
	case MSG_DONE:
		return "DONE";
	case MSG_ENTRY:
		return "ENTRY";
	case MSG_PROGRESS:
		return "PROGRESS";
	case MSG_LOG:
		return "LOG";
	case MSG_FAIL:
		return "FAIL";
	case MSG_OFFER:
		return "OFFER";
	case MSG_PROMPTS:
		return "PROMPTS";
	case MSG_WALL:
		return "WALL";
	case MSG_CONNECT_FTP:
		return "CONNECT_FTP";
	case MSG_AUTHORITIES:
		return "AUTHORITIES";
	case MSG_SOCKET:
		return "SOCKET";
	case MSG_CERTIFICATE:
		return "CERTIFICATE";
	case MSG_DIAL:
		return "DIAL";
	case MSG_LEARNED:
		return "LEARNED";
	case MSG_CLIENT_CERTIFICATE:
		return "CLIENT_CERTIFICATE";
	case MSG_TLS_SIGN:
		return "TLS_SIGN";
	case MSG_TLS_SIGNATURE:
		return "TLS_SIGNATURE";
	case MSG_CONNECT_HTTP:
		return "CONNECT_HTTP";
	case MSG_HTTP_GET:
		return "HTTP_GET";
	case MSG_FOLDER:
		return "FOLDER";
	case MSG_HTTP_REPLY:
		return "HTTP_REPLY";
	default:
		return "?";
	}
}

void
worker_msg_begin(struct buf *b, enum worker_msg_type type)
{
	buf_put_u8(b, WORKER_MSG_VERSION);
	buf_put_u8(b, (uint8_t)type);
	buf_put_u32(b, 0);
}

void
worker_msg_end(struct buf *b)
{
	size_t n;

	if (!buf_ok(b) || b->len < WORKER_MSG_HEADER)
		return;
	n = b->len - WORKER_MSG_HEADER;
	b->data[2] = (unsigned char)(n >> 24);
	b->data[3] = (unsigned char)(n >> 16);
	b->data[4] = (unsigned char)(n >> 8);
	b->data[5] = (unsigned char)n;
}

bool
worker_msg_open(
    const void *packet, size_t n, unsigned *type, struct buf_reader *body)
{
	uint8_t version;
	uint32_t length;

	*body = buf_read(packet, n);
	version = buf_get_u8(body);
	*type = buf_get_u8(body);
	length = buf_get_u32(body);
	return !body->bad && version == WORKER_MSG_VERSION &&
	    length == body->left;
}

void
msg_get_digest(struct buf_reader *r, struct digest *d)
{
	const unsigned char *p = buf_get(r, sizeof(d->b));

	memset(d, 0, sizeof(*d));
	if (p)
		memcpy(d->b, p, sizeof(d->b));
}

void
msg_put_connect(struct buf *b, const struct msg_connect *m)
{
	worker_msg_begin(b, MSG_CONNECT);
	buf_put_u8(b, m->driver);
	buf_put_u8(b, m->log_level);
	buf_put_u32(b, m->silence_ms);
	buf_put_u32(b, m->keepalive_ms);
	buf_put_u32(b, m->max_files);
	buf_put_u8(b, m->compress);
	buf_put_cstring(b, m->user);
	buf_put_cstring(b, m->algorithms);
	worker_msg_end(b);
}

bool
msg_get_connect(struct buf_reader *r, struct msg_connect *m)
{
	m->driver = buf_get_u8(r);
	m->log_level = buf_get_u8(r);
	m->silence_ms = buf_get_u32(r);
	m->keepalive_ms = buf_get_u32(r);
	m->max_files = buf_get_u32(r);
	m->compress = buf_get_u8(r);
	buf_get_cstring(r, m->user, sizeof(m->user));
	buf_get_cstring(r, m->algorithms, sizeof(m->algorithms));
	return buf_get_end(r) && m->driver >= MSG_DRIVER_SFTP &&
	    m->driver <= MSG_DRIVER_FOLDER && m->log_level <= LOG_TRACE &&
	    m->compress <= MSG_COMPRESS_BOTH;
}

void
msg_put_verdict(struct buf *b, const struct msg_verdict *m)
{
	worker_msg_begin(b, MSG_VERDICT);
	buf_put_u8(b, m->trusted);
	worker_msg_end(b);
}

bool
msg_get_verdict(struct buf_reader *r, struct msg_verdict *m)
{
	m->trusted = buf_get_bool(r);
	return buf_get_end(r);
}

void
msg_put_blob(struct buf *b, enum worker_msg_type type, const struct msg_blob *m)
{
	worker_msg_begin(b, type);
	buf_put_string(b, m->p, m->n);
	worker_msg_end(b);
}

bool
msg_get_blob(struct buf_reader *r, struct msg_blob *m, size_t max)
{
	m->p = buf_get_string(r, &m->n, max);
	return buf_get_end(r);
}

void
msg_put_hostkey(struct buf *b, const struct msg_hostkey *m)
{
	worker_msg_begin(b, MSG_HOSTKEY);
	buf_put_string(b, m->reply.p, m->reply.n);
	buf_put_string(b, m->hash.p, m->hash.n);
	worker_msg_end(b);
}

bool
msg_get_hostkey(struct buf_reader *r, struct msg_hostkey *m)
{
	m->reply.p = buf_get_string(r, &m->reply.n, LIMIT_KEX_REPLY);
	m->hash.p = buf_get_string(r, &m->hash.n, WORKER_MSG_HASH_MAX);
	return buf_get_end(r);
}

void
msg_put_offer(struct buf *b, const struct msg_offer *m)
{
	worker_msg_begin(b, MSG_OFFER);
	buf_put_cstring(b, m->methods);
	buf_put_cstring(b, m->banner);
	worker_msg_end(b);
}

bool
msg_get_offer(struct buf_reader *r, struct msg_offer *m)
{
	buf_get_cstring(r, m->methods, sizeof(m->methods));
	buf_get_cstring(r, m->banner, sizeof(m->banner));
	return buf_get_end(r);
}

void
msg_put_prompts(struct buf *b, const struct msg_prompts *m)
{
	uint32_t i;

	worker_msg_begin(b, MSG_PROMPTS);
	buf_put_cstring(b, m->name);
	buf_put_cstring(b, m->instruction);
	buf_put_u32(b, m->count);
	for (i = 0; i < m->count; i++) {
		buf_put_u8(b, m->prompt[i].echo);
		buf_put_cstring(b, m->prompt[i].text);
	}
	worker_msg_end(b);
}

/* A count that is in bounds; 0 and a bad reader otherwise. */
static uint32_t
get_count(struct buf_reader *r, uint32_t max)
{
	uint32_t n = buf_get_u32(r);

	if (n <= max)
		return n;
	r->bad = true;
	return 0;
}

bool
msg_get_prompts(struct buf_reader *r, struct msg_prompts *m)
{
	uint32_t i;

	buf_get_cstring(r, m->name, sizeof(m->name));
	buf_get_cstring(r, m->instruction, sizeof(m->instruction));
	m->count = get_count(r, LIMIT_PROMPTS);
	for (i = 0; i < m->count; i++) {
		m->prompt[i].echo = buf_get_bool(r);
		buf_get_cstring(
		    r, m->prompt[i].text, sizeof(m->prompt[i].text));
	}
	return buf_get_end(r);
}

void
msg_put_answers(struct buf *b, const struct msg_answers *m)
{
	uint32_t i;

	worker_msg_begin(b, MSG_ANSWERS);
	buf_put_u32(b, m->count);
	for (i = 0; i < m->count; i++)
		buf_put_string(b, m->answer[i].p, m->answer[i].n);
	worker_msg_end(b);
}

bool
msg_get_answers(struct buf_reader *r, struct msg_answers *m)
{
	uint32_t i;

	m->count = get_count(r, LIMIT_PROMPTS);
	for (i = 0; i < m->count; i++)
		m->answer[i].p =
		    buf_get_string(r, &m->answer[i].n, LIMIT_SECRET);
	return buf_get_end(r);
}

void
msg_put_login_refused(struct buf *b, const struct msg_login_refused *m)
{
	worker_msg_begin(b, MSG_LOGIN_REFUSED);
	buf_put_cstring(b, m->methods);
	buf_put_u8(b, m->how);
	buf_put_cstring(b, m->words);
	worker_msg_end(b);
}

bool
msg_get_login_refused(struct buf_reader *r, struct msg_login_refused *m)
{
	buf_get_cstring(r, m->methods, sizeof(m->methods));
	m->how = buf_get_u8(r);
	buf_get_cstring(r, m->words, sizeof(m->words));
	return buf_get_end(r) && m->how <= REFUSAL_CLOSED;
}

void
msg_put_folder(struct buf *b)
{
	worker_msg_begin(b, MSG_FOLDER);
	worker_msg_end(b);
}

void
msg_put_ready(struct buf *b, const struct msg_ready *m)
{
	worker_msg_begin(b, MSG_READY);
	buf_put_u32(b, m->features);
	buf_put_u32(b, m->max_files);
	buf_put_cstring(b, m->server);
	worker_msg_end(b);
}

bool
msg_get_ready(struct buf_reader *r, struct msg_ready *m)
{
	m->features = buf_get_u32(r);
	m->max_files = buf_get_u32(r);
	buf_get_cstring(r, m->server, sizeof(m->server));
	return buf_get_end(r);
}

void
msg_put_step(struct buf *b, const struct msg_step *m)
{
	worker_msg_begin(b, MSG_STEP);
	buf_put_u32(b, m->id);
	buf_put_u8(b, m->op);
	buf_put_u16(b, m->flags);
	buf_put_u32(b, m->mode);
	buf_put_u64(b, m->mtime);
	buf_put_u64(b, m->offset);
	buf_put_u64(b, m->length);
	buf_put(b, m->digest.b, sizeof(m->digest.b));
	buf_put_cstring(b, m->path);
	buf_put_cstring(b, m->target);
	buf_put_cstring(b, m->aside);
	worker_msg_end(b);
}

bool
msg_get_step(struct buf_reader *r, struct msg_step *m)
{
	m->id = buf_get_u32(r);
	m->op = buf_get_u8(r);
	m->flags = buf_get_u16(r);
	m->mode = buf_get_u32(r);
	m->mtime = buf_get_u64(r);
	m->offset = buf_get_u64(r);
	m->length = buf_get_u64(r);
	msg_get_digest(r, &m->digest);
	buf_get_cstring(r, m->path, sizeof(m->path));
	buf_get_cstring(r, m->target, sizeof(m->target));
	buf_get_cstring(r, m->aside, sizeof(m->aside));
	return buf_get_end(r) && m->op >= STEP_MKDIR && m->op <= STEP_LAST &&
	    (m->op != STEP_SYMLINK || path_relative_ok(m->target)) &&
	    (m->flags & ~(unsigned)PUT_ALL) == 0;
}

void
msg_copy_text(char *dst, size_t size, const void *src, size_t n)
{
	if (n > 0 && src != NULL)
		snprintf(dst, size, "%.*s", (int)n, (const char *)src);
}

void
msg_put_done(struct buf *b, const struct msg_done *m)
{
	worker_msg_begin(b, MSG_DONE);
	buf_put_u32(b, m->id);
	buf_put_u8(b, m->result);
	buf_put_u32(b, m->status);
	buf_put_u64(b, m->size);
	buf_put_u64(b, m->mtime);
	buf_put_u32(b, m->mode);
	buf_put_u64(b, m->sent);
	buf_put(b, m->digest.b, sizeof(m->digest.b));
	buf_put_cstring(b, m->text);
	worker_msg_end(b);
}

bool
msg_get_done(struct buf_reader *r, struct msg_done *m)
{
	m->id = buf_get_u32(r);
	m->result = buf_get_u8(r);
	m->status = buf_get_u32(r);
	m->size = buf_get_u64(r);
	m->mtime = buf_get_u64(r);
	m->mode = buf_get_u32(r);
	m->sent = buf_get_u64(r);
	msg_get_digest(r, &m->digest);
	buf_get_cstring(r, m->text, sizeof(m->text));
	return buf_get_end(r) && m->result <= RESULT_LAST;
}

void
msg_put_entry(struct buf *b, const struct msg_entry *m)
{
	worker_msg_begin(b, MSG_ENTRY);
	buf_put_u32(b, m->id);
	buf_put_u64(b, m->size);
	buf_put_u64(b, m->mtime);
	buf_put_u32(b, m->mode);
	buf_put_cstring(b, m->name);
	worker_msg_end(b);
}

bool
msg_get_entry(struct buf_reader *r, struct msg_entry *m)
{
	m->id = buf_get_u32(r);
	m->size = buf_get_u64(r);
	m->mtime = buf_get_u64(r);
	m->mode = buf_get_u32(r);
	buf_get_cstring(r, m->name, sizeof(m->name));
	return buf_get_end(r);
}

void
msg_put_progress(struct buf *b, const struct msg_progress *m)
{
	worker_msg_begin(b, MSG_PROGRESS);
	buf_put_u64(b, m->bytes);
	buf_put_u64(b, m->saved);
	worker_msg_end(b);
}

bool
msg_get_progress(struct buf_reader *r, struct msg_progress *m)
{
	m->bytes = buf_get_u64(r);
	m->saved = buf_get_u64(r);
	return buf_get_end(r);
}

void
msg_put_wall(struct buf *b, const struct msg_wall *m)
{
	worker_msg_begin(b, MSG_WALL);
	buf_put_u8(b, m->layers);
	buf_put_u8(b, m->landlock);
	buf_put_u32(b, m->landlock_errno);
	buf_put_u32(b, m->seccomp_errno);
	worker_msg_end(b);
}

bool
msg_get_wall(struct buf_reader *r, struct msg_wall *m)
{
	m->layers = buf_get_u8(r);
	m->landlock = buf_get_u8(r);
	m->landlock_errno = buf_get_u32(r);
	m->seccomp_errno = buf_get_u32(r);
	return buf_get_end(r) && m->layers <= WALL_ALL;
}

void
msg_put_log(struct buf *b, const struct msg_log *m)
{
	worker_msg_begin(b, MSG_LOG);
	buf_put_u8(b, m->level);
	buf_put_cstring(b, m->text);
	worker_msg_end(b);
}

bool
msg_get_log(struct buf_reader *r, struct msg_log *m)
{
	m->level = buf_get_u8(r);
	buf_get_cstring(r, m->text, sizeof(m->text));
	return buf_get_end(r) && m->level <= LOG_TRACE;
}

void
msg_put_fail(struct buf *b, const struct ferry_error *m)
{
	worker_msg_begin(b, MSG_FAIL);
	buf_put_u32(b, (uint32_t)m->code);
	buf_put_u32(b, (uint32_t)m->wire_code);
	buf_put_cstring(b, m->id);
	buf_put_cstring(b, m->text);
	buf_put_cstring(b, m->hint);
	worker_msg_end(b);
}

bool
msg_get_fail(struct buf_reader *r, struct ferry_error *m)
{
	memset(m, 0, sizeof(*m));
	m->code = (int)buf_get_u32(r);
	m->wire_code = (int)buf_get_u32(r);
	buf_get_cstring(r, m->id, sizeof(m->id));
	buf_get_cstring(r, m->text, sizeof(m->text));
	buf_get_cstring(r, m->hint, sizeof(m->hint));
	return buf_get_end(r);
}
