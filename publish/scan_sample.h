/* A look into a file, long before it is read.  Hub. */
#ifndef PUBLISH_SCAN_SAMPLE_H
#define PUBLISH_SCAN_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

/* Is it large, and packed already?  Not where it cannot be read. */
bool scan_sample(int dirfd, const char *name, uint64_t size);

#endif
