/*
 * Collect what pages refer to.  Hub; no I/O.
 *
 * The same few references stand on every page of a site, so what each leads to
 * is looked up once and remembered.
 */
#include "publish/refs.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/path.h"

enum {
	NOT_HERE = UINT32_MAX, /* no such file */
	ELSEWHERE = UINT32_MAX - 1, /* served by others */
	NOBODY = UINT32_MAX, /* no page */
};

struct refs_name {
	const char *path; /* NULL: free */
	uint32_t hash;
	uint32_t to; /* place in the local tree, or one of the above */
	uint32_t needed_by, linked_by; /* the last page that was noted */
	bool folder;
};

void
refs_init(struct refs *r, const struct tree *local, const char *site_url,
    const struct glob_list *served)
{
	memset(r, 0, sizeof(*r));
	r->local = local;
	r->site_url = site_url;
	r->served = served;
	arena_init(&r->names);
}

void
refs_free(struct refs *r)
{
	arena_free(&r->names);
	free(r->edges);
	free(r->table);
	free(r->read);
	memset(r, 0, sizeof(*r));
}

/* ---- What a reference leads to ------------------------------------------- */

/* Is this very file in the tree? */
static bool
find(const struct refs *r, const char *path, uint32_t *place)
{
	const struct tree_file *f = tree_find(r->local, path);

	if (f != NULL)
		*place = (uint32_t)(f - r->local->files);
	return f != NULL;
}

/* One of these endings makes a file of the path's first n bytes. */
static bool
find_with(const struct refs *r, const char *path, size_t n,
    const char *const *endings, uint32_t *place)
{
	char name[LIMIT_PATH + 32];

	memcpy(name, path, n);
	for (; *endings != NULL; endings++) {
		strcpy(name + n, *endings);
		if (find(r, name, place))
			return true;
	}
	return false;
}

/* Is it left to others, or in a folder that is? */
static bool
is_served(const struct refs *r, const char *path)
{
	char dir[LIMIT_PATH + 1];

	if (r->served == NULL)
		return false;
	if (glob_match(r->served, path, false))
		return true;
	for (const char *end = strchr(path, '/'); end != NULL;
	     end = strchr(end + 1, '/')) {
		memcpy(dir, path, (size_t)(end - path));
		dir[end - path] = '\0';
		if (glob_match(r->served, dir, true))
			return true;
	}
	return false;
}

/* As servers do: a folder shows its entry page, and a suffix may be left out */
static uint32_t
look_up(const struct refs *r, const char *path, bool folder)
{
	static const char *const entries[] = { "index.html", "index.htm",
		"index.xhtml", "index.shtml", "index.php", "default.html",
		"default.htm", NULL };
	static const char *const suffixes[] = { ".html", ".htm", ".xhtml",
		".php", "/index.html", "/index.htm", "/index.xhtml",
		"/index.shtml", "/index.php", "/default.html", "/default.htm",
		NULL };
	size_t n = strlen(path);
	uint32_t place;

	if (find(r, path, &place))
		return place;
	if (folder) {
		n -= strlen("index.html");
		if (find_with(r, path, n, entries, &place))
			return place;
	} else if (find_with(r, path, n, suffixes, &place)) {
		return place;
	}
	return is_served(r, path) ? ELSEWHERE : NOT_HERE;
}

/* ---- The table ------------------------------------------------------------ */

/* FNV-1a: the names are the user's own. */
static uint32_t
hash_name(const char *path, bool folder)
{
	uint32_t h = 2166136261u ^ folder;

	for (; *path != '\0'; path++)
		h = (h ^ (unsigned char)*path) * 16777619u;
	return h;
}

static struct refs_name *
slot(struct refs *r, uint32_t hash, const char *path, bool folder)
{
	size_t i = hash & (r->size - 1);

	while (r->table[i].path != NULL &&
	    (r->table[i].hash != hash || r->table[i].folder != folder ||
		strcmp(r->table[i].path, path) != 0))
		i = (i + 1) & (r->size - 1);
	return &r->table[i];
}

