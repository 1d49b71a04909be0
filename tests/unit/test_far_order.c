/* Which steps of an FTP pool may be in flight together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "publish/far_order.h"

static bool
together(enum far_order order, const char *path_a, const char *target_a,
    const char *path_b, const char *target_b)
{
	static struct msg_step a, b;
	struct far_marks x, y;

	strcpy(a.path, path_a);
	strcpy(a.target, target_a);
	strcpy(b.path, path_b);
	strcpy(b.target, target_b);
	assert_int_equal(far_order_together(&a, FAR_LOOSE, &b, order),
	    far_order_together(&b, order, &a, FAR_LOOSE));
	far_order_mark(&a, FAR_LOOSE, &x);
	far_order_mark(&b, order, &y);
	/* the short form may be too careful, never too bold */
	assert_int_equal(far_order_apart(&x, &y), far_order_apart(&y, &x));
	if (far_order_apart(&x, &y))
		assert_true(far_order_together(&a, FAR_LOOSE, &b, order));
	return far_order_together(&a, FAR_LOOSE, &b, order);
}

static void
distance(void **state)
{
	(void)state;
	assert_true(together(FAR_LOOSE, "/w/a", "", "/w/b", ""));
	assert_true(together(FAR_URGENT, "/w/a", "", "/w/ab", ""));
	assert_false(together(FAR_LOOSE, "/w/a", "", "/w/a", ""));
	assert_false(together(FAR_LOOSE, "/w/a", "", "/w/a/b", ""));
	assert_false(together(FAR_URGENT, "/w/a/b/c", "", "/w/a", ""));
	assert_false(together(FAR_LOOSE, "/s/1", "/w/a", "/s/2", "/w/a/b"));
	assert_false(together(FAR_LOOSE, "/s/1", "/w/a", "/w/a", "/k/a"));
	assert_true(together(FAR_LOOSE, "/s/1", "/w/a", "/s/2", "/w/b"));
}

/* What is compressed does not outlive its text, nor come before it. */
static void
sidecars(void **state)
{
	(void)state;
	assert_false(
	    together(FAR_LOOSE, "/w/a.css.gz", "", "/s/1", "/w/a.css"));
	assert_false(
	    together(FAR_LOOSE, "/s/1", "/w/a.css", "/s/2", "/w/a.css.br"));
	assert_false(
	    together(FAR_LOOSE, "/w/a.css.gz", "", "/s/2", "/w/a.css.br"));
	assert_true(together(FAR_LOOSE, "/w/a.css.gz", "", "/w/b.css", ""));
	assert_true(together(FAR_LOOSE, "/w/a.png.gz", "", "/w/a.png", ""));
}

static void
order(void **state)
{
	(void)state;
	assert_false(together(FAR_IN_ORDER, "/w/a", "", "/w/b", ""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(distance),
		cmocka_unit_test(sidecars),
		cmocka_unit_test(order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
