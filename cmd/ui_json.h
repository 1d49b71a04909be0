/* --json: what programs read. */
#ifndef CMD_UI_JSON_H
#define CMD_UI_JSON_H

#include "cmd/ui.h"

/* Print an event as one line on standard output. */
void ui_json_event(struct ui *ui, const struct ferry_event *e);
/* A line that is such an event already. */
void ui_json_line(struct ui *ui, const char *line);
/* Another attempt follows the failure, in place of its summary. */
void ui_json_retry(struct ui *ui, const struct ferry_error *e);
/* The summary that always comes, of a run that never became a job. */
void ui_json_failure(struct ui *ui, const struct ferry_error *e);

#endif
