/*
 * Lists of patterns with gitignore(5)'s meaning: the last match decides, '!'
 * brings back, a trailing '/' means folders only, a '/' elsewhere anchors,
 * "**" crosses folders, a backslash escapes.
 */
#ifndef BASE_GLOB_H
#define BASE_GLOB_H

#include <stdbool.h>
#include <stddef.h>

struct glob_list {
	struct glob *items;
	size_t count, cap;
};

void glob_init(struct glob_list *l);
void glob_free(struct glob_list *l);
/* False when out of memory.  Blank lines and '#' comments add nothing. */
bool glob_add(struct glob_list *l, const char *pattern);
/*
 * Is this one path (relative, no final '/') excluded?  As git does, the caller
 * does not descend into an excluded folder, so parents need no second look.
 */
bool glob_match(const struct glob_list *l, const char *path, bool is_dir);
/* One pattern with * ? [..] and no special '/' against a whole string. */
bool glob_simple(const char *pattern, const char *text);

#endif
