/*
 * What the SFTP engine calls of libssh2 and of the SSH transport, without a
 * server: see wire.h.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "remote/sftp.h"
#include "remote/sftp_msg.h"
#include "tests/unit/wire.h"

struct wire wire;

void
wire_begin(void (*answer)(struct wire_request *r), unsigned tick)
{
	memset(&wire, 0, sizeof(wire));
	for (int c = 0; c < WIRE_CHANNELS; c++) {
		buf_init(&wire.to_us[c], 1 << 28);
		buf_init(&wire.from_us[c], 1 << 28);
		wire.window[c] = SIZE_MAX;
	}
	wire.answer = answer;
	wire.tick = tick;
}

void
wire_end(void)
{
	for (int c = 0; c < WIRE_CHANNELS; c++) {
		buf_free(&wire.to_us[c]);
		buf_free(&wire.from_us[c]);
	}
}

static unsigned
number(const LIBSSH2_CHANNEL *ch)
{
	return (unsigned)((uintptr_t)ch - 1) % WIRE_CHANNELS;
}

LIBSSH2_CHANNEL *
libssh2_channel_open_ex(LIBSSH2_SESSION *session, const char *type,
    unsigned type_len, unsigned window, unsigned packet, const char *message,
    unsigned message_len)
{
	(void)session, (void)type, (void)type_len, (void)window, (void)packet;
	(void)message, (void)message_len;
	return (LIBSSH2_CHANNEL *)(uintptr_t)++wire.channels;
}

int
libssh2_channel_process_startup(LIBSSH2_CHANNEL *ch, const char *request,
    unsigned request_len, const char *message, unsigned message_len)
{
	(void)ch, (void)request, (void)request_len, (void)message;
	(void)message_len;
	return 0;
}

int
libssh2_channel_handle_extended_data2(LIBSSH2_CHANNEL *ch, int mode)
{
	(void)ch, (void)mode;
	return 0;
}

int
libssh2_channel_eof(LIBSSH2_CHANNEL *ch)
{
	return wire.ended[number(ch)];
}

ssize_t
libssh2_channel_read_ex(LIBSSH2_CHANNEL *ch, int stream, char *p, size_t n)
{
	struct buf *b = &wire.to_us[number(ch)];

	(void)stream;
	if (b->len == 0)
		return wire.ended[number(ch)] ? 0 : LIBSSH2_ERROR_EAGAIN;
	if (n > b->len)
		n = b->len;
	memcpy(p, b->data, n);
	buf_consume(b, n);
	return (ssize_t)n;
}

ssize_t
libssh2_channel_write_ex(
    LIBSSH2_CHANNEL *ch, int stream, const char *p, size_t n)
{
	unsigned c = number(ch);
	struct buf *b = &wire.from_us[c];
	long whole;

	(void)stream;
	if (n > wire.window[c])
		n = wire.window[c];
	if (n == 0)
		return LIBSSH2_ERROR_EAGAIN;
	if (wire.window[c] != SIZE_MAX)
		wire.window[c] -= n;
	buf_put(b, p, n);
	while ((whole = sftp_msg_frame(b->data, b->len)) > 0) {
		struct wire_request r = { .channel = c };

		r.body = buf_read(b->data + 4, (size_t)whole - 4);
		r.type = buf_get_u8(&r.body);
		r.id = buf_get_u32(&r.body);
		wire.answer(&r);
		buf_consume(b, (size_t)whole);
	}
	if (whole < 0)
		abort(); /* we made a packet that is none */
	return (ssize_t)n;
}

int
libssh2_session_last_errno(LIBSSH2_SESSION *session)
{
	(void)session;
	return 0;
}

LIBSSH2_SESSION *
ssh_session(struct ssh *s)
{
	(void)s;
	return NULL;
}

uint64_t
ssh_now_ms(void)
{
	return wire.now += wire.tick;
}

size_t
ssh_unsent(const struct ssh *s)
{
	(void)s;
	return 0;
}

int
ssh_flush(struct ssh *s, struct ferry_error *err)
{
	(void)s, (void)err;
	return 0;
}

const char *
ssh_server(const struct ssh *s)
{
	(void)s;
	return "SSH-2.0-test";
}

int
ssh_error(struct ssh *s, int rc, const char *doing, struct ferry_error *err)
{
	(void)s;
	return err_set(err, ferry_ELOST, "test", "%d %s", rc, doing);
}
