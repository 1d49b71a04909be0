/* Growing buffers and careful readers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

static void
assert_bytes(const struct buf *b, const char *bytes, size_t n)
{
	assert_true(buf_ok(b));
	assert_int_equal(b->len, n);
	assert_memory_equal(b->data, bytes, n);
}

static void
stops_at_max(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 5);
	assert_null(b.data);
	buf_put(&b, "abcde", 5);
	assert_bytes(&b, "abcde", 5);
	assert_string_equal(buf_text(&b), "abcde");
	buf_put(&b, NULL, 0);
	assert_true(buf_ok(&b));
	buf_put_u8(&b, 'f');
	assert_false(buf_ok(&b));
	assert_int_equal(b.len, 5);
	assert_string_equal(buf_text(&b), "");

	buf_consume(&b, 5);
	buf_put_u8(&b, 'f');
	assert_false(buf_ok(&b)); /* sticky, though there is room now */
	buf_reset(&b);
	buf_put_u8(&b, 'f');
	assert_bytes(&b, "f", 1);
	buf_free(&b);
	assert_int_equal(b.max, 5);
}

static void
never_overflows(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 0);
	assert_non_null(buf_grow(&b, 0));
	assert_null(buf_grow(&b, 1));
	buf_free(&b);

	buf_init(&b, SIZE_MAX);
	buf_put_u8(&b, 1);
	assert_null(buf_grow(&b, SIZE_MAX - 1));
	buf_free(&b);
	buf_init(&b, SIZE_MAX);
	assert_null(buf_grow(&b, SIZE_MAX));
	buf_free(&b);
	buf_init(&b, 100);
	buf_put_string(&b, "", (size_t)UINT32_MAX + 1);
	assert_false(buf_ok(&b));
	buf_free(&b);
}

static void
grows(void **state)
{
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 1000);
	for (i = 0; i < 1000; i++)
		buf_put_u8(&b, (uint8_t)i);
	assert_true(buf_ok(&b));
	assert_true(b.cap <= 1001);
	for (i = 0; i < 1000; i++)
		assert_int_equal(b.data[i], i & 255);
	buf_consume(&b, 999);
	assert_bytes(&b, "\xe7", 1);
	buf_consume(&b, 2);
	assert_false(buf_ok(&b));
	buf_free(&b);
}

static void
wire_forms(void **state)
{
	static const char expected[] = "\x01"
				       "\xfe\x03"
				       "\x02\x03\x04\x05"
				       "\x01\x02\x03\x04\xfc\xfd\xfe\xff"
				       "\0\0\0\2\0x"
				       "\0\0\0\0"
				       "\0\0\0\3abc";
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	buf_put_u8(&b, 1);
	buf_put_u16(&b, 0xfe03);
	buf_put_u32(&b, 0x02030405);
	buf_put_u64(&b, 0x01020304fcfdfeff);
	buf_put_string(&b, "\0x", 2);
	buf_put_string(&b, NULL, 0);
	buf_put_cstring(&b, "abc");
	assert_bytes(&b, expected, sizeof(expected) - 1);
	buf_free(&b);
}

/* The unsigned examples of RFC 4251, 5. */
static void
mpints(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	buf_put_mpint(&b, (const unsigned char *)"\0\0", 2);
	assert_bytes(&b, "\0\0\0\0", 4);
	buf_reset(&b);
	buf_put_mpint(
	    &b, (const unsigned char *)"\x09\xa3\x78\xf9\xb2\xe3\x32\xa7", 8);
	assert_bytes(&b, "\0\0\0\x08\x09\xa3\x78\xf9\xb2\xe3\x32\xa7", 12);
	buf_reset(&b);
	buf_put_mpint(&b, (const unsigned char *)"\0\x80", 2);
	assert_bytes(&b, "\0\0\0\x02\0\x80", 6);
	buf_reset(&b);
	buf_put_mpint(&b, NULL, 0);
	assert_bytes(&b, "\0\0\0\0", 4);
	buf_free(&b);
}

