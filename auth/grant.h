/*
 * A grant: this user lets one site log in with one key, or publish to one
 * folder.  It stands in the
 * access file and is authenticated with the application's secret, so that an
 * edited or copied file grants nothing.  Hub; no I/O of its own.
 */
#ifndef AUTH_GRANT_H
#define AUTH_GRANT_H

#include <stdbool.h>

#include "auth/access.h"
#include "base/secret.h"

enum { GRANT_TIME_SIZE = 24, GRANT_MAC_SIZE = 48 };

/* Of grant_find(): borrowed from the access file. */
struct grant {
	const char *url; /* canonical, with its user; NULL: no grant */
	const char *key; /* absolute path of the private key file */
	const char *certificate; /* of its certificate; or NULL: none named */
	const char *fingerprint; /* of the key's public half */
	const char *host_key; /* fingerprint; NULL: of the next login */
	const char *made; /* RFC 3339 */
	const char *mac; /* over all of the above */
	const char *used; /* RFC 3339, or NULL; not authenticated */
	/* of a file: url, in place of a key and its fingerprint */
	const char *folder; /* absolute path, without links */
	const char *identity; /* what was there: "device:inode" */
	unsigned line; /* of its section in the access file */
};

/* The grant of this site, right or wrong.  False: there is none at all. */
bool grant_find(struct grant *out, const struct access *a, const char *url);

/* Did we make it, as it stands here? */
bool grant_judge(const struct grant *g, const struct secret *secret);

/*
 * Put it into the access file in place of an older one, with a new mac (the
 * one in *g is not looked at); access_save() makes it last.
 */
int grant_put(struct access *a, const struct grant *g,
    const struct secret *secret, struct ferry_error *err);

/* Take it out, and its section if nothing else stands there. */
int grant_remove(struct access *a, const char *url, struct ferry_error *err);

/* The time as it stands in a grant; Unix seconds. */
void grant_print_time(char dst[GRANT_TIME_SIZE], long long seconds);

#endif
