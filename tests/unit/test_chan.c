/*
 * test_chan: packets and descriptors over a socket pair, and what a bad peer
 * sends.
 */
#include "confine/chan.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/limits.h"

struct ends {
	int a, b;
};

static struct ends
make(void)
{
	int fds[2];

	assert_int_equal(chan_pair(fds), 0);
	return (struct ends){ fds[0], fds[1] };
}

static void
done(struct ends e)
{
	close(e.a);
	close(e.b);
}

/* The lowest free descriptor: it moves when one leaks. */
static int
lowest(void)
{
	int fd = open("/dev/null", O_RDONLY);

	assert_true(fd >= 0);
	close(fd);
	return fd;
}

/* Send n descriptors at once, as chan_send() never does. */
static void
send_many(int fd, const int *fds, size_t n)
{
	union {
		char bytes[CMSG_SPACE(64 * sizeof(int))];
		struct cmsghdr align;
	} control;
	char body[] = "x";
	struct iovec iov = { body, 1 };
	struct msghdr msg = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = CMSG_SPACE(n * sizeof(int)) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	memset(&control, 0, sizeof(control));
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(n * sizeof(int));
	memcpy(CMSG_DATA(c), fds, n * sizeof(int));
	assert_int_equal(sendmsg(fd, &msg, 0), 1);
}

static void
keeps_packets_apart(void **state)
{
	struct ends e = make();
	char p[16];
	int passed = 7;

	(void)state;
	assert_int_equal(chan_send(e.a, "one", 3, -1), 0);
	assert_int_equal(chan_send(e.a, "three", 5, -1), 0);
	assert_int_equal(chan_receive(e.b, p, sizeof(p), &passed), 3);
	assert_memory_equal(p, "one", 3);
	assert_int_equal(passed, -1);
	assert_int_equal(chan_receive(e.b, p, sizeof(p), &passed), 5);
	assert_memory_equal(p, "three", 5);
	done(e);
}

static void
passes_one_descriptor(void **state)
{
	struct ends e = make();
	int tube[2], passed;
	char p[4];

	(void)state;
	assert_int_equal(pipe(tube), 0);
	assert_int_equal(chan_send(e.a, "fd", 2, tube[1]), 0);
	close(tube[1]);
	assert_int_equal(chan_receive(e.b, p, sizeof(p), &passed), 2);
	assert_true(passed >= 0);
	assert_int_equal(fcntl(passed, F_GETFD), FD_CLOEXEC);
	assert_int_equal(write(passed, "!", 1), 1);
	assert_int_equal(read(tube[0], p, sizeof(p)), 1);
	close(passed);
	assert_int_equal(read(tube[0], p, sizeof(p)), 0); /* no copy left */
	close(tube[0]);
	done(e);
}

static void
refuses_two_descriptors(void **state)
{
	struct ends e = make();
	int fds[40], passed, before = lowest();
	char p[4];

	(void)state;
	for (size_t i = 0; i < 40; i++)
		fds[i] = e.a;
	for (size_t n = 2; n <= 40; n++) {
		send_many(e.a, fds, n);
		errno = 0;
		assert_int_equal(chan_receive(e.b, p, sizeof(p), &passed), -1);
		assert_int_equal(errno, EPROTO);
		assert_int_equal(passed, -1);
		assert_int_equal(lowest(), before);
	}
	done(e);
}

static void
refuses_a_long_packet(void **state)
{
	static unsigned char big[LIMIT_MESSAGE + 1];
	struct ends e = make();
	int passed, before = lowest();

	(void)state;
	assert_int_equal(chan_send(e.a, big, LIMIT_MESSAGE, -1), 0);
	assert_int_equal(
	    chan_receive(e.b, big, LIMIT_MESSAGE, &passed), LIMIT_MESSAGE);
	assert_int_equal(chan_send(e.a, big, sizeof(big), e.a), 0);
	assert_int_equal(chan_receive(e.b, big, LIMIT_MESSAGE, &passed), -1);
	assert_int_equal(errno, EMSGSIZE);
	assert_int_equal(passed, -1);
	assert_int_equal(lowest(), before);
	done(e);
}

static void
never_blocks(void **state)
{
	static unsigned char big[LIMIT_MESSAGE];
	struct ends e = make();
	int passed, sent = 0;
	char p[4];

	(void)state;
	assert_int_equal(fcntl(e.a, F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(chan_receive(e.a, p, sizeof(p), &passed), -1);
	assert_int_equal(errno, EAGAIN);
	while (chan_send(e.a, big, sizeof(big), -1) == 0)
		assert_true(++sent < 1000);
	assert_int_equal(errno, EAGAIN);
	done(e);
}

static void
reports_the_end(void **state)
{
	struct ends e = make();
	char p[4];
	int passed;

	(void)state;
	close(e.b);
	assert_int_equal(chan_receive(e.a, p, sizeof(p), &passed), 0);
	/* SIGPIPE would end this test. */
	assert_int_equal(chan_send(e.a, "x", 1, -1), -1);
	assert_int_equal(errno, EPIPE);
	close(e.a);
}

/* What the peer said last is not lost because it left ours unread. */
static void
keeps_last_words(void **state)
{
	struct ends e = make();
	char p[8];
	int passed;

	(void)state;
	assert_int_equal(chan_send(e.a, "unread", 6, -1), 0);
	assert_int_equal(chan_send(e.b, "last", 4, -1), 0);
	close(e.b);
	assert_int_equal(chan_receive(e.a, p, sizeof(p), &passed), 4);
	assert_memory_equal(p, "last", 4);
	assert_int_equal(chan_receive(e.a, p, sizeof(p), &passed), 0);
	close(e.a);
}

/* An empty packet reads as an end; what came with it is not kept. */
static void
drops_the_descriptor_of_nothing(void **state)
{
	struct ends e = make();
	int passed, before = lowest();
	char p[4];

	(void)state;
	assert_int_equal(chan_send(e.a, "", 0, e.a), 0);
	assert_int_equal(chan_receive(e.b, p, sizeof(p), &passed), 0);
	assert_int_equal(passed, -1);
	assert_int_equal(lowest(), before);
	done(e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_packets_apart),
		cmocka_unit_test(passes_one_descriptor),
		cmocka_unit_test(refuses_two_descriptors),
		cmocka_unit_test(refuses_a_long_packet),
		cmocka_unit_test(never_blocks),
		cmocka_unit_test(reports_the_end),
		cmocka_unit_test(keeps_last_words),
		cmocka_unit_test(drops_the_descriptor_of_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
