/*
 * The references of a style sheet.  Hub; no I/O.
 *
 * CSS Syntax 3, 4.3: comments, strings, url tokens, functions and at-keywords
 * are told apart as there; all else passes by.  Names written with escapes are
 * not recognised.
 */
#include <string.h>

#include "publish/links_parts.h"

struct css {
	struct links_walk *walk;
	const unsigned char *p, *end;
	bool import; /* behind @import: a string is a url */
	bool ignore; /* behind @namespace: a url is just a name */
	unsigned depth; /* of parentheses */
	unsigned set_depth; /* inside image-set(): there a string is a url */
	struct links_text text;
};

static bool
is_name(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '_' || c >= 0x80;
}

static bool
is_newline(unsigned char c)
{
	return c == '\n' || c == '\r' || c == '\f';
}

static void
begin_text(struct css *s)
{
	s->text.n = 0;
	s->text.over = false;
}

/* Undo the escape behind a backslash (4.3.7). */
static void
escape(struct css *s)
{
	uint32_t c = 0;
	int digits = 0;

	while (digits < 6 && s->p < s->end && links_hex(*s->p) >= 0) {
		c = c << 4 | (uint32_t)links_hex(*s->p++);
		digits++;
	}
	if (digits == 0) {
		if (s->p < s->end)
			links_text_put(&s->text, *s->p++);
		return;
	}
	links_text_put_char(&s->text, c);
	if (s->p < s->end && links_is_space(*s->p))
		s->p++;
}

/* A string behind its opening quote (4.3.5).  False: it was broken off. */
static bool
string(struct css *s, unsigned char quote)
{
	begin_text(s);
	while (s->p < s->end) {
		unsigned char c = *s->p;

		if (is_newline(c))
			return false;
		s->p++;
		if (c == quote)
			return true;
		if (c != '\\')
			links_text_put(&s->text, c);
		else if (s->p < s->end && is_newline(*s->p))
			s->p++;
		else
			escape(s);
	}
	return true;
}

static void
report(struct css *s)
{
	if (!s->ignore)
		links_walk_url(s->walk, &s->text, LINK_ASSET);
	s->import = false;
}

static void
skip_space(struct css *s)
{
	while (s->p < s->end && links_is_space(*s->p))
		s->p++;
}

/* What is left of a url that is none (4.3.14). */
static void
bad_url(struct css *s)
{
	while (s->p < s->end && *s->p != ')')
		s->p += *s->p == '\\' && s->end - s->p > 1 ? 2 : 1;
	s->p += s->p < s->end;
}

/* Behind "url(" (4.3.6). */
static void
url(struct css *s)
{
	skip_space(s);
	if (s->p < s->end && (*s->p == '"' || *s->p == '\'')) {
		s->depth++;
		s->p++;
		if (string(s, s->p[-1]))
			report(s);
		return;
	}
	begin_text(s);
	while (s->p < s->end && *s->p != ')') {
		unsigned char c = *s->p;

		if (links_is_space(c)) {
			skip_space(s);
			if (s->p < s->end && *s->p != ')') {
				bad_url(s);
				return;
			}
			break;
		}
		if (c == '"' || c == '\'' || c == '(' || c < ' ' || c == 0x7f) {
			bad_url(s);
			return;
		}
		s->p++;
		if (c == '\\')
			escape(s);
		else
			links_text_put(&s->text, c);
	}
	s->p += s->p < s->end;
	report(s);
}

/* Consume a name; escapes belong to it. */
static struct links_slice
name(struct css *s)
{
	struct links_slice n = { s->p, s->p };

	while (s->p < s->end && (is_name(*s->p) || *s->p == '\\'))
		s->p += *s->p == '\\' && s->end - s->p > 1 ? 2 : 1;
	n.end = s->p;
	return n;
}

static void
name_or_function(struct css *s)
{
	struct links_slice n = name(s);

	if (s->p == s->end || *s->p != '(')
		return;
	s->p++;
	if (links_slice_is(n, "url")) {
		url(s);
		return;
	}
	s->depth++;
	if (links_slice_is(n, "image-set") ||
	    links_slice_is(n, "-webkit-image-set"))
		s->set_depth = s->depth;
}

static void
comment(struct css *s)
{
	const unsigned char *close =
	    memmem(s->p, (size_t)(s->end - s->p), "*/", 2);

	s->p = close != NULL ? close + 2 : s->end;
}

static void
at_keyword(struct css *s)
{
	struct links_slice n = name(s);

	s->import = links_slice_is(n, "import");
	s->ignore = links_slice_is(n, "namespace");
}

/* The token at s->p[-1], c. */
static void
token(struct css *s, unsigned char c)
{
	switch (c) {
	case '/':
		if (s->p < s->end && *s->p == '*') {
			s->p++;
			comment(s);
		}
		break;
	case '"':
	case '\'':
		if (string(s, c) &&
		    (s->import || (s->depth > 0 && s->depth == s->set_depth)))
			report(s);
		break;
	case '@':
		at_keyword(s);
		break;
	case '#':
		name(s);
		break;
	case '(':
		s->depth++;
		break;
	case ')':
		if (s->depth == s->set_depth)
			s->set_depth = 0;
		s->depth -= s->depth > 0;
		break;
	case '{':
	case '}':
	case ';':
		s->import = s->ignore = false;
		s->depth = s->set_depth = 0;
		break;
	default:
		if (is_name(c) || c == '\\') {
			s->p--;
			name_or_function(s);
		}
	}
}

void
links_css_walk(struct links_walk *w, struct links_slice in)
{
	struct css s;

	memset(&s, 0, offsetof(struct css, text));
	s.walk = w;
	s.p = in.p;
	s.end = in.end;
	while (s.p < s.end) {
		s.p++;
		token(&s, s.p[-1]);
	}
}
