/*
 * What the verbs that look at a published site share: the way there, its
 * ledger, and what that says should lie there.  Hub.
 */
#ifndef PUBLISH_VISIT_H
#define PUBLISH_VISIT_H

#include "publish/readback.h"
#include "publish/state.h"
#include "publish/survey.h"
#include "publish/transfer.h"

struct visit {
	struct ferry_job *job;
	struct state state; /* what this machine remembers */
	struct transfer transfer;
	struct tree after; /* an open commit counts as done */
	const struct tree *known; /* what should be there */
	const struct tree *before; /* ... or may still be; NULL: nothing */
	struct ferry_error astray; /* .code: visitors are led elsewhere */
	struct survey survey;
	uint8_t *read; /* enum readback_result of each; NULL: none was read */
	struct ferry_status status;
};

/* Up to the seal.  The site needs a source only if so said. */
int visit_prepare(struct visit *v, struct ferry_job *job, bool source,
    struct ferry_error *err);
/* Connect and read the ledger.  visit_close() is due after either. */
int visit_open(struct visit *v, struct ferry_error *err);
void visit_close(struct visit *v);

/* All of that for a verb without a source, and `run` in the middle. */
int visit_run(struct ferry_job *job,
    int (*run)(struct visit *v, struct ferry_error *err),
    struct ferry_error *err);

/* Look at the whole site; v->status and the summary get the numbers. */
int
visit_look(struct visit *v, survey_judge_fn *judge, struct ferry_error *err);

/* Then read back and hash all that is there with its size. */
int visit_read(struct visit *v, struct ferry_error *err);

/* How file i is, once it was looked at; true: as it should be. */
bool
visit_is_fine(const struct visit *v, size_t i, enum ferry_file_state *state);
/* Tell about each file that is not. */
void visit_tell(const struct visit *v);

#endif
