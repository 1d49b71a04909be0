/*
 * Say how a path is granted, where a sandbox may be what hides it.  Hub.
 *
 * Inside most of them such a file just seems not to exist, so this is an
 * addition to what is said anyway: the name may be wrong all the same.
 */
#include "publish/reach.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/path.h"

enum { REACH_PATH = 4096 };

static bool
words(
    const struct outer *o, const char *path, bool write, char *dst, size_t size)
{
	char folder[REACH_PATH], whole[REACH_PATH];

	if (path[0] != '/' && getcwd(folder, sizeof(folder)) != NULL &&
	    path_join(whole, sizeof(whole), folder, path))
		path = whole;
	/* A long one is left for the reader to fill in. */
	return outer_hint(o, path, write, dst, size) ||
	    outer_hint(o, "PATH", write, dst, size);
}

bool
reach_words(const struct outer *o, const char *path, char *dst, size_t size)
{
	return words(o, path, false, dst, size);
}

static void
add_hint(struct ferry_error *err, const struct outer *o, const char *path,
    bool write)
{
	struct outer now;
	char old[sizeof(err->hint)], more[sizeof(err->hint)];
	const char *between = "";
	size_t n;

	if (err == NULL)
		return;
	if (o == NULL)
		outer_find(&now, "", environ);
	snprintf(old, sizeof(old), "%s", err->hint);
	n = strlen(old);
	if (n > 0)
		between = strchr(".?!", old[n - 1]) != NULL ? "  " : ".  ";
	n += strlen(between);
	if (n < sizeof(err->hint) &&
	    words(o != NULL ? o : &now, path, write, more, sizeof(more) - n))
		err_hint(err, "%s%s%s", old, between, more);
}

void
reach_hint(struct ferry_error *err, const struct outer *o, const char *path)
{
	add_hint(err, o, path, false);
}

void
reach_hint_to_write(
    struct ferry_error *err, const struct outer *o, const char *path)
{
	add_hint(err, o, path, true);
}

void
reach_hint_network(struct ferry_error *err, const struct outer *o)
{
	char text[sizeof(err->hint)];

	if (outer_network_hint(o, text, sizeof(text)))
		err_hint(err, "%s", text);
}
