/*
 * The tags of a page.  Hub; no I/O.
 *
 * WHATWG HTML, 13.2.5, without its tree: comments, CDATA, the raw text of
 * script, style and their like, and attributes are told apart as there.  XML
 * has the same tags but no raw text other than that of style and script, which
 * is a liberty taken here.  A tag that the end of the input cuts off is none.
 */
#include <string.h>
#include <strings.h>

#include "base/path.h"
#include "publish/links_parts.h"

struct html {
	struct links_walk *walk;
	const unsigned char *p, *end;
	bool xml;
	bool has_base;
	size_t foreign; /* svg and math elements that are open */
};

bool
links_slice_is(struct links_slice s, const char *name)
{
	size_t n = (size_t)(s.end - s.p);

	return s.p != NULL && n > 0 && (*s.p | 0x20) == (*name | 0x20) &&
	    strlen(name) == n && strncasecmp((const char *)s.p, name, n) == 0;
}

/* Go behind the next such text, or to the end. */
static void
skip_past(struct html *h, const char *text)
{
	size_t n = strlen(text);
	const unsigned char *found =
	    memmem(h->p, (size_t)(h->end - h->p), text, n);

	h->p = found != NULL ? found + n : h->end;
}

static bool
at(const struct html *h, const char *text)
{
	size_t n = strlen(text);

	return (size_t)(h->end - h->p) >= n && memcmp(h->p, text, n) == 0;
}

/* Behind "<!--" (13.2.5.43 and on): it ends at -->, --!>, or at once. */
static void
comment(struct html *h)
{
	const unsigned char *p = h->p;

	if (at(h, ">") || at(h, "->")) {
		skip_past(h, ">");
		return;
	}
	for (;; p++) {
		p = memchr(p, '>', (size_t)(h->end - p));
		if (p == NULL) {
			h->p = h->end;
			return;
		}
		if ((p - h->p >= 2 && memcmp(p - 2, "--", 2) == 0) ||
		    (p - h->p >= 3 && memcmp(p - 3, "--!", 3) == 0))
			break;
	}
	h->p = p + 1;
}

static void
skip_space(struct html *h)
{
	while (h->p < h->end && links_is_space(*h->p))
		h->p++;
}

/* A value behind "=" (13.2.5.35 to 38). */
static struct links_slice
value(struct html *h)
{
	struct links_slice v;
	const unsigned char *close;

	skip_space(h);
	if (h->p < h->end && (*h->p == '"' || *h->p == '\'')) {
		v.p = h->p + 1;
		close = memchr(v.p, *h->p, (size_t)(h->end - v.p));
		v.end = close != NULL ? close : h->end;
		h->p = close != NULL ? close + 1 : h->end;
		return v;
	}
	v.p = h->p;
	while (h->p < h->end && !links_is_space(*h->p) && *h->p != '>')
		h->p++;
	v.end = h->p;
	return v;
}

/* An attribute (13.2.5.32 to 34): of two with one name the first one counts. */
static void
attribute(struct html *h, struct links_tag *tag)
{
	struct links_slice name = { h->p, h->p }, v = { NULL, NULL };
	enum links_attr which;

	h->p++; /* even if it is "=" */
	while (h->p < h->end && !links_is_space(*h->p) && *h->p != '/' &&
	    *h->p != '>' && *h->p != '=')
		h->p++;
	name.end = h->p;
	skip_space(h);
	if (h->p < h->end && *h->p == '=') {
		h->p++;
		v = value(h);
	}
	which = v.p != NULL ? links_tag_attr(name) : LINKS_ATTRS;
	if (which != LINKS_ATTRS && tag->attrs[which].p == NULL)
		tag->attrs[which] = v;
}

/* From a tag's name to behind its ">".  False: the input ends before. */
static bool
take_tag(struct html *h, struct links_tag *tag)
{
	memset(tag, 0, sizeof(*tag));
	tag->name.p = h->p;
	while (h->p < h->end && !links_is_space(*h->p) && *h->p != '/' &&
	    *h->p != '>')
		h->p++;
	tag->name.end = h->p;
	while (h->p < h->end) {
		unsigned char c = *h->p;

		if (c == '>') {
			h->p++;
			return true;
		}
		if (c == '/' || links_is_space(c)) {
			h->p++;
			tag->self_closing = c == '/' && at(h, ">");
		} else {
			attribute(h, tag);
		}
	}
	return false;
}

/* Is "name" at p, and then something that ends a tag's name? */
static bool
is_tag_name(const unsigned char *p, const unsigned char *end, const char *name)
{
	size_t n = strlen(name);

	return (size_t)(end - p) > n &&
	    strncasecmp((const char *)p, name, n) == 0 &&
	    (links_is_space(p[n]) || p[n] == '/' || p[n] == '>');
}

/*
 * Raw text, up to the "</" of its end tag, where h->p stays.  In a script a
 * comment may hold a <script> and its end (13.2.5.20 and on).
 */
