/*
 * Which files does the site leave out?  Patterns as in gitignore(5).
 * Runs in the hub; no I/O.
 */
#include "base/glob.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"

struct glob {
	char *pattern; /* without '!' and without the '/' at either end */
	size_t literal; /* so many bytes of it come before any wildcard */
	bool negated, dirs_only, anchored;
};

void
glob_init(struct glob_list *l)
{
	memset(l, 0, sizeof(*l));
}

void
glob_free(struct glob_list *l)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		free(l->items[i].pattern);
	free(l->items);
	glob_init(l);
}

/* Length of a pattern without the spaces at its end that nobody escaped. */
static size_t
trimmed_len(const char *s)
{
	size_t i, len = 0;

	for (i = 0; s[i] != '\0'; i++) {
		if (s[i] == ' ')
			continue;
		if (s[i] == '\\' && s[i + 1] != '\0')
			i++;
		len = i + 1;
	}
	return len;
}

static bool
compile(struct glob *g, const char *s, size_t n)
{
	g->negated = n > 0 && *s == '!';
	if (g->negated) {
		s++;
		n--;
	}
	g->dirs_only = n > 0 && s[n - 1] == '/';
	if (g->dirs_only)
		n--;
	g->anchored = memchr(s, '/', n) != NULL;
	if (n > 0 && *s == '/') {
		s++;
		n--;
	}
	g->pattern = strndup(s, n);
	if (!g->pattern)
		return false;
	g->literal = strcspn(g->pattern, "*?[\\");
	return true;
}

bool
glob_add(struct glob_list *l, const char *pattern)
{
	size_t n = trimmed_len(pattern), cap;
	struct glob *items;

	if (n == 0 || *pattern == '#')
		return true;
	if (l->count == l->cap) {
		cap = l->cap ? l->cap * 2 : 8;
		items = realloc(l->items, cap * sizeof(*items));
		if (!items)
			return false;
		l->items = items;
		l->cap = cap;
	}
	if (!compile(&l->items[l->count], pattern, n))
		return false;
	l->count++;
	return true;
}

static bool
in_range(unsigned char c, int low, int high)
{
	return c >= low && c <= high;
}

/* POSIX classes of the C locale, whatever the process's locale says. */
static bool
in_class(const char *name, size_t n, unsigned char c, bool *known)
{
	bool lower = in_range(c, 'a', 'z'), upper = in_range(c, 'A', 'Z');
	bool digit = in_range(c, '0', '9'), graph = in_range(c, '!', '~');
	const struct {
		const char *name;
		bool in;
	} classes[] = {
		{ "alnum", lower || upper || digit },
		{ "alpha", lower || upper },
		{ "blank", c == ' ' || c == '\t' },
		{ "cntrl", c < 0x20 || c == 0x7f },
		{ "digit", digit },
		{ "graph", graph },
		{ "lower", lower },
		{ "print", graph || c == ' ' },
		{ "punct", graph && !lower && !upper && !digit },
		{ "space", c == ' ' || c == '\t' || c == '\n' || c == '\r' },
		{ "upper", upper },
		{ "xdigit",
		    digit || in_range(c, 'a', 'f') || in_range(c, 'A', 'F') },
	};
	size_t i;

	for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		if (strlen(classes[i].name) == n &&
		    memcmp(classes[i].name, name, n) == 0)
			return classes[i].in;
	}
	*known = false;
	return false;
}

/*
 * Read one member of a bracket expression at *p, which is a character, a
 * range or a [:class:], and say whether c is in it.  *low is the character
 * before it, from which a range may start; 0: none.  *p = NULL: malformed.
 */
static bool
bracket_member(const char **p, unsigned char c, unsigned char *low)
{
	const char *s = *p, *end;
	unsigned char from = *low, ch;
	bool range, known = true, in;

	if (s[0] == '[' && s[1] == ':') {
		end = strchr(s + 2, ']');
		if (end && end > s + 2 && end[-1] == ':') {
			in = in_class(s + 2, (size_t)(end - s) - 3, c, &known);
			*low = 0;
			*p = known ? end + 1 : NULL;
			return in;
		}
		if (!end) {
			*p = NULL;
			return false;
		}
	}
	range = s[0] == '-' && from && s[1] != '\0' && s[1] != ']';
	if (range)
		s++;
	if (*s == '\\')
		s++;
	ch = (unsigned char)*s;
	*p = ch ? s + 1 : NULL;
	*low = range ? 0 : ch;
	return range ? c >= from && c <= ch : c == ch;
}

