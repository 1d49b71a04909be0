/*
 * sealed_hub: a program that seals itself as the command does, by planning a
 * publish, and then tries what it has no business with.
 *
 *   sealed_hub sealed|open SITE URL KEY KNOWN_HOSTS WORKER
 *
 * With `open' it does the same without the seal: then everything succeeds, so
 * the targets live.  One line each: "refused NAME (why)" or "done NAME".
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandferry.h"

static const char *site, *key, *known_hosts;
static struct sockaddr_in tcp = { .sin_family = AF_INET };
static struct sockaddr_un agent = { .sun_family = AF_UNIX };
static struct sockaddr_un abstract = { .sun_family = AF_UNIX };
static pid_t victim; /* a child from before the seal */
static int secret = 42; /* ... that has this, too */

/* ---- The targets ---- */

static int
listen_at(const void *name, socklen_t n)
{
	const struct sockaddr *a = name;
	int fd = socket(a->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, a, n) != 0 || listen(fd, 64) != 0) {
		perror("no target");
		exit(2);
	}
	return fd;
}

static void
make_targets(void)
{
	socklen_t n = sizeof(tcp);
	int fd, line[2];

	tcp.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = listen_at(&tcp, sizeof(tcp));
	getsockname(fd, (struct sockaddr *)&tcp, &n);
	snprintf(agent.sun_path, sizeof(agent.sun_path), "%.90s/agent",
	    getenv("HOME"));
	unlink(agent.sun_path);
	listen_at(&agent, sizeof(agent));
	snprintf(abstract.sun_path + 1, 40, "sandferry %d", (int)getpid());
	listen_at(&abstract, sizeof(abstract));
	if (pipe(line) != 0 || (victim = fork()) < 0)
		exit(2);
	if (victim == 0) { /* until we end: no signal of ours may reach it */
		close(line[1]);
		(void)!read(line[0], &n, 1);
		_exit(0);
	}
}

/* ---- What is tried: true when it worked ---- */

