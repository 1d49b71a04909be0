/*
 * Signals, and the terminal's settings on the way out.  Hub (the command).
 * The one file with global state: a signal handler has no argument.
 */
#include "cmd/stop.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
enum { SIGNALS = sizeof(signals) / sizeof(signals[0]) };

static volatile sig_atomic_t caught;
static volatile sig_atomic_t line_drawn;
static volatile sig_atomic_t guarded_fd = -1;
static struct termios guarded;
static struct ferry_job *volatile job;
static const char *volatile message;
static volatile pid_t child; /* that is waited for; or 0 */
static volatile pid_t parent; /* that waits for us; or 0 */
static volatile sig_atomic_t strikes[2]; /* [1]: passed on by the parent */
static struct sigaction before[SIGNALS];

static void
say(const char *s)
{
	ssize_t ignored = write(STDERR_FILENO, s, strlen(s));

	(void)ignored;
}

/*
 * One signal may come twice, from its sender and passed on: a second one is a
 * second one from the same.
 */
static void
strike(int sig, bool passed_on)
{
	if (guarded_fd >= 0)
		say("\n");
	stop_release_terminal();
	if (++strikes[passed_on] > 1) {
		/* It is blocked in here, and strikes when this returns. */
		signal(sig, SIG_DFL);
		raise(sig);
	} else if (caught == 0) {
		caught = sig;
		if (line_drawn)
			say("\r\033[J");
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
