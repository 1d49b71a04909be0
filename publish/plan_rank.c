/*
 * The order in which published files appear: what a page needs comes before
 * it, what leads to it comes behind it.  Hub; judges names alone.
 */
#include "publish/plan.h"

#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/path.h"
#include "publish/sidecar.h"

/* Is the word among these, whatever its letters' case? */
static bool
among(const char *word, size_t n, const char *const *list)
{
	for (; *list != NULL; list++) {
		if (strlen(*list) == n && strncasecmp(*list, word, n) == 0)
			return true;
	}
	return false;
}

static bool
is_page(const char *suffix)
{
	static const char *const pages[] = { "html", "htm", "xhtml", "xht",
		"shtml", "shtm", "php", "phtml", "asp", "aspx", "jsp", NULL };

	return suffix != NULL && among(suffix, strlen(suffix), pages);
}

/* The page that a folder shows, whatever its suffix: index.html, index.php. */
static bool
is_entry(const char *name, const char *suffix)
{
	static const char *const entries[] = { "index", "default", NULL };

	return is_page(suffix) &&
	    among(name, (size_t)(suffix - 1 - name), entries);
}

/* What others fetch to learn which pages there are. */
static bool
is_feed(const char *name, const char *suffix)
{
	static const char *const names[] = { "feed.xml", "rss.xml", "atom.xml",
		"index.xml", "feed.json", "robots.txt", NULL };
	static const char *const suffixes[] = { "rss", "atom", NULL };
	size_t n = strlen(name);

	if (among(name, n, names))
		return true;
	if (suffix != NULL && among(suffix, strlen(suffix), suffixes))
		return true;
	return strncasecmp(name, "sitemap", 7) == 0 &&
	    (strcasestr(name, ".xml") != NULL ||
		strcasestr(name, ".txt") != NULL);
}

static enum plan_rank
judge(const char *name)
{
	const char *dot = strrchr(name, '.');
	const char *suffix = dot != NULL && dot > name ? dot + 1 : NULL;

	if (is_feed(name, suffix))
		return PLAN_FEED;
	if (is_entry(name, suffix))
		return PLAN_ENTRY;
	if (is_page(suffix))
		return PLAN_PAGE;
	return PLAN_ASSET;
}

/* What is compressed comes with what it was made of. */
enum plan_rank
plan_rank(const char *path)
{
	const char *name = path_base(path);
	size_t n = sidecar_base(path);
	char base[LIMIT_NAME + 1];

	n -= n > 0 ? (size_t)(name - path) : 0;
	if (n == 0 || n > LIMIT_NAME)
		return judge(name);
	memcpy(base, name, n);
	base[n] = '\0';
	return judge(base);
}
