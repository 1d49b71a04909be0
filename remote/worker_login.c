/*
 * From CONNECT to READY: the server proves who it is, we log in as the hub
 * says.  Worker.
 */
#include "remote/worker_parts.h"

#include <string.h>

#include "base/err.h"

static void
on_sign(void *ctx, const void *data, size_t n)
{
	struct msg_blob blob = { data, n };
	struct buf b = worker_mail_paper();

	msg_put_blob(&b, MSG_SIGN, &blob);
	worker_say(ctx, &b);
}

bool
worker_take_connect(
    struct worker *w, struct buf_reader *r, int *fd, struct ferry_error *err)
{
	int sock = *fd;

	if (!msg_get_connect(r, &w->connect) ||
	    w->connect.driver != MSG_DRIVER_SFTP)
		return false;
	*fd = -1;
	if (ssh_new(&w->ssh, sock, w->connect.algorithms, err) != 0 ||
	    ssh_compress(w->ssh, w->connect.compress, err) != 0)
		worker_fail(w, err);
	else
		w->stage = STAGE_HANDSHAKE;
	return true;
}

bool
worker_take_verdict(
    struct worker *w, struct buf_reader *r, int *fd, struct ferry_error *err)
{
	struct msg_verdict m;

	(void)fd;
	(void)err;
	if (!msg_get_verdict(r, &m))
		return false;
	w->stage = !m.trusted ? STAGE_OVER
	    : w->ftp != NULL  ? STAGE_WAIT_LOGIN
			      : STAGE_OFFER;
	return true;
}

/*
 * What this libssh2 cannot log in with, or NULL.  Before 1.11 it signs with RSA
 * keys by SHA-1 only, and the hub signs no SHA-1; before 1.11.1 it mistakes a
 * certificate's type for the name of a signature.  Say so, rather than that the
 * server would not have the key.
 */
static const char *
too_hard(const struct buf *key)
{
	struct buf_reader r = buf_read(key->data, key->len);
	char type[64];

	buf_get_cstring(&r, type, sizeof type);
	if (LIBSSH2_VERSION_NUM < 0x010b01 && strstr(type, "-cert-v01@"))
		return "a certificate";
	if (LIBSSH2_VERSION_NUM < 0x010b00 && strcmp(type, "ssh-rsa") == 0)
		return "an RSA key (only by SHA-1, which is not safe)";
	return NULL;
}

static void
refuse_old(struct worker *w, const char *what, struct ferry_error *err)
{
	err_set(err, ferry_ELOGIN, "libssh2_old",
	    "this build of sandferry uses libssh2 %s, which cannot log in "
	    "with %s",
	    LIBSSH2_VERSION, what);
	err_hint(err,
	    "Use a plain Ed25519 or ECDSA key, or build with libssh2 "
	    "1.11.1: make libssh2.");
	worker_fail(w, err);
}

bool
worker_take_login_key(
    struct worker *w, struct buf_reader *r, int *fd, struct ferry_error *err)
{
	struct msg_blob m;

	(void)fd;
	if (w->ftp != NULL || !msg_get_blob(r, &m, LIMIT_KEY_BLOB))
		return false;
	buf_reset(&w->key);
	buf_put(&w->key, m.p, m.n);
	w->method = BY_KEY;
	w->stage = STAGE_LOGIN;
	if (too_hard(&w->key) != NULL)
		refuse_old(w, too_hard(&w->key), err);
	return buf_ok(&w->key) && m.n > 0;
}

bool
worker_take_login_password(
    struct worker *w, struct buf_reader *r, int *fd, struct ferry_error *err)
{
	struct msg_blob m;

	(void)fd;
	(void)err;
	if (!msg_get_blob(r, &m, LIMIT_SECRET))
		return false;
	secret_free(w->password);
	w->password = secret_copy(m.p, m.n);
	w->method = BY_PASSWORD;
	w->stage = STAGE_LOGIN;
	if (w->ssh != NULL)
		ssh_attempt(w->ssh);
	return w->password != NULL;
}

bool
worker_take_login_prompted(
    struct worker *w, struct buf_reader *r, int *fd, struct ferry_error *err)
{
	(void)fd;
	(void)err;
	w->method = BY_PROMPTS;
	w->stage = STAGE_LOGIN;
	return w->ftp == NULL && buf_get_end(r);
}

