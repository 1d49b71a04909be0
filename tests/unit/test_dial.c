/*
 * test_dial: connect to listeners on the loopback, and say which of the many
 * ways to fail it was.
 */
#include "remote/dial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"

struct listener {
	int fd;
	unsigned port;
};

static struct listener
make(int family, int backlog)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr_in four = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_storage got;
	socklen_t n = sizeof(got);
	struct listener l = { .fd = socket(family, SOCK_STREAM, 0) };
	int rc;

	if (l.fd < 0)
		skip();
	rc = family == AF_INET6
	    ? bind(l.fd, (struct sockaddr *)&six, sizeof(six))
	    : bind(l.fd, (struct sockaddr *)&four, sizeof(four));
	if (rc < 0)
		skip(); /* no IPv6 here */
	if (backlog >= 0)
		assert_int_equal(listen(l.fd, backlog), 0);
	assert_int_equal(getsockname(l.fd, (struct sockaddr *)&got, &n), 0);
	l.port =
	    ntohs(family == AF_INET6 ? ((struct sockaddr_in6 *)&got)->sin6_port
				     : ((struct sockaddr_in *)&got)->sin_port);
	return l;
}

static int
option(int fd, int level, int name)
{
	int value = -1;
	socklen_t n = sizeof(value);

	assert_int_equal(getsockopt(fd, level, name, &value, &n), 0);
	return value;
}

static void
connects(int family, const char *host, const char *numeric)
{
	struct listener l = make(family, 8);
	char address[DIAL_ADDRESS_SIZE];
	struct ferry_error err;
	int fd, there;

	assert_int_equal(
	    dial_tcp(host, l.port, 5000, -1, &fd, address, &err), 0);
	assert_string_equal(address, numeric);
	assert_int_not_equal(option(fd, IPPROTO_TCP, TCP_NODELAY), 0);
	assert_int_not_equal(option(fd, SOL_SOCKET, SO_KEEPALIVE), 0);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	there = accept(l.fd, NULL, NULL);
	assert_true(there >= 0);
	assert_int_equal(write(fd, "x", 1), 1);
	close(there);
	close(fd);
	close(l.fd);
}

static void
connects_to_ipv4(void **state)
{
	(void)state;
	connects(AF_INET, "127.0.0.1", "127.0.0.1");
}

static void
connects_to_ipv6(void **state)
{
	(void)state;
	connects(AF_INET6, "::1", "::1");
}

/* Whichever of its addresses come first, one of them answers. */
static void
connects_to_a_name(void **state)
{
	(void)state;
	connects(AF_INET, "localhost", "127.0.0.1");
}

static void
fails(const char *host, unsigned port, int cancel_fd, int code, const char *id,
    const char *words)
{
	struct ferry_error err = { 0 };
	char address[DIAL_ADDRESS_SIZE];
	int fd = 7;

	assert_int_equal(
	    dial_tcp(host, port, 300, cancel_fd, &fd, address, &err), -code);
	assert_int_equal(err.code, code);
	assert_string_equal(err.id, id);
	assert_non_null(strstr(err.text, words));
	assert_int_equal(code == ferry_ECANCELLED, err.hint[0] == '\0');
	assert_int_equal(fd, -1);
	assert_string_equal(address, "");
	/* A caller may not care why. */
	assert_int_equal(
	    dial_tcp(host, port, 300, cancel_fd, &fd, address, NULL), -code);
}

static void
says_refused(void **state)
{
	struct listener l = make(AF_INET, -1); /* bound: nobody else gets it */
	char words[64];

	(void)state;
	snprintf(
	    words, sizeof(words), "127.0.0.1:%u: Connection refused", l.port);
	fails("127.0.0.1", l.port, -1, ferry_EREACH, "connect_refused", words);
	close(l.fd);
}

static void
brackets_ipv6(void **state)
{
	struct listener l = make(AF_INET6, -1);
	char words[64];

	(void)state;
	snprintf(words, sizeof(words), "to [::1]:%u: ", l.port);
	fails("::1", l.port, -1, ferry_EREACH, "connect_refused", words);
	close(l.fd);
}

/* Fill the backlog, so that the next SYN is dropped. */
static struct listener
make_deaf(int *crowd, size_t n)
{
	struct listener l = make(AF_INET, 0);
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)l.port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	for (size_t i = 0; i < n; i++) {
		crowd[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		assert_true(crowd[i] >= 0);
		(void)connect(crowd[i], (struct sockaddr *)&a, sizeof(a));
	}
	return l;
}

