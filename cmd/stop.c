/*
 * Signals, and the terminal's settings on the way out.  Hub (the command).
 * The one file with global state: a signal handler has no argument.
 */
#include "cmd/stop.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
enum { SIGNALS = sizeof(signals) / sizeof(signals[0]) };

static volatile sig_atomic_t caught;
static volatile sig_atomic_t line_drawn;
static volatile sig_atomic_t guarded_fd = -1;
static struct termios guarded;
static struct ferry_job *volatile job;
static const char *volatile message;
static struct sigaction before[SIGNALS];

static void
say(const char *s)
{
	ssize_t ignored = write(STDERR_FILENO, s, strlen(s));

	(void)ignored;
}

static void
on_signal(int sig)
{
	int saved = errno;

	if (guarded_fd >= 0)
		say("\n");
	stop_release_terminal();
	if (caught != 0) {
		/* It is blocked in here, and strikes when this returns. */
		signal(sig, SIG_DFL);
		raise(sig);
	} else {
		caught = sig;
		if (line_drawn)
			say("\r\033[J");
		say(message);
		ferry_job_cancel(job);
	}
	errno = saved;
}

void
stop_watch(struct ferry_job *new_job, const char *new_message)
{
	struct sigaction action;
	size_t i;

	caught = 0;
	job = new_job;
	message = new_message;
	memset(&action, 0, sizeof(action));
	action.sa_handler = on_signal;
	sigemptyset(&action.sa_mask);
	for (i = 0; i < SIGNALS; i++)
		sigaddset(&action.sa_mask, signals[i]);
	for (i = 0; i < SIGNALS; i++) {
		sigaction(signals[i], NULL, &before[i]);
		/* nohup(1) and a shell's & say: not this one. */
		if (before[i].sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
	}
}

void
stop_unwatch(void)
{
	size_t i;

	for (i = 0; i < SIGNALS; i++)
		sigaction(signals[i], &before[i], NULL);
	job = NULL;
}

int
stop_signal(void)
{
	return caught;
}

void
stop_guard_terminal(int fd, const struct termios *saved)
{
	guarded = *saved;
	guarded_fd = fd;
}

void
stop_release_terminal(void)
{
	int fd = guarded_fd;

	guarded_fd = -1;
	if (fd >= 0)
		tcsetattr(fd, TCSAFLUSH, &guarded);
}

void
stop_note_line(bool drawn)
{
	line_drawn = drawn;
}
