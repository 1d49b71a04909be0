/*
 * The whole SFTP engine against a server made of fuzz bytes.  libssh2 and the
 * SSH transport are replaced by what is below: the engine's writes are cut into
 * requests, and the input says how each is answered.
 *
 * Input: records.  u8 how: bits 0-1 = 0: answer a pending request with type
 * and body from the input; 1: raw bytes; 2: an honest status; 3: the channel
 * ends.  Then u8 which, u8 type, u8 length, body.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "remote/sftp.h"
#include "remote/sftp_msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { PENDING_MAX = 512, FILE_SIZE = 100000 };

static struct {
	struct buf to_us, from_us;
	uint32_t pending[PENDING_MAX];
	size_t count;
	bool ended;
	uint64_t now;
} net;

LIBSSH2_CHANNEL *
libssh2_channel_open_ex(LIBSSH2_SESSION *session, const char *type,
    unsigned type_len, unsigned window, unsigned packet, const char *message,
    unsigned message_len)
{
	(void)session, (void)type, (void)type_len, (void)window, (void)packet;
	(void)message, (void)message_len;
	return (LIBSSH2_CHANNEL *)&net;
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
	(void)ch;
	return net.ended;
}

ssize_t
libssh2_channel_read_ex(LIBSSH2_CHANNEL *ch, int stream, char *p, size_t n)
{
	(void)ch, (void)stream;
	if (net.to_us.len == 0)
		return net.ended ? 0 : LIBSSH2_ERROR_EAGAIN;
	if (n > net.to_us.len)
		n = net.to_us.len;
	memcpy(p, net.to_us.data, n);
	buf_consume(&net.to_us, n);
	return (ssize_t)n;
}

/* Cut what the engine says into requests and remember their ids. */
ssize_t
libssh2_channel_write_ex(
    LIBSSH2_CHANNEL *ch, int stream, const char *p, size_t n)
{
	long whole;

	(void)ch, (void)stream;
	buf_put(&net.from_us, p, n);
	while (
	    (whole = sftp_msg_frame(net.from_us.data, net.from_us.len)) > 0) {
		struct buf_reader r = buf_read(net.from_us.data + 5, 4);

		if (net.from_us.data[4] != SSH_FXP_INIT &&
		    net.count < PENDING_MAX)
			net.pending[net.count++] = buf_get_u32(&r);
		buf_consume(&net.from_us, (size_t)whole);
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
	return net.now += 3;
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
	return "SSH-2.0-fuzz";
}

int
ssh_error(struct ssh *s, int rc, const char *doing, struct ferry_error *err)
{
	(void)s;
	return err_set(err, ferry_ELOST, "fuzz", "%d %s", rc, doing);
}

static void
on_ready(void *ctx, const struct msg_ready *m)
{
	(void)ctx, (void)m;
}

static void
on_done(void *ctx, const struct msg_done *m)
{
	(void)ctx, (void)m;
}

static void
on_entry(void *ctx, const struct msg_entry *m)
{
	(void)ctx;
	if (strchr(m->name, '/') != NULL || m->name[0] == '\0')
		abort();
}

static void
queue_steps(struct sftp *s)
{
	static const struct {
		uint8_t op, flags;
		uint64_t length;
	} steps[] = {
		{ STEP_MKDIR, 0, 0 },
		{ STEP_GET, 0, 200000 },
		{ STEP_LIST, 0, 0 },
		{ STEP_PUT, PUT_TRUNCATE | PUT_ATTRIBUTES, 100 },
		{ STEP_PUT, PUT_RESUME | PUT_ATTRIBUTES | PUT_DURABLE,
		    FILE_SIZE },
		{ STEP_PUT, PUT_TRUNCATE | PUT_CUT, FILE_SIZE + 1 },
		{ STEP_PUT, PUT_CUT | PUT_KEEP, 50 },
		{ STEP_PUT, PUT_CUT | PUT_KEEP, FILE_SIZE },
		{ STEP_PUT, PUT_EXCLUSIVE, 0 },
		{ STEP_RENAME, 0, 0 },
		{ STEP_STAT, 0, 0 },
		{ STEP_SPACE, 0, 0 },
		{ STEP_RMDIR, 0, 0 },
		{ STEP_REMOVE, 0, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		struct msg_step step = { .id = (uint32_t)i + 1,
			.op = steps[i].op,
			.flags = steps[i].flags,
			.mode = 0644,
			.length = steps[i].length };
		int fd = -1;

		strcpy(step.path, "a/b");
		strcpy(step.target, "c");
		strcpy(step.aside, "d");
		if (step.op == STEP_PUT || step.op == STEP_GET)
			fd = fs_scratch();
		if (step.op == STEP_PUT && ftruncate(fd, FILE_SIZE) != 0)
			abort();
		if (sftp_step(s, &step, fd, NULL) != 0)
			abort();
	}
}

/* One answer; the id of a pending request is filled in. */
static void
answer(const uint8_t *r, const uint8_t *body, size_t n)
{
	uint32_t id = 3;
	size_t which;

	if ((r[0] & 3) == 1) {
		buf_put(&net.to_us, body, n);
		return;
	}
	if (net.count > 0) {
		which = r[1] % net.count;
		id = net.pending[which];
		net.pending[which] = net.pending[--net.count];
	}
	if ((r[0] & 3) == 2) {
		buf_put_u32(&net.to_us, 17);
		buf_put_u8(&net.to_us, SSH_FXP_STATUS);
		buf_put_u32(&net.to_us, id);
		buf_put_u32(&net.to_us, r[2] % 9);
		buf_put_cstring(&net.to_us, "");
		buf_put_cstring(&net.to_us, "");
		return;
	}
	buf_put_u32(&net.to_us, (uint32_t)n + 5);
	buf_put_u8(&net.to_us, r[2]);
	buf_put_u32(&net.to_us, id);
	buf_put(&net.to_us, body, n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const unsigned char version[] = "\0\0\0\x05\x02\0\0\0\x03";
	struct sftp_hooks hooks = {
		.ready = on_ready, .done = on_done, .entry = on_entry
	};
	struct ferry_error err;
	struct sftp *s;
	int rc;

	memset(&net, 0, sizeof net);
	buf_init(&net.to_us, 1 << 24);
	buf_init(&net.from_us, 1 << 24);
	if (sftp_new(&s, NULL, &hooks, 0, &err) != 0)
		abort();
	queue_steps(s);
	if (n > 0 && (data[0] & 0x80) == 0)
		buf_put(&net.to_us, version, 9);
	rc = sftp_pump(s, &err);
	while (rc == 0 && n >= 4) {
		size_t body = data[3] < n - 4 ? data[3] : n - 4;

		if ((data[0] & 3) == 3)
			net.ended = true;
		else
			answer(data, data + 4, body);
		data += 4 + body;
		n -= 4 + body;
		rc = sftp_pump(s, &err);
	}
	sftp_free(s);
	buf_free(&net.to_us);
	buf_free(&net.from_us);
	return 0;
}
