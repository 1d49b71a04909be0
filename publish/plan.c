/*
 * From two trees to ordered steps.  Hub; no I/O: a plan is a function.
 *
 * Files that are new or changed are put; what was recorded and is no longer
 * local is removed last.  Only a file that stands where another one must go is
 * removed first: a file where a folder is needed, everything in a folder where
 * a file is needed, and a name that differs by letter case alone, which some
 * servers take for the same one.  "Where" is judged on folded names, so that
 * all three are one question.
 */
#include "publish/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/path.h"
#include "publish/plan_parts.h"
#include "publish/sidecar.h"

struct planner {
	struct plan *plan;
	const struct tree *local, *recorded;
	struct tree folded; /* of local; made once something goes */
	bool has_folded;
};

struct plan_step *
plan_add(struct plan *p, enum plan_kind kind, enum plan_rank rank,
    const char *path, const char *reason)
{
	struct plan_step *s;

	if (p->count == p->cap) {
		size_t cap = p->cap > 0 ? p->cap + p->cap / 2 : 64;

		s = realloc(p->steps, cap * sizeof(*s));
		if (s == NULL)
			return NULL;
		p->steps = s;
		p->cap = cap;
	}
	s = &p->steps[p->count++];
	memset(s, 0, sizeof(*s));
	s->kind = kind;
	s->rank = rank;
	s->wave = rank == PLAN_LAST ? UINT32_MAX : (uint32_t)rank;
	s->path = path;
	s->reason = reason;
	return s;
}

/* The same for one of the path's own folders, its first n bytes. */
static bool
add_folder(struct plan *p, enum plan_kind kind, enum plan_rank rank,
    const char *path, size_t n, const char *reason)
{
	const char *dir = arena_copy(&p->names, path, n);

	return dir != NULL && plan_add(p, kind, rank, dir, reason) != NULL;
}

/*
 * Folders of this path that the one before it did not have.  Paths come
 * sorted, so files of one folder stand together, and each folder is met once.
 * Call with *end = 0 until false; the folder is path[0..*end).
 */
static bool
next_folder(const char *path, const char *before, size_t *end)
{
	for (;;) {
		const char *slash = strchr(path + *end + (*end > 0), '/');

		if (slash == NULL)
			return false;
		*end = (size_t)(slash - path);
		if (strncmp(path, before, *end + 1) != 0)
			return true;
	}
}

static bool
fold_local(struct planner *pl)
{
	if (pl->has_folded)
		return true;
	for (size_t i = 0; i < pl->local->count; i++) {
		char *name = plan_fold(pl->local->files[i].path);
		bool ok = name != NULL && tree_add(&pl->folded, name) != NULL;

		free(name);
		if (!ok)
			return false;
	}
	tree_seal(&pl->folded);
	pl->has_folded = true;
	return true;
}

/*
 * Why something recorded must go before the puts: NULL, or the reason.  It
 * stands in the way of a local file of its own folded name, of one in place of
 * a folder that it lies in, or of one that needs it to be a folder.
 */
static bool
in_the_way(
    struct planner *pl, const char *path, bool is_dir, const char **reason)
{
	char *name;

	*reason = NULL;
	if (!fold_local(pl))
		return false;
	name = plan_fold(path);
	if (name == NULL)
		return false;
	if (tree_find(&pl->folded, name) != NULL)
		*reason =
		    is_dir ? "makes way for a file" : "renamed in letter case";
	else if (!is_dir && tree_has_below(&pl->folded, name))
		*reason = "makes way for a folder";
	for (char *end = strrchr(name, '/'); end != NULL && *reason == NULL;
	     end = strrchr(name, '/')) {
		*end = '\0';
		if (tree_find(&pl->folded, name) != NULL)
			*reason = "makes way for a file";
	}
	free(name);
	return true;
}

/*
 * Why and when a file goes.  A sidecar whose file stays goes with that, not at
 * the end: until then visitors might be sent what is old.
 */
static bool
add_removal(struct planner *pl, const struct tree_file *gone)
{
	enum plan_rank rank = PLAN_LAST;
	struct plan_step *step;
	const char *reason;

	if (!in_the_way(pl, gone->path, false, &reason))
		return false;
	if (reason != NULL) {
		rank = PLAN_FIRST;
	} else if (plan_has_base(pl->local, gone->path)) {
		rank = plan_rank(gone->path);
		reason = "no longer in the source, its file is";
	} else {
		reason = "no longer in the source";
	}
	step = plan_add(pl->plan, PLAN_REMOVE, rank, gone->path, reason);
	if (step == NULL)
		return false;
	step->recorded = gone;
	pl->plan->removed++;
	pl->plan->sidecars_removed += plan_has_base(pl->recorded, gone->path);
	return true;
}

/* Plan the removal of a file, and of the folders that it leaves empty. */
static bool
plan_removal(
    struct planner *pl, const struct tree_file *gone, const char *before)
{
	const char *reason;
	size_t end = 0;

