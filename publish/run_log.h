/*
 * The log of a run: its events as NDJSON, kept on this machine beside the
 * ledger's copy, for ferry_LOG.  Hub.
 *
 * A file for each run, runs/20261122T030000Z-00-publish.ndjson, in the folder
 * that places.h names for the url: their names sort by time.  Its writer holds
 * an flock(2) on it for as long as it lives, so a run without a summary and
 * without a lock was killed.
 */
#ifndef PUBLISH_RUN_LOG_H
#define PUBLISH_RUN_LOG_H

#include <stdint.h>
#include <time.h>

#include "base/buf.h"
#include "sandferry.h"

/* Below the folder of the url. */
#define RUN_LOG_FOLDER "runs"

enum { RUN_LOG_VERB = 16 };

/* One that is kept: what its name says. */
struct run_log_entry {
	char name[64];
	char verb[RUN_LOG_VERB];
	time_t time; /* it began */
	unsigned nth; /* in that second */
};

/* Those that are kept in this folder, the oldest first.  False: no memory. */
bool run_log_list(int dirfd, struct run_log_entry **out, size_t *count);

struct ferry_job;

/* Their folder, made where it is missing: the caller closes it.  -1: none. */
int run_log_folder(const struct ferry_job *job);

struct run_log {
	int fd; /* or -1: nothing is kept of this run */
	uint64_t size; /* bytes written */
	uint64_t progressed; /* ms: when progress was written last */
	struct buf line; /* or several, not written yet */
};

void run_log_init(struct run_log *l);
/*
 * Begin the log of a job that changes or judges what visitors get; of others
 * nothing is kept, and where that cannot be written neither.  The oldest goes.
 */
void run_log_open(
    struct run_log *l, const struct ferry_job *job, struct ferry_run *run);
/* Passes over what would make it grow without a bound: see limits.h. */
void run_log_put(struct run_log *l, const struct ferry_event *e);
void run_log_close(struct run_log *l);

#endif
