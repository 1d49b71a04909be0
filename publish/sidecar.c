/*
 * Which files have a compressed form beside them.  Hub; judges names alone.
 */
#include "publish/sidecar.h"

#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/path.h"

/* What a text is called; all else is compressed already, or seldom served. */
static const char *const texts[] = { "html", "htm", "xhtml", "xht", "css", "js",
	"mjs", "cjs", "json", "jsonld", "geojson", "map", "webmanifest", "xml",
	"xsl", "rss", "atom", "rdf", "svg", "txt", "text", "md", "csv", "tsv",
	"ics", "vcf", "vtt", "srt", "yaml", "yml", "wasm", "ttf", "otf", "eot",
	"ico", "bmp", "gltf", "obj", "stl", NULL };

/* Those that are made here first, in the order of enum site_form. */
static const char *const forms[] = { ".gz", ".br", ".zst", NULL };

/* The first n bytes of a path. */
static bool
is_text(const char *path, size_t n)
{
	size_t i, suffix;

	for (i = 0; texts[i] != NULL; i++) {
		suffix = strlen(texts[i]);
		if (n > suffix + 1 && path[n - suffix - 1] == '.' &&
		    path[n - suffix - 2] != '/' &&
		    strncasecmp(path + n - suffix, texts[i], suffix) == 0)
			return true;
	}
	return false;
}

const char *
sidecar_suffix(enum site_form form)
{
	return forms[form];
}

size_t
sidecar_base(const char *path)
{
	size_t i, n = strlen(path), suffix;

	for (i = 0; forms[i] != NULL; i++) {
		suffix = strlen(forms[i]);
		if (n > suffix && strcmp(path + n - suffix, forms[i]) == 0 &&
		    is_text(path, n - suffix))
			return n - suffix;
	}
	return 0;
}

bool
sidecar_suits(const struct tree_file *base)
{
	return base->size >= SIDECAR_MIN && base->size <= SIDECAR_MAX &&
	    is_text(base->path, strlen(base->path)) &&
	    strlen(path_base(base->path)) + SIDECAR_SUFFIX - 1 <= LIMIT_NAME &&
	    strlen(base->path) + SIDECAR_SUFFIX - 1 <= LIMIT_PATH;
}
