/* A commit waits where it has to, and nowhere else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "publish/commit_order.h"
#include "publish/refs.h"

struct page {
	const char *path, *text;
};

static const struct page site[] = {
	{ "css/a.css", "@font-face { src: url(a.woff) }" },
	{ "css/a.woff", "" },
	{ "css/b.css", "" },
	{ "feed.xml", "" },
	{ "index.html", "<link rel=stylesheet href=css/a.css>" },
	{ "news.html", "<link rel=stylesheet href=css/b.css>" },
	{ "plain.html", "" },
	{ "robots.txt", "" },
};

static void
make(struct plan **p, struct tree *local, size_t pages)
{
	const size_t n = sizeof(site) / sizeof(site[0]);
	struct tree none;
	struct refs refs;
	struct tree_file *f;

	tree_init(local);
	tree_init(&none);
	tree_seal(&none);
	for (size_t i = 0; i < n; i++) {
		f = tree_add(local, site[i].path);
		assert_non_null(f);
		hash_bytes(site[i].path, strlen(site[i].path), &f->digest);
	}
	tree_seal(local);
	assert_int_equal(plan_make(p, local, &none, NULL), 0);
	refs_init(&refs, local, NULL, NULL);
	for (size_t i = 0; i < n && i < pages; i++)
		assert_true(refs_add(&refs, &local->files[i], site[i].text,
		    strlen(site[i].text)));
	if (pages > 0)
		assert_int_equal(plan_order(*p, &refs, false, NULL), 0);
	refs_free(&refs);
	tree_free(&none);
}

/*
 * Run it as the commit does: "|" for a wait, "-PATH" for what stays.  fails:
 * that one fails, or NULL.
 */
static void
run(const struct plan *p, bool in_order, const char *fails, char *said)
{
	struct commit_order o;
	size_t failed = SIZE_MAX;

	*said = '\0';
	assert_int_equal(commit_order_init(&o, p, in_order, NULL), 0);
	for (size_t i = 0; i < p->count; i++) {
		const char *path = p->steps[i].path;

		if (commit_order_waits(&o, i)) {
			strcat(said, "|");
			if (failed != SIZE_MAX)
				commit_order_failed(&o, failed);
			failed = SIZE_MAX;
			commit_order_settled(&o);
			if (commit_order_ends(&o, i))
				break;
		}
		if (commit_order_holds(&o, i)) {
			strcat(strcat(said, " -"), path);
			continue;
		}
		strcat(strcat(said, " "), path);
		commit_order_sent(&o, i);
		if (fails != NULL && strcmp(path, fails) == 0)
			failed = i;
	}
	commit_order_free(&o);
}

static void
goes(size_t pages, bool in_order, const char *fails, const char *want)
{
	struct tree local;
	struct plan *p;
	char said[400];

	make(&p, &local, pages);
	run(p, in_order, fails, said);
	assert_string_equal(said, want);
	plan_free(p);
	tree_free(&local);
}

/* Two waits, whatever the ranks are. */
static void
waits_for_needs(void **state)
{
	(void)state;
	goes(8, true, NULL,
	    " css css/a.woff css/b.css| css/a.css news.html plain.html|"
	    " index.html feed.xml robots.txt");
}

static void
failure_holds_what_needs_it(void **state)
{
	(void)state;
	goes(8, true, "css/a.woff",
	    " css css/a.woff css/b.css| -css/a.css news.html plain.html"
	    " -index.html feed.xml robots.txt");
	goes(8, true, "css/b.css",
	    " css css/a.woff css/b.css| css/a.css -news.html plain.html|"
	    " index.html feed.xml robots.txt");
}

/* Where nobody knows who needs what, or one may overtake another. */
static void
waits_for_waves(void **state)
{
	(void)state;
	goes(0, true, NULL,
	    " css css/a.css css/a.woff css/b.css| news.html plain.html|"
	    " index.html| feed.xml robots.txt");
	goes(0, true, "css/a.woff", " css css/a.css css/a.woff css/b.css|");
	goes(8, false, "css/b.css", "| css| css/a.woff css/b.css|");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits_for_needs),
		cmocka_unit_test(failure_holds_what_needs_it),
		cmocka_unit_test(waits_for_waves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
