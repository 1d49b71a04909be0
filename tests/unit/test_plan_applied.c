/*
 * Goal: whatever the local tree was and becomes, the steps of its plan, applied
 * in order to a file system with real rules, lead to the local tree; a file
 * that stays is there all the time, and what is not ours is left alone.
 * Half of the cases run on a file system that knows no letter case.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "publish/plan.h"

enum {
	CASES = 600,
	PUBLISHES = 5, /* of one site, one after the other */
	FILES = 14,
	NODES = 256,
	NAME = 96,
};

struct node {
	char path[NAME], key[NAME];
	bool is_dir;
	int content, mode;
};

/* A server's file system. */
struct fs {
	struct node nodes[NODES];
	size_t count;
	bool no_case;
};

struct rng {
	uint64_t state;
};

static unsigned
roll(struct rng *r, unsigned n)
{
	r->state = r->state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(r->state >> 33) % n;
}

static void
make_key(const struct fs *fs, const char *path, char key[NAME])
{
	char *folded = fs->no_case ? plan_fold(path) : strdup(path);

	assert_non_null(folded);
	snprintf(key, NAME, "%s", folded);
	free(folded);
}

static struct node *
look(struct fs *fs, const char *path)
{
	char key[NAME];

	make_key(fs, path, key);
	for (size_t i = 0; i < fs->count; i++) {
		if (strcmp(fs->nodes[i].key, key) == 0)
			return &fs->nodes[i];
	}
	return NULL;
}

static bool
parent_is_there(struct fs *fs, const char *path)
{
	const char *slash = strrchr(path, '/');
	char dir[NAME];
	struct node *n;

	if (slash == NULL)
		return true;
	snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path), path);
	n = look(fs, dir);
	return n != NULL && n->is_dir;
}

static bool
has_children(struct fs *fs, const struct node *dir)
{
	size_t len = strlen(dir->key);

	for (size_t i = 0; i < fs->count; i++) {
		if (strncmp(fs->nodes[i].key, dir->key, len) == 0 &&
		    fs->nodes[i].key[len] == '/')
			return true;
	}
	return false;
}

static struct node *
create(struct fs *fs, const char *path, bool is_dir)
{
	struct node *n = &fs->nodes[fs->count++];

	assert_true(fs->count < NODES);
	snprintf(n->path, sizeof(n->path), "%s", path);
	make_key(fs, path, n->key);
	n->is_dir = is_dir;
	return n;
}

/* One step as a server would do it; NULL, or what is wrong with it. */
static const char *
apply(struct fs *fs, const struct plan_step *s)
{
	struct node *n = look(fs, s->path);

	switch (s->kind) {
	case PLAN_REMOVE:
		if (n == NULL || n->is_dir)
			return "unlink: no such file";
		*n = fs->nodes[--fs->count];
		return NULL;
	case PLAN_RMDIR:
		if (n != NULL && !n->is_dir)
			return "rmdir: not a folder";
		if (n != NULL && !has_children(fs, n))
			*n = fs->nodes[--fs->count];
		return NULL;
	case PLAN_MKDIR:
		if (!parent_is_there(fs, s->path))
			return "mkdir: no parent";
		if (n != NULL)
			return n->is_dir ? NULL : "mkdir: a file is there";
		create(fs, s->path, true);
		return NULL;
	case PLAN_PUT:
		if (!parent_is_there(fs, s->path))
			return "rename: no parent";
		if (n != NULL && n->is_dir)
			return "rename: a folder is there";
		if (n == NULL)
			n = create(fs, s->path, false);
		n->content = s->local->digest.b[0];
		n->mode = (int)s->local->mode;
		return NULL;
	case PLAN_PLACE:
		break; /* see place() */
	}
	return "an unknown step";
}

/* A folder with all that is in it, whether or not there is one already. */
static const char *
place(struct fs *fs, const struct plan *p, size_t folder)
{
	const char *wrong = NULL;

	for (size_t i = 0; wrong == NULL && i < p->count; i++)
		if (p->steps[i].folder == folder &&
		    p->steps[i].kind != PLAN_PLACE)
			wrong = apply(fs, &p->steps[i]);
	return wrong;
}

static const char *
apply_to(struct fs *fs, const struct plan *p, size_t i)
{
	const struct plan_step *s = &p->steps[i];

	if (s->kind == PLAN_PLACE)
		return place(fs, p, s->folder);
	return s->folder != 0 ? NULL : apply(fs, s);
}

/* Would the tree still be one with this file, also without letter case? */
static bool
fits(const struct tree *t, const struct fs *fs, const char *path)
{
	char key[NAME], other[NAME];
	size_t n, m;

	make_key(fs, path, key);
	n = strlen(key);
	for (size_t i = 0; i < t->count; i++) {
		make_key(fs, t->files[i].path, other);
		m = strlen(other);
		if (strncmp(key, other, n < m ? n : m) != 0)
			continue;
		if (n == m || (n < m ? other[n] : key[m]) == '/')
			return false;
	}
	return true;
}

static void
random_path(struct rng *r, char path[NAME])
{
	static const char *const names[] = { "a", "A", "b", "B", "c",
		"\xc3\xa9", "e\xcc\x81", "\xc3\x89", "index.html", "a.css",
		"a-b", "feed.xml" };
	unsigned depth = roll(r, 4);

	*path = '\0';
	for (unsigned i = 0; i <= depth; i++)
		snprintf(path + strlen(path), NAME - strlen(path), "%s%s",
		    i > 0 ? "/" : "", names[roll(r, 12)]);
}

