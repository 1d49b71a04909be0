/* The plan: what is put and removed, in which order, and the guards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "publish/plan.h"

/* "a b/c=2 d=3!": paths with a content and, behind '!', another mode. */
static void
make_tree(struct tree *t, const char *text)
{
	tree_init(t);
	while (*text != '\0') {
		size_t n = strcspn(text, " "), path = strcspn(text, "= !");
		struct tree_file *f;
		char name[256];

		memcpy(name, text, path);
		name[path] = '\0';
		f = tree_add(t, name);
		assert_non_null(f);
		f->digest.b[0] =
		    (unsigned char)(text[path] == '=' ? text[path + 1] : '1');
		f->size = 10;
		f->mode = memchr(text, '!', n) != NULL ? 0755 : 0644;
		text += n;
		text += *text == ' ';
	}
	tree_seal(t);
}

/* The plan as text: "mkdir a|put a/b|remove c". */
static void
planned(const char *local, const char *recorded, const char *want)
{
	static const char *const verbs[] = { "remove", "rmdir", "mkdir",
		"put" };
	struct tree l, r;
	struct plan *p;
	struct ferry_error err;
	char got[2048] = "";

	make_tree(&l, local);
	make_tree(&r, recorded);
	assert_int_equal(plan_make(&p, &l, &r, &err), 0);
	for (size_t i = 0; i < p->count; i++) {
		assert_non_null(p->steps[i].reason);
		snprintf(got + strlen(got), sizeof(got) - strlen(got),
		    "%s%s %s", i > 0 ? "|" : "", verbs[p->steps[i].kind],
		    p->steps[i].path);
	}
	assert_string_equal(got, want);
	plan_free(p);
	tree_free(&l);
	tree_free(&r);
}

static void
nothing_changed(void **state)
{
	(void)state;
	planned("", "", "");
	planned("a b/c", "a b/c", "");
}

static void
what_changed(void **state)
{
	struct tree l, r;
	struct plan *p;

	(void)state;
	planned("a=2 b", "a b", "put a");
	planned("a! b", "a b", "put a");

	make_tree(&l, "a=2 b! c new=4");
	make_tree(&r, "a b c gone gone2");
	l.files[2].mtime = 77; /* alone, it changes nothing */
	assert_int_equal(plan_make(&p, &l, &r, NULL), 0);
	assert_int_equal(p->added, 1);
	assert_int_equal(p->changed, 2);
	assert_int_equal(p->removed, 2);
	assert_int_equal(p->unchanged, 1);
	assert_int_equal(p->bytes, 30);
	assert_string_equal(p->steps[0].reason, "content changed");
	assert_string_equal(p->steps[1].reason, "permissions changed");
	assert_string_equal(p->steps[2].reason, "new");
	assert_ptr_equal(p->steps[0].recorded, &r.files[0]);
	assert_ptr_equal(p->steps[0].local, &l.files[0]);
	assert_null(p->steps[2].recorded);
	assert_ptr_equal(p->steps[3].recorded, &r.files[3]);
	plan_free(p);
	tree_free(&l);
	tree_free(&r);
}

static void
commit_order(void **state)
{
	(void)state;
	planned("sitemap.xml index.html a.html z.css b/index.php b/a.html", "",
	    "mkdir b|put z.css|put a.html|put b/a.html|put b/index.php|"
	    "put index.html|put sitemap.xml");
	planned("x", "x a/b/c a/d a.x",
	    "remove a/b/c|remove a/d|remove a.x|rmdir a/b|rmdir a");
	planned("a/keep", "a/keep a/b/c a/b/d",
	    "remove a/b/c|remove a/b/d|rmdir a/b");
}

static void
sidecars(void **state)
{
	(void)state;
	/* the file, then its new sidecar, and nothing between them */
	planned("a.css a.css-x a.css.gz index.html index.html.gz p.html", "",
	    "put a.css|put a.css.gz|put a.css-x|put p.html|put index.html|"
	    "put index.html.gz");
	/* an old one goes before its file changes, or goes */
	planned("a.html=2 index.html", "a.html a.html.gz index.html",
	    "remove a.html.gz|put a.html");
	planned("index.html", "a.html a.html.gz index.html",
	    "remove a.html.gz|remove a.html");
	planned("a.html z.html=2", "a.html a.html.gz z.html",
	    "remove a.html.gz|put z.html");
	/* that of an archive is a file as any other */
	planned("a.tar=2", "a.tar a.tar.gz", "put a.tar|remove a.tar.gz");
}

