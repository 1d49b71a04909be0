/*
 * The dialogue of an FTP login, from CONNECT_FTP to READY.  Runs in the hub.
 *
 * TLS is the worker's, and so is the proof that the server holds the key of its
 * certificate.  What the hub decides is whether that key is the right one, and
 * only then the password leaves it.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "remote/login_parts.h"

enum { MAX_DIALS = 2 * SECRETS_MAX_TRIES + 2 };

/* ---- What the worker may say ---- */

static int
on_wall(void *ctx, struct buf_reader *body, struct ferry_error *err)
{
	struct login *l = ctx;
	const struct session_config *c = l->config;
	struct msg_wall m;
	int rc = 0;

	if (!msg_get_wall(body, &m))
		return door_malformed(err, MSG_WALL);
	log_line(c->log, LOG_TRACE, "<- WALL layers %#x, Landlock %u",
	    (unsigned)m.layers, (unsigned)m.landlock);
	if (c->judge_wall)
		rc = c->judge_wall(c->ctx, &m, err);
	l->door->state = LOGIN_OUR_TURN;
	return rc;
}

/* The server's words about itself are shown to people. */
static int
on_certificate(void *ctx, struct buf_reader *body, struct ferry_error *err)
{
	struct login *l = ctx;
	struct msg_certificate *m = &l->certificate;

	if (!msg_get_certificate(body, m))
		return door_malformed(err, MSG_CERTIFICATE);
	door_clean(m->why, sizeof(m->why));
	door_clean(m->subject, sizeof(m->subject));
	door_clean(m->issuer, sizeof(m->issuer));
	door_clean(m->names, sizeof(m->names));
	log_line(l->config->log, LOG_TRACE,
	    "<- CERTIFICATE of %s, chain %s, name %s", m->subject,
	    m->chain_ok ? "ok" : "not ok", m->name_ok ? "ok" : "not ok");
	/* it points into the packet */
	m->der = (struct msg_blob){ NULL, 0 };
	l->door->state = LOGIN_OUR_TURN;
	return 0;
}

static int
on_dial(void *ctx, struct buf_reader *body, struct ferry_error *err)
{
	struct login *l = ctx;
	struct msg_dial m;

	if (!msg_get_dial(body, &m))
		return door_malformed(err, MSG_DIAL);
	log_line(l->config->log, LOG_TRACE, "<- DIAL %u", (unsigned)m.port);
	if (m.port != 0 || l->redial)
		return door_breach(err, "wall_dial",
		    "DIAL %u, which is not its turn", (unsigned)m.port);
	if (++l->rounds > MAX_DIALS)
		return door_breach(err, "wall_dial",
		    "it wants more than %d connections", MAX_DIALS);
	l->redial = true;
	return 0;
}

static int
on_refused(void *ctx, struct buf_reader *body, struct ferry_error *err)
{
	struct login *l = ctx;

	if (!msg_get_login_refused(body, &l->refused))
		return door_malformed(err, MSG_LOGIN_REFUSED);
	door_clean(l->refused.words, sizeof(l->refused.words));
	log_line(
	    l->config->log, LOG_TRACE, "<- LOGIN_REFUSED %s", l->refused.words);
	l->door->state = LOGIN_OUR_TURN;
	return 0;
}

static int
on_ready(void *ctx, struct buf_reader *body, struct ferry_error *err)
{
	struct login *l = ctx;
	const bool tls = l->config->ftp->mode != MSG_TLS_NONE;

	if (!msg_get_ready(body, &l->ready))
		return door_malformed(err, MSG_READY);
	door_clean(l->ready.server, sizeof(l->ready.server));
	log_line(l->config->log, LOG_TRACE, "<- READY %s, features %#x",
	    l->ready.server, (unsigned)l->ready.features);
	if (tls && (l->ready.features & MSG_FTP_TLS) == 0)
		return door_breach(
		    err, "wall_tls", "it logged in without encryption");
	l->door->state = LOGIN_DONE;
	return 0;
}

