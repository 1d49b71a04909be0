/*
 * What a run tells: events as they happen, and one summary at its end.  Hub.
 * Only this file fills in a struct ferry_event.
 */
#ifndef PUBLISH_REPORT_H
#define PUBLISH_REPORT_H

#include "base/log.h"
#include "publish/plan.h"
#include "publish/run_log.h"
#include "sandferry.h"

struct report {
	ferry_event_fn *fn; /* NULL: nobody listens */
	void *ctx;
	int64_t began, progressed; /* monotonic milliseconds */
	enum ferry_phase phase;
	uint64_t files_done, files_total, bytes_done, bytes_total;
	struct ferry_summary summary;
	struct log log; /* remarks become events */
	struct run_log kept; /* of this run */
};

void
report_init(struct report *r, ferry_event_fn *fn, void *ctx, int log_level);

/* A phase begins; its counters start at 0. */
void report_phase(struct report *r, enum ferry_phase phase,
    uint64_t files_total, uint64_t bytes_total);
/* The counters moved; told at most 10 times a second.  path may be NULL. */
void report_progress(struct report *r, const char *path);

/* One line of the plan; folders are not worth one. */
void report_step(struct report *r, const struct plan_step *step);
/* A file that left the source and stays for now. */
void report_wait(struct report *r, const struct plan_wait *wait);
/* A file that is never published. */
void report_skip(struct report *r, const char *path, const char *reason);
void report_note(struct report *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void report_warning(
    struct report *r, const char *path, const struct ferry_error *error);
/* One named thing failed; the run tries the others before it ends. */
void report_failure(
    struct report *r, const char *path, const struct ferry_error *error);
/* The server's key is refused, and why. */
void report_refusal(struct report *r, const struct ferry_host_report *host,
    const struct ferry_error *error);
void report_question(struct report *r, const struct ferry_question *question);
void report_host(struct report *r, const struct ferry_host_report *host);
void report_grant(struct report *r, const struct ferry_grant *grant);
void report_host_entry(struct report *r, const struct ferry_host_entry *entry);
void report_surroundings(
    struct report *r, const struct ferry_surroundings *surroundings);
void report_right(struct report *r, const struct ferry_right *right);
/* A line of a manifest, as it stands there. */
void report_line(struct report *r, const char *line);
void report_receipt(struct report *r, const struct ferry_receipt *receipt);
/* error: why it failed, or NULL. */
void report_check(struct report *r, const struct ferry_check *check,
    const struct ferry_error *error);
/*
 * A file of the site there.  before: bytes that are expected; after: that it
 * has; text: a reason, escaped, or NULL.
 */
void report_file(struct report *r, enum ferry_file_state state,
    const char *path, uint64_t before, uint64_t after, const char *text);
void report_status(struct report *r, const struct ferry_status *status);
void report_run(struct report *r, const struct ferry_run *run);
/* The last event.  error NULL: all went well. */
void report_summary(struct report *r, const struct ferry_error *error);

#endif