/* Nobody can read what is brought back. */
static void
unread(void **state)
{
	static const char *const want[] = { "b/x.css", "b", "b", "font.woff",
		"a.css", "a.css.gz", "a.html", "index.html", "old.css" };
	struct tree l, r;
	struct plan *p;

	(void)state;
	make_tree(&l, "a.css=2 a.css.gz=2 a.html=2 b font.woff=2 index.html=2");
	make_tree(&r,
	    "a.css a.css.gz a.html b/x.css font.woff index.html "
	    "old.css");
	assert_int_equal(plan_make(&p, &l, &r, NULL), 0);
	plan_order_unread(p);
	assert_int_equal(p->count, sizeof(want) / sizeof(want[0]));
	for (size_t i = 0; i < p->count; i++)
		assert_string_equal(p->steps[i].path, want[i]);
	plan_free(p);
	tree_free(&l);
	tree_free(&r);
}

static void
folders_made_once(void **state)
{
	(void)state;
	planned("a/b/c/x a/b/y a-b/z a/w", "",
	    "mkdir a|mkdir a-b|mkdir a/b|mkdir a/b/c|put a-b/z|put a/b/c/x|"
	    "put a/b/y|put a/w");
	planned("a/b/c a/x", "a/x", "mkdir a/b|put a/b/c");
	planned("a/b a/x=2", "a/x", "put a/b|put a/x");
}

static void
swaps(void **state)
{
	(void)state;
	/* a file becomes a folder */
	planned("a/b x", "a x", "remove a|mkdir a|put a/b");
	planned("a/b/c x", "a x", "remove a|mkdir a|mkdir a/b|put a/b/c");
	/* a folder becomes a file */
	planned("a x", "a/b/c a/d x",
	    "remove a/b/c|remove a/d|rmdir a/b|rmdir a|put a");
	planned("a/b x", "a/b/c/d a/e x",
	    "remove a/b/c/d|rmdir a/b/c|rmdir a/b|put a/b|remove a/e");
	/* both ways at once */
	planned("a b/x", "a/x b",
	    "remove a/x|remove b|rmdir a|mkdir b|put a|put b/x");
}

static void
letter_case(void **state)
{
	(void)state;
	planned("a.html", "A.html", "remove A.html|put a.html");
	planned("Img/a", "img/a", "remove img/a|mkdir Img|put Img/a|rmdir img");
	planned("Img/a", "img/a img/b",
	    "remove img/a|mkdir Img|put Img/a|remove img/b|rmdir img");
	planned("Foo", "foo/x", "remove foo/x|rmdir foo|put Foo");
	planned("Foo/x", "foo", "remove foo|mkdir Foo|put Foo/x");
	/* composed and decomposed: one name after normalisation */
	planned("\xc3\xa9", "e\xcc\x81", "remove e\xcc\x81|put \xc3\xa9");
	planned("\xc3\x89", "e\xcc\x81", "remove e\xcc\x81|put \xc3\x89");
	/* not UTF-8: bytes, and ASCII letters folded */
	planned("\xff"
		"A",
	    "\xff"
	    "a",
	    "remove \xff"
	    "a|put \xff"
	    "A");
	/* ... of which the names above it know nothing */
	planned("e\xcc\x81/\xff", "e\xcc\x81",
	    "remove e\xcc\x81|mkdir e\xcc\x81|put e\xcc\x81/\xff");
}

