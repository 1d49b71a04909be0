/*
 * A session by FTP: from CONNECT_FTP to READY, then steps one after the other.
 * Worker.
 *
 * The engine is called and comes back when the server is done; it looks at the
 * door through worker_turn(), where steps queue up, and asks for connections
 * through worker_dial(), which waits for the hub.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "remote/worker_parts.h"

struct worker_ftp {
	struct worker *w;
	struct msg_connect_ftp config;
	int sock; /* CONNECT_FTP's, until the engine has it; or -1 */
	struct buf authorities;
	struct ftp *engine; /* NULL: not all is known yet */
	struct ftp_queue todo;
	unsigned held; /* descriptors in there */
	bool signing;
	struct buf signature; /* what TLS_SIGNATURE brought */
	uint64_t idle_since; /* ms */
};

/* ---- What the engine asks and says ---- */

static size_t
sign(void *ctx, const struct msg_tls_sign *m, unsigned char *to, size_t size)
{
	struct worker *w = ctx;
	struct worker_ftp *f = w->ftp;
	struct buf b = worker_mail_paper();

	buf_reset(&f->signature);
	f->signing = true;
	msg_put_tls_sign(&b, m);
	worker_say(w, &b);
	worker_wait_for_hub(w, &f->signing);
	f->signing = false;
	if (!buf_ok(&f->signature) || f->signature.len > size)
		return 0;
	memcpy(to, f->signature.data, f->signature.len);
	return f->signature.len;
}

static void
on_learned(void *ctx, const struct msg_learned *learned)
{
	struct buf b = worker_mail_paper();

	msg_put_learned(&b, learned);
	worker_say(ctx, &b);
}

/* ---- Beginning ---- */

/* All is known: look at the server first, or wait for the password. */
static void
begin(struct worker *w, struct ferry_error *err)
{
	struct worker_ftp *f = w->ftp;
	struct ftp_hooks hooks = {
		.ctx = w,
		.turn = worker_turn,
		.door = w->mail.door,
		.dial = worker_dial,
		.ready = worker_on_ready,
		.done = worker_on_done,
		.entry = worker_on_entry,
		.learned = on_learned,
		.sign = sign,
	};
	int sock = f->sock;

	f->sock = -1;
	if (ftp_new(&f->engine, &f->config, sock, &f->authorities, &hooks,
		err) != 0)
		worker_fail(w, err);
	else if (f->config.mode == MSG_TLS_NONE || f->config.judged)
		w->stage = STAGE_WAIT_LOGIN;
	else
		w->stage = STAGE_LOOK;
	buf_free(&f->authorities);
}

bool
worker_ftp_take_connect(
    struct worker *w, struct buf_reader *r, int *fd, struct ferry_error *err)
{
	struct worker_ftp *f = calloc(1, sizeof *f);

	if (f == NULL)
		return false;
	w->ftp = f;
	f->w = w;
	f->sock = -1;
	ftp_queue_init(&f->todo);
	buf_init(&f->authorities, LIMIT_AUTHORITIES);
	buf_init(&f->signature, LIMIT_SIGNATURE);
	if (!msg_get_connect_ftp(r, &f->config) || *fd < 0)
		return false;
	f->sock = *fd;
	*fd = -1;
	w->connect.driver = MSG_DRIVER_FTP;
	w->connect.silence_ms = f->config.silence_ms;
	if (f->config.authorities)
		w->stage = STAGE_AUTHORITIES;
	else
		begin(w, err);
	return true;
}

bool
worker_ftp_take_authorities(
    struct worker *w, struct buf_reader *r, int *fd, struct ferry_error *err)
{
	if (*fd < 0 || !buf_get_end(r))
		return false;
	if (worker_load_authorities(w, &w->ftp->authorities, *fd, err))
		begin(w, err);
	return true;
}

bool
worker_ftp_take_client(
    struct worker *w, struct buf_reader *r, int *fd, struct ferry_error *err)
{
	struct msg_blob m;

	(void)fd;
	if (w->ftp == NULL || !msg_get_blob(r, &m, LIMIT_CLIENT_CHAIN))
		return false;
	if (!ftp_client_set(w->ftp->engine, &m)) {
		err_set(err, ferry_EINTERNAL, "client_certificate",
		    "the worker cannot use the client certificate");
		worker_fail(w, err);
	}
	return true;
}

