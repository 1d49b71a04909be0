/* Sidecars commit with the files that they are beside.  Hub; no I/O. */
#include <string.h>

#include "base/limits.h"
#include "publish/plan_parts.h"
#include "publish/sidecar.h"

static bool
puts_file(const struct plan_step *s, const char *path, size_t n)
{
	return s->kind == PLAN_PUT && strncmp(s->path, path, n) == 0 &&
	    s->path[n] == '\0';
}

static bool
is_of(const struct plan_step *s, const char *path, size_t n)
{
	return (s->kind == PLAN_PUT || s->kind == PLAN_REMOVE) &&
	    sidecar_base(s->path) == n && memcmp(s->path, path, n) == 0;
}

/* plan_sort() has old sidecars, the file, and new sidecars stand together. */
const struct plan_step *
plan_beside(const struct plan *p, size_t i)
{
	const struct plan_step *s = &p->steps[i], *end = p->steps + p->count;
	const bool before = s->kind == PLAN_REMOVE;
	const char *path = s->path;
	size_t n = 0;

	if (before || s->kind == PLAN_PUT)
		n = sidecar_base(path);
	if (n == 0 || (s->rank == PLAN_LAST && before))
		return NULL;
	while (is_of(s, path, n)) {
		if (before ? s + 1 == end : s == p->steps)
			return NULL;
		s += before ? 1 : -1;
	}
	return puts_file(s, path, n) ? s : NULL;
}

void
plan_join(struct plan *p)
{
	const struct plan_step *file;

	for (size_t i = 0; i < p->count; i++) {
		file = plan_beside(p, i);
		if (file == NULL)
			continue;
		p->steps[i].wave = file->wave;
		p->steps[i].put = file->put;
	}
	plan_sort(p);
}

void
plan_mark_sidecars(const struct plan *p, bool *marks)
{
	const struct plan_step *file;

	for (size_t i = 0; i < p->count; i++) {
		file = plan_beside(p, i);
		if (file != NULL && marks[file - p->steps])
			marks[i] = true;
	}
}

bool
plan_has_base(const struct tree *t, const char *path)
{
	char base[LIMIT_PATH + 1];
	size_t n = sidecar_base(path);

	if (n == 0 || n > LIMIT_PATH)
		return false;
	memcpy(base, path, n);
	base[n] = '\0';
	return tree_find(t, base) != NULL;
}