static void
ranks(void **state)
{
	static const struct {
		const char *path;
		enum plan_rank rank;
	} cases[] = {
		{ "a.css", PLAN_ASSET },
		{ "index.js", PLAN_ASSET },
		{ "index.json", PLAN_ASSET },
		{ "index", PLAN_ASSET },
		{ "html", PLAN_ASSET },
		{ ".htaccess", PLAN_ASSET },
		{ ".html", PLAN_ASSET },
		{ "index.html/a.png", PLAN_ASSET },
		{ "a.html", PLAN_PAGE },
		{ "a.b.HTM", PLAN_PAGE },
		{ "x/y.php", PLAN_PAGE },
		{ "myindex.html", PLAN_PAGE },
		{ "index.de.html", PLAN_PAGE },
		{ "index.html", PLAN_ENTRY },
		{ "x/INDEX.PHP", PLAN_ENTRY },
		{ "Default.htm", PLAN_ENTRY },
		{ "index.xml", PLAN_FEED },
		{ "blog/feed.xml", PLAN_FEED },
		{ "news.RSS", PLAN_FEED },
		{ "sitemap.xml", PLAN_FEED },
		{ "sitemap-2.xml.gz", PLAN_FEED },
		{ "sitemap.html", PLAN_PAGE },
		{ "robots.txt", PLAN_FEED },
		{ "data.xml", PLAN_ASSET },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (plan_rank(cases[i].path) != cases[i].rank)
			fail_msg(
			    "%s: %d", cases[i].path, plan_rank(cases[i].path));
	}
}

static int
judged(const char *local, const char *recorded, struct plan_limits limits,
    struct ferry_error *err)
{
	struct tree l, r;
	struct plan *p;
	int rc;

	make_tree(&l, local);
	make_tree(&r, recorded);
	assert_int_equal(plan_make(&p, &l, &r, err), 0);
	rc = plan_judge(p, &l, &r, &limits, err);
	plan_free(p);
	tree_free(&l);
	tree_free(&r);
	return rc;
}

static void
guards(void **state)
{
	struct plan_limits none = { 0, 0, false, false };
	struct plan_limits two = { 2, 0, false, false };
	struct plan_limits half = { 0, 50, false, false };
	struct plan_limits yes = { 0, 0, true, false };
	struct plan_limits meant = { 0, 100, false, true };
	struct ferry_error e;

	(void)state;
	assert_int_equal(judged("", "", none, &e), 0);
	assert_int_equal(judged("a", "", none, &e), 0);
	assert_int_equal(judged("", "a b", yes, &e), -ferry_ESOURCE);
	assert_string_equal(e.id, "source_empty");
	assert_int_equal(judged("", "a b", meant, &e), 0);
	assert_int_equal(judged("", "index.html", meant, &e), 0);

	assert_int_equal(judged("a", "a b c", two, &e), 0);
	assert_int_equal(judged("a", "a b c d", two, &e), -ferry_EGUARD);
	assert_string_equal(e.id, "too_many_removals");
	assert_non_null(strstr(e.text, "3 of 4"));
	assert_non_null(strstr(e.hint, "--yes"));
	assert_int_equal(judged("a", "a b c d", yes, &e), 0);
	assert_int_equal(judged("a b", "a b c d", half, &e), 0);
	assert_int_equal(judged("a", "a b c d", half, &e), -ferry_EGUARD);
	assert_int_equal(judged("a", "a b", none, &e), -ferry_EGUARD);
	/* sidecars are not counted */
	assert_int_equal(
	    judged("a", "a b.js b.js.gz c.js c.js.gz", two, &e), 0);
	assert_int_equal(
	    judged("a", "a b.gz c.js.gz d.gz", two, &e), -ferry_EGUARD);

	assert_int_equal(
	    judged("a x/index.html", "index.html a", two, &e), -ferry_EGUARD);
	assert_string_equal(e.id, "no_entry_page");
	assert_int_equal(judged("index.php a", "index.html a", two, &e), 0);
	assert_int_equal(judged("a", "x/index.html a", two, &e), 0);
	assert_int_equal(judged("a", "index.html a", yes, &e), 0);
}

static void
digest(void **state)
{
	static const char *const locals[] = { "a", "a=2", "a!", "b", "a b",
		"a/b", "" };
	struct digest d[7][2];

	(void)state;
	for (size_t i = 0; i < 14; i++) {
		struct tree l, r;
		struct plan *p;

		make_tree(&l, locals[i / 2]);
		make_tree(&r, "x");
		assert_int_equal(plan_make(&p, &l, &r, NULL), 0);
		plan_digest(p, &d[i / 2][i % 2]);
		plan_free(p);
		tree_free(&l);
		tree_free(&r);
	}
	for (size_t i = 0; i < 7; i++) {
		assert_true(hash_equal(&d[i][0], &d[i][1]));
		for (size_t j = 0; j < i; j++)
			assert_false(hash_equal(&d[i][0], &d[j][0]));
	}
}

