/*
 * The verbs: cmd_init.c, cmd_publish.c, cmd_host.c, cmd_access.c, cmd_check.c,
 * cmd_status.c, cmd_adopt.c, cmd_unlock.c, cmd_log.c, cmd_explain.c,
 * cmd_completion.c, cmd_help.c.
 * Exit statuses.
 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include <stdio.h>

#include "cmd/options.h"
#include "cmd/ui.h"

int cmd_publish(struct ui *ui, const struct options *o); /* and plan */
int cmd_host(struct ui *ui, const struct options *o);
int cmd_access(struct ui *ui, const struct options *o);
int cmd_init(struct ui *ui, const struct options *o);
int cmd_check(struct ui *ui, const struct options *o);
int cmd_status(struct ui *ui, const struct options *o); /* and verify */
int cmd_adopt(struct ui *ui, const struct options *o);
int cmd_unlock(struct ui *ui, const struct options *o);
int cmd_log(struct ui *ui, const struct options *o);
int cmd_explain(struct ui *ui, const struct options *o);
int cmd_completion(const struct options *o, struct ferry_error *err);
int cmd_help(const struct options *o);
/* All verbs in short. */
void cmd_help_print(FILE *to);

#endif
