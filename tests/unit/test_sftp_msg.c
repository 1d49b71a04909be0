/* SFTP packets: what we print is what the draft says; what we read is whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "remote/sftp_msg.h"

static const struct sftp_blob handle = { (const unsigned char *)"h\0dl", 4 };

static void
expect(struct buf *b, const char *bytes, size_t n)
{
	assert_true(buf_ok(b));
	assert_int_equal(b->len, n);
	assert_memory_equal(b->data, bytes, n);
	assert_int_equal(sftp_msg_frame(b->data, b->len), (long)n);
	buf_reset(b);
}

#define EXPECT(b, literal) expect(b, literal, sizeof(literal) - 1)

static void
requests(void **state)
{
	struct sftp_attrs attrs = { .flags = 0xd,
		.size = 5,
		.permissions = 0644,
		.atime = 1,
		.mtime = 2 };
	struct sftp_blob a = { (const unsigned char *)"a", 1 };
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	sftp_msg_init(&b);
	EXPECT(&b, "\0\0\0\x05\x01\0\0\0\x03");
	sftp_msg_open(&b, 7, "a", SSH_FXF_WRITE | SSH_FXF_CREAT, 0600);
	EXPECT(&b,
	    "\0\0\0\x16\x03\0\0\0\x07\0\0\0\x01"
	    "a\0\0\0\x0a\0\0\0\x04\0\0\x01\x80");
	sftp_msg_open(&b, 7, "a", SSH_FXF_READ, 0600);
	EXPECT(&b,
	    "\0\0\0\x12\x03\0\0\0\x07\0\0\0\x01"
	    "a\0\0\0\x01\0\0\0\0");
	sftp_msg_path(&b, 8, SSH_FXP_LSTAT, "a");
	EXPECT(&b,
	    "\0\0\0\x0a\x07\0\0\0\x08\0\0\0\x01"
	    "a");
	sftp_msg_mode(&b, 8, SSH_FXP_SETSTAT, "a", 0600);
	EXPECT(&b,
	    "\0\0\0\x12\x09\0\0\0\x08\0\0\0\x01"
	    "a\0\0\0\x04\0\0\x01\x80");
	sftp_msg_read(&b, 9, handle, 1ull << 32, 10);
	EXPECT(&b,
	    "\0\0\0\x19\x05\0\0\0\x09\0\0\0\x04h\0dl"
	    "\0\0\0\x01\0\0\0\0\0\0\0\x0a");
	sftp_msg_fsetstat(&b, 1, handle, &attrs);
	EXPECT(&b,
	    "\0\0\0\x25\x0a\0\0\0\x01\0\0\0\x04h\0dl\0\0\0\x0d"
	    "\0\0\0\0\0\0\0\x05\0\0\x01\xa4\0\0\0\x01\0\0\0\x02");
	sftp_msg_extended(&b, 2, "x", &a, NULL);
	EXPECT(&b,
	    "\0\0\0\x0f\xc8\0\0\0\x02\0\0\0\x01x\0\0\0\x01"
	    "a");
	buf_free(&b);
}

/* The length of a WRITE counts the data that the caller appends. */
static void
write_request(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	sftp_msg_write(&b, 1, handle, 3, 2);
	assert_int_equal(b.len, SFTP_WRITE_OVERHEAD + handle.n);
	assert_int_equal(sftp_msg_frame(b.data, b.len), 0);
	buf_put(&b, "xy", 2);
	EXPECT(&b,
	    "\0\0\0\x1b\x06\0\0\0\x01\0\0\0\x04h\0dl"
	    "\0\0\0\0\0\0\0\x03\0\0\0\x02xy");
	buf_free(&b);
}

