/*
 * The dialogue of an FTP login, from CONNECT_FTP to READY.  Runs in the hub.
 *
 * TLS is the worker's, and so is the proof that the server holds the key of its
 * certificate.  What the hub decides is whether that key is the right one, and
 * only then the password leaves it.
 *
 * It goes by turns, so that one session can log in while others work.  Only
 * people are waited for: who judges a key, and who types a password.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "remote/login_parts.h"

enum { MAX_DIALS = 2 * SECRETS_MAX_TRIES + 2 };

/* ---- What the worker may say ---- */

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
on_tls_sign(void *ctx, struct buf_reader *body, struct ferry_error *err)
{
	struct login *l = ctx;

	log_line(l->config->log, LOG_TRACE, "<- TLS_SIGN");
	return tls_sign_take(&l->sign, body, err);
}

static int
on_refused(void *ctx, struct buf_reader *body, struct ferry_error *err)
{
	struct login *l = ctx;

	if (!msg_get_login_refused(body, &l->refused))
		return door_malformed(err, MSG_LOGIN_REFUSED);
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
	int rc = login_get_ready(l, body, err);

	if (rc != 0)
		return rc;
	if (tls && (l->ready.features & MSG_FTP_TLS) == 0)
		return door_breach(
		    err, "wall_tls", "it logged in without encryption");
	l->door->state = LOGIN_DONE;
	return 0;
}

static const struct door_rule rules[] = {
	{ MSG_WALL, LOGIN_STARTING, true, login_on_wall },
	{ MSG_CERTIFICATE, LOGIN_PROVING, true, on_certificate },
	{ MSG_DIAL, LOGIN_OUR_TURN | LOGIN_BY_PASSWORD, false, on_dial },
	{ MSG_TLS_SIGN, LOGIN_BY_PASSWORD, false, on_tls_sign },
	{ MSG_LOGIN_REFUSED, LOGIN_BY_PASSWORD, false, on_refused },
	{ MSG_READY, LOGIN_BY_PASSWORD, true, on_ready },
	{ 0 },
};

/* ---- What we say ---- */

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int
send_socket(struct login *l, int e, struct ferry_error *err)
{
	const struct msg_socket m = { .os_errno = (uint32_t)e };
	int rc;

	l->redial = false;
	msg_put_socket(&l->door->out, &m);
	log_line(l->config->log, LOG_TRACE, "-> SOCKET %s",
	    e == 0 ? "connected" : strerror(e));
	l->sign.connections += e == 0;
	rc = door_send(l->door, e == 0 ? l->dialled : -1, err);
	close_fd(&l->dialled);
	return rc;
}

/* Another control connection, to the address of the first one. */
static int
serve_dial(struct login *l, struct ferry_error *err)
{
	int e;

	if (l->dialled < 0) {
		e = dial_begin(
		    &l->target, 0, l->config->cancel_fd, &l->dialled, err);
		if (e != 0)
			return e; /* the application's no */
		l->deadline = clock_ms() + l->config->connect_ms;
		if (l->dialled < 0)
			return send_socket(l, errno, err);
	}
	e = dial_state(l->dialled);
	if (e == EINPROGRESS && clock_left(l->deadline) > 0)
		return 0;
	return send_socket(l, e == EINPROGRESS ? ETIMEDOUT : e, err);
}

static int
send_connect(struct login *l, struct ferry_error *err)
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
		.keepalive_ms = c->keepalive_ms,
		.port = c->port,
		.lacks = f->lacks,
		.known = f->known,
		.spki = f->spki };
	int rc;

	if (snprintf(m.user, sizeof(m.user), "%s", c->user) >=
		(int)sizeof(m.user) ||
	    snprintf(m.host, sizeof(m.host), "%s", c->host) >=
		(int)sizeof(m.host))
		return err_set(err, ferry_EUSAGE, "user_too_long",
		    "the user name or the host name is too long");
	msg_put_connect_ftp(&l->door->out, &m);
	log_line(
	    c->log, LOG_TRACE, "-> CONNECT_FTP %s as %s", l->address, c->user);
	l->sign.connections++;
	rc = door_send(l->door, l->sock, err);
	close_fd(&l->sock);
	return rc;
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

