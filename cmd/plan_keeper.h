/*
 * A file that appears whole, at the end of a job that has given up the right to
 * make files: a process of its own, started before, gives it its name.  Hub
 * (the command).
 */
#ifndef CMD_PLAN_KEEPER_H
#define CMD_PLAN_KEEPER_H

#include <sys/types.h>

#include "cmd/options.h"

struct plan_keeper {
	int file; /* to write to; mode 0600 */
	int door; /* to the other process */
	pid_t pid;
};

/* Everything it needs but the bytes.  ferry_EUSAGE. */
int plan_keeper_start(
    struct plan_keeper *k, const char *path, struct ferry_error *err);

/* What was written gets its name: 0 or an errno. */
int plan_keeper_name(struct plan_keeper *k);

/* Without a name it is gone. */
void plan_keeper_end(struct plan_keeper *k);

#endif
