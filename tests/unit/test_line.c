/* On which lines compression is asked for, and what is remembered of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "publish/line.h"

enum {
	NOW = 1800000000,
	DAY = 24 * 3600,
	MB = 1000 * 1000,
	FAR = 50 * 1000, /* microseconds */
};

static bool
automatic(const struct line *l, unsigned rtt_us)
{
	return line_judge(l, SITE_COMPRESS_AUTO, rtt_us, false, NOW);
}

static void
first_run(void **state)
{
	const struct line unknown = { 0 };

	(void)state;
	assert_true(automatic(&unknown, FAR));
	assert_true(automatic(&unknown, 3000));
	assert_false(automatic(&unknown, 2999));
	assert_false(automatic(&unknown, 0)); /* nobody knows */
	/* pictures */
	assert_false(line_judge(&unknown, SITE_COMPRESS_AUTO, FAR, true, NOW));
}

static void
wish(void **state)
{
	const struct line fast = { .rate = 100 * MB, .rate_at = NOW };
	const struct line unknown = { 0 };

	(void)state;
	assert_true(line_judge(&fast, SITE_COMPRESS_YES, 0, true, NOW));
	assert_false(line_judge(&unknown, SITE_COMPRESS_NO, FAR, false, NOW));
}

static void
fast_line(void **state)
{
	struct line l = { .rate = 80 * MB, .rate_at = NOW - DAY };

	(void)state;
	assert_false(automatic(&l, FAR));
	l.rate = 12 * MB;
	assert_true(automatic(&l, FAR));
	/* a week later it may be another line */
	l = (struct line){ .rate = 80 * MB, .rate_at = NOW - 8 * DAY };
	assert_true(automatic(&l, FAR));
	/* and a clock that was set back says nothing */
	l.rate_at = NOW + DAY;
	assert_true(automatic(&l, FAR));
}

static void
learns_rate(void **state)
{
	struct line l = { 0 };
	struct line_run run = { .bytes = 256 * MB, .ms = 3000 };

	(void)state;
	assert_true(line_learn(&l, &run, NOW));
	assert_int_equal(l.rate, 256 * MB / 3);
	assert_int_equal(l.dull_at, 0);
	assert_false(automatic(&l, FAR));
	/* what travelled counts, not what arrived */
	run = (struct line_run){
		.bytes = 100 * MB, .saved = 80 * MB, .ms = 2000, .compressed = 1
	};
	assert_true(line_learn(&l, &run, NOW));
	assert_int_equal(l.rate, 10 * MB);
	assert_true(automatic(&l, FAR));
	/* little says nothing, nor does a burst */
	run = (struct line_run){ .bytes = 3 * MB, .ms = 1 };
	assert_false(line_learn(&l, &run, NOW));
	run = (struct line_run){ .bytes = 5 * MB, .ms = 0 };
	assert_true(line_learn(&l, &run, NOW));
	assert_int_equal(l.rate, 10 * MB);
}

static void
learns_use(void **state)
{
	struct line l = { 0 };
	struct line_run run = {
		.bytes = 100 * MB, .saved = MB, .ms = 10000, .compressed = true
	};

	(void)state;
	assert_true(line_learn(&l, &run, NOW));
	assert_false(automatic(&l, FAR));
	assert_true(
	    line_judge(&l, SITE_COMPRESS_AUTO, FAR, false, NOW + 8 * DAY));
	/* without it nothing is learned of it, and nothing forgotten */
	run = (struct line_run){ .bytes = 100 * MB, .ms = 10000 };
	assert_true(line_learn(&l, &run, NOW + DAY));
	assert_int_equal(l.dull_at, NOW);
	run.compressed = true;
	run.saved = 50 * MB;
	assert_true(line_learn(&l, &run, NOW));
	assert_true(automatic(&l, FAR));
}

static void
lying_worker(void **state)
{
	struct line l = { 0 };
	struct line_run run = { .bytes = 100 * MB,
		.saved = UINT64_MAX,
		.ms = UINT64_MAX,
		.compressed = true };

	(void)state;
	assert_true(line_learn(&l, &run, NOW));
	assert_int_equal(l.rate, 0);
	assert_int_equal(l.dull_at, NOW);
	run.bytes = UINT64_MAX;
	assert_false(line_learn(&l, &run, NOW));
}

static void
profile(void **state)
{
	const struct line whole = { 12345, NOW, NOW - DAY };
	struct line l;
	struct buf b;

	(void)state;
	buf_init(&b, 1024);
	line_print(&whole, &b);
	line_parse(&l, buf_text(&b));
	assert_memory_equal(&l, &whole, sizeof(l));
	line_parse(&l, "# words\nrate fast 7\n\nrate\ndull -\nmodes 644 755\n");
	assert_true(l.rate == 0 && l.rate_at == 0 && l.dull_at == 0);
	buf_reset(&b);
	line_print(&l, &b);
	assert_int_equal(b.len, 0);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_run),
		cmocka_unit_test(wish),
		cmocka_unit_test(fast_line),
		cmocka_unit_test(learns_rate),
		cmocka_unit_test(learns_use),
		cmocka_unit_test(lying_worker),
		cmocka_unit_test(profile),
	};

	return cmocka_run_group_tests_name("line", tests, NULL, NULL);
}
