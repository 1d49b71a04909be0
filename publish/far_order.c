/* Which steps may be in flight together.  Hub; no I/O. */
#include "publish/far_order.h"

#include <string.h>

/*
 * Is one of these the other, or above it?  Many are compared, nearly all begin
 * with the same folder, and few end alike: so the ends come first.
 */
static bool
is_near(const char *a, size_t n, const char *b, size_t m)
{
	size_t k = n < m ? n : m;

	if (k == 0 || (n != m && (n < m ? b[k] : a[k]) != '/'))
		return false;
	return a[k - 1] == b[k - 1] && memcmp(a, b, k) == 0;
}

static bool
conflicts(const struct msg_step *a, const struct msg_step *b)
{
	const size_t from_a = strlen(a->path), to_a = strlen(a->target);
	const size_t from_b = strlen(b->path), to_b = strlen(b->target);

	return is_near(a->path, from_a, b->path, from_b) ||
	    is_near(a->path, from_a, b->target, to_b) ||
	    is_near(a->target, to_a, b->path, from_b) ||
	    is_near(a->target, to_a, b->target, to_b);
}

bool
far_order_together(const struct msg_step *a, enum far_order order_a,
    const struct msg_step *b, enum far_order order_b)
{
	return order_a != FAR_IN_ORDER && order_b != FAR_IN_ORDER &&
	    !conflicts(a, b);
}
