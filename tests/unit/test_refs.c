/* What pages need: in which order files appear, and what is not there. */
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

#include "base/err.h"
#include "base/limits.h"
#include "publish/refs.h"

enum { FILES = 32 };

/* A site in which everything is put. */
struct site {
	struct tree tree;
	struct refs refs;
	struct refs_put puts[FILES];
	size_t count;
	char *texts[FILES];
};

/* What a file holds that loads these: "b.css,>c.html"; '>': a link. */
static void
print_page(char *dst, size_t size, bool css, const char *loads, size_t n)
{
	const char *end = loads + n;

	*dst = '\0';
	while (loads < end) {
		bool follow = *loads == '>';
		size_t len;

		loads += follow;
		len = strcspn(loads, " ,");
		snprintf(dst + strlen(dst), size - strlen(dst),
		    css          ? "@import '/%.*s';"
			: follow ? "<a href='/%.*s'>"
				 : "<img src='/%.*s'>",
		    (int)len, loads);
		loads += len;
		loads += loads < end;
	}
}

/*
 * "a.html=b.css,>c.html d.svg": files, and what each loads or links to.  Call
 * with *at = 0 until false.
 */
static bool
next_file(const char *text, size_t *at, char path[256], char page[1024])
{
	const char *p = text + *at;
	size_t all = strcspn(p, " "), n = strcspn(p, " =");

	if (all == 0)
		return false;
	*at += all + (p[all] == ' ');
	snprintf(path, 256, "%.*s", (int)n, p);
	n += p[n] == '=';
	print_page(page, 1024, strstr(path, ".css") != NULL, p + n, all - n);
	return true;
}

static void
make_site(struct site *s, const char *text, const struct glob_list *served)
{
	char path[256], page[1024];
	size_t at = 0;

	s->count = 0;
	tree_init(&s->tree);
	while (next_file(text, &at, path, page))
		assert_non_null(tree_add(&s->tree, path));
	tree_seal(&s->tree);
	refs_init(&s->refs, &s->tree, NULL, served);
	for (at = 0; next_file(text, &at, path, page);)
		assert_true(refs_add(
		    &s->refs, tree_find(&s->tree, path), page, strlen(page)));
}

static bool
is_inside(const char *path, const char *folders)
{
	for (; *folders != '\0'; folders += strcspn(folders, " ")) {
		folders += *folders == ' ';
		if (strncmp(path, folders, strcspn(folders, " ")) == 0)
			return true;
	}
	return false;
}

static void
free_site(struct site *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->texts[i]);
	refs_free(&s->refs);
	tree_free(&s->tree);
}

static void
add_put(struct site *s, const char *path, bool folder)
{
	struct refs_put *put = &s->puts[s->count];
	size_t n = strlen(path) - (folder ? 1 : 0);

	s->texts[s->count] = strndup(path, n);
	assert_non_null(s->texts[s->count]);
	*put = (struct refs_put){ .path = s->texts[s->count++],
		.folder = folder,
		.rank = folder ? PLAN_ASSET : plan_rank(path) };
}

/* A folder's rank is the last one in it. */
static void
add_folders(struct site *s, const char *folders)
{
	char path[256];

	while (*folders != '\0') {
		size_t n = strcspn(folders, " ");

		memcpy(path, folders, n);
		path[n] = '\0';
		add_put(s, path, true);
		for (size_t i = 0; i < s->tree.count; i++) {
			struct refs_put *put = &s->puts[s->count - 1];
			enum plan_rank rank = plan_rank(s->tree.files[i].path);

			if (strncmp(s->tree.files[i].path, path, n) == 0 &&
			    rank > put->rank)
				put->rank = rank;
		}
		folders += n;
		folders += *folders == ' ';
	}
}

static int
by_path(const void *a, const void *b)
{
	const struct refs_put *x = a, *y = b;

	return strcmp(x->path, y->path);
}

