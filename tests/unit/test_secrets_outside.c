/*
 * test_secrets_outside: the process that starts programs keeps to its list, and
 * goes when it is told to.
 */
#include "auth/secrets_outside.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "auth/secrets_child.h"

static char *const fixed[] = { "echo", "sesame", NULL };
static char *const asking[] = { "echo", "-n", NULL };
static char *const reading[] = { "cat", NULL };
static const struct secrets_program programs[] = {
	{ fixed, false },
	{ asking, true },
	{ reading, false },
};

static int
setup(void **state)
{
	struct secrets_outside *o;

	if (secrets_outside_start(&o, programs, 3, -1, NULL) != 0)
		return -1;
	*state = o;
	return 0;
}

static int
teardown(void **state)
{
	secrets_outside_end(*state);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	return 0;
}

static int
run(struct secret **out, const struct secrets_outside *o, char *const argv[],
    const struct secret *input, struct ferry_error *err)
{
	const struct secrets_child c = { .name = "it",
		.argv = argv,
		.input = input,
		.timeout_ms = 20000,
		.cancel_fd = -1,
		.max = 64,
		.outside = o };

	return secrets_child_run(out, &c, err);
}

static void
gives(const struct secrets_outside *o, char *const argv[], const char *expected)
{
	struct ferry_error err = { 0 };
	struct secret *got;

	if (run(&got, o, argv, NULL, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(got->len, strlen(expected));
	assert_memory_equal(got->data, expected, got->len);
	secret_free(got);
}

static void
refuses(const struct secrets_outside *o, char *const argv[])
{
	struct ferry_error err = { 0 };
	struct secret *got;

	assert_int_equal(run(&got, o, argv, NULL, &err), -ferry_EPOLICY);
	assert_null(got);
	assert_string_equal(err.id, "secret_program");
}

static void
starts_what_is_listed(void **state)
{
	char *const word[] = { "echo", "-n", "a $b \"c\"", NULL };

	gives(*state, fixed, "sesame\n");
	gives(*state, asking, "");
	gives(*state, word, "a $b \"c\"");
	gives(*state, fixed, "sesame\n");
}

static void
starts_nothing_else(void **state)
{
	char *const other[] = { "sh", NULL };
	char *const less[] = { "echo", NULL };
	char *const more[] = { "echo", "sesame", "open", NULL };
	char *const two[] = { "echo", "-n", "a", "b", NULL };
	char *const none[] = { NULL };
	struct secret *got;

	refuses(*state, other);
	refuses(*state, less);
	refuses(*state, more);
	refuses(*state, two);
	assert_int_equal(run(&got, *state, none, NULL, NULL), -ferry_EINTERNAL);
	gives(*state, fixed, "sesame\n");
}

static void
passes_input_on(void **state)
{
	struct secret *input = secret_copy("in\0put", 6), *got;

	assert_int_equal(run(&got, *state, reading, input, NULL), 0);
	assert_int_equal(got->len, 6);
	assert_memory_equal(got->data, "in\0put", 6);
	secret_free(got);
	secret_free(input);
}

/* In the same words as when nobody is between. */
static void
says_what_failed(void **state)
{
	static char *const fails[] = { "false", NULL };
	static const struct secrets_program program = { fails, false };
	struct ferry_error err = { 0 }, here = { 0 };
	struct secrets_outside *o;
	struct secret *got;

	(void)state;
	assert_int_equal(secrets_outside_start(&o, &program, 1, -1, NULL), 0);
	assert_int_equal(run(&got, o, fails, NULL, &err), -ferry_ESECRET);
	assert_int_equal(run(&got, NULL, fails, NULL, &here), -ferry_ESECRET);
	assert_string_equal(err.text, here.text);
	assert_string_equal(err.id, here.id);
	secrets_outside_end(o);
	secrets_outside_end(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    starts_what_is_listed, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    starts_nothing_else, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    passes_input_on, setup, teardown),
		cmocka_unit_test(says_what_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