static const struct door_rule rules[] = {
	{ MSG_WALL, LOGIN_STARTING, true, on_wall },
	{ MSG_CERTIFICATE, LOGIN_PROVING, true, on_certificate },
	{ MSG_DIAL, LOGIN_OUR_TURN | LOGIN_BY_PASSWORD, false, on_dial },
	{ MSG_LOGIN_REFUSED, LOGIN_BY_PASSWORD, false, on_refused },
	{ MSG_READY, LOGIN_BY_PASSWORD, true, on_ready },
	{ 0 },
};

/* ---- What we say ---- */

static bool
is_answered(void *ctx)
{
	const struct login *l = ctx;

	return l->redial ||
	    (l->door->state & (LOGIN_OUR_TURN | LOGIN_DONE)) != 0;
}

/* 0, or what went wrong; a cancel is heard by whoever waits next. */
static int
connect_again(struct login *l, int *fd)
{
	const struct session_config *c = l->config;
	const uint64_t deadline = clock_ms() + c->connect_ms;
	struct pollfd p[2];
	int e = EINPROGRESS;

	*fd = dial_begin(&l->target, 0);
	if (*fd < 0)
		return errno;
	while (e == EINPROGRESS) {
		p[0] = (struct pollfd){ .fd = *fd, .events = POLLOUT };
		p[1] = (struct pollfd){ .fd = c->cancel_fd, .events = POLLIN };
		if (poll(p, 2, clock_left(deadline)) == 0)
			e = ETIMEDOUT;
		else if (p[1].revents)
			e = ECANCELED;
		else
			e = dial_state(*fd);
	}
	return e;
}

static int
redial(struct login *l, struct ferry_error *err)
{
	struct msg_socket m = { 0 };
	int fd, rc;

	l->redial = false;
	m.os_errno = (uint32_t)connect_again(l, &fd);
	msg_put_socket(&l->door->out, &m);
	log_line(l->config->log, LOG_TRACE, "-> SOCKET %s",
	    m.os_errno == 0 ? "connected" : strerror((int)m.os_errno));
	rc = door_send(l->door, m.os_errno == 0 ? fd : -1, err);
	if (fd >= 0)
		close(fd);
	return rc;
}

/* Send what is in door->out; the answer leads out of this state. */
static int
ask(struct login *l, enum login_state state, int pass, struct ferry_error *err)
{
	int rc;

	l->door->state = state;
	rc = door_send(l->door, pass, err);
	while (
	    rc == 0 && (l->door->state & (LOGIN_OUR_TURN | LOGIN_DONE)) == 0) {
		rc = door_wait(l->door, is_answered, err);
		if (rc == 0 && l->redial)
			rc = redial(l, err);
	}
	return rc;
}

static int
send_connect(struct login *l, int sock, struct ferry_error *err)
{
	const struct session_config *c = l->config;
	const struct session_ftp *f = c->ftp;
	struct msg_connect_ftp m = { .log_level =
					 c->log ? (uint8_t)c->log->level : 0,
		.mode = (uint8_t)f->mode,
		.tls_max = (uint8_t)f->tls_max,
		.judged = f->judged,
		.verify = f->verify,
		.authorities = f->authorities >= 0,
		.silence_ms = c->silence_ms,
		.keepalive_ms = f->keepalive_ms,
		.port = c->port,
		.lacks = f->lacks,
		.spki = f->spki };

	if (snprintf(m.user, sizeof(m.user), "%s", c->user) >=
		(int)sizeof(m.user) ||
	    snprintf(m.host, sizeof(m.host), "%s", c->host) >=
		(int)sizeof(m.host))
		return err_set(err, ferry_EUSAGE, "user_too_long",
		    "the user name or the host name is too long");
	msg_put_connect_ftp(&l->door->out, &m);
	log_line(
	    c->log, LOG_TRACE, "-> CONNECT_FTP %s as %s", l->address, c->user);
	return door_send(l->door, sock, err);
}

