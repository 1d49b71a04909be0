/*
 * A picture of files: one type for the local scan, for what the ledger says,
 * and for a live survey.  Hub; no I/O.
 */
#ifndef PUBLISH_TREE_H
#define PUBLISH_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/hash.h"

struct tree_file {
	const char *path; /* below the root, '/' between names */
	uint64_t size; /* bytes */
	int64_t mtime; /* seconds since 1970 */
	uint32_t mode; /* permission bits */
	uint32_t wave; /* only of an open publish: see struct plan_step */
	struct digest digest; /* SHA-256 of the content */
	uint64_t gone_at; /* recorded: the publish, a generation, that found
			   * it to have left the source; 0: it has not */
	uint64_t gone_time; /* ... and when: seconds since 1970 */
	uint32_t order; /* tree.c's own: which was added first */
	bool sidecar; /* only of a local tree: made, see sidecar.h */
};

struct tree {
	struct arena names;
	struct tree_file *files; /* sorted by path bytes once sealed */
	size_t count, cap;
	uint64_t bytes; /* of all files */
};

void tree_init(struct tree *t);
void tree_free(struct tree *t);
/* Add a file (the path is copied).  NULL: out of memory. */
struct tree_file *tree_add(struct tree *t, const char *path);
/*
 * Sort, and keep the last one added of equal paths.  Call before tree_find and
 * before handing the tree on.
 */
void tree_seal(struct tree *t);
const struct tree_file *tree_find(const struct tree *t, const char *path);
/* Is there a file below this folder ("" = any)? */
bool tree_has_below(const struct tree *t, const char *dir);

#endif
