/*
 * The dialogue from CONNECT to READY.  Runs in the hub, which believes the
 * worker nothing: the host key must have signed the session, and only a login
 * to that session is ever signed.
 */
#include "remote/login.h"

#include <stdio.h>
#include <string.h>

#include "auth/certificate.h"
#include "auth/claim.h"
#include "base/err.h"
#include "base/hash.h"
#include "known_hosts/proof.h"

enum {
	MAX_SIGNATURES = 3,
	MAX_CLAIM = LIMIT_KEY_BLOB + 1024, /* what a SIGN may hold */
};

enum state {
	PROVING = 1 << 0, /* the server has not said who it is */
	OUR_TURN = 1 << 1, /* to judge, or to choose how to log in */
	BY_KEY = 1 << 2,
	SIGNING = 1 << 3, /* our turn: a SIGN waits for its answer */
	BY_PASSWORD = 1 << 4,
	DONE = 1 << 5,
};

void
login_init(struct login *l, struct door *door,
    const struct session_config *config, const char *address)
{
	memset(l, 0, sizeof(*l));
	l->door = door;
	l->config = config;
	l->address = address;
	buf_init(&l->host_key, LIMIT_KEY_BLOB);
	buf_init(&l->signature, LIMIT_SIGNATURE);
}

void
login_free(struct login *l)
{
	buf_free(&l->host_key);
	buf_free(&l->signature);
}

/* ---- What the worker may say ---- */

static int
on_hostkey(void *ctx, struct buf_reader *body, struct ferry_error *err)
{
	struct login *l = ctx;
	struct msg_hostkey m;
	struct proof proof;
	int rc;

	if (!msg_get_hostkey(body, &m))
		return door_malformed(err, MSG_HOSTKEY);
	log_line(l->config->log, LOG_TRACE, "<- HOSTKEY %zu + %zu bytes",
	    m.reply.n, m.hash.n);
	rc = proof_parse(&proof, m.reply.p, m.reply.n, err);
	if (rc == 0)
		rc = proof_verify(&proof, m.hash.p, m.hash.n, err);
	if (rc < 0)
		return rc;
	buf_put(&l->host_key, proof.key, proof.key_len);
	if (!buf_ok(&l->host_key))
		return err_memory(err);
	memcpy(l->hash, m.hash.p, m.hash.n);
	l->hash_len = m.hash.n;
	l->door->state = OUR_TURN;
	return 0;
}

static int
on_sign(void *ctx, struct buf_reader *body, struct ferry_error *err)
{
	struct login *l = ctx;
	struct claim claim = { .session_id = l->hash,
		.session_id_len = l->hash_len,
		.user = l->config->user,
		.key_type = key_offer_type(l->key) };
	char algorithm[CLAIM_ALGORITHM_SIZE];
	struct msg_blob m;
	int rc;

	if (!msg_get_blob(body, &m, MAX_CLAIM))
		return door_malformed(err, MSG_SIGN);
	log_line(l->config->log, LOG_TRACE, "<- SIGN %zu bytes", m.n);
	if (++l->signatures > MAX_SIGNATURES)
		return door_breach(err, "wall_signatures",
		    "it wants more than %d signatures", MAX_SIGNATURES);
	claim.key_blob = key_offer(l->key, &claim.key_blob_len);
	rc = claim_judge(&claim, m.p, m.n, algorithm, err);
	if (rc < 0)
		return rc;
	buf_reset(&l->signature);
	rc = key_sign(l->key, algorithm, m.p, m.n, &l->signature, err);
	if (rc == 0)
		l->door->state = SIGNING;
	return rc;
}

static int
on_refused(void *ctx, struct buf_reader *body, struct ferry_error *err)
{
	struct login *l = ctx;

	if (!msg_get_login_refused(body, &l->refused))
		return door_malformed(err, MSG_LOGIN_REFUSED);
	door_clean(l->refused.methods, sizeof(l->refused.methods));
	log_line(l->config->log, LOG_TRACE, "<- LOGIN_REFUSED%s, offered: %s",
	    l->refused.partial ? " in part" : "", l->refused.methods);
	/* It takes a signature: else this fishes for a password. */
	if (l->refused.partial && l->door->state == BY_KEY &&
	    l->signatures == 0)
		return door_breach(err, "wall_partial",
		    "the key was taken before it had signed anything");
	l->door->state = OUR_TURN;
	return 0;
}

static int
on_ready(void *ctx, struct buf_reader *body, struct ferry_error *err)
{
	struct login *l = ctx;

	if (!msg_get_ready(body, &l->ready))
		return door_malformed(err, MSG_READY);
	door_clean(l->ready.server, sizeof(l->ready.server));
	log_line(l->config->log, LOG_TRACE, "<- READY %s, features %#x",
	    l->ready.server, (unsigned)l->ready.features);
	l->door->state = DONE;
	return 0;
}

