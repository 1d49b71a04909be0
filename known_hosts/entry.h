/* One line of a known_hosts file.  Hub; no I/O. */
#ifndef KNOWN_HOSTS_ENTRY_H
#define KNOWN_HOSTS_ENTRY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "known_hosts/blob.h"

enum entry_kind {
	ENTRY_NOTHING, /* blank, or a comment */
	ENTRY_BAD, /* to be skipped, with a warning */
	ENTRY_HOST, /* these hosts have this key */
	ENTRY_REVOKED, /* @revoked: this key is never accepted */
	ENTRY_AUTHORITY, /* @cert-authority: never a host's own key */
};

struct entry {
	enum entry_kind kind;
	const char *fault; /* of a bad line: why, a few words */
	const char *hosts; /* its host field, in the line */
	size_t hosts_len;
	const unsigned char *blob; /* the key, in the arena */
	size_t blob_len;
	struct blob key; /* the same, taken apart */
};

/*
 * Parse line[0..n), without its newline; what follows a NUL or is a final CR
 * does not count.  Returns 0, or -ferry_EINTERNAL when out of memory.
 */
int entry_parse(struct entry *e, const char *line, size_t n, struct arena *a);
bool entry_has_key(const struct entry *e, const void *blob, size_t n);

#endif