static void
prints(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	assert_string_equal(buf_text(&b), "");
	buf_printf(&b, "%s", "");
	assert_string_equal(buf_text(&b), "");
	buf_printf(&b, "%d-%s", 12, "abc");
	buf_printf(&b, "%04d", 7);
	assert_int_equal(b.len, 10);
	assert_string_equal(buf_text(&b), "12-abc0007");
	buf_printf(&b, "x");
	assert_false(buf_ok(&b));
	assert_memory_equal(b.data, "12-abc0007", 10);
	buf_free(&b);
}

static void
reads(void **state)
{
	static const char bytes[] = "\x01"
				    "\xfe\x03\1\0"
				    "\x02\x03\x04\xff"
				    "\xff\x02\x03\x04\xfc\xfd\xfe\xff"
				    "\0\0\0\2ab"
				    "\0\0\0\0"
				    "\0\0\0\3abc";
	struct buf_reader r = buf_read(bytes, sizeof(bytes) - 1);
	const unsigned char *p;
	char text[4];
	size_t n;

	(void)state;
	assert_int_equal(buf_get_u8(&r), 1);
	assert_int_equal(buf_get_u16(&r), 0xfe03);
	assert_true(buf_get_bool(&r));
	assert_false(buf_get_bool(&r));
	assert_int_equal(buf_get_u32(&r), 0x020304ff);
	assert_true(buf_get_u64(&r) == 0xff020304fcfdfeff);
	p = buf_get_string(&r, &n, 2);
	assert_int_equal(n, 2);
	assert_memory_equal(p, "ab", 2);
	assert_non_null(buf_get_string(&r, &n, 0));
	assert_int_equal(n, 0);
	assert_false(buf_get_end(&r));
	buf_get_cstring(&r, text, sizeof(text));
	assert_string_equal(text, "abc");
	assert_true(buf_get_end(&r));
	assert_non_null(buf_get(&r, 0));
	assert_int_equal(buf_get_u8(&r), 0);
	assert_true(r.bad);
	assert_false(buf_get_end(&r));
}

/* Each of these asks for what is not there; nothing works afterwards. */
static void
bad_stays_bad(void **state)
{
	struct buf_reader r;
	char text[4] = "old";
	size_t n = 7;

	(void)state;
	r = buf_read("\0\0\0\2ab", 6);
	assert_null(buf_get_string(&r, &n, 1));
	assert_int_equal(n, 0);
	assert_true(r.bad);
	assert_null(buf_get(&r, 0));
	assert_int_equal(buf_get_u8(&r), 0);
	assert_int_equal(buf_get_u32(&r), 0);
	assert_true(buf_get_u64(&r) == 0);

	r = buf_read("\xff\xff\xff\xff", 4);
	assert_null(buf_get_string(&r, &n, SIZE_MAX));
	r = buf_read("\2", 1);
	assert_false(buf_get_bool(&r));
	assert_true(r.bad);
	assert_int_equal(buf_get_u16(&r), 0);
	r = buf_read("\0\0\0", 3);
	assert_int_equal(buf_get_u32(&r), 0);
	assert_true(r.bad);
	r = buf_read("\1\2\3\4\5\6\7", 7);
	assert_true(buf_get_u64(&r) == 0);
	r = buf_read("\0\0\0\3a\0b", 7);
	buf_get_cstring(&r, text, sizeof(text));
	assert_true(r.bad);
	assert_string_equal(text, "");
	r = buf_read("\0\0\0\4abcd", 8);
	buf_get_cstring(&r, text, sizeof(text));
	assert_true(r.bad);
	r = buf_read("\0\0\0\0", 4);
	buf_get_cstring(&r, text, 0);
	assert_true(r.bad);

	r = buf_read(NULL, 0);
	assert_true(buf_get_end(&r));
	assert_non_null(buf_get(&r, 0));
	assert_null(buf_get(&r, 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stops_at_max),
		cmocka_unit_test(never_overflows),
		cmocka_unit_test(grows),
		cmocka_unit_test(wire_forms),
		cmocka_unit_test(mpints),
		cmocka_unit_test(prints),
		cmocka_unit_test(reads),
		cmocka_unit_test(bad_stays_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
