/* Host names that a known_hosts file does not give away.  Hub; no I/O. */
#ifndef KNOWN_HOSTS_HASHED_H
#define KNOWN_HOSTS_HASHED_H

#include <stdbool.h>

#include "known_hosts/match.h"

enum { HASHED_SIZE = MATCH_HASH_LEN + 1 };

/*
 * Disguise a name made by match_name(): "|1|salt|hash", salted anew each time.
 * False when libcrypto or the system's random numbers fail; dst is "" then.
 */
bool hashed_print(char dst[HASHED_SIZE], const char *name);

#endif
