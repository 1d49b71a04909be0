/* Which steps may be in flight together.  Hub; no I/O. */
#include "publish/far_order.h"

#include <string.h>

/* Is one of these the other, or above it? */
static bool
is_near(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b), k = n < m ? n : m;

	if (k == 0 || memcmp(a, b, k) != 0)
		return false;
	return n == m || (n < m ? b[k] : a[k]) == '/';
}

static bool
conflicts(const struct msg_step *a, const struct msg_step *b)
{
	return is_near(a->path, b->path) || is_near(a->path, b->target) ||
	    is_near(a->target, b->path) || is_near(a->target, b->target);
}

bool
far_order_together(const struct msg_step *a, enum far_order order_a,
    const struct msg_step *b, enum far_order order_b)
{
	return order_a != FAR_IN_ORDER && order_b != FAR_IN_ORDER &&
	    !conflicts(a, b);
}
