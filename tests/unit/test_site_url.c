/* The url of a site: what is taken, in which spelling, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "publish/site.h"

static void
taken(void **state)
{
	static const struct {
		const char *in, *user, *host;
		unsigned port;
		const char *path, *text;
	} cases[] = {
		{ "sftp://u@h/x", "u", "h", 22, "/x", "sftp://u@h/x" },
		{ "SFTP://U@H.Example:22/x/", "U", "h.example", 22, "/x",
		    "sftp://U@h.example/x" },
		{ "sftp://u@h:2222//a/./b//", "u", "h", 2222, "/a/b",
		    "sftp://u@h:2222/a/b" },
		{ "sftp://u@h/", "u", "h", 22, "/", "sftp://u@h/" },
		{ "sftp://u@h/~", "u", "h", 22, ".", "sftp://u@h/~/" },
		{ "sftp://u@h/~/", "u", "h", 22, ".", "sftp://u@h/~/" },
		{ "sftp://u@h/~/a/b/", "u", "h", 22, "a/b",
		    "sftp://u@h/~/a/b" },
		{ "sftp://u@h/%7E/a", "u", "h", 22, "a", "sftp://u@h/~/a" },
		{ "sftp://u@h/~bob/a", "u", "h", 22, "/~bob/a",
		    "sftp://u@h/~bob/a" },
		{ "sftp://u@h/x/~/a", "u", "h", 22, "/x/~/a",
		    "sftp://u@h/x/~/a" },
		{ "sftp://h/x", NULL, "h", 22, "/x", "sftp://h/x" },
		{ "sftp://a@b.c@h/x", "a@b.c", "h", 22, "/x",
		    "sftp://a@b.c@h/x" },
		{ "sftp://a%40b%3a@h/x", "a@b:", "h", 22, "/x",
		    "sftp://a@b%3A@h/x" },
		/* else it would read like h, with another path */
		{ "sftp://u%40h%2Fx@evil/y", "u@h/x", "evil", 22, "/y",
		    "sftp://u@h%2Fx@evil/y" },
		{ "sftp://u@h/x@evil/y", "u", "h", 22, "/x@evil/y",
		    "sftp://u@h/x@evil/y" },
		{ "sftp://u@[::1]:2222/x", "u", "::1", 2222, "/x",
		    "sftp://u@[::1]:2222/x" },
		{ "sftp://u@[fe80::1%25eth0]/x", "u", "fe80::1%eth0", 22, "/x",
		    "sftp://u@[fe80::1%25eth0]/x" },
		{ "sftp://u@192.0.2.1/x", "u", "192.0.2.1", 22, "/x",
		    "sftp://u@192.0.2.1/x" },
		{ "sftp://u@h/a%20b%23%3F%25%5B", "u", "h", 22, "/a b#?%[",
		    "sftp://u@h/a%20b%23%3F%25%5B" },
		{ "sftp://u@h/\xc3\xa9", "u", "h", 22, "/\xc3\xa9",
		    "sftp://u@h/%C3%A9" },
		{ "ftp://u@h/x", "u", "h", 21, "/x", "ftp://u@h/x" },
		{ "file:///a/~/b", NULL, "", 0, "/a/~/b", "file:///a/~/b" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct site_url u, again;
		struct ferry_error e;

		if (site_parse_url(&u, cases[i].in, &e) != 0)
			fail_msg("%s: %s", cases[i].in, e.text);
		if (cases[i].user != NULL)
			assert_string_equal(u.user, cases[i].user);
		else
			assert_null(u.user);
		assert_string_equal(u.host, cases[i].host);
		assert_int_equal(u.port, cases[i].port);
		assert_string_equal(u.path, cases[i].path);
		assert_string_equal(u.text, cases[i].text);

		/* the canonical text means the same, and stays as it is */
		assert_int_equal(site_parse_url(&again, u.text, &e), 0);
		if (u.user != NULL)
			assert_string_equal(again.user, u.user);
		assert_string_equal(again.host, u.host);
		assert_string_equal(again.path, u.path);
		assert_string_equal(again.text, u.text);
		site_free_url(&again);
		site_free_url(&u);
	}
}

