/*
 * Landlock: which files and which TCP ports a thread may reach from now on.
 * Hub and worker; see landlock(7).  Debian 12's headers stop at version 2 of
 * the interface: the constants are carried here.
 */
#ifndef CONFINE_LANDLOCK_H
#define CONFINE_LANDLOCK_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What a kernel's Landlock holds, by its version: 1 files, 2 moves between
 * folders, 3 truncation, 4 TCP, 5 ioctl on devices, 6 abstract unix sockets and
 * signals, 7 logging.  0: no Landlock.
 */
int landlock_version(void);

struct landlock_path {
	const char *path; /* a file, or a folder with all below it */
	unsigned access; /* enum role_access */
	int dirfd; /* what path is relative to, as for openat(2) */
};

struct landlock_rules {
	const struct landlock_path *paths;
	size_t path_count;
	const unsigned *ports; /* TCP ports to connect to */
	size_t port_count;
	bool any_port; /* connecting is not restricted at all */
};

/*
 * Give up all else, for this thread and what it starts, for good.  Needs
 * no_new_privs.  A path that does not exist gives no right.  version: use no
 * more than this one of the interface.  0, or a negated errno: nothing was
 * given up.
 */
int landlock_restrict(const struct landlock_rules *rules, int version);

#endif
