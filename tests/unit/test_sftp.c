/*
 * The SFTP engine against servers that are odd, but honest.  libssh2 and the
 * SSH transport are replaced by what is below: the engine's requests go to the
 * function `answer` of the test, and what that puts into wire.to_us comes back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/fs.h"
#include "remote/sftp.h"
#include "remote/sftp_msg.h"
#include "tests/unit/wire.h"

enum { STEPS = 1024, LENGTH_OF_ONE = 1 << 30, WINDOW = 4 << 20 };

static struct {
	struct msg_done done[STEPS + 1];
	unsigned count;
} net;

/* ---- What servers say ---- */

static struct buf *
begin(const struct wire_request *r, uint8_t type, size_t body)
{
	struct buf *b = &wire.to_us[r->channel];

	buf_put_u32(b, (uint32_t)body + 5);
	buf_put_u8(b, type);
	buf_put_u32(b, r->id);
	return b;
}

static void
say_status(const struct wire_request *r, uint32_t status, const char *text)
{
	struct buf *b = begin(r, SSH_FXP_STATUS, 12 + strlen(text));

	buf_put_u32(b, status);
	buf_put_cstring(b, text);
	buf_put_cstring(b, "");
}

static void
say_handle(const struct wire_request *r)
{
	buf_put_cstring(begin(r, SSH_FXP_HANDLE, 5), "h");
}

static void
say_mode(const struct wire_request *r, uint32_t mode)
{
	struct buf *b = begin(r, SSH_FXP_ATTRS, 8);

	buf_put_u32(b, SSH_FILEXFER_ATTR_PERMISSIONS);
	buf_put_u32(b, mode);
}

/* A READ of a file of this size. */
static void
say_data(struct wire_request *r, uint64_t size)
{
	static unsigned char bytes[256 * 1024];
	uint64_t at;
	uint32_t n;
	size_t len;

	(void)buf_get_string(&r->body, &len, 256);
	at = buf_get_u64(&r->body);
	n = buf_get_u32(&r->body);
	if (at >= size) {
		say_status(r, SSH_FX_EOF, "");
		return;
	}
	if (n > size - at)
		n = (uint32_t)(size - at);
	memset(bytes, 'x', n);
	buf_put_string(begin(r, SSH_FXP_DATA, 4 + n), bytes, n);
}

/* INIT; true: it was one. */
static bool
greet(struct wire_request *r, const char *extension)
{
	struct buf *b = &wire.to_us[r->channel];

	if (r->type != SSH_FXP_INIT)
		return false;
	buf_put_u32(b, (uint32_t)(5 + 9 + strlen(extension)));
	buf_put_u8(b, SSH_FXP_VERSION);
	buf_put_u32(b, 3);
	buf_put_cstring(b, extension);
	buf_put_cstring(b, "1");
	return true;
}

/* ---- The other end ---- */

static void
on_ready(void *ctx, const struct msg_ready *m)
{
	(void)ctx, (void)m;
}

static void
on_done(void *ctx, const struct msg_done *m)
{
	(void)ctx;
	assert_true(m->id <= STEPS);
	net.done[m->id] = *m;
	net.count++;
}

static struct sftp *
start(void (*answer)(struct wire_request *r))
{
	const struct sftp_hooks hooks = { .ready = on_ready, .done = on_done };
	struct sftp *s;

	memset(&net, 0, sizeof net);
	wire_begin(answer, 20);
	wire.window[0] = WINDOW;
	assert_int_equal(sftp_new(&s, NULL, &hooks, 0, NULL), 0);
	return s;
}

static void
add(struct sftp *s, uint32_t id, enum msg_op op, uint64_t length)
{
	struct msg_step step = {
		.id = id, .op = (uint8_t)op, .length = length
	};
	int fd = -1;

	strcpy(step.path, "a");
	strcpy(step.target, "b");
	strcpy(step.aside, "c");
	if (op == STEP_PUT)
		step.flags = PUT_TRUNCATE;
	if (op == STEP_PUT || op == STEP_GET)
		fd = fs_scratch();
	if (op == STEP_PUT)
		assert_int_equal(ftruncate(fd, (off_t)length), 0);
	assert_int_equal(sftp_step(s, &step, fd, NULL), 0);
}