static void
refused(void **state)
{
	static const struct {
		const char *in, *words;
	} cases[] = {
		{ "", "no scheme" },
		{ "u@h:x", "no scheme" },
		{ "://h/x", "scheme" },
		{ "sfpt://u@h/x", "unknown scheme" },
		{ "ssh://u@h/x", "unknown scheme" },
		{ "abcdefghijklmnopqrstuvw://h/", "scheme" },
		{ "sftp://u@h", "no folder" },
		{ "sftp://u@/x", "no host" },
		{ "sftp:///x", "no host" },
		{ "sftp://@h/x", "empty user" },
		{ "sftp://u@h:/x", "port" },
		{ "sftp://u@h:0/x", "port" },
		{ "sftp://u@h:65536/x", "port" },
		{ "sftp://u@h:99999999999999999999/x", "port" },
		{ "sftp://u@h:2x/x", "port" },
		{ "sftp://u@h:-1/x", "port" },
		{ "sftp://u@::1/x", "more than one" },
		{ "sftp://u@[::1/x", "without a `]'" },
		{ "sftp://u@[::g]/x", "IPv6" },
		{ "sftp://u@[127.0.0.1]/x", "IPv6" },
		{ "sftp://u@[::1%25]/x", "IPv6" },
		{ "sftp://u@[::1%25a%2f]/x", "IPv6" },
		{ "sftp://u@[::1]x/x", "strangely" },
		{ "sftp://u@-oProxyCommand=x/x", "host name" },
		{ "sftp://u@-h/x", "host name" },
		{ "sftp://u@h\xc3\xa9/x", "not ASCII" },
		{ "sftp://u@h%2fx/x", "host name" },
		{ "sftp://u@h/a/../b", "`..'" },
		{ "sftp://u@h/%2e%2e/b", "`..'" },
		{ "sftp://u@h/..", "`..'" },
		{ "sftp://u@h/~/..", "`..'" },
		{ "sftp://u@h/%00", "control" },
		{ "sftp://u@h/%0a", "control" },
		{ "sftp://u@h/\n", "control" },
		{ "sftp://u%00@h/x", "control" },
		{ "sftp://u@h/%", "`%'" },
		{ "sftp://u@h/%4", "`%'" },
		{ "sftp://u@h/%zz", "`%'" },
		{ "sftp://u@h/a b", "blank" },
		{ "sftp://u@h/a?b", "blank" },
		{ "sftp://u@h/a#b", "blank" },
		{ "file://h/x", "host" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct site_url u;
		struct ferry_error e;

		if (site_parse_url(&u, cases[i].in, &e) != -ferry_EUSAGE)
			fail_msg("%s was taken", cases[i].in);
		if (strstr(e.text, cases[i].words) == NULL)
			fail_msg("%s: %s", cases[i].in, e.text);
		if (e.hint[0] == '\0')
			fail_msg("%s: no hint", cases[i].in);
		assert_null(u.user);
		assert_null(u.host);
		assert_null(u.path);
		assert_null(u.text);
	}
}

/* A password is refused, and no part of it is repeated. */
static void
passwords(void **state)
{
	static const char *const urls[] = {
		"sftp://u:hunter2@h/x",
		"sftp://u:@h/x",
		"sftp://u:hunter2@x@h/x",
		"sftp://u:hunter2/y@h/x",
		"sftp://u:hunter2%40@h/x",
		"sftp://:hunter2@h/x",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct site_url u;
		struct ferry_error e;

		assert_int_equal(
		    site_parse_url(&u, urls[i], &e), -ferry_EUSAGE);
		if (strstr(e.text, "password") == NULL)
			fail_msg("%s: %s", urls[i], e.text);
		assert_null(strstr(e.text, "hunter"));
		assert_null(strstr(e.hint, "hunter"));
	}
}

static void
suggestions(void **state)
{
	struct site_url u;
	struct ferry_error e;

	(void)state;
	site_parse_url(&u, "sfpt://u@h/x", &e);
	assert_string_equal(e.hint, "Did you mean sftp:// ?");
	site_parse_url(&u, "ssh://u@h/x", &e);
	assert_string_equal(e.hint, "Did you mean sftp:// ?");
	site_parse_url(&u, "http://u@h/x", &e);
	assert_non_null(strstr(e.hint, "sftp://user@host/path"));
	site_parse_url(&u, "u@h:x", &e);
	assert_non_null(strstr(e.hint, "/~/"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(taken),
		cmocka_unit_test(refused),
		cmocka_unit_test(passwords),
		cmocka_unit_test(suggestions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
