/* Where things live on this machine when nobody said otherwise.  Hub. */
#ifndef PUBLISH_PLACES_H
#define PUBLISH_PLACES_H

#include <stdbool.h>
#include <stddef.h>

#include "publish/site.h"
#include "sandferry.h"

enum { PLACES_SIZE = 4096 };

/* For the calls that take a folder: openat(2) and its like. */
struct place {
	int dirfd; /* AT_FDCWD, or the job's storage_fd */
	char path[PLACES_SIZE];
};

/* Each false when there is no such place (no home, or too long). */
bool places_known_hosts(const struct ferry_options *o, struct place *out);
/*
 * The real user's ~/.ssh/known_hosts.  False: none is wanted, or no home.  The
 * user of an application with a storage has none unless it is named.
 */
bool places_fallback(const struct ferry_options *o, char *dst, size_t size);
/* The access file.  False: none is wanted, or no home. */
bool places_access(const struct ferry_options *o, struct place *out);
/* The file of app_secret.h.  False: no home. */
bool places_app_secret(const struct ferry_options *o, struct place *out);
/* The folder of this target's ledger copy and caches. */
bool places_state(const struct ferry_options *o, const struct ferry_site *site,
    struct place *out);
const char *places_worker(const struct ferry_options *o);
/* sandferry-keyring, beside the worker; it may not be installed. */
bool places_keyring(const struct ferry_options *o, char *dst, size_t size);

#endif
