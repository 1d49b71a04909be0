/* How many FTP sessions there should be, by what was done with how many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "publish/far_grow.h"

enum { MOST = 8 };

static struct far_grow g;
static uint64_t now;

static void
begin(unsigned given, unsigned known, size_t steps)
{
	now = 1000;
	far_grow_init(&g, given, MOST);
	far_grow_remember(&g, known);
	far_grow_expect(&g, steps, now);
}

static void
wanted(unsigned open, unsigned opening, unsigned n)
{
	assert_int_equal(far_grow_wanted(&g, open, opening, now), n);
}

/* A second, in which so many steps are done. */
static void
work(unsigned steps)
{
	for (unsigned i = 0; i < steps; i++) {
		far_grow_sent(&g);
		far_grow_done(&g, 1000);
	}
	now += 1000;
}

static void
a_given_number(void **state)
{
	(void)state;
	begin(6, 0, 100);
	wanted(1, 0, 6); /* all at once */
	wanted(1, 5, 6);
	wanted(6, 0, 6);
	work(97);
	wanted(2, 0, 3); /* one for each step that is left */
	begin(6, 3, 100); /* what helped before does not count */
	wanted(1, 0, 6);
	far_grow_settle(&g, 4);
	wanted(4, 0, 4);
	assert_int_equal(g.known, 0); /* nothing to remember */
}

static void
nothing_to_do(void **state)
{
	(void)state;
	begin(6, 0, 0);
	wanted(1, 0, 1);
	begin(0, 0, 5);
	wanted(1, 0, 1);
	begin(0, 8, 5);
	wanted(1, 0, 1);
}

static void
a_known_number(void **state)
{
	(void)state;
	begin(0, 5, 1000);
	wanted(1, 0, 5);
	wanted(5, 0, 5);
	work(100);
	wanted(5, 0, 5);
	begin(0, 5, 12);
	wanted(1, 0, 3); /* as many as pay for themselves */
}

static void
as_long_as_it_helps(void **state)
{
	(void)state;
	begin(0, 0, 1000);
	wanted(1, 0, 2);
	wanted(1, 1, 2);
	work(20);
	wanted(2, 0, 2); /* measured from here on */
	work(20);
	wanted(2, 0, 3);
	wanted(2, 1, 3); /* while it logs in */
	work(20);
	wanted(3, 0, 3);
	work(30);
	wanted(3, 0, 5);
	wanted(5, 0, 5);
	work(50);
	wanted(5, 0, 8);
	wanted(8, 0, 8);
	work(80);
	wanted(8, 0, 8);
	assert_false(g.settled);
}

static void
until_it_does_not(void **state)
{
	(void)state;
	begin(0, 0, 1000);
	wanted(2, 0, 2);
	work(20);
	wanted(2, 0, 3);
	wanted(3, 0, 3);
	work(30);
	wanted(3, 0, 5);
	wanted(5, 0, 5);
	work(31); /* no more than by three */
	wanted(5, 0, 5);
	assert_true(g.settled);
	assert_int_equal(g.known, 3);
	wanted(3, 0, 3);
	wanted(2, 0, 3); /* one was lost */
}

static void
too_short_to_tell(void **state)
{
	(void)state;
	begin(0, 0, 1000);
	wanted(2, 0, 2);
	work(5); /* fewer than three for each */
	wanted(2, 0, 2);
	work(1);
	wanted(2, 0, 3);
}

static void
refused(void **state)
{
	(void)state;
	begin(0, 0, 1000);
	wanted(1, 0, 2);
	far_grow_settle(&g, 1);
	wanted(1, 0, 1);
	assert_int_equal(g.known, 1);
	far_grow_settle(&g, 0);
	assert_int_equal(g.most, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_given_number),
		cmocka_unit_test(nothing_to_do),
		cmocka_unit_test(a_known_number),
		cmocka_unit_test(as_long_as_it_helps),
		cmocka_unit_test(until_it_does_not),
		cmocka_unit_test(too_short_to_tell),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
