/*
 * known_hosts: one line, the host field alone, and a whole text edited.  What
 * edit_remove() leaves must not mean the host any more.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "known_hosts/edit.h"
#include "known_hosts/entry.h"
#include "known_hosts/match.h"

static const char *const names[] = { "h.example", "[h.example]:2222", "::1",
	"[::1]:2222", "192.0.2.1" };

enum { NAMES = sizeof(names) / sizeof(names[0]) };

static void
line(const char *text, size_t n, struct arena *a)
{
	struct entry e;

	if (entry_parse(&e, text, n, a) != 0)
		return;
	if ((e.kind == ENTRY_BAD) != (e.fault != NULL))
		abort();
	if (e.kind >= ENTRY_HOST &&
	    !(e.hosts_len > 0 && e.key.name_len > 0 && e.blob_len > 0))
		abort();
	for (size_t i = 0; i < NAMES && e.hosts != NULL; i++)
		match_hosts(e.hosts, e.hosts_len, names[i]);
}

static void
lines(const char *text, size_t n)
{
	struct arena a;

	arena_init(&a);
	while (n > 0) {
		const char *newline = memchr(text, '\n', n);
		size_t len = newline != NULL ? (size_t)(newline - text) : n;

		line(text, len, &a);
		len += newline != NULL;
		text += len;
		n -= len;
	}
	arena_free(&a);
}

static void
edit(const char *text, size_t n, const char *name)
{
	struct edit first = { .name = name }, again = { .name = name };
	struct buf once, twice;

	buf_init(&once, LIMIT_KNOWN_HOSTS);
	buf_init(&twice, LIMIT_KNOWN_HOSTS);
	if (edit_remove(&first, text, n, &once) != 0 ||
	    edit_remove(&again, (const char *)once.data, once.len, &twice) != 0)
		abort();
	if (again.removed != 0 || once.len != twice.len)
		abort();
	if (first.removed == 0 && once.len != n)
		abort();
	buf_free(&once);
	buf_free(&twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;

	lines(text, size);
	for (size_t i = 0; i < NAMES; i++) {
		match_hosts(text, size, names[i]);
		edit(text, size, names[i]);
	}
	return 0;
}
