/* An INI text, taken apart line by line.  Runs in the hub; no I/O. */
#ifndef BASE_INI_H
#define BASE_INI_H

#include <stddef.h>

#include "sandferry.h"

/* A line that says something: neither blank nor a comment. */
struct ini_line {
	unsigned number; /* from 1 */
	size_t begin, end; /* its bytes in the text, newline included */
	const char *key; /* NULL: a "[section]" */
	const char *value; /* of the key, or the section's name ... */
	size_t value_len; /* ... without blanks around; not terminated */
};

struct ini_reader {
	const char *name; /* stands before the line in errors: "name:7: ..." */
	const char *section; /* what stands in brackets: "a target's [name]" */
	/* 0 goes on; a negative code, with *err set, ends the reading. */
	int (*line)(
	    void *ctx, const struct ini_line *line, struct ferry_error *err);
};

/*
 * Hand over each line in turn.  A comment begins a line with `#' or `;'; where
 * another program could take a line for something else, it is an error.
 */
int ini_read(const char *text, size_t n, const struct ini_reader *reader,
    void *ctx, struct ferry_error *err);

#endif
