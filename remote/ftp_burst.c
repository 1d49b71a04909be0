/*
 * Many commands at once on the control connection.  Worker.
 *
 * Between two exchanges of libcurl that connection is ours.  With TLS, libcurl
 * has put a BIO of its own below the SSL object, which works only inside of a
 * call to libcurl: for the time of a burst it gets a plain one in its place.
 */
#include "remote/ftp_burst.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "remote/ftp_engine.h"

enum {
	TURN_MS = 10,
	CHUNK = 4096,
};

struct burst {
	struct ftp *f;
	const struct burst_talk *talk;
	char next[FTP_COMMAND]; /* waits for room; its length */
	size_t next_len;
	char out[BURST_BYTES]; /* to be sent */
	size_t out_len;
	uint16_t sizes[BURST_WINDOW]; /* of what has no answer */
	unsigned first, count, most;
	size_t unanswered; /* bytes */
	struct burst_line line;
	BIO *below_in, *below_out; /* libcurl's */
};

/* ---- Reading replies ---- */

enum burst_read
burst_take(struct burst_line *l, struct ftp_reply *r, const char *p, size_t n,
    size_t *used)
{
	const char *end;
	size_t step;

	for (*used = 0; *used < n; *used += step) {
		end = memchr(p + *used, '\n', n - *used);
		step = end != NULL ? (size_t)(end + 1 - p) - *used : n - *used;
		if (step > sizeof(l->half) - l->n)
			return BURST_BAD;
		memcpy(l->half + l->n, p + *used, step);
		l->n += step;
		if (end == NULL)
			continue;
		if (!ftp_reply_line(r, l->half, l->n))
			return BURST_BAD;
		l->n = 0;
		if (r->code != 0) {
			*used += step;
			return BURST_REPLY;
		}
	}
	return BURST_MORE;
}

/* ---- Bytes ---- */

bool
burst_possible(const struct ftp *f)
{
	return f->control >= 0 && !f->lost &&
	    (f->config.mode == MSG_TLS_NONE || f->tls != NULL);
}

static bool
lose(struct ftp *f, CURLcode why)
{
	f->curl = why;
	f->lost = true;
	return false;
}

/* Below TLS comes the socket itself. */
static bool
begin(struct burst *b)
{
	struct ftp *f = b->f;
	BIO *plain;

	f->heard = ftp_now_ms();
	f->curl = CURLE_OK;
	ftp_reply_clear(&f->reply);
	if (!ahead_settle(f))
		return false;
	if (f->config.mode == MSG_TLS_NONE)
		return true;
	plain = BIO_new_socket(f->control, BIO_NOCLOSE);
	if (plain == NULL)
		return lose(f, CURLE_OUT_OF_MEMORY);
	b->below_in = SSL_get_rbio(f->tls);
	b->below_out = SSL_get_wbio(f->tls);
	/* whatever is set loses the reference to what was there */
	BIO_up_ref(b->below_in);
	BIO_up_ref(b->below_out);
	BIO_up_ref(plain);
	SSL_set0_rbio(f->tls, plain);
	SSL_set0_wbio(f->tls, plain);
	SSL_set_mode(f->tls,
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
		SSL_MODE_ENABLE_PARTIAL_WRITE);
	return true;
}

static void
end(struct burst *b)
{
	if (b->below_in == NULL)
		return;
	SSL_set0_rbio(b->f->tls, b->below_in);
	SSL_set0_wbio(b->f->tls, b->below_out);
}

/* More than 0: so many bytes; 0: none now; -1: the connection has ended. */
static int
tls_result(struct ftp *f, int n)
{
	int why = SSL_get_error(f->tls, n);

	if (n > 0)
		return n;
	ERR_clear_error();
	return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? 0
									 : -1;
}

