/*
 * The text of a site file, taken apart with libinih.  Hub; no I/O.
 *
 * libinih cuts a line at 200 bytes, a name at 50 and a value at " ;", takes an
 * indented line for more of the value before, and tells no line numbers.  So
 * the line reader that feeds it hands over only what it cannot misunderstand,
 * and refuses the rest with the line's number: no value changes silently.
 */
#include "publish/site_file.h"

#include <ini.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

enum { LIMIT_TARGET = 40 }; /* letters; libinih cuts a section's name at 50 */

struct parse {
	struct site_file *file;
	const char *text, *end;
	const char *name;
	unsigned line;
	const char *section; /* of the current line; in the file's arena */
	struct ferry_error *err;
	int rc;
};

/* Fail at the current line, once: the first error is the one to read. */
#define FAIL(p, id, ...)                                             \
	((p)->rc = err_set((p)->err, ferry_EUSAGE, id, __VA_ARGS__), \
	    err_prefix((p)->err, "%s:%u", (p)->name, (p)->line))

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool
target_name_ok(const char *s, size_t n)
{
	if (n == 0 || n > LIMIT_TARGET || *s == '-' || *s == '.')
		return false;
	for (; n > 0; n--, s++) {
		if (!((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
			(*s >= '0' && *s <= '9') || *s == '-' || *s == '_' ||
			*s == '.'))
			return false;
	}
	return true;
}

bool
site_file_has(const struct site_file *f, const char *target)
{
	for (size_t i = 0; i < f->target_count; i++) {
		if (strcmp(f->targets[i], target) == 0)
			return true;
	}
	return false;
}

/* "[name]": open the section of a target. */
static void
open_section(struct parse *p, const char *s, size_t n)
{
	struct site_file *f = p->file;
	const char *name;

	if (n < 2 || s[n - 1] != ']' || !target_name_ok(s + 1, n - 2)) {
		FAIL(
		    p, "bad_section", "not a target's [name]: %.*s", (int)n, s);
		err_hint(p->err,
		    "Letters, digits, `-', `_' and `.' make a name "
		    "of at most %d.",
		    LIMIT_TARGET);
		return;
	}
	name = arena_copy(&f->names, s + 1, n - 2);
	if (name == NULL)
		p->rc = err_memory(p->err);
	else if (site_file_has(f, name))
		FAIL(p, "section_twice", "target [%s] stands here twice", name);
	else if (f->target_count == SITE_FILE_MAX_TARGETS)
		FAIL(p, "too_many_targets", "more than %d targets",
		    SITE_FILE_MAX_TARGETS);
	else
		p->section = f->targets[f->target_count++] = name;
}

/* Could libinih read this line, without its blanks, as something else? */
static void
judge_line(struct parse *p, const char *s, size_t n, int room)
{
	const char *equals;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if ((c < ' ' && c != '\t') || c == 0x7f) {
			FAIL(p, "control_character", "a control character (%d)",
			    c);
			return;
		}
		if (i > 0 && (c == ';' || c == '#') && is_blank(s[i - 1])) {
			FAIL(p, "inline_comment", "`%c' behind a blank", c);
			err_hint(p->err, "A comment needs a line of its own.");
			return;
		}
	}
	if (n + 2 > (size_t)room) { /* its newline and NUL */
		FAIL(p, "line_too_long", "a line of %zu bytes; %d is the most",
		    n, room - 2);
		return;
	}
	if (*s == '[') {
		open_section(p, s, n);
		return;
	}
	equals = memchr(s, '=', n);
	if (equals == NULL || equals == s ||
	    memchr(s, ':', (size_t)(equals - s)) != NULL)
		FAIL(p, "bad_line", "neither `key = value' nor a [target]");
}

/* libinih's line reader: the next line without the blanks around it. */
static char *
read_line(char *dst, int room, void *stream)
{
	struct parse *p = stream;
	const char *s = p->text, *end;
	size_t n;

	if (p->rc != 0 || s == p->end || room < 3)
		return NULL;
	end = memchr(s, '\n', (size_t)(p->end - s));
	p->text = end != NULL ? end + 1 : p->end;
	if (end == NULL)
		end = p->end;
	if (end > s && end[-1] == '\r')
		end--;
	p->line++;
	while (s < end && is_blank(*s))
		s++;
	while (s < end && is_blank(end[-1]))
		end--;
	n = (size_t)(end - s);
	if (n == 0 || *s == '#' || *s == ';')
		n = 0; /* a comment may be as long as it likes */
	else
		judge_line(p, s, n, room);
	if (p->rc != 0)
		return NULL;
	memcpy(dst, s, n);
	memcpy(dst + n, "\n", 2);
	return dst;
}

static struct site_file_item *
add_item(struct site_file *f)
{
	if (f->count == f->cap) {
		size_t cap = f->cap > 0 ? 2 * f->cap : 32;
		struct site_file_item *items;

		items = realloc(f->items, cap * sizeof(*items));
		if (items == NULL)
			return NULL;
		f->items = items;
		f->cap = cap;
	}
	return &f->items[f->count++];
}

/* libinih found a key: 1 goes on, 0 is an error. */
static int
on_key(void *user, const char *section, const char *name, const char *value)
{
	struct parse *p = user;
	const struct site_key *key;
	struct site_file_item *item;

	(void)section; /* read_line() has seen it, uncut */
	if (p->rc != 0)
		return 0;
	key = site_keys_find(name, p->err);
	if (key == NULL) {
		p->rc = -ferry_EUSAGE;
		err_prefix(p->err, "%s:%u", p->name, p->line);
		return 0;
	}
	if (key->use == SITE_KEY_FILE && *p->section != '\0') {
		FAIL(p, "misplaced_key",
		    "`%s' belongs above the first [target]", name);
		return 0;
	}
	for (size_t i = 0; i < p->file->count; i++) {
		const struct site_file_item *other = &p->file->items[i];

		if (other->key == key && key->use != SITE_KEY_ADDS_UP &&
		    other->target == p->section) {
			FAIL(p, "key_twice", "`%s' stands on line %u already",
			    name, other->line);
			return 0;
		}
	}
	item = add_item(p->file);
	if (item != NULL) {
		item->key = key;
		item->target = p->section;
		item->line = p->line;
		item->value =
		    arena_copy(&p->file->names, value != NULL ? value : "",
			value != NULL ? strlen(value) : 0);
	}
	if (item == NULL || item->value == NULL)
		p->rc = err_memory(p->err);
	return p->rc == 0;
}

int
site_file_parse(struct site_file *f, const char *text, size_t n,
    const char *name, struct ferry_error *err)
{
	struct parse p = {
		.file = f,
		.text = text,
		.end = text + n,
		.name = name,
		.section = "",
		.err = err,
	};
	int rc;

	memset(f, 0, sizeof(*f));
	arena_init(&f->names);
	if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		p.text += 3;
	rc = ini_parse_stream(read_line, &p, on_key, &p);
	if (p.rc == 0 && rc != 0) {
		p.line = rc > 0 ? (unsigned)rc : p.line;
		FAIL(&p, "bad_line", "neither `key = value' nor a [target]");
	}
	if (p.rc != 0)
		site_file_free(f);
	return p.rc;
}

void
site_file_free(struct site_file *f)
{
	arena_free(&f->names);
	free(f->items);
	memset(f, 0, sizeof(*f));
}
