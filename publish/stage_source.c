/*
 * Where content that is wanted is live already: for copies and for an undo.
 * Hub; no I/O.
 *
 * One pass over what is live, which may be a hundred thousand files, looks each
 * up in the list of what is wanted, which is mostly short.  What is said here
 * is what the ledger says: whoever takes it looks at the file first.
 */
#include "publish/stage_source.h"

#include <stdlib.h>
#include <string.h>

static int
by_content(const void *a, const void *b)
{
	const struct stage_source *x = a, *y = b;

	return memcmp(x->wanted->b, y->wanted->b, HASH_SIZE);
}

size_t
stage_source_sort(struct stage_source *list, size_t n)
{
	size_t kept = 0;

	if (n > 1)
		qsort(list, n, sizeof(*list), by_content);
	for (size_t i = 0; i < n; i++)
		if (i == 0 ||
		    !hash_equal(list[i].wanted, list[kept - 1].wanted))
			list[kept++] = list[i];
	return kept;
}

struct stage_source *
stage_source_of(
    struct stage_source *list, size_t n, const struct digest *wanted)
{
	const struct stage_source key = { .wanted = wanted };

	return n > 0 ? bsearch(&key, list, n, sizeof(*list), by_content) : NULL;
}

void
stage_source_find(struct stage_source *list, size_t n, const struct tree *live)
{
	struct stage_source *s;

	for (size_t i = 0; n > 0 && i < live->count; i++) {
		s = stage_source_of(list, n, &live->files[i].digest);
		if (s != NULL && s->live == NULL)
			s->live = &live->files[i];
	}
}
