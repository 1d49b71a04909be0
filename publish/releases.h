/*
 * Releases: each publish makes a whole tree of its own, and one symbolic link
 * switches visitors over.  Hub; SFTP only.
 *
 *   BASE/releases/000012/...   one publish; unchanged files are hard links to
 *                              those of the release before
 *   BASE/current               -> releases/000012, what visitors see
 *   BASE/.sandferry/...        ours, outside of what is served
 *
 * The plan, the stage and the ledger are those of any site.  Only the commit
 * differs: nothing that it does is seen before the link is replaced, by one
 * rename; so it knows no waves, and needs no kept versions.
 */
#ifndef PUBLISH_RELEASES_H
#define PUBLISH_RELEASES_H

#include "publish/plan.h"
#include "publish/transfer.h"

#define RELEASES_FOLDER "releases"
#define RELEASES_CURRENT "current"

/* "releases/000012" */
void releases_name(char dst[FAR_RELEASE_SIZE], uint64_t number);
/* The number in it; 0: this is no such name. */
uint64_t releases_number(const char *name);

/* Is the site published so? */
bool releases_wanted(const struct transfer *t);

/*
 * The ledger was read, or has changed: from here on live paths are those of the
 * release that it says is live.  ferry_EPOLICY, "layout_changed", when the site
 * was published in the other layout.
 */
int releases_take(struct transfer *t, struct ferry_error *err);

/*
 * Can the server do it, and is `current' as we left it?  Before the first byte,
 * after releases_take(); writes nothing.  ferry_EDENIED, "releases_server";
 * ferry_EDRIFT, "current_foreign".
 */
int releases_judge(struct transfer *t, struct ferry_error *err);

/*
 * `current' leads elsewhere than the ledger says: ferry_EDRIFT,
 * "current_foreign".  *number: the release that it leads to, or 0.
 */
int
releases_look(struct transfer *t, uint64_t *number, struct ferry_error *err);

/* No ledger says what is live: `current' does.  For adopt. */
int releases_find(struct transfer *t, struct ferry_error *err);

/*
 * Under the lock, before anything is recorded: the folder of releases, a free
 * number for the new one; or, for an undo, a look whether the old one is whole.
 * The first time, whether the server really links.
 */
int releases_prepare(struct transfer *t, struct ferry_error *err);

/*
 * In place of commit_run(): make the release, or finish one (done: puts that
 * are in it already), then switch.  before: what is live now, as the plan was
 * made of it.
 */
int releases_commit(struct transfer *t, const struct plan *plan,
    const unsigned *copies, const struct tree *before, const bool *done,
    struct ferry_error *err);

/* One rename, once all of the new release is there. */
int releases_switch(struct transfer *t, struct ferry_error *err);

/*
 * Behind the end: remove releases that none of the last `keep' publishes has
 * replaced; in flight.  What is not ours in them stays, and is told.
 */
int releases_prune(struct transfer *t, struct ferry_error *err);

/*
 * Remove from this release what is in `files', then the folders that leaves
 * empty; in flight.
 */
int releases_remove(struct transfer *t, uint64_t number,
    const struct tree *files, struct ferry_error *err);

#endif
