/*
 * Build the wall around this process: limits, capabilities, Landlock, seccomp,
 * in this order and for good.  Hub of the command and worker.
 */
#ifndef CONFINE_WALL_H
#define CONFINE_WALL_H

#include "confine/landlock.h"
#include "confine/role.h"

enum wall_layer { /* bits */
	WALL_PRIVILEGES = 1 << 0, /* none to gain, none left, not dumpable */
	WALL_LIMITS = 1 << 1,
	WALL_LANDLOCK = 1 << 2,
	WALL_SECCOMP = 1 << 3,
	WALL_ALL = (1 << 4) - 1,
};

struct wall {
	unsigned layers; /* those that stand */
	int landlock; /* the version in force; 0: none */
	int landlock_errno; /* why one does not stand; or 0 */
	int seccomp_errno;
};

/*
 * Build these layers; w says which of them stand.  rules: the files and ports
 * that stay within reach, NULL: none.
 */
void wall_build(struct wall *w, enum role role, unsigned layers,
    const struct landlock_rules *rules);

#endif