/* The waves as text: "a b|c*": c is in a cycle. */
static void
print_waves(struct site *s, char *dst, size_t size)
{
	uint32_t wave = 0;
	size_t left = s->count;

	*dst = '\0';
	qsort(s->puts, s->count, sizeof(*s->puts), by_path);
	for (; left > 0; wave++) {
		const char *gap = wave > 0 ? "|" : "";

		assert_true(wave < s->count); /* none is left out */
		for (size_t i = 0; i < s->count; i++) {
			if (s->puts[i].wave != wave)
				continue;
			snprintf(dst + strlen(dst), size - strlen(dst),
			    "%s%s%s%s", gap, s->puts[i].path,
			    s->puts[i].folder ? "/" : "",
			    s->puts[i].cyclic ? "*" : "");
			gap = " ";
			left--;
		}
	}
}

static void
appears_with(const char *text, const char *folders, const char *want)
{
	struct site s;
	struct ferry_error e;
	char got[1024], again[1024];

	make_site(&s, text, NULL);
	add_folders(&s, folders);
	for (size_t i = 0; i < s.tree.count; i++) {
		if (!is_inside(s.tree.files[i].path, folders))
			add_put(&s, s.tree.files[i].path, false);
	}
	assert_int_equal(refs_order(&s.refs, s.puts, s.count, NULL, &e), 0);
	print_waves(&s, got, sizeof(got));
	if (strcmp(got, want) != 0)
		fail_msg("%s: \"%s\", not \"%s\"", text, got, want);

	/* whatever the order in which they are given */
	for (size_t i = 0; i < s.count / 2; i++) {
		struct refs_put put = s.puts[i];

		s.puts[i] = s.puts[s.count - 1 - i];
		s.puts[s.count - 1 - i] = put;
	}
	assert_int_equal(refs_order(&s.refs, s.puts, s.count, NULL, &e), 0);
	print_waves(&s, again, sizeof(again));
	assert_string_equal(got, again);
	free_site(&s);
}

static void
appears(const char *text, const char *want)
{
	appears_with(text, "", want);
}

static void
by_rank(void **state)
{
	(void)state;
	appears("", "");
	appears("a.png", "a.png");
	appears("index.html a.html b.png sitemap.xml",
	    "b.png|a.html|index.html|sitemap.xml");
	appears("index.html=b.png,a.html a.html=b.png b.png",
	    "b.png|a.html|index.html");
	/* links order nothing */
	appears("a.html=>index.html index.html=>a.html", "a.html|index.html");
	appears("a.html=a.html b.html=gone.png", "a.html b.html");
}

static void
by_need(void **state)
{
	(void)state;
	appears("a.css=z.png b.css=a.css z.png y.png p.html=b.css",
	    "y.png z.png|a.css|b.css|p.html");
	appears("a.html=b.html b.html=c.html c.html", "c.html|b.html|a.html");
	appears("a.html=d.html,b.html b.html=c.html c.html d.html=c.html",
	    "c.html|b.html d.html|a.html");
	/* an entry page that another page shows comes early, with its own */
	appears("a.html=x/ x/index.html=x/b.html,x/c.css x/b.html x/c.css "
		"index.html=a.html",
	    "x/c.css|x/b.html|x/index.html|a.html|index.html");
	/* what an asset needs is one */
	appears("a.svg=p.html p.html=b.css b.css q.html",
	    "b.css|p.html|a.svg|q.html");
}

static void
cycles(void **state)
{
	(void)state;
	appears("a.css=b.css b.css=a.css", "a.css* b.css*");
	appears("a.css=b.css,z.png b.css=a.css c.css=a.css z.png d.png",
	    "d.png z.png|a.css* b.css*|c.css");
	appears("a.html=index.html index.html=a.html b.html",
	    "a.html* b.html|index.html*");
	appears("a.html=index.html index.html=a.html b.html=a.html c.html",
	    "a.html* c.html|index.html*|b.html");
	appears("a.css=b.css b.css=c.css c.css=a.css,d.css d.css=e.css "
		"e.css=d.css",
	    "d.css* e.css*|a.css* b.css* c.css*");
}

static void
folders(void **state)
{
	(void)state;
	appears_with("d/a.png d/index.html=d/a.png,s.css s.css index.html",
	    "d/", "s.css|d/ index.html");
	/* a page outside shows what is in it */
	appears_with(
	    "d/a.png d/index.html index.html=d/a.png", "d/", "d/|index.html");
	appears_with("d/a.png d/index.html p.html=d/a.png", "d/", "d/|p.html");
	appears_with("d/e/a.png d/index.html d-x.css=d/e/a.png d0.css", "d/",
	    "d/ d0.css|d-x.css");
	appears_with("d/a.css=s.css s.css=d/b.png d/b.png e/p.html=d/b.png",
	    "d/ e/", "d/* s.css*|e/");
}

