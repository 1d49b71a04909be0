/* The scan on its own thread says and finds what the plain one does. */
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

#include "publish/scan_ahead.h"

enum { FILES = 300 };

struct said {
	unsigned skipped, failed, progress;
	char reason[64], text[240];
};

struct bench {
	char top[64];
	struct ferry_site *site;
	struct said said;
	struct scan scan;
};

static void
on_skipped(void *ctx, const char *path, const char *reason)
{
	struct said *s = ctx;

	assert_string_equal(path, ".env");
	s->skipped++;
	snprintf(s->reason, sizeof(s->reason), "%s", reason);
}

static void
on_failed(void *ctx, const struct ferry_error *error)
{
	struct said *s = ctx;

	s->failed++;
	snprintf(s->text, sizeof(s->text), "%s", error->text);
}

static void
on_progress(void *ctx, size_t files, uint64_t bytes)
{
	struct said *s = ctx;

	(void)files;
	(void)bytes;
	s->progress++;
}

static void
write_file(const struct bench *b, const char *name)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", b->top, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(name, f);
	fclose(f);
}

/* packed: of bytes as a picture has them, else of one and the same. */
static void
write_large(const struct bench *b, const char *name, size_t size, bool packed)
{
	uint32_t random = 1;
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", b->top, name);
	f = fopen(path, "w");
	assert_non_null(f);
	while (size-- > 0) {
		random = random * 1664525 + 1013904223;
		putc(packed ? (int)(random >> 24) : 'x', f);
	}
	fclose(f);
}

static int
set_up(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));
	char name[32];
	unsigned i;

	strcpy(b->top, "/tmp/scan-ahead.XXXXXX");
	assert_non_null(mkdtemp(b->top));
	for (i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "page%u.html", i);
		write_file(b, name);
	}
	write_file(b, ".env");
	assert_int_equal(ferry_site_new(&b->site, NULL), 0);
	assert_int_equal(ferry_site_set(b->site, "source", b->top, NULL), 0);
	b->scan = (struct scan){ .site = b->site,
		.state_dir = -1,
		.cancel_fd = -1,
		.ctx = &b->said,
		.skipped = on_skipped,
		.failed = on_failed,
		.progress = on_progress };
	*state = b;
	return 0;
}

static int
tear_down(void **state)
{
	struct bench *b = *state;
	char command[128];

	snprintf(command, sizeof(command), "rm -r '%s'", b->top);
	assert_int_equal(system(command), 0);
	ferry_site_free(b->site);
	free(b);
	return 0;
}

static void
finds_and_says(void **state)
{
	struct bench *b = *state;
	struct scan_ahead *a;
	struct tree tree;

	assert_int_equal(scan_ahead_start(&a, &b->scan, NULL, NULL), 0);
	assert_int_equal(b->said.skipped, 0); /* not before it is asked */
	assert_int_equal(scan_ahead_join(a, &tree, NULL), 0);
	scan_ahead_free(a);
	assert_int_equal(tree.count, FILES);
	assert_non_null(tree_find(&tree, "page7.html"));
	assert_int_equal(b->said.skipped, 1);
	assert_true(b->said.reason[0] != '\0');
	assert_int_equal(b->said.failed, 0);
	assert_true(b->said.progress > 0);
	tree_free(&tree);
}

static void
fails_in_words(void **state)
{
	struct bench *b = *state;
	struct ferry_error err;
	struct scan_ahead *a;
	struct tree tree;
	char path[128];

	snprintf(path, sizeof(path), "%s/link", b->top);
	assert_int_equal(symlink("nowhere", path), 0);
	assert_int_equal(scan_ahead_start(&a, &b->scan, NULL, &err), 0);
	assert_int_equal(scan_ahead_join(a, &tree, &err), -ferry_ESOURCE);
	scan_ahead_free(a);
	assert_int_equal(err.code, ferry_ESOURCE);
	assert_int_equal(b->said.failed, 1);
	assert_non_null(strstr(b->said.text, "link"));
}

static void
is_cancelled(void **state)
{
	struct bench *b = *state;
	struct ferry_error err;
	struct scan_ahead *a;
	struct tree tree;
	int fds[2], rc;

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "", 1), 1);
	b->scan.cancel_fd = fds[0];
	assert_int_equal(scan_ahead_start(&a, &b->scan, NULL, &err), 0);
	rc = scan_ahead_join(a, &tree, &err);
	scan_ahead_free(a);
	/* so small a source may be through before it is stopped */
	assert_true(rc == -ferry_ECANCELLED || rc == 0);
	if (rc == 0)
		tree_free(&tree);
	close(fds[0]);
	close(fds[1]);
}

/* Nobody asks: it is stopped, and nothing is said or left. */
static void
is_dropped(void **state)
{
	struct bench *b = *state;
	struct scan_ahead *a;

	assert_int_equal(scan_ahead_start(&a, &b->scan, NULL, NULL), 0);
	scan_ahead_free(a);
	assert_int_equal(b->said.skipped + b->said.failed, 0);
	scan_ahead_free(NULL);
}

static bool
is_packed(struct bench *b)
{
	struct scan_ahead *a;
	struct tree tree;
	bool is;

	assert_int_equal(scan_ahead_start(&a, &b->scan, NULL, NULL), 0);
	assert_int_equal(scan_ahead_join(a, &tree, NULL), 0);
	is = scan_ahead_is_packed(a);
	scan_ahead_free(a);
	tree_free(&tree);
	return is;
}

/* Nearly all of what is to be sent, and not a little. */
static void
knows_what_is_packed(void **state)
{
	struct bench *b = *state;

	assert_false(is_packed(b));
	write_large(b, "a.jpg", 3 << 20, true);
	assert_false(is_packed(b));
	write_large(b, "b.jpg", 3 << 20, true);
	assert_true(is_packed(b));
	write_large(b, "c.txt", 1 << 20, false);
	assert_false(is_packed(b));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    finds_and_says, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    fails_in_words, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    is_cancelled, set_up, tear_down),
		cmocka_unit_test_setup_teardown(is_dropped, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    knows_what_is_packed, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
