/*
 * The one table of the keys of sandferry.ini(5): it serves the site file,
 * ferry_site_set() and the manual.  Hub.
 */
#ifndef PUBLISH_SITE_KEYS_H
#define PUBLISH_SITE_KEYS_H

#include <stddef.h>

#include "publish/site.h"

enum site_key_use {
	SITE_KEY_ONCE,
	SITE_KEY_ADDS_UP, /* may stand several times */
	SITE_KEY_FILE, /* about the site file, not about a site */
};

struct site_key {
	const char *name;
	const char *value; /* its form, for the manual */
	const char *what; /* what it does, in one sentence */
	enum site_key_use use;
	/* base: the folder that a relative path is taken from */
	int (*set)(struct ferry_site *site, const struct site_key *key,
	    const char *value, const char *base, struct ferry_error *err);
	size_t field; /* a plain field: its offset in the site ... */
	unsigned low, high; /* ... and its range; of a mode, low is kept */
};

/* All keys, ended by one without a name. */
extern const struct site_key site_keys[];

/* Find a key; NULL and *err when there is none, with what may help. */
const struct site_key *
site_keys_find(const char *name, struct ferry_error *err);

#endif