/* Not all that is referred to is put, and files may be unknown to the tree. */
static void
some_are_put(void **state)
{
	struct site s;
	struct ferry_error e;

	(void)state;
	make_site(&s, "a.html=b.html b.html=c.css c.css", NULL);
	add_put(&s, "a.html", false);
	add_put(&s, "c.css", false);
	add_put(&s, "else.html", false);
	assert_int_equal(refs_order(&s.refs, s.puts, s.count, NULL, &e), 0);
	assert_int_equal(s.puts[0].wave, 1);
	assert_int_equal(s.puts[1].wave, 0);
	assert_int_equal(s.puts[2].wave, 1);
	free_site(&s);
}

/* A chain as long as the site takes no recursion. */
static void
long_chain(void **state)
{
	enum { LINKS = 50000 };
	struct refs_put *puts = calloc(LINKS, sizeof(*puts));
	char path[32], text[64];
	struct tree tree;
	struct refs refs;
	size_t i;

	(void)state;
	assert_non_null(puts);
	tree_init(&tree);
	for (i = 0; i < LINKS; i++) {
		snprintf(path, sizeof(path), "%06zu.css", i);
		assert_non_null(tree_add(&tree, path));
	}
	tree_seal(&tree);
	refs_init(&refs, &tree, NULL, NULL);
	for (i = 0; i < LINKS; i++) {
		snprintf(text, sizeof(text), "@import '%06zu.css';", i + 1);
		assert_true(
		    refs_add(&refs, &tree.files[i], text, strlen(text)));
		puts[i].path = tree.files[i].path;
		puts[i].rank = PLAN_ASSET;
	}
	assert_int_equal(refs.count, LINKS - 1);
	assert_int_equal(refs.missing_count, 1);
	assert_int_equal(refs_order(&refs, puts, LINKS, NULL, NULL), 0);
	for (i = 0; i < LINKS; i++)
		assert_int_equal(puts[i].wave, LINKS - 1 - i);
	refs_free(&refs);
	tree_free(&tree);
	free(puts);
}

/* ---- Any graph at all ----------------------------------------------------- */

enum { NODES = 12, GRAPHS = 3000 };

static unsigned
dice(uint32_t *seed, unsigned sides)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % sides;
}

/* What needs what, in the end; each needs itself. */
static void
close_over(bool needs[NODES][NODES])
{
	for (int k = 0; k < NODES; k++) {
		needs[k][k] = true;
		for (int i = 0; i < NODES; i++)
			for (int j = 0; j < NODES; j++)
				needs[i][j] =
				    needs[i][j] || (needs[i][k] && needs[k][j]);
	}
}

/* The rank of the lowest that needs it. */
static enum plan_rank
handed_down(
    bool needs[NODES][NODES], const struct refs_put puts[NODES], int node)
{
	enum plan_rank rank = PLAN_LAST;

	for (int i = 0; i < NODES; i++) {
		if (needs[i][node] && puts[i].rank < rank)
			rank = puts[i].rank;
	}
	return rank;
}

static void
judge_graph(bool needs[NODES][NODES], const struct refs_put puts[NODES])
{
	enum plan_rank ri, rj;
	bool circle, used[NODES] = { false };

	for (int i = 0; i < NODES; i++) {
		bool cyclic = false;

		assert_true(puts[i].wave < NODES);
		used[puts[i].wave] = true;
		for (int j = 0; j < NODES; j++) {
			circle = i != j && needs[i][j] && needs[j][i];
			cyclic = cyclic || circle;
			if (circle && puts[i].rank < puts[j].rank)
				assert_true(puts[i].wave < puts[j].wave);
			if (i != j && needs[i][j] && !circle)
				assert_true(puts[i].wave > puts[j].wave);
			ri = handed_down(needs, puts, i);
			rj = handed_down(needs, puts, j);
			if (ri < rj)
				assert_true(puts[i].wave < puts[j].wave);
		}
		assert_int_equal(puts[i].cyclic, cyclic);
	}
	for (int i = 1; i < NODES; i++)
		assert_true(used[i - 1] || !used[i]);
}

