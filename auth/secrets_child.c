/*
 * Run a program for what it prints, with a limit of time and of bytes.  Hub,
 * whose other children and signals are left alone.
 */
#include "auth/secrets_child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"

enum {
	POLL_MS = 5, /* where no descriptor tells of the end */
	FAILED_TO_START = 127, /* posix_spawn(3), and every shell */
};

struct running {
	const struct secrets_child *c;
	pid_t pid;
	int process; /* a pidfd, or -1 */
	int output; /* non-blocking */
	struct secret *got;
	bool eof, ended;
	int how, status; /* waitid(2): si_code, si_status */
};

extern char **environ;

/* ---- What it inherits ---- */

static bool
is_kept(const char *entry, enum secrets_child_env env)
{
	static const char *const few[] = { "HOME=", "PATH=", "USER=",
		"LOGNAME=", "LANG=", "LC_",
		"XDG_RUNTIME_DIR=", "XDG_DATA_HOME=",
		"DBUS_SESSION_BUS_ADDRESS=", "GNUPGHOME=", "GPG_TTY=" };
	static const char *const display[] = {
		"DISPLAY=", "WAYLAND_DISPLAY=", "XAUTHORITY="
	};
	size_t i;

	for (i = 0; i < sizeof(few) / sizeof(*few); i++) {
		if (strncmp(entry, few[i], strlen(few[i])) == 0)
			return true;
	}
	for (i = 0; i < sizeof(display) / sizeof(*display); i++) {
		if (strncmp(entry, display[i], strlen(display[i])) == 0)
			return env != SECRETS_ENV_NO_DISPLAY;
	}
	return env == SECRETS_ENV_ALL;
}

/* Its strings are the environment's own. */
static char **
make_env(enum secrets_child_env env)
{
	size_t n = 0, kept = 0;
	char **envp;

	while (environ != NULL && environ[n] != NULL)
		n++;
	envp = calloc(n + 1, sizeof(*envp));
	for (size_t i = 0; envp != NULL && i < n; i++) {
		if (is_kept(environ[i], env))
			envp[kept++] = environ[i];
	}
	return envp;
}

/* Move both ends above the numbers that the child will use. */
static int
lift(int fds[2])
{
	for (int i = 0; i < 2; i++) {
		int high = fcntl(fds[i], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

		if (high < 0)
			return errno;
		close(fds[i]);
		fds[i] = high;
	}
	return 0;
}

static int
open_pipe(int fds[2])
{
	int e;

	if (fs_pipe(fds) < 0)
		return errno;
	e = lift(fds);
	if (e == 0 && fcntl(fds[0], F_SETFL, O_NONBLOCK) < 0)
		e = errno;
	return e;
}

/*
 * The whole input lies in the pipe before there is a reader, so that nobody
 * has to write to a child that has died (SIGPIPE is the host's).
 */
static int
open_input(int *fd, const struct secret *input)
{
	int fds[2], e;

	*fd = -1;
	if (input == NULL)
		return 0;
	e = open_pipe(fds);
	if (e == 0 && fcntl(fds[1], F_SETFL, O_NONBLOCK) < 0)
		e = errno;
	if (e == 0 && fs_write_all(fds[1], input->data, input->len) != 0)
		e = errno;
	if (e == 0 && fcntl(fds[0], F_SETFL, 0) < 0)
		e = errno;
	if (e != 0) {
		child_close_pair(fds);
		return e;
	}
	close(fds[1]);
	*fd = fds[0];
	return 0;
}

static int
add_null(posix_spawn_file_actions_t *files, int fd)
{
	return posix_spawn_file_actions_addopen(files, fd, "/dev/null",
	    fd == STDIN_FILENO ? O_RDONLY : O_WRONLY, 0);
}

static int
add_files(posix_spawn_file_actions_t *files, int input, int output, bool quiet)
{
	int e;

	e = input >= 0
	    ? posix_spawn_file_actions_adddup2(files, input, STDIN_FILENO)
	    : add_null(files, STDIN_FILENO);
	if (!e)
		e = posix_spawn_file_actions_adddup2(
		    files, output, STDOUT_FILENO);
	if (!e && (quiet || fcntl(STDERR_FILENO, F_GETFD) < 0))
		e = add_null(files, STDERR_FILENO);
	else if (!e) /* also where it is marked to be closed */
		e = posix_spawn_file_actions_adddup2(
		    files, STDERR_FILENO, STDERR_FILENO);
	if (!e)
		e = child_close_from(files, STDERR_FILENO + 1);
	return e;
}

static int
spawn(pid_t *pid, const struct secrets_child *c, char **envp, int input,
    int output)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	int e;

	e = posix_spawn_file_actions_init(&files);
	if (e)
		return e;
	e = posix_spawnattr_init(&attributes);
	if (e)
		goto out;
	e = add_files(&files, input, output, c->quiet);
	if (!e)
		e = child_set_attributes(&attributes, POSIX_SPAWN_SETSID);
	if (!e)
		e = posix_spawnp(
		    pid, c->argv[0], &files, &attributes, c->argv, envp);
	posix_spawnattr_destroy(&attributes);
out:
	posix_spawn_file_actions_destroy(&files);
	return e;
}

