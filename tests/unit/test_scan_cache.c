/* The stat cache: what it remembers, and what it does not trust. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "publish/scan_cache.h"

static struct scan_stamp
stamp(uint64_t size, int64_t seconds)
{
	return (struct scan_stamp){
		.size = size,
		.mtime = (uint64_t)seconds * 1000000000u + 5,
		.ctime = (uint64_t)seconds * 1000000000u + 7,
		.inode = 42,
		.newest = seconds,
	};
}

static void
note(struct scan_cache *c, const char *path, uint64_t size, int64_t seconds,
    bool secret)
{
	struct scan_stamp s = stamp(size, seconds);
	struct digest d;

	memset(&d, (int)size, sizeof(d));
	scan_cache_note(c, path, &s, &d, secret);
}

/* Save what one cache noted in a folder, and load it as another one does. */
static void
reload(struct scan_cache *from, struct scan_cache *to)
{
	char dir[] = "/tmp/test-cache-XXXXXX";
	int fd;

	assert_non_null(mkdtemp(dir));
	fd = open(dir, O_RDONLY | O_DIRECTORY);
	assert_true(fd >= 0);
	assert_true(scan_cache_save(from, fd));
	scan_cache_init(to, 0);
	scan_cache_load(to, fd);
	assert_int_equal(unlinkat(fd, "scan-cache", 0), 0);
	close(fd);
	rmdir(dir);
}

static void
remembers(void **state)
{
	struct scan_cache c, again;
	struct scan_stamp s = stamp(3, 900), other;
	struct digest d;
	bool secret;

	(void)state;
	scan_cache_init(&c, 1000);
	note(&c, "b", 3, 900, false);
	note(&c, "a/x", 4, 900, true);
	note(&c, "a.x", 5, 900, false);
	reload(&c, &again);
	assert_int_equal(again.count, 3);
	assert_int_equal(again.began, 1000);

	assert_true(scan_cache_find(&again, "b", &s, &d, &secret));
	assert_int_equal(d.b[0], 3);
	assert_int_equal(d.b[31], 3);
	assert_false(secret);
	s.size = 4;
	assert_true(scan_cache_find(&again, "a/x", &s, &d, &secret));
	assert_true(secret);
	assert_false(scan_cache_find(&again, "a", &s, &d, &secret));
	assert_false(scan_cache_find(&again, "", &s, &d, &secret));
	assert_false(scan_cache_find(&again, "b", &s, &d, &secret));

	other = s;
	other.mtime++;
	assert_false(scan_cache_find(&again, "a/x", &other, &d, &secret));
	other = s;
	other.ctime++;
	assert_false(scan_cache_find(&again, "a/x", &other, &d, &secret));
	other = s;
	other.inode++;
	assert_false(scan_cache_find(&again, "a/x", &other, &d, &secret));
	scan_cache_free(&c);
	scan_cache_free(&again);
}

static void
same_tick(void **state)
{
	struct scan_cache c, again;
	struct digest d;
	bool secret;

	(void)state;
	scan_cache_init(&c, 1000);
	for (int64_t t = 995; t < 1003; t++) {
		char path[8];

		snprintf(path, sizeof(path), "%d", (int)t);
		note(&c, path, 1, t, false);
	}
	reload(&c, &again);
	for (int64_t t = 995; t < 1003; t++) {
		struct scan_stamp s = stamp(1, t);
		char path[8];

		snprintf(path, sizeof(path), "%d", (int)t);
		assert_int_equal(
		    scan_cache_find(&again, path, &s, &d, &secret), t < 998);
	}
	scan_cache_free(&c);
	scan_cache_free(&again);
}

/* Every cut and every flipped bit: nothing is known, and nothing breaks. */
static void
damaged(void **state)
{
	struct scan_cache c, good, bad;
	struct scan_stamp s = stamp(3, 900);
	struct digest d;
	bool secret;

	(void)state;
	scan_cache_init(&c, 1000);
	note(&c, "b", 3, 900, false);
	reload(&c, &good);
	for (size_t i = 0; i < 2 * good.old.len; i++) {
		size_t at = i / 2;

		scan_cache_init(&bad, 0);
		buf_put(
		    &bad.old, good.old.data, i % 2 == 0 ? at : good.old.len);
		if (i % 2 == 1)
			bad.old.data[at] ^= (unsigned char)(1u << at % 8);
		assert_false(scan_cache_parse(&bad));
		assert_false(scan_cache_find(&bad, "b", &s, &d, &secret));
		scan_cache_free(&bad);
	}
	assert_true(scan_cache_find(&good, "b", &s, &d, &secret));
	scan_cache_free(&c);
	scan_cache_free(&good);
}

static void
missing(void **state)
{
	struct scan_cache c;

	(void)state;
	scan_cache_init(&c, 1000);
	scan_cache_load(&c, -1);
	assert_int_equal(c.count, 0);
	assert_false(scan_cache_save(&c, -1));
	scan_cache_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(remembers),
		cmocka_unit_test(same_tick),
		cmocka_unit_test(damaged),
		cmocka_unit_test(missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
