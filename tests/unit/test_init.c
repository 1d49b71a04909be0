/* init: an address as people type it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/init_parts.h"

/* What comes of it; user and folder that are missing are `u' and `f'. */
static void
expect(const char *typed, const char *url)
{
	struct init_address a;
	struct ferry_error err;
	char got[INIT_URL];

	assert_true(init_address_parse(&a, typed, &err));
	if ((a.missing & INIT_NO_USER) != 0)
		assert_true(init_address_set_user(&a, "u"));
	if ((a.missing & INIT_NO_FOLDER) != 0)
		assert_true(init_address_set_folder(&a, "f"));
	assert_true(init_address_print(got, &a, &err));
	assert_string_equal(got, url);
}

static void
becomes_a_url(void **state)
{
	(void)state;
	expect("me@example.org", "sftp://me@example.org/~/f");
	expect("example.org", "sftp://u@example.org/~/f");
	expect("example.org:", "sftp://u@example.org/~/f");
	expect("me@example.org:/var/www", "sftp://me@example.org/var/www");
	expect("me@example.org:www/a b", "sftp://me@example.org/~/www/a%20b");
	expect("me@example.org:~/www", "sftp://me@example.org/~/www");
	expect("me@example.org:~", "sftp://me@example.org/~/");
	expect("me@example.org/srv", "sftp://me@example.org/srv");
	expect("example.org:2222", "sftp://u@example.org:2222/~/f");
	expect("me@example.org:2222/srv", "sftp://me@example.org:2222/srv");
	expect("me@example.org:22w", "sftp://me@example.org/~/22w");
	expect("me@[::1]:2222/srv", "sftp://me@[::1]:2222/srv");
	expect("me@[::1]:www", "sftp://me@[::1]/~/www");
	expect(
	    "me@site.org@example.org:/w", "sftp://me%40site.org@example.org/w");
	expect("example.org:/a@b", "sftp://u@example.org/a%40b");
	expect("ftp.example.org", "ftp://u@ftp.example.org/~/f");
	expect("me@FTP.example.org:/", "ftp://me@FTP.example.org/");
	expect("me@example.org:21/w", "ftp://me@example.org:21/w");
	expect("me@example.org:990/w", "ftps://me@example.org:990/w");
	expect("sftp://me@example.org/~/w", "sftp://me@example.org/~/w");
	expect("ssh://me@example.org:2222", "sftp://me@example.org:2222/~/f");
	expect("ftps://example.org/a%20b", "ftps://u@example.org/a%20b");
	expect("/", "file:///");
	expect("file:///tmp", "file:///tmp");
}

static void
refuse(const char *typed, const char *words)
{
	struct init_address a;
	struct ferry_error err = { 0 };
	char got[INIT_URL];

	assert_false(init_address_parse(&a, typed, &err) &&
	    (a.missing != 0 || init_address_print(got, &a, &err)));
	assert_non_null(strstr(err.text, words));
}

static void
is_refused(void **state)
{
	char *longer = malloc(8001);

	(void)state;
	assert_non_null(longer);
	memset(longer, 'a', 8000);
	longer[8000] = '\0';
	refuse(longer, "too long");
	memcpy(longer, "sftp://", 7);
	refuse(longer, "too long");
	memcpy(longer, "me@ho:", 6);
	longer[6] = '/';
	refuse(longer, "too long");
	free(longer);
	refuse("https://example.org/", "visitors");
	refuse("gopher://a@b/c", "unknown scheme");
	refuse("my own server", "more than one word");
	refuse("/no/such/folder", "No such file");
	refuse("sftp://me:secret@example.org/w", "password");
	refuse("me@exa mple.org:/w", "blank");
	refuse("me@example.org:../w", "`..'");
}

static void
folders_are_read_back(void **state)
{
	char path[PATH_MAX];

	(void)state;
	assert_string_equal(
	    init_address_folder(path, "file:///a%20b%25/c"), "/a b%/c");
	assert_string_equal(
	    init_address_folder(path, "file://localhost/a"), "/a");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(becomes_a_url),
		cmocka_unit_test(is_refused),
		cmocka_unit_test(folders_are_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
