/*
 * Signals, and the terminal's settings on the way out.  Hub (the command).
 * The one file with global state: a signal handler has no argument.
 */
#include "cmd/stop.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
enum { SIGNALS = sizeof(signals) / sizeof(signals[0]) };
/* Ctrl-Z; and to read the terminal in the background */
static const int pausing[] = { SIGTSTP, SIGTTIN };
enum { PAUSES = sizeof(pausing) / sizeof(pausing[0]) };

static volatile sig_atomic_t caught;
static volatile sig_atomic_t line_drawn;
static volatile sig_atomic_t question_fd = -1;
static volatile sig_atomic_t settings_changed;
static volatile sig_atomic_t pauses;
static struct termios usual, changed;
static struct ferry_job *volatile job;
static const char *volatile message;
static volatile pid_t child; /* that is waited for; or 0 */
static volatile pid_t parent; /* that waits for us; or 0 */
static volatile sig_atomic_t strikes[2]; /* [1]: passed on by the parent */
static struct sigaction before[SIGNALS], before_pause[PAUSES];

/*
 * To the beginning, and all that is behind it is gone, on the rows below as
 * well.  In two steps: what clears the whole screen is kept by some terminals,
 * as what had scrolled away.
 */
#define WIPE "\r\033[K\033[C\033[J\r"

static void
say(const char *s)
{
	ssize_t ignored = write(STDERR_FILENO, s, strlen(s));

	(void)ignored;
}

void
stop_wipe_line(void)
{
	/* "^C" may have been echoed over it. */
	if (line_drawn)
		say(WIPE);
	line_drawn = false;
}

/* In the background it is the shell's, and has been put back already. */
static void
set_terminal(const struct termios *settings)
{
	if (settings_changed && tcgetpgrp(question_fd) == getpgrp())
		tcsetattr(question_fd, TCSAFLUSH, settings);
}

/*
 * One signal may come twice, from its sender and passed on: a second one is a
 * second one from the same.
 */
static void
strike(int sig, bool passed_on)
{
	if (question_fd >= 0)
		(void)!write(question_fd, "\n", 1);
	stop_answered();
	stop_wipe_line();
	if (++strikes[passed_on] > 1) {
		/* It is blocked in here, and strikes when this returns. */
		signal(sig, SIG_DFL);
		raise(sig);
	} else if (caught == 0) {
		caught = sig;
		say(message);
		if (job != NULL)
			ferry_job_cancel(job);
	}
}

static void
on_signal(int sig, siginfo_t *info, void *context)
{
	bool by_process = info->si_code == SI_USER;
	int saved = errno;

	(void)context;
	if (child == 0) {
		strike(
		    sig, by_process && parent != 0 && info->si_pid == parent);
	} else {
		caught = sig;
		/* the terminal tells the child as well */
		if (by_process)
			kill(child, sig);
	}
	errno = saved;
}

