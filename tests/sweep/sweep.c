/*
 * sweep [-afv] [-e ERROR | -r COMMAND] PROGRAM N TALLY COMMAND...: run it, and
 * kill -9 the process that runs PROGRAM (the base name of its file) just before
 * the Nth system call of it that touches the door, a socket or the disk (what
 * only reads files does not); -a: right behind that call.  All of its threads count together; what it forks
 * counts only with -f, which kills what made the call.  N = 0 kills nobody.
 * -v: say on standard error what each call was.
 *
 * -r COMMAND: instead of a death the shell runs this, while all waits for it.
 * -e EIO, ENOSPC, EINTR, EMFILE or ENOMEM: instead of a death that call fails
 * so, once, of all that can; -e short: it does half of what it was asked for.
 *
 * TALLY is a file of TALLY_SIZE bytes that several runs may share: a counter,
 * in the order of this machine, and which call it was, in words.  It ends when
 * all that the command started has ended, with the command's own exit status.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/sweep/calls.h"

enum { TALLY_SIZE = 256, TASKS = 256, STOPPED_CALL = SIGTRAP | 0x80 };

static const struct {
	const char *name;
	int deed, number;
} errors[] = {
	{ "EIO", IO, EIO },
	{ "ENOSPC", FULL, ENOSPC },
	{ "EINTR", INTR, EINTR },
	{ "EMFILE", FILES, EMFILE },
	{ "ENOMEM", MEMORY, ENOMEM },
	{ "short", SHORT, 0 },
};

struct tally {
	_Atomic uint64_t count;
	char killed[TALLY_SIZE - sizeof(uint64_t)]; /* "" until then */
};

struct task {
	pid_t tid, tgid;
	bool counts;
	bool dies; /* when its call returns */
	bool fails; /* likewise */
};

struct sweep {
	const char *program;
	uint64_t n;
	bool after, forks, verbose;
	int deed, error;
	const char *command; /* or NULL */
	bool done; /* killed, all others go on unwatched */
	struct tally *tally;
	struct task tasks[TASKS];
};

static pid_t
group_of(pid_t tid)
{
	char name[64], line[128];
	int tgid = tid;
	FILE *f;

	snprintf(name, sizeof(name), "/proc/%d/status", (int)tid);
	f = fopen(name, "re");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "Tgid: %d", &tgid) == 1)
			break;
	if (f != NULL)
		fclose(f);
	return tgid;
}

