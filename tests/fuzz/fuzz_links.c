/*
 * Fuzz the readers of references.  First byte: the language, and whether the
 * site's url is known; the rest is the file.  What comes out is a path below
 * the site's root, and comes out again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "publish/links.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct sum {
	size_t count, bytes;
};

static void
add(void *ctx, const struct link *l)
{
	struct sum *s = ctx;

	if (!path_relative_ok(l->path))
		abort();
	if (l->folder && strcmp(path_base(l->path), "index.html") != 0)
		abort();
	s->count++;
	s->bytes += strlen(l->path);
}

static struct sum
one(unsigned form, const uint8_t *data, size_t n)
{
	static const char *const pages[] = { "a/b/p.html", "a/p.svg", "p.css" };
	struct sum sum = { 0, 0 };
	const struct links l = {
		.page = pages[form % 3],
		.site_url = form / 3 % 2 ? "https://e.org/x%20y/" : NULL,
		.ctx = &sum,
		.each = add,
	};

	links_read(&l, data, n);
	return sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct sum first, second;

	if (n == 0)
		return 0;
	first = one(data[0], data + 1, n - 1);
	second = one(data[0], data + 1, n - 1);
	if (first.count != second.count || first.bytes != second.bytes ||
	    first.count > n) /* each takes a byte, at the least */
		abort();
	return 0;
}
