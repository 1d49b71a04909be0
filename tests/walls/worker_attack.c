/*
 * The worker as it is, taken over: linked with the attacks, which begin where
 * it has come to a certain stage.  Worker, of the tests only.
 *
 * The linker's --wrap puts functions, here and in *_stages.c, in front of those
 * that mark the stages.  What is to be done stands in "targets" beside the
 * program.  One attack after the other is made by the sealed process itself: in
 * place of the product's handler, which would end it, SIGSYS has one here that
 * notes it.
 */
#include <fcntl.h>
#include <libgen.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <ucontext.h>

#include "confine/chan.h"
#include "confine/seccomp.h"
#include "confine/wall.h"
#include "remote/worker_msg.h"
#include "tests/walls/attack.h"

enum {
	SHELL = 42, /* what it exits with if it became one */
	HIGH = 200, /* our own descriptors are here and above */
};

struct attack_targets targets = { .socket = -1, .file = -1, .folder = -1 };

static const struct attack *const lists[] = { attack_files, attack_sockets,
	attack_handed, attack_processes, attack_kernel, attack_memory,
	attack_folder };

static char mode[32], role_wanted[16];
static enum role playing; /* it, once it is known to be this one's */
static char results_path[PATH_MAX], fifo_path[PATH_MAX];
static int results = -1, fifo = -1;
static volatile sig_atomic_t trapped;

/* ---- Before the seal ---- */

static void
broken(const char *what)
{
	fprintf(stderr, "worker_attack: %s: %s\n", what, strerror(errno));
	exit(90);
}

/* Out of the way of what the worker itself opens. */
static int
high(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, HIGH);

	if (fd < 0 || copy < 0)
		broken("a descriptor");
	close(fd);
	return copy;
}

const char *
attack_play(const char *name)
{
	static char path[PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/play/%s", targets.dir, name);
	return path;
}

static void
take(const char *name, const char *value)
{
	const struct {
		const char *name;
		char *text;
		size_t size;
		void *number;
	} known[] = {
		{ "mode", mode, sizeof(mode), NULL },
		{ "role", role_wanted, sizeof(role_wanted), NULL },
		{ "results", results_path, sizeof(results_path), NULL },
		{ "fifo", fifo_path, sizeof(fifo_path), NULL },
		{ "dir", targets.dir, sizeof(targets.dir), NULL },
		{ "key", targets.key, PATH_MAX, NULL },
		{ "known_hosts", targets.known_hosts, PATH_MAX, NULL },
		{ "site_file", targets.site_file, PATH_MAX, NULL },
		{ "abstract", targets.abstract, sizeof(targets.abstract),
		    NULL },
		{ "tcp", NULL, 0, &targets.tcp },
		{ "tcp6", NULL, 0, &targets.tcp6 },
		{ "udp", NULL, 0, &targets.udp },
		{ "server", NULL, 0, &targets.server },
		{ "victim", NULL, 0, &targets.victim },
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].name, name) != 0)
			continue;
		else if (known[i].text != NULL)
			snprintf(known[i].text, known[i].size, "%s", value);
		else
			*(unsigned *)known[i].number = (unsigned)atol(value);
}

static void
read_targets(void)
{
	char self[PATH_MAX] = "", path[PATH_MAX + 16], name[32],
	     value[PATH_MAX];
	FILE *f;

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		broken("where am I?");
	snprintf(path, sizeof(path), "%s/targets", dirname(self));
	f = fopen(path, "re");
	if (f == NULL)
		broken(path);
	while (fscanf(f, "%31s %4095s", name, value) == 2)
		take(name, value);
	fclose(f);
}

/* Some memory of the hub's that may be written. */
static void
find_memory(void)
{
	char path[64], line[512], rights[8];
	unsigned long from;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)targets.hub);
	f = fopen(path, "re");
	if (f == NULL)
		return;
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "%lx-%*x %7s", &from, rights) == 2 &&
		    strcmp(rights, "rw-p") == 0) {
			targets.hub_memory = (void *)from;
			break;
		}
	fclose(f);
}

