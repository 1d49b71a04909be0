/*
 * One SFTP channel: opening it, packets in and out, requests in flight.
 * Worker.
 */
#include <string.h>

#include "base/err.h"
#include "base/path.h"
#include "remote/sftp_engine.h"

enum {
	READ_SIZE = 64 * 1024,
	IN_MAX = LIMIT_SFTP_PACKET + 4 + 2 * READ_SIZE,
	/* above SFTP_OUT_HIGH only what replies give rise to */
	OUT_MAX = 64 * 1024 * 1024,
	SSH_UNSENT_HIGH = 1024 * 1024, /* feed libssh2 no more above this */
	QUOTE_MAX = 60,
	SSH_UNSENT_LOW = 64 * 1024, /* the line has nothing to do */
};

size_t
channel_unsent(const struct sftp_channel *ch)
{
	return ch->out.len - ch->out_head;
}

bool
channel_room(const struct sftp_channel *ch)
{
	return ch->state == CHANNEL_READY && ch->in_flight < SFTP_IN_FLIGHT &&
	    channel_unsent(ch) < SFTP_OUT_HIGH;
}

uint32_t
channel_request(struct sftp_channel *ch, struct sftp_task *task,
    enum sftp_purpose purpose, uint64_t offset, uint32_t length)
{
	struct sftp_request *rq;

	/*
	 * Never full: data stops at SFTP_IN_FLIGHT, and all open files
	 * together have fewer other requests than the rest of the slots.
	 */
	do {
		rq = &ch->requests[ch->next_slot++ % SFTP_REQUESTS];
	} while (rq->purpose != FOR_FREE);
	*rq = (struct sftp_request){
		.purpose = purpose,
		.id = ch->next_id++ * SFTP_REQUESTS +
		    (uint32_t)(rq - ch->requests),
		.task = task,
		.offset = offset,
		.length = length,
		.sent_at = ssh_now_ms(),
	};
	ch->in_flight++;
	if (task != NULL)
		task->in_flight++;
	return rq->id;
}

void
channel_free(struct sftp_channel *ch)
{
	buf_free(&ch->in);
	buf_free(&ch->out);
}

/* The server will not have this channel. */
static int
refused(struct sftp *s, unsigned c, int rc, struct ferry_error *err)
{
	struct sftp_channel *ch = &s->channels[c];

	if (ch != s->channels) { /* if all is lost, the first will say so */
		ch->state = CHANNEL_REFUSED;
		return 0;
	}
	if (rc != LIBSSH2_ERROR_CHANNEL_FAILURE &&
	    rc != LIBSSH2_ERROR_CHANNEL_REQUEST_DENIED)
		return ssh_error(s->ssh, rc, "while it opened SFTP", err);
	rc = err_set(err, ferry_EDENIED, "no_sftp",
	    "the server lets us log in, but offers no SFTP");
	err_hint(err,
	    "Ask the provider to enable the sftp subsystem for this "
	    "account, or use the address that it gives for SFTP.");
	return rc;
}

static int
take_packet(struct sftp *s, unsigned c, const unsigned char *p, size_t n,
    struct ferry_error *err)
{
	struct sftp_channel *ch = &s->channels[c];
	struct sftp_request *slot, rq;
	struct sftp_reply reply;
	unsigned rtt;
	int rc;

	if (!sftp_msg_parse(p, n, &reply))
		return sftp_broken(err, "a packet that makes no sense");
	if (ch->state == CHANNEL_GREETING) {
		if (reply.type != SSH_FXP_VERSION)
			return sftp_broken(err, "no version");
		rc = sftp_greeted(s, c, &reply, err);
		if (rc == 0)
			ch->state = CHANNEL_READY;
		return rc;
	}
	slot = &ch->requests[reply.id % SFTP_REQUESTS];
	if (reply.type == SSH_FXP_VERSION)
		return sftp_broken(err, "a second version");
	if (slot->purpose == FOR_FREE || slot->id != reply.id)
		return sftp_broken(err, "a reply to a request never made");
	rq = *slot;
	slot->purpose = FOR_FREE;
	ch->in_flight--;
	if (rq.task != NULL)
		rq.task->in_flight--;
	s->heard = ssh_now_ms();
	rtt = (unsigned)(s->heard - rq.sent_at);
	if (rtt < s->rtt_min)
		s->rtt_min = rtt;
	if (rq.purpose == FOR_OPEN)
		s->rtt_open = rtt;
	return sftp_replied(s, c, &rq, &reply, err);
}

/*
 * Whatever a start-up file of the account prints comes before the version, and
 * its first bytes look like a length.
 */
static int
judge_length(struct sftp_channel *ch, const unsigned char *p, size_t n,
    struct ferry_error *err)
{
	if (ch->state != CHANNEL_GREETING || p[0] == 0 || p[0] == 0x7f ||
	    !path_utf8_ok((const char *)p, 4))
		return sftp_broken(err, "a packet of a length that cannot be");
	while (n > 0 && (p[n - 1] == '\n' || p[n - 1] == '\r'))
		n--;
	err_set(err, ferry_EDENIED, "sftp_text",
	    "the account answers with text instead of SFTP: %.*s",
	    n < QUOTE_MAX ? (int)n : QUOTE_MAX, (const char *)p);
	err_hint(err,
	    "A shell start-up file of the account, as .bashrc, must "
	    "print nothing when no terminal is there.");
	return -ferry_EDENIED;
}