/* Each worker reads it from its beginning. */
static int
send_authorities(struct login *l, struct ferry_error *err)
{
	const int fd = l->config->ftp->authorities;

	if (fd < 0)
		return 0;
	(void)lseek(fd, 0, SEEK_SET);
	msg_put_authorities(&l->door->out);
	log_line(l->config->log, LOG_TRACE, "-> AUTHORITIES");
	return door_send(l->door, fd, err);
}

/* The question may stay open for minutes: the worker owes nothing meanwhile. */
static int
judge_certificate(struct login *l, struct ferry_error *err)
{
	const struct session_config *c = l->config;
	struct msg_verdict m = { .trusted = false };
	int rc = c->ftp->judge_certificate(c->ctx, &l->certificate, err);

	m.trusted = rc == 0 && !c->host_only;
	if (rc == 0)
		rc = door_drain(l->door, err);
	msg_put_verdict(&l->door->out, &m);
	log_line(c->log, LOG_TRACE, "-> VERDICT %s",
	    m.trusted ? "trusted" : "not trusted");
	if (rc < 0 || c->host_only) {
		(void)door_send(l->door, -1, NULL);
		return rc;
	}
	return door_send(l->door, -1, err);
}

static int
refused(const struct login *l, struct ferry_error *err)
{
	const struct session_config *c = l->config;

	err_set(err, ferry_ELOGIN, "login_password_refused",
	    "the server refused the password of %s%s%.100s%s", c->user,
	    l->refused.words[0] ? " (" : "", l->refused.words,
	    l->refused.words[0] ? ")" : "");
	err_hint(err,
	    "Check the user and the password; some providers have one of "
	    "their own for FTP.");
	return -ferry_ELOGIN;
}

static int
try_password(struct login *l, unsigned attempt, struct ferry_error *err)
{
	const struct session_config *c = l->config;
	struct secret *password = NULL;
	int rc = c->need_password(c->ctx, attempt, NULL, &password, err);

	if (rc == 0) /* it may have given up while somebody typed */
		rc = door_drain(l->door, err);
	if (rc == 0) {
		const struct msg_blob m = { password->data, password->len };

		msg_put_blob(&l->door->out, MSG_LOGIN_PASSWORD, &m);
		log_line(c->log, LOG_TRACE, "-> LOGIN_PASSWORD");
		rc = ask(l, LOGIN_BY_PASSWORD, -1, err);
	}
	secret_free(password);
	return rc;
}

static int
log_in(struct login *l, struct ferry_error *err)
{
	const struct session_config *c = l->config;
	unsigned attempt;
	int rc = 0;

	for (attempt = 1; attempt <= SECRETS_MAX_TRIES; attempt++) {
		rc = try_password(l, attempt, err);
		if (rc == -ferry_ESECRET && attempt > 1)
			break; /* what we had was refused: say that */
		if (rc < 0)
			return rc;
		if (l->door->state == LOGIN_DONE) {
			if (c->logged_in)
				c->logged_in(c->ctx);
			return 0;
		}
		if (l->refused.how == REFUSAL_CLOSED)
			break;
	}
	return refused(l, err);
}

int
login_ftp_run(struct login *l, int sock, struct ferry_error *err)
{
	const struct session_ftp *f = l->config->ftp;
	int rc = 0;

	if (!dial_target(&l->target, sock))
		return err_os(err, ferry_ELOST, errno, "connection_lost",
		    "the connection to %s is lost", l->config->host);
	door_rules(l->door, rules, l);
	l->door->state = LOGIN_STARTING;
	rc = door_wait(l->door, is_answered, err);
	if (rc == 0)
		rc = send_connect(l, sock, err);
	if (rc == 0)
		rc = send_authorities(l, err);
	if (rc < 0 || f->mode == MSG_TLS_NONE || f->judged)
		return rc < 0 ? rc : log_in(l, err);
	l->door->state = LOGIN_PROVING;
	rc = door_wait(l->door, is_answered, err);
	if (rc == 0)
		rc = judge_certificate(l, err);
	return rc < 0 || l->config->host_only ? rc : log_in(l, err);
}
