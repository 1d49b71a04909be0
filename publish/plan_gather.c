/*
 * Folders that are wholly new travel as folders and take their place by one
 * rename.  Hub; no I/O.
 *
 * What names such a folder while it waits is what is in it: the same folder,
 * staged by a run that was cut off, is found again, and another one never is
 * taken for it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/path.h"
#include "publish/plan_parts.h"

enum { GAIN = 2 }; /* files: fewer gain nothing */

struct gather {
	struct plan *plan;
	const struct tree *only, *apart;
	struct plan_step **puts; /* by path */
	size_t put_count;
	const struct plan_step *mkdirs; /* all of them, by path */
	size_t mkdir_count;
};

static int
by_path(const void *a, const void *b)
{
	return strcmp((*(struct plan_step *const *)a)->path,
	    (*(struct plan_step *const *)b)->path);
}

static bool
sort_puts(struct gather *g)
{
	struct plan *p = g->plan;
	size_t i;

	g->puts = calloc(p->count + 1, sizeof(struct plan_step *));
	for (i = 0; g->puts != NULL && i < p->count; i++)
		if (p->steps[i].kind == PLAN_PUT)
			g->puts[g->put_count++] = &p->steps[i];
	if (g->put_count > 1)
		qsort(
		    g->puts, g->put_count, sizeof(struct plan_step *), by_path);
	return g->puts != NULL;
}

/* The first put below this folder: all that are stand together. */
static size_t
first_below(const struct gather *g, const char *dir)
{
	size_t low = 0, high = g->put_count, n = strlen(dir), middle;
	const char *path;
	int c;

	while (low < high) {
		middle = low + (high - low) / 2;
		path = g->puts[middle]->path;
		c = strncmp(path, dir, n);
		if (c < 0 || (c == 0 && path[n] < '/'))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* How the first n bytes of a path stand to another. */
static int
compare_front(const char *path, size_t n, const char *other)
{
	int c = strncmp(path, other, n);

	return c != 0 ? c : other[n] == '\0' ? 0 : -1;
}

static void
find_mkdirs(struct gather *g)
{
	const struct plan *p = g->plan;
	size_t i = 0;

	while (i < p->count && p->steps[i].kind != PLAN_MKDIR)
		i++;
	g->mkdirs = p->steps + i;
	while (i + g->mkdir_count < p->count &&
	    g->mkdirs[g->mkdir_count].kind == PLAN_MKDIR)
		g->mkdir_count++;
}

/* Is the folder above this one new as well? */
static bool
has_new_parent(const struct gather *g, const char *path)
{
	size_t n = path_dir_len(path), low = 0, high = g->mkdir_count;

	while (n > 0 && low < high) {
		size_t middle = low + (high - low) / 2;
		int c = compare_front(path, n, g->mkdirs[middle].path);

		if (c == 0)
			return true;
		if (c < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

/* Is the folder above this one taken as a whole? */
static bool
is_taken_with_parent(const struct gather *g, const char *dir)
{
	char parent[LIMIT_PATH + 1];
	size_t n = path_dir_len(dir);

	if (!has_new_parent(g, dir))
		return false;
	memcpy(parent, dir, n);
	parent[n] = '\0';
	return g->apart == NULL || tree_find(g->apart, parent) == NULL;
}

static bool
is_wanted(const struct gather *g, const char *dir, size_t files)
{
	if (g->only != NULL)
		return tree_find(g->only, dir) != NULL;
	return files >= GAIN && !is_taken_with_parent(g, dir) &&
	    (g->apart == NULL || tree_find(g->apart, dir) == NULL);
}

static void
digest_file(struct hash *h, const struct tree_file *f)
{
	struct buf b;

	buf_init(&b, 2 * LIMIT_PATH);
	buf_put_cstring(&b, f->path);
	buf_put(&b, f->digest.b, HASH_SIZE);
	buf_put_u64(&b, f->size);
	buf_put_u32(&b, f->mode);
	hash_update(h, b.data, b.len);
	buf_free(&b);
}

/* Number all that is in it. */
static bool
fill(struct gather *g, struct plan_folder *f, size_t first, size_t number)
{
	struct hash h;

	if (!hash_init(&h))
		return false;
	f->steps = f->files;
	for (size_t i = first; i < first + f->files; i++) {
		struct plan_step *put = g->puts[i];

		put->folder = number;
		put->inner = put->rank;
		if (put->rank > f->rank)
			f->rank = put->rank;
		digest_file(&h, put->local);
	}
	hash_final(&h, &f->digest);
	return true;
}

static bool
gather_one(struct gather *g, const struct plan_step *mkdir)
{
	struct plan *p = g->plan;
	struct plan_folder *f;
	size_t first = first_below(g, mkdir->path), end = first;
	size_t n = strlen(mkdir->path);

	while (end < g->put_count &&
	    strncmp(g->puts[end]->path, mkdir->path, n) == 0 &&
	    g->puts[end]->path[n] == '/')
		end++;
	if (!is_wanted(g, mkdir->path, end - first))
		return true;
	f = realloc(p->folders, (p->folder_count + 1) * sizeof(*f));
	if (f == NULL)
		return false;
	p->folders = f;
	f += p->folder_count++;
	*f = (struct plan_folder){
		.path = mkdir->path, .rank = PLAN_FOLDER, .files = end - first
	};
	return fill(g, f, first, p->folder_count);
}

/* The number of the gathered folder that is this path, or above it; or 0. */
static size_t
gathered(const struct plan *p, const char *path)
{
	for (size_t n = strcspn(path, "/");; n += strcspn(path + n, "/")) {
		size_t low = 0, high = p->folder_count;

		while (low < high) {
			size_t middle = low + (high - low) / 2;
			int c = compare_front(path, n, p->folders[middle].path);

			if (c == 0)
				return middle + 1;
			if (c < 0)
				high = middle;
			else
				low = middle + 1;
		}
		if (path[n] == '\0')
			return 0;
		n++;
	}
}

/* The steps that make what is in them, and one for each that places it. */
static bool
add_places(struct plan *p)
{
	const size_t count = p->count;
	struct plan_step *s;
	size_t i, number;

	for (i = 0; i < count; i++) {
		if (p->steps[i].kind != PLAN_MKDIR)
			continue;
		number = gathered(p, p->steps[i].path);
		p->steps[i].folder = number;
		p->steps[i].inner = PLAN_FOLDER;
		if (number > 0)
			p->folders[number - 1].steps++;
	}
	for (i = 0; i < p->folder_count; i++) {
		s = plan_add(p, PLAN_PLACE, p->folders[i].rank,
		    p->folders[i].path, "new");
		if (s == NULL)
			return false;
		s->folder = i + 1;
		p->folders[i].wave = s->wave;
	}
	return true;
}

void
plan_scatter(struct plan *p)
{
	size_t i, kept = 0;

	for (i = 0; i < p->count; i++) {
		if (p->steps[i].kind == PLAN_PLACE)
			continue;
		p->steps[kept] = p->steps[i];
		p->steps[kept++].folder = 0;
	}
	p->count = kept;
	p->folder_count = 0;
}

int
plan_gather(struct plan *p, const struct tree *only, const struct tree *apart,
    struct ferry_error *err)
{
	struct gather g = { .plan = p, .only = only, .apart = apart };
	bool ok = sort_puts(&g);

	find_mkdirs(&g);
	for (size_t i = 0; ok && i < g.mkdir_count; i++)
		ok = gather_one(&g, &g.mkdirs[i]);
	ok = ok && add_places(p);
	if (ok)
		plan_sort(p);
	free(g.puts);
	return ok ? 0 : err_memory(err);
}