static void
count_pair(void *ctx, const char *a, const char *b)
{
	char *text = ctx;

	snprintf(text + strlen(text), 64, "%s,%s;", a, b);
}

static void
collisions(void **state)
{
	char text[512] = "";
	struct tree t;

	(void)state;
	make_tree(&t, "A a b \xc3\xa9/x e\xcc\x81/X c/D C/d c/e \xff");
	assert_true(plan_collisions(&t, count_pair, text));
	assert_string_equal(text, "A,a;C/d,c/D;e\xcc\x81/X,\xc3\xa9/x;");
	tree_free(&t);
	make_tree(&t, "");
	*text = '\0';
	assert_true(plan_collisions(&t, count_pair, text));
	assert_string_equal(text, "");
	tree_free(&t);
}

/* The same with a grace of days; all that waits has done so since day 1. */
static void
granted(const char *local, const char *recorded, unsigned days, unsigned today,
    const char *want)
{
	static const char *const verbs[] = { "remove", "rmdir", "mkdir",
		"put" };
	const uint64_t day = 86400;
	struct plan_grace grace = {
		.days = days, .generation = 9, .now = today * day
	};
	struct tree l, r;
	struct plan *p;
	char got[2048] = "";
	size_t removals = 0;

	make_tree(&l, local);
	make_tree(&r, recorded);
	for (size_t i = 0; i < r.count; i++) {
		r.files[i].gone_at = 1;
		r.files[i].gone_time = day;
	}
	assert_int_equal(plan_make(&p, &l, &r, NULL), 0);
	assert_int_equal(plan_grant(p, &l, &r, &grace, NULL), 0);
	for (size_t i = 0; i < p->count; i++) {
		removals += p->steps[i].kind == PLAN_REMOVE;
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s %s|",
		    verbs[p->steps[i].kind], p->steps[i].path);
	}
	for (size_t i = 0; i < p->wait_count; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s %s|",
		    p->waits[i].back ? "back" : p->waits[i].reason,
		    p->waits[i].file->path);
	assert_string_equal(got, want);
	assert_int_equal(p->removed, removals);
	plan_free(p);
	tree_free(&l);
	tree_free(&r);
}

static void
graces(void **state)
{
	(void)state;
	granted("", "a/b", 2, 1, "removed after 2 more days a/b|");
	granted("", "a/b", 2, 2, "removed after 1 more day a/b|");
	granted("", "a/b", 2, 3, "remove a/b|rmdir a|");
	granted("", "a/b", 0, 1, "remove a/b|rmdir a|");
	/* a clock that goes back */
	granted("", "a", 2, 0, "removed after 2 more days a|");
	granted("a", "a", 2, 9, "back a|");
	granted("a", "a=2", 2, 9, "put a|back a|");
	/* in the way, in three ways */
	granted("a", "a/b", 2, 1, "remove a/b|rmdir a|put a|");
	granted("a/b", "a", 2, 1, "remove a|mkdir a|put a/b|");
	granted("A", "a", 2, 1, "remove a|put A|");
	/* a sidecar goes with its file, or at once where that stays */
	granted("a.css", "a.css a.css.gz", 2, 1, "remove a.css.gz|back a.css|");
	granted("", "a.css a.css.gz", 2, 1,
	    "removed after 2 more days a.css.gz|"
	    "removed after 2 more days a.css|");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(graces),
		cmocka_unit_test(nothing_changed),
		cmocka_unit_test(what_changed),
		cmocka_unit_test(commit_order),
		cmocka_unit_test(sidecars),
		cmocka_unit_test(unread),
		cmocka_unit_test(folders_made_once),
		cmocka_unit_test(swaps),
		cmocka_unit_test(letter_case),
		cmocka_unit_test(ranks),
		cmocka_unit_test(guards),
		cmocka_unit_test(digest),
		cmocka_unit_test(collisions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
