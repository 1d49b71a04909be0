/* Sidecars: which files have one, its bytes, and what the scan remembers. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "base/fs.h"
#include "publish/scan.h"
#include "publish/sidecar.h"

struct bench {
	char top[32]; /* the source */
	char state[32];
	struct ferry_site *site;
	struct scan scan;
	struct tree tree;
	struct ferry_error err;
};

static int
set_up(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return -1;
	strcpy(b->top, "/tmp/test-side-XXXXXX");
	strcpy(b->state, "/tmp/test-memo-XXXXXX");
	if (mkdtemp(b->top) == NULL || mkdtemp(b->state) == NULL ||
	    ferry_site_new(&b->site, NULL) != 0 ||
	    ferry_site_set(b->site, "source", b->top, NULL) != 0 ||
	    ferry_site_set(b->site, "precompress", "gzip", NULL) != 0)
		return -1;
	b->scan.site = b->site;
	b->scan.state_dir = open(b->state, O_RDONLY | O_DIRECTORY);
	b->scan.cancel_fd = -1;
	tree_init(&b->tree);
	*state = b;
	return chdir(b->top);
}

static int
tear_down(void **state)
{
	static const char *const files[] = { "a.html", "a.html.gz", "b.css",
		"c.js", "d.png", "e.svg" };
	struct bench *b = *state;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlink(files[i]);
	unlinkat(b->scan.state_dir, "sidecars.gz", 0);
	unlinkat(b->scan.state_dir, "sidecars.br", 0);
	unlinkat(b->scan.state_dir, "scan-cache", 0);
	close(b->scan.state_dir);
	ferry_site_free(b->site);
	tree_free(&b->tree);
	if (chdir("/") != 0 || rmdir(b->top) != 0 || rmdir(b->state) != 0)
		return -1;
	free(b);
	return 0;
}

/* n bytes that compress well, or not at all. */
static void
file(const char *path, size_t n, bool random)
{
	FILE *f = fopen(path, "w");
	uint32_t x = 12345;

	assert_non_null(f);
	for (size_t i = 0; i < n; i++) {
		x = x * 1664525 + 1013904223;
		fputc(random ? (int)(x >> 24) : "text "[i % 5], f);
	}
	assert_int_equal(fclose(f), 0);
}

static void
finds(struct bench *b, const char *want)
{
	char got[512] = "";

	tree_free(&b->tree);
	if (scan_source(&b->scan, &b->tree, &b->err) != 0)
		fail_msg("%s", b->err.text);
	for (size_t i = 0; i < b->tree.count; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s",
		    i > 0 ? " " : "", b->tree.files[i].path);
	assert_string_equal(got, want);
}

static void
names(void **state)
{
	(void)state;
	assert_int_equal(sidecar_base("a.css.gz"), 5);
	assert_int_equal(sidecar_base("x.d/a.HTML.br"), 10);
	assert_int_equal(sidecar_base("a.js.zst"), 4);
	assert_int_equal(sidecar_base("a.css"), 0);
	assert_int_equal(sidecar_base("a.tar.gz"), 0);
	assert_int_equal(sidecar_base("css.gz"), 0);
	assert_int_equal(sidecar_base("a/.css.gz"), 0);
	assert_int_equal(sidecar_base(".css.gz"), 0);
	assert_int_equal(sidecar_base(".gz"), 0);
	assert_int_equal(sidecar_base(""), 0);
}

static void
which_files(void **state)
{
	struct bench *b = *state;

	file("a.html", 1000, false);
	file("b.css", 255, false); /* too short */
	file("c.js", 1000, true); /* gains nothing */
	file("d.png", 1000, false);
	file("e.svg", 256, false);
	finds(b, "a.html a.html.gz b.css c.js d.png e.svg e.svg.gz");
	assert_false(b->tree.files[0].sidecar);
	assert_true(b->tree.files[1].sidecar);
	assert_int_equal(b->tree.files[0].mtime, b->tree.files[1].mtime);
	assert_int_equal(b->tree.files[0].mode, b->tree.files[1].mode);

	assert_int_equal(ferry_site_set(b->site, "exclude", "e*.gz", NULL), 0);
	finds(b, "a.html a.html.gz b.css c.js d.png e.svg");

	file("a.html.gz", 33, true); /* the site's own */
	finds(b, "a.html a.html.gz b.css c.js d.png e.svg");
	assert_false(b->tree.files[1].sidecar);
	assert_int_equal(b->tree.files[1].size, 33);

	assert_int_equal(ferry_site_set(b->site, "precompress", "no", NULL), 0);
	unlink("a.html.gz");
	finds(b, "a.html b.css c.js d.png e.svg");
}

static void
bytes(void **state)
{
	static const unsigned char head[10] = { 31, 139, 8, 0, 0, 0, 0, 0, 2,
		255 };
	struct bench *b = *state;
	unsigned char packed[4096], text[4096];
	const struct tree_file *f;
	struct digest digest;
	z_stream z = { .next_in = packed };
	struct scan_opener source;
	ssize_t n;
	int fd;

	file("a.html", 3000, false);
	finds(b, "a.html a.html.gz");
	f = &b->tree.files[1];
	scan_opener_init(&source, b->site);
	fd = sidecar_open(&source, f, &b->err);
	scan_opener_close(&source);
	assert_true(fd >= 0);
	n = read(fd, packed, sizeof(packed));
	close(fd);
	assert_int_equal(n, f->size);
	assert_memory_equal(packed, head, sizeof(head));
	hash_bytes(packed, (size_t)n, &digest);
	assert_true(hash_equal(&digest, &f->digest));

	z.avail_in = (unsigned)n;
	z.next_out = text;
	z.avail_out = sizeof(text);
	assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	assert_int_equal(z.total_out, 3000);
	assert_memory_equal(text, "text text ", 10);
	inflateEnd(&z);
}

/* What is remembered is believed: so it is seen to be used, or not. */
static void
remembers(void **state)
{
	struct bench *b = *state;
	struct buf memo;
	struct digest digest;

	file("a.html", 3000, false);
	file("b.css", 3000, true);
	finds(b, "a.html a.html.gz b.css");

	buf_init(&memo, 65536);
	assert_int_equal(
	    fs_read(b->scan.state_dir, "sidecars.gz", false, &memo), 0);
	/* two entries of 72 bytes; the sizes are at their ends */
	for (size_t i = 1; i <= 2; i++)
		memo.data[memo.len - HASH_SIZE - 1 - (i - 1) * 72] = 77;
	assert_int_equal(fs_write(b->scan.state_dir, "sidecars.gz", memo.data,
			     memo.len, 0600),
	    0);
	finds(b, "a.html a.html.gz b.css"); /* damaged */

	hash_bytes(memo.data, memo.len - HASH_SIZE, &digest);
	memcpy(memo.data + memo.len - HASH_SIZE, digest.b, HASH_SIZE);
	assert_int_equal(fs_write(b->scan.state_dir, "sidecars.gz", memo.data,
			     memo.len, 0600),
	    0);
	finds(b, "a.html a.html.gz b.css b.css.gz");
	assert_int_equal(b->tree.files[1].size, 77);

	for (size_t n = 0; n < memo.len; n += 7) { /* cut off */
		assert_int_equal(fs_write(b->scan.state_dir, "sidecars.gz",
				     memo.data, n, 0600),
		    0);
		finds(b, "a.html a.html.gz b.css");
	}
	buf_free(&memo);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		TEST(which_files),
		TEST(bytes),
		TEST(remembers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
