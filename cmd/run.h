/* Run one job of the library's: site, options, signals, events, exit status. */
#ifndef CMD_RUN_H
#define CMD_RUN_H

#include "cmd/options.h"
#include "cmd/ui.h"

/* What a verb shows of its own: STEP, HOST, HOST_ENTRY, GRANT, SUMMARY events. */
typedef void run_show_fn(struct ui *ui, void *ctx, const struct ferry_event *e);

/* Returns the exit status. */
int run_job(struct ui *ui, const struct options *o, enum ferry_verb verb,
    run_show_fn *show, void *ctx);

#endif
