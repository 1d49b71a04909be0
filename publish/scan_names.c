/* Read the names in a folder and sort them.  Hub. */
#include "publish/scan_names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int
add(struct scan_names *n, const char *name)
{
	if (n->count == n->cap) {
		size_t cap = n->cap > 0 ? 2 * n->cap : 64;
		char **list = realloc(n->list, cap * sizeof(*list));

		if (list == NULL)
			return -1;
		n->list = list;
		n->cap = cap;
	}
	n->list[n->count] = arena_copy(&n->arena, name, strlen(name));
	if (n->list[n->count] == NULL)
		return -1;
	n->count++;
	return 0;
}

static int
by_bytes(const void *a, const void *b)
{
	char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

int
scan_names_read(struct scan_names *n, DIR *dir)
{
	struct dirent *d;

	memset(n, 0, sizeof(*n));
	arena_init(&n->arena);
	while ((errno = 0, d = readdir(dir)) != NULL) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		if (add(n, d->d_name) != 0) {
			errno = ENOMEM;
			return -1;
		}
	}
	if (errno != 0)
		return -1;
	if (n->count > 1)
		qsort(n->list, n->count, sizeof(*n->list), by_bytes);
	return 0;
}

void
scan_names_free(struct scan_names *n)
{
	free(n->list);
	arena_free(&n->arena);
	memset(n, 0, sizeof(*n));
}