static const struct door_rule rules[] = {
	{ MSG_HOSTKEY, PROVING, true, on_hostkey },
	{ MSG_SIGN, BY_KEY, false, on_sign },
	{ MSG_LOGIN_REFUSED, BY_KEY | BY_PASSWORD, false, on_refused },
	{ MSG_READY, BY_KEY | BY_PASSWORD, true, on_ready },
	{ 0 },
};

/* ---- What we say ---- */

static bool
is_answered(void *ctx)
{
	const struct login *l = ctx;

	return (l->door->state & (OUR_TURN | SIGNING | DONE)) != 0;
}

/* Send what is in door->out; the answer leads out of this state. */
static int
ask(struct login *l, enum state state, int pass, struct ferry_error *err)
{
	int rc;

	l->door->state = state;
	rc = door_send(l->door, pass, err);
	return rc < 0 ? rc : door_wait(l->door, is_answered, err);
}

static int
connect_worker(struct login *l, int sock, struct ferry_error *err)
{
	const struct session_config *c = l->config;
	struct msg_connect m = { .driver = MSG_DRIVER_SFTP,
		.log_level = c->log ? (uint8_t)c->log->level : 0,
		.silence_ms = c->silence_ms };

	if (snprintf(m.user, sizeof(m.user), "%s", c->user) >=
	    (int)sizeof(m.user))
		return err_set(err, ferry_EUSAGE, "user_too_long",
		    "the user name %.32s... is too long", c->user);
	if (snprintf(m.algorithms, sizeof(m.algorithms), "%s", c->algorithms) >=
	    (int)sizeof(m.algorithms))
		return err_set(err, ferry_EINTERNAL, "algorithms_too_long",
		    "the list of host key algorithms is too long");
	msg_put_connect(&l->door->out, &m);
	log_line(c->log, LOG_TRACE, "-> CONNECT %s as %s", l->address, c->user);
	return ask(l, PROVING, sock, err);
}

static int
send_verdict(struct login *l, bool trusted, struct ferry_error *err)
{
	const struct msg_verdict m = { .trusted = trusted };

	msg_put_verdict(&l->door->out, &m);
	log_line(l->config->log, LOG_TRACE, "-> VERDICT %s",
	    trusted ? "trusted" : "not trusted");
	return door_send(l->door, -1, err);
}

/* The question may stay open for minutes: the worker owes nothing meanwhile. */
static int
judge_host(struct login *l, struct ferry_error *err)
{
	const struct session_config *c = l->config;
	int rc = c->judge_host(
	    c->ctx, l->host_key.data, l->host_key.len, l->address, err);

	if (rc < 0 || c->host_only) {
		(void)send_verdict(l, false, NULL);
		return rc;
	}
	rc = door_drain(l->door, err);
	return rc < 0 ? rc : send_verdict(l, true, err);
}

/* Is this method in the server's comma list? */
static bool
offers(const struct login *l, const char *method)
{
	const char *p = l->refused.methods;
	size_t n, len = strlen(method);

	for (;; p += n + 1) {
		n = strcspn(p, ",");
		if (n == len && memcmp(p, method, n) == 0)
			return true;
		if (p[n] == '\0')
			return false;
	}
}

static bool
offers_password(const struct login *l)
{
	return offers(l, "password") || offers(l, "keyboard-interactive");
}

static const char *
offered(const struct login *l)
{
	return l->refused.methods[0] ? l->refused.methods : "nothing";
}

static int
certificate_refused(const struct login *l, struct ferry_error *err)
{
	const struct certificate *c = key_certificate(l->key);

	err_set(err, ferry_ELOGIN, "login_certificate_refused",
	    "the server refused this certificate for user %s; it offers: %s",
	    l->config->user, offered(l));
	err_hint(err,
	    "It is for %s, by %s: does the server trust that authority? "
	    "--certificate none logs in with the key alone",
	    c->principals[0] != '\0' ? c->principals : "nobody", c->authority);
	return -ferry_ELOGIN;
}

