/* One SSH connection: libssh2's transport over buffers of ours.  Worker. */
#include "remote/ssh_parts.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "remote/ssh_watch.h"

enum {
	IN_MAX = 512 * 1024,
	OUT_MAX = 16 * 1024 * 1024, /* far above what we ever let wait */
	READ_SIZE = 256 * 1024,
	KEEPALIVE_MAX = 1024, /* what we answer to those is smaller */
};

static size_t
queue_len(const struct ssh_queue *q)
{
	return q->b.len - q->head;
}

static void
queue_drop(struct ssh_queue *q, size_t n)
{
	q->head += n;
	if (q->head == q->b.len) {
		buf_reset(&q->b);
		q->head = 0;
	} else if (q->head > q->b.len / 2) {
		buf_consume(&q->b, q->head);
		q->head = 0;
	}
}

uint64_t
ssh_now_ms(void)
{
	return clock_ms();
}

static ssize_t
on_send(
    libssh2_socket_t sock, const void *p, size_t n, int flags, void **abstract)
{
	struct ssh *s = *abstract;

	(void)sock;
	(void)flags;
	buf_put(&s->out.b, p, n);
	return buf_ok(&s->out.b) ? (ssize_t)n : -ENOMEM;
}

static ssize_t
on_receive(libssh2_socket_t sock, void *p, size_t n, int flags, void **abstract)
{
	struct ssh *s = *abstract;
	size_t have = queue_len(&s->in);

	(void)sock;
	(void)flags;
	if (have == 0)
		return s->eof ? 0 : -EAGAIN;
	if (n > have)
		n = have;
	memcpy(p, s->in.b.data + s->in.head, n);
	queue_drop(&s->in, n);
	return (ssize_t)n;
}

/* Its last words (RFC 4253, 11.1). */
static void
on_disconnect(LIBSSH2_SESSION *session, int reason, const char *message,
    int message_len, const char *language, int language_len, void **abstract)
{
	struct ssh *s = *abstract;

	(void)session;
	(void)reason;
	(void)language;
	(void)language_len;
	s->parted = true;
	if (message != NULL && message_len > 0)
		snprintf(
		    s->words, sizeof s->words, "%.*s", message_len, message);
}

static void
set_callbacks(LIBSSH2_SESSION *session)
{
#if LIBSSH2_VERSION_NUM >= 0x010b01
	libssh2_session_callback_set2(
	    session, LIBSSH2_CALLBACK_SEND, (libssh2_cb_generic *)on_send);
	libssh2_session_callback_set2(
	    session, LIBSSH2_CALLBACK_RECV, (libssh2_cb_generic *)on_receive);
	libssh2_session_callback_set2(session, LIBSSH2_CALLBACK_DISCONNECT,
	    (libssh2_cb_generic *)on_disconnect);
#else
	/* the old call takes a data pointer for a function */
	void *p;
	ssize_t (*send)(libssh2_socket_t, const void *, size_t, int, void **) =
	    on_send;
	ssize_t (*receive)(libssh2_socket_t, void *, size_t, int, void **) =
	    on_receive;
	void (*disconnect)(LIBSSH2_SESSION *, int, const char *, int,
	    const char *, int, void **) = on_disconnect;

	memcpy(&p, &send, sizeof p);
	libssh2_session_callback_set(session, LIBSSH2_CALLBACK_SEND, p);
	memcpy(&p, &receive, sizeof p);
	libssh2_session_callback_set(session, LIBSSH2_CALLBACK_RECV, p);
	memcpy(&p, &disconnect, sizeof p);
	libssh2_session_callback_set(session, LIBSSH2_CALLBACK_DISCONNECT, p);
#endif
}

/*
 * With our patch a GCM cipher is the cheapest, for the server too.  Without,
 * libssh2 calls OpenSSL for each block, and GCM is the dearest.
 */
#ifdef LIBSSH2_WHOLE_PACKET
#define CIPHERS                                          \
	"aes128-gcm@openssh.com,aes256-gcm@openssh.com," \
	"aes128-ctr,aes256-ctr,aes192-ctr"
#else
#define CIPHERS                             \
	"aes128-ctr,aes256-ctr,aes192-ctr," \
	"aes128-gcm@openssh.com,aes256-gcm@openssh.com"
