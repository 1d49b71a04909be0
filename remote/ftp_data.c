/*
 * The connections that libcurl asks for, and what it is told of them.  Worker.
 *
 * All come from the hub.
 *
 * Libcurl waits for 150 before it sends the first byte, which costs a round
 * trip in each file.  The server's TCP takes the bytes of a connection that the
 * server has not looked at yet, so a short file need not wait: when its STOR
 * has left, libcurl hears a 150 from us, and the server's own, when it comes,
 * is kept from it ("early").  An answer that is none of 100 to 199 reaches
 * libcurl as it is: then the server did not want the file, and what was sent is
 * thrown away there.  A long file waits, lest a server that neither takes its
 * bytes nor hangs up stop us before we read its answer; and with TLS there is
 * nothing to be won, for the server's part of the handshake comes with its 150.
 */
#include "remote/ftp_data.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "remote/ftp_engine.h"

enum {
	DRAIN_MS = 1000,
	EARLY_MAX = 64 * 1024, /* bytes: every TCP takes that many unread */
};

/* The one session of this process, while an exchange runs. */
static struct ftp *current;

void
data_current(struct ftp *f)
{
	current = f;
}

/* ---- What libcurl asks us ---- */

static int
dial(struct ftp *f, unsigned port)
{
	int fd = f->hooks.dial(f->hooks.ctx, port);

	f->heard = ftp_now_ms(); /* the hub's time, not the server's */
	f->dial_errno = fd < 0 ? -fd : 0;
	return fd;
}

curl_socket_t
data_open(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct ftp *f = ctx;
	const struct sockaddr_in *v4 = (const void *)&address->addr;
	const struct sockaddr_in6 *v6 = (const void *)&address->addr;

	(void)purpose;
	if (f->logging_in) {
		f->logging_in = false;
		f->control = f->sock >= 0 ? f->sock : dial(f, 0);
		f->sock = -1;
		return f->control < 0 ? CURL_SOCKET_BAD : f->control;
	}
	if (!f->data_expected) {
		f->lost = true; /* it would log in once more */
		return CURL_SOCKET_BAD;
	}
	f->data_expected = false;
	f->data = dial(f,
	    ntohs(address->family == AF_INET6 ? v6->sin6_port : v4->sin_port));
	return f->data < 0 ? CURL_SOCKET_BAD : f->data;
}

/*
 * The server's tickets may lie there unread, and closing would then be a reset:
 * to the server a transfer that failed.  So it closes first, within reason.
 */
static void
drain(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char bytes[4096];

	(void)shutdown(fd, SHUT_WR);
	while (poll(&p, 1, DRAIN_MS) > 0 && read(fd, bytes, sizeof(bytes)) > 0)
		continue;
}

int
data_close(void *ctx, curl_socket_t fd)
{
	struct ftp *f = ctx;
	bool data = false;
	int rc;

	if (fd == f->control) {
		f->control = -1;
		f->tls = NULL;
		f->lost = true;
	} else if (fd == f->data) {
		f->data = -1;
		if (f->config.mode != MSG_TLS_NONE && f->accepted)
			drain(fd);
		data = true;
	}
	rc = close(fd);
	if (data)
		ahead_say(f); /* behind its end */
	return rc;
}

/* ---- Bytes before the 150 ---- */

void
data_note_command(struct ftp *f, const char *p, size_t n)
{
	const struct ftp_flow *flow = f->flow;

	if (flow == NULL || f->config.mode != MSG_TLS_NONE ||
	    (f->lacks & MSG_FTP_EARLY) != 0 || flow->length > EARLY_MAX ||
	    (flow->transfer != FTP_STOR && flow->transfer != FTP_APPE))
		return;
	if (n > 5 &&
	    (strncasecmp(p, "STOR ", 5) == 0 ||
		strncasecmp(p, "APPE ", 5) == 0))
		f->early = f->early_due = true;
}

bool
ftp_data_said(int fd, const char *p, size_t n)
{
	return current != NULL && current->control == fd &&
	    ahead_swallow(current, p, n);
}

bool
ftp_data_answers(int fd)
{
	return current != NULL && current->control == fd &&
	    (current->early_due || current->ahead.due);
}

/*
 * Drop the server's 150, line by line.  1: libcurl may read what is there now;
 * 0: there is half a line.
 */
static int
drop_preliminary(struct ftp *f, char *p, size_t n)
{
	struct ftp_reply *r = &f->unsaid;
	const char *end;
	ssize_t got;

	while (f->early_owed) {
		const bool ended = data_has_ended(f->control);

		got = recvfrom(f->control, p, n, MSG_PEEK, NULL, NULL);
		if (got <= 0)
			return 1;
		end = memchr(p, '\n', (size_t)got);
		if (end == NULL && (size_t)got < n)
			return ended;
		got = end != NULL ? end + 1 - p : got;
		f->early_owed = ftp_reply_line(r, p, (size_t)got) &&
		    (r->open != 0 ? r->open : r->code) / 100 == 1;
		if (!f->early_owed)
			return 1;
		(void)recvfrom(f->control, p, (size_t)got, 0, NULL, NULL);
		f->heard = ftp_now_ms();
		if (r->code != 0) {
			f->early_owed = false;
			f->accepted = true;
		}
	}
	return 1;
}

ssize_t
ftp_data_answer(int fd, char *p, size_t n)
{
	static const char answer[] = "150 Early\r\n";

	if (current == NULL || current->control != fd)
		return 0;
	if (current->ahead.due)
		return ahead_answer(current, p, n);
	if (current->early_due && n >= sizeof(answer)) {
		current->early_due = false;
		current->early_owed = true;
		ftp_reply_clear(&current->unsaid);
		memcpy(p, answer, sizeof(answer) - 1);
		return (ssize_t)(sizeof(answer) - 1);
	}
	return drop_preliminary(current, p, n) ? ahead_read(current, p, n) : -1;
}

/* ---- What becomes of one ---- */

bool
data_has_ended(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLRDHUP };

	return poll(&p, 1, 0) > 0 && p.revents != 0;
}

bool
ftp_data_unanswered(int fd)
{
	return current != NULL && current->data == fd && !current->accepted &&
	    current->config.mode != MSG_TLS_NONE && !current->silent &&
	    !current->stopped;
}

bool
data_is_cut(const struct ftp *f)
{
	struct pollfd p = { .fd = f->data, .events = POLLOUT };

	return f->data >= 0 && poll(&p, 1, 0) > 0 &&
	    (p.revents & (POLLERR | POLLHUP)) != 0;
}

/* What has worked in this session is not given up for one failure. */
static void
learn_early(struct ftp *f)
{
	unsigned code = f->reply.code;

	if (!f->early || f->stopped || (f->accepted && code / 100 != 2))
		return;
	if (f->curl == CURLE_OK && code / 100 == 2)
		ftp_learn(f, MSG_FTP_EARLY, true);
	else if ((f->has & MSG_FTP_EARLY) == 0 &&
	    (code < 400 || code == 425 || code == 426))
		ftp_learn(f, MSG_FTP_EARLY, false);
}

void
data_learn(struct ftp *f)
{
	ahead_judge(f);
	if (f->passive && (f->lacks & MSG_FTP_EPSV) == 0 && !f->distrusted)
		ftp_learn(f, MSG_FTP_EPSV, false);
	else if (f->curl == CURLE_OK && !f->passive)
		ftp_learn(f, MSG_FTP_EPSV, true);
	learn_early(f);
}
