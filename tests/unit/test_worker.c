/* The worker against a real SSH server, with us as the hub. */
#include <libgen.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "confine/chan.h"
#include "confine/role.h"
#include "remote/worker_msg.h"

static char dir[] = "/tmp/test_worker.XXXXXX";

struct stage {
	int door; /* of the worker, our end */
	int sshd; /* its end of the connection */
	pid_t worker, server;
};

static int
start_server(void **state)
{
	char command[512];

	(void)state;
	if (access("/usr/sbin/sshd", X_OK) != 0 || mkdtemp(dir) == NULL)
		return -1;
	snprintf(command, sizeof command,
	    "mkdir -p /run/sshd; ssh-keygen -q -t ed25519 -N '' -f %s/host && "
	    "echo HostKey %s/host >%s/config",
	    dir, dir, dir);
	return system(command);
}

static int
stop_server(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", dir);
	return system(command);
}

static pid_t
start_sshd(int fd)
{
	char config[64];
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	snprintf(config, sizeof config, "%s/config", dir);
	dup2(fd, 0);
	dup2(fd, 1);
	execl("/usr/sbin/sshd", "/usr/sbin/sshd", "-i", "-f", config, NULL);
	_exit(127);
}

static pid_t
start_worker(int door)
{
	char self[PATH_MAX] = "", program[PATH_MAX];
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	dup2(door, CHAN_DOOR_FD);
	(void)!readlink("/proc/self/exe", self, sizeof self - 1);
	if (snprintf(program, sizeof program, "%s/../../sandferry-worker",
		dirname(self)) < PATH_MAX)
		execl(program, program, role_name(ROLE_SFTP), ROLE_CONFINED,
		    NULL);
	_exit(127);
}

static void
setup(struct stage *s)
{
	struct msg_connect m = { .driver = MSG_DRIVER_SFTP,
		.silence_ms = 10000,
		.user = "nobody",
		.algorithms = "ssh-ed25519" };
	int door[2], line[2];
	struct buf b;

	assert_int_equal(chan_pair(door), 0);
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, line), 0);
	s->door = door[0];
	s->sshd = line[1];
	s->server = start_sshd(line[1]);
	s->worker = start_worker(door[1]);
	close(door[1]);
	buf_init(&b, LIMIT_MESSAGE);
	msg_put_connect(&b, &m);
	assert_int_equal(chan_send(s->door, b.data, b.len, line[0]), 0);
	buf_free(&b);
	close(line[0]);
}

static unsigned
next_message(const struct stage *s)
{
	unsigned char packet[LIMIT_MESSAGE];
	struct buf_reader body;
	unsigned type;
	ssize_t n;
	int fd;

	n = chan_receive(s->door, packet, sizeof packet, &fd);
	assert_true(n > 0);
	assert_int_equal(fd, -1);
	assert_true(worker_msg_open(packet, (size_t)n, &type, &body));
	return type;
}

/* Seconds of CPU time that the worker used in all. */
static double
end(struct stage *s)
{
	struct rusage usage;

	kill(s->server, SIGKILL);
	waitpid(s->server, NULL, 0);
	close(s->sshd);
	close(s->door);
	assert_int_equal(wait4(s->worker, NULL, 0, &usage), s->worker);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	    (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* The question whether to trust it may stay open for minutes. */
static void
flood_before_the_verdict(void **state)
{
	static const char bytes[4096];
	struct stage s;

	(void)state;
	setup(&s);
	assert_int_equal(next_message(&s), MSG_WALL);
	assert_int_equal(next_message(&s), MSG_HOSTKEY);
	kill(s.server, SIGSTOP);
	for (int quiet = 0; quiet < 20; quiet++) {
		while (send(s.sshd, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
			quiet = 0;
		usleep(50 * 1000);
	}
	assert_true(end(&s) < 0.5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flood_before_the_verdict),
	};

	return cmocka_run_group_tests(tests, start_server, stop_server);
}
