/*
 * The whole SFTP engine against a server made of fuzz bytes.  wire.h cuts what
 * it writes into requests, and the input says how each is answered.
 *
 * Input: records.  u8 how: bits 0-1 = 0: answer a pending request with type
 * and body from the input; 1: raw bytes; 2: a status, or with bit 4 all that
 * is pending as an honest server does; 3: the channel ends.  Bits 2-3: which
 * channel (1 and 3).  Then u8 which, u8 type, u8 length, body.  The first u8
 * also says what the server is like: bit 7: it does not greet; bit 6: it has
 * extensions; bit 5: a large file is sent through windows that shut.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "remote/sftp.h"
#include "remote/sftp_msg.h"
#include "tests/unit/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum {
	PENDING_MAX = 2048,
	FILE_SIZE = 100000,
	LARGE_SIZE = 20 << 20,
	WINDOW = 1 << 20,
};

static struct {
	struct wire_request pending[PENDING_MAX];
	size_t count;
	uint8_t kind; /* of server */
} net;

static void
greet(unsigned c)
{
	static const unsigned char plain[] = "\0\0\0\x05\x02\0\0\0\x03";
	static const char *const names[] = { "posix-rename@openssh.com",
		"fsync@openssh.com", "limits@openssh.com",
		"statvfs@openssh.com", "hardlink@openssh.com", "copy-data" };
	size_t i, n = 5;

	if ((net.kind & 0x40) == 0) {
		buf_put(&wire.to_us[c], plain, 9);
		return;
	}
	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		n += 4 + strlen(names[i]) + 4 + 1;
	buf_put_u32(&wire.to_us[c], (uint32_t)n);
	buf_put_u8(&wire.to_us[c], SSH_FXP_VERSION);
	buf_put_u32(&wire.to_us[c], 3);
	for (i = 0; i < sizeof names / sizeof names[0]; i++) {
		buf_put_cstring(&wire.to_us[c], names[i]);
		buf_put_cstring(&wire.to_us[c], "1");
	}
}