	if (!add_removal(pl, gone))
		return false;
	while (next_folder(gone->path, before, &end)) {
		char dir[LIMIT_PATH + 1];

		if (end > LIMIT_PATH)
			return false;
		memcpy(dir, gone->path, end);
		dir[end] = '\0';
		if (tree_has_below(pl->local, dir))
			continue;
		if (!in_the_way(pl, dir, true, &reason) ||
		    !add_folder(pl->plan, PLAN_RMDIR,
			reason != NULL ? PLAN_FIRST : PLAN_LAST, dir, end,
			"left empty"))
			return false;
	}
	return true;
}

static bool
plan_put(struct planner *pl, const struct tree_file *local,
    const struct tree_file *recorded, const char *reason, const char *before)
{
	struct plan_step *step;
	size_t end = 0;

	step = plan_add(
	    pl->plan, PLAN_PUT, plan_rank(local->path), local->path, reason);
	if (step == NULL)
		return false;
	step->local = local;
	step->recorded = recorded;
	pl->plan->bytes += local->size;
	while (next_folder(local->path, before, &end)) {
		char dir[LIMIT_PATH + 1];

		if (end > LIMIT_PATH)
			return false;
		memcpy(dir, local->path, end);
		dir[end] = '\0';
		if (!tree_has_below(pl->recorded, dir) &&
		    !add_folder(
			pl->plan, PLAN_MKDIR, PLAN_FOLDER, dir, end, "needed"))
			return false;
	}
	return true;
}

/* Both are there: what, if anything, is to be done? */
static const char *
difference(const struct tree_file *local, const struct tree_file *recorded)
{
	if (local->size != recorded->size ||
	    !hash_equal(&local->digest, &recorded->digest))
		return "content changed";
	if (local->mode != recorded->mode)
		return "permissions changed";
	return NULL;
}

/* Walk both sorted trees side by side. */
static bool
compare(struct planner *pl)
{
	const struct tree *l = pl->local, *r = pl->recorded;
	const char *last_put = "", *last_removed = "";
	struct plan *p = pl->plan;
	size_t i = 0, j = 0;

	while (i < l->count || j < r->count) {
		const struct tree_file *mine, *theirs;
		int c;
		const char *reason;

		mine = i < l->count ? &l->files[i] : NULL;
		theirs = j < r->count ? &r->files[j] : NULL;
		c = mine == NULL     ? 1
		    : theirs == NULL ? -1
				     : strcmp(mine->path, theirs->path);
		reason = c < 0 ? "new" : NULL;

		i += c <= 0;
		j += c >= 0;
		if (c > 0) {
			if (!plan_removal(pl, theirs, last_removed))
				return false;
			last_removed = theirs->path;
			continue;
		}
		if (c == 0)
			reason = difference(mine, theirs);
		p->added += c < 0;
		p->changed += c == 0 && reason != NULL;
		p->unchanged += reason == NULL;
		if (reason == NULL)
			continue;
		if (!plan_put(
			pl, mine, c == 0 ? theirs : NULL, reason, last_put))
			return false;
		last_put = mine->path;
	}
	return true;
}

static size_t
depth(const char *path)
{
	size_t n = 0;

	for (; *path != '\0'; path++)
		n += *path == '/';
	return n;
}

/* A sidecar stands by its file: this much of the path says where. */
static size_t
stem(const struct plan_step *s)
{
	size_t n = 0;

	if (s->kind == PLAN_PUT || s->kind == PLAN_REMOVE)
		n = sidecar_base(s->path);
	return n > 0 ? n : strlen(s->path);
}

/* An old sidecar goes first, a new one comes last. */
static int
place_by_file(const struct plan_step *s)
{
	if (s->path[stem(s)] == '\0')
		return 1;
	return s->kind == PLAN_REMOVE ? 0 : 2;
}

static int
by_file(const struct plan_step *x, const struct plan_step *y)
{
	size_t m = stem(x), n = stem(y);
	int c = memcmp(x->path, y->path, m < n ? m : n);

	if (c == 0)
		c = (m > n) - (m < n);
	if (c == 0)
		c = place_by_file(x) - place_by_file(y);
	return c != 0 ? c : strcmp(x->path, y->path);
}

/* By wave; removals before the folders that they empty, deepest first. */
static int
by_commit_order(const void *a, const void *b)
{
	const struct plan_step *x = a, *y = b;
	size_t m, n;

	if (x->wave != y->wave)
		return x->wave < y->wave ? -1 : 1;
	if (x->rank == PLAN_FIRST || x->rank == PLAN_LAST) {
		if (x->kind != y->kind)
			return x->kind < y->kind ? -1 : 1;
		m = depth(x->path);
		n = depth(y->path);
		if (m != n)
			return m > n ? -1 : 1;
	}
	return by_file(x, y);
}

