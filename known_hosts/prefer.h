/* Which host-key algorithms to offer, by what the files know.  Hub; no I/O. */
#ifndef KNOWN_HOSTS_PREFER_H
#define KNOWN_HOSTS_PREFER_H

#include "base/buf.h"
#include "known_hosts/hosts.h"

/*
 * Print all algorithms that we take, those of known keys first, in the files'
 * order: a comma list.  Names as of match_name(); the plain one ("": none) is
 * looked up where nothing is known of the first.
 */
void prefer_print(const struct hosts *const *files, size_t n, const char *name,
    const char *plain, struct buf *out);

#endif