static void
any_graph(void **state)
{
	char path[16];
	struct tree tree;
	uint32_t seed = 1;

	(void)state;
	tree_init(&tree);
	for (int i = 0; i < NODES; i++) {
		snprintf(path, sizeof(path), "%02d", i);
		assert_non_null(tree_add(&tree, path));
	}
	tree_seal(&tree);
	for (int g = 0; g < GRAPHS; g++) {
		bool needs[NODES][NODES] = { { false } };
		struct refs_edge edges[2 * NODES];
		struct refs_put puts[NODES];
		struct refs refs;

		refs_init(&refs, &tree, NULL, NULL);
		refs.edges = edges;
		refs.count = dice(&seed, 2 * NODES + 1);
		for (size_t i = 0; i < refs.count; i++) {
			edges[i].from = dice(&seed, NODES);
			edges[i].to = dice(&seed, NODES);
			needs[edges[i].from][edges[i].to] = true;
		}
		for (int i = 0; i < NODES; i++) {
			puts[i] =
			    (struct refs_put){ .path = tree.files[i].path };
			puts[i].rank = PLAN_ASSET + dice(&seed, 4);
		}
		close_over(needs);
		assert_int_equal(refs_order(&refs, puts, NODES, NULL, NULL), 0);
		judge_graph(needs, puts);
		refs.edges = NULL;
		refs_free(&refs);
	}
	tree_free(&tree);
}

/* ---- What is missing ------------------------------------------------------ */

struct told {
	char text[4096];
	size_t count;
};

static void
tell(void *ctx, const char *page, const struct ferry_error *e)
{
	struct told *t = ctx;

	assert_int_equal(e->code, ferry_ESOURCE);
	assert_string_equal(e->id, "link_missing");
	assert_int_equal(strncmp(e->text, page, strlen(page)), 0);
	snprintf(t->text + strlen(t->text), sizeof(t->text) - strlen(t->text),
	    "%s;", e->text);
	t->count++;
}

static void
misses(const char *text, const struct glob_list *served, size_t count,
    const char *want)
{
	struct told told = { "", 0 };
	struct ferry_error e;
	struct site s;
	int rc;

	make_site(&s, text, served);
	rc = refs_judge(&s.refs, tell, &told, &e);
	assert_int_equal(rc, count > 0 ? -ferry_ESOURCE : 0);
	assert_int_equal(s.refs.missing_count, count);
	if (count > 0)
		assert_string_equal(e.id, "links_missing");
	if (strcmp(told.text, want) != 0)
		fail_msg("%s: %s", text, told.text);
	free_site(&s);
}

static void
missing(void **state)
{
	struct glob_list served;

	(void)state;
	misses("a.html=b.png,>c.html b.png c.html", NULL, 0, "");
	misses("a.html=b.png,>c.html,b.png", NULL, 2,
	    "a.html refers to /b.png, which is not there;"
	    "a.html refers to /c.html, which is not there;");
	misses("a.html=>d/,>e/ d/x.html e/index.php", NULL, 1,
	    "a.html refers to /d/, which is not there;");
	misses("a.html=>d,>e,>f d/index.htm e.html f", NULL, 0, "");
	misses("a.html=>d/index.html d/default.htm", NULL, 1,
	    "a.html refers to /d/index.html, which is not there;");
	misses("a.css=b.css b.css=c%41.css", NULL, 1,
	    "b.css refers to /cA.css, which is not there;");
	misses("a.html=%1b[.png", NULL, 1,
	    "a.html refers to /\\x1b[.png, which is not there;");

	glob_init(&served);
	assert_true(glob_add(&served, "/uploads/"));
	assert_true(glob_add(&served, "*.cgi"));
	misses("a.html=uploads/x/y.png,>x/y.cgi,>uploads", &served, 1,
	    "a.html refers to /uploads, which is not there;");
	glob_free(&served);
}

