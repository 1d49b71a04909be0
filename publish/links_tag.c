/* What the attributes of a tag refer to.  Hub; no I/O. */
#include <string.h>
#include <strings.h>

#include "publish/links_parts.h"

static const char *const attr_names[LINKS_ATTRS] = {
	[LINKS_HREF] = "href",
	[LINKS_XLINK_HREF] = "xlink:href",
	[LINKS_SRC] = "src",
	[LINKS_POSTER] = "poster",
	[LINKS_BACKGROUND] = "background",
	[LINKS_DATA] = "data",
	[LINKS_SRCSET] = "srcset",
	[LINKS_IMAGESRCSET] = "imagesrcset",
	[LINKS_REL] = "rel",
	[LINKS_HTTP_EQUIV] = "http-equiv",
	[LINKS_CONTENT] = "content",
	[LINKS_STYLE] = "style",
	[LINKS_FILL] = "fill",
	[LINKS_STROKE] = "stroke",
	[LINKS_FILTER] = "filter",
	[LINKS_MASK] = "mask",
	[LINKS_CLIP_PATH] = "clip-path",
	[LINKS_MARKER] = "marker",
	[LINKS_MARKER_START] = "marker-start",
	[LINKS_MARKER_MID] = "marker-mid",
	[LINKS_MARKER_END] = "marker-end",
	[LINKS_CURSOR] = "cursor",
};

enum links_attr
links_tag_attr(struct links_slice name)
{
	enum links_attr i = 0;

	while (i < LINKS_ATTRS && !links_slice_is(name, attr_names[i]))
		i++;
	return i;
}

static bool
is_among(struct links_slice s, const char *const *names)
{
	for (; *names != NULL; names++) {
		if (links_slice_is(s, *names))
			return true;
	}
	return false;
}

/* The number behind "&#"; NULL: there is none. */
static const unsigned char *
number(struct links_text *t, const unsigned char *p, const unsigned char *end)
{
	const bool hex = p < end && (*p | 0x20) == 'x';
	const unsigned char *start = p += hex;
	uint32_t c = 0;

	for (; p < end; p++) {
		int digit = links_hex(*p);

		if (digit < 0 || (digit > 9 && !hex))
			break;
		if (c <= 0x10ffff)
			c = c * (hex ? 16 : 10) + (uint32_t)digit;
	}
	if (p == start)
		return NULL;
	links_text_put_char(t, c);
	return p + (p < end && *p == ';');
}

/*
 * The character reference behind "&" (13.2.5.72 and on); NULL: there is none.
 * Of the names those that urls need: in an attribute one without ";" counts
 * only where neither "=" nor a letter or digit follows.
 */
static const unsigned char *
reference(
    struct links_text *t, const unsigned char *p, const unsigned char *end)
{
	static const struct {
		const char *name;
		char c;
		bool bare; /* the ";" may be missing */
	} names[] = {
		{ "amp", '&', true },
		{ "quot", '"', true },
		{ "apos", '\'', false },
		{ "lt", '<', true },
		{ "gt", '>', true },
		{ "sol", '/', false },
		{ "colon", ':', false },
		{ "period", '.', false },
		{ "lowbar", '_', false },
		{ "num", '#', false },
		{ "quest", '?', false },
	};

	if (p < end && *p == '#')
		return number(t, p + 1, end);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t n = strlen(names[i].name);
		unsigned char next;

		if ((size_t)(end - p) < n || memcmp(p, names[i].name, n) != 0)
			continue;
		next = p + n < end ? p[n] : ' ';
		if (next != ';' &&
		    (!names[i].bare || next == '=' ||
			(next >= '0' && next <= '9') ||
			((next | 0x20) >= 'a' && (next | 0x20) <= 'z')))
			continue;
		links_text_put(t, (unsigned char)names[i].c);
		return p + n + (next == ';');
	}
	return NULL;
}

/* An attribute's value with its character references resolved. */
static void
decode(struct links_text *t, struct links_slice s)
{
	const unsigned char *next;

	t->n = 0;
	t->over = false;
	while (s.p < s.end && !t->over) {
		next = *s.p == '&' ? reference(t, s.p + 1, s.end) : NULL;
		if (next == NULL) {
			links_text_put(t, *s.p);
			next = s.p + 1;
		}
		s.p = next;
	}
}

static void
url(struct links_walk *w, struct links_slice s, enum link_kind kind)
{
	struct links_text t;

	if (s.p == NULL)
		return;
	decode(&t, s);
	links_walk_url(w, &t, kind);
}

/* Several images with their sizes (4.8.4.2.1). */
static void
srcset(struct links_walk *w, struct links_slice s)
{
	struct links_slice candidate;
	unsigned depth = 0;

	while (s.p < s.end) {
		if (links_is_space(*s.p) || *s.p == ',') {
			s.p++;
			continue;
		}
		candidate.p = s.p;
		while (s.p < s.end && !links_is_space(*s.p))
			s.p++;
		candidate.end = s.p;
		if (candidate.end[-1] == ',') {
			while (candidate.end[-1] == ',')
				candidate.end--;
		} else {
			for (; s.p < s.end && (*s.p != ',' || depth > 0); s.p++)
				depth = *s.p == '(' ? 1
				    : *s.p == ')'   ? 0
						    : depth;
		}
		url(w, candidate, LINK_ASSET);
	}
}