static void
says_timeout(void **state)
{
	int crowd[4];
	struct listener l = make_deaf(crowd, 4);
	uint64_t before = clock_ms(), took;
	char words[64];

	(void)state;
	snprintf(words, sizeof(words), "127.0.0.1:%u did not answer within 1 s",
	    l.port);
	fails("127.0.0.1", l.port, -1, ferry_EREACH, "connect_timeout", words);
	took = clock_ms() - before;
	assert_in_range(took, 600, 3000); /* fails() dials twice */
	for (size_t i = 0; i < 4; i++)
		close(crowd[i]);
	close(l.fd);
}

static void
can_be_cancelled(void **state)
{
	int crowd[4], tube[2];
	struct listener l = make_deaf(crowd, 4);
	struct ferry_error err;
	char address[DIAL_ADDRESS_SIZE];
	uint64_t before;
	int fd;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(tube), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(tube[0]);
		usleep(100 * 1000);
		_exit(0); /* the end of the pipe is readable, too */
	}
	close(tube[1]);
	before = clock_ms();
	assert_int_equal(
	    dial_tcp("127.0.0.1", l.port, 20000, tube[0], &fd, address, &err),
	    -ferry_ECANCELLED);
	assert_in_range(clock_ms() - before, 50, 5000);
	/* And before anything is looked up. */
	fails("127.0.0.1", l.port, tube[0], ferry_ECANCELLED, "cancelled",
	    "cancelled");
	close(tube[0]);
	for (size_t i = 0; i < 4; i++)
		close(crowd[i]);
	close(l.fd);
}

/* RFC 6761, 6.4: no name server knows it; without one, nobody can tell. */
static void
says_no_such_host(void **state)
{
	struct ferry_error err;
	char address[DIAL_ADDRESS_SIZE];
	int fd;

	(void)state;
	assert_int_equal(
	    dial_tcp("nowhere.invalid", 22, 300, -1, &fd, address, &err),
	    -ferry_EREACH);
	assert_non_null(strstr(err.text, "nowhere.invalid"));
	assert_true(strcmp(err.id, "host_not_found") == 0 ||
	    strcmp(err.id, "host_lookup") == 0);
	assert_true(err.hint[0] != '\0');
}

static void
escapes_the_name(void **state)
{
	struct ferry_error err;
	char address[DIAL_ADDRESS_SIZE];
	int fd;

	(void)state;
	assert_int_equal(dial_tcp("\033[31m", 22, 300, -1, &fd, address, &err),
	    -ferry_EREACH);
	assert_null(strchr(err.text, '\033'));
}

/* Once looked up, a host can be connected to again and again. */
static void
keeps_addresses(void **state)
{
	struct listener l = make(AF_INET, 4);
	char address[DIAL_ADDRESS_SIZE];
	struct dial_contact contact;
	struct ferry_error err;
	struct dial_peers *p;
	int fd;

	(void)state;
	assert_int_equal(dial_resolve(&p, "127.0.0.1", l.port, &err), 0);
	assert_false(dial_asked(p));
	assert_false(dial_contact(p, 0, &contact));
	for (int i = 0; i < 2; i++) {
		assert_int_equal(
		    dial_connect(p, 5000, -1, &fd, address, &err), 0);
		assert_string_equal(address, "127.0.0.1");
		close(fd);
	}
	close(l.fd);
	assert_int_equal(
	    dial_connect(p, 5000, -1, &fd, address, &err), -ferry_EREACH);
	assert_true(dial_contact(p, 0, &contact));
	assert_string_equal(contact.address, "127.0.0.1");
	assert_true(contact.connected);
	assert_false(dial_contact(p, 1, &contact));
	dial_free(p);

	assert_int_equal(dial_resolve(&p, "localhost", 1, &err), 0);
	assert_true(dial_asked(p));
	dial_free(p);
	dial_free(NULL);
}

struct app {
	struct listener *to; /* NULL: it declines */
	int calls, fd; /* to be given in place of a socket; or -1 */
	char host[64];
	unsigned port;
	bool words;
};

static int
connect_for(void *ctx, const char *host, unsigned port, int cancel_fd,
    struct ferry_error *err)
{
	struct app *a = ctx;
	char address[DIAL_ADDRESS_SIZE];
	int fd;

