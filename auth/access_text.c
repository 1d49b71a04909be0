/*
 * The text of an access file: taken apart, and edited.  Hub; no I/O.
 *
 * An edit cuts and joins bytes of the text and then takes the outcome apart
 * anew: what is put in place is what the next run will read.
 */
#include "auth/access_text.h"

#include <stdlib.h>
#include <string.h>

#include "auth/access_keys.h"
#include "base/err.h"
#include "base/ini.h"
#include "base/limits.h"

enum { SITES_MAX = 4096 }; /* each is compared with those before it */

void
access_text_init(struct access_text *t)
{
	memset(t, 0, sizeof(*t));
	buf_init(&t->text, LIMIT_ACCESS_FILE);
	arena_init(&t->names);
}

/* All but the text. */
static void
drop(struct access_text *t)
{
	arena_free(&t->names);
	free(t->items);
	free(t->sections);
	t->items = NULL;
	t->sections = NULL;
	t->count = t->cap = t->section_count = t->section_cap = 0;
}

void
access_text_free(struct access_text *t)
{
	drop(t);
	buf_free(&t->text);
	access_text_init(t);
}

const struct access_section *
access_text_section(const struct access_text *t, const char *url)
{
	for (size_t i = 0; i < t->section_count; i++) {
		const struct access_section *s = &t->sections[i];

		if (s->url == NULL ? url == NULL
				   : url != NULL && strcmp(s->url, url) == 0)
			return s;
	}
	return NULL;
}

const struct access_item *
access_text_item(const struct access_text *t,
    const struct access_section *section, const char *key)
{
	for (size_t i = 0; section != NULL && i < section->count; i++) {
		const struct access_item *item = &t->items[section->first + i];

		if (strcmp(item->key->name, key) == 0)
			return item;
	}
	return NULL;
}

/* Room for one more; NULL when out of memory. */
static void *
grow(void *array, size_t count, size_t *cap, size_t size)
{
	size_t wanted = *cap > 0 ? 2 * *cap : 16;

	if (count < *cap)
		return array;
	array = realloc(array, wanted * size);
	if (array != NULL)
		*cap = wanted;
	return array;
}

static int
add_section(struct access_text *t, const char *url, unsigned line, size_t begin,
    size_t end, struct ferry_error *err)
{
	struct access_section *s = grow(t->sections, t->section_count,
	    &t->section_cap, sizeof(*t->sections));

	if (s == NULL)
		return err_memory(err);
	t->sections = s;
	s[t->section_count++] =
	    (struct access_section){ url, line, begin, end, t->count, 0 };
	return 0;
}

static int
open_section(
    struct access_text *t, const struct ini_line *line, struct ferry_error *err)
{
	const char *url = arena_copy(&t->names, line->value, line->value_len);

	if (url == NULL)
		return err_memory(err);
	if (!access_keys_url_ok(url)) {
		err_set(err, ferry_EUSAGE, "bad_section",
		    "not the [url] of a site: [%s]", url);
		err_hint(err, "Write [sftp://user@host/path].");
		return -ferry_EUSAGE;
	}
	if (access_text_section(t, url) != NULL)
		return err_set(err, ferry_EUSAGE, "section_twice",
		    "[%s] stands here twice", url);
	if (t->section_count > SITES_MAX)
		return err_set(err, ferry_EUSAGE, "too_many_sites",
		    "more than %d sites", SITES_MAX);
	return add_section(t, url, line->number, line->begin, line->end, err);
}

static int
check_item(const struct access_text *t, const struct access_key *key,
    const char *value, struct ferry_error *err)
{
	const struct access_section *s = &t->sections[t->section_count - 1];

	if (key->of_site != (s->url != NULL))
		return err_set(err, ferry_EUSAGE, "misplaced_key",
		    key->of_site
			? "`%s' belongs below a [url] of a site"
			: "`%s' belongs above the first [url], for all sites",
		    key->name);
	if (access_text_item(t, s, key->name) != NULL)
		return err_set(err, ferry_EUSAGE, "key_twice",
		    "`%s' stands in this section already", key->name);
	return access_keys_judge(key, value, err);
}

static int
on_line(void *ctx, const struct ini_line *line, struct ferry_error *err)
{
	struct access_text *t = ctx;
	const struct access_key *key;
	struct access_section *s;
	struct access_item *items;
	const char *value;
	int rc;

	if (line->key == NULL)
		return open_section(t, line, err);
	key = access_keys_find(line->key, err);
	if (key == NULL)
		return -ferry_EUSAGE;
	value = arena_copy(&t->names, line->value, line->value_len);
	if (value == NULL)
		return err_memory(err);
	rc = check_item(t, key, value, err);
	if (rc != 0)
		return rc;
	items = grow(t->items, t->count, &t->cap, sizeof(*t->items));
	if (items == NULL)
		return err_memory(err);
	t->items = items;
	items[t->count++] =
	    (struct access_item){ key, value, line->begin, line->end };
	s = &t->sections[t->section_count - 1];
	s->count++;
	s->end = line->end;
	return 0;
}

