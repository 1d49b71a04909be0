/* What is never published, however the site is set up.  Hub; no I/O. */
#ifndef PUBLISH_SCAN_NEVER_H
#define PUBLISH_SCAN_NEVER_H

#include <stdbool.h>
#include <stddef.h>

/* Why nothing of this name (one component) is published; NULL: it may be. */
const char *scan_never_name(const char *name);
/* The same for each name of a path. */
const char *scan_never_path(const char *path);
/* Is this, the beginning of a file, that of a private key? */
bool scan_never_secret(const char *name, const void *p, size_t n);

#endif