static void
end(struct sftp *s)
{
	sftp_free(s);
	wire_end();
}

static void
finish(struct sftp *s, unsigned count)
{
	struct ferry_error err = { 0 };
	int i;

	for (i = 0; i < 20; i++) {
		wire.window[0] = WINDOW;
		if (sftp_pump(s, &err) != 0)
			fail_msg("%s", err.text);
	}
	assert_int_equal(net.count, count);
	assert_false(sftp_waiting(s));
	end(s);
}

static const struct msg_done *
run_one(enum msg_op op, void (*answer)(struct wire_request *r))
{
	struct sftp *s = start(answer);

	add(s, 1, op, LENGTH_OF_ONE);
	finish(s, 1);
	return &net.done[1];
}

static void
expect(const struct msg_done *d, enum msg_result result, uint32_t status,
    const char *text)
{
	assert_int_equal(d->result, result);
	assert_int_equal(d->status, status);
	assert_string_equal(d->text, text);
}

/* ---- Folders and names ---- */

static void
refuses_known_folder(struct wire_request *r)
{
	if (greet(r, ""))
		return;
	if (r->type == SSH_FXP_MKDIR)
		say_status(r, SSH_FX_PERMISSION_DENIED, "not yours");
	else
		say_mode(r, S_IFDIR | 0755);
}

static void
refuses_folder(struct wire_request *r)
{
	if (greet(r, ""))
		return;
	if (r->type == SSH_FXP_MKDIR)
		say_status(r, 15, "quota");
	else
		say_status(r, SSH_FX_NO_SUCH_FILE, "none");
}

static void
has_file_there(struct wire_request *r)
{
	if (greet(r, ""))
		return;
	if (r->type == SSH_FXP_MKDIR)
		say_status(r, SSH_FX_FAILURE, "is there");
	else
		say_mode(r, S_IFREG | 0644);
}

static void
folders(void **state)
{
	(void)state;
	expect(run_one(STEP_MKDIR, refuses_known_folder), RESULT_OK, 0, "");
	expect(run_one(STEP_MKDIR, refuses_folder), RESULT_FAILED, 15, "quota");
	expect(run_one(STEP_MKDIR, has_file_there), RESULT_FAILED,
	    SSH_FX_FAILURE, "is there");
}

static void
renames_nothing(struct wire_request *r)
{
	size_t n;

	if (greet(r, ""))
		return;
	/* "a" to "b" fails; there is no "b" to be put aside */
	if (*buf_get_string(&r->body, &n, 1) == 'a')
		say_status(r, SSH_FX_FAILURE, "disk trouble");
	else
		say_status(r, SSH_FX_NO_SUCH_FILE, "no b");
}

static void
says_ok(struct wire_request *r)
{
	if (!greet(r, "statvfs@openssh.com"))
		say_status(r, SSH_FX_OK, "");
}

static void
names(void **state)
{
	(void)state;
	expect(run_one(STEP_RENAME, renames_nothing), RESULT_FAILED,
	    SSH_FX_FAILURE, "disk trouble");
	/* that is no answer to a question */
	expect(
	    run_one(STEP_STAT, says_ok), RESULT_FAILED, SSH_FX_BAD_MESSAGE, "");
	expect(run_one(STEP_SPACE, says_ok), RESULT_FAILED, SSH_FX_BAD_MESSAGE,
	    "");
}

static void
refuses_modes(struct wire_request *r)
{
	if (greet(r, ""))
		return;
	assert_int_equal(r->type, SSH_FXP_SETSTAT);
	say_status(r, SSH_FX_OP_UNSUPPORTED, "no modes here");
}

static void
modes(void **state)
{
	(void)state;
	expect(run_one(STEP_CHMOD, says_ok), RESULT_OK, 0, "");
	expect(run_one(STEP_CHMOD, refuses_modes), RESULT_UNSUPPORTED,
	    SSH_FX_OP_UNSUPPORTED, "no modes here");
}

static void
has_that_name(struct wire_request *r)
{
	if (greet(r, "hardlink@openssh.com"))
		return;
	if (r->type == SSH_FXP_LSTAT)
		say_mode(r, S_IFREG | 0644);
	else
		say_status(r, SSH_FX_FAILURE, "exists");
}