/* All whole packets that are there. */
static int
take_packets(struct sftp *s, unsigned c, struct ferry_error *err)
{
	struct sftp_channel *ch = &s->channels[c];
	size_t head = 0;
	int rc = 0;

	while (rc == 0) {
		long n = sftp_msg_frame(ch->in.data + head, ch->in.len - head);

		if (n == 0)
			break;
		if (n < 0)
			return judge_length(
			    ch, ch->in.data + head, ch->in.len - head, err);
		rc = take_packet(s, c, ch->in.data + head, (size_t)n, err);
		head += (size_t)n;
	}
	buf_consume(&ch->in, head);
	return rc;
}

/* OpenSSH runs passwd in place of SFTP when the password has expired. */
static int
not_started(struct sftp *s, int n, struct ferry_error *err)
{
	int rc = ssh_error(s->ssh, n, "instead of starting SFTP", err);

	err_hint(err,
	    "Log in by ssh first: has the password expired, or is there no "
	    "SFTP for this user?");
	return rc;
}

static int
receive(struct sftp *s, unsigned c, bool *moved, struct ferry_error *err)
{
	struct sftp_channel *ch = &s->channels[c];
	int rc;

	for (;;) {
		unsigned char *p = buf_grow(&ch->in, READ_SIZE);
		ssize_t n;

		if (p == NULL)
			return err_memory(err);
		n = libssh2_channel_read(ch->ssh, (char *)p, READ_SIZE);
		ch->in.len -= READ_SIZE - (n > 0 ? (size_t)n : 0);
		if (n == LIBSSH2_ERROR_EAGAIN ||
		    (n == 0 && !libssh2_channel_eof(ch->ssh)))
			return 0;
		if (n == 0)
			n = LIBSSH2_ERROR_SOCKET_DISCONNECT;
		if (n < 0 && ch->state == CHANNEL_GREETING)
			return not_started(s, (int)n, err);
		if (n < 0)
			return ssh_error(
			    s->ssh, (int)n, "in the middle of the work", err);
		*moved = true;
		rc = take_packets(s, c, err);
		if (rc != 0)
			return rc;
	}
}

static int
transmit(struct sftp *s, unsigned c, bool *moved, struct ferry_error *err)
{
	struct sftp_channel *ch = &s->channels[c];

	ch->window_shut = false;
	if (!buf_ok(&ch->out))
		return err_memory(err);
	while (channel_unsent(ch) > 0 && ssh_unsent(s->ssh) < SSH_UNSENT_HIGH) {
		ssize_t n = libssh2_channel_write(ch->ssh,
		    (const char *)ch->out.data + ch->out_head,
		    channel_unsent(ch));

		if (n == LIBSSH2_ERROR_EAGAIN || n == 0) {
			ch->window_shut = ssh_unsent(s->ssh) < SSH_UNSENT_LOW;
			break;
		}
		if (n < 0)
			return ssh_error(
			    s->ssh, (int)n, "in the middle of the work", err);
		*moved = true;
		ch->out_head += (size_t)n;
	}
	if (ch->out_head > ch->out.len / 2) {
		buf_consume(&ch->out, ch->out_head);
		ch->out_head = 0;
	}
	return 0;
}

static int
open_channel(struct sftp *s, unsigned c, bool *moved, struct ferry_error *err)
{
	struct sftp_channel *ch = &s->channels[c];
	int rc;

	if (ch->state == CHANNEL_OPENING) {
		ch->ssh = libssh2_channel_open_session(ssh_session(s->ssh));
		if (ch->ssh == NULL) {
			rc = libssh2_session_last_errno(ssh_session(s->ssh));
			return rc == LIBSSH2_ERROR_EAGAIN
			    ? 0
			    : refused(s, c, rc, err);
		}
		/* what it says on stderr is nobody's business */
		libssh2_channel_handle_extended_data2(
		    ch->ssh, LIBSSH2_CHANNEL_EXTENDED_DATA_IGNORE);
		buf_init(&ch->in, IN_MAX);
		buf_init(&ch->out, OUT_MAX);
		sftp_msg_init(&ch->out);
		ch->state = CHANNEL_STARTING;
	}
	rc = libssh2_channel_process_startup(
	    ch->ssh, "subsystem", strlen("subsystem"), "sftp", strlen("sftp"));
	if (rc == LIBSSH2_ERROR_EAGAIN) /* INIT need not wait for the yes */
		return transmit(s, c, moved, err);
	if (rc != 0)
		return refused(s, c, rc, err);
	ch->state = CHANNEL_GREETING;
	*moved = true;
	return 0;
}

int
channel_drive(struct sftp *s, unsigned c, bool *moved, struct ferry_error *err)
{
	struct sftp_channel *ch = &s->channels[c];
	int rc;

	switch (ch->state) {
	case CHANNEL_NONE:
	case CHANNEL_REFUSED:
		return 0;
	case CHANNEL_OPENING:
	case CHANNEL_STARTING:
		return open_channel(s, c, moved, err);
	case CHANNEL_GREETING:
	case CHANNEL_READY:
		rc = receive(s, c, moved, err);
		if (rc == 0)
			rc = transmit(s, c, moved, err);
		if (rc != 0 && c > 0 && ch->state == CHANNEL_GREETING) {
			ch->state = CHANNEL_REFUSED;
			rc = 0;
		}
		return rc;
	}
	return 0;
}
