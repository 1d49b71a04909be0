/*
 * Which files of the site a page or a style sheet refers to.  Hub; no I/O.
 *
 * An approximation of what a browser does with the same bytes: HTML's tokenizer
 * (WHATWG HTML, 13.2.5) with the attributes that load or lead somewhere, CSS's
 * (CSS Syntax 3, 4) with url(), @import and image-set(), and WHATWG's URLs.
 * Whatever the bytes are, it ends, in time that grows as they do, without
 * allocating.  What only a script would find is not found.
 */
#ifndef PUBLISH_LINKS_H
#define PUBLISH_LINKS_H

#include <stdbool.h>
#include <stddef.h>

enum link_kind {
	LINK_ASSET, /* loaded with the page: without it the page is broken */
	LINK_PAGE, /* where the page leads to */
};

struct link {
	const char *path; /* below the site's root: path_relative_ok() */
	enum link_kind kind;
	bool folder; /* the url was a folder's; path adds "index.html" */
};

enum links_language { LINKS_NONE, LINKS_HTML, LINKS_XML, LINKS_CSS };

struct links {
	const char *page; /* path of what is read, below the site's root */
	/*
	 * "https://example.org/folder/", where the site is shown; NULL: not
	 * known, and it is taken to be all that its host shows.
	 */
	const char *site_url;
	void *ctx;
	/* One reference; the same one may come again.  Valid for the call. */
	void (*each)(void *ctx, const struct link *link);
};

/* By the path's suffix: .html .htm, .xhtml .xht .svg, .css. */
enum links_language links_language(const char *path);

/*
 * Call each for every reference to a file of the site, in the order of the
 * text: its path is decoded, without query and fragment.  What leads elsewhere
 * (another host, mailto:, data:) and within the page is left out.  The language
 * is that of l->page.
 */
void links_read(const struct links *l, const void *bytes, size_t n);

#endif
