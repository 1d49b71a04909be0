/* Which steps may be in flight together.  Hub; no I/O. */
#include "publish/far_order.h"

#include <string.h>

#include "publish/sidecar.h"

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

/*
 * A text and its compressed forms count as one file: what becomes of them is
 * in order, so that no form is there before its text, or after it.
 */
static size_t
text_length(const char *path)
{
	const size_t n = sidecar_base(path);

	return n > 0 ? n : strlen(path);
}

static bool
conflicts(const struct msg_step *a, const struct msg_step *b)
{
	const size_t from_a = text_length(a->path);
	const size_t to_a = text_length(a->target);
	const size_t from_b = text_length(b->path);
	const size_t to_b = text_length(b->target);

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

static void
add_above(struct far_marks *m, uint32_t mark)
{
	if (m->count > 0 && m->above[m->count - 1] == mark)
		return;
	if (m->count < FAR_MARKS)
		m->above[m->count++] = mark;
}

/* FNV-1a, of the whole, and of what is before each '/'. */
static uint32_t
mark_path(struct far_marks *m, const char *path)
{
	const char *p = path, *end = path + text_length(path);
	uint32_t mark = 2166136261u;

	if (*p == '\0')
		return 0;
	for (; p < end; p++) {
		if (*p == '/' && p > path)
			add_above(m, mark | 1);
		mark = (mark ^ (unsigned char)*p) * 16777619u;
	}
	return mark | 1; /* never 0 */
}

void
far_order_mark(
    const struct msg_step *step, enum far_order order, struct far_marks *m)
{
	m->order = order;
	m->count = 0;
	m->whole[0] = mark_path(m, step->path);
	m->whole[1] = mark_path(m, step->target);
}

static bool
has_above(const struct far_marks *m, uint32_t whole)
{
	bool found = false;

	for (unsigned i = 0; i < m->count; i++)
		found |= m->above[i] == whole;
	return found;
}

bool
far_order_apart(const struct far_marks *a, const struct far_marks *b)
{
	if (a->order == FAR_IN_ORDER || b->order == FAR_IN_ORDER ||
	    a->count == FAR_MARKS || b->count == FAR_MARKS)
		return false;
	for (int i = 0; i < 2; i++) {
		if (a->whole[i] != 0 &&
		    (a->whole[i] == b->whole[0] || a->whole[i] == b->whole[1] ||
			has_above(b, a->whole[i])))
			return false;
		if (b->whole[i] != 0 && has_above(a, b->whole[i]))
			return false;
	}
	return true;
}