static bool
opens(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static const char *
in(const char *dir, const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static bool
reads_other_key(void)
{
	return opens(in(getenv("HOME"), ".ssh/other_key"), O_RDONLY);
}

static bool
reads_shadow(void)
{
	return opens("/etc/shadow", O_RDONLY);
}

static bool
reads_passwd(void)
{
	return opens("/etc/passwd", O_RDONLY);
}

static bool
reads_memory(void)
{
	return opens("/proc/self/mem", O_RDWR);
}

static bool
reads_home(void)
{
	return opens(getenv("HOME"), O_RDONLY | O_DIRECTORY);
}

static bool
writes_key(void)
{
	return opens(key, O_WRONLY);
}

static bool
writes_page(void)
{
	return opens(in(site, "index.html"), O_WRONLY);
}

static bool
cuts_page(void)
{
	return truncate(in(site, "about.html"), 3) == 0;
}

static bool
adds_page(void)
{
	return opens(in(site, "defaced.html"), O_WRONLY | O_CREAT);
}

static bool
makes_folder(void)
{
	return mkdir(in(site, "folder"), 0700) == 0;
}

static bool
makes_link(void)
{
	return symlink("/etc/passwd", in(site, "link")) == 0;
}

static bool
removes_page(void)
{
	return unlink(in(site, "empty")) == 0;
}

static bool
writes_profile(void)
{
	return opens(in(getenv("HOME"), ".profile"), O_WRONLY | O_CREAT);
}

/* A password command in it would be run by the next login. */
static bool
writes_access(void)
{
	return opens(
	    in(getenv("HOME"), ".config/sandferry/access.ini"), O_WRONLY);
}

static bool
replaces_access(void)
{
	return opens(in(getenv("HOME"), ".config/sandferry/access.ini.new"),
	    O_WRONLY | O_CREAT);
}

static bool
writes_tmp(void)
{
	return opens(in(site, "../elsewhere"), O_WRONLY | O_CREAT);
}

static bool
connects(const void *name, socklen_t n, int type, int protocol)
{
	const struct sockaddr *a = name;
	int fd = socket(a->sa_family, type, protocol);
	bool ok = fd >= 0 && connect(fd, a, n) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

static bool
connects_elsewhere(void)
{
	return connects(&tcp, sizeof(tcp), SOCK_STREAM, 0);
}

static bool
connects_by_mptcp(void)
{
	return connects(&tcp, sizeof(tcp), SOCK_STREAM, 262);
}

static bool
sends_udp(void)
{
	return connects(&tcp, sizeof(tcp), SOCK_DGRAM, 0);
}

static bool
asks_agent(void)
{
	return connects(&agent, sizeof(agent), SOCK_STREAM, 0);
}

static bool
asks_abstract(void)
{
	return connects(&abstract, sizeof(abstract), SOCK_STREAM, 0);
}

static bool
listens(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool ok = fd >= 0 && listen(fd, 1) == 0;

	close(fd);
	return ok;
}

static bool
binds(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool ok =
	    fd >= 0 && bind(fd, (struct sockaddr *)&any, sizeof(any)) == 0;

	close(fd);
	return ok;
}

static bool
opens_netlink(void)
{
	return socket(AF_NETLINK, SOCK_RAW, 0) >= 0;
}

static bool
runs_shell(void)
{
	char sh[] = "/bin/sh", c[] = "-c", end[] = "exit 0";
	char *const argv[] = { sh, c, end, NULL };
	int status;
	pid_t pid;
	int e = posix_spawn(&pid, sh, NULL, NULL, argv, NULL);

	errno = e;
	return e == 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static bool
traces(void)
{
	if (ptrace(PTRACE_SEIZE, victim, 0, 0) != 0)
		return false;
	ptrace(PTRACE_INTERRUPT, victim, 0, 0);
	waitpid(victim, NULL, 0);
	ptrace(PTRACE_DETACH, victim, 0, 0);
	return true;
}

static bool
peeks(void)
{
	int got = 0;
	struct iovec here = { &got, sizeof(got) };
	struct iovec there = { &secret, sizeof(secret) };

	return process_vm_readv(victim, &here, 1, &there, 1, 0) > 0;
}

static bool
signals(void)
{
	return kill(victim, SIGCONT) == 0;
}

static bool
traps_faults(void)
{
	return syscall(SYS_userfaultfd, O_CLOEXEC | 1 /* user mode only */) >=
	    0;
}

static bool
unshares(void)
{
	return unshare(CLONE_NEWUTS | CLONE_NEWUSER) == 0;
}

static const struct {
	const char *name;
	bool (*works)(void);
} attacks[] = {
	{ "read another key", reads_other_key },
	{ "read /etc/shadow", reads_shadow },
	{ "read /etc/passwd", reads_passwd },
	{ "open its own memory", reads_memory },
	{ "list the home folder", reads_home }, { "write the key", writes_key },
	{ "write a page", writes_page }, { "cut a page", cuts_page },
	{ "add a page", adds_page },
	{ "make a folder in the site", makes_folder },
	{ "make a link in the site", makes_link },
	{ "remove a page", removes_page },
	{ "write ~/.profile", writes_profile },
	{ "write the access file", writes_access },
	{ "make a file beside it", replaces_access },
	{ "write beside the site", writes_tmp },
	{ "connect to another port", connects_elsewhere },
	{ "connect by MPTCP", connects_by_mptcp }, { "send UDP", sends_udp },
	{ "connect to an agent", asks_agent },
	{ "connect to an abstract socket", asks_abstract },
	{ "listen", listens }, { "bind", binds },
	{ "open netlink", opens_netlink }, { "run a shell", runs_shell },
	{ "trace a process", traces }, { "read a process's memory", peeks },
	{ "signal a process", signals }, { "handle page faults", traps_faults },
	{ "make a namespace", unshares }, /* the last: it changes us */
};

/* ---- What it keeps ---- */

static bool
reads_page(void)
{
	return opens(in(site, "index.html"), O_RDONLY);
}

static bool
reads_key(void)
{
	return opens(key, O_RDONLY);
}

static bool
writes_known_hosts(void)
{
	return opens(known_hosts, O_RDWR);
}

static const struct {
	const char *name;
	bool (*works)(void);
} rights[] = {
	{ "read a page", reads_page },
	{ "read the key", reads_key },
	{ "write its known_hosts", writes_known_hosts },
};

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static void
tell(bool done, const char *name)
{
	if (done)
		printf("done %s\n", name);
	else
		printf("refused %s (%s)\n", name, strerror(errno));
	fflush(stdout);
}

static void
on_event(void *ctx, const struct ferry_event *e)
{
	char line[4096];

	(void)ctx;
	ferry_event_json(e, line, sizeof(line));
	fprintf(stderr, "%s\n", line);
}

int
main(int argc, char *argv[])
{
	struct ferry_options o;
	struct ferry_site *s;
	struct ferry_job *job;
	struct ferry_error err;
	size_t i;

	if (argc != 7)
		return 2;
	site = argv[2];
	key = argv[4];
	known_hosts = argv[5];
	make_targets();
	ferry_options_init(&o);
	o.key_file = key;
	o.known_hosts = known_hosts;
	o.fallback_known_hosts = "none";
	o.worker = argv[6];
	o.dry_run = true;
	o.confine_self = strcmp(argv[1], "sealed") == 0;
	if (ferry_site_new(&s, &err) != 0 ||
	    ferry_site_set(s, "source", site, &err) != 0 ||
	    ferry_site_set(s, "url", argv[3], &err) != 0 ||
	    ferry_job_new(&job, s, ferry_PUBLISH, &o, &err) != 0 ||
	    ferry_job_run(job, on_event, NULL, &err) != 0) {
		printf("%s\n", err.text);
		return 1;
	}
	for (i = 0; i < COUNT(rights); i++)
		tell(rights[i].works(), rights[i].name);
	for (i = 0; i < COUNT(attacks); i++)
		tell(attacks[i].works(), attacks[i].name);
	ferry_job_free(job);
	ferry_site_free(s);
	return 0;
}
