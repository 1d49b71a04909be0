/*
 * Packets with at most one descriptor over a socket pair.
 * Runs in the hub and in the worker.
 */
#include "confine/chan.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * Room for a few descriptors, though only one is allowed: what does not fit is
 * dropped by the kernel, what fits must be seen here in order to be closed.
 */
enum { CHAN_ROOM = 4 };

union chan_control {
	char bytes[CMSG_SPACE(CHAN_ROOM * sizeof(int))];
	struct cmsghdr align;
};

int
chan_pair(int fds[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds);
}

static void
chan_attach(struct msghdr *msg, union chan_control *control, int pass)
{
	struct cmsghdr *c;

	memset(control, 0, sizeof(*control));
	msg->msg_control = control->bytes;
	msg->msg_controllen = CMSG_SPACE(sizeof(pass));
	c = CMSG_FIRSTHDR(msg);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(pass));
	memcpy(CMSG_DATA(c), &pass, sizeof(pass));
}

int
chan_send(int fd, const void *p, size_t n, int pass)
{
	union chan_control control;
	struct iovec iov = { .iov_base = (void *)(uintptr_t)p, .iov_len = n };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t sent;

	if (pass >= 0)
		chan_attach(&msg, &control, pass);
	do {
		sent = sendmsg(fd, &msg, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	return sent < 0 ? -1 : 0; /* a packet has no halves */
}

/* The first descriptor into *passed, every other one closed: how many came. */
static size_t
chan_detach(struct msghdr *msg, int *passed)
{
	struct cmsghdr *c;
	size_t count = 0, i, here;
	int fd;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		here = (c->cmsg_len - CMSG_LEN(0)) / sizeof(fd);
		for (i = 0; i < here; i++) {
			memcpy(&fd, CMSG_DATA(c) + i * sizeof(fd), sizeof(fd));
			if (count++ == 0)
				*passed = fd;
			else
				close(fd);
		}
	}
	return count;
}

/*
 * A socket whose peer went away with packets of ours unread says so once, with
 * ECONNRESET, before it hands out the peer's last words: ask again.
 */
static ssize_t
chan_next(int fd, struct msghdr *msg)
{
	bool reset = false;
	ssize_t n;

	for (;;) {
		n = recvmsg(fd, msg, MSG_CMSG_CLOEXEC);
		if (n >= 0)
			return n;
		if (errno == ECONNRESET && reset)
			return 0;
		if (errno == ECONNRESET)
			reset = true;
		else if (errno != EINTR)
			return -1;
	}
}

ssize_t
chan_receive(int fd, void *p, size_t size, int *passed)
{
	union chan_control control;
	struct iovec iov = { .iov_base = p, .iov_len = size };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	*passed = -1;
	msg.msg_control = control.bytes;
	msg.msg_controllen = sizeof(control.bytes);
	n = chan_next(fd, &msg);
	if (n < 0)
		return -1;
	if (chan_detach(&msg, passed) > 1 || (msg.msg_flags & MSG_CTRUNC)) {
		errno = EPROTO;
		n = -1;
	} else if (msg.msg_flags & MSG_TRUNC) {
		errno = EMSGSIZE;
		n = -1;
	}
	if (n <= 0 && *passed >= 0) {
		close(*passed);
		*passed = -1;
	}
	return n;
}
