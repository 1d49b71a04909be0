/* Where content that is wanted is live already.  Hub; no I/O. */
#ifndef PUBLISH_STAGE_SOURCE_H
#define PUBLISH_STAGE_SOURCE_H

#include "publish/tree.h"

struct stage_source {
	const struct digest *wanted;
	const struct tree_file *live; /* a file with that content, or NULL */
};

/* Sort them by content and leave out doubles: returns how many are left. */
size_t stage_source_sort(struct stage_source *list, size_t n);
/* Find what is live; of several files the first by path. */
void
stage_source_find(struct stage_source *list, size_t n, const struct tree *live);
/* The one of this content, or NULL. */
struct stage_source *stage_source_of(
    struct stage_source *list, size_t n, const struct digest *wanted);

#endif