static struct links_slice
raw_text(struct html *h, const char *name)
{
	bool script = strcmp(name, "script") == 0, inside = false;
	const unsigned char *p = h->p, *in_comment = NULL;
	struct links_slice text = { h->p, h->end };

	for (;; p++) {
		p = memchr(p, '<', (size_t)(h->end - p));
		if (p == NULL || h->end - p < 2)
			break;
		if (in_comment != NULL) {
			if (memmem(in_comment, (size_t)(p - in_comment), "-->",
				3) != NULL) {
				in_comment = NULL;
				inside = false;
			} else {
				in_comment = p;
			}
		}
		if (p[1] == '/' && is_tag_name(p + 2, h->end, name)) {
			if (!inside) {
				text.end = p;
				break;
			}
			inside = false;
		} else if (script && in_comment != NULL) {
			inside = inside || is_tag_name(p + 1, h->end, name);
		} else if (script && h->end - p >= 4 &&
		    memcmp(p, "<!--", 4) == 0) {
			in_comment = p + 2;
		}
	}
	h->p = text.end;
	return text;
}

/* The name of an element whose text holds no tags, or NULL. */
static const char *
raw_name(const struct html *h, const struct links_tag *tag)
{
	static const char *const names[] = { "style", "script", "title",
		"textarea", "iframe", "xmp", "noembed", "noframes" };
	const bool all = !h->xml && h->foreign == 0;

	for (size_t i = 0; i < (all ? 8 : 2); i++) {
		if (links_slice_is(tag->name, names[i]))
			return names[i];
	}
	return NULL;
}

static void
start_tag(struct html *h, const struct links_tag *tag)
{
	const bool closed = tag->self_closing && (h->xml || h->foreign > 0);
	const char *raw = closed ? NULL : raw_name(h, tag);
	struct links_slice text;

	links_tag_walk(h->walk, tag, &h->has_base);
	if (!tag->self_closing && !h->xml)
		h->foreign += links_slice_is(tag->name, "svg") ||
		    links_slice_is(tag->name, "math");
	if (!h->xml && links_slice_is(tag->name, "plaintext"))
		h->p = h->end;
	if (raw == NULL)
		return;
	text = raw_text(h, raw);
	if (strcmp(raw, "style") == 0)
		links_css_walk(h->walk, text);
}

static void
end_tag(struct html *h, const struct links_tag *tag)
{
	if (h->foreign > 0 &&
	    (links_slice_is(tag->name, "svg") ||
		links_slice_is(tag->name, "math")))
		h->foreign--;
}

static bool
is_letter(unsigned char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* Behind "<!" or "<?". */
static void
declaration(struct html *h, bool processing)
{
	struct links_tag tag;

	if (processing && h->xml && at(h, "xml-stylesheet")) {
		if (take_tag(h, &tag))
			links_tag_walk(h->walk, &tag, &h->has_base);
	} else if (!processing && at(h, "--")) {
		h->p += 2;
		comment(h);
	} else if (!processing && at(h, "[CDATA[") &&
	    (h->xml || h->foreign > 0)) {
		skip_past(h, "]]>");
	} else {
		skip_past(h, ">");
	}
}

/* Behind a "<". */
static void
markup(struct html *h)
{
	struct links_tag tag;
	bool ends;

	if (h->p == h->end)
		return;
	if (*h->p == '!' || *h->p == '?') {
		h->p++;
		declaration(h, h->p[-1] == '?');
		return;
	}
	ends = *h->p == '/';
	h->p += ends;
	if (h->p == h->end)
		return;
	if (!is_letter(*h->p)) {
		if (ends) /* a comment, by mistake; "<" alone is text */
			skip_past(h, ">");
		return;
	}
	if (!take_tag(h, &tag))
		return;
	if (ends)
		end_tag(h, &tag);
	else
		start_tag(h, &tag);
}

static void
walk(const struct links *l, const void *bytes, size_t n, bool xml)
{
	const unsigned char *p = n > 0 ? bytes : (const unsigned char *)"";
	struct links_walk w;
	struct html h = { .walk = &w, .p = p, .end = p + n, .xml = xml };

	links_walk_init(&w, l);
	while (h.p < h.end) {
		h.p = memchr(h.p, '<', (size_t)(h.end - h.p));
		if (h.p == NULL)
			return;
		h.p++;
		markup(&h);
	}
}

static void
walk_css(const struct links *l, const void *bytes, size_t n)
{
	const unsigned char *p = n > 0 ? bytes : (const unsigned char *)"";
	struct links_walk w;

	links_walk_init(&w, l);
	links_css_walk(&w, (struct links_slice){ p, p + n });
}

enum links_language
links_language(const char *path)
{
	static const struct {
		const char *suffix;
		enum links_language language;
	} suffixes[] = {
		{ ".html", LINKS_HTML },
		{ ".htm", LINKS_HTML },
		{ ".css", LINKS_CSS },
		{ ".svg", LINKS_XML },
		{ ".xhtml", LINKS_XML },
		{ ".xht", LINKS_XML },
	};
	const char *dot = strrchr(path_base(path), '.');

	for (size_t i = 0; dot != NULL && i < 6; i++) {
		if (strcasecmp(dot, suffixes[i].suffix) == 0)
			return suffixes[i].language;
	}
	return LINKS_NONE;
}

void
links_read(const struct links *l, const void *bytes, size_t n)
{
	switch (links_language(l->page)) {
	case LINKS_HTML:
		walk(l, bytes, n, false);
		break;
	case LINKS_XML:
		walk(l, bytes, n, true);
		break;
	case LINKS_CSS:
		walk_css(l, bytes, n);
		break;
	case LINKS_NONE:
		break;
	}
}
