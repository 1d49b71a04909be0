/*
 * From a url in a page to a file of the site.  Hub; no I/O.
 *
 * WHATWG URL, for http: blanks around it and line breaks in it go, a backslash
 * is a slash, ".", ".." and empty names are resolved.  Names are compared as
 * decoded bytes: a file whose name is not UTF-8 is found by %XX alone.
 */
#include <string.h>
#include <strings.h>

#include "base/path.h"
#include "publish/links_parts.h"

void
links_text_put(struct links_text *t, unsigned char c)
{
	if (t->n < sizeof(t->b))
		t->b[t->n++] = (char)c;
	else
		t->over = true;
}

void
links_text_put_char(struct links_text *t, uint32_t c)
{
	if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		c = 0xfffd;
	if (c < 0x80) {
		links_text_put(t, (unsigned char)c);
		return;
	}
	if (c < 0x800) {
		links_text_put(t, (unsigned char)(0xc0 | c >> 6));
	} else {
		if (c < 0x10000) {
			links_text_put(t, (unsigned char)(0xe0 | c >> 12));
		} else {
			links_text_put(t, (unsigned char)(0xf0 | c >> 18));
			links_text_put(
			    t, (unsigned char)(0x80 | (c >> 12 & 0x3f)));
		}
		links_text_put(t, (unsigned char)(0x80 | (c >> 6 & 0x3f)));
	}
	links_text_put(t, (unsigned char)(0x80 | (c & 0x3f)));
}

static void
set_path(struct links_path *p, const char *text, size_t n)
{
	p->bad = n >= sizeof(p->b);
	p->n = p->bad ? 0 : n;
	memcpy(p->b, text, p->n);
	p->b[p->n] = '\0';
}

static bool
is_slash(char c)
{
	return c == '/' || c == '\\';
}

/* Drop the last name. */
static void
pop(struct links_path *p)
{
	p->n = path_dir_len(p->b);
	p->b[p->n] = '\0';
}

/*
 * Go into s[0..n), a name without slashes that is not decoded yet.  False: it
 * stands for a folder: it is empty, "." or "..".
 */
static bool
push(struct links_path *p, const char *s, size_t n)
{
	size_t start = p->n, len;
	int high, low;

	if (p->n > 0 && p->n + 1 < sizeof(p->b))
		p->b[p->n++] = '/';
	len = p->n;
	for (size_t i = 0; i < n && !p->bad; i++) {
		char c = s[i];

		high = i + 2 < n && c == '%' ? links_hex(s[i + 1]) : -1;
		low = high >= 0 ? links_hex(s[i + 2]) : -1;
		if (low >= 0) {
			c = (char)(high << 4 | low);
			i += 2;
		}
		if (c == '\0' || p->n + 1 >= sizeof(p->b))
			p->bad = true;
		else
			p->b[p->n++] = c;
	}
	p->b[p->n] = '\0';
	len = p->n - len;
	if (len == 0 || strcmp(p->b + p->n - len, ".") == 0 ||
	    strcmp(p->b + p->n - len, "..") == 0) {
		p->n = start;
		p->b[start] = '\0';
		if (len == 2)
			pop(p);
		return false;
	}
	return true;
}

/* All names of s[0..n).  False: what they lead to is a folder. */
static bool
push_all(struct links_path *p, const char *s, size_t n)
{
	const char *end = s + n, *name;
	bool file = false;

	while (s < end && !p->bad) {
		for (name = s; s < end && !is_slash(*s); s++)
			;
		file = push(p, name, (size_t)(s - name));
		if (s < end) {
			file = false;
			s++;
		}
	}
	return file;
}

/* Where the path of a url ends. */
static size_t
path_length(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && s[i] != '?' && s[i] != '#')
		i++;
	return i;
}

void
links_walk_init(struct links_walk *w, const struct links *l)
{
	const char *p = l->site_url != NULL ? strstr(l->site_url, "://") : NULL;

	memset(w, 0, sizeof(*w));
	w->l = l;
	if (p != NULL) {
		w->host = p + 3;
		w->host_len = strcspn(w->host, "/?#");
		p = w->host + w->host_len;
		push_all(&w->root, p, path_length(p, strlen(p)));
	}
	if (w->root.bad || w->root.n + 1 + strlen(l->page) >= sizeof(w->root.b))
		w->base_foreign = true;
	set_path(&w->base, w->root.b, w->root.n);
	if (w->base_foreign)
		return;
	if (w->base.n > 0)
		w->base.b[w->base.n++] = '/';
	memcpy(w->base.b + w->base.n, l->page, strlen(l->page) + 1);
	pop(&w->base);
}

