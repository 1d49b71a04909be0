/*
 * Goal: reading the selected key file neither waits nor takes what is no file,
 * and says when other accounts may read it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/limits.h"
#include "tests/unit/keygen.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static int
read_it(const char *dir, const char *name, struct secret **out,
    unsigned *worries, struct ferry_error *err)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return key_read_file(out, worries, path, err);
}

static void
test_whole(void **state)
{
	struct ferry_error err;
	struct secret *s;

	keygen_run(*state,
	    "printf 'key\\n' >key; chmod 600 key; "
	    "ln -s key link; head -c %d /dev/zero >largest",
	    LIMIT_KEY_FILE);
	assert_int_equal(read_it(*state, "key", &s, NULL, &err), 0);
	assert_string_equal((char *)s->data, "key");
	secret_free(s);
	assert_int_equal(read_it(*state, "link", &s, NULL, &err), 0);
	secret_free(s);
	assert_int_equal(read_it(*state, "largest", &s, NULL, &err), 0);
	assert_int_equal(s->len, LIMIT_KEY_FILE);
	secret_free(s);
}

static void
test_exposed(void **state)
{
	static const struct {
		const char *mode;
		bool exposed;
	} cases[] = { { "600", false }, { "400", false }, { "700", false },
		{ "644", true }, { "640", true }, { "604", true },
		{ "620", true }, { "602", true } };
	struct ferry_error err;

	for (size_t i = 0; i < COUNT(cases); i++) {
		unsigned worries = 99;
		struct secret *s;

		keygen_run(*state, "chmod %s key", cases[i].mode);
		assert_int_equal(read_it(*state, "key", &s, &worries, &err), 0);
		assert_int_equal(worries, cases[i].exposed ? KEY_EXPOSED : 0);
		secret_free(s);
	}
}

static void
test_no_file(void **state)
{
	static const struct {
		const char *name, *id;
	} cases[] = { { "missing", "key_missing" }, { "key/x", "key_missing" },
		{ "dangling", "key_missing" }, { "loop", "key_unreadable" },
		{ "folder", "key_not_file" }, { "fifo", "key_not_file" },
		{ "null", "key_not_file" }, { "socket", "key_not_file" },
		{ "giant", "key_too_large" }, { "large", "key_too_large" },
		{ "closed", "key_unreadable" } };
	struct ferry_error err;

	keygen_run(*state,
	    "mkdir folder; mkfifo fifo; ln -s /dev/null null; "
	    "ln -s loop loop; ln -s nowhere dangling; "
	    "truncate -s 1G giant; touch closed; "
	    "chmod 0 closed; head -c %d /dev/zero >large; "
	    "perl -e 'use IO::Socket::UNIX; "
	    "IO::Socket::UNIX->new(Local=>\"socket\","
	    "Listen=>1) or die'",
	    LIMIT_KEY_FILE + 1);
	alarm(20);
	for (size_t i = 0; i < COUNT(cases); i++) {
		unsigned worries = 99;
		struct secret *s = (struct secret *)&err;
		int rc;

		if (strcmp(cases[i].name, "closed") == 0 && getuid() == 0)
			continue;
		rc = read_it(*state, cases[i].name, &s, &worries, &err);
		assert_int_equal(rc, -ferry_EKEY);
		assert_string_equal(err.id, cases[i].id);
		assert_true(err.hint[0] != '\0');
		assert_null(s);
		assert_int_equal(worries, 0);
		assert_non_null(strstr(err.text, cases[i].name));
	}
	alarm(0);
}

/* A key of another account; the system's own is none to worry about. */
static void
test_foreign(void **state)
{
	struct ferry_error err;
	unsigned worries;
	struct secret *s;

	if (getuid() != 0)
		skip(); /* nobody else can give files away */
	keygen_run(*state, "chmod 600 key; chown 54321 key");
	assert_int_equal(read_it(*state, "key", &s, &worries, &err), 0);
	assert_int_equal(worries, KEY_FOREIGN);
	secret_free(s);
	keygen_run(*state, "chmod 640 key");
	assert_int_equal(read_it(*state, "key", &s, &worries, &err), 0);
	assert_int_equal(worries, KEY_FOREIGN | KEY_EXPOSED);
	secret_free(s);
	keygen_run(*state, "chown root key; chmod 600 key");
	assert_int_equal(read_it(*state, "key", &s, &worries, &err), 0);
	assert_int_equal(worries, 0);
	secret_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_exposed),
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_no_file),
	};

	return cmocka_run_group_tests(tests, keygen_setup, keygen_teardown);
}
