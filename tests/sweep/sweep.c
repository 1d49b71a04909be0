/*
 * sweep [-afv] PROGRAM N TALLY COMMAND...: run the command, and kill -9 the
 * process that runs PROGRAM (the base name of its file) just before the Nth
 * system call of it that touches the door, a socket or the disk; -a: right
 * behind that call.  All of its threads count together; what it forks counts
 * only with -f, which kills what made the call.  N = 0 kills nobody.  -v: say
 * on standard error what each call was.
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
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TALLY_SIZE = 256, TASKS = 256, STOPPED_CALL = SIGTRAP | 0x80 };

struct tally {
	_Atomic uint64_t count;
	char killed[TALLY_SIZE - sizeof(uint64_t)]; /* "" until then */
};

struct task {
	pid_t tid, tgid;
	bool counts;
	bool dies; /* when its call returns */
};

struct sweep {
	const char *program;
	uint64_t n;
	bool after, forks, verbose;
	bool done; /* killed, all others go on unwatched */
	struct tally *tally;
	struct task tasks[TASKS];
};

/* What can change or tell anything.  What only looks (stat, getdents) is left
 * out: to die before it is to die behind the call before that. */
static const struct {
	long nr;
	const char *name;
	char what; /* of its arguments: f descriptor, p path, @ path at */
} calls[] = {
#ifdef SYS_open
	{ SYS_open, "open", 'p' },
	{ SYS_creat, "creat", 'p' },
	{ SYS_rename, "rename", 'p' },
	{ SYS_unlink, "unlink", 'p' },
	{ SYS_mkdir, "mkdir", 'p' },
	{ SYS_rmdir, "rmdir", 'p' },
	{ SYS_link, "link", 'p' },
	{ SYS_symlink, "symlink", 'p' },
	{ SYS_chmod, "chmod", 'p' },
	{ SYS_utimes, "utimes", 'p' },
#endif
#ifdef SYS_openat2
	{ SYS_openat2, "openat2", '@' },
#endif
	{ SYS_openat, "openat", '@' },
	{ SYS_renameat, "renameat", '@' },
	{ SYS_renameat2, "renameat2", '@' },
	{ SYS_unlinkat, "unlinkat", '@' },
	{ SYS_mkdirat, "mkdirat", '@' },
	{ SYS_linkat, "linkat", '@' },
	{ SYS_fchmodat, "fchmodat", '@' },
	{ SYS_utimensat, "utimensat", '@' },
	{ SYS_truncate, "truncate", 'p' },
	{ SYS_read, "read", 'f' },
	{ SYS_readv, "readv", 'f' },
	{ SYS_pread64, "pread", 'f' },
	{ SYS_preadv, "preadv", 'f' },
	{ SYS_write, "write", 'f' },
	{ SYS_writev, "writev", 'f' },
	{ SYS_pwrite64, "pwrite", 'f' },
	{ SYS_pwritev, "pwritev", 'f' },
	{ SYS_sendfile, "sendfile", 'f' },
	{ SYS_copy_file_range, "copy_file_range", 'f' },
	{ SYS_ftruncate, "ftruncate", 'f' },
	{ SYS_fallocate, "fallocate", 'f' },
	{ SYS_fchmod, "fchmod", 'f' },
	{ SYS_fsync, "fsync", 'f' },
	{ SYS_fdatasync, "fdatasync", 'f' },
	{ SYS_flock, "flock", 'f' },
	{ SYS_socket, "socket", ' ' },
	{ SYS_connect, "connect", 'f' },
	{ SYS_sendto, "send", 'f' },
	{ SYS_sendmsg, "sendmsg", 'f' },
	{ SYS_sendmmsg, "sendmmsg", 'f' },
	{ SYS_recvfrom, "recv", 'f' },
	{ SYS_recvmsg, "recvmsg", 'f' },
	{ SYS_recvmmsg, "recvmmsg", 'f' },
	{ SYS_shutdown, "shutdown", 'f' },
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

static void
put_to_death(struct sweep *s, const struct task *t)
{
	s->done = true;
	kill(t->tgid, SIGKILL);
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
	if (info.op == PTRACE_SYSCALL_INFO_EXIT && t->dies)
		put_to_death(s, t);
	if (info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return;
	while (i < count && calls[i].nr != (long)info.entry.nr)
		i++;
	if (i == count)
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
	if (s->after)
		t->dies = true;
	else
		put_to_death(s, t);
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
		ptrace(s->done ? PTRACE_CONT : PTRACE_SYSCALL, tid, NULL,
		    (void *)(long)signal);
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

int
main(int argc, char **argv)
{
	static struct sweep s;
	int c;

	while ((c = getopt(argc, argv, "+afv")) != -1) {
		s.after |= c == 'a';
		s.forks |= c == 'f';
		s.verbose |= c == 'v';
		if (c == '?')
			return 2;
	}
	argv += optind;
	if (argc - optind < 4)
		errx(2, "usage: sweep [-afv] PROGRAM N TALLY COMMAND...");
	s.program = argv[0];
	s.n = strtoull(argv[1], NULL, 10);
	s.tally = open_tally(argv[2]);
	return watch(&s, start(argv + 3));
}