/* The server is trusted: it may see who we are. */
static int
send_client(struct login *l, struct ferry_error *err)
{
	const struct session_config *c = l->config;
	const struct session_client *client = NULL;
	struct msg_blob m;
	int rc = 0;

	if (c->ftp->mode == MSG_TLS_NONE || c->ftp->need_client == NULL)
		return 0;
	rc = c->ftp->need_client(c->ctx, &client, err);
	if (rc == 0) /* it may have given up while somebody typed */
		rc = door_drain(l->door, err);
	if (rc < 0 || client == NULL)
		return rc;
	l->sign.client = client;
	l->sign.server = c->ftp->judged ? c->ftp->spki : l->certificate.spki;
	m = (struct msg_blob){ client->chain->data, client->chain->len };
	msg_put_blob(&l->door->out, MSG_CLIENT_CERTIFICATE, &m);
	log_line(c->log, LOG_TRACE, "-> CLIENT_CERTIFICATE");
	return door_send(l->door, -1, err);
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
send_password(struct login *l, struct ferry_error *err)
{
	const struct session_config *c = l->config;
	struct secret *password = NULL;
	int rc;

	if (l->attempt > 0 &&
	    (l->attempt == SECRETS_MAX_TRIES ||
		l->refused.how == REFUSAL_CLOSED))
		return refused(l, err);
	rc = l->attempt == 0 ? send_client(l, err) : 0;
	if (rc < 0)
		return rc;
	rc = c->need_password(c->ctx, ++l->attempt, NULL, &password, err);
	if (rc == -ferry_ESECRET && l->attempt > 1)
		return refused(l, err); /* what we had was: say that */
	if (rc == 0)
		rc = login_put_password(l, password, err);
	if (rc == 0) {
		l->door->state = LOGIN_BY_PASSWORD;
		rc = door_send(l->door, -1, err);
	}
	secret_free(password);
	return rc;
}

/* It is our turn. */
static int
act(struct login *l, struct ferry_error *err)
{
	const struct session_ftp *f = l->config->ftp;
	int rc;

	switch (l->next) {
	case LOGIN_CONNECT:
		rc = send_connect(l, err);
		if (rc == 0)
			rc = send_authorities(l, err);
		l->next = LOGIN_PASSWORD;
		if (rc == 0 && f->mode != MSG_TLS_NONE && !f->judged) {
			l->next = LOGIN_JUDGE;
			l->door->state = LOGIN_PROVING;
		}
		return rc;
	case LOGIN_JUDGE:
		rc = judge_certificate(l, err);
		l->next = LOGIN_PASSWORD;
		if (l->config->host_only)
			l->door->state = LOGIN_DONE;
		return rc;
	case LOGIN_PASSWORD:
		break;
	}
	return send_password(l, err);
}

int
login_ftp_begin(struct login *l, int sock, struct ferry_error *err)
{
	l->sock = sock;
	if (!dial_target(&l->target, sock, l->config->peers))
		return err_os(err, ferry_ELOST, errno, "connection_lost",
		    "the connection to %s is lost", l->config->host);
	door_rules(l->door, rules, l);
	l->door->state = LOGIN_STARTING;
	l->door->heard = clock_ms();
	return 0;
}

size_t
login_ftp_poll(const struct login *l, struct pollfd *p, int *left_ms)
{
	size_t n = door_poll(l->door, p);

	*left_ms = door_patience(l->door);
	if (l->dialled >= 0) { /* and it is we who owe it something */
		p[n++] = (struct pollfd){ .fd = l->dialled, .events = POLLOUT };
		*left_ms = clock_left(l->deadline);
	}
	return n;
}

int
login_ftp_turn(struct login *l, struct ferry_error *err)
{
	int rc = door_drain(l->door, err);

	while (rc == 0 && l->door->state == LOGIN_OUR_TURN)
		rc = act(l, err);
	if (rc == 0 && l->redial)
		rc = serve_dial(l, err);
	if (rc == 0 && l->sign.waiting)
		rc = tls_sign_answer(&l->sign, l->door, err);
	if (rc == 0 && !l->redial && !login_ftp_over(l))
		rc = door_lose_patience(l->door, err);
	if (rc == 0 && login_ftp_over(l) && !l->config->host_only &&
	    l->config->logged_in != NULL)
		l->config->logged_in(l->config->ctx);
	return rc;
}

bool
login_ftp_over(const struct login *l)
{
	return l->door->state == LOGIN_DONE;
}