static int
key_refused(const struct login *l, struct ferry_error *err)
{
	const char *user = l->config->user;
	char fingerprint[HASH_FINGERPRINT_SIZE];
	const unsigned char *blob;
	size_t n;

	if (l->refused.partial) {
		err_set(err, ferry_ELOGIN, "login_partial",
		    "the server took this key for user %s but wants more: %s",
		    user, offered(l));
		err_hint(err, "Give a password as well.");
		return -ferry_ELOGIN;
	}
	if (key_certificate(l->key) != NULL)
		return certificate_refused(l, err);
	err_set(err, ferry_ELOGIN, "login_key_refused",
	    "the server refused this key for user %s; it offers: %s", user,
	    offered(l));
	blob = key_blob(l->key, &n);
	hash_fingerprint(blob, n, fingerprint);
	if (offers(l, "publickey"))
		err_hint(err,
		    "Check the user, or add the public half of this key (%s "
		    "%s) to authorized_keys on the server.",
		    key_type(l->key), fingerprint);
	else
		err_hint(err, "This server takes no keys from this user.");
	return -ferry_ELOGIN;
}

static int
password_refused(const struct login *l, struct ferry_error *err)
{
	const char *user = l->config->user;

	if (l->refused.partial) {
		err_set(err, ferry_ELOGIN, "login_partial",
		    "the server took the password for user %s but wants "
		    "more: %s",
		    user, offered(l));
		err_hint(err, "Select a private key as well.");
		return -ferry_ELOGIN;
	}
	err_set(err, ferry_ELOGIN, "login_password_refused",
	    "the server refused the password for user %s; it offers: %s", user,
	    offered(l));
	if (offers_password(l))
		err_hint(err, "Check the user and the password.");
	else
		err_hint(err,
		    "This server takes no passwords: select a private key.");
	return -ferry_ELOGIN;
}

static int
login_by_key(struct login *l, struct ferry_error *err)
{
	struct msg_blob m;
	int rc;

	m.p = key_offer(l->key, &m.n);
	msg_put_blob(&l->door->out, MSG_LOGIN_KEY, &m);
	log_line(l->config->log, LOG_TRACE, "-> LOGIN_KEY %s",
	    key_offer_type(l->key));
	rc = ask(l, BY_KEY, -1, err);
	while (rc == 0 && l->door->state == SIGNING) {
		m.p = l->signature.data;
		m.n = l->signature.len;
		msg_put_blob(&l->door->out, MSG_SIGNATURE, &m);
		log_line(l->config->log, LOG_TRACE, "-> SIGNATURE");
		rc = ask(l, BY_KEY, -1, err);
	}
	if (rc < 0 || l->door->state == DONE)
		return rc;
	if (l->refused.partial && l->config->need_password &&
	    offers_password(l))
		return 0;
	return key_refused(l, err);
}

static int
send_password(
    struct login *l, const struct secret *password, struct ferry_error *err)
{
	const struct msg_blob m = { password->data, password->len };

	msg_put_blob(&l->door->out, MSG_LOGIN_PASSWORD, &m);
	log_line(l->config->log, LOG_TRACE, "-> LOGIN_PASSWORD");
	return ask(l, BY_PASSWORD, -1, err);
}

static int
login_by_password(struct login *l, struct ferry_error *err)
{
	const struct session_config *c = l->config;
	struct secret *password;
	unsigned attempt;
	int rc;

	for (attempt = 1; attempt <= SECRETS_MAX_TRIES; attempt++) {
		password = NULL;
		rc = c->need_password(c->ctx, attempt, &password, err);
		if (rc == -ferry_ESECRET && attempt > 1)
			break; /* what we had was refused: say that */
		if (rc == 0) /* it may have given up while somebody typed */
			rc = door_drain(l->door, err);
		if (rc == 0)
			rc = send_password(l, password, err);
		secret_free(password);
		if (rc < 0 || l->door->state == DONE)
			return rc;
		if (l->refused.partial || !offers_password(l))
			break;
	}
	return password_refused(l, err);
}

static int
log_in(struct login *l, struct ferry_error *err)
{
	const struct session_config *c = l->config;
	int rc = 0;

	if (c->need_key)
		rc = c->need_key(c->ctx, &l->key, err);
	if (rc < 0)
		return rc;
	if (!l->key && !c->need_password)
		return err_set(err, ferry_ESECRET, "login_nothing",
		    "there is neither a key nor a password to log in with");
	rc = door_drain(l->door, err);
	if (rc == 0 && l->key)
		rc = login_by_key(l, err);
	if (rc == 0 && l->door->state != DONE)
		rc = login_by_password(l, err);
	l->key = NULL;
	if (rc == 0 && c->logged_in)
		c->logged_in(c->ctx);
	return rc;
}

int
login_run(struct login *l, int sock, struct ferry_error *err)
{
	int rc;

	door_rules(l->door, rules, l);
	rc = connect_worker(l, sock, err);
	if (rc == 0)
		rc = judge_host(l, err);
	if (rc == 0 && !l->config->host_only)
		rc = log_in(l, err);
	return rc;
}
