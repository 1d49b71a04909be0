/* What the two halves of far share.  Hub; included by them only. */
#ifndef PUBLISH_FAR_PARTS_H
#define PUBLISH_FAR_PARTS_H

#include "publish/far.h"

#define FAR_NO_SLOT UINT32_MAX

/* How a session or a pool tells f what has become of its steps. */
struct far_steps far_steps(struct far *f, struct far_line *line);

#endif
