/* Names of releases: each number has one, and nothing else is one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "publish/releases.h"

static void
names_and_numbers(void **state)
{
	static const struct {
		uint64_t number;
		const char *name;
	} good[] = {
		{ 1, "releases/000001" },
		{ 999999, "releases/999999" },
		{ 1000000, "releases/1000000" },
		{ 20251122101112, "releases/20251122101112" },
		{ LEDGER_RELEASE_MAX, "releases/999999999999999" },
	};
	char name[FAR_RELEASE_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		releases_name(name, good[i].number);
		assert_string_equal(name, good[i].name);
		assert_true(releases_number(name) == good[i].number);
	}
}

static void
nothing_else(void **state)
{
	static const char *const bad[] = { "", "releases", "releases/",
		"releases/000000", "releases/1", "releases/0000001",
		"releases/000001/", "releases/000001/..", "releases/-00001",
		"releases/00001a", " releases/000001", "releases//000001",
		"./releases/000001", "/releases/000001", "releases/../000001",
		"releases/1000000000000000", "releases/18446744073709551617",
		"releases/99999999999999999999999999999999999999" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_true(releases_number(bad[i]) == 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_numbers),
		cmocka_unit_test(nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
