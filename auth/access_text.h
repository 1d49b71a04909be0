/* The text of an access file: taken apart, and edited.  Hub; no I/O. */
#ifndef AUTH_ACCESS_TEXT_H
#define AUTH_ACCESS_TEXT_H

#include "base/arena.h"
#include "base/buf.h"
#include "sandferry.h"

struct access_item {
	const struct access_key *key;
	const char *value;
	size_t begin, end; /* its line in the text, newline included */
};

/* A section; the first has no url and holds what is for all sites. */
struct access_section {
	const char *url; /* NULL: the first */
	unsigned line;
	size_t begin, end; /* from its [url] to the last of its keys */
	size_t first, count; /* of the items */
};

struct access_text {
	struct buf text;
	struct arena names;
	struct access_item *items; /* in the order of the file */
	size_t count, cap;
	struct access_section *sections;
	size_t section_count, section_cap;
};

void access_text_init(struct access_text *t);
void access_text_free(struct access_text *t);

/*
 * Take t->text apart; name stands before the line in errors.  After a failure
 * there are no sections.
 */
int access_text_parse(
    struct access_text *t, const char *name, struct ferry_error *err);

/* NULL: there is none. */
const struct access_section *
access_text_section(const struct access_text *t, const char *url);
const struct access_item *access_text_item(const struct access_text *t,
    const struct access_section *section, const char *key);

/* As access_set() and access_remove(). */
int access_text_set(struct access_text *t, const char *url, const char *key,
    const char *value, struct ferry_error *err);
int access_text_remove(struct access_text *t, const char *url, const char *key,
    struct ferry_error *err);

#endif