static void
many_missing(void **state)
{
	struct told told = { "", 0 };
	struct ferry_error e;
	struct tree tree;
	struct refs refs;
	char text[65536] = "";

	(void)state;
	tree_init(&tree);
	assert_non_null(tree_add(&tree, "p.html"));
	tree_seal(&tree);
	refs_init(&refs, &tree, NULL, NULL);
	for (size_t i = 0; i < 2000; i++)
		snprintf(
		    text + strlen(text), 32, "<img src=%zu.png>", i % 1000);
	assert_true(refs_add(&refs, &tree.files[0], text, strlen(text)));
	assert_int_equal(refs_judge(&refs, tell, &told, &e), -ferry_ESOURCE);
	assert_int_equal(told.count, REFS_TOLD);
	assert_non_null(strstr(e.text, "1000 references"));
	assert_non_null(strstr(e.hint, "strict-links"));
	refs_free(&refs);
	tree_free(&tree);
}

/* ---- Reading -------------------------------------------------------------- */

static void
put_file(const char *dir, const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void
reading(void **state)
{
	static const char *const names[] = { "big.html", "grown.html",
		"link.html", "new.html", "old.html", "style.css", "x.png" };
	char dir[] = "/tmp/sandferry-refs.XXXXXX", path[256];
	struct tree local, recorded;
	struct ferry_site *site;
	struct ferry_error e;
	struct refs refs;
	int cancel[2];

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(ferry_site_new(&site, &e), 0);
	assert_int_equal(ferry_site_set(site, "source", dir, &e), 0);
	tree_init(&local);
	tree_init(&recorded);
	for (size_t i = 0; i < 7; i++) {
		struct tree_file *f = tree_add(&local, names[i]);

		f->size = 14;
		if (strcmp(names[i], "link.html") != 0)
			put_file(dir, names[i], "<img src=x.png");
	}
	local.files[0].size = LIMIT_PAGE + 1;
	local.files[1].size = 200;
	local.files[3].size = 15;
	local.files[5].size = 12;
	put_file(dir, "new.html", "<img src=x.png>");
	put_file(dir, "style.css", "@import 'y';");
	snprintf(path, sizeof(path), "%s/link.html", dir);
	assert_int_equal(symlink("new.html", path), 0);
	tree_seal(&local);
	tree_add(&recorded, "a.html");
	tree_add(&recorded, "old.html")->size = 14;
	tree_add(&recorded, "new.html")->size = 3;
	tree_seal(&recorded);

	refs_init(&refs, &local, NULL, NULL);
	assert_int_equal(refs_read(&refs, &recorded, site, -1, &e), 0);
	assert_int_equal(refs.pages, 3); /* link, new, style */
	assert_int_equal(refs.count, 1); /* the link was cut at 14 bytes */
	assert_int_equal(refs.edges[0].from, 3);
	assert_int_equal(refs.edges[0].to, 6);
	assert_int_equal(refs.missing_count, 1);
	refs_free(&refs);

	/* each pair once */
	refs_init(&refs, &local, NULL, NULL);
	assert_true(refs_add(&refs, &local.files[0],
	    "<img src=x.png><a href=y></a><img src=x.png><a href=y>", 54));
	assert_int_equal(refs.count, 1);
	assert_int_equal(refs.missing_count, 1);
	refs_free(&refs);

	refs_init(&refs, &local, NULL, NULL);
	assert_int_equal(refs_read(&refs, NULL, site, -1, &e), 0);
	assert_int_equal(refs.pages, 4);
	refs_free(&refs);

	refs_init(&refs, &local, NULL, NULL);
	assert_int_equal(pipe(cancel), 0);
	assert_int_equal(write(cancel[1], "", 1), 1);
	assert_int_equal(
	    refs_read(&refs, NULL, site, cancel[0], &e), -ferry_ECANCELLED);
	refs_free(&refs);
	close(cancel[0]);
	close(cancel[1]);

	unlink(path);
	refs_init(&refs, &local, NULL, NULL);
	assert_int_equal(refs_read(&refs, NULL, site, -1, &e), -ferry_ESOURCE);
	refs_free(&refs);

	for (size_t i = 0; i < 7; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	rmdir(dir);
	tree_free(&local);
	tree_free(&recorded);
	ferry_site_free(site);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_rank),
		cmocka_unit_test(by_need),
		cmocka_unit_test(cycles),
		cmocka_unit_test(folders),
		cmocka_unit_test(some_are_put),
		cmocka_unit_test(long_chain),
		cmocka_unit_test(any_graph),
		cmocka_unit_test(missing),
		cmocka_unit_test(many_missing),
		cmocka_unit_test(reading),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
