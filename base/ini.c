/*
 * An INI text, taken apart with libinih.  Runs in the hub; no I/O.
 *
 * libinih cuts a line at 200 bytes, a section's name at 50 and a value at " ;",
 * takes an indented line for more of the value before, and tells no line
 * numbers.  So the line reader that feeds it refuses, with the line's number,
 * what it could misunderstand, and keeps names of sections and values, which it
 * would cut, to itself: nothing changes silently.
 */
#include "base/ini.h"

#include <ini.h>
#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/limits.h"

struct feed {
	const struct ini_reader *reader;
	void *ctx;
	const char *begin, *at, *end; /* of the text; at: not yet read */
	struct ini_line line;
	struct ferry_error *err;
	int rc;
};

/* Fail, once: the first error is the one to read. */
#define FAIL(f, id, ...) \
	((f)->rc = err_set((f)->err, ferry_EUSAGE, id, __VA_ARGS__))

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* A section goes to the reader alone, a key by way of libinih. */
static void
take_section(struct feed *f, const char *s, size_t n)
{
	if (s[n - 1] != ']') {
		FAIL(f, "bad_section", "not %s: %.*s", f->reader->section,
		    (int)n, s);
		return;
	}
	f->line.key = NULL;
	f->line.value = s + 1;
	f->line.value_len = n - 2;
	f->rc = f->reader->line(f->ctx, &f->line, f->err);
}

static void
not_a_line(struct feed *f)
{
	FAIL(f, "bad_line", "neither `key = value' nor %s", f->reader->section);
}

/* How much of "key = value" libinih gets to see: "key =". */
static size_t
split_line(struct feed *f, const char *s, size_t n, int room)
{
	const char *equals = memchr(s, '=', n), *value;
	size_t key;

	if (equals == NULL || equals == s ||
	    memchr(s, ':', (size_t)(equals - s)) != NULL) {
		not_a_line(f);
		return 0;
	}
	key = (size_t)(equals - s) + 1;
	if (key + 2 > (size_t)room) { /* its newline and NUL */
		FAIL(f, "bad_line", "a key of %zu bytes", key - 1);
		return 0;
	}
	for (value = equals + 1; value < s + n && is_blank(*value); value++)
		continue;
	f->line.value = value;
	f->line.value_len = (size_t)(s + n - value);
	return key;
}

/* Could this line, without its blanks, be read as something else? */
static void
judge_line(struct feed *f, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if ((c < ' ' && c != '\t') || c == 0x7f) {
			FAIL(f, "control_character", "a control character (%d)",
			    c);
			return;
		}
		if (i > 0 && (c == ';' || c == '#') && is_blank(s[i - 1])) {
			FAIL(f, "inline_comment", "`%c' behind a blank", c);
			err_hint(f->err, "A comment needs a line of its own.");
			return;
		}
	}
	if (n > LIMIT_INI_LINE)
		FAIL(f, "line_too_long", "a line of %zu bytes; %d is the most",
		    n, LIMIT_INI_LINE);
}

/* libinih's line reader. */
static char *
feed_line(char *dst, int room, void *stream)
{
	struct feed *f = stream;
	const char *s = f->at, *end;
	size_t n;

	if (f->rc != 0 || s == f->end || room < 3)
		return NULL;
	end = memchr(s, '\n', (size_t)(f->end - s));
	f->at = end != NULL ? end + 1 : f->end;
	if (end == NULL)
		end = f->end;
	f->line.begin = (size_t)(s - f->begin);
	f->line.end = (size_t)(f->at - f->begin);
	f->line.number++;
	if (end > s && end[-1] == '\r')
		end--;
	while (s < end && is_blank(*s))
		s++;
	while (s < end && is_blank(end[-1]))
		end--;
	n = (size_t)(end - s);
	if (n == 0 || *s == '#' || *s == ';') {
		n = 0; /* a comment may be as long as it likes */
	} else {
		judge_line(f, s, n);
		if (f->rc == 0 && *s == '[') {
			take_section(f, s, n);
			n = 0;
		} else if (f->rc == 0) {
			n = split_line(f, s, n, room);
		}
	}
	if (f->rc != 0)
		return NULL;
	memcpy(dst, s, n);
	memcpy(dst + n, "\n", 2);
	return dst;
}

/* libinih found a key: 1 goes on, 0 is an error. */
static int
on_key(void *user, const char *section, const char *name, const char *value)
{
	struct feed *f = user;

	(void)section;
	(void)value;
	if (f->rc != 0)
		return 0;
	f->line.key = name;
	f->rc = f->reader->line(f->ctx, &f->line, f->err);
	return f->rc == 0;
}

int
ini_read(const char *text, size_t n, const struct ini_reader *reader, void *ctx,
    struct ferry_error *err)
{
	struct feed f = {
		.reader = reader,
		.ctx = ctx,
		.begin = text,
		.at = text,
		.end = text + n,
		.err = err,
	};

	if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		f.at += 3;
	if (ini_parse_stream(feed_line, &f, on_key, &f) != 0 && f.rc == 0)
		not_a_line(&f);
	if (f.rc == -ferry_EUSAGE)
		err_prefix(err, "%s:%u", reader->name, f.line.number);
	return f.rc;
}
