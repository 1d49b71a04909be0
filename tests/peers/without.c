/*
 * without: run a command on a kernel that lacks something.
 *
 *   without landlock|seccomp|landlock=VERSION COMMAND [ARGUMENT...]
 *
 * A filter answers the system calls in question, for the command and all that
 * it starts.  An older version of Landlock also refuses a larger ruleset than
 * it knows.  no_new_privs is set, as it is in many containers.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CREATE_RULESET = 444, VERSION_FLAG = 1 };

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define LOAD(field) \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define UNLESS_IS(value, skip) \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip)
#define ANSWER(value) BPF_STMT(BPF_RET | BPF_K, value)

static int
install(struct sock_filter *code, size_t n, unsigned flags)
{
	struct sock_fprog program = { (unsigned short)n, code };
	long fd;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -1;
	fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
	return (int)fd;
}

static int
refuse(long number)
{
	struct sock_filter code[] = {
		LOAD(nr),
		UNLESS_IS((unsigned)number, 1),
		ANSWER(SECCOMP_RET_ERRNO | ENOSYS),
		ANSWER(SECCOMP_RET_ALLOW),
	};

	return install(code, COUNT(code), 0);
}

/* The bytes of a ruleset: files; and ports; and scopes. */
static unsigned
known_size(unsigned version)
{
	return version >= 6 ? 24 : version >= 4 ? 16 : 8;
}

/* Who asks for the version is answered by us; gives the descriptor for that. */
static int
pretend(unsigned version)
{
	struct sock_filter code[] = {
		LOAD(nr),
		UNLESS_IS(CREATE_RULESET, 6),
		LOAD(args[2]),
		UNLESS_IS(VERSION_FLAG, 1),
		ANSWER(SECCOMP_RET_USER_NOTIF),
		LOAD(args[1]),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, known_size(version), 0, 1),
		ANSWER(SECCOMP_RET_ERRNO | E2BIG),
		ANSWER(SECCOMP_RET_ALLOW),
	};

	return install(code, COUNT(code), SECCOMP_FILTER_FLAG_NEW_LISTENER);
}

static void
pass(int sock, int fd)
{
	char space[CMSG_SPACE(sizeof(fd))] = "", byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr m = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = space,
		.msg_controllen = sizeof(space) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	if (sendmsg(sock, &m, 0) != 1)
		exit(125);
}

static int
take(int sock)
{
	char space[CMSG_SPACE(sizeof(int))], byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr m = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = space,
		.msg_controllen = sizeof(space) };
	int fd = -1;

	if (recvmsg(sock, &m, 0) == 1 && CMSG_FIRSTHDR(&m) != NULL)
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
	return fd;
}

/* Until nobody is left who could ask. */
static void
answer(int fd, unsigned version)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct seccomp_notif_resp to;
	struct seccomp_notif from;

	while (poll(&p, 1, -1) >= 0 && (p.revents & POLLIN) != 0) {
		memset(&from, 0, sizeof(from));
		if (ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &from) != 0)
			continue;
		memset(&to, 0, sizeof(to));
		to.id = from.id;
		to.val = version;
		(void)ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &to);
	}
}

static int
run_with_version(unsigned version, char *argv[])
{
	int pair[2], status, fd;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return 125;
	pid = fork();
	if (pid == 0) {
		fd = pretend(version);
		if (fd < 0)
			_exit(125);
		pass(pair[1], fd);
		close(fd);
		execvp(argv[0], argv);
		_exit(127);
	}
	close(pair[1]);
	fd = take(pair[0]);
	if (fd >= 0)
		answer(fd, version);
	while (waitpid(pid, &status, 0) < 0)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int
main(int argc, char *argv[])
{
	if (argc < 3)
		return 2;
	if (strncmp(argv[1], "landlock=", 9) == 0)
		return run_with_version((unsigned)atoi(argv[1] + 9), argv + 2);
	if (refuse(strcmp(argv[1], "seccomp") == 0 ? SYS_seccomp
						   : CREATE_RULESET) != 0)
		return 125;
	execvp(argv[2], argv + 2);
	return 127;
}
