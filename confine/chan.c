/* Packets with at most one descriptor over a socket pair.  Hub and worker. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "confine/chan.h"

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

	memset(control, 0, sizeof *control);
	msg->msg_control = control->bytes;
	msg->msg_controllen = CMSG_SPACE(sizeof pass);
	c = CMSG_FIRSTHDR(msg);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof pass);
	memcpy(CMSG_DATA(c), &pass, sizeof pass);
}

int
chan_send(int fd, const void *p, size_t n, int pass)
{
	union chan_control control;
	struct iovec iov = { .iov_base = (void *)p, .iov_len = n };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t sent;

	if (pass >= 0)
		chan_attach(&msg, &control, pass);
	do {
		sent = sendmsg(fd, &msg, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	if (sent >= 0 && (size_t)sent != n) { /* a packet has no halves */
		errno = EMSGSIZE;
		return -1;
	}
	return sent < 0 ? -1 : 0;
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
		here = (c->cmsg_len - CMSG_LEN(0)) / sizeof fd;
		for (i = 0; i < here; i++) {
			memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
			if (count++ == 0)
				*passed = fd;
			else
				close(fd);
		}
	}
	return count;
}

ssize_t
chan_receive(int fd, void *p, size_t size, int *passed)
{
	union chan_control control;
	struct iovec iov = { .iov_base = p, .iov_len = size };
	struct msghdr msg = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof control.bytes };
	size_t count;
	ssize_t n;
	int bad = 0;

	*passed = -1;
	do {
		n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -1;
	count = chan_detach(&msg, passed);
	if (count > 1 || (msg.msg_flags & MSG_CTRUNC))
		bad = EPROTO;
	else if (msg.msg_flags & MSG_TRUNC)
		bad = EMSGSIZE;
	if ((bad || n == 0) && *passed >= 0) {
		close(*passed);
		*passed = -1;
	}
	if (bad) {
		errno = bad;
		return -1;
	}
	return n;
}
