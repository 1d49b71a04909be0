/* A list of files, sorted by path.  Hub; no I/O. */
#include "publish/tree.h"

#include <stdlib.h>
#include <string.h>

void
tree_init(struct tree *t)
{
	memset(t, 0, sizeof(*t));
	arena_init(&t->names);
}

void
tree_free(struct tree *t)
{
	arena_free(&t->names);
	free(t->files);
	tree_init(t);
}

struct tree_file *
tree_add(struct tree *t, const char *path)
{
	struct tree_file *f;
	char *copy;

	if (t->count == t->cap) {
		size_t cap = t->cap > 0 ? t->cap + t->cap / 2 : 64;
		struct tree_file *p;

		if (cap > UINT32_MAX || cap > SIZE_MAX / sizeof(*p))
			return NULL;
		p = realloc(t->files, cap * sizeof(*p));
		if (p == NULL)
			return NULL;
		t->files = p;
		t->cap = cap;
	}
	copy = arena_copy(&t->names, path, strlen(path));
	if (copy == NULL)
		return NULL;
	f = &t->files[t->count];
	memset(f, 0, sizeof(*f));
	f->path = copy;
	f->order = (uint32_t)t->count++;
	return f;
}

static int
by_path_then_order(const void *a, const void *b)
{
	const struct tree_file *x = a, *y = b;
	int c = strcmp(x->path, y->path);

	return c != 0 ? c : (x->order > y->order) - (x->order < y->order);
}

void
tree_seal(struct tree *t)
{
	size_t in, out = 0;

	if (t->count > 1)
		qsort(
		    t->files, t->count, sizeof(*t->files), by_path_then_order);
	t->bytes = 0;
	for (in = 0; in < t->count; in++) {
		bool replaced = in + 1 < t->count &&
		    strcmp(t->files[in].path, t->files[in + 1].path) == 0;

		if (replaced)
			continue;
		t->files[out] = t->files[in];
		t->files[out].order = (uint32_t)out;
		t->bytes += t->files[out++].size;
	}
	t->count = out;
}

const struct tree_file *
tree_find(const struct tree *t, const char *path)
{
	size_t low = 0, high = t->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int c = strcmp(t->files[middle].path, path);

		if (c == 0)
			return &t->files[middle];
		if (c < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* Compare a path with dir + "/", which any path below dir begins with. */
static int
against_folder(const char *path, const char *dir, size_t n)
{
	int c = strncmp(path, dir, n);

	return c != 0 ? c : (unsigned char)path[n] - '/';
}

bool
tree_has_below(const struct tree *t, const char *dir)
{
	size_t n = strlen(dir), low = 0, high = t->count;

	if (n == 0)
		return t->count > 0;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int c = against_folder(t->files[middle].path, dir, n);

		if (c == 0)
			return true;
		if (c < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}