bool
worker_take_answers(
    struct worker *w, struct buf_reader *r, int *fd, struct ferry_error *err)
{
	struct msg_answers m;
	uint32_t i;

	(void)fd;
	(void)err;
	if (!msg_get_answers(r, &m) || m.count != w->prompts)
		return false;
	for (i = 0; i < m.count; i++) {
		w->answers[i] = secret_copy(m.answer[i].p, m.answer[i].n);
		if (w->answers[i] == NULL)
			return false;
	}
	w->stage = STAGE_LOGIN;
	return true;
}

bool
worker_take_signature(
    struct worker *w, struct buf_reader *r, int *fd, struct ferry_error *err)
{
	struct msg_blob m;

	(void)fd;
	(void)err;
	return msg_get_blob(r, &m, LIMIT_SIGNATURE) &&
	    ssh_signature(w->ssh, &m);
}

bool
worker_handshake(struct worker *w, struct ferry_error *err)
{
	struct msg_hostkey proof;
	struct buf b = worker_mail_paper();
	int rc = ssh_handshake(w->ssh, err);

	if (rc < 0)
		worker_fail(w, err);
	if (rc != 0)
		return false;
	if (!ssh_proof(w->ssh, &proof)) {
		err_set(err, ferry_EINTERNAL, "no_proof",
		    "the key exchange gave no proof of the host key");
		worker_fail(w, err);
		return false;
	}
	msg_put_hostkey(&b, &proof);
	worker_say(w, &b);
	w->stage = STAGE_VERDICT;
	return false;
}

bool
worker_offer(struct worker *w, struct ferry_error *err)
{
	struct buf b = worker_mail_paper();
	enum ssh_login result;
	struct msg_offer m;

	if (ssh_login_none(w->ssh, w->connect.user, &m, &result, err) != 0) {
		worker_fail(w, err);
		return false;
	}
	if (result == SSH_LOGIN_DONE)
		return worker_start_engine(w, err);
	if (result == SSH_LOGIN_WAIT)
		return false;
	msg_put_offer(&b, &m);
	worker_say(w, &b);
	w->stage = STAGE_WAIT_LOGIN;
	return false;
}

/* Ask the hub; the server has to wait, and nothing but the door counts. */
static bool
on_prompts(
    void *ctx, const struct msg_prompts *prompts, struct secret **answers)
{
	struct worker *w = ctx;
	struct buf b = worker_mail_paper();

	w->answers = answers;
	w->prompts = prompts->count;
	w->stage = STAGE_PROMPTED;
	msg_put_prompts(&b, prompts);
	worker_say(w, &b);
	while (w->stage == STAGE_PROMPTED)
		worker_hear_hub(w);
	w->owes_since = ssh_now_ms();
	return w->stage == STAGE_LOGIN;
}

static int
try_login(struct worker *w, enum ssh_login *result, struct ferry_error *err)
{
	const char *user = w->connect.user;
	struct msg_blob key = { w->key.data, w->key.len };

	switch (w->method) {
	case BY_KEY:
		return ssh_login_key(
		    w->ssh, user, &key, on_sign, w, result, err);
	case BY_PASSWORD:
		return ssh_login_password(
		    w->ssh, user, (const char *)w->password->data, result, err);
	case BY_PROMPTS:
		break;
	}
	return ssh_login_prompted(w->ssh, user, on_prompts, w, result, err);
}

bool
worker_login(struct worker *w, struct ferry_error *err)
{
	struct msg_login_refused m;
	struct buf b = worker_mail_paper();
	enum ssh_login result;
	int rc = try_login(w, &result, err);

	if (w->stage == STAGE_OVER)
		return false;
	if (rc != 0) {
		worker_fail(w, err);
		return false;
	}
	switch (result) {
	case SSH_LOGIN_DONE:
		return worker_start_engine(w, err);
	case SSH_LOGIN_REFUSED:
		ssh_refusal(w->ssh, &m);
		msg_put_login_refused(&b, &m);
		worker_say(w, &b);
		w->stage = STAGE_WAIT_LOGIN;
		break;
	case SSH_LOGIN_WAIT:
		break;
	}
	return false;
}