static int
plain_result(ssize_t n)
{
	if (n > 0)
		return (int)n;
	return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

static int
get(struct ftp *f, char *p, size_t n)
{
	if (f->config.mode == MSG_TLS_NONE)
		return plain_result(
		    recvfrom(f->control, p, n, MSG_DONTWAIT, NULL, NULL));
	ERR_clear_error();
	return tls_result(f, SSL_read(f->tls, p, (int)n));
}

static int
put(struct ftp *f, const char *p, size_t n)
{
	if (f->config.mode == MSG_TLS_NONE)
		return plain_result(sendto(
		    f->control, p, n, MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0));
	ERR_clear_error();
	return tls_result(f, SSL_write(f->tls, p, (int)n));
}

/* ---- Commands and answers ---- */

static void
fill(struct burst *b)
{
	size_t n;

	while (b->count < BURST_WINDOW) {
		if (b->next_len == 0)
			b->next_len = b->talk->next(
			    b->talk->ctx, b->next, sizeof(b->next) - 2);
		n = b->next_len + 2;
		if (b->next_len == 0 || n > BURST_BYTES - b->unanswered)
			return;
		memcpy(b->next + b->next_len, "\r\n", 2);
		memcpy(b->out + b->out_len, b->next, n);
		b->out_len += n;
		b->sizes[(b->first + b->count++) % BURST_WINDOW] = (uint16_t)n;
		b->unanswered += n;
		b->next_len = 0;
		if (b->count > b->most)
			b->most = b->count;
	}
}

static bool
flush(struct burst *b)
{
	int n = 1;

	while (b->out_len > 0 && n > 0) {
		n = put(b->f, b->out, b->out_len);
		if (n < 0)
			return lose(b->f, CURLE_SEND_ERROR);
		b->out_len -= (size_t)n;
		memmove(b->out, b->out + n, b->out_len);
	}
	return true;
}

/* One that nobody has asked for is the end: what is true after it? */
static bool
take_reply(struct burst *b)
{
	struct ftp *f = b->f;

	if (ftp_reply_is_oops(&f->reply))
		f->reply.code = 421;
	if (f->reply.code == 421)
		return lose(f, CURLE_RECV_ERROR);
	if (b->count == 0 || !b->talk->answer(b->talk->ctx))
		return lose(f, CURLE_WEIRD_SERVER_REPLY);
	b->unanswered -= b->sizes[b->first];
	b->first = (b->first + 1) % BURST_WINDOW;
	b->count--;
	ftp_reply_clear(&f->reply);
	return true;
}

static bool
take_bytes(struct burst *b, const char *p, size_t n)
{
	size_t used;

	for (; n > 0; p += used, n -= used) {
		switch (burst_take(&b->line, &b->f->reply, p, n, &used)) {
		case BURST_REPLY:
			if (!take_reply(b))
				return false;
			break;
		case BURST_BAD:
			return lose(b->f, CURLE_WEIRD_SERVER_REPLY);
		default:
			return true;
		}
	}
	return true;
}

/* All that has come.  *came: was there anything? */
static bool
receive(struct burst *b, bool *came)
{
	char bytes[CHUNK];
	int n;

	*came = false;
	while ((n = get(b->f, bytes, sizeof(bytes))) > 0) {
		*came = true;
		b->f->heard = ftp_now_ms();
		if (!take_bytes(b, bytes, (size_t)n))
			return false;
	}
	return n == 0 || lose(b->f, CURLE_RECV_ERROR);
}

static void
wait_for_more(struct burst *b)
{
	struct pollfd p[2] = {
		{ .fd = b->f->control, .events = POLLIN },
		{ .fd = b->f->hooks.door, .events = POLLIN },
	};
	nfds_t n = 1;

	if (b->out_len > 0)
		p[0].events |= POLLOUT;
	if (b->count < BURST_WINDOW && b->talk->wants(b->talk->ctx))
		n = 2;
	(void)poll(p, n, TURN_MS);
}

static bool
exchange(struct burst *b)
{
	bool came = true;

	/* what is there already, nobody has asked for */
	if (!receive(b, &came))
		return false;
	for (fill(b); b->count > 0; fill(b)) {
		if (!flush(b) || !receive(b, &came))
			return false;
		if (!came && b->count > 0)
			wait_for_more(b);
		if (!wire_turn(b->f))
			return lose(b->f, CURLE_ABORTED_BY_CALLBACK);
	}
	if (b->line.n > 0)
		return lose(b->f, CURLE_WEIRD_SERVER_REPLY);
	return receive(b, &came);
}

bool
burst_run(struct ftp *f, const struct burst_talk *talk, unsigned *most)
{
	struct burst b = { .f = f, .talk = talk };
	bool good = begin(&b) && exchange(&b);

	end(&b);
	*most = b.most;
	return good;
}
