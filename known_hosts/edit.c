/*
 * Rewrite a known_hosts text so that it no longer means one host, leaving every
 * other byte alone.  Hub; no I/O.
 */
#include "known_hosts/edit.h"

#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "known_hosts/entry.h"
#include "known_hosts/match.h"
#include "sandferry.h"

/* Is this list element the name itself, rather than a pattern for it? */
static bool
is_name(const char *p, size_t n, const char *name)
{
	return n == strlen(name) && memchr(p, '*', n) == NULL &&
	    memchr(p, '?', n) == NULL && match_pattern(p, n, name);
}

/*
 * The field without the name.  False when nobody is left whom it could mean.
 */
static bool
rest_of_field(const char *p, size_t n, const char *name, struct buf *out)
{
	bool somebody = false;

	if (n > 0 && *p == '|')
		return false;
	while (n > 0) {
		const char *comma = memchr(p, ',', n);
		size_t len = comma != NULL ? (size_t)(comma - p) : n;
		size_t skip = len + (comma != NULL);

		if (!is_name(p, len, name)) {
			/* In front, these would make another kind of line. */
			if (out->len > 0 || (len > 0 && strchr("|@#", *p)))
				buf_put_u8(out, ',');
			buf_put(out, p, len);
			somebody = somebody || (len > 0 && *p != '!');
		}
		p += skip;
		n -= skip;
	}
	if (out->data != NULL &&
	    match_hosts((const char *)out->data, out->len, name))
		buf_printf(out, ",!%s", name);
	return somebody;
}

static bool
is_meant(struct edit *edit, const struct entry *e)
{
	if (e->kind != ENTRY_HOST ||
	    (edit->type != NULL && !blob_same_type(&e->key, edit->type)) ||
	    !match_hosts(e->hosts, e->hosts_len, edit->name))
		return false;
	if (edit->keep != NULL &&
	    entry_has_key(e, edit->keep, edit->keep_len)) {
		edit->kept = true;
		return false;
	}
	return true;
}

/* line[0..n) with its newline. */
static void
edit_line(struct edit *edit, const char *line, size_t n, const struct entry *e,
    struct buf *out)
{
	struct buf field;
	const char *tail;

	if (!is_meant(edit, e)) {
		buf_put(out, line, n);
		return;
	}
	edit->removed++;
	buf_init(&field, LIMIT_KNOWN_HOSTS);
	if (rest_of_field(e->hosts, e->hosts_len, edit->name, &field)) {
		tail = e->hosts + e->hosts_len;
		buf_put(out, line, (size_t)(e->hosts - line));
		buf_put(out, field.data, field.len);
		buf_put(out, tail, (size_t)(line + n - tail));
	}
	out->failed |= !buf_ok(&field);
	buf_free(&field);
}

int
edit_remove(struct edit *edit, const char *text, size_t n, struct buf *out)
{
	struct arena keys;
	struct entry e;
	int rc = 0;

	edit->removed = 0;
	edit->kept = false;
	arena_init(&keys);
	while (n > 0) {
		const char *newline = memchr(text, '\n', n);
		size_t len = newline != NULL ? (size_t)(newline - text) : n;
		size_t whole = len + (newline != NULL);

		rc = entry_parse(&e, text, len, &keys);
		if (rc != 0)
			goto out;
		edit_line(edit, text, whole, &e, out);
		text += whole;
		n -= whole;
	}
	if (!buf_ok(out))
		rc = -ferry_EINTERNAL;
out:
	arena_free(&keys);
	return rc;
}
