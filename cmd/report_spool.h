/*
 * The changes of a run, in a file without a name until all of them are known:
 * as many as there are, and no memory for any.  Hub (the command).
 */
#ifndef CMD_REPORT_SPOOL_H
#define CMD_REPORT_SPOOL_H

#include <stdio.h>

#include "sandferry.h"

enum { REPORT_CHANGES = ferry_WAIT + 1 };

struct report_sums {
	uint64_t files, before, after; /* bytes */
};

struct report_spool {
	FILE *file; /* NULL: it was not opened */
	int failed; /* errno, or 0 */
	struct report_sums sums[REPORT_CHANGES]; /* by enum ferry_change */
	uint64_t largest; /* of one file, before or after; bytes */
};

/* Beside that file, for one may be written there.  0 or an errno. */
int report_spool_open(struct report_spool *s, const char *beside);
void report_spool_close(struct report_spool *s);

/* ferry_EVENT_STEP. */
void report_spool_add(struct report_spool *s, const struct ferry_event *e);

/*
 * Each one that was added, in that order: path, change, text and sizes are
 * set, and valid during the callback.  0 or an errno.
 */
typedef void report_spool_fn(void *ctx, const struct ferry_event *e);
int report_spool_walk(struct report_spool *s, report_spool_fn *fn, void *ctx);

#endif
