/* Name a file from outside the walls.  Hub (the command). */
#include "cmd/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DESCRIPTORS = 1024 /* at most that many were inherited */ };

/* Lives as long as the other end of its door is open. */
static void
keep(int door, const char *temporary, const char *path)
{
	int result = 0;
	char word;

	/* who stops the job need not stop this: it ends by itself */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	for (int fd = STDERR_FILENO + 1; fd < DESCRIPTORS; fd++)
		if (fd != door)
			close(fd);
	if (read(door, &word, 1) == 1) {
		result = rename(temporary, path) == 0 ? 0 : errno;
		if (write(door, &result, sizeof(result)) < 0)
			_exit(1);
	}
	/* where it got its name there is none */
	unlink(temporary);
	_exit(0);
}

static int
start(struct keeper *k, const char *temporary, const char *path)
{
	int door[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, door) != 0)
		return -1;
	k->pid = fork();
	if (k->pid == 0) {
		close(door[0]);
		keep(door[1], temporary, path);
	}
	close(door[1]);
	k->door = door[0];
	return k->pid < 0 ? -1 : 0;
}

int
keeper_start(struct keeper *k, const char *option, const char *path,
    struct ferry_error *err)
{
	/* beside it, under a name that no site publishes */
	const char *base = strrchr(path, '/');
	const int folder = base != NULL ? (int)(base + 1 - path) : 0;
	size_t size = (size_t)folder + sizeof(".sandferry-XXXXXX");
	char *temporary = malloc(size);
	struct stat st;
	int saved;

	*k = (struct keeper){ .file = -1, .door = -1, .pid = -1 };
	/* it would be put in place of /dev/stdout, where root asks for it */
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		free(temporary);
		return options_error(err, "Name a file, or one that is new.",
		    "cannot write %s %s: it is no ordinary file", option, path);
	}
	if (temporary == NULL)
		return options_error(err, NULL, "out of memory");
	snprintf(temporary, size, "%.*s.sandferry-XXXXXX", folder, path);
	k->file = mkostemp(temporary, O_CLOEXEC);
	saved = errno;
	if (k->file >= 0 && start(k, temporary, path) != 0) {
		saved = errno;
		unlink(temporary);
		keeper_end(k);
	}
	free(temporary);
	if (k->file >= 0)
		return 0;
	return options_error(
	    err, NULL, "cannot write %s %s: %s", option, path, strerror(saved));
}

int
keeper_name(struct keeper *k)
{
	int result;

	if (fsync(k->file) != 0)
		return errno;
	if (write(k->door, "y", 1) != 1 ||
	    read(k->door, &result, sizeof(result)) != sizeof(result))
		return EIO;
	return result;
}

void
keeper_end(struct keeper *k)
{
	if (k->file >= 0)
		close(k->file);
	if (k->door >= 0)
		close(k->door);
	if (k->pid > 0)
		waitpid(k->pid, NULL, 0);
	*k = (struct keeper){ .file = -1, .door = -1, .pid = -1 };
}
