/* The names in a folder, sorted.  Hub. */
#ifndef PUBLISH_SCAN_NAMES_H
#define PUBLISH_SCAN_NAMES_H

#include <dirent.h>
#include <stddef.h>

#include "base/arena.h"

struct scan_names {
	struct arena arena;
	char **list; /* sorted by bytes; "." and ".." left out */
	size_t count, cap;
};

/* 0, or -1 and errno; free it in any case. */
int scan_names_read(struct scan_names *n, DIR *dir);
void scan_names_free(struct scan_names *n);

#endif