static bool
runs(pid_t pid, const char *program)
{
	char name[64], path[PATH_MAX];
	ssize_t n;
	char *base;

	snprintf(name, sizeof(name), "/proc/%d/exe", (int)pid);
	n = readlink(name, path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = '\0';
	base = strrchr(path, '/');
	return base != NULL && strcmp(base + 1, program) == 0;
}

static struct task *
find(struct sweep *s, pid_t tid)
{
	struct task *t, *unused = NULL;

	for (t = s->tasks; t < s->tasks + TASKS; t++) {
		if (t->tid == tid)
			return t;
		if (t->tid == 0 && unused == NULL)
			unused = t;
	}
	if (unused == NULL)
		errx(1, "more than %d tasks", TASKS);
	*unused = (struct task){ .tid = tid, .tgid = group_of(tid) };
	return unused;
}

/* A thread counts as its process does; a child only when it is asked for. */
static void
born(struct sweep *s, struct task *parent)
{
	unsigned long tid = 0;
	struct task *t;

	if (ptrace(PTRACE_GETEVENTMSG, parent->tid, NULL, &tid) != 0)
		return;
	t = find(s, (pid_t)tid);
	t->counts = parent->counts && (t->tgid == parent->tgid || s->forks);
}

/* Another program now; the other threads have gone, and this one has the
 * process's number. */
static void
changed(struct sweep *s, struct task *t)
{
	t->tgid = t->tid;
	t->counts = runs(t->tid, s->program);
	t->dies = false;
}

static void
read_path(pid_t tid, uint64_t from, char *to, size_t size)
{
	size_t i;
	long word;

	memset(to, 0, size);
	for (i = 0; i + sizeof(word) < size; i += sizeof(word)) {
		errno = 0;
		word = ptrace(PTRACE_PEEKDATA, tid, (void *)(from + i), NULL);
		if (errno != 0)
			return;
		memcpy(to + i, &word, sizeof(word));
		if (memchr(&word, '\0', sizeof(word)) != NULL)
			return;
	}
}

static void
name_call(char *dst, size_t size, const struct task *t, size_t i,
    const struct __ptrace_syscall_info *info)
{
	char of[160] = "", link[64];

	if (calls[i].what == 'p') {
		read_path(t->tid, info->entry.args[0], of, sizeof(of));
	} else if (calls[i].what == '@') {
		read_path(t->tid, info->entry.args[1], of, sizeof(of));
	} else if (calls[i].what == 'f') {
		snprintf(link, sizeof(link), "/proc/%d/fd/%d", (int)t->tgid,
		    (int)info->entry.args[0]);
		(void)!readlink(link, of, sizeof(of) - 1);
	}
	snprintf(dst, size, "%s %s", calls[i].name, of);
}

static uint64_t
read_word(pid_t tid, uint64_t from)
{
	errno = 0;
	return (uint64_t)ptrace(PTRACE_PEEKDATA, tid, (void *)from, NULL);
}

/* What an open is for; 0: it is none, or it only reads. */
static uint64_t
changes_what(const struct task *t, const struct __ptrace_syscall_info *info)
{
	uint64_t flags = 0;

#ifdef SYS_open
	if (info->entry.nr == SYS_open)
		flags = info->entry.args[1];
#endif
	if (info->entry.nr == SYS_openat)
		flags = info->entry.args[2];
#ifdef SYS_openat2
	if (info->entry.nr == SYS_openat2)
		flags = read_word(t->tid, info->entry.args[2]);
#endif
	return flags & (O_ACCMODE | O_CREAT | O_TRUNC);
}

/* A file that nobody waits at is opened to be read, or is read. */
static bool
only_looks(
    const struct task *t, size_t i, const struct __ptrace_syscall_info *info)
{
	struct stat st;
	char link[64];

	if (calls[i].deeds & LOOKS && calls[i].what != 'f')
		return changes_what(t, info) == 0;
	snprintf(link, sizeof(link), "/proc/%d/fd/%d", (int)t->tgid,
	    (int)info->entry.args[0]);
	return calls[i].deeds & LOOKS && stat(link, &st) == 0 &&
	    S_ISREG(st.st_mode);
}

static void
put_to_death(struct sweep *s, const struct task *t)
{
	s->done = true;
	kill(t->tgid, SIGKILL);
}

/* Only where its registers are known: the third argument, which is a size, the
 * number of the call and what it returns. */
#ifdef __x86_64__
static void
set_register(pid_t tid, size_t which, long value)
{
	if (ptrace(PTRACE_POKEUSER, tid, (void *)which, (void *)value) != 0)
		err(1, "ptrace");
}

static void
do_half(pid_t tid, uint64_t size)
{
	set_register(tid, offsetof(struct user_regs_struct, rdx),
	    (long)(size - size / 2));
}

static void
skip_call(pid_t tid)
{
	set_register(tid, offsetof(struct user_regs_struct, orig_rax),
	    SYS_getpid); /* which every filter lets pass */
}

static void
fail_call(pid_t tid, int error)
{
	set_register(tid, offsetof(struct user_regs_struct, rax), -error);
}
#else
static void
do_half(pid_t tid, uint64_t size)
{
	(void)tid, (void)size;
}

static void
skip_call(pid_t tid)
{
	(void)tid;
}

static void
fail_call(pid_t tid, int error)
{
	(void)tid, (void)error;
}
#endif

static void
returned(struct sweep *s, struct task *t)
{
	if (t->dies)
		put_to_death(s, t);
	if (!t->fails)
		return;
	fail_call(t->tid, s->error);
	t->fails = false;
	s->done = true;
}

/* It is this one. */
static void
strike(struct sweep *s, struct task *t, size_t i, uint64_t size)
{
	if (s->command != NULL) {
		s->done = true;
		if (system(s->command) != 0)
			errx(1, "%s", s->command);
	} else if (s->deed == KILL && !s->after) {
		put_to_death(s, t);
	} else if (s->deed == KILL) {
		t->dies = true;
	} else if (s->deed == SHORT) {
		do_half(t->tid, size);
		s->done = true;
	} else {
		if (!(calls[i].deeds & NONE_AFTER))
			skip_call(t->tid);
		t->fails = true;
	}
}

static void
called(struct sweep *s, struct task *t)
{
	const size_t count = sizeof(calls) / sizeof(calls[0]);
	struct __ptrace_syscall_info info;
	char words[200];
	uint64_t nth;
	size_t i = 0;

	if (!t->counts || s->done ||
	    ptrace(PTRACE_GET_SYSCALL_INFO, t->tid, sizeof(info), &info) <= 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_EXIT)
		returned(s, t);
	if (info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return;
	while (i < count && calls[i].nr != (long)info.entry.nr)
		i++;
	if (i == count || !(calls[i].deeds & s->deed) ||
	    (s->deed == SHORT && info.entry.args[2] < 2) ||
	    (s->deed == KILL && only_looks(t, i, &info)))
		return;
	nth = atomic_fetch_add(&s->tally->count, 1) + 1;
	if (nth == s->n || s->verbose)
		name_call(words, sizeof(words), t, i, &info);
	if (s->verbose)
		fprintf(stderr, "%llu %s\n", (unsigned long long)nth, words);
	if (nth != s->n)
		return;
	snprintf(s->tally->killed, sizeof(s->tally->killed), "%s %s",
	    s->after ? "after" : "before", words);
	strike(s, t, i, info.entry.args[2]);
}

/* Returns the signal that it is to get. */
static int
stopped(struct sweep *s, struct task *t, int status)
{
	switch (status >> 16) {
	case 0:
		if (WSTOPSIG(status) != STOPPED_CALL)
			return WSTOPSIG(status);
		called(s, t);
		break;
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		born(s, t);
		break;
	case PTRACE_EVENT_EXEC:
		changed(s, t);
		break;
	}
	return 0;
}

static int
watch(struct sweep *s, pid_t first)
{
	int status, rc = 1, signal;
	pid_t tid;

	while ((tid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
		struct task *t;

		if (tid < 0)
			continue;
		t = find(s, tid);
		if (!WIFSTOPPED(status)) {
			t->tid = 0;
			if (tid != first)
				continue;
			rc = WIFEXITED(status) ? WEXITSTATUS(status)
					       : 128 + WTERMSIG(status);
			continue;
		}
		signal = stopped(s, t, status);
		/* births and exec stop the others, too: all that is wanted */
		ptrace(s->done || !t->counts ? PTRACE_CONT : PTRACE_SYSCALL,
		    tid, NULL, (void *)(long)signal);
	}
	return rc;
}

static pid_t
start(char **argv)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE |
	    PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC |
	    PTRACE_O_EXITKILL;
	int go[2];
	char c = 0;
	pid_t pid;

	if (pipe2(go, O_CLOEXEC) != 0 || (pid = fork()) < 0)
		err(1, "fork");
	if (pid == 0) {
		close(go[1]);
		if (read(go[0], &c, 1) != 1)
			_exit(1);
		execvp(argv[0], argv);
		err(127, "%s", argv[0]);
	}
	if (ptrace(PTRACE_SEIZE, pid, NULL, (void *)options) != 0)
		err(1, "ptrace");
	if (write(go[1], &c, 1) != 1)
		err(1, "pipe");
	close(go[0]);
	close(go[1]);
	return pid;
}

static struct tally *
open_tally(const char *name)
{
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	void *p;

	if (fd < 0 || ftruncate(fd, TALLY_SIZE) != 0)
		err(1, "%s", name);
	p = mmap(NULL, TALLY_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		err(1, "%s", name);
	close(fd);
	return p;
}

static void
choose_deed(struct sweep *s, const char *name)
{
	const size_t count = sizeof(errors) / sizeof(errors[0]);

#ifndef __x86_64__
	errx(77, "nothing can fail on this kind of machine");
#endif
	for (size_t i = 0; i < count; i++) {
		if (strcmp(errors[i].name, name) != 0)
			continue;
		s->deed = errors[i].deed;
		s->error = errors[i].number;
		return;
	}
	errx(2, "unknown: %s", name);
}

int
main(int argc, char **argv)
{
	static struct sweep s = { .deed = KILL };
	int c;

	while ((c = getopt(argc, argv, "+ae:fr:v")) != -1) {
		if (c == 'e')
			choose_deed(&s, optarg);
		if (c == 'r')
			s.command = optarg;
		s.after |= c == 'a';
		s.forks |= c == 'f';
		s.verbose |= c == 'v';
		if (c == '?')
			return 2;
	}
	argv += optind;
	if (argc - optind < 4)
		errx(2,
		    "usage: sweep [-afv] [-e ERROR | -r COMMAND] PROGRAM N "
		    "TALLY COMMAND...");
	s.program = argv[0];
	s.n = strtoull(argv[1], NULL, 10);
	s.tally = open_tally(argv[2]);
	return watch(&s, start(argv + 3));
}