/* Start it; r->output and r->pid are there afterwards.  An errno. */
static int
start(struct running *r)
{
	int output[2] = { -1, -1 }, input, e;
	char **envp = make_env(r->c->env);

	e = envp != NULL ? open_input(&input, r->c->input) : ENOMEM;
	if (e != 0)
		goto out;
	e = open_pipe(output);
	if (e == 0)
		e = spawn(&r->pid, r->c, envp, input, output[1]);
	if (e == 0) {
		r->output = output[0];
		output[0] = -1;
	}
	child_close_pair(output);
	if (input >= 0)
		close(input);
out:
	free(envp);
	return e;
}

/* ---- Until it has ended ---- */

/* Somebody else may have reaped it: then how it ended is not known. */
static void
reap(struct running *r, int options)
{
	siginfo_t info;
	int n;

	do {
		info.si_pid = 0;
		n = waitid(P_PID, (id_t)r->pid, &info, WEXITED | options);
	} while (n < 0 && errno == EINTR);
	if (n == 0 && info.si_pid == 0)
		return;
	r->ended = true;
	r->how = n == 0 ? info.si_code : CLD_EXITED;
	r->status = n == 0 ? info.si_status : 0;
}

/* Take what has come.  An errno. */
static int
drain(struct running *r)
{
	struct secret *s = r->got;
	ssize_t n;

	while (!r->eof) {
		if (s->len == s->cap)
			return EFBIG;
		n = read(r->output, s->data + s->len, s->cap - s->len);
		if (n > 0)
			s->len += (size_t)n;
		else if (n == 0)
			r->eof = true;
		else if (errno == EAGAIN)
			break;
		else if (errno != EINTR)
			return errno;
	}
	return 0;
}

/* All that it said before it ended counts; who else holds the pipe does not. */
static int
follow(struct running *r)
{
	const struct secrets_child *c = r->c;
	uint64_t deadline = c->timeout_ms >= 0
	    ? clock_ms() + (uint64_t)c->timeout_ms
	    : UINT64_MAX;
	int e, left;

	for (;;) {
		struct pollfd fds[] = {
			{ .fd = r->process, .events = POLLIN },
			{ .fd = r->eof ? -1 : r->output, .events = POLLIN },
			{ .fd = c->cancel_fd, .events = POLLIN },
		};

		reap(r, WNOHANG);
		e = drain(r);
		if (e != 0 || r->ended)
			return e;
		if (fs_readable(c->cancel_fd))
			return ECANCELED;
		left = c->timeout_ms >= 0 ? clock_left(deadline) : -1;
		if (left == 0)
			return ETIMEDOUT;
		if (r->eof)
			fds[1].fd = -1;
		if (r->process < 0 && (left < 0 || left > POLL_MS))
			left = POLL_MS;
		(void)poll(fds, sizeof(fds) / sizeof(*fds), left);
	}
}

/* It leads a session and a group of its own, and is not reaped yet. */
static void
put_down(struct running *r)
{
	if (r->ended)
		return;
	if (kill(-r->pid, SIGKILL) != 0)
		kill(r->pid, SIGKILL);
	reap(r, 0);
}

/* ---- The words ---- */

static int
not_run(const struct secrets_child *c, int e, struct ferry_error *err)
{
	if (e == ECANCELED)
		return err_set(err, ferry_ECANCELLED, "cancelled", "cancelled");
	if (e == ETIMEDOUT)
		return err_set(err, ferry_ESECRET, "secret_program",
		    "%s did not answer within %d seconds", c->name,
		    c->timeout_ms / 1000);
	if (e == EFBIG)
		return err_set(err, ferry_ESECRET, "secret_too_long",
		    "%s printed more than %zu bytes", c->name, c->max);
	return err_os(err, ferry_ESECRET, e, "secret_program",
	    "cannot start %s", c->name);
}

static int
judge_end(const struct running *r, struct ferry_error *err)
{
	if (r->how != CLD_EXITED)
		return err_set(err, ferry_ESECRET, "secret_program",
		    "%s was ended by signal %d", r->c->name, r->status);
	if (r->status == FAILED_TO_START)
		return err_set(err, ferry_ESECRET, "secret_program",
		    "%s ended with status %d: a program that is not there?",
		    r->c->name, r->status);
	if (r->status != 0)
		return err_set(err, ferry_ESECRET, "secret_program",
		    "%s ended with status %d", r->c->name, r->status);
	return 0;
}

int
secrets_child_run(
    struct secret **out, const struct secrets_child *c, struct ferry_error *err)
{
	struct running r = { .c = c, .pid = -1, .process = -1, .output = -1 };
	int e, rc;

	*out = NULL;
	if (c->outside != NULL)
		return secrets_outside_run(out, c->outside, c, err);
	/* Room for the byte that is one too many, behind a "\r\n". */
	r.got = secret_new(c->max + 3);
	if (r.got == NULL)
		return err_memory(err);
	e = start(&r);
	if (e == 0) {
#ifdef SYS_pidfd_open
		r.process = (int)syscall(SYS_pidfd_open, r.pid, 0);
#endif
		e = follow(&r);
		put_down(&r);
	}
	rc = e != 0 ? not_run(c, e, err) : judge_end(&r, err);
	if (rc == 0) {
		*out = r.got;
		r.got = NULL;
	}
	secret_free(r.got);
	if (r.output >= 0)
		close(r.output);
	if (r.process >= 0)
		close(r.process);
	return rc;
}
