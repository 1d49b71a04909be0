/* The access file of a job: which one it is, and what comes before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "publish/allowed.h"
#include "publish/places.h"

static char file[64];

static struct access *
loaded(const char *text, struct ferry_error *e)
{
	struct ferry_options o;
	struct access *a;
	int fd;

	strcpy(file, "/tmp/test-allowed-XXXXXX");
	fd = mkstemp(file);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	ferry_options_init(&o);
	o.access_file = file;
	if (allowed_load(&a, &o, e) != 0)
		assert_null(a);
	unlink(file);
	return a;
}

/* What becomes of these options; each may be NULL. */
static void
check(const char *text, const char *fallback, const char *system,
    const char *want_fallback, const char *want_system)
{
	struct ferry_options o;
	struct ferry_error e;
	struct access *a = loaded(text, &e);

	if (a == NULL)
		fail_msg("%s", e.text);
	ferry_options_init(&o);
	o.fallback_known_hosts = fallback != NULL ? strdup(fallback) : NULL;
	o.system_known_hosts = system != NULL ? strdup(system) : NULL;
	assert_int_equal(allowed_apply(&o, a, &e), 0);
	if (want_fallback != NULL)
		assert_string_equal(o.fallback_known_hosts, want_fallback);
	else
		assert_null(o.fallback_known_hosts);
	if (want_system != NULL)
		assert_string_equal(o.system_known_hosts, want_system);
	else
		assert_null(o.system_known_hosts);
	free((char *)o.fallback_known_hosts);
	free((char *)o.system_known_hosts);
	access_free(a);
}

static void
options_come_first(void **state)
{
	static const char text[] =
	    "fallback-known-hosts = /f\nsystem-known-hosts = yes\n";

	(void)state;
	check("", NULL, NULL, NULL, NULL);
	check("", "/x", "/s", "/x", "/s");
	check("", "none", "none", "none", NULL);
	check(text, NULL, NULL, "/f", ALLOWED_SYSTEM_KNOWN_HOSTS);
	check(text, "/x", "/s", "/x", "/s");
	check(text, "none", "none", "none", NULL);
	check("system-known-hosts = no\n", NULL, NULL, NULL, NULL);
	check("system-known-hosts = no\n", NULL, "/s", NULL, "/s");
}

static void
bad_url(const char *url, const char *words, const char *hint)
{
	struct ferry_error e;
	char text[200];

	snprintf(text, sizeof(text), "# one\n[%s]\n", url);
	assert_null(loaded(text, &e));
	assert_int_equal(e.code, ferry_EUSAGE);
	snprintf(text, sizeof(text), "%s:2: ", file);
	if (strncmp(e.text, text, strlen(text)) != 0 ||
	    strstr(e.text, words) == NULL || strstr(e.hint, hint) == NULL)
		fail_msg("%s / %s", e.text, e.hint);
}

/* A grant that no url can ever find is a mistake that is said. */
static void
urls_have_one_spelling(void **state)
{
	struct ferry_error e;
	struct access *a;

	(void)state;
	bad_url("sftp://me@EXAMPLE.org/www", "in another way",
	    "Write [sftp://me@example.org/www].");
	bad_url("sftp://me@example.org:22/www", "in another way",
	    "Write [sftp://me@example.org/www].");
	bad_url("sftp://me:pass@example.org/www", "a password in it", "");
	bad_url("http://me@example.org/www", "unknown scheme", "");
	a = loaded("[sftp://me@example.org:2222/~/www]\n", &e);
	assert_non_null(a);
	access_free(a);
}

static void
finds_its_place(void **state)
{
	struct ferry_options o;
	struct ferry_error e;
	struct access *a;
	struct place p;

	(void)state;
	ferry_options_init(&o);
	assert_int_equal(setenv("HOME", "/home/of/mine", 1), 0);
	assert_int_equal(setenv("XDG_CONFIG_HOME", "relative", 1), 0);
	assert_true(places_access(&o, &p));
	assert_string_equal(
	    p.path, "/home/of/mine/.config/sandferry/access.ini");
	assert_int_equal(setenv("XDG_CONFIG_HOME", "/app", 1), 0);
	assert_true(places_access(&o, &p));
	assert_string_equal(p.path, "/app/sandferry/access.ini");
	o.access_file = "here.ini";
	assert_true(places_access(&o, &p));
	assert_string_equal(p.path, "here.ini");
	o.access_file = "none";
	assert_false(places_access(&o, &p));
	assert_int_equal(allowed_load(&a, &o, &e), 0);
	assert_null(access_url(a, 0, NULL));
	access_free(a);
	assert_int_equal(allowed_open(&a, &o, &e), -ferry_EUSAGE);
	assert_null(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_come_first),
		cmocka_unit_test(urls_have_one_spelling),
		cmocka_unit_test(finds_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
