/*
 * The files and folders of a job, each by the place that the table of rights
 * knows it as.  Hub.  The seal is made from it, and what `explain' prints.
 */
#ifndef PUBLISH_BELONGINGS_H
#define PUBLISH_BELONGINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "confine/role.h"
#include "publish/site.h"
#include "sandferry.h"

enum { BELONGINGS_MAX = 40 };

struct belongings {
	struct belonging {
		enum role_place place;
		char *path; /* owned; it may not exist */
		int dirfd; /* of a relative one: AT_FDCWD, or the job's */
	} places[BELONGINGS_MAX];
	size_t count;
};

/*
 * By the options and the site of a job, or what they default to; some of both
 * may be unset.  False: out of memory, and nothing to free.
 */
bool belongings_make(struct belongings *out, const struct ferry_options *o,
    const struct ferry_site *site);
void belongings_free(struct belongings *r); /* a zeroed one is fine */

#endif
