/* What explain's files share: where the rights apply, and the formats.  Hub. */
#ifndef PUBLISH_EXPLAIN_PARTS_H
#define PUBLISH_EXPLAIN_PARTS_H

#include "base/arena.h"
#include "base/buf.h"
#include "confine/outer.h"
#include "confine/role.h"
#include "publish/belongings.h"
#include "publish/job.h"

struct explain_path {
	enum role_place place;
	const char *path; /* absolute */
};

struct explain {
	const struct ferry_job *job;
	struct outer_kernel kernel;
	struct explain_path paths[BELONGINGS_MAX];
	size_t path_count;
	const char *home; /* the user's real one; or "" */
	const char *program; /* this one */
	struct arena names;
};

/* Fill in where the rights of this job apply. */
int explain_find_paths(struct explain *e, struct ferry_error *err);

/* The first path of a place; otherwise, if there is none. */
const char *explain_path(
    const struct explain *e, enum role_place place, const char *otherwise);

/* The right on this place; NULL: the table has none. */
const struct role_right *
explain_right(enum role role, enum role_kind kind, enum role_place place);
/* "name: why" */
void explain_why(struct buf *out, const char *begin, const struct role_right *r,
    const char *end);

/* The formats.  Each prints whole lines. */
void explain_flatpak(const struct explain *e, struct buf *out);
void explain_snap(const struct explain *e, struct buf *out);
void explain_entitlements(const struct explain *e, struct buf *out);
void explain_systemd(const struct explain *e, struct buf *out);
void explain_landlock(const struct explain *e, struct buf *out);

#endif