/* Is c in the bracket expression behind *p?  *p = NULL when malformed. */
static bool
bracket(const char **p, unsigned char c)
{
	bool negated = **p == '!' || **p == '^', in = false;
	unsigned char low = 0;

	if (negated)
		++*p;
	do { /* a ']' in the first place stands for itself */
		if (bracket_member(p, c, &low))
			in = true;
	} while (*p && **p != ']');
	if (!*p)
		return false;
	++*p;
	return in != negated;
}

/* Match one character; *p moves behind its pattern.  *p = NULL: malformed. */
static bool
match_one(const char **p, char c, bool pathname)
{
	switch (*(*p)++) {
	case '?':
		return !(pathname && c == '/');
	case '[':
		return bracket(p, (unsigned char)c) && !(pathname && c == '/');
	case '\\':
		if (**p == '\0') {
			*p = NULL;
			return false;
		}
		return *(*p)++ == c;
	default:
		return (*p)[-1] == c;
	}
}

/* Does the run of stars from star to after cross folders? */
static bool
crosses(const char *start, const char *star, const char *after)
{
	if (after - star < 2 || (star > start && star[-1] != '/'))
		return false;
	return *after == '\0' || *after == '/' ||
	    (after[0] == '\\' && after[1] == '/');
}

/* Where to go on when the rest does not match: pattern p at text t. */
struct retry {
	const char *p, *t;
};

/* Step over the stars at p, and note what else they could have taken. */
static const char *
match_star(const char *start, const char *p, const char *t, bool pathname,
    struct retry *star, struct retry *deep)
{
	const char *after = p + strspn(p, "*");

	if (pathname && !crosses(start, p, after)) {
		*star = (struct retry){ after, t + 1 };
		return after;
	}
	*star = (struct retry){ NULL, NULL };
	if (pathname && *after == '/') { /* both together may be nothing */
		*deep = (struct retry){ after, t };
		return after + 1;
	}
	*deep = (struct retry){ after, t + 1 };
	return after;
}

/*
 * The whole of t against p.  When pathname is set, only "**" crosses a '/'.
 * It is enough to go back to the last star or, when that one has come to a
 * '/', to the last "**": each takes as little as it can, and whatever an
 * earlier one would take more, the later one can take as well.
 */
static bool
match(const char *p, const char *t, bool pathname)
{
	const char *start = p, *end = t + strlen(t);
	struct retry star = { NULL, NULL }, deep = { NULL, NULL };

	for (;;) {
		if (*p == '*') {
			p = match_star(start, p, t, pathname, &star, &deep);
			continue;
		}
		if (*p == '\0' && t == end)
			return true;
		if (*p != '\0' && t != end) {
			if (match_one(&p, *t, pathname)) {
				t++;
				continue;
			}
			if (!p)
				return false;
		}
		if (star.p && star.t <= end && star.t[-1] != '/') {
			p = star.p;
			t = star.t++;
		} else if (deep.p && deep.t <= end) {
			star.p = NULL;
			p = deep.p;
			t = deep.t++;
		} else {
			return false;
		}
	}
}

static bool
matches(const struct glob *g, const char *path, bool is_dir)
{
	size_t n = g->literal;

	if (g->dirs_only && !is_dir)
		return false;
	if (!g->anchored)
		return match(g->pattern, path_base(path), false);
	/* As git does, so that "a**" + "/b" finds its "**" at a start. */
	return strncmp(g->pattern, path, n) == 0 &&
	    match(g->pattern + n, path + n, true);
}

bool
glob_match(const struct glob_list *l, const char *path, bool is_dir)
{
	size_t i;

	for (i = l->count; i-- > 0;) {
		if (matches(&l->items[i], path, is_dir))
			return !l->items[i].negated;
	}
	return false;
}

bool
glob_simple(const char *pattern, const char *text)
{
	return match(pattern, text, false);
}
