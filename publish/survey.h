/*
 * A look at the whole site as it lies on the server: every folder that holds a
 * file of ours is listed, all at once.  Hub.  Nothing is written.
 *
 * A listing may be cut short, hide names, or show a time by the minute only.
 * So a file that it does not show as it should be is asked for by itself.
 */
#ifndef PUBLISH_SURVEY_H
#define PUBLISH_SURVEY_H

#include "publish/far.h"
#include "publish/report.h"
#include "publish/tree.h"

/* What the server shows of a file. */
struct survey_file {
	uint64_t size, mtime;
	uint32_t mode; /* with its kind */
	uint8_t result; /* enum msg_result */
};

struct survey;

/* Is this how file i of the tree should be? */
typedef bool survey_judge_fn(const struct survey *s, size_t i);

struct survey {
	struct far *far;
	const struct tree *known; /* sealed: what is looked for */
	const struct tree *also; /* is no stranger either; or NULL */
	survey_judge_fn *judge;
	struct survey_file *files; /* one for each of known */
	struct tree strangers; /* sealed; folders end in '/' */
	struct tree folders; /* that were listed; sealed */
	uint8_t *listed; /* enum msg_result: how that went */
	bool failed; /* out of memory */
};

/* Fill it in; survey_free() is due in any case. */
int survey_run(struct survey *s, struct far *far, const struct tree *known,
    const struct tree *also, survey_judge_fn *judge, struct ferry_error *err);
void survey_free(struct survey *s);

/* Size and time are as they were left there. */
survey_judge_fn survey_is_as;
/* It is a file of that size. */
survey_judge_fn survey_has_size;

/* As if it had just been asked for. */
void survey_done(const struct survey_file *f, struct msg_done *out);

#endif
