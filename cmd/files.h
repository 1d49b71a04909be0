/* The files of a server, a line for each: adopt, status, verify. */
#ifndef CMD_FILES_H
#define CMD_FILES_H

#include "cmd/ui.h"

/*
 * What a ferry_EVENT_FILE says: nothing of what is as it should be, and of what
 * is not ours, unless all are wanted.
 */
void files_show(struct ui *ui, const struct ferry_event *e, bool all);

/* How many are there that are not ours; nothing of none. */
void files_strangers(struct ui *ui, uint64_t count);

#endif