static void
frames(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		long size;
	} cases[] = {
		{ "", 0, 0 },
		{ "\0\0\0", 3, 0 },
		{ "\0\0\0\x05", 4, 0 },
		{ "\0\0\0\x05zzzz", 8, 0 },
		{ "\0\0\0\x05zzzzz", 9, 9 },
		{ "\0\0\0\x05zzzzzmore", 13, 9 },
		{ "\0\0\0\0", 4, -1 },
		{ "\0\0\0\x04", 4, -1 },
		{ "\0\x04\0\0", 4, 0 },
		{ "\0\x04\0\x01", 4, -1 },
		{ "\x7f\xff\xff\xff", 4, -1 },
		{ "\xff\xff\xff\xff", 4, -1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(
		    sftp_msg_frame(
			(const unsigned char *)cases[i].bytes, cases[i].n),
		    cases[i].size);
}

#define PARSE(literal, out) \
	sftp_msg_parse((const unsigned char *)literal, sizeof(literal) - 1, out)

static void
replies(void **state)
{
	struct sftp_reply r;

	(void)state;
	assert_true(PARSE("\0\0\0\x13\x65\0\0\0\x04\0\0\0\x03\0\0\0\x02no"
			  "\0\0\0\0",
	    &r));
	assert_int_equal(r.status, SSH_FX_PERMISSION_DENIED);
	assert_int_equal(r.blob.n, 2);
	/* without text, as servers of version 2 sent it */
	assert_true(PARSE("\0\0\0\x09\x65\0\0\0\x04\0\0\0\0", &r));
	assert_int_equal(r.status, SSH_FX_OK);
	assert_false(PARSE("\0\0\0\x08\x65\0\0\0\x04\0\0\0", &r));

	assert_true(PARSE("\0\0\0\x0a\x66\0\0\0\x04\0\0\0\x01h", &r));
	assert_int_equal(r.blob.n, 1);
	assert_false(PARSE("\0\0\0\x09\x66\0\0\0\x04\0\0\0\0", &r));
	assert_false(PARSE("\0\0\0\x0b\x66\0\0\0\x04\0\0\0\x01hh", &r));

	assert_true(PARSE("\0\0\0\x15\x69\0\0\0\x04\0\0\0\x05"
			  "\0\0\0\0\0\0\0\x09\0\0\x01\xa4",
	    &r));
	assert_int_equal(r.attrs.size, 9);
	assert_int_equal(r.attrs.permissions, 0644);
	assert_false(PARSE("\0\0\0\x05\x2a\0\0\0\x04", &r));
}

static void
handles_of_256_bytes(void **state)
{
	unsigned char packet[4 + 9 + 257] = { 0, 0, 1, 9, SSH_FXP_HANDLE };
	struct sftp_reply r;

	(void)state;
	packet[11] = 1; /* u32 256 */
	assert_true(sftp_msg_parse(packet, 4 + 9 + 256, &r));
	assert_int_equal(r.blob.n, 256);
	packet[12] = 1; /* 257 */
	assert_false(sftp_msg_parse(packet, sizeof packet, &r));
}

static void
names(void **state)
{
	struct sftp_attrs attrs;
	struct sftp_blob name;
	struct sftp_reply r;

	(void)state;
	assert_true(PARSE("\0\0\0\x26\x68\0\0\0\x04\0\0\0\x02"
			  "\0\0\0\x01"
			  "a\0\0\0\0\0\0\0\0"
			  "\0\0\0\x01"
			  "b\0\0\0\0\0\0\0\x04\0\0\x01\xa4",
	    &r));
	assert_int_equal(r.count, 2);
	assert_true(sftp_msg_next_name(&r, &name, &attrs));
	assert_memory_equal(name.p, "a", 1);
	assert_true(sftp_msg_next_name(&r, &name, &attrs));
	assert_int_equal(attrs.permissions, 0644);
	assert_false(sftp_msg_next_name(&r, &name, &attrs));
	/* four thousand million names in 12 bytes */
	assert_false(PARSE("\0\0\0\x15\x68\0\0\0\x04\xff\xff\xff\xff"
			   "\0\0\0\0\0\0\0\0\0\0\0\0",
	    &r));
	/* one more byte than the names need */
	assert_true(PARSE("\0\0\0\x17\x68\0\0\0\x04\0\0\0\x01"
			  "\0\0\0\x01"
			  "a\0\0\0\0\0\0\0\0!",
	    &r));
	assert_false(sftp_msg_next_name(&r, &name, &attrs));
}

static void
extensions(void **state)
{
	struct sftp_blob name, value;
	struct sftp_reply r;

	(void)state;
	assert_true(PARSE("\0\0\0\x0f\x02\0\0\0\x03\0\0\0\x01x\0\0\0\x01"
			  "1",
	    &r));
	assert_int_equal(r.id, 3);
	assert_true(sftp_msg_next_extension(&r, &name, &value));
	assert_memory_equal(name.p, "x", 1);
	assert_false(sftp_msg_next_extension(&r, &name, &value));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests),
		cmocka_unit_test(write_request),
		cmocka_unit_test(frames),
		cmocka_unit_test(replies),
		cmocka_unit_test(handles_of_256_bytes),
		cmocka_unit_test(names),
		cmocka_unit_test(extensions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
