/* What the readers of references share.  Nobody else includes this. */
#ifndef PUBLISH_LINKS_PARTS_H
#define PUBLISH_LINKS_PARTS_H

#include <stdint.h>

#include "base/limits.h"
#include "publish/links.h"

/* A piece of the input. */
struct links_slice {
	const unsigned char *p, *end;
};

/* A value with its escapes undone; one that is longer is not looked at. */
struct links_text {
	char b[4 * LIMIT_PATH];
	size_t n;
	bool over;
};

void links_text_put(struct links_text *t, unsigned char c);
/* In UTF-8; what is no character becomes U+FFFD. */
void links_text_put_char(struct links_text *t, uint32_t c);

/* Names between slashes, of a url that is being resolved. */
struct links_path {
	char b[2 * LIMIT_PATH];
	size_t n; /* b[0..n], a NUL at its end */
	bool bad; /* no file can have this path */
};

struct links_walk {
	const struct links *l;
	const char *host; /* and port, of the site, or NULL */
	size_t host_len;
	struct links_path root; /* the site's folder on that host */
	struct links_path base; /* what relative urls are below */
	bool base_foreign; /* that is on another host */
};

void links_walk_init(struct links_walk *w, const struct links *l);
/* Report what the url leads to, if it is local.  Changes the text. */
void links_walk_url(
    struct links_walk *w, struct links_text *url, enum link_kind kind);
/* The document's <base href>. */
void links_walk_base(struct links_walk *w, struct links_text *url);

/* The references of a style sheet, or of a style attribute. */
void links_css_walk(struct links_walk *w, struct links_slice s);

/* ---- Tags: links_html.c takes them apart, links_tag.c knows what they mean */

enum links_attr {
	LINKS_HREF,
	LINKS_XLINK_HREF,
	LINKS_SRC,
	LINKS_POSTER,
	LINKS_BACKGROUND,
	LINKS_DATA,
	LINKS_SRCSET,
	LINKS_IMAGESRCSET,
	LINKS_REL,
	LINKS_HTTP_EQUIV,
	LINKS_CONTENT,
	LINKS_STYLE, /* from here on: values in CSS */
	LINKS_FILL,
	LINKS_STROKE,
	LINKS_FILTER,
	LINKS_MASK,
	LINKS_CLIP_PATH,
	LINKS_MARKER,
	LINKS_MARKER_START,
	LINKS_MARKER_MID,
	LINKS_MARKER_END,
	LINKS_CURSOR,
	LINKS_ATTRS,
};

struct links_tag {
	struct links_slice name;
	struct links_slice attrs[LINKS_ATTRS]; /* as written; p NULL: none */
	bool ends, self_closing; /* </x>, <x/> */
};

/* Which of the attributes it is; LINKS_ATTRS: another one. */
enum links_attr links_tag_attr(struct links_slice name);
/* Is it this name, in whatever letters' case? */
bool links_slice_is(struct links_slice s, const char *name);
/* What a start tag refers to.  has_base: a <base href> has been seen. */
void links_tag_walk(
    struct links_walk *w, const struct links_tag *tag, bool *has_base);

static inline bool
links_is_space(unsigned char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r' && c != '\v');
}

static inline int
links_hex(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif
