/* The sorted list of files: order, doubles, what lies below a folder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "publish/tree.h"

static void
add(struct tree *t, const char *path, uint64_t size)
{
	struct tree_file *f = tree_add(t, path);

	assert_non_null(f);
	f->size = size;
}

static void
empty(void **state)
{
	struct tree t;

	(void)state;
	tree_init(&t);
	tree_seal(&t);
	assert_int_equal(t.count, 0);
	assert_null(tree_find(&t, "a"));
	assert_false(tree_has_below(&t, ""));
	assert_false(tree_has_below(&t, "a"));
	tree_free(&t);
	tree_free(&t);
}

static void
sorted_by_bytes(void **state)
{
	static const char *const in[] = { "b", "a/z", "a.b", "a", "\xc3\xa9",
		"B", "a/b/c", "a-b" };
	static const char *const out[] = { "B", "a", "a-b", "a.b", "a/b/c",
		"a/z", "b", "\xc3\xa9" };
	struct tree t;

	(void)state;
	tree_init(&t);
	for (size_t i = 0; i < 8; i++)
		add(&t, in[i], i);
	tree_seal(&t);
	assert_int_equal(t.count, 8);
	assert_int_equal(t.bytes, 28);
	for (size_t i = 0; i < 8; i++) {
		assert_string_equal(t.files[i].path, out[i]);
		assert_ptr_equal(tree_find(&t, out[i]), &t.files[i]);
	}
	assert_null(tree_find(&t, "a/b"));
	assert_null(tree_find(&t, ""));
	tree_free(&t);
}

static void
last_of_doubles_stays(void **state)
{
	struct tree t;
	char path[8];

	(void)state;
	tree_init(&t);
	for (uint64_t i = 0; i < 1000; i++) {
		snprintf(path, sizeof(path), "p%d", (int)(i % 10));
		add(&t, path, i);
	}
	tree_seal(&t);
	assert_int_equal(t.count, 10);
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(t.files[i].size, 990 + i);
	assert_int_equal(t.bytes, 9945);

	/* sealed again after more was added: the same rule */
	add(&t, "p3", 7);
	add(&t, "p", 1);
	tree_seal(&t);
	assert_int_equal(t.count, 11);
	assert_int_equal(tree_find(&t, "p3")->size, 7);
	tree_free(&t);
}

static void
below_a_folder(void **state)
{
	struct tree t;

	(void)state;
	tree_init(&t);
	add(&t, "a", 1);
	add(&t, "a.html", 1);
	add(&t, "b-c", 1);
	add(&t, "b/x/y", 1);
	add(&t, "b0", 1);
	tree_seal(&t);
	assert_true(tree_has_below(&t, ""));
	assert_false(tree_has_below(&t, "a"));
	assert_true(tree_has_below(&t, "b"));
	assert_true(tree_has_below(&t, "b/x"));
	assert_false(tree_has_below(&t, "b/x/y"));
	assert_false(tree_has_below(&t, "b/"));
	assert_false(tree_has_below(&t, "B"));
	assert_false(tree_has_below(&t, "c"));
	tree_free(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty),
		cmocka_unit_test(sorted_by_bytes),
		cmocka_unit_test(last_of_doubles_stays),
		cmocka_unit_test(below_a_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