/* Keep it at most half full. */
static bool
make_room(struct refs *r)
{
	struct refs_name *old = r->table;
	size_t size = r->size;

	if (r->used < size / 2)
		return true;
	r->size = size > 0 ? 2 * size : 256;
	r->table = calloc(r->size, sizeof(*r->table));
	if (r->table == NULL) {
		r->table = old;
		r->size = size;
		return false;
	}
	for (size_t i = 0; i < size; i++) {
		if (old[i].path != NULL)
			*slot(r, old[i].hash, old[i].path, old[i].folder) =
			    old[i];
	}
	free(old);
	return true;
}

static struct refs_name *
name_of(struct refs *r, const char *path, bool folder)
{
	const uint32_t hash = hash_name(path, folder);
	struct refs_name *name;

	if (!make_room(r))
		return NULL;
	name = slot(r, hash, path, folder);
	if (name->path != NULL)
		return name;
	name->path = arena_copy(&r->names, path, strlen(path));
	if (name->path == NULL)
		return NULL;
	name->hash = hash;
	name->folder = folder;
	name->to = look_up(r, path, folder);
	name->needed_by = name->linked_by = NOBODY;
	r->used++;
	return name;
}

/* ---- Pages ---------------------------------------------------------------- */

static bool
add_edge(struct refs *r, uint32_t to)
{
	struct refs_edge *edges;
	size_t cap;

	if (r->count == r->cap) {
		cap = r->cap > 0 ? r->cap + r->cap / 2 : 256;
		if (cap > SIZE_MAX / sizeof(*edges))
			return false;
		edges = realloc(r->edges, cap * sizeof(*edges));
		if (edges == NULL)
			return false;
		r->edges = edges;
		r->cap = cap;
	}
	r->edges[r->count++] = (struct refs_edge){ r->from, to };
	return true;
}

static void
note(void *ctx, const struct link *link)
{
	struct refs *r = ctx;
	struct refs_name *name;

	name = r->failed ? NULL : name_of(r, link->path, link->folder);
	if (name == NULL) {
		r->failed = true;
		return;
	}
	if (name->to == NOT_HERE && name->linked_by != r->from) {
		if (r->missing_count < REFS_TOLD)
			r->missing[r->missing_count] =
			    (struct refs_missing){ r->from, name->path,
				    name->folder };
		r->missing_count++;
	}
	name->linked_by = r->from;
	if (link->kind != LINK_ASSET || name->to >= ELSEWHERE ||
	    name->to == r->from || name->needed_by == r->from)
		return;
	name->needed_by = r->from;
	if (!add_edge(r, name->to))
		r->failed = true;
}

bool
refs_add(
    struct refs *r, const struct tree_file *file, const void *bytes, size_t n)
{
	const struct links links = {
		.page = file->path,
		.site_url = r->site_url,
		.ctx = r,
		.each = note,
	};

	r->from = (uint32_t)(file - r->local->files);
	r->pages++;
	links_read(&links, bytes, n);
	return !r->failed;
}

int
refs_judge(const struct refs *r,
    void (*failed)(
	void *ctx, const char *page, const struct ferry_error *error),
    void *ctx, struct ferry_error *err)
{
	const struct refs_missing *m;
	struct ferry_error e;
	const char *page;
	size_t n;

	if (r->missing_count == 0)
		return 0;
	for (size_t i = 0; i < r->missing_count && i < REFS_TOLD; i++) {
		m = &r->missing[i];
		page = r->local->files[m->from].path;
		n = strlen(m->path) - (m->folder ? strlen("index.html") : 0);
		err_set(&e, ferry_ESOURCE, "link_missing",
		    "%s refers to /%.*s, which is not there", page, (int)n,
		    m->path);
		failed(ctx, page, &e);
	}
	err_set(err, ferry_ESOURCE, "links_missing",
	    r->missing_count == 1
		? "%zu reference leads to a file that is not in the source"
		: "%zu references lead to files that are not in the source",
	    r->missing_count);
	err_hint(err,
	    "Correct them; exclude what others put on the server; or set "
	    "`strict-links = no'.");
	return -ferry_ESOURCE;
}
