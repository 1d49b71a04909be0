/*
 * Start a worker with nothing but its end of the door, and see it off.
 * Runs in the hub, whose other children and signals it leaves alone.
 */
#include "confine/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "confine/chan.h"

enum { POLL_MS = 5 };

/* Replace *fd by a copy above the numbers that the worker will use. */
static int
lift(int *fd)
{
	int copy = fcntl(*fd, F_DUPFD_CLOEXEC, CHAN_DOOR_FD + 1);

	if (copy < 0)
		return errno;
	close(*fd);
	*fd = copy;
	return 0;
}

static int
set_nonblocking(int fd)
{
	return fcntl(fd, F_SETFL, O_NONBLOCK) < 0 ? errno : 0;
}

/* theirs: the worker's ends of the door and of the output pipe. */
static int
add_files(posix_spawn_file_actions_t *files, const int theirs[2])
{
	int e;

	e = posix_spawn_file_actions_addopen(
	    files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (!e)
		e = posix_spawn_file_actions_adddup2(
		    files, theirs[1], STDOUT_FILENO);
	if (!e)
		e = posix_spawn_file_actions_adddup2(
		    files, theirs[1], STDERR_FILENO);
	if (!e)
		e = posix_spawn_file_actions_adddup2(
		    files, theirs[0], CHAN_DOOR_FD);
	if (!e)
		e = child_close_from(files, CHAN_DOOR_FD + 1);
	return e;
}

static int
start(pid_t *pid, const char *path, enum role role, bool confined,
    const int theirs[2])
{
	char name[] = "sandferry-worker", speaks[8], state[16];
	char *const argv[] = { name, speaks, state, NULL };
	char *const envp[] = { NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	int e;

	snprintf(speaks, sizeof(speaks), "%s", role_name(role));
	snprintf(state, sizeof(state), "%s",
	    confined ? ROLE_CONFINED : ROLE_UNCONFINED);
	e = posix_spawn_file_actions_init(&files);
	if (e)
		return e;
	e = posix_spawnattr_init(&attributes);
	if (e)
		goto out;
	e = add_files(&files, theirs);
	if (!e)
		e = child_set_attributes(&attributes, POSIX_SPAWN_SETPGROUP);
	if (!e)
		e = posix_spawn(pid, path, &files, &attributes, argv, envp);
	posix_spawnattr_destroy(&attributes);
out:
	posix_spawn_file_actions_destroy(&files);
	return e;
}

/* ours and theirs: the door, then the output pipe. */
static int
make_ends(int ours[2], int theirs[2])
{
	int door[2], output[2], e;

	if (chan_pair(door) < 0)
		return errno;
	ours[0] = door[0];
	theirs[0] = door[1];
	if (fs_pipe(output) < 0)
		return errno;
	ours[1] = output[0];
	theirs[1] = output[1];
	e = set_nonblocking(ours[0]);
	if (!e)
		e = set_nonblocking(ours[1]);
	if (!e)
		e = lift(&theirs[0]);
	if (!e)
		e = lift(&theirs[1]);
	return e;
}

int
spawn_worker(struct spawn *out, const char *path, enum role role, bool confined,
    struct ferry_error *err)
{
	int ours[2] = { -1, -1 }, theirs[2] = { -1, -1 }, e;

	*out = (struct spawn){ .pid = -1, .door = -1, .output = -1 };
	e = make_ends(ours, theirs);
	if (!e)
		e = start(&out->pid, path, role, confined, theirs);
	child_close_pair(theirs);
	if (e) {
		child_close_pair(ours);
		err_os(err, ferry_EWALL, e, "wall_worker_start",
		    "cannot start the worker %s", path);
		err_hint(err,
		    "It belongs to sandferry: install it there, or name the "
		    "place where it is.");
		return -ferry_EWALL;
	}
	out->door = ours[0];
	out->output = ours[1];
	return 0;
}

static int
open_process(pid_t pid)
{
#ifdef SYS_pidfd_open
	return (int)syscall(SYS_pidfd_open, pid, 0);
#else
	(void)pid;
	return -1;
#endif
}

/* Until it has ended or the time is up.  What waitpid(2) said. */
static pid_t
wait_for(pid_t pid, int *status, unsigned timeout_ms)
{
	uint64_t deadline = clock_ms() + timeout_ms;
	struct pollfd process = { .fd = open_process(pid), .events = POLLIN };
	pid_t got;
	int left;

	for (;;) {
		got = waitpid(pid, status, WNOHANG);
		if (got < 0 && errno == EINTR)
			continue;
		left = clock_left(deadline);
		if (got != 0 || left == 0)
			break;
		if (process.fd < 0 && left > POLL_MS)
			left = POLL_MS;
		(void)poll(&process, 1, left);
	}
	if (process.fd >= 0)
		close(process.fd);
	return got;
}

int
spawn_end(struct spawn *s, unsigned timeout_ms)
{
	int status = -1;
	pid_t got;

	if (s->door >= 0)
		close(s->door);
	s->door = -1;
	if (s->pid <= 0)
		return -1;
	got = wait_for(s->pid, &status, timeout_ms);
	if (got == 0) { /* it is still our child, so the number is its own */
		s->killed = true;
		kill(s->pid, SIGKILL);
		do {
			got = waitpid(s->pid, &status, 0);
		} while (got < 0 && errno == EINTR);
	}
	s->pid = -1;
	return got > 0 ? status : -1;
}
