/*
 * The plan: ordered steps.  Hub; no I/O at all: a plan is a function of two
 * trees and options.
 */
#ifndef PUBLISH_PLAN_H
#define PUBLISH_PLAN_H

#include "publish/tree.h"
#include "sandferry.h"

enum plan_kind {
	PLAN_REMOVE, /* unlink a file that we published */
	PLAN_RMDIR, /* remove a folder if that left it empty */
	PLAN_MKDIR, /* make a folder */
	PLAN_PUT, /* rename the staged file into place */
	PLAN_PLACE, /* rename a staged folder into place, with all in it */
};

/* The order of the commit, where nobody knows better: see plan_order(). */
enum plan_rank {
	PLAN_FIRST, /* removals that make way: file <-> folder, case */
	PLAN_FOLDER,
	PLAN_ASSET,
	PLAN_PAGE,
	PLAN_ENTRY,
	PLAN_FEED,
	PLAN_LAST, /* removals, deepest first, but for sidecars of what stays */
};

struct plan_step {
	enum plan_kind kind;
	enum plan_rank rank;
	const char *path; /* in one of the trees, or in the plan's arena */
	const struct tree_file *local; /* PUT: what to send */
	const struct tree_file *recorded; /* what is there now, or NULL */
	const char *reason; /* static: "new", "content changed", ... */
	bool drifted; /* what is there is not ours: it is kept aside */
	uint32_t wave; /* of the commit: all of one before the next */
	size_t folder; /* 1 + that of a PLACE, and of all that comes with it;
			* 0: it goes by itself */
	uint32_t put; /* 1 + its number in the plan's needs; 0: none */
	uint32_t inner; /* its wave, where its folder comes apart after all */
};

/* One that is wholly new: see plan_gather(). */
struct plan_folder {
	const char *path;
	enum plan_rank rank; /* the last of its files' */
	uint32_t wave;
	size_t files;
	size_t steps; /* that make and fill it */
	struct digest digest; /* of its files' paths, contents and modes */
};

/* A file that left the source and stays for now, or one that came back. */
struct plan_wait {
	const struct tree_file *file; /* as recorded */
	bool noted; /* the ledger knows that it waits */
	bool back; /* it waits no longer */
	const char *reason; /* in the plan's arena; NULL: back */
};

/*
 * What has to be live before what, by number: put n needs of[first[n]] to
 * of[first[n + 1] - 1], all of earlier waves.
 */
struct plan_needs {
	uint32_t *first, *of;
	size_t count; /* puts */
};

struct plan {
	struct arena names;
	struct plan_step *steps; /* in commit order */
	size_t count, cap;
	struct plan_folder *folders; /* by path */
	size_t folder_count;
	struct plan_needs needs; /* see plan_order(); first NULL: unknown */
	struct plan_wait *waits; /* see plan_grant() */
	size_t wait_count;
	size_t waiting; /* of them, files that stay */
	size_t notes; /* of them, what the ledger has to learn */
	size_t added, changed, removed, unchanged; /* files */
	size_t sidecars_removed; /* of those removed: see sidecar.h */
	uint64_t bytes; /* to send */
};

/*
 * Both trees sealed, and alive as long as the plan.  A file is changed when
 * digest, size or permission bits differ; its mtime alone changes nothing.
 */
int plan_make(struct plan **out, const struct tree *local,
    const struct tree *recorded, struct ferry_error *err);
void plan_free(struct plan *p);
/* Nothing to do, not even for the ledger. */
bool plan_is_empty(const struct plan *p);

/* How long what left the source stays: a number of one of both, or 0. */
struct plan_grace {
	unsigned publishes, days;
	uint64_t generation; /* of the publish that is planned */
	uint64_t now; /* seconds since 1970 */
};

/*
 * Right after plan_make(): removals whose grace is not over become waits.
 * Nothing that is in the way waits, and no sidecar of a file that stays.
 */
int plan_grant(struct plan *p, const struct tree *local,
    const struct tree *recorded, const struct plan_grace *grace,
    struct ferry_error *err);

/* Into the order of the commit, after waves have changed. */
/* Take a step out, as if the file had not changed. */
void plan_drop(struct plan *p, size_t i);
void plan_sort(struct plan *p);
/* The same, and sidecars come, or stay, with the files they are beside. */
void plan_join(struct plan *p);
/* One mark a step: those of sidecars whose files are marked are set, too. */
void plan_mark_sidecars(const struct plan *p, bool *marks);

struct plan_limits {
	unsigned max_removals; /* files, and ... */
	unsigned max_removals_percent; /* ... of the recorded ones: the larger
					 * of both is allowed */
	bool accept_removals;
	bool allow_empty;
};

/* The guards, judged before the first write: ferry_EGUARD, ferry_ESOURCE. */
int plan_judge(const struct plan *p, const struct tree *local,
    const struct tree *recorded, const struct plan_limits *limits,
    struct ferry_error *err);

/*
 * Where each rename costs round trips: folders that are wholly new get a step
 * PLAN_PLACE, in the last rank of what is in them.  The steps that make and
 * fill them stay in the plan, for when the folder is there after all; they
 * have its number.  only: just these folders, by path; NULL: all that gain but
 * those in `apart`, whose own folders may.
 */
int plan_gather(struct plan *p, const struct tree *only,
    const struct tree *apart, struct ferry_error *err);

struct refs;

/*
 * Nothing appears before what it needs: waves, and the plan's needs.  gather: folders that are wholly new
 * as folders, where that allows it.
 */
int plan_order(struct plan *p, const struct refs *refs, bool gather,
    struct ferry_error *err);

/*
 * The same for a plan whose files nobody can read: style sheets come behind
 * the fonts and pictures that they may need.
 */
void plan_order_unread(struct plan *p);

/* A digest over every step: what exactly this plan would do. */
void plan_digest(const struct plan *p, struct digest *out);

/*
 * Two local files that one name would hold on a server that knows no letter
 * case or normalises names: each pair is told.  False: out of memory.
 */
bool plan_collisions(const struct tree *local,
    void (*found)(void *ctx, const char *a, const char *b), void *ctx);

/*
 * The name that such a server tells no other from: case folded, NFC.  NULL:
 * out of memory.  The caller frees it.
 */
char *plan_fold(const char *path);

/* Which rank a published path commits in: by its name alone. */
enum plan_rank plan_rank(const char *path);

#endif