#endif

/*
 * What we offer.  No chacha20 (a short packet makes 1.11.1 copy backwards) and
 * finite-field groups last (their public values are not checked).
 */
static const struct preference {
	int method;
	const char *names;
} preferences[] = {
	{ LIBSSH2_METHOD_KEX,
	    "curve25519-sha256,curve25519-sha256@libssh.org,"
	    "ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,"
	    "diffie-hellman-group16-sha512,diffie-hellman-group14-sha256" },
	{ LIBSSH2_METHOD_CRYPT_CS, CIPHERS },
	{ LIBSSH2_METHOD_CRYPT_SC, CIPHERS },
	{ LIBSSH2_METHOD_MAC_CS,
	    "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,"
	    "hmac-sha2-256,hmac-sha2-512" },
	{ LIBSSH2_METHOD_MAC_SC,
	    "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,"
	    "hmac-sha2-256,hmac-sha2-512" },
};

static int
prefer(struct ssh *s, const char *algorithms, struct ferry_error *err)
{
	size_t i;

	for (i = 0; i < sizeof preferences / sizeof preferences[0]; i++)
		if (libssh2_session_method_pref(s->session,
			preferences[i].method, preferences[i].names) != 0)
			return err_set(err, ferry_EINTERNAL, "libssh2_methods",
			    "libssh2 knows none of %s", preferences[i].names);
	if (libssh2_session_method_pref(
		s->session, LIBSSH2_METHOD_HOSTKEY, algorithms) != 0)
		return err_set(err, ferry_EINTERNAL, "libssh2_methods",
		    "libssh2 knows none of the host key algorithms %s",
		    algorithms);
	return 0;
}

int
ssh_new(
    struct ssh **out, int sock, const char *algorithms, struct ferry_error *err)
{
	struct ssh *s = calloc(1, sizeof *s);
	int rc;

	*out = NULL;
	if (s == NULL) {
		close(sock);
		return err_memory(err);
	}
	s->sock = sock;
	buf_init(&s->in.b, IN_MAX);
	buf_init(&s->out.b, OUT_MAX);
	buf_init(&s->signature, LIMIT_SIGNATURE);
	ssh_watch_init(&s->watch);
	s->session = libssh2_session_init_ex(
	    ssh_memory_alloc, ssh_memory_free, ssh_memory_realloc, s);
	if (s->session == NULL) {
		rc = err_memory(err);
		goto out;
	}
	libssh2_session_set_blocking(s->session, 0);
	set_callbacks(s->session);
	rc = prefer(s, algorithms, err);
	if (rc != 0)
		goto out;
	*out = s;
	s = NULL;
out:
	ssh_free(s);
	return rc;
}

int
ssh_compress(struct ssh *s, enum msg_compress what, struct ferry_error *err)
{
	/* not "zlib", which would take bytes of anybody who is not proven */
	static const char delayed[] = "zlib@openssh.com,none", none[] = "none";

	if (what == MSG_COMPRESS_NOTHING)
		return 0;
	libssh2_session_flag(s->session, LIBSSH2_FLAG_COMPRESS, 1);
	if (libssh2_session_method_pref(
		s->session, LIBSSH2_METHOD_COMP_CS, delayed) != 0 ||
	    libssh2_session_method_pref(s->session, LIBSSH2_METHOD_COMP_SC,
		what == MSG_COMPRESS_BOTH ? delayed : none) != 0)
		return err_set(err, ferry_EINTERNAL, "libssh2_methods",
		    "libssh2 does not know how not to compress");
	return 0;
}

bool
ssh_compresses(const struct ssh *s)
{
	const char *sent =
	    libssh2_session_methods(s->session, LIBSSH2_METHOD_COMP_CS);

	return sent != NULL && strcmp(sent, "none") != 0;
}

void
ssh_free(struct ssh *s)
{
	if (s == NULL)
		return;
	if (s->session != NULL) {
		/* it must not wait for what the server still owes */
		s->eof = true;
		libssh2_session_free(s->session);
	}
	ssh_watch_free(&s->watch);
	buf_free(&s->in.b);
	buf_free(&s->out.b);
	buf_free(&s->signature);
	close(s->sock);
	free(s);
}