bool
worker_ftp_take_signature(
    struct worker *w, struct buf_reader *r, int *fd, struct ferry_error *err)
{
	struct msg_blob m;

	(void)fd;
	(void)err;
	if (w->ftp == NULL || !w->ftp->signing ||
	    !msg_get_blob(r, &m, LIMIT_SIGNATURE) || m.n == 0)
		return false;
	buf_put(&w->ftp->signature, m.p, m.n);
	w->ftp->signing = false;
	return true;
}

bool
worker_ftp_look(struct worker *w, struct ferry_error *err)
{
	struct msg_certificate m;
	struct buf der, b = worker_mail_paper();

	buf_init(&der, LIMIT_CERTIFICATE);
	if (ftp_look(w->ftp->engine, &m, &der, err) != 0) {
		if (w->stage != STAGE_OVER)
			worker_fail(w, err);
	} else {
		msg_put_certificate(&b, &m);
		worker_say(w, &b);
		if (w->stage != STAGE_OVER)
			w->stage = STAGE_VERDICT;
	}
	buf_free(&b);
	buf_free(&der);
	return false;
}

bool
worker_ftp_login(struct worker *w, struct ferry_error *err)
{
	struct msg_login_refused refused;
	struct buf b = worker_mail_paper();
	enum ftp_login result;
	int rc = ftp_login(w->ftp->engine, w->password, &result, &refused, err);

	secret_free(w->password);
	w->password = NULL;
	if (w->stage == STAGE_OVER) {
		buf_free(&b);
		return false;
	}
	if (rc != 0) {
		worker_fail(w, err);
	} else if (result == FTP_LOGIN_REFUSED) {
		msg_put_login_refused(&b, &refused);
		worker_say(w, &b);
		w->stage = STAGE_WAIT_LOGIN;
	} else {
		w->stage = STAGE_READY;
		w->ftp->idle_since = clock_ms();
	}
	buf_free(&b);
	return false;
}

/* ---- Steps ---- */

bool
worker_ftp_take_step(struct worker *w, const struct msg_step *step, int fd)
{
	struct worker_ftp *f = w->ftp;
	struct ftp_todo *t = malloc(sizeof *t);

	if (t == NULL) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	t->step = *step;
	t->fd = fd;
	t->careful = false;
	ftp_queue_add(&f->todo, t);
	f->held += fd >= 0;
	return true;
}

bool
worker_ftp_ready(struct worker *w, struct ferry_error *err)
{
	struct worker_ftp *f = w->ftp;
	const struct ftp_todo *t = f->todo.first;
	const bool held = t != NULL && t->fd >= 0;
	int rc = 0;

	if (t != NULL) {
		rc = ftp_work(f->engine, &f->todo, err);
		f->held -= held;
		f->idle_since = clock_ms();
	} else if (f->config.keepalive_ms != 0 &&
	    clock_ms() - f->idle_since >= f->config.keepalive_ms) {
		rc = ftp_idle(f->engine, err);
		f->idle_since = clock_ms();
	}
	if (w->stage == STAGE_OVER)
		return false;
	if (rc != 0) {
		worker_fail(w, err);
		return false;
	}
	worker_report_progress(w);
	return f->todo.first != NULL;
}

unsigned
worker_ftp_held(const struct worker_ftp *f)
{
	return f->held;
}

uint64_t
worker_ftp_heard(const struct worker_ftp *f)
{
	return ftp_heard(f->engine);
}

uint64_t
worker_ftp_sent(const struct worker_ftp *f)
{
	return ftp_sent(f->engine);
}

void
worker_ftp_free(struct worker_ftp *f)
{
	struct ftp_todo *t;

	if (f == NULL)
		return;
	while ((t = ftp_queue_take(&f->todo)) != NULL) {
		if (t->fd >= 0)
			close(t->fd);
		free(t);
	}
	if (f->sock >= 0)
		close(f->sock);
	buf_free(&f->authorities);
	buf_free(&f->signature);
	ftp_free(f->engine);
	free(f);
}
