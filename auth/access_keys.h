/* The keys of an access file, and what their values look like.  Hub. */
#ifndef AUTH_ACCESS_KEYS_H
#define AUTH_ACCESS_KEYS_H

#include <stdbool.h>

#include "sandferry.h"

struct access_key {
	const char *name;
	bool of_site; /* stands below a [url], not above the first one */
	bool (*good)(const char *value);
	const char *wanted; /* "yes or no" */
};

extern const struct access_key access_keys[]; /* ends in name NULL */

/* Find a key; NULL and *err when there is none, with what may help. */
const struct access_key *
access_keys_find(const char *name, struct ferry_error *err);

/* Is this a value of the key? */
int access_keys_judge(
    const struct access_key *key, const char *value, struct ferry_error *err);

/* Does this look like the url of a site, with its user? */
bool access_keys_url_ok(const char *url);

#endif
