/* Patterns with gitignore's meaning, one rule of the manual at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/glob.h"

/* Is path (a folder when it ends in '/') excluded by these lines? */
static bool
excluded(const char *lines, const char *path)
{
	struct glob_list l;
	char *text = strdup(lines), *name = strdup(path), *rest = NULL, *line;
	size_t n = strlen(path);
	bool is_dir = path[n - 1] == '/', ret;

	assert_non_null(text);
	assert_non_null(name);
	if (is_dir)
		name[n - 1] = '\0';
	glob_init(&l);
	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		assert_true(glob_add(&l, line));
	ret = glob_match(&l, name, is_dir);
	glob_free(&l);
	free(text);
	free(name);
	return ret;
}

static void
plain_names(void **state)
{
	(void)state;
	assert_false(excluded("", "a"));
	assert_true(excluded("a", "a"));
	assert_true(excluded("a", "x/y/a"));
	assert_true(excluded("a", "x/a/"));
	assert_false(excluded("a", "a/b"));
	assert_false(excluded("a", "ab"));
	assert_false(excluded("a", "A"));
	assert_true(excluded("\xc3\xa9.html", "x/\xc3\xa9.html"));
}

static void
last_match_decides(void **state)
{
	(void)state;
	assert_false(excluded("*.log\n!keep.log", "keep.log"));
	assert_true(excluded("!keep.log\n*.log", "keep.log"));
	assert_true(excluded("*.log\n!keep.log\nkeep.*", "keep.log"));
	assert_false(excluded("!a", "a"));
}

static void
comments_and_spaces(void **state)
{
	(void)state;
	assert_false(excluded("#a", "#a"));
	assert_true(excluded("\\#a", "#a"));
	assert_true(excluded("\\!a", "!a"));
	assert_true(excluded("a  ", "a"));
	assert_true(excluded("a\\ ", "a "));
	assert_true(excluded("a\\  ", "a "));
	assert_true(excluded(" a", " a"));
	assert_true(excluded("a b", "a b"));
	assert_false(excluded("   ", "   "));
	assert_false(excluded("!", "!"));
	assert_false(excluded("/", "a/"));
	assert_false(excluded("a\\", "a"));
	assert_false(excluded("a\\", "a\\"));
}

static void
slashes(void **state)
{
	(void)state;
	assert_true(excluded("a/", "a/"));
	assert_true(excluded("a/", "x/a/"));
	assert_false(excluded("a/", "a"));
	assert_true(excluded("/a", "a"));
	assert_false(excluded("/a", "x/a"));
	assert_true(excluded("a/b", "a/b"));
	assert_false(excluded("a/b", "x/a/b"));
	assert_true(excluded("/a/b/", "a/b/"));
	assert_false(excluded("a//b", "a/b"));
}

static void
wildcards(void **state)
{
	(void)state;
	assert_true(excluded("*", "a/b"));
	assert_true(excluded("*.o", "a/b.o"));
	assert_true(excluded("a*b*c", "aXbYbZc"));
	assert_false(excluded("a*b*c", "aXbYbZ"));
	assert_true(excluded("a?c", "abc"));
	assert_false(excluded("a?c", "ac"));
	assert_true(excluded("/a/*", "a/b"));
	assert_false(excluded("/a/*", "a/b/c"));
	assert_false(excluded("a/?b", "a//b"));
	assert_true(excluded("/*/b", "a/b"));
	assert_true(excluded("\\*", "*"));
	assert_false(excluded("\\*", "a"));
}

static void
double_stars(void **state)
{
	(void)state;
	assert_true(excluded("**/b", "b"));
	assert_true(excluded("**/b", "a/c/b"));
	assert_true(excluded("a/**", "a/b/c"));
	assert_false(excluded("a/**", "a/"));
	assert_true(excluded("a/**/b", "a/b"));
	assert_true(excluded("a/**/b", "a/x/y/b"));
	assert_false(excluded("a/**/b", "a/xb"));
	assert_true(excluded("**/a/**/b", "x/a/a/y/b"));
	assert_true(excluded("a/**/b*/**/c", "a/b/b1/x/c"));
	assert_true(excluded("**\\/c", "a/b/c"));
	assert_false(excluded("*\\/c", "a/b/c"));
	assert_false(excluded("a/b**c", "a/bx/c"));
	assert_true(excluded("foo**/bar", "fooa/b/bar")); /* as git does */
}

static void
brackets(void **state)
{
	(void)state;
	assert_true(excluded("[ab]c", "bc"));
	assert_true(excluded("[!ab]c", "cc"));
	assert_true(excluded("[^ab]c", "cc"));
	assert_false(excluded("[!ab]c", "ac"));
	assert_true(excluded("[a-c]", "b"));
	assert_false(excluded("[a-c]", "-"));
	assert_true(excluded("[a-]", "-"));
	assert_true(excluded("[-a]", "-"));
	assert_true(excluded("[]a]", "]"));
	assert_true(excluded("[a-b-z]", "-"));
	assert_false(excluded("[a-b-z]", "c"));
	assert_true(excluded("[\\]]", "]"));
	assert_true(excluded("[[:digit:]x]", "7"));
	assert_true(excluded("[[:upper:]]", "Q"));
	assert_false(excluded("[[:nope:]a]", "a"));
	assert_false(excluded("a[", "a["));
	assert_false(excluded("[!a", "b"));
	assert_false(excluded("[!\\", "b"));
	assert_false(excluded("a[!b]c/d", "a/c/d"));
}

/* A pattern that makes a recursive matcher run until the sun goes out. */
static void
takes_no_time(void **state)
{
	char text[256] = "", pattern[256] = "";
	int i;

	(void)state;
	for (i = 0; i < 30; i++) {
		strcat(text, "aaaaaa/");
		strcat(pattern, "**/*a*");
	}
	strcat(text, "b");
	strcat(pattern, "/c");
	assert_false(excluded(pattern, text));
	memset(text, 'a', 200);
	assert_false(glob_simple("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*ab", text));
}

static void
simple(void **state)
{
	(void)state;
	assert_true(glob_simple("*", ""));
	assert_true(glob_simple("", ""));
	assert_false(glob_simple("", "a"));
	assert_false(glob_simple("?", ""));
	assert_true(glob_simple("**", "a/b"));
	assert_true(glob_simple("*.example.org", "a.b.example.org"));
	assert_false(glob_simple("*.example.org", "example.org"));
	assert_true(glob_simple("a*/c", "ab/b/c"));
	assert_true(glob_simple("[0-9]*", "4a"));
}

static void
many_patterns(void **state)
{
	struct glob_list l;
	char pattern[16];
	int i;

	(void)state;
	glob_init(&l);
	for (i = 0; i < 100; i++) {
		snprintf(pattern, sizeof(pattern), "n%d", i);
		assert_true(glob_add(&l, pattern));
	}
	assert_int_equal(l.count, 100);
	assert_true(glob_match(&l, "n0", false));
	assert_true(glob_match(&l, "d/n99", false));
	assert_false(glob_match(&l, "n100", false));
	glob_free(&l);
	assert_false(glob_match(&l, "n0", false));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_names),
		cmocka_unit_test(last_match_decides),
		cmocka_unit_test(comments_and_spaces),
		cmocka_unit_test(slashes),
		cmocka_unit_test(wildcards),
		cmocka_unit_test(double_stars),
		cmocka_unit_test(brackets),
		cmocka_unit_test(takes_no_time),
		cmocka_unit_test(simple),
		cmocka_unit_test(many_patterns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
