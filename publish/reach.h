/* A file that is not there, or may not be read: is a sandbox around us?  Hub. */
#ifndef PUBLISH_REACH_H
#define PUBLISH_REACH_H

#include <stdbool.h>
#include <stddef.h>

#include "confine/outer.h"
#include "sandferry.h"

/*
 * Add to the hint how this path is granted in the sandbox around us, which is
 * looked for now if o is NULL.  Nothing changes where there is none, or no
 * room.
 */
void
reach_hint(struct ferry_error *err, const struct outer *o, const char *path);

/* The same of one that has to be written to. */
void reach_hint_to_write(
    struct ferry_error *err, const struct outer *o, const char *path);

/* The server was not reached: say it if the sandbox is known to be why. */
void reach_hint_network(struct ferry_error *err, const struct outer *o);

/* The sentence alone, to read it.  False: there is no sandbox, or no room. */
bool
reach_words(const struct outer *o, const char *path, char *dst, size_t size);

#endif
