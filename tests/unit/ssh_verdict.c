/* Start sshd(8) and ask ssh(1) whether it trusts the host.  Tests. */
#include "tests/unit/ssh_verdict.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#include <sys/prctl.h>
#endif

#include "base/hash.h"

enum { OPTION_LEN = 800, TRIES = 1000 };

static const char *
sshd_path(void)
{
	static const char *const places[] = { "/usr/sbin/sshd",
		"/usr/local/sbin/sshd" };
	const char *named = getenv("SSHD");

	if (named != NULL)
		return named;
	return access(places[0], X_OK) == 0 ? places[0] : places[1];
}

/* In the child: end with the parent, whatever becomes of it. */
static void
become(const char *const argv[], int out)
{
	int null = open("/dev/null", O_RDWR);

#ifdef __linux__
	prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
	dup2(null, STDIN_FILENO);
	dup2(out >= 0 ? out : null, STDOUT_FILENO);
	dup2(out >= 0 ? out : null, STDERR_FILENO);
	execvp(argv[0], (char *const *)argv);
	_exit(127);
}

int
ssh_run(const char *const argv[], struct buf *said)
{
	int pipes[2], status = -1;
	char part[4096];
	ssize_t n;
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC) != 0)
		return -1;
	pid = fork();
	if (pid == 0)
		become(argv, pipes[1]);
	close(pipes[1]);
	while (pid > 0 && (n = read(pipes[0], part, sizeof(part))) > 0)
		buf_put(said, part, (size_t)n);
	close(pipes[0]);
	if (pid <= 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

bool
ssh_found(void)
{
	return access(sshd_path(), X_OK) == 0 &&
	    system("command -v ssh >/dev/null && "
		   "command -v ssh-keygen >/dev/null") == 0;
}

/* A revocation is the worst of several things that it says. */
static enum ssh_verdict
verdict_of(const char *said)
{
	if (strstr(said, "Permission denied") != NULL)
		return SSH_ACCEPTED;
	if (strstr(said, "Host key verification failed") == NULL)
		return SSH_ELSE;
	if (strstr(said, "REVOKED HOST KEY DETECTED") != NULL)
		return SSH_REVOKED;
	if (strstr(said, "HOST IDENTIFICATION HAS CHANGED") != NULL)
		return SSH_CHANGED;
	return strstr(said, " host key is known for ") != NULL ? SSH_UNKNOWN
							       : SSH_ELSE;
}

enum ssh_verdict
ssh_ask(const struct ssh_question *q, struct buf *said)
{
	char user[OPTION_LEN], global[OPTION_LEN], proxy[OPTION_LEN];
	char port[16];
	const char *argv[] = { "ssh", "-T", "-F", "none", "-l", "nobody", "-p",
		port, "-o", user, "-o", global, "-o", proxy, "-o",
		"StrictHostKeyChecking=yes", "-o",
		"PreferredAuthentications=none", "-o", "BatchMode=yes", "-o",
		"CheckHostIP=no", "-o", "UpdateHostKeys=no", "-o",
		"KexAlgorithms=curve25519-sha256", "-o", "LogLevel=ERROR", "--",
		q->name, NULL };

	snprintf(port, sizeof(port), "%u", q->port);
	snprintf(user, sizeof(user), "UserKnownHostsFile=%s", q->user);
	snprintf(global, sizeof(global), "GlobalKnownHostsFile=%s", q->global);
	snprintf(proxy, sizeof(proxy), "ProxyCommand=none");
	if (q->config != NULL)
		snprintf(proxy, sizeof(proxy), "ProxyCommand=%s -i -f %s",
		    sshd_path(), q->config);
	buf_reset(said);
	ssh_run(argv, said);
	return verdict_of(buf_text(said));
}

/* A line that only some versions of sshd take. */
static bool
takes(const char *config, const char *option)
{
	const char *argv[] = { sshd_path(), "-t", "-f", config, "-o", option,
		NULL };
	struct buf said;
	int rc;

	buf_init(&said, 65536);
	rc = ssh_run(argv, &said);
	buf_free(&said);
	return rc == 0;
}

/* The first two words of the public key. */
static bool
load_key(struct ssh_server *s, const char *key)
{
	char path[SSH_PATH_SIZE + 8], type[64], base64[SSH_BLOB_SIZE];
	FILE *f;
	bool ok;

	snprintf(path, sizeof(path), "%s.pub", key);
	f = fopen(path, "r");
	if (f == NULL)
		return false;
	ok = fscanf(f, "%63s %1023s", type, base64) == 2;
	fclose(f);
	snprintf(s->line, sizeof(s->line), "%s %s", type, base64);
	return ok &&
	    hash_unbase64(base64, strlen(base64), s->blob, &s->blob_len);
}

static bool
write_config(const char *path, const char *key)
{
	FILE *f = fopen(path, "w");
	bool ok;

	if (f == NULL)
		return false;
	fprintf(f,
	    "HostKey %s\nPidFile none\nUsePAM no\nStrictModes no\n"
	    "PasswordAuthentication no\nKbdInteractiveAuthentication no\n"
	    "LogLevel QUIET\nMaxStartups 1000\n",
	    key);
	fflush(f);
	if (takes(path, "PerSourcePenalties=no"))
		fprintf(f, "PerSourcePenalties no\n");
	ok = !ferror(f);
	return fclose(f) == 0 && ok;
}

bool
ssh_make_server(struct ssh_server *s, const char *dir, const char *name,
    const char *type, const char *bits)
{
	char key[SSH_PATH_SIZE - 8];
	const char *argv[] = { "ssh-keygen", "-q", "-N", "", "-f", key, "-t",
		type, "-b", bits, NULL };
	struct buf said;
	int rc;

	memset(s, 0, sizeof(*s));
	buf_init(&said, 65536);
	snprintf(key, sizeof(key), "%s/%s", dir, name);
	snprintf(s->config, sizeof(s->config), "%s.conf", key);
	/* sshd wants it; no harm where it is there, or not ours to make. */
	if (geteuid() == 0)
		mkdir("/run/sshd", 0755);
	rc = ssh_run(argv, &said);
	buf_free(&said);
	return rc == 0 && write_config(s->config, key) && load_key(s, key);
}

static bool
answers(const char *address, unsigned port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool ok = fd >= 0 && inet_pton(AF_INET, address, &to.sin_addr) == 1 &&
	    connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

static unsigned
free_port(const char *address)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	socklen_t n = sizeof(any);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool ok = fd >= 0 && inet_pton(AF_INET, address, &any.sin_addr) == 1 &&
	    bind(fd, (struct sockaddr *)&any, n) == 0 &&
	    getsockname(fd, (struct sockaddr *)&any, &n) == 0;

	if (fd >= 0)
		close(fd);
	return ok ? ntohs(any.sin_port) : 0;
}

static bool
try_server(struct ssh_server *s)
{
	char options[SSH_PORTS][OPTION_LEN];
	const char *argv[4 + 2 * SSH_PORTS + 1] = { sshd_path(), "-D", "-f",
		s->config };
	size_t n = 4, count = 0;
	int tries = 0;

	for (; count < SSH_PORTS && s->ports[count] != 0; count++) {
		snprintf(options[count], OPTION_LEN, "ListenAddress=%s:%u",
		    s->address, s->ports[count]);
		argv[n++] = "-o";
		argv[n++] = options[count];
	}
	s->pid = fork();
	if (s->pid == 0)
		become(argv, -1);
	for (size_t i = 0; s->pid > 0 && i < count; i++)
		while (!answers(s->address, s->ports[i])) {
			if (waitpid(s->pid, NULL, WNOHANG) != 0)
				s->pid = 0;
			if (s->pid == 0 || tries++ == TRIES)
				return false;
			poll(NULL, 0, 10);
		}
	return s->pid > 0;
}

bool
ssh_start_server(struct ssh_server *s)
{
	bool any = s->ports[0] == 0;

	/* Somebody else may be faster to take a free port. */
	for (int tries = 0; tries < 5; tries++) {
		if (any)
			s->ports[0] = free_port(s->address);
		if (try_server(s))
			return true;
		ssh_stop_server(s);
	}
	return false;
}

void
ssh_stop_server(struct ssh_server *s)
{
	if (s->pid <= 0)
		return;
	kill(s->pid, SIGTERM);
	waitpid(s->pid, NULL, 0);
	s->pid = 0;
}

bool
ssh_own_network(void)
{
#ifdef __linux__
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd;
	bool ok;

	if (geteuid() != 0 || unshare(CLONE_NEWNET) != 0)
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ok = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &lo) == 0;
	if (fd >= 0)
		close(fd);
	return ok;
#else
	return false;
#endif
}
