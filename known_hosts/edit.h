/* Take one host out of the text of a known_hosts file.  Hub; no I/O. */
#ifndef KNOWN_HOSTS_EDIT_H
#define KNOWN_HOSTS_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "known_hosts/blob.h"

struct edit {
	const char *name; /* as looked up: see match_name() */
	const struct blob *type; /* only keys of this one's type; NULL: all */
	const void *keep; /* a line with this key stays; or NULL */
	size_t keep_len;
	unsigned removed; /* out: lines that meant the host */
	bool kept; /* out: the key to keep was there */
};

/*
 * Copy text[0..n) to out without the host.  A line of this host alone goes; in
 * one of several its name is taken out, or excluded where a pattern means it.
 * Marked, bad and blank lines stay as they are.  Returns 0 or
 * -ferry_EINTERNAL.
 */
int edit_remove(struct edit *edit, const char *text, size_t n, struct buf *out);

#endif
