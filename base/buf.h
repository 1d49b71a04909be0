/*
 * A growable byte buffer that states its maximum at birth, and a reader over
 * bytes; both speak RFC 4251's data types (section 5).  Failures are sticky:
 * put or get everything, then ask once.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	unsigned char *data; /* owned; NULL while empty */
	size_t len, cap, max;
	bool failed; /* over max, or out of memory */
};

void buf_init(struct buf *b, size_t max); /* allocates nothing */
void buf_free(struct buf *b); /* wipes nothing */
void buf_reset(struct buf *b); /* len = 0, and not failed */
bool buf_ok(const struct buf *b);

/* Room for n more bytes at the end, already counted in len; NULL = failed. */
unsigned char *buf_grow(struct buf *b, size_t n);
void buf_put(struct buf *b, const void *p, size_t n);
void buf_put_u8(struct buf *b, uint8_t v);
void buf_put_u16(struct buf *b, uint16_t v);
void buf_put_u32(struct buf *b, uint32_t v);
void buf_put_u64(struct buf *b, uint64_t v);
void buf_put_string(struct buf *b, const void *p, size_t n); /* u32 + bytes */
void buf_put_cstring(struct buf *b, const char *s);
/* mpint (RFC 4251, 5) from an unsigned big-endian number. */
void buf_put_mpint(struct buf *b, const unsigned char *p, size_t n);
/* Text, not counting the final NUL that it always keeps behind len. */
void buf_printf(struct buf *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Drop n bytes from the front. */
void buf_consume(struct buf *b, size_t n);
/* The text so far as a C string ("" when empty or failed). */
const char *buf_text(struct buf *b);

struct buf_reader {
	const unsigned char *p; /* not owned */
	size_t left;
	bool bad; /* something was asked for that is not there */
};

struct buf_reader buf_read(const void *p, size_t n);
uint8_t buf_get_u8(struct buf_reader *r);
uint16_t buf_get_u16(struct buf_reader *r);
uint32_t buf_get_u32(struct buf_reader *r);
uint64_t buf_get_u64(struct buf_reader *r);
/* A byte that is 0 or 1; anything else: bad. */
bool buf_get_bool(struct buf_reader *r);
/* n bytes in place; NULL and bad when they are not there. */
const unsigned char *buf_get(struct buf_reader *r, size_t n);
/* A string of at most max bytes, in place; *n = 0 and NULL when bad. */
const unsigned char *
buf_get_string(struct buf_reader *r, size_t *n, size_t max);
/* A string without NUL bytes, copied and terminated, shorter than size. */
void buf_get_cstring(struct buf_reader *r, char *dst, size_t size);
/* True when nothing went wrong and not one byte is left. */
bool buf_get_end(const struct buf_reader *r);

#endif