static void
has_a_folder_there(struct wire_request *r)
{
	if (greet(r, "hardlink@openssh.com"))
		return;
	if (r->type == SSH_FXP_LSTAT)
		say_mode(r, S_IFDIR | 0755);
	else
		say_status(r, SSH_FX_FAILURE, "exists");
}

static void
links_nothing(struct wire_request *r)
{
	if (greet(r, ""))
		return;
	fail_msg("it was asked");
}

static void
links(void **state)
{
	(void)state;
	expect(run_one(STEP_LINK, links_nothing), RESULT_UNSUPPORTED,
	    SSH_FX_OP_UNSUPPORTED, "");
	expect(run_one(STEP_LINK, has_that_name), RESULT_EXISTS, SSH_FX_FAILURE,
	    "exists");
	expect(run_one(STEP_LINK, has_a_folder_there), RESULT_FAILED,
	    SSH_FX_FAILURE, "exists");
}

/* ---- Symbolic links ---- */

static struct {
	unsigned names; /* in the answer */
	const char *held;
} held_by;

/* OpenSSH's order: what it holds, then where it is. */
static void
makes_links(struct wire_request *r)
{
	struct buf *b;
	size_t n;

	if (greet(r, ""))
		return;
	if (r->type == SSH_FXP_SYMLINK) {
		assert_int_equal(*buf_get_string(&r->body, &n, 64), 'b');
		assert_int_equal(*buf_get_string(&r->body, &n, 64), 'a');
		assert_true(buf_get_end(&r->body));
		say_status(r, SSH_FX_OK, "");
		return;
	}
	assert_int_equal(r->type, SSH_FXP_READLINK);
	n = strlen(held_by.held);
	b = begin(r, SSH_FXP_NAME, 4 + held_by.names * (4 + n + 4 + 4));
	buf_put_u32(b, held_by.names);
	for (unsigned i = 0; i < held_by.names; i++) {
		buf_put_cstring(b, held_by.held);
		buf_put_cstring(b, "");
		buf_put_u32(b, 0);
	}
}

static void
has_no_link(struct wire_request *r)
{
	if (!greet(r, ""))
		say_status(r, SSH_FX_FAILURE, "none");
}

static void
symbolic_links(void **state)
{
	(void)state;
	expect(run_one(STEP_SYMLINK, makes_links), RESULT_OK, 0, "");
	held_by.names = 1;
	held_by.held = "releases/000012";
	expect(run_one(STEP_READLINK, makes_links), RESULT_OK, 0, held_by.held);
	held_by.held = "up\033";
	expect(run_one(STEP_READLINK, makes_links), RESULT_OK, 0, "up\033");
	held_by.names = 2;
	expect(run_one(STEP_READLINK, makes_links), RESULT_FAILED,
	    SSH_FX_BAD_MESSAGE, "");
	held_by.names = 0;
	expect(run_one(STEP_READLINK, makes_links), RESULT_FAILED,
	    SSH_FX_BAD_MESSAGE, "");
	expect(run_one(STEP_READLINK, has_no_link), RESULT_FAILED,
	    SSH_FX_FAILURE, "none");
}

/* ---- Copying ---- */

/* A server that copies, and counts what is open and what it copied. */
static struct {
	unsigned opened, closed, most;
	uint64_t copied, size; /* of the source */
	bool refuses_target, forgets;
} copying;

static void
say_size(const struct wire_request *r, uint64_t size)
{
	struct buf *b = begin(r, SSH_FXP_ATTRS, 12);

	buf_put_u32(b, SSH_FILEXFER_ATTR_SIZE);
	buf_put_u64(b, size);
}

static void
note_copy(struct wire_request *r)
{
	uint64_t offset, n;
	size_t len;

	(void)buf_get_string(&r->body, &len, 64);
	assert_int_equal(len, strlen("copy-data"));
	(void)buf_get_string(&r->body, &len, 64);
	offset = buf_get_u64(&r->body);
	n = buf_get_u64(&r->body);
	(void)buf_get_string(&r->body, &len, 64);
	assert_int_equal(buf_get_u64(&r->body), offset);
	assert_true(buf_get_end(&r->body));
	assert_int_equal(offset, copying.copied);
	assert_true(n > 0 && offset + n <= copying.size);
	copying.copied += n;
	say_status(r, SSH_FX_OK, "");
}