int
access_text_parse(
    struct access_text *t, const char *name, struct ferry_error *err)
{
	const struct ini_reader reader = { name, "a [url] of a site", on_line };
	const char *text = buf_text(&t->text);
	size_t mark = strncmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	int rc;

	drop(t);
	rc = add_section(t, NULL, 0, mark, mark, err);
	if (rc == 0)
		rc = ini_read(text, t->text.len, &reader, t, err);
	if (rc != 0)
		drop(t);
	return rc;
}

/* *fresh is the text with insert in the place of the bytes begin..end. */
static int
splice(struct access_text *fresh, struct access_text *t, size_t begin,
    size_t end, const char *insert, struct ferry_error *err)
{
	const char *text = buf_text(&t->text);

	buf_put(&fresh->text, text, begin);
	buf_put(&fresh->text, insert, strlen(insert));
	buf_put(&fresh->text, text + end, t->text.len - end);
	if (buf_ok(&fresh->text))
		return access_text_parse(fresh, "access file", err);
	return err_set(err, ferry_EUSAGE, "access_full",
	    "the access file would be longer than %d bytes", LIMIT_ACCESS_FILE);
}

/* The lines to put in, and where: over an old one, or behind the last. */
static void
make_lines(struct buf *lines, struct access_text *t, const char *url,
    const char *key, const char *value, size_t *begin, size_t *end)
{
	const struct access_section *s = access_text_section(t, url);
	const struct access_item *item = access_text_item(t, s, key);
	const char *text = buf_text(&t->text);
	const char *newline = strstr(text, "\r\n") != NULL ? "\r\n" : "\n";

	*begin = item != NULL ? item->begin : s != NULL ? s->end : t->text.len;
	*end = item != NULL ? item->end : *begin;
	if (item == NULL && *begin > t->sections[0].begin &&
	    text[*begin - 1] != '\n')
		buf_printf(lines, "%s", newline);
	if (s == NULL)
		buf_printf(lines, "%s[%s]%s",
		    *begin > t->sections[0].begin ? newline : "", url, newline);
	buf_printf(lines, "%s = %s%s", key, value, newline);
}

int
access_text_set(struct access_text *t, const char *url, const char *key,
    const char *value, struct ferry_error *err)
{
	const struct access_item *item;
	struct access_text fresh;
	struct buf lines;
	size_t begin, end;
	int rc;

	access_text_init(&fresh);
	buf_init(&lines, LIMIT_ACCESS_FILE);
	make_lines(&lines, t, url, key, value, &begin, &end);
	rc = splice(&fresh, t, begin, end, buf_text(&lines), err);
	if (rc == 0) {
		item = access_text_item(
		    &fresh, access_text_section(&fresh, url), key);
		if (item == NULL || strcmp(item->value, value) != 0)
			rc = err_set(err, ferry_EUSAGE, "bad_value",
			    "%s: `%s' cannot be written to an access file", key,
			    value);
	}
	if (rc == 0) {
		access_text_free(t);
		*t = fresh;
	} else {
		access_text_free(&fresh);
	}
	buf_free(&lines);
	return rc;
}

/* Where the blank line before a section begins that access_text_set() put. */
static size_t
skip_blank(struct access_text *t, size_t begin)
{
	const char *text = buf_text(&t->text);
	size_t at = begin;

	if (at > 0 && text[at - 1] == '\n')
		at -= at > 1 && text[at - 2] == '\r' ? 2 : 1;
	return at > 0 && text[at - 1] == '\n' ? at : begin;
}

int
access_text_remove(struct access_text *t, const char *url, const char *key,
    struct ferry_error *err)
{
	const struct access_section *s = access_text_section(t, url);
	const struct access_item *item = NULL;
	struct access_text fresh;
	size_t begin, end;
	int rc;

	if (s != NULL && key != NULL)
		item = access_text_item(t, s, key);
	if (item != NULL) {
		begin = item->begin;
		end = item->end;
	} else if (s != NULL && key == NULL && url != NULL) {
		begin = skip_blank(t, s->begin);
		end = s->end;
	} else {
		return 0;
	}
	access_text_init(&fresh);
	rc = splice(&fresh, t, begin, end, "", err);
	if (rc == 0) {
		access_text_free(t);
		*t = fresh;
	} else {
		access_text_free(&fresh);
	}
	return rc;
}
