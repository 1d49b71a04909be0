/* The messages of the keyring helper.  Hub and helper. */
#include "auth/keyring_msg.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"

enum { VERSION = 1, LENGTH = 4 };

/* A buffer in locked memory that is large enough never to move. */
static struct secret *
begin(struct buf *b)
{
	struct secret *s = secret_new(KEYRING_MSG_MAX);

	if (s == NULL)
		return NULL;
	buf_init(b, KEYRING_MSG_MAX);
	b->data = s->data;
	b->cap = s->cap + 1;
	buf_put_u32(b, 0);
	buf_put_u8(b, VERSION);
	return s;
}

static struct secret *
end(struct buf *b, struct secret *s)
{
	size_t n = b->len - LENGTH;

	if (!buf_ok(b)) {
		secret_free(s);
		return NULL;
	}
	s->len = b->len;
	b->len = 0;
	buf_put_u32(b, (uint32_t)n);
	return s;
}

static struct buf_reader
open_message(const void *p, size_t n)
{
	struct buf_reader r = buf_read(p, n);

	if (buf_get_u32(&r) != n - LENGTH || buf_get_u8(&r) != VERSION ||
	    n > KEYRING_MSG_MAX)
		r.bad = true;
	return r;
}

/* Never NULL, so that no bytes are a secret like any other. */
static const unsigned char *
get_secret(struct buf_reader *r, size_t *n)
{
	const unsigned char *p = buf_get_string(r, n, LIMIT_SECRET);

	return p != NULL ? p : (const unsigned char *)"";
}

struct secret *
keyring_put_request(const struct keyring_request *m)
{
	struct buf b;
	struct secret *s = begin(&b);

	if (s == NULL)
		return NULL;
	buf_put_u8(&b, (uint8_t)m->verb);
	buf_put_u8(&b, m->may_ask);
	buf_put_cstring(&b, m->kind);
	buf_put_cstring(&b, m->about);
	buf_put_cstring(&b, m->label);
	buf_put_string(&b, m->secret, m->secret_len);
	return end(&b, s);
}

bool
keyring_get_request(struct keyring_request *m, const void *p, size_t n)
{
	struct buf_reader r = open_message(p, n);
	unsigned verb = buf_get_u8(&r), may_ask = buf_get_u8(&r);

	memset(m, 0, sizeof(*m));
	m->verb = (enum keyring_verb)verb;
	m->may_ask = may_ask == 1;
	buf_get_cstring(&r, m->kind, sizeof(m->kind));
	buf_get_cstring(&r, m->about, sizeof(m->about));
	buf_get_cstring(&r, m->label, sizeof(m->label));
	m->secret = get_secret(&r, &m->secret_len);
	return buf_get_end(&r) && verb >= KEYRING_LOOKUP &&
	    verb <= KEYRING_PORTAL_SECRET && may_ask <= 1;
}

struct secret *
keyring_put_answer(const struct keyring_answer *m)
{
	struct buf b;
	struct secret *s = begin(&b);

	if (s == NULL)
		return NULL;
	buf_put_u8(&b, (uint8_t)m->status);
	buf_put_cstring(&b, m->words);
	buf_put_string(&b, m->secret, m->secret_len);
	return end(&b, s);
}

bool
keyring_get_answer(struct keyring_answer *m, const void *p, size_t n)
{
	struct buf_reader r = open_message(p, n);
	unsigned status = buf_get_u8(&r);

	memset(m, 0, sizeof(*m));
	m->status = (enum keyring_status)status;
	buf_get_cstring(&r, m->words, sizeof(m->words));
	m->secret = get_secret(&r, &m->secret_len);
	return buf_get_end(&r) && status >= KEYRING_DONE &&
	    status <= KEYRING_FAILED;
}