static void
make_spares(void)
{
	targets.spare_tcp = high(socket(AF_INET, SOCK_STREAM, 0));
	targets.spare_udp = high(socket(AF_INET, SOCK_DGRAM, 0));
	targets.spare_unix = high(socket(AF_UNIX, SOCK_STREAM, 0));
}

static void
prepare(void)
{
	struct file_handle *handle = (struct file_handle *)targets.handle;
	char path[PATH_MAX + 32];
	int mount;

	targets.hub = getppid();
	find_memory();
	if (gethostname(targets.host, sizeof(targets.host) - 1) != 0)
		broken("hostname");
	results = high(open(results_path, O_WRONLY | O_APPEND));
	fifo = high(open(fifo_path, O_RDWR));
	make_spares();
	if (pipe(targets.pipe) != 0)
		broken("pipe");
	targets.pipe[0] = high(targets.pipe[0]);
	targets.pipe[1] = high(targets.pipe[1]);
	targets.hub_pidfd = high((int)syscall(SYS_pidfd_open, targets.hub, 0));
	targets.network = high(open("/proc/self/ns/net", O_RDONLY));
	targets.handle_mount = high(open(targets.dir, O_RDONLY));
	snprintf(path, sizeof(path), "%s/scratch", targets.dir);
	targets.scratch = high(open(path, O_RDWR | O_CREAT | O_TRUNC, 0600));
	handle->handle_bytes = 128;
	(void)name_to_handle_at(AT_FDCWD, targets.key, handle, &mount, 0);
}

/* ---- One attack ---- */

static void
note(int number, siginfo_t *info, void *context)
{
	ucontext_t *c = context;

	(void)number;
	if (trapped == 0)
		trapped = info->si_syscall + 1;
#if defined(__x86_64__)
	c->uc_mcontext.gregs[REG_RAX] = -ENOSYS;
#elif defined(__aarch64__)
	c->uc_mcontext.regs[0] = (unsigned long)-ENOSYS;
#else
#error "where is the result of a system call?"
#endif
}

int __real_seccomp_announce(void);
int __wrap_seccomp_announce(void);

int
__wrap_seccomp_announce(void)
{
	struct sigaction action = { .sa_sigaction = note,
		.sa_flags = SA_SIGINFO };

	if (strncmp(mode, "die", 3) == 0)
		return __real_seccomp_announce();
	return sigaction(SIGSYS, &action, NULL);
}

static const char *
outcome(long rc, bool trap)
{
	if (trap)
		return "SIGSYS";
	return rc >= 0 ? "done" : strerrorname_np((int)-rc);
}

static enum attack_end
end_of(const struct attack *a)
{
	unsigned folder = a->end >> 8;

	return (enum attack_end)(
	    playing == ROLE_FOLDER && folder != 0 ? folder : a->end & 0xff);
}

static bool
as_expected(const struct attack *a, const char *was)
{
	static const char *const ends[] = { [END_SIGSYS] = "SIGSYS",
		[END_EPERM] = "EPERM",
		[END_ENOMEM] = "ENOMEM",
		[END_KILLED] = "killed",
		[END_EACCES] = "EACCES",
		[END_EXDEV] = "EXDEV",
		[END_EBADF] = "EBADF",
		[END_EINVAL] = "EINVAL",
		[END_TOLD] = "done" };
	enum attack_end end = end_of(a);

	if (end == END_NOTHING)
		return strcmp(was, "SIGSYS") != 0;
	return strcmp(was, ends[end]) == 0;
}

static const struct attack *
next(size_t *list, size_t *i)
{
	const struct attack *a;

	for (; *list < sizeof(lists) / sizeof(lists[0]); (*list)++, *i = 0) {
		a = &lists[*list][(*i)++];
		if (a->name != NULL)
			return a;
	}
	return NULL;
}

static bool
is_handed(const struct attack *a)
{
	return ((a->needs & HANDED_SOCKET) == 0 || targets.socket >= 0) &&
	    ((a->needs & HANDED_FILE) == 0 || targets.file >= 0) &&
	    ((a->needs & HANDED_FOLDER) == 0 || targets.folder >= 0);
}

/* ---- In a process of its own, behind these layers ---- */

