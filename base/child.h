/*
 * What every program that we start has in common.  Hub.  Errors are those of
 * posix_spawn(3): 0 or an errno.
 */
#ifndef BASE_CHILD_H
#define BASE_CHILD_H

#include <spawn.h>

/*
 * Default signals, none blocked, and a group of its own: flag is
 * POSIX_SPAWN_SETPGROUP, or POSIX_SPAWN_SETSID for a session of its own.
 */
int child_set_attributes(posix_spawnattr_t *attributes, short flag);

/*
 * Nothing from this descriptor on: the host's may lack CLOEXEC.  Where libc
 * cannot do it, all stays as it is.
 */
int child_close_from(posix_spawn_file_actions_t *files, int fd);

/* Both ends; one that is negative is not there. */
void child_close_pair(const int fds[2]);

#endif