static void
copies(struct wire_request *r)
{
	size_t n;

	if (greet(r, "copy-data"))
		return;
	switch (r->type) {
	case SSH_FXP_OPEN:
		if (copying.refuses_target &&
		    *buf_get_string(&r->body, &n, 64) == 'b') {
			say_status(r, SSH_FX_PERMISSION_DENIED, "not here");
			break;
		}
		copying.opened++;
		if (copying.opened - copying.closed > copying.most)
			copying.most = copying.opened - copying.closed;
		say_handle(r);
		break;
	case SSH_FXP_FSTAT:
		say_size(r,
		    copying.copied == 0   ? copying.size
			: copying.forgets ? copying.copied - 1
					  : copying.copied);
		break;
	case SSH_FXP_EXTENDED:
		note_copy(r);
		break;
	case SSH_FXP_CLOSE:
		copying.closed++;
		/* fall through */
	default:
		say_status(r, SSH_FX_OK, "");
	}
}

static void
server_copies(void **state)
{
	const uint64_t size = 20000000;

	(void)state;
	memset(&copying, 0, sizeof copying);
	copying.size = LENGTH_OF_ONE;
	expect(run_one(STEP_COPY, copies), RESULT_OK, 0, "");
	assert_int_equal(copying.copied, LENGTH_OF_ONE);
	assert_int_equal(copying.closed, 2);
	assert_int_equal(net.done[1].sent, 0);

	/* the source is not as long as it should be, nor is what came out */
	memset(&copying, 0, sizeof copying);
	copying.size = size;
	assert_int_equal(run_one(STEP_COPY, copies)->result, RESULT_SHORT);
	assert_int_equal(copying.copied, 0);
	assert_int_equal(copying.closed, 2);
	memset(&copying, 0, sizeof copying);
	copying.size = LENGTH_OF_ONE;
	copying.forgets = true;
	assert_int_equal(run_one(STEP_COPY, copies)->result, RESULT_SHORT);
	assert_int_equal(copying.closed, 2);

	/* one of both cannot be opened */
	memset(&copying, 0, sizeof copying);
	copying.refuses_target = true;
	expect(run_one(STEP_COPY, copies), RESULT_DENIED,
	    SSH_FX_PERMISSION_DENIED, "not here");
	assert_int_equal(copying.copied, 0);
	assert_int_equal(copying.closed, 1);

	expect(run_one(STEP_COPY, links_nothing), RESULT_UNSUPPORTED,
	    SSH_FX_OP_UNSUPPORTED, "");
}

static void
copies_a_lot(struct wire_request *r)
{
	if (r->type == SSH_FXP_FSTAT)
		say_size(r, 100);
	else if (r->type == SSH_FXP_EXTENDED)
		say_status(r, SSH_FX_OK, "");
	else
		copies(r);
}

/* Never more of them at once than the server has handles for. */
static void
copies_in_a_crowd(void **state)
{
	struct sftp *s = start(copies_a_lot);
	unsigned i;

	(void)state;
	memset(&copying, 0, sizeof copying);
	for (i = 1; i <= STEPS; i++)
		add(s, i, STEP_COPY, 100);
	finish(s, STEPS);
	for (i = 1; i <= STEPS; i++)
		assert_int_equal(net.done[i].result, RESULT_OK);
	assert_int_equal(copying.opened, 2 * STEPS);
	assert_int_equal(copying.closed, 2 * STEPS);
	assert_true(copying.most > 10 && copying.most <= 101);
}

/* ---- Reading ---- */

static void
has_no_sizes(struct wire_request *r)
{
	if (greet(r, ""))
		return;
	if (r->type == SSH_FXP_OPEN)
		say_handle(r);
	else if (r->type == SSH_FXP_FSTAT)
		say_mode(r, S_IFREG | 0644);
	else if (r->type == SSH_FXP_READ)
		say_data(r, 1000001);
	else
		say_status(r, SSH_FX_OK, "");
}

static void
file_of_unknown_size(void **state)
{
	const struct msg_done *d = run_one(STEP_GET, has_no_sizes);

	(void)state;
	expect(d, RESULT_OK, 0, "");
	assert_int_equal(d->sent, 1000001);
	assert_int_equal(d->size, 1000001);
}