static void
remember(struct wire_request *r)
{
	if (r->type == SSH_FXP_INIT && (net.kind & 0x80) == 0)
		greet(r->channel);
	else if (r->type != SSH_FXP_INIT && net.count < PENDING_MAX)
		net.pending[net.count++] = *r;
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

static const struct {
	uint8_t op, flags;
	uint64_t length;
} steps[] = {
	{ STEP_MKDIR, 0, 0 },
	{ STEP_GET, 0, 200000 },
	{ STEP_LIST, 0, 0 },
	{ STEP_PUT, PUT_TRUNCATE | PUT_ATTRIBUTES, 100 },
	{ STEP_PUT, PUT_RESUME | PUT_ATTRIBUTES | PUT_DURABLE, FILE_SIZE },
	{ STEP_PUT, PUT_TRUNCATE | PUT_CUT, FILE_SIZE + 1 },
	{ STEP_PUT, PUT_EXCLUSIVE, 0 },
	{ STEP_PUT, PUT_CUT | PUT_KEEP, 10 },
	{ STEP_PUT, PUT_CUT | PUT_KEEP, 10 },
	{ STEP_PUT, PUT_TRUNCATE | PUT_ATTRIBUTES | PUT_DIGEST, 100 },
	{ STEP_RENAME, 0, 0 },
	{ STEP_STAT, 0, 0 },
	{ STEP_SPACE, 0, 0 },
	{ STEP_LINK, 0, 0 },
	{ STEP_COPY, 0, 0 },
	{ STEP_COPY, PUT_DURABLE, FILE_SIZE },
	{ STEP_RMDIR, 0, 0 },
	{ STEP_REMOVE, 0, 0 },
	{ STEP_PUT, PUT_TRUNCATE | PUT_ATTRIBUTES, LARGE_SIZE },
	{ STEP_PUT, PUT_TRUNCATE | PUT_ATTRIBUTES, 100 },
	{ STEP_SYMLINK, 0, 0 },
	{ STEP_READLINK, 0, 0 },
};

static void
queue_step(struct sftp *s, size_t i)
{
	struct msg_step step = { .id = (uint32_t)i + 1,
		.op = steps[i].op,
		.flags = steps[i].flags,
		.mode = 0644,
		.length = steps[i].length };
	off_t size = steps[i].length == LARGE_SIZE ? LARGE_SIZE : FILE_SIZE;
	int fd = -1;

	strcpy(step.path, "a/b");
	strcpy(step.target, "c");
	strcpy(step.aside, "d");
	if (step.op == STEP_PUT || step.op == STEP_GET)
		fd = fs_scratch();
	if (step.op == STEP_PUT && ftruncate(fd, size) != 0)
		abort();
	if (sftp_step(s, &step, fd, NULL) != 0)
		abort();
}

static void
queue_steps(struct sftp *s)
{
	size_t i;

	for (i = 0; i < sizeof steps / sizeof steps[0]; i++)
		if (steps[i].length != LARGE_SIZE || (net.kind & 0x20) != 0)
			queue_step(s, i);
}

static void
say_status(const struct wire_request *r, uint32_t status)
{
	struct buf *b = &wire.to_us[r->channel];

	buf_put_u32(b, 17);
	buf_put_u8(b, SSH_FXP_STATUS);
	buf_put_u32(b, r->id);
	buf_put_u32(b, status);
	buf_put_cstring(b, "");
	buf_put_cstring(b, "");
}

static void
say(const struct wire_request *r, uint8_t type, const void *body, size_t n)
{
	struct buf *b = &wire.to_us[r->channel];

	buf_put_u32(b, (uint32_t)n + 5);
	buf_put_u8(b, type);
	buf_put_u32(b, r->id);
	buf_put(b, body, n);
}

/* As an honest server does, but for the size of files. */
static void
say_honestly(const struct wire_request *r)
{
	static const unsigned char none[32];

	switch (r->type) {
	case SSH_FXP_OPEN:
	case SSH_FXP_OPENDIR:
		say(r, SSH_FXP_HANDLE, "\0\0\0\1h", 5);
		break;
	case SSH_FXP_READ:
	case SSH_FXP_READDIR:
		say_status(r, SSH_FX_EOF);
		break;
	case SSH_FXP_FSTAT:
	case SSH_FXP_STAT:
	case SSH_FXP_LSTAT:
		say(r, SSH_FXP_ATTRS, none, 4);
		break;
	case SSH_FXP_EXTENDED:
		say(r, SSH_FXP_EXTENDED_REPLY, none, sizeof none);
		break;
	default:
		say_status(r, SSH_FX_OK);
	}
}

static void
say_all(void)
{
	size_t i;

	for (i = 0; i < net.count; i++)
		say_honestly(&net.pending[i]);
	net.count = 0;
}

/* One answer; the id of a pending request is filled in. */
static void
answer(const uint8_t *r, const uint8_t *body, size_t n)
{
	struct wire_request rq = { .id = 3 };
	size_t which;

	if ((r[0] & 3) == 1) {
		buf_put(&wire.to_us[r[0] >> 2 & 3], body, n);
		return;
	}
	if ((r[0] & 0x13) == 0x12) {
		say_all();
		return;
	}
	if (net.count > 0) {
		which = r[1] % net.count;
		rq = net.pending[which];
		net.pending[which] = net.pending[--net.count];
	}
	if ((r[0] & 3) == 2)
		say_status(&rq, r[2] % 9);
	else
		say(&rq, r[2], body, n);
}

static void
open_windows(void)
{
	for (int c = 0; c < WIRE_CHANNELS && (net.kind & 0x20) != 0; c++)
		wire.window[c] = WINDOW;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct sftp_hooks hooks = {
		.ready = on_ready, .done = on_done, .entry = on_entry
	};
	struct ferry_error err;
	struct sftp *s;
	int rc;

	memset(&net, 0, sizeof net);
	if (n > 0)
		net.kind = data[0];
	wire_begin(remember, net.kind & 0x20 ? 10 : 3);
	if (sftp_new(&s, NULL, &hooks, 0, &err) != 0)
		abort();
	queue_steps(s);
	open_windows();
	rc = sftp_pump(s, &err);
	while (rc == 0 && n >= 4) {
		size_t body = data[3] < n - 4 ? data[3] : n - 4;

		if ((data[0] & 3) == 3)
			wire.ended[data[0] >> 2 & 3] = true;
		else
			answer(data, data + 4, body);
		data += 4 + body;
		n -= 4 + body;
		open_windows();
		rc = sftp_pump(s, &err);
	}
	sftp_free(s);
	wire_end();
	return 0;
}
