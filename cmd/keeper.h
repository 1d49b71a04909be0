/*
 * A file that appears whole, at the end of a job that has given up the right to
 * make files: a process of its own, started before, gives it its name.  Hub
 * (the command).
 */
#ifndef CMD_KEEPER_H
#define CMD_KEEPER_H

#include <sys/types.h>

#include "cmd/options.h"

struct keeper {
	int file; /* to write to; mode 0600 */
	int door; /* to the other process */
	pid_t pid;
};

/* Everything it needs but the bytes.  ferry_EUSAGE, which names the option. */
int keeper_start(struct keeper *k, const char *option, const char *path,
    struct ferry_error *err);

/* What was written gets its name: 0 or an errno. */
int keeper_name(struct keeper *k);

/* Without a name it is gone. */
void keeper_end(struct keeper *k);

#endif