void
ssh_goodbye(struct ssh *s)
{
	if (s->eof)
		return;
	libssh2_session_disconnect(s->session, "done");
	(void)ssh_flush(s, NULL);
}

LIBSSH2_SESSION *
ssh_session(struct ssh *s)
{
	return s->session;
}

int
ssh_socket(const struct ssh *s)
{
	return s->sock;
}

size_t
ssh_unsent(const struct ssh *s)
{
	return queue_len(&s->out);
}

bool
ssh_ended(const struct ssh *s)
{
	return s->eof;
}

uint64_t
ssh_last_sent(const struct ssh *s)
{
	return s->last_sent;
}

bool
ssh_room(const struct ssh *s)
{
	return !s->eof && queue_len(&s->in) <= IN_MAX - READ_SIZE;
}

int
ssh_fill(struct ssh *s, struct ferry_error *err)
{
	unsigned char *p;
	ssize_t n;

	if (!ssh_room(s))
		return 0;
	buf_consume(&s->in.b, s->in.head);
	s->in.head = 0;
	p = buf_grow(&s->in.b, READ_SIZE);
	if (p == NULL)
		return err_memory(err);
	n = recv(s->sock, p, READ_SIZE, MSG_DONTWAIT);
	s->in.b.len -= READ_SIZE - (n > 0 ? (size_t)n : 0);
	if (n > 0) {
		/*
		 * Servers that send in small pieces wait for our ACK with the
		 * next one (Nagle): do not delay it.  The kernel forgets this.
		 */
#ifdef TCP_QUICKACK
		setsockopt(s->sock, IPPROTO_TCP, TCP_QUICKACK, &(int){ 1 },
		    sizeof(int));
#endif
		ssh_watch_bytes(&s->watch, p, (size_t)n);
		return 1;
	}
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		s->eof = true; /* libssh2 finds out in its own time */
	return n == 0 ? 1 : 0;
}

