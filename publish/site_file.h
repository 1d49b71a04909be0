/* The text of a site file, taken apart.  Hub; no I/O. */
#ifndef PUBLISH_SITE_FILE_H
#define PUBLISH_SITE_FILE_H

#include "base/arena.h"
#include "publish/site_keys.h"

enum { SITE_FILE_MAX_TARGETS = 64 };

struct site_file_item {
	const struct site_key *key;
	const char *value;
	const char *target; /* of its section; "" above the first one */
	unsigned line;
};

struct site_file {
	struct arena names;
	struct site_file_item *items; /* in the order of the file */
	size_t count, cap;
	const char *targets[SITE_FILE_MAX_TARGETS];
	size_t target_count;
};

/*
 * Parse a whole file; every key in it is known and no single one stands twice
 * in a section.  name stands before the line in errors: "name:7: ...".
 */
int site_file_parse(struct site_file *f, const char *text, size_t n,
    const char *name, struct ferry_error *err);
void site_file_free(struct site_file *f);

/* Is there a section for this target? */
bool site_file_has(const struct site_file *f, const char *target);

#endif
