/*
 * Do our patterns mean what git's mean?  Seeded random patterns and a tree of
 * awkward names, judged by us and by `git check-ignore`: not one difference.
 * GLOB_SETS=n judges n sets of patterns, GLOB_SEED=n begins elsewhere.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/glob.h"
#include "base/path.h"

enum { MAX_PATHS = 1024, MAX_PATTERN = 200 };

struct candidate {
	const char *path;
	bool is_dir, git_ignores;
};

struct world {
	char root[64];
	struct arena arena;
	struct candidate paths[MAX_PATHS];
	size_t count;
	uint64_t random;
};

static const char *const names[] = { "a", "b", "ab", "a b", "foo", "foobar",
	"bar.html", ".x", "[a]", "a\\b", "\xc3\xa9", "#c", "!d", "a*", "x ",
	"A1", "-", "a-", "]", "foo.html~", "t\tv\v" };
enum { NAMES = sizeof(names) / sizeof(names[0]) };

static uint32_t
pick(struct world *w, uint32_t below)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return (uint32_t)(w->random >> 32) % below;
}

static void
add_path(struct world *w, const char *dir, const char *name, bool is_dir)
{
	char path[512], full[640];

	assert_true(w->count < MAX_PATHS);
	assert_true(path_join(path, sizeof(path), dir, name));
	assert_true(path_join(full, sizeof(full), w->root, path));
	if (is_dir)
		assert_int_equal(mkdir(full, 0700), 0);
	else
		assert_int_equal(
		    close(open(full, O_CREAT | O_WRONLY, 0600)), 0);
	w->paths[w->count].path = arena_copy(&w->arena, path, strlen(path));
	w->paths[w->count].is_dir = is_dir;
	w->count++;
}

/* Every name once in each folder; some of them are folders in turn. */
static void
make_tree(struct world *w, const char *dir, int depth)
{
	char path[512];
	bool is_dir;
	size_t i;

	for (i = 0; i < NAMES; i++) {
		is_dir = depth < 2 && (depth + i) % 5 == 0;
		add_path(w, dir, names[i], is_dir);
		assert_true(path_join(path, sizeof(path), dir, names[i]));
		if (is_dir)
			make_tree(w, path, depth + 1);
	}
}

static int
make_world(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	char command[128];
	const char *seed = getenv("GLOB_SEED");

	if (!w)
		return -1;
	*state = w;
	arena_init(&w->arena);
	w->random = 88172645463325252U + (seed ? strtoull(seed, NULL, 10) : 0);
	strcpy(w->root, "/tmp/glob-vs-git-XXXXXX");
	if (!mkdtemp(w->root))
		return -1;
	/* Nothing that this machine's user ignores may have a say. */
	setenv("HOME", w->root, 1);
	setenv("XDG_CONFIG_HOME", w->root, 1);
	setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
	setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
	unsetenv("GIT_DIR");
	unsetenv("GIT_WORK_TREE");
	snprintf(command, sizeof(command),
	    "git init -q --template= '%s' 2>/dev/null", w->root);
	if (system(command) != 0)
		return 0; /* no git: the tree stays empty */
	snprintf(command, sizeof(command), "%s/.git/info", w->root);
	if (fs_make_dirs(command, 0700) != 0)
		return -1;
	make_tree(w, "", 0);
	return 0;
}

static int
free_world(void **state)
{
	struct world *w = *state;
	char command[128];
	int ret;

	snprintf(command, sizeof(command), "rm -rf '%s'", w->root);
	ret = system(command);
	arena_free(&w->arena);
	free(w);
	return ret;
}

static void
add(char *pattern, const char *piece)
{
	if (strlen(pattern) + strlen(piece) < MAX_PATTERN)
		strcat(pattern, piece);
}

/* Pieces of the language, at random. */
static void
make_noise(struct world *w, char *pattern)
{
	static const char *const pieces[] = { "*", "**", "***", "?", "/", "/**",
		"**/", "/*/", "[ab]", "[!a]", "[^a-c]", "[[:alpha:]]", "[]a]",
		"[a", "\\", "\\*", "\\/", "!", "#", " ", "\\ ", ".", "-", "a",
		"b", "foo", "[a-]", "[[:upper:][:digit:]]", "[[:nope:]]",
		"[\\]]", "[a-\\c]", "[[a]", "[!-]", "html", "[[:]", "[%-/]",
		"[b-a]", "[\xc3]", "\xa9", "?", "[a-b-z]", "[+--]", "**\\/b",
		"[[:space:]]", "[[:cntrl:][:punct:]]", "[[:blank:]-z]",
		"[[:xdigit:]]" };
	uint32_t n = 1 + pick(w, 5);

	while (n-- > 0)
		add(pattern,
		    pieces[pick(w, sizeof(pieces) / sizeof(pieces[0]))]);
}

