/*
 * Stage: every changed file travels to the stage folder under the name of its
 * content.  Hub.
 */
#ifndef PUBLISH_STAGE_H
#define PUBLISH_STAGE_H

#include "publish/plan.h"
#include "publish/transfer.h"

enum {
	STAGE_NAME_SIZE = HASH_HEX_SIZE + 16,
	STAGE_PATH_SIZE = sizeof(FAR_STAGE) + STAGE_NAME_SIZE + LIMIT_PATH,
};

/*
 * The name below the stage folder: the digest in hex; the second, third, ...
 * file of the same content in one publish gets ".1", ".2", ...
 */
void stage_name(
    char dst[STAGE_NAME_SIZE], const struct digest *digest, unsigned copy);

/*
 * Number the files of equal content, in this order (that of the ledger's
 * puts): copies[i] for files[i].  False: out of memory.
 */
bool
stage_number(const struct tree_file *const *files, size_t n, unsigned *copies);

/* What lies in the stage folder, into t->leftovers; nothing is claimed yet. */
int stage_list(struct transfer *t, struct ferry_error *err);
/* This one is needed: stage_tidy() leaves it. */
void stage_claim(struct transfer *t, const char *name);

/* For each step of the plan its copy number; the caller frees.  NULL: memory */
unsigned *stage_plan(const struct plan *plan);

/*
 * Where what this step puts or places waits, below the site's root; what a
 * PLAN_MKDIR of a gathered folder makes, too.
 */
void stage_path(char dst[STAGE_PATH_SIZE], const struct plan *plan,
    const unsigned *copies, size_t i);

/*
 * Over FTP it costs round trips to make our folders sure: where the server is
 * known, stage_run() makes them when they are missed.
 */
bool stage_mends(const struct transfer *t);

/*
 * Send what is not there yet, and wait.  Every file is tried; each that fails
 * is reported, and the first names the error.
 */
int stage_run(struct transfer *t, const struct plan *plan,
    const unsigned *copies, struct ferry_error *err);

/* The same from what is kept on the server: nothing travels. */
int stage_link(struct transfer *t, const struct plan *plan,
    const unsigned *copies, struct ferry_error *err);

/* Remove from the stage what no publish needs; in flight. */
int stage_tidy(struct transfer *t, struct ferry_error *err);

#endif
