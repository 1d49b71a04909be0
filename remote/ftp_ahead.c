/*
 * The EPSV of the next transfer, said while this upload ends.  Worker.
 *
 * vsftpd says 226 when we have acknowledged the end of the data connection, a
 * round trip after it had the last byte, and hears no command before that.  So
 * where the next step may be an upload too, EPSV goes behind our last byte, and
 * its 229 comes right behind the 226.  It is kept until libcurl says EPSV: that
 * is not sent any more, and libcurl reads what was kept.  The port stays open
 * for whatever commands come in between.
 *
 * Only to vsftpd: to ProFTPD, a command while a transfer runs ends it.  And not
 * with TLS, whose records are libcurl's.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "remote/ftp_engine.h"

enum {
	TURN_MS = 10,
	LINE = 1024,
	USE_MS = 10 * 1000, /* a firewall may have closed the port then */
};

static const char EPSV[] = "EPSV\r\n";

static bool
is_epsv(const char *p, size_t n)
{
	return n == sizeof(EPSV) - 1 && memcmp(p, EPSV, n) == 0;
}

/* ---- Saying it ---- */

static bool
is_worth_it(const struct ftp *f)
{
	return strcasestr(f->server, "vsFTPd") != NULL && f->early &&
	    f->puts > 1 && !f->passive &&
	    (f->lacks & (MSG_FTP_AHEAD | MSG_FTP_EPSV)) == 0;
}

void
ahead_say(struct ftp *f)
{
	struct ftp_ahead *a = &f->ahead;
	ssize_t n;

	if (a->owed || a->n > 0 || f->flow == NULL ||
	    f->given != f->flow->length || f->stopped || f->silent ||
	    f->control < 0 || f->owed != 1 || !is_worth_it(f))
		return;
	n = sendto(f->control, EPSV, sizeof(EPSV) - 1,
	    MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0);
	a->owed = n == sizeof(EPSV) - 1;
	a->said = ftp_now_ms();
	if (n > 0 && !a->owed)
		f->lost = true; /* whatever comes next would be its end */
}

/* What has worked in this session is not given up for one failure. */
static void
give_up(struct ftp *f)
{
	if ((f->has & MSG_FTP_AHEAD) == 0 && !f->stopped)
		ftp_learn(f, MSG_FTP_AHEAD, false);
}

/* ---- Its answer ---- */

/* 0: there is no whole line yet; -1: nor will there be. */
static ssize_t
peek_line(const struct ftp *f, char *p, size_t n)
{
	const bool ended = data_has_ended(f->control);
	const char *end;
	ssize_t got;

	got = recvfrom(f->control, p, n, MSG_PEEK | MSG_DONTWAIT, NULL, NULL);
	if (got <= 0)
		return got < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
	end = memchr(p, '\n', (size_t)got);
	if (end != NULL)
		return end + 1 - p;
	if ((size_t)got < n)
		return ended ? -1 : 0;
	return got;
}

/* Half a line, which is there already, is not more. */
static void
wait_for_more(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (poll(&p, 1, 0) > 0)
		p.events = POLLRDHUP;
	(void)poll(&p, 1, TURN_MS);
}

ssize_t
ahead_read(struct ftp *f, char *p, size_t n)
{
	ssize_t line;

	if (!f->ahead.owed)
		return 0;
	if (f->owed <= 0)
		return -1;
	line = peek_line(f, p, n);
	if (line <= 0)
		return line < 0 ? 0 : -1;
	return recvfrom(f->control, p, (size_t)line, 0, NULL, NULL);
}

/* 421 is left in f->reply, to say why. */
static bool
lose(struct ftp *f, CURLcode why)
{
	give_up(f);
	ahead_forget(f);
	if (f->reply.code != 421)
		ftp_reply_clear(&f->reply);
	f->curl = why;
	f->lost = true;
	return false;
}

/* All of it, into f->reply; its last line. */
static bool
hear(struct ftp *f, char *line, size_t size, size_t *len)
{
	ssize_t n;

	while (f->reply.code == 0) {
		n = f->control < 0 ? -1 : peek_line(f, line, size);
		if (n < 0)
			return lose(f, CURLE_RECV_ERROR);
		if (n == 0) {
			wait_for_more(f->control);
			if (!wire_turn(f))
				return lose(f, CURLE_ABORTED_BY_CALLBACK);
			continue;
		}
		(void)recvfrom(f->control, line, (size_t)n, 0, NULL, NULL);
		f->heard = ftp_now_ms();
		if (line[n - 1] != '\n' ||
		    !ftp_reply_line(&f->reply, line, (size_t)n))
			return lose(f, CURLE_WEIRD_SERVER_REPLY);
		*len = (size_t)n;
	}
	return f->reply.code != 421 && !ftp_reply_is_oops(&f->reply)
	    ? true
	    : lose(f, CURLE_RECV_ERROR);
}

bool
ahead_settle(struct ftp *f)
{
	struct ftp_ahead *a = &f->ahead;
	char line[LINE];
	size_t n = 0;

	if (!a->owed)
		return true;
	ftp_reply_clear(&f->reply);
	if (!hear(f, line, sizeof(line), &n))
		return false;
	a->owed = false;
	if (f->reply.code != 229) {
		give_up(f);
	} else if (f->reply.count == 1 && n <= sizeof(a->answer)) {
		memcpy(a->answer, line, n);
		a->n = n;
	}
	ftp_reply_clear(&f->reply);
	return true;
}

/* ---- Using it ---- */

bool
ahead_swallow(struct ftp *f, const char *p, size_t n)
{
	struct ftp_ahead *a = &f->ahead;

	if (a->n == 0 || !is_epsv(p, n))
		return false;
	a->due = ftp_now_ms() - a->said < USE_MS;
	a->used = a->due;
	if (!a->due)
		a->n = 0; /* another port takes its place */
	return a->due;
}

ssize_t
ahead_answer(struct ftp *f, char *p, size_t n)
{
	struct ftp_ahead *a = &f->ahead;

	n = n < a->n ? n : a->n;
	memcpy(p, a->answer, n);
	memmove(a->answer, a->answer + n, a->n - n);
	a->n -= n;
	a->due = a->n > 0;
	return (ssize_t)n;
}

void
ahead_forget(struct ftp *f)
{
	f->ahead = (struct ftp_ahead){ .used = f->ahead.used };
}

void
ahead_judge(struct ftp *f)
{
	const unsigned code = f->reply.code;

	if (f->lost && f->ahead.owed)
		give_up(f);
	if (!f->ahead.used)
		return;
	if (f->passive) {
		/*
		 * Nobody listened at that port, or something on the way has
		 * not seen it, since it looks at the first reply in a packet.
		 * libcurl says PASV in all of this session now.
		 */
		f->distrusted = true;
		ftp_learn(f, MSG_FTP_AHEAD, false);
	} else if (code < 200 || code == 425 || code == 426) {
		give_up(f);
	} else if (f->curl == CURLE_OK && code / 100 == 2) {
		ftp_learn(f, MSG_FTP_AHEAD, true);
	}
}