/* The shell gets the terminal as it was; and we, later, as we had it. */
static void
on_pause(int sig)
{
	const int saved = errno;
	struct sigaction usually, ours;
	sigset_t set;

	stop_wipe_line();
	set_terminal(&usual);
	memset(&usually, 0, sizeof(usually));
	usually.sa_handler = SIG_DFL;
	sigemptyset(&usually.sa_mask);
	sigaction(sig, &usually, &ours);
	sigemptyset(&set);
	sigaddset(&set, sig);
	raise(sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	/* Here it waits. */
	sigaction(sig, &ours, NULL);
	set_terminal(&changed);
	pauses++;
	errno = saved;
}

static void
fill(sigset_t *set)
{
	sigemptyset(set);
	for (size_t i = 0; i < SIGNALS; i++)
		sigaddset(set, signals[i]);
}

void
stop_watch(struct ferry_job *new_job, const char *new_message)
{
	struct sigaction action;
	size_t i;

	caught = 0;
	strikes[0] = strikes[1] = 0;
	job = new_job;
	message = new_message;
	memset(&action, 0, sizeof(action));
	action.sa_sigaction = on_signal;
	action.sa_flags = SA_SIGINFO;
	fill(&action.sa_mask);
	for (i = 0; i < SIGNALS; i++) {
		sigaction(signals[i], NULL, &before[i]);
		/* nohup(1) and a shell's & say: not this one. */
		if (before[i].sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
	}
	action.sa_handler = on_pause;
	/* what was being written goes on as well */
	action.sa_flags = SA_RESTART;
	for (i = 0; i < PAUSES; i++) {
		sigaction(pausing[i], NULL, &before_pause[i]);
		if (before_pause[i].sa_handler != SIG_IGN)
			sigaction(pausing[i], &action, NULL);
	}
}

void
stop_unwatch(void)
{
	size_t i;

	for (i = 0; i < SIGNALS; i++)
		sigaction(signals[i], &before[i], NULL);
	for (i = 0; i < PAUSES; i++)
		sigaction(pausing[i], &before_pause[i], NULL);
	job = NULL;
}

int
stop_signal(void)
{
	return caught;
}

pid_t
stop_fork(void)
{
	sigset_t ours, before_this;
	pid_t waiting = getpid(), pid;

	fill(&ours);
	sigprocmask(SIG_BLOCK, &ours, &before_this);
	pid = fork();
	if (pid > 0)
		child = pid;
	if (pid == 0) {
		stop_unwatch();
		parent = waiting;
#ifdef __linux__
		/* Nobody is left to say how it went. */
		prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
		if (getppid() != waiting)
			_exit(128 + SIGTERM);
	}
	sigprocmask(SIG_SETMASK, &before_this, NULL);
	return pid;
}

int
stop_wait(pid_t pid)
{
	siginfo_t info;
	int status = -1, r;

	/* Until it is fetched, nobody else has its number. */
	do
		r = waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
	while (r != 0 && errno == EINTR);
	child = 0;
	return waitpid(pid, &status, 0) == pid ? status : -1;
}

bool
stop_rest(int seconds)
{
	struct timespec now, end, left;
	sigset_t ours, before_this;

	fill(&ours);
	sigprocmask(SIG_BLOCK, &ours, &before_this);
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += seconds;
	while (caught == 0) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		left.tv_sec = end.tv_sec - now.tv_sec;
		left.tv_nsec = end.tv_nsec - now.tv_nsec;
		if (left.tv_nsec < 0) {
			left.tv_nsec += 1000000000;
			left.tv_sec--;
		}
		if (left.tv_sec < 0 ||
		    pselect(0, NULL, NULL, NULL, &left, &before_this) == 0)
			break;
	}
	sigprocmask(SIG_SETMASK, &before_this, NULL);
	return caught == 0;
}

/* All that may strike while the terminal is between two states. */
static void
hold(sigset_t *before_this)
{
	sigset_t all;

	fill(&all);
	for (size_t i = 0; i < PAUSES; i++)
		sigaddset(&all, pausing[i]);
	sigprocmask(SIG_BLOCK, &all, before_this);
}

void
stop_ask(int fd, bool echo)
{
	sigset_t before_this;

	hold(&before_this);
	question_fd = fd;
	settings_changed = !echo && tcgetattr(fd, &usual) == 0;
	if (settings_changed) {
		changed = usual;
		changed.c_lflag &= ~(tcflag_t)ECHO;
		changed.c_lflag |= ECHONL;
	}
	set_terminal(&changed);
	sigprocmask(SIG_SETMASK, &before_this, NULL);
}

void
stop_answered(void)
{
	set_terminal(&usual);
	settings_changed = false;
	question_fd = -1;
}

unsigned
stop_pauses(void)
{
	return (unsigned)pauses;
}

void
stop_draw_line(const char *line)
{
	sigset_t before_this;

	hold(&before_this);
	/* Wrapping is off for as long as the window may be narrower by now. */
	if (caught == 0)
		fprintf(stderr, WIPE "\033[?7l%s\033[?7h\r", line);
	line_drawn = caught == 0;
	sigprocmask(SIG_SETMASK, &before_this, NULL);
}
