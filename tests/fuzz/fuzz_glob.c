/*
 * A list of patterns, then one path: no pattern may read past its end, nor
 * take longer than its length allows.  Input: lines, NUL, path.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/glob.h"
#include "base/path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *path, *rest = NULL, *line, shown[64];
	struct glob_list l;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	path = memchr(text, '\0', size);
	path = path ? path + 1 : text + size;

	glob_init(&l);
	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		if (!glob_add(&l, line))
			abort();
		glob_simple(line, path);
	}
	/* What only folders match, files do not. */
	if (l.count == 1 && glob_match(&l, path, false) &&
	    !glob_match(&l, path, true))
		abort();
	path_escape(shown, sizeof(shown), path, strlen(path));
	if (!path_utf8_ok(shown, strlen(shown)))
		abort();
	glob_free(&l);
	free(text);
	return 0;
}