/* A style attribute, or one that has a value in CSS. */
static void
style(struct links_walk *w, struct links_slice s)
{
	struct links_text t;

	if (memchr(s.p, '(', (size_t)(s.end - s.p)) == NULL)
		return;
	decode(&t, s);
	links_css_walk(w,
	    (struct links_slice){
		(unsigned char *)t.b, (unsigned char *)t.b + t.n });
}

/* <link>: what it is to the page decides.  Others are for no browser. */
static void
link_tag(struct links_walk *w, const struct links_tag *tag)
{
	static const char *const assets[] = { "stylesheet", "icon",
		"apple-touch-icon", "apple-touch-icon-precomposed",
		"apple-touch-startup-image", "mask-icon", "preload",
		"modulepreload", "manifest", NULL };
	static const char *const pages[] = { "alternate", "next", "prev",
		"prefetch", "prerender", "first", "last", "up", "index",
		"contents", "start", "author", "license", "help", "search",
		"amphtml", NULL };
	struct links_slice rel = tag->attrs[LINKS_REL], word;
	bool asset = false, page = false;

	while (rel.p < rel.end) {
		word.p = rel.p;
		while (rel.p < rel.end && !links_is_space(*rel.p))
			rel.p++;
		word.end = rel.p;
		asset = asset || is_among(word, assets);
		page = page || is_among(word, pages);
		rel.p += rel.p < rel.end;
	}
	if (asset || page)
		url(w, tag->attrs[LINKS_HREF], asset ? LINK_ASSET : LINK_PAGE);
}

static void
skip_space(const struct links_text *t, size_t *i)
{
	while (*i < t->n && links_is_space((unsigned char)t->b[*i]))
		++*i;
}

/* <meta http-equiv=refresh content="5; url=x"> (4.2.5.3). */
static void
refresh(struct links_walk *w, const struct links_tag *tag)
{
	struct links_text t;
	size_t i = 0, start;
	char *quote;

	if (!links_slice_is(tag->attrs[LINKS_HTTP_EQUIV], "refresh") ||
	    tag->attrs[LINKS_CONTENT].p == NULL)
		return;
	decode(&t, tag->attrs[LINKS_CONTENT]);
	skip_space(&t, &i);
	start = i;
	while (i < t.n && (t.b[i] == '.' || (t.b[i] >= '0' && t.b[i] <= '9')))
		i++;
	if (i == start || t.over)
		return;
	skip_space(&t, &i);
	i += i < t.n && (t.b[i] == ';' || t.b[i] == ',');
	skip_space(&t, &i);
	if (t.n - i > 3 && strncasecmp(t.b + i, "url", 3) == 0) {
		start = i;
		i += 3;
		skip_space(&t, &i);
		if (i < t.n && t.b[i] == '=')
			i++;
		else
			i = start;
		skip_space(&t, &i);
	}
	if (i < t.n && (t.b[i] == '"' || t.b[i] == '\'')) {
		quote = memchr(t.b + i + 1, t.b[i], t.n - i - 1);
		if (quote != NULL)
			t.n = (size_t)(quote - t.b);
		i++;
	}
	memmove(t.b, t.b + i, t.n - i);
	t.n -= i;
	links_walk_url(w, &t, LINK_PAGE);
}

static void
base(struct links_walk *w, const struct links_tag *tag, bool *has_base)
{
	struct links_text t;

	if (*has_base || tag->attrs[LINKS_HREF].p == NULL)
		return;
	*has_base = true;
	decode(&t, tag->attrs[LINKS_HREF]);
	links_walk_base(w, &t);
}

/* What href means depends on the element. */
static void
href(struct links_walk *w, const struct links_tag *tag, bool *has_base)
{
	/* of SVG: what they name is drawn or run; and XML's style sheet */
	static const char *const loads[] = { "use", "image", "feImage",
		"script", "mpath", "textPath", "linearGradient",
		"radialGradient", "pattern", "filter", "xml-stylesheet", NULL };
	const struct links_slice here = tag->attrs[LINKS_HREF];
	const struct links_slice there = tag->attrs[LINKS_XLINK_HREF];
	const struct links_slice either = here.p != NULL ? here : there;

	if (either.p == NULL)
		return;
	if (links_slice_is(tag->name, "a"))
		url(w, either, LINK_PAGE);
	else if (links_slice_is(tag->name, "area"))
		url(w, here, LINK_PAGE);
	else if (links_slice_is(tag->name, "link"))
		link_tag(w, tag);
	else if (links_slice_is(tag->name, "base"))
		base(w, tag, has_base);
	else if (is_among(tag->name, loads))
		url(w, either, LINK_ASSET);
}

void
links_tag_walk(
    struct links_walk *w, const struct links_tag *tag, bool *has_base)
{
	href(w, tag, has_base);
	url(w, tag->attrs[LINKS_SRC], LINK_ASSET);
	url(w, tag->attrs[LINKS_POSTER], LINK_ASSET);
	url(w, tag->attrs[LINKS_BACKGROUND], LINK_ASSET);
	if (links_slice_is(tag->name, "object"))
		url(w, tag->attrs[LINKS_DATA], LINK_ASSET);
	srcset(w, tag->attrs[LINKS_SRCSET]);
	srcset(w, tag->attrs[LINKS_IMAGESRCSET]);
	for (enum links_attr i = LINKS_STYLE; i < LINKS_ATTRS; i++) {
		if (tag->attrs[i].p != NULL)
			style(w, tag->attrs[i]);
	}
	if (links_slice_is(tag->name, "meta"))
		refresh(w, tag);
}