void
plan_drop(struct plan *p, size_t i)
{
	struct plan_step *s = &p->steps[i];

	if (s->kind == PLAN_PUT) {
		p->bytes -= s->local->size;
		if (s->recorded != NULL)
			p->changed--;
		else
			p->added--;
	} else if (s->kind == PLAN_REMOVE) {
		p->removed--;
	}
	p->count--;
	memmove(s, s + 1, (p->count - i) * sizeof(*s));
}

void
plan_sort(struct plan *p)
{
	if (p->count > 1)
		qsort(p->steps, p->count, sizeof(*p->steps), by_commit_order);
}

int
plan_make(struct plan **out, const struct tree *local,
    const struct tree *recorded, struct ferry_error *err)
{
	struct planner pl = { .local = local, .recorded = recorded };
	int rc = 0;

	*out = NULL;
	tree_init(&pl.folded);
	pl.plan = calloc(1, sizeof(*pl.plan));
	if (pl.plan == NULL)
		return err_memory(err);
	arena_init(&pl.plan->names);
	if (!compare(&pl)) {
		rc = err_memory(err);
		goto out;
	}
	plan_sort(pl.plan);
	*out = pl.plan;
	pl.plan = NULL;
out:
	tree_free(&pl.folded);
	plan_free(pl.plan);
	return rc;
}

void
plan_free(struct plan *p)
{
	if (p == NULL)
		return;
	arena_free(&p->names);
	free(p->steps);
	free(p->folders);
	free(p->waits);
	free(p->needs.first);
	free(p->needs.of);
	free(p);
}

bool
plan_is_empty(const struct plan *p)
{
	return p->added + p->changed + p->removed + p->notes == 0;
}

/* Is there a page that the root of the site shows, and not just for now? */
static bool
has_entry(const struct tree *t)
{
	for (size_t i = 0; i < t->count; i++) {
		if (t->files[i].gone_at == 0 &&
		    strchr(t->files[i].path, '/') == NULL &&
		    sidecar_base(t->files[i].path) == 0 &&
		    plan_rank(t->files[i].path) == PLAN_ENTRY)
			return true;
	}
	return false;
}

int
plan_judge(const struct plan *p, const struct tree *local,
    const struct tree *recorded, const struct plan_limits *limits,
    struct ferry_error *err)
{
	const size_t removed = p->removed - p->sidecars_removed;
	uint64_t allowed =
	    (uint64_t)recorded->count * limits->max_removals_percent / 100;

	err_clear(err);
	if (allowed < limits->max_removals)
		allowed = limits->max_removals;
	if (local->count == 0 && recorded->count > 0 && !limits->allow_empty) {
		err_set(err, ferry_ESOURCE, "source_empty",
		    "the source is empty, and %zu file%s published",
		    recorded->count, recorded->count == 1 ? " is" : "s are");
		err_hint(err,
		    "Build the site first; if it is meant to be "
		    "empty, set `allow-empty = yes'.");
		return -ferry_ESOURCE;
	}
	if (limits->accept_removals)
		return 0;
	if (local->count > 0 && has_entry(recorded) && !has_entry(local)) {
		err_set(err, ferry_EGUARD, "no_entry_page",
		    "the source has no entry page (index.*), and the "
		    "published site has one");
		err_hint(err,
		    "Look at the source; if that is meant, publish "
		    "with --yes.");
		return -ferry_EGUARD;
	}
	if (removed > allowed) {
		err_set(err, ferry_EGUARD, "too_many_removals",
		    "%zu of %zu published files would be removed, and %llu "
		    "may be without asking",
		    removed, recorded->count, (unsigned long long)allowed);
		err_hint(err,
		    "Look at the plan; if that is meant, publish "
		    "with --yes.");
		return -ferry_EGUARD;
	}
	return 0;
}

void
plan_digest(const struct plan *p, struct digest *out)
{
	struct hash hash;
	struct buf b;

	memset(out, 0, sizeof(*out));
	if (!hash_init(&hash))
		return;
	buf_init(&b, 2 * LIMIT_PATH);
	for (size_t i = 0; i < p->count; i++) {
		const struct plan_step *s = &p->steps[i];

		buf_reset(&b);
		buf_put_u8(&b, (uint8_t)s->kind);
		buf_put_cstring(&b, s->path);
		if (s->kind == PLAN_PUT) {
			buf_put(&b, s->local->digest.b, HASH_SIZE);
			buf_put_u64(&b, s->local->size);
			buf_put_u32(&b, s->local->mode);
		}
		hash_update(&hash, b.data, b.len);
	}
	for (size_t i = 0; i < p->wait_count; i++) {
		if (p->waits[i].noted)
			continue;
		buf_reset(&b);
		buf_put_u8(&b, p->waits[i].back ? 'b' : 'w');
		buf_put_cstring(&b, p->waits[i].file->path);
		hash_update(&hash, b.data, b.len);
	}
	buf_free(&b);
	hash_final(&hash, out);
}