struct answer {
	long rc;
	int trapped;
};

/* What a worker would have been handed. */
static void
hand_over(const struct attack *a)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)targets.server),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	if (a->needs & HANDED_SOCKET) {
		targets.socket = high(socket(AF_INET, SOCK_STREAM, 0));
		/* connect(3) is the worker's own, for libcurl */
		if (syscall(SYS_connect, targets.socket, &to, sizeof(to)) != 0)
			broken("connect");
		fcntl(targets.socket, F_SETFL, O_NONBLOCK);
	}
	if (a->needs & HANDED_FILE)
		targets.file = high(open(targets.site_file, O_RDONLY));
}

/* As the last one may have left it. */
static void
tidy_up(void)
{
	int fd;

	mkdir(attack_play(""), 0700);
	(void)unlink(attack_play("new"));
	(void)rmdir(attack_play("newdir"));
	mkdir(attack_play("dir"), 0700);
	fd = open(attack_play("victim"), O_CREAT | O_WRONLY | O_TRUNC, 0600);
	(void)!write(fd, "whole\n", 6);
	close(fd);
	(void)!chown(targets.site_file, geteuid(), getegid());
	if (targets.folder < 0)
		return;
	(void)unlinkat(targets.folder, "walls/got", 0);
	(void)unlinkat(targets.folder, "walls/own", 0);
	fd = openat(targets.folder, "walls/own", O_CREAT | O_WRONLY, 0600);
	(void)!write(fd, "own\n", 4);
	close(fd);
}

static void
attempt_here(const struct attack *a, int out, enum role role, unsigned layers,
    const struct landlock_rules *rules)
{
	struct answer answer;
	struct wall wall;

	alarm(ATTACK_PATIENCE);
	make_spares();
	hand_over(a);
	wall_build(&wall, role, layers, rules);
	trapped = 0;
	answer.rc = a->run();
	answer.trapped = trapped;
	(void)!write(out, &answer, sizeof(answer));
	_exit(0);
}

void __real_wall_build(struct wall *w, enum role role, unsigned layers,
    const struct landlock_rules *rules);
void __wrap_wall_build(struct wall *w, enum role role, unsigned layers,
    const struct landlock_rules *rules);

