/*
 * The sidecars of a scanned tree.  Hub.  What was made of which content is
 * remembered, so that an unchanged text is not compressed again to learn what
 * would come out; losing that costs time alone.
 *
 *   "sandferry sidecars 1\n", string sidecar_version(), u32 count, then count
 *   entries by base: u8[32] SHA-256 of the base, u8[32] of the sidecar, u64 its
 *   size (0: none); at the end SHA-256 of all before it.
 */
#ifndef PUBLISH_SCAN_SIDECARS_H
#define PUBLISH_SCAN_SIDECARS_H

#include "publish/scan.h"

/*
 * Add to a sealed tree, and seal it again.  A file that the source has by that
 * name, or that the site excludes, is not made.  Adds to *problems what was
 * told to s->failed.
 */
int scan_sidecars(struct scan *s, struct tree *tree, size_t *problems,
    struct ferry_error *err);

#endif
