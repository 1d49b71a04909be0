/*
 * What libc does in any other process, and may not or should not do in this
 * one.  Worker only: linked into the program so that libcurl finds these in
 * place of libc's.  They keep no state.
 *
 * connect: every socket that libcurl is handed is connected already.  Version
 * 7.88 does not believe CURL_SOCKOPT_ALREADY_CONNECTED on the FTP path (curl
 * issue 10626), and after a success at once waits a second: so it is told that
 * the connection is on its way, waits for it to be writable, and it is.
 *
 * poll, send, recv: there are answers that libcurl hears before or after the
 * server has said them, some that it never hears, and a command that it has
 * said before; see ftp_data.c and ftp_ahead.c.
 *
 * send: a server that gives up in the middle of a STOR (its disk is full)
 * closes the data connection, then says why.  libcurl closes the control
 * connection when a send fails, and the reason is lost.  So bytes for a
 * connection that is gone are taken and forgotten; the engine sees that it is
 * gone, ends the upload, and libcurl reads what the server says.
 *
 * recv: a server that refuses a STOR closes the data connection before TLS has
 * begun on it.  libcurl takes that for a firewall that does not know EPSV, says
 * PASV, and from there on each answer is taken for that to another command.
 * So until the server has answered the STOR, the end of a data connection is
 * not seen.
 */
#undef _FORTIFY_SOURCE /* it brings a poll and a recv of its own */

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>
#include <time.h>

#include "remote/ftp_data.h"

#define INSTEAD __attribute__((visibility("default")))

INSTEAD int connect(int fd, const struct sockaddr *address, socklen_t n);
/* By this name, since <poll.h> says that poll only writes there. */
INSTEAD int
instead_of_poll(struct pollfd *fds, nfds_t n, int timeout_ms) __asm__("poll");
INSTEAD ssize_t send(int fd, const void *p, size_t n, int flags);
INSTEAD ssize_t recv(int fd, void *p, size_t n, int flags);

int
connect(int fd, const struct sockaddr *address, socklen_t n)
{
	(void)fd;
	(void)address;
	(void)n;
	errno = EINPROGRESS;
	return -1;
}

static int
real_poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
	const struct timespec timeout = { timeout_ms / 1000,
		timeout_ms % 1000 * 1000000L };

	return ppoll(fds, n, timeout_ms < 0 ? NULL : &timeout, NULL);
}

int
instead_of_poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
	nfds_t i = 0;
	int ready;

	while (i < n &&
	    ((fds[i].events & POLLIN) == 0 || !ftp_data_answers(fds[i].fd)))
		i++;
	if (i == n)
		return real_poll(fds, n, timeout_ms);
	ready = real_poll(fds, n, 0);
	if (ready < 0)
		return ready;
	ready += fds[i].revents == 0;
	fds[i].revents |= POLLIN;
	return ready;
}

ssize_t
send(int fd, const void *p, size_t n, int flags)
{
	ssize_t sent;

	if (ftp_data_said(fd, p, n))
		return (ssize_t)n;
	sent = sendto(fd, p, n, flags, NULL, 0);
	if (sent < 0 && (errno == EPIPE || errno == ECONNRESET))
		return (ssize_t)n;
	return sent;
}

ssize_t
recv(int fd, void *p, size_t n, int flags)
{
	const struct timespec moment = { 0, 1000 * 1000 };
	ssize_t got = ftp_data_answer(fd, p, n);

	if (got > 0)
		return got;
	if (got == 0) {
		got = recvfrom(fd, p, n, flags, NULL, NULL);
		if (!ftp_data_unanswered(fd) ||
		    (got != 0 && !(got < 0 && errno == ECONNRESET)))
			return got;
	}
	nanosleep(&moment, NULL); /* poll(2) will not wait */
	errno = EAGAIN;
	return -1;
}
