/*
 * Names as a server sees them that knows no letter case, or stores them in
 * another normal form than they were written in.  Hub; no I/O.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/path.h"
#include "publish/plan.h"

/* ASCII, or no UTF-8: bytes. */
static char *
fold_bytes(const char *path)
{
	char *copy = strdup(path);

	for (char *c = copy; c != NULL && *c != '\0'; c++) {
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	}
	return copy;
}

/* Name by name: one that is no UTF-8 says nothing of the folder it is in. */
static char *
fold_apart(const char *path)
{
	const size_t n = path_dir_len(path);
	char *dir, *folder, *name, *both = NULL;

	if (n == 0)
		return fold_bytes(path);
	dir = strndup(path, n);
	folder = dir != NULL ? plan_fold(dir) : NULL;
	name = plan_fold(path + n + 1);
	if (folder == NULL || name == NULL ||
	    asprintf(&both, "%s/%s", folder, name) < 0)
		both = NULL;
	free(name);
	free(folder);
	free(dir);
	return both;
}

char *
plan_fold(const char *path)
{
	utf8proc_uint8_t *folded = NULL;
	utf8proc_ssize_t n;
	const char *p = path;

	while (*p != '\0' && (unsigned char)*p < 0x80)
		p++;
	if (*p == '\0')
		return fold_bytes(path);
	n = utf8proc_map((const utf8proc_uint8_t *)path, 0, &folded,
	    UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPOSE |
		UTF8PROC_CASEFOLD);
	if (n >= 0)
		return (char *)folded;
	return n == UTF8PROC_ERROR_NOMEM ? NULL : fold_apart(path);
}

struct folded {
	char *name;
	const char *path;
};

static int
by_name(const void *a, const void *b)
{
	const struct folded *x = a, *y = b;
	int c = strcmp(x->name, y->name);

	return c != 0 ? c : strcmp(x->path, y->path);
}

bool
plan_collisions(const struct tree *local,
    void (*found)(void *ctx, const char *a, const char *b), void *ctx)
{
	struct folded *all = calloc(local->count + 1, sizeof(*all));
	bool ok = all != NULL;
	size_t n = 0;

	for (; ok && n < local->count; n++) {
		all[n].path = local->files[n].path;
		all[n].name = plan_fold(all[n].path);
		ok = all[n].name != NULL;
	}
	if (ok) {
		qsort(all, n, sizeof(*all), by_name);
		for (size_t i = 1; i < n; i++) {
			if (strcmp(all[i - 1].name, all[i].name) == 0)
				found(ctx, all[i - 1].path, all[i].path);
		}
	}
	while (n > 0)
		free(all[--n].name);
	free(all);
	return ok;
}
