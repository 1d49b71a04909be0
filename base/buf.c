/*
 * Bytes that grow, and bytes that are read with care (RFC 4251, 5).
 * Runs in the hub and in the worker.
 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SIZE = 64 };

void
buf_init(struct buf *b, size_t max)
{
	memset(b, 0, sizeof(*b));
	b->max = max;
}

void
buf_free(struct buf *b)
{
	free(b->data);
	buf_init(b, b->max);
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	b->failed = false;
}

bool
buf_ok(const struct buf *b)
{
	return !b->failed;
}

/* Room for n more bytes and a NUL, not yet counted in len. */
static bool
reserve(struct buf *b, size_t n)
{
	unsigned char *data;
	size_t need, cap;

	if (b->failed || n > b->max - b->len || b->len + n == SIZE_MAX)
		goto fail;
	need = b->len + n + 1;
	if (need <= b->cap)
		return true;

	/* Doubling, but never past what may ever be used. */
	cap = b->cap < FIRST_SIZE / 2 ? FIRST_SIZE : b->cap;
	cap = cap < SIZE_MAX / 2 ? cap * 2 : SIZE_MAX;
	if (cap > b->max)
		cap = b->max < SIZE_MAX ? b->max + 1 : SIZE_MAX;
	if (cap < need)
		cap = need;
	data = realloc(b->data, cap);
	if (!data)
		goto fail;
	b->data = data;
	b->cap = cap;
	return true;
fail:
	b->failed = true;
	return false;
}

unsigned char *
buf_grow(struct buf *b, size_t n)
{
	if (!reserve(b, n))
		return NULL;
	b->len += n;
	return b->data + b->len - n;
}

void
buf_put(struct buf *b, const void *p, size_t n)
{
	unsigned char *dst = buf_grow(b, n);

	if (dst && n)
		memcpy(dst, p, n);
}

void
buf_put_u8(struct buf *b, uint8_t v)
{
	buf_put(b, &v, 1);
}

void
buf_put_u16(struct buf *b, uint16_t v)
{
	unsigned char bytes[2] = { (unsigned char)(v >> 8), (unsigned char)v };

	buf_put(b, bytes, sizeof(bytes));
}

void
buf_put_u32(struct buf *b, uint32_t v)
{
	unsigned char bytes[4] = { v >> 24, v >> 16, v >> 8, v };

	buf_put(b, bytes, sizeof(bytes));
}

void
buf_put_u64(struct buf *b, uint64_t v)
{
	buf_put_u32(b, v >> 32);
	buf_put_u32(b, (uint32_t)v);
}

void
buf_put_string(struct buf *b, const void *p, size_t n)
{
	if (n > UINT32_MAX) {
		b->failed = true;
		return;
	}
	buf_put_u32(b, (uint32_t)n);
	buf_put(b, p, n);
}

void
buf_put_cstring(struct buf *b, const char *s)
{
	buf_put_string(b, s, strlen(s));
}

void
buf_put_mpint(struct buf *b, const unsigned char *p, size_t n)
{
	bool pad;

	while (n > 0 && *p == 0) {
		p++;
		n--;
	}
	/* The sign bit of a positive number has to be clear. */
	pad = n > 0 && *p & 0x80;
	if (n > UINT32_MAX - pad) {
		b->failed = true;
		return;
	}
	buf_put_u32(b, (uint32_t)(n + pad));
	if (pad)
		buf_put_u8(b, 0);
	buf_put(b, p, n);
}

void
buf_printf(struct buf *b, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	if (n < 0) {
		b->failed = true;
		return;
	}
	if (!reserve(b, (size_t)n))
		return;
	va_start(ap, format);
	vsnprintf((char *)b->data + b->len, (size_t)n + 1, format, ap);
	va_end(ap);
	b->len += (size_t)n;
}

void
buf_consume(struct buf *b, size_t n)
{
	if (n > b->len) {
		b->failed = true;
		n = b->len;
	}
	b->len -= n;
	if (n && b->len)
		memmove(b->data, b->data + n, b->len);
}

const char *
buf_text(struct buf *b)
{
	if (b->failed || !b->data)
		return "";
	b->data[b->len] = '\0'; /* reserve() always left a byte for it */
	return (const char *)b->data;
}

struct buf_reader
buf_read(const void *p, size_t n)
{
	/* An empty reader still points somewhere: NULL means bad. */
	return (struct buf_reader){ n ? p : "", n, false };
}

const unsigned char *
buf_get(struct buf_reader *r, size_t n)
{
	const unsigned char *p = r->p;

	if (r->bad || n > r->left) {
		r->bad = true;
		return NULL;
	}
	r->p += n;
	r->left -= n;
	return p;
}

uint8_t
buf_get_u8(struct buf_reader *r)
{
	const unsigned char *p = buf_get(r, 1);

	return p ? *p : 0;
}

uint16_t
buf_get_u16(struct buf_reader *r)
{
	const unsigned char *p = buf_get(r, 2);

	return p ? (uint16_t)(p[0] << 8 | p[1]) : 0;
}

uint32_t
buf_get_u32(struct buf_reader *r)
{
	const unsigned char *p = buf_get(r, 4);

	if (!p)
		return 0;
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

uint64_t
buf_get_u64(struct buf_reader *r)
{
	uint64_t high = buf_get_u32(r);
	uint32_t low = buf_get_u32(r);

	return r->bad ? 0 : high << 32 | low;
}

bool
buf_get_bool(struct buf_reader *r)
{
	uint8_t v = buf_get_u8(r);

	if (v > 1)
		r->bad = true;
	return v == 1;
}

const unsigned char *
buf_get_string(struct buf_reader *r, size_t *n, size_t max)
{
	const unsigned char *p;
	uint32_t len = buf_get_u32(r);

	*n = 0;
	if (len > max)
		r->bad = true;
	p = buf_get(r, len);
	if (p)
		*n = len;
	return p;
}

void
buf_get_cstring(struct buf_reader *r, char *dst, size_t size)
{
	const unsigned char *p;
	size_t n;

	if (size == 0) {
		r->bad = true;
		return;
	}
	dst[0] = '\0';
	p = buf_get_string(r, &n, size - 1);
	if (!p)
		return;
	if (n && memchr(p, 0, n)) {
		r->bad = true;
		return;
	}
	memcpy(dst, p, n);
	dst[n] = '\0';
}

bool
buf_get_end(const struct buf_reader *r)
{
	return !r->bad && r->left == 0;
}
