/*
 * One line of a known_hosts file, and its text as a host field.  What is good
 * stays so in any case of its names, with a comment and as Windows ends it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "known_hosts/entry.h"
#include "known_hosts/match.h"

static const char *const names[] = { "h.example", "[h.example]:2222", "::1" };

enum { NAMES = sizeof(names) / sizeof(names[0]) };

static void
check(bool ok)
{
	if (!ok)
		abort();
}

static void
parse(struct entry *e, const char *text, size_t n, struct arena *a)
{
	check(entry_parse(e, text, n, a) == 0);
	check((e->kind == ENTRY_BAD) == (e->fault != NULL));
	if (e->kind < ENTRY_HOST)
		return;
	check(e->hosts >= text && e->hosts_len > 0);
	check(e->hosts_len < n && e->hosts <= text + n - e->hosts_len);
	check(e->blob_len > 0 && e->key.name_len > 0);
	check(entry_has_key(e, e->blob, e->blob_len));
}

/* The same line with another end, and its plain names in capitals. */
static void
parse_again(const struct entry *e, const char *text, size_t n, struct arena *a)
{
	struct buf other;
	struct entry same;
	char *hosts;

	buf_init(&other, LIMIT_KNOWN_HOSTS);
	buf_put(&other, text, strnlen(text, n));
	buf_printf(&other, " comment\r");
	check(buf_ok(&other));
	hosts = (char *)other.data + (e->hosts - text);
	for (size_t i = 0; i < e->hosts_len && e->hosts[0] != '|'; i++)
		if (hosts[i] >= 'a' && hosts[i] <= 'z')
			hosts[i] = (char)(hosts[i] - 'a' + 'A');
	parse(&same, (const char *)other.data, other.len, a);
	check(same.kind == e->kind && same.hosts_len == e->hosts_len);
	check(entry_has_key(&same, e->blob, e->blob_len));
	for (size_t i = 0; i < NAMES; i++)
		check(match_hosts(e->hosts, e->hosts_len, names[i]) ==
		    match_hosts(same.hosts, same.hosts_len, names[i]));
	buf_free(&other);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct arena a;
	struct entry e;

	arena_init(&a);
	if (size > 0) {
		parse(&e, text, size, &a);
		if (e.kind >= ENTRY_HOST)
			parse_again(&e, text, size, &a);
		for (size_t i = 0; i < NAMES; i++)
			match_hosts(text, size, names[i]);
	}
	arena_free(&a);
	return 0;
}