static struct wire_request held[8 * STEPS];
static size_t held_count;

/* All that is open is answered only when nothing more is asked. */
static void
answers_late(struct wire_request *r)
{
	if (r->type == SSH_FXP_INIT) {
		has_no_sizes(r);
		return;
	}
	assert_true(held_count < sizeof held / sizeof held[0]);
	held[held_count] = *r;
	if (r->type == SSH_FXP_READ) { /* the body does not stay */
		size_t n;

		(void)buf_get_string(&r->body, &n, 256);
		held[held_count].body.left = (size_t)buf_get_u64(&r->body);
	}
	held_count++;
}

static void
answer_held(void)
{
	static struct wire_request now[8 * STEPS];
	size_t n = held_count, i;

	memcpy(now, held, sizeof now);
	held_count = 0;
	for (i = 0; i < n; i++)
		if (now[i].type == SSH_FXP_READ && now[i].body.left >= 1000000)
			say_status(&now[i], SSH_FX_EOF, "");
		else if (now[i].type == SSH_FXP_READ)
			buf_put_string(begin(&now[i], SSH_FXP_DATA, 5), "x", 1);
		else
			has_no_sizes(&now[i]);
}

/* More reading at a time than there are slots for requests. */
static void
many_files_to_read(void **state)
{
	struct sftp *s = start(answers_late);
	uint32_t i;

	(void)state;
	for (i = 1; i <= STEPS; i++)
		add(s, i, STEP_GET, 1 << 30);
	for (i = 0; i < 10; i++) {
		assert_int_equal(sftp_pump(s, NULL), 0);
		answer_held();
	}
	end(s);
}

/* ---- Writing ---- */

static uint32_t largest;

static void
takes_little(struct wire_request *r)
{
	size_t n;

	if (greet(r, "limits@openssh.com"))
		return;
	if (r->type == SSH_FXP_EXTENDED) {
		struct buf *b = begin(r, SSH_FXP_EXTENDED_REPLY, 32);

		buf_put_u64(b, 34000);
		buf_put_u64(b, 8192);
		buf_put_u64(b, 8192);
		buf_put_u64(b, 0);
	} else if (r->type == SSH_FXP_OPEN) {
		say_handle(r);
	} else if (r->type == SSH_FXP_FSTAT) {
		say_mode(r, S_IFREG | 0644);
	} else {
		if (r->type == SSH_FXP_WRITE) {
			(void)buf_get_string(&r->body, &n, 256);
			(void)buf_get_u64(&r->body);
			n = buf_get_u32(&r->body);
			largest = n > largest ? (uint32_t)n : largest;
		}
		say_status(r, SSH_FX_OK, "");
	}
}

static void
small_writes(void **state)
{
	struct sftp *s = start(takes_little);

	(void)state;
	assert_int_equal(sftp_pump(s, NULL), 0);
	largest = 0;
	add(s, 1, STEP_PUT, 100000);
	finish(s, 1);
	expect(&net.done[1], RESULT_OK, 0, "");
	assert_int_equal(net.done[1].sent, 100000);
	assert_int_equal(largest, 8192);
}

static void
ends_further_channels(struct wire_request *r)
{
	if (r->channel == 0)
		takes_little(r);
	else
		wire.ended[r->channel] = true;
}

static void
further_channels_end(void **state)
{
	struct sftp *s = start(ends_further_channels);

	(void)state;
	add(s, 1, STEP_PUT, 32 << 20);
	finish(s, 1);
	expect(&net.done[1], RESULT_OK, 0, "");
	assert_int_equal(net.done[1].sent, 32 << 20);
	assert_in_range(wire.channels, 2, WIRE_CHANNELS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folders),
		cmocka_unit_test(names),
		cmocka_unit_test(modes),
		cmocka_unit_test(links),
		cmocka_unit_test(symbolic_links),
		cmocka_unit_test(server_copies),
		cmocka_unit_test(copies_in_a_crowd),
		cmocka_unit_test(file_of_unknown_size),
		cmocka_unit_test(many_files_to_read),
		cmocka_unit_test(small_writes),
		cmocka_unit_test(further_channels_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