/* What sshd(8) says in place of a greeting when it has too much to do. */
static bool
is_busy(const unsigned char *p, size_t n)
{
	static const char *const words[] = { "Exceeded MaxStartups",
		"Not allowed at this time" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (n >= strlen(words[i]) &&
		    memcmp(p, words[i], strlen(words[i])) == 0)
			return true;
	return false;
}

bool
ssh_is_stranger(const struct ssh *s, struct ferry_error *err)
{
	const unsigned char *p = s->watch.first;
	int left = (int)s->watch.first_len, n = 0;

	if (s->watch.banner_seen || left == 0)
		return false;
	while (left > 0 && (*p == '\r' || *p == '\n'))
		p++, left--;
	while (n < left && p[n] != '\r' && p[n] != '\n')
		n++;
	if (is_busy(p, (size_t)n)) {
		err_set(err, ferry_EBUSY, "server_busy",
		    "the server takes no more connections now: %.*s", n,
		    (const char *)p);
		err_hint(err, "Try again in a minute.");
		return true;
	}
	err_set(err, ferry_EREACH, "not_ssh",
	    "what answers there is not an SSH server; it says: %.*s", n,
	    (const char *)p);
	err_hint(err, "Check the port in the address.");
	return true;
}

/* The server closed the connection, or it broke, while we were doing this. */
static int
lost(struct ssh *s, const char *doing, struct ferry_error *err)
{
	bool early = !libssh2_userauth_authenticated(s->session);
	int rc;

	if (ssh_is_stranger(s, err))
		return -err->code;
	rc = err_set(err, early ? ferry_EREACH : ferry_ELOST,
	    early ? "connection_closed" : "connection_lost",
	    s->words[0] != '\0' ? "the server closed the connection %s: %s"
				: "the server closed the connection %s",
	    doing, s->words);

	if (early)
		err_hint(err,
		    "Is it an SSH server, and does it accept "
		    "connections from here? Try again in a minute: "
		    "busy servers drop some.");
	else
		err_hint(err,
		    "Run the same command again: what has arrived "
		    "is not sent twice.");
	return rc;
}

int
ssh_flush(struct ssh *s, struct ferry_error *err)
{
	s->full = false;
	while (queue_len(&s->out) > 0) {
		ssize_t n = send(s->sock, s->out.b.data + s->out.head,
		    queue_len(&s->out), MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		s->full = n < 0 && errno == EAGAIN;
		if (s->full)
			return 0;
		if (n < 0 &&
		    (s->eof || errno == EPIPE || errno == ECONNRESET)) {
			/* let what has come be read first */
			queue_drop(&s->out, queue_len(&s->out));
			return 0;
		}
		if (n < 0) {
			int rc = err_os(err, ferry_ELOST, errno,
			    "connection_lost", "the connection broke");

			err_hint(err,
			    "Run the same command again: what has "
			    "arrived is not sent twice.");
			return rc;
		}
		if (n > KEEPALIVE_MAX)
			s->last_sent = ssh_now_ms();
		queue_drop(&s->out, (size_t)n);
	}
	return 0;
}

int
ssh_error(struct ssh *s, int rc, const char *doing, struct ferry_error *err)
{
	char *text = NULL;

	switch (rc) {
	case LIBSSH2_ERROR_SOCKET_DISCONNECT:
	case LIBSSH2_ERROR_SOCKET_RECV:
	case LIBSSH2_ERROR_SOCKET_SEND:
	case LIBSSH2_ERROR_SOCKET_NONE:
	case LIBSSH2_ERROR_CHANNEL_CLOSED:
	case LIBSSH2_ERROR_CHANNEL_EOF_SENT:
		return lost(s, doing, err);
	case LIBSSH2_ERROR_ALLOC:
		return err_memory(err);
	default:
		if (s->eof || s->parted)
			return lost(s, doing, err);
		libssh2_session_last_error(s->session, &text, NULL, 0);
		return err_set(err,
		    libssh2_userauth_authenticated(s->session) ? ferry_ELOST
							       : ferry_EREACH,
		    "ssh_protocol", "the SSH session failed %s: %s (%d)", doing,
		    text != NULL ? text : "no reason given", rc);
	}
}

static int
no_common_algorithm(struct ssh *s, struct ferry_error *err)
{
	char *text = NULL;
	int rc;

	libssh2_session_last_error(s->session, &text, NULL, 0);
	rc = err_set(err, ferry_EREACH, "no_common_algorithm",
	    "the server and we have no common algorithm for the key exchange "
	    "(%s)",
	    text != NULL ? text : "no reason given");
	if (LIBSSH2_VERSION_NUM < 0x010b00)
		err_hint(err,
		    "This build uses libssh2 %s, which cannot talk "
		    "to a server that has only an RSA host key: "
		    "build with 1.11.1.",
		    LIBSSH2_VERSION);
	else
		err_hint(err,
		    "The server is too old, or allows only methods "
		    "that we do not offer; `ssh -vv' shows its list.");
	return rc;
}

int
ssh_handshake(struct ssh *s, struct ferry_error *err)
{
	int rc = libssh2_session_handshake(s->session, s->sock);

	switch (rc) {
	case 0:
		return 0;
	case LIBSSH2_ERROR_EAGAIN:
		if (s->watch.over && ssh_is_stranger(s, err))
			return -err->code;
		return 1;
	case LIBSSH2_ERROR_KEX_FAILURE:
	case LIBSSH2_ERROR_KEY_EXCHANGE_FAILURE:
	case LIBSSH2_ERROR_METHOD_NONE:
		if (!s->eof)
			return no_common_algorithm(s, err);
		return lost(s, "during the key exchange", err);
	case LIBSSH2_ERROR_BANNER_RECV:
		return lost(s, "before it said what it is", err);
	case LIBSSH2_ERROR_HOSTKEY_SIGN:
	case LIBSSH2_ERROR_HOSTKEY_INIT:
		return err_set(err, ferry_EHOSTCHANGED, "host_key_unproven",
		    "the server could not prove that it holds its host key");
	default:
		return ssh_error(s, rc, "during the key exchange", err);
	}
}

bool
ssh_proof(const struct ssh *s, struct msg_hostkey *out)
{
	return ssh_watch_result(&s->watch, out);
}

const char *
ssh_server(const struct ssh *s)
{
	const char *banner = libssh2_session_banner_get(s->session);

	return banner != NULL ? banner : "";
}
