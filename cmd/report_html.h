/*
 * --report: what a run did, as a page for people: one file that loads nothing
 * and runs no script.  Written when the run has ended, however it did.  Hub
 * (the command).
 */
#ifndef CMD_REPORT_HTML_H
#define CMD_REPORT_HTML_H

#include "cmd/ui.h"

struct report_html;

/*
 * First of all: make ready to write o->report, before the run gives up the
 * right to.  It is not asked for: *out is NULL, which all others take as well.
 * ferry_EUSAGE.
 */
int report_html_open(
    struct report_html **out, const struct options *o, struct ferry_error *err);

/* Any event but the last. */
void report_html_event(struct report_html *h, const struct ferry_event *e);

/*
 * Write it: at ferry_EVENT_FINISHED, or, if there was no job, with summary
 * NULL.  error: why it failed, or NULL.  A second time does nothing.
 */
void report_html_finish(struct report_html *h, const struct ui *ui,
    const struct ferry_summary *summary, const struct ferry_error *error);

/* Was it written?  ferry_EINTERNAL. */
int report_html_end(const struct report_html *h, struct ferry_error *err);
void report_html_free(struct report_html *h);

#endif
