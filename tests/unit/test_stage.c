/* The names under which files wait in the stage folder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "publish/stage.h"

static void
names_say_what_is_in_them(void **state)
{
	struct digest d;
	char name[STAGE_NAME_SIZE];

	(void)state;
	hash_bytes("", 0, &d);
	stage_name(name, &d, 0);
	assert_string_equal(name,
	    "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855");
	stage_name(name, &d, 12);
	assert_string_equal(name + 64, ".12");
	stage_name(name, &d, UINT32_MAX);
	assert_string_equal(name + 64, ".4294967295");
}

/* The order of the ledger's puts decides, not that of the digests. */
static void
equal_files_are_numbered_in_order(void **state)
{
	struct tree_file files[6];
	const struct tree_file *list[6];
	unsigned copies[6], i;

	(void)state;
	memset(files, 0, sizeof(files));
	for (i = 0; i < 6; i++) {
		hash_bytes(i % 2 ? "odd" : "even", 3, &files[i].digest);
		list[i] = &files[i];
	}
	hash_bytes("single", 6, &files[4].digest);
	assert_true(stage_number(list, 6, copies));
	assert_int_equal(copies[0], 0);
	assert_int_equal(copies[1], 0);
	assert_int_equal(copies[2], 1);
	assert_int_equal(copies[3], 1);
	assert_int_equal(copies[4], 0);
	assert_int_equal(copies[5], 2);
	assert_true(stage_number(list, 0, copies));
}

static void
only_puts_are_numbered(void **state)
{
	struct tree_file same = { .path = "x" };
	struct plan_step steps[] = {
		{ .kind = PLAN_MKDIR, .path = "d" },
		{ .kind = PLAN_PUT, .path = "d/a", .local = &same },
		{ .kind = PLAN_REMOVE, .path = "b" },
		{ .kind = PLAN_PUT, .path = "d/c", .local = &same },
	};
	struct plan plan = { .steps = steps, .count = 4 };
	unsigned *copies = stage_plan(&plan);

	(void)state;
	assert_non_null(copies);
	assert_int_equal(copies[1], 0);
	assert_int_equal(copies[3], 1);
	free(copies);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_say_what_is_in_them),
		cmocka_unit_test(equal_files_are_numbered_in_order),
		cmocka_unit_test(only_puts_are_numbered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
