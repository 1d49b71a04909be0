/* Names: which are harmless, and how the others look. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/path.h"

static void
components(void **state)
{
	char longest[LIMIT_NAME + 1];

	(void)state;
	memset(longest, 'a', sizeof(longest));
	assert_true(path_name_ok("a", 1));
	assert_true(path_name_ok("...", 3));
	assert_true(path_name_ok(".a", 2));
	assert_true(path_name_ok("\xff\n", 2));
	assert_true(path_name_ok(longest, LIMIT_NAME));
	assert_false(path_name_ok(longest, LIMIT_NAME + 1));
	assert_false(path_name_ok("", 0));
	assert_false(path_name_ok(".", 1));
	assert_false(path_name_ok("..", 2));
	assert_false(path_name_ok("a/", 2));
	assert_false(path_name_ok("a\0b", 3));
}

static void
relative(void **state)
{
	char deep[LIMIT_PATH + 3];
	size_t i;

	(void)state;
	assert_true(path_relative_ok("a"));
	assert_true(path_relative_ok("a/b/.c"));
	assert_false(path_relative_ok(""));
	assert_false(path_relative_ok("/a"));
	assert_false(path_relative_ok("a/"));
	assert_false(path_relative_ok("a//b"));
	assert_false(path_relative_ok("./a"));
	assert_false(path_relative_ok("a/../b"));
	assert_false(path_relative_ok("a/.."));

	for (i = 0; i < sizeof(deep); i++)
		deep[i] = i % 2 ? '/' : 'a';
	deep[LIMIT_PATH - 1] = 'a';
	deep[LIMIT_PATH] = '\0';
	assert_true(path_relative_ok(deep));
	deep[LIMIT_PATH] = 'a';
	deep[LIMIT_PATH + 1] = '\0';
	assert_false(path_relative_ok(deep));
}

static void
joins(void **state)
{
	char p[6];

	(void)state;
	assert_true(path_join(p, sizeof(p), "a", "b"));
	assert_string_equal(p, "a/b");
	assert_true(path_join(p, sizeof(p), p, "c"));
	assert_string_equal(p, "a/b/c");
	assert_false(path_join(p, sizeof(p), p, "d"));
	assert_string_equal(p, "");
	assert_true(path_join(p, sizeof(p), "", "abcde"));
	assert_false(path_join(p, sizeof(p), "", "abcdef"));
	assert_true(path_join(p, sizeof(p), "ab", "cd"));
	assert_false(path_join(p, sizeof(p), "abc", "de"));
	assert_false(path_join(p, sizeof(p), "abcdef", "x"));
	assert_true(path_join(p, sizeof(p), "/", "etc"));
	assert_string_equal(p, "/etc");
	assert_false(path_join(p, 0, "a", "b"));
}

static void
parts(void **state)
{
	(void)state;
	assert_int_equal(path_dir_len("a/b"), 1);
	assert_int_equal(path_dir_len("a/b/c"), 3);
	assert_int_equal(path_dir_len("a"), 0);
	assert_int_equal(path_dir_len(""), 0);
	assert_int_equal(path_dir_len("/a"), 1);
	assert_string_equal(path_base("a/b"), "b");
	assert_string_equal(path_base("b"), "b");
	assert_string_equal(path_base("a/"), "");
	assert_true(path_below("a/b", "a"));
	assert_true(path_below("a", "a"));
	assert_true(path_below("a", ""));
	assert_true(path_below("/a", "/"));
	assert_true(path_below("a/b", "a/"));
	assert_false(path_below("ab", "a"));
	assert_false(path_below("a", "a/b"));
	assert_false(path_below("b", "a"));
}

static void
assert_shown(const char *src, size_t n, const char *expected)
{
	char dst[64];

	assert_ptr_equal(path_escape(dst, sizeof(dst), src, n), dst);
	assert_string_equal(dst, expected);
}

#define SHOWN(src, expected) assert_shown(src, sizeof(src) - 1, expected)

static void
escapes(void **state)
{
	(void)state;
	SHOWN("", "");
	SHOWN("a b%", "a b%");
	SHOWN("\x1b[31m", "\\x1b[31m");
	SHOWN("a\nb\0c\x7f", "a\\x0ab\\x00c\\x7f");
	SHOWN("a\\x1b", "a\\\\x1b");
	SHOWN("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
	    "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
	SHOWN("\xc2\x9b", "\\xc2\\x9b"); /* C1: CSI */
	SHOWN("\xc2\xa0", "\xc2\xa0"); /* just after C1 */
	SHOWN("\xe2\x80\xae", "\\xe2\\x80\\xae"); /* right to left */
	SHOWN("\xe2\x81\xa6", "\\xe2\\x81\\xa6"); /* isolate */
	SHOWN("\xe2\x80\xa8", "\\xe2\\x80\\xa8"); /* line break */
	SHOWN("\xff", "\\xff");
	SHOWN("\xc3", "\\xc3"); /* cut short */
	SHOWN("\xc3(", "\\xc3(");
	SHOWN("\xa9", "\\xa9"); /* no beginning */
	SHOWN("\xc0\xaf", "\\xc0\\xaf"); /* overlong '/' */
	SHOWN("\xe0\x80\xaf", "\\xe0\\x80\\xaf");
	SHOWN("\xed\xa0\x80", "\\xed\\xa0\\x80"); /* a surrogate */
	SHOWN("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"); /* U+110000 */
}

/* Whatever the room, the copy ends in time and at a whole character. */
static void
cuts(void **state)
{
	static const char src[] = "ab\xc3\xa9\x1b\\z";
	static const char *const expected[] = { NULL, "", ".", "..", "...",
		"a...", "ab...", "ab...", "ab\xc3\xa9...", "ab\xc3\xa9...",
		"ab\xc3\xa9...", "ab\xc3\xa9..." };
	char dst[16];
	size_t size;

	(void)state;
	memset(dst, '#', sizeof(dst));
	path_escape(dst, 0, src, sizeof(src) - 1);
	assert_int_equal(dst[0], '#');
	for (size = 1; size < 12; size++) {
		memset(dst, '#', sizeof(dst));
		path_escape(dst, size, src, sizeof(src) - 1);
		assert_string_equal(dst, expected[size]);
		assert_int_equal(dst[size], '#');
	}
	path_escape(dst, 12, src, sizeof(src) - 1);
	assert_string_equal(dst, "ab\xc3\xa9\\x1b\\\\z");
	path_escape(dst, 12, "ab\xc3\xa9\x1b\\yz", 8);
	assert_string_equal(dst, "ab\xc3\xa9\\x1b...");
	path_escape(dst, 4, "abc", 3); /* just fits: no dots */
	assert_string_equal(dst, "abc");
}

static void
utf8(void **state)
{
	(void)state;
	assert_true(path_utf8_ok("", 0));
	assert_true(path_utf8_ok("a\0b\n", 4));
	assert_true(path_utf8_ok("\xf4\x8f\xbf\xbf", 4));
	assert_true(path_utf8_ok("\xed\x9f\xbf\xee\x80\x80", 6));
	assert_false(path_utf8_ok("a\xc3", 2));
	assert_false(path_utf8_ok("\xf8\x88\x80\x80\x80", 5));
	assert_false(path_utf8_ok("\xe2\x82", 2));
	assert_false(path_utf8_ok("\xc1\xbf", 2));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(components),
		cmocka_unit_test(relative),
		cmocka_unit_test(joins),
		cmocka_unit_test(parts),
		cmocka_unit_test(escapes),
		cmocka_unit_test(cuts),
		cmocka_unit_test(utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
