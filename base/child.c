/* What every program that we start has in common.  Hub. */
#include "base/child.h"

#include <signal.h>
#include <unistd.h>

int
child_set_attributes(posix_spawnattr_t *attributes, short flag)
{
	short flags =
	    (short)(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | flag);
	sigset_t all, none;
	int e;

	sigfillset(&all);
	sigemptyset(&none);
#ifdef POSIX_SPAWN_CLOEXEC_DEFAULT
	flags |= POSIX_SPAWN_CLOEXEC_DEFAULT;
#endif
	e = posix_spawnattr_setsigdefault(attributes, &all);
	if (!e)
		e = posix_spawnattr_setsigmask(attributes, &none);
	if (!e && flag == POSIX_SPAWN_SETPGROUP)
		e = posix_spawnattr_setpgroup(attributes, 0);
	if (!e)
		e = posix_spawnattr_setflags(attributes, flags);
	return e;
}

int
child_close_from(posix_spawn_file_actions_t *files, int fd)
{
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)
	return posix_spawn_file_actions_addclosefrom_np(files, fd);
#else
	(void)files;
	(void)fd;
	return 0;
#endif
}

void
child_close_pair(const int fds[2])
{
	for (int i = 0; i < 2; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
}