/* The next state of a site: some of the old files, and some others. */
static void
random_tree(
    struct rng *r, const struct fs *fs, const struct tree *old, struct tree *t)
{
	unsigned keep = roll(r, 101), fresh = roll(r, FILES);
	struct tree_file *f;

	tree_init(t);
	for (size_t i = 0; i < old->count && t->count < FILES; i++) {
		if (roll(r, 100) >= keep)
			continue;
		f = tree_add(t, old->files[i].path);
		assert_non_null(f);
		f->digest = old->files[i].digest;
		f->mode = old->files[i].mode;
		if (roll(r, 5) == 0)
			f->digest.b[0] = (unsigned char)roll(r, 256);
		if (roll(r, 9) == 0)
			f->mode ^= 0111;
	}
	for (unsigned i = 0; i < fresh && t->count < FILES; i++) {
		char path[NAME];

		random_path(r, path);
		if (!fits(t, fs, path))
			continue;
		f = tree_add(t, path);
		assert_non_null(f);
		f->digest.b[0] = (unsigned char)roll(r, 256);
		f->mode = 0644;
	}
	tree_seal(t);
}

static void
complain(uint64_t seed, const char *what, const char *path,
    const struct plan *p, const struct tree *old)
{
	for (size_t i = 0; i < old->count; i++)
		fprintf(stderr, "recorded %s\n", old->files[i].path);
	for (size_t i = 0; i < p->count; i++)
		fprintf(stderr, "step %d %s (%s)\n", p->steps[i].kind,
		    p->steps[i].path, p->steps[i].reason);
	fail_msg("seed %llu: %s: %s", (unsigned long long)seed, what, path);
}

/* Files that stay as they are must be there after every step. */
static const char *
missing(struct fs *fs, const struct tree *local, const struct tree *recorded)
{
	for (size_t i = 0; i < local->count; i++) {
		const struct tree_file *l = &local->files[i];
		const struct tree_file *r = tree_find(recorded, l->path);
		struct node *n = look(fs, l->path);

		if (r == NULL)
			continue;
		if (n == NULL || n->is_dir)
			return l->path;
		if (hash_equal(&l->digest, &r->digest) &&
		    n->content != l->digest.b[0])
			return l->path;
	}
	return NULL;
}

/* Is the file system the local tree and what was there before us? */
static const char *
differs(struct fs *fs, const struct tree *local)
{
	size_t files = 0;

	for (size_t i = 0; i < local->count; i++) {
		struct node *n = look(fs, local->files[i].path);

		if (n == NULL || n->is_dir ||
		    n->content != local->files[i].digest.b[0] ||
		    n->mode != (int)local->files[i].mode)
			return local->files[i].path;
	}
	for (size_t i = 0; i < fs->count; i++) {
		struct node *n = &fs->nodes[i];

		if (strncmp(n->path, "theirs", 6) == 0)
			continue;
		files += !n->is_dir;
		if (n->is_dir && !has_children(fs, n))
			return n->path;
	}
	return files == local->count ? NULL : "a file too many";
}

static void
publish(struct fs *fs, uint64_t seed, const struct tree *local,
    const struct tree *recorded)
{
	const char *wrong;
	struct plan *p;

	assert_int_equal(plan_make(&p, local, recorded, NULL), 0);
	if (seed % 2 == 0)
		assert_int_equal(plan_gather(p, NULL, NULL, NULL), 0);
	for (size_t i = 0; i < p->count; i++) {
		wrong = apply_to(fs, p, i);
		if (wrong != NULL)
			complain(seed, wrong, p->steps[i].path, p, recorded);
		wrong = missing(fs, local, recorded);
		if (wrong != NULL)
			complain(seed, "was away", wrong, p, recorded);
		if (i > 0 && p->steps[i].wave < p->steps[i - 1].wave)
			complain(seed, "wave", p->steps[i].path, p, recorded);
	}
	wrong = differs(fs, local);
	if (wrong != NULL)
		complain(seed, "is not as it should be", wrong, p, recorded);
	assert_int_equal(p->added + p->changed + p->unchanged, local->count);
	assert_int_equal(
	    p->removed + p->changed + p->unchanged, recorded->count);
	plan_free(p);

	assert_int_equal(plan_make(&p, local, local, NULL), 0);
	assert_int_equal(p->count, 0);
	plan_free(p);
}

static void
run_cases(bool no_case)
{
	static struct fs fs;

	for (uint64_t seed = 1; seed <= CASES; seed++) {
		struct rng r = { seed * 0x9e3779b97f4a7c15u };
		struct tree recorded;

		memset(&fs, 0, sizeof(fs));
		fs.no_case = no_case;
		create(&fs, "theirs", true);
		create(&fs, "theirs/file", false)->content = 1;
		tree_init(&recorded);
		for (unsigned i = 0; i < PUBLISHES; i++) {
			struct tree local;

			random_tree(&r, &fs, &recorded, &local);
			publish(&fs, seed, &local, &recorded);
			assert_int_equal(look(&fs, "theirs/file")->content, 1);
			tree_free(&recorded);
			recorded = local;
		}
		tree_free(&recorded);
	}
}

static void
with_letter_case(void **state)
{
	(void)state;
	run_cases(false);
}

static void
without_letter_case(void **state)
{
	(void)state;
	run_cases(true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(with_letter_case),
		cmocka_unit_test(without_letter_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