static const char *
attempt_apart(const struct attack *a, enum role role, unsigned layers,
    const struct landlock_rules *rules)
{
	struct answer answer;
	int out[2], status;
	ssize_t n;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) != 0)
		broken("pipe");
	pid = fork();
	if (pid < 0)
		broken("fork");
	if (pid == 0)
		attempt_here(a, out[1], role, layers, rules);
	close(out[1]);
	n = read(out[0], &answer, sizeof(answer));
	close(out[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (n == sizeof(answer))
		return outcome(answer.rc, answer.trapped != 0);
	if (WIFEXITED(status))
		return WEXITSTATUS(status) == SHELL ? "done" : "broken";
	return WTERMSIG(status) == SIGALRM ? "hangs" : "killed";
}

/* ---- Which layer stops what ---- */

static const struct column {
	const char *name;
	unsigned layers;
} columns[] = {
	{ "all", WALL_ALL },
	{ "none", 0 },
	{ "privileges", WALL_PRIVILEGES },
	{ "limits", WALL_LIMITS },
	{ "landlock", WALL_LANDLOCK },
	{ "seccomp", WALL_SECCOMP },
	{ "all but privileges", WALL_ALL & ~(unsigned)WALL_PRIVILEGES },
	{ "all but limits", WALL_ALL & ~(unsigned)WALL_LIMITS },
	{ "all but landlock", WALL_ALL & ~(unsigned)WALL_LANDLOCK },
	{ "all but seccomp", WALL_ALL & ~(unsigned)WALL_SECCOMP },
};

enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

/* Each refusal has a layer that stands for it, or a reason that is told. */
static const char *
judge(const struct attack *a, const char *const *was)
{
	bool alive = strcmp(was[1], "done") == 0, explained = false;
	size_t i;

	for (i = 2; i < 6; i++)
		explained |= strcmp(was[i], "done") != 0;
	if (!as_expected(a, was[0]))
		return "BAD";
	if (!alive && a->why == NULL)
		return "FINDING: refused without a wall";
	if (end_of(a) != END_NOTHING && end_of(a) != END_TOLD && !explained)
		return "FINDING: no layer does it";
	return "ok";
}

static void
matrix(enum role role, const struct landlock_rules *rules)
{
	const char *was[COLUMNS];
	const struct attack *a;
	size_t list = 0, i = 0, k;

	while ((a = next(&list, &i)) != NULL) {
		if ((a->needs & HANDED_FOLDER) && !is_handed(a))
			continue;
		for (k = 0; k < COLUMNS; k++) {
			tidy_up();
			was[k] =
			    attempt_apart(a, role, columns[k].layers, rules);
		}
		dprintf(results, "matrix|%s|%s", judge(a, was), a->name);
		for (k = 0; k < COLUMNS; k++)
			dprintf(results, "|%s", was[k]);
		dprintf(results, "|%s\n", a->why != NULL ? a->why : "");
	}
}

/* ---- The sealed worker, stage by stage ---- */

static void
report(const char *stage, const struct attack *a, const char *was)
{
	const char *judged = !as_expected(a, was) ? "BAD"
	    : end_of(a) == END_TOLD               ? "told"
						  : "ok";

	dprintf(results, "%s|%s|%s|%s\n", stage, judged, a->name, was);
}

static void
attack_fatal(
    enum role role, unsigned layers, const struct landlock_rules *rules)
{
	const struct attack *a;
	size_t list = 0, i = 0;

	while ((a = next(&list, &i)) != NULL)
		if (a->needs & FATAL)
			report(
			    "apart", a, attempt_apart(a, role, layers, rules));
}

bool
attack_mode(const char *name)
{
	return strcmp(mode, name) == 0;
}

bool
attack_is(enum role role)
{
	return mode[0] != '\0' && playing == role;
}

void
attack_all(const char *stage)
{
	const struct attack *a;
	size_t list = 0, i = 0;
	long rc;

	if (strcmp(mode, "sealed") != 0)
		return;
	while ((a = next(&list, &i)) != NULL) {
		if ((a->needs & FATAL) || !is_handed(a))
			continue;
		trapped = 0;
		rc = a->run();
		report(stage, a, outcome(rc, trapped != 0));
	}
}

void
__wrap_wall_build(struct wall *w, enum role role, unsigned layers,
    const struct landlock_rules *rules)
{
	static bool inside;

	if (inside) {
		__real_wall_build(w, role, layers, rules);
		return;
	}
	inside = true;
	read_targets();
	if (!role_parse(role_wanted, &playing))
		broken("role");
	if (role != playing) { /* another one's worker: it is honest */
		mode[0] = '\0';
		__real_wall_build(w, role, WALL_ALL, rules);
		return;
	}
	prepare();
	if (rules != NULL)
		targets.folder = rules->paths[0].dirfd;
	/* as it would be were the hub not told to leave itself open */
	layers = WALL_ALL;
	if (strcmp(mode, "matrix") == 0) {
		matrix(role, rules);
		exit(0);
	}
	if (strcmp(mode, "sealed") == 0)
		attack_fatal(role, layers, rules);
	__real_wall_build(w, role, layers, rules);
	attack_all("sealed");
}

/* A descriptor where none belongs. */
static void
pass_descriptor(void)
{
	unsigned char packet[WORKER_MSG_HEADER + 16] = { WORKER_MSG_VERSION,
		MSG_PROGRESS, 0, 0, 0, 16 };

	(void)chan_send(CHAN_DOOR_FD, packet, sizeof(packet), targets.file);
}

void
attack_misbehave(void)
{
	sigset_t all;
	char c;

	if (attack_mode("die"))
		(void)SYS(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY);
	if (attack_mode("die-silently")) {
		sigfillset(&all);
		sigprocmask(SIG_BLOCK, &all, NULL);
		(void)SYS(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY);
	}
	if (attack_mode("pass"))
		pass_descriptor();
	if (attack_mode("pause")) {
		dprintf(results, "paused %d\n", (int)getpid());
		(void)!read(fifo, &c, 1);
	}
}
