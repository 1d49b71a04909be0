/*
 * Versions that were replaced or removed wait in the kept folder, each under
 * the name of its content: undo brings them back.  Hub.
 */
#ifndef PUBLISH_KEPT_H
#define PUBLISH_KEPT_H

#include "publish/plan.h"
#include "publish/transfer.h"

enum { KEPT_PATH_SIZE = sizeof(FAR_KEPT) + HASH_HEX_SIZE + 32 };

/* Can the server give a file a second name, or copy it? */
bool kept_can(const struct far *f);

/* ... and is it wanted? */
bool kept_works(const struct transfer *t);

/* Where this content waits, below the site's root. */
void kept_path(char dst[KEPT_PATH_SIZE], const struct digest *digest);

/* What lies there already, and whether there are links; in flight. */
int kept_list(struct transfer *t, struct ferry_error *err);

/*
 * Where there are no links: copies of all that the plan replaces or removes.
 * They are there when this returns, for it is not to make the commit longer.
 */
int
kept_copy(struct transfer *t, const struct plan *plan, struct ferry_error *err);

/*
 * What this step is about to replace or remove gets a second name there; in
 * flight, and nothing where there are no links.  A version that somebody else made is kept even where undo is not
 * wanted: by renaming it where there are no hard links.
 */
int kept_save(
    struct transfer *t, const struct plan_step *step, struct ferry_error *err);
void kept_judge(struct transfer *t);

/*
 * Remove what none of the last publishes needs for its undo, the last one
 * included; in flight.
 */
int kept_prune(struct transfer *t, struct ferry_error *err);

#endif