/* A path that exists, with some of it made wild: these do match. */
static void
make_likely(struct world *w, char *pattern)
{
	static const char *const wild[] = { "*", "**", "?", "/**/", "*/",
		"[!x]", "[[:print:]]", "[a-z]", "/*", "**/" };
	const char *s = w->paths[pick(w, (uint32_t)w->count)].path;
	char one[2] = "";

	if (pick(w, 4) == 0)
		add(pattern, "/");
	if (pick(w, 3) == 0)
		s = path_base(s);
	for (; *s != '\0'; s++) {
		if (pick(w, 5) == 0) {
			add(pattern, wild[pick(w, 10)]);
			if (pick(w, 2) == 0)
				continue;
		}
		if (strchr("*[\\!#", *s) && pick(w, 4) != 0)
			add(pattern, "\\");
		one[0] = *s;
		add(pattern, one);
	}
	if (pick(w, 4) == 0)
		add(pattern, "/");
}

static void
make_pattern(struct world *w, char *pattern)
{
	pattern[0] = '\0';
	if (pick(w, 4) == 0)
		add(pattern, "!");
	if (pick(w, 3) == 0)
		make_noise(w, pattern);
	else
		make_likely(w, pattern);
	if (pick(w, 16) == 0)
		add(pattern, pick(w, 2) ? "  " : "\\ ");
}

/* Fill in git_ignores of every path. */
static void
ask_git(struct world *w, const char *patterns)
{
	char path[128], command[512];
	struct buf in, out;
	const char *s, *source, *pattern;
	size_t i;

	snprintf(path, sizeof(path), "%s/.git/info", w->root);
	i = (size_t)open(path, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	assert_int_equal(
	    fs_write((int)i, "exclude", patterns, strlen(patterns), 0600), 0);
	buf_init(&in, 1 << 20);
	for (size_t k = 0; k < w->count; k++)
		buf_put(&in, w->paths[k].path, strlen(w->paths[k].path) + 1);
	assert_int_equal(fs_write((int)i, "in", in.data, in.len, 0600), 0);
	snprintf(command, sizeof(command),
	    "cd '%s' && git check-ignore --no-index --stdin -z -v -n "
	    "<.git/info/in >.git/info/out; test $? -le 1",
	    w->root);
	assert_int_equal(system(command), 0);
	buf_init(&out, 4 << 20);
	assert_int_equal(fs_read((int)i, "out", false, &out), 0);
	assert_int_equal(close((int)i), 0);

	/* source NUL line NUL pattern NUL path NUL, in our order */
	s = buf_text(&out);
	for (i = 0; i < w->count; i++) {
		assert_true(s < (const char *)out.data + out.len);
		source = s;
		s += strlen(s) + 1;
		s += strlen(s) + 1;
		pattern = s;
		s += strlen(s) + 1;
		assert_string_equal(s, w->paths[i].path);
		s += strlen(s) + 1;
		w->paths[i].git_ignores = *source != '\0' && *pattern != '!';
	}
	buf_free(&in);
	buf_free(&out);
}

/* What lies in an excluded folder is excluded, whatever brings it back. */
static bool
we_ignore(const struct glob_list *l, const struct candidate *c)
{
	char parent[512];
	const char *slash;

	for (slash = strchr(c->path, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		snprintf(parent, sizeof(parent), "%.*s", (int)(slash - c->path),
		    c->path);
		if (glob_match(l, parent, true))
			return true;
	}
	return glob_match(l, c->path, c->is_dir);
}

static size_t
compare(struct world *w, const struct glob_list *l, const char *patterns,
    size_t *ignored)
{
	size_t i, wrong = 0;
	bool ours;

	ask_git(w, patterns);
	for (i = 0; i < w->count; i++) {
		ours = we_ignore(l, &w->paths[i]);
		*ignored += ours;
		if (ours == w->paths[i].git_ignores)
			continue;
		wrong++;
		print_error("'%s'%s: git %d, we %d, with\n%s", w->paths[i].path,
		    w->paths[i].is_dir ? " (folder)" : "",
		    w->paths[i].git_ignores, ours, patterns);
	}
	return wrong;
}

static void
same_as_git(void **state)
{
	struct world *w = *state;
	const char *wanted = getenv("GLOB_SETS");
	size_t sets = wanted ? strtoul(wanted, NULL, 10) : 200, i, k;
	size_t wrong = 0, ignored = 0;
	char pattern[MAX_PATTERN];
	struct glob_list l;
	struct buf text;

	if (w->count == 0)
		skip();
	buf_init(&text, 4096);
	for (i = 0; i < sets && wrong < 5; i++) {
		glob_init(&l);
		buf_reset(&text);
		for (k = 1 + pick(w, 4); k > 0; k--) {
			make_pattern(w, pattern);
			buf_printf(&text, "%s\n", pattern);
			assert_true(glob_add(&l, pattern));
		}
		assert_true(buf_ok(&text));
		wrong += compare(w, &l, buf_text(&text), &ignored);
		glob_free(&l);
	}
	buf_free(&text);
	print_message("%zu sets of patterns, %zu cases, %zu ignored\n", i,
	    i * w->count, ignored);
	assert_int_equal(wrong, 0);
	assert_true(ignored > sets);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    same_as_git, make_world, free_world),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