	a->calls++;
	snprintf(a->host, sizeof(a->host), "%s", host);
	a->port = port;
	if (a->fd >= 0)
		return a->fd;
	if (a->words)
		*err =
		    (struct ferry_error){ .code = ferry_EPOLICY, .text = "no" };
	if (a->to == NULL)
		return -1;
	assert_int_equal(dial_tcp("127.0.0.1", a->to->port, 5000, cancel_fd,
			     &fd, address, NULL),
	    0);
	/* whatever an application leaves on it */
	fcntl(fd, F_SETFD, 0);
	fcntl(fd, F_SETFL, 0);
	return fd;
}

/* The library sees to it that it is a socket, and how it is set. */
static void
takes_the_applications_sockets(void **state)
{
	struct listener l = make(AF_INET, 4);
	struct app a = { .to = &l, .fd = -1 };
	char address[DIAL_ADDRESS_SIZE];
	struct dial_contact contact;
	struct dial_target target;
	struct ferry_error err;
	struct dial_peers *p;
	int fd, tube[2];

	(void)state;
	assert_int_equal(
	    dial_by_app(&p, "nowhere.invalid", 22, connect_for, &a, &err), 0);
	assert_false(dial_asked(p));
	assert_false(dial_contact(p, 0, &contact));
	assert_int_equal(dial_connect(p, 5000, -1, &fd, address, &err), 0);
	assert_string_equal(a.host, "nowhere.invalid");
	assert_int_equal(a.port, 22);
	assert_string_equal(address, "127.0.0.1");
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_true(dial_contact(p, 0, &contact));
	assert_true(contact.connected && contact.by_app);
	assert_false(dial_contact(p, 1, &contact));

	/* more of them: by name to the same port, by number to others */
	assert_true(dial_target(&target, fd, p));
	close(fd);
	assert_int_equal(dial_begin(&target, 0, -1, &fd, &err), 0);
	assert_string_equal(a.host, "nowhere.invalid");
	assert_int_equal(a.port, 22);
	close(fd);
	assert_int_equal(dial_begin(&target, 4242, -1, &fd, &err), 0);
	assert_string_equal(a.host, "127.0.0.1");
	assert_int_equal(a.port, 4242);
	assert_int_equal(dial_state(fd), 0);
	close(fd);

	/* what is none */
	assert_int_equal(pipe(tube), 0);
	a.fd = tube[0];
	assert_int_equal(
	    dial_connect(p, 5000, -1, &fd, address, &err), -ferry_EUSAGE);
	assert_int_equal(fd, -1);
	assert_int_equal(fcntl(tube[0], F_GETFD), -1);
	close(tube[1]);
	a.fd = socket(AF_INET, SOCK_STREAM, 0); /* not connected */
	assert_int_equal(
	    dial_connect(p, 5000, -1, &fd, address, NULL), -ferry_EUSAGE);
	a.fd = -1;

	a.to = NULL;
	assert_int_equal(
	    dial_connect(p, 5000, -1, &fd, address, &err), -ferry_EPOLICY);
	assert_string_equal(err.id, "connect_declined");
	a.words = true;
	assert_int_equal(dial_begin(&target, 1, -1, &fd, &err), -ferry_EPOLICY);
	assert_string_equal(err.text, "no");
	assert_int_equal(fd, -1);

	/* cancelled before, it is not asked; meanwhile, that is why */
	a.calls = 0;
	assert_int_equal(pipe(tube), 0);
	close(tube[1]);
	assert_int_equal(dial_connect(p, 5000, tube[0], &fd, address, &err),
	    -ferry_ECANCELLED);
	assert_int_equal(a.calls, 0);
	assert_int_equal(
	    dial_begin(&target, 1, tube[0], &fd, &err), -ferry_ECANCELLED);
	close(tube[0]);
	dial_free(p);
	close(l.fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connects_to_ipv4),
		cmocka_unit_test(connects_to_ipv6),
		cmocka_unit_test(connects_to_a_name),
		cmocka_unit_test(says_refused),
		cmocka_unit_test(brackets_ipv6),
		cmocka_unit_test(says_timeout),
		cmocka_unit_test(can_be_cancelled),
		cmocka_unit_test(says_no_such_host),
		cmocka_unit_test(escapes_the_name),
		cmocka_unit_test(keeps_addresses),
		cmocka_unit_test(takes_the_applications_sockets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
