/* What is added to a hint where a sandbox may hide a path. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/err.h"
#include "publish/reach.h"

static const struct outer podman = { .kind = OUTER_CONTAINER,
	.name = "podman" };

static void
says(const char *before, bool write, const char *after)
{
	struct ferry_error err;

	err_set(&err, ferry_EUSAGE, "x", "there is no folder");
	err_hint(&err, "%s", before);
	if (write)
		reach_hint_to_write(&err, &podman, "/www");
	else
		reach_hint(&err, &podman, "/www");
	assert_string_equal(err.hint, after);
}

#define RUN "This container holds its own files: podman run -v /www:/www"

static void
joins_sentences(void **state)
{
	(void)state;
	says("", false, RUN ":ro");
	says("Make it.", false, "Make it.  " RUN ":ro");
	says("Try: mkdir", false, "Try: mkdir.  " RUN ":ro");
	says("Is its disk not there?", true, "Is its disk not there?  " RUN);
}

static void
leaves_a_long_one(void **state)
{
	char before[sizeof(((struct ferry_error *)NULL)->hint)];

	(void)state;
	memset(before, 'a', sizeof(before) - 1);
	before[sizeof(before) - 1] = '\0';
	says(before, true, before);
	before[sizeof(before) - 40] = '\0';
	says(before, true, before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(joins_sentences),
		cmocka_unit_test(leaves_a_long_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
