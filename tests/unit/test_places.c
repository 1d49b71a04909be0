/* Where files of ours are: named, in an application's storage, or by XDG. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "publish/places.h"

enum { STORAGE = 7 }; /* nothing is opened: any number does */

static struct ferry_site *site;

static int
set_up(void **state)
{
	(void)state;
	return ferry_site_new(&site, NULL) != 0 ||
	    ferry_site_set(site, "url", "sftp://u@h.example/x", NULL) != 0 ||
	    setenv("HOME", "/trap", 1) != 0 ||
	    setenv("XDG_DATA_HOME", "/trap/data", 1) != 0 ||
	    setenv("XDG_CONFIG_HOME", "/trap/config", 1) != 0 ||
	    unsetenv("XDG_STATE_HOME") != 0 || unsetenv("STATE_DIRECTORY") != 0;
}

static int
tear_down(void **state)
{
	(void)state;
	ferry_site_free(site);
	return 0;
}

static void
is_at(const struct place *p, int dirfd, const char *path)
{
	assert_int_equal(p->dirfd, dirfd);
	assert_string_equal(p->path, path);
}

static void
is_state(const struct place *p, int dirfd, const char *base)
{
	const size_t n = strlen(base);

	assert_int_equal(p->dirfd, dirfd);
	assert_memory_equal(p->path, base, n);
	assert_memory_equal(p->path + n, "/h.example-", 11);
	assert_null(strchr(p->path + n + 1, '/'));
}

/* All that is one file. */
static void
are_at(const struct ferry_options *o, int dirfd, const char *known_hosts,
    const char *access, const char *app_secret)
{
	const struct {
		bool (*find)(const struct ferry_options *o, struct place *p);
		const char *path;
	} files[] = {
		{ places_known_hosts, known_hosts },
		{ places_access, access },
		{ places_app_secret, app_secret },
	};
	struct place p;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		assert_true(files[i].find(o, &p));
		is_at(&p, dirfd, files[i].path);
	}
}

static void
by_xdg(void **state)
{
	struct ferry_options o;
	struct place p;
	char path[PLACES_SIZE];

	(void)state;
	ferry_options_init(&o);
	assert_int_equal(o.storage_fd, -1);
	are_at(&o, AT_FDCWD, "/trap/data/sandferry/known_hosts",
	    "/trap/config/sandferry/access.ini",
	    "/trap/data/sandferry/app-secret");
	assert_true(places_state(&o, site, &p));
	is_state(&p, AT_FDCWD, "/trap/.local/state/sandferry");
	/* the real user's, whatever $HOME says */
	if (places_fallback(&o, path, sizeof(path)))
		assert_null(strstr(path, "/trap"));
}

/* What systemd makes for a service; XDG's own variables go before it. */
static void
in_service(void **state)
{
	struct ferry_options o;
	struct place p;

	(void)state;
	ferry_options_init(&o);
	setenv("STATE_DIRECTORY", "/var/lib/x/y:/var/lib/z", 1);
	assert_true(places_known_hosts(&o, &p));
	is_at(&p, AT_FDCWD, "/trap/data/sandferry/known_hosts");
	assert_true(places_state(&o, site, &p));
	is_state(&p, AT_FDCWD, "/var/lib/x/y");
	unsetenv("XDG_DATA_HOME");
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("HOME");
	are_at(&o, AT_FDCWD, "/var/lib/x/y/known_hosts",
	    "/var/lib/x/y/access.ini", "/var/lib/x/y/app-secret");
	setenv("STATE_DIRECTORY", "relative", 1);
	setenv("HOME", "/trap", 1);
	assert_true(places_known_hosts(&o, &p));
	is_at(&p, AT_FDCWD, "/trap/.local/share/sandferry/known_hosts");
	unsetenv("STATE_DIRECTORY");
	setenv("XDG_DATA_HOME", "/trap/data", 1);
	setenv("XDG_CONFIG_HOME", "/trap/config", 1);
}

static void
in_storage(void **state)
{
	struct ferry_options o;
	struct place p;
	char path[PLACES_SIZE];

	(void)state;
	ferry_options_init(&o);
	o.storage_fd = STORAGE;
	are_at(&o, STORAGE, "known_hosts", "access.ini", "app-secret");
	assert_true(places_state(&o, site, &p));
	is_state(&p, STORAGE, "state");
	assert_false(places_fallback(&o, path, sizeof(path)));
}

static void
named_ones_go_first(void **state)
{
	struct ferry_options o;
	struct place p;
	char path[PLACES_SIZE];

	(void)state;
	ferry_options_init(&o);
	o.storage_fd = STORAGE;
	o.known_hosts = "hosts";
	o.access_file = "/some/access";
	o.app_secret_file = "/some/secret";
	o.state_dir = "/some/state";
	o.fallback_known_hosts = "/some/fallback";
	are_at(&o, AT_FDCWD, "hosts", "/some/access", "/some/secret");
	assert_true(places_state(&o, site, &p));
	is_state(&p, AT_FDCWD, "/some/state");
	assert_true(places_fallback(&o, path, sizeof(path)));
	assert_string_equal(path, "/some/fallback");
	o.access_file = "none";
	assert_false(places_access(&o, &p));
	o.fallback_known_hosts = "none";
	assert_false(places_fallback(&o, path, sizeof(path)));
}

static void
helper_beside_the_worker(void **state)
{
	struct ferry_options o;
	char path[PLACES_SIZE];

	(void)state;
	ferry_options_init(&o);
	o.worker = "/app/libexec/sandferry-worker";
	assert_string_equal(places_worker(&o), o.worker);
	assert_true(places_keyring(&o, path, sizeof(path)));
	assert_string_equal(path, "/app/libexec/sandferry-keyring");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_xdg),
		cmocka_unit_test(in_service),
		cmocka_unit_test(in_storage),
		cmocka_unit_test(named_ones_go_first),
		cmocka_unit_test(helper_beside_the_worker),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
