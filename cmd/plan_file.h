/*
 * A plan as a file, for somebody to look at: written by `plan --out', and
 * `publish --plan' is held to it.  JSON, share/plan.schema.json.  Hub (the
 * command).  What is done is always what is planned anew: of a file that is
 * read, only its numbers count, and its steps name what differs.
 */
#ifndef CMD_PLAN_FILE_H
#define CMD_PLAN_FILE_H

#include "cmd/ui.h"

struct plan_file;

/*
 * Before the job: read o->plan_in, or make ready to write o->plan_out, which
 * takes a process of its own, for the job gives up the right to.  Neither:
 * *out is NULL, which all others take as well.  What to->plan points to lives
 * as long as *out.
 */
int plan_file_open(struct plan_file **out, const struct options *o,
    struct ferry_options *to, struct ferry_error *err);

/* At ferry_EVENT_FINISHED: write what the job has planned, or compare it. */
void plan_file_finish(struct plan_file *f, struct ui *ui, struct ferry_job *job,
    const struct ferry_event *e);

/* Behind the job: was the file written?  Did not: the job has failed. */
int plan_file_end(struct plan_file *f, struct ferry_error *err);
void plan_file_free(struct plan_file *f);

/* The text of a plan.  name stands in errors. */
int plan_file_parse(struct plan_file **out, const char *text, size_t n,
    const char *name, struct ferry_plan_id *plan, struct ferry_error *err);

#endif
