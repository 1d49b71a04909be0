/* Nothing appears before what it needs, folders that come as such neither. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "publish/plan.h"
#include "publish/refs.h"

struct page {
	const char *path, *text;
};

static void
make(struct plan **p, struct tree *local, const struct page *pages, size_t n)
{
	struct tree none;
	struct refs refs;
	struct tree_file *f;
	size_t i;

	tree_init(local);
	tree_init(&none);
	tree_seal(&none);
	for (i = 0; i < n; i++) {
		f = tree_add(local, pages[i].path);
		assert_non_null(f);
		f->size = strlen(pages[i].text);
		f->mode = 0644;
		hash_bytes(pages[i].path, strlen(pages[i].path), &f->digest);
	}
	tree_seal(local);
	assert_int_equal(plan_make(p, local, &none, NULL), 0);
	refs_init(&refs, local, NULL, NULL);
	for (i = 0; i < n; i++)
		assert_true(refs_add(&refs, tree_find(local, pages[i].path),
		    pages[i].text, strlen(pages[i].text)));
	assert_int_equal(plan_order(*p, &refs, true, NULL), 0);
	refs_free(&refs);
}

/* The wave in which this path appears, by itself or with a folder. */
static uint32_t
wave(const struct plan *p, const char *path)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->steps[i].kind == PLAN_PUT &&
		    strcmp(p->steps[i].path, path) == 0)
			return p->steps[i].wave;
	fail_msg("%s is not in the plan", path);
	return 0;
}

static void
folders_come_as_such(void **state)
{
	static const struct page pages[] = {
		{ "index.html", "<img src=blog/a.png>" },
		{ "blog/a.png", "" },
		{ "blog/b.html", "<link rel=stylesheet href=/css/all.css>" },
		{ "css/all.css", "@import 'more.css'" },
		{ "css/more.css", "" },
	};
	struct tree local;
	struct plan *p;

	(void)state;
	make(&p, &local, pages, 5);
	assert_int_equal(p->folder_count, 2);
	assert_true(wave(p, "css/all.css") < wave(p, "blog/b.html"));
	assert_true(wave(p, "blog/a.png") < wave(p, "index.html"));
	plan_free(p);
	tree_free(&local);
}

static void
sidecars_come_with_their_files(void **state)
{
	static const struct page pages[] = {
		{ "index.html", "<link rel=stylesheet href=all.css>" },
		{ "index.html.gz", "" },
		{ "all.css", "@import 'more.css'; @import 'x/a.css'" },
		{ "all.css.gz", "" },
		{ "more.css", "" },
		{ "more.css.br", "" },
		{ "x/a.css", "" },
		{ "x/a.css.gz", "" },
		{ "y.html.gz", "" },
	};
	struct tree local;
	struct plan *p;

	(void)state;
	make(&p, &local, pages, 9);
	assert_true(wave(p, "more.css") < wave(p, "all.css"));
	assert_int_equal(wave(p, "all.css"), wave(p, "all.css.gz"));
	assert_int_equal(wave(p, "more.css"), wave(p, "more.css.br"));
	assert_int_equal(wave(p, "x/a.css"), wave(p, "x/a.css.gz"));
	assert_int_equal(wave(p, "index.html"), wave(p, "index.html.gz"));
	assert_true(wave(p, "all.css") < wave(p, "index.html"));
	assert_true(wave(p, "all.css") < wave(p, "y.html.gz"));
	plan_free(p);
	tree_free(&local);
}

static void
folders_that_need_each_other_come_apart(void **state)
{
	static const struct page pages[] = {
		{ "a/p.html", "<link rel=stylesheet href=/b/b.css>" },
		{ "a/a.css", "" },
		{ "a/deep/1.png", "" },
		{ "a/deep/2.png", "" },
		{ "b/q.html", "<link rel=stylesheet href=/a/a.css>" },
		{ "b/b.css", "" },
		{ "c/1.png", "" },
		{ "c/2.png", "" },
	};
	struct tree local;
	struct plan *p;

	(void)state;
	make(&p, &local, pages, 8);
	assert_int_equal(p->folder_count, 2);
	assert_string_equal(p->folders[0].path, "a/deep");
	assert_string_equal(p->folders[1].path, "c");
	assert_true(wave(p, "b/b.css") < wave(p, "a/p.html"));
	assert_true(wave(p, "a/a.css") < wave(p, "b/q.html"));
	plan_free(p);
	tree_free(&local);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folders_come_as_such),
		cmocka_unit_test(sidecars_come_with_their_files),
		cmocka_unit_test(folders_that_need_each_other_come_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