/* The length of "scheme:" at the start, or 0. */
static size_t
scheme_length(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char c = s[i] | 0x20;

		if (c >= 'a' && c <= 'z')
			continue;
		if (s[i] == ':' && i > 0)
			return i + 1;
		if (i == 0 ||
		    ((s[i] < '0' || s[i] > '9') && s[i] != '+' && s[i] != '-' &&
			s[i] != '.'))
			return 0;
	}
	return 0;
}

/*
 * Is what follows the url's scheme, from its two slashes on, on the host of the
 * site?  *at moves behind the host then.
 */
static bool
is_own_host(const struct links_walk *w, const struct links_text *t, size_t *at)
{
	const char *host = t->b + *at + 2;
	size_t left = t->n - *at - 2, n = 0;

	while (n < left && strchr("/\\?#", host[n]) == NULL)
		n++;
	*at += 2 + n;
	return w->host != NULL && n == w->host_len &&
	    strncasecmp(host, w->host, n) == 0;
}

/* Blanks and control bytes around it, line breaks and tabs anywhere. */
static void
trim(struct links_text *t)
{
	size_t in, n = 0;

	while (t->n > 0 && (unsigned char)t->b[t->n - 1] <= ' ')
		t->n--;
	for (in = 0; in < t->n; in++) {
		unsigned char c = (unsigned char)t->b[in];

		if (c == '\n' || c == '\r' || c == '\t' || (n == 0 && c <= ' '))
			continue;
		t->b[n++] = (char)c;
	}
	t->n = n;
}

enum where { NOWHERE, FOREIGN, FOLDER, A_FILE };

/* Where the url leads, as a path of the site's host. */
static enum where
resolve(const struct links_walk *w, struct links_text *t, struct links_path *p)
{
	size_t at = 0, scheme;
	bool whole = false;

	trim(t);
	if (t->over || t->n == 0 || t->b[0] == '#' || t->b[0] == '?')
		return NOWHERE;
	scheme = scheme_length(t->b, t->n);
	if (scheme > 0) {
		if ((scheme != 5 || strncasecmp(t->b, "http:", 5) != 0) &&
		    (scheme != 6 || strncasecmp(t->b, "https:", 6) != 0))
			return FOREIGN;
		at = scheme;
	}
	if (t->n - at >= 2 && is_slash(t->b[at]) && is_slash(t->b[at + 1])) {
		if (!is_own_host(w, t, &at))
			return FOREIGN;
		whole = true;
	} else if (scheme > 0) {
		return FOREIGN;
	}
	if (!whole && !is_slash(t->b[at]) && w->base_foreign)
		return FOREIGN;
	if (whole || is_slash(t->b[at]))
		set_path(p, "", 0);
	else
		set_path(p, w->base.b, w->base.n);
	whole = push_all(p, t->b + at, path_length(t->b + at, t->n - at));
	return p->bad ? NOWHERE : whole ? A_FILE : FOLDER;
}

void
links_walk_url(
    struct links_walk *w, struct links_text *url, enum link_kind kind)
{
	static const char entry[] = "index.html";
	struct links_path p;
	enum where where = resolve(w, url, &p);
	struct link link = { .kind = kind, .folder = where == FOLDER };

	if (where < FOLDER || w->root.bad || !path_below(p.b, w->root.b))
		return;
	if (p.n == w->root.n) /* the site's own folder, slash or not */
		link.folder = true;
	if (link.folder) {
		if (p.n + 1 + sizeof(entry) > sizeof(p.b))
			return;
		if (p.n > 0)
			p.b[p.n++] = '/';
		memcpy(p.b + p.n, entry, sizeof(entry));
	}
	link.path = p.b + w->root.n + (w->root.n > 0);
	if (path_relative_ok(link.path))
		w->l->each(w->l->ctx, &link);
}

void
links_walk_base(struct links_walk *w, struct links_text *url)
{
	struct links_path p;
	enum where where = resolve(w, url, &p);

	if (where == NOWHERE)
		return;
	w->base_foreign = where == FOREIGN;
	if (where == A_FILE)
		pop(&p);
	if (where != FOREIGN)
		set_path(&w->base, p.b, p.n);
}
