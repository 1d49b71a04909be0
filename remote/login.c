/*
 * The dialogue from CONNECT to READY.  Runs in the hub, which believes the
 * worker nothing: the host key must have signed the session, and only a login
 * to that session is ever signed.
 */
#include "remote/dial.h"
#include "remote/login_parts.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "auth/claim.h"
#include "base/err.h"
#include "known_hosts/proof.h"

enum {
	MAX_SIGNATURES = 3,
	MAX_CLAIM = LIMIT_KEY_BLOB + 1024, /* what a SIGN may hold */
	MAX_FACTORS = 4, /* "publickey,password,keyboard-interactive" */
};

void
login_init(struct login *l, struct door *door,
    const struct session_config *config, const char *address)
{
	memset(l, 0, sizeof(*l));
	l->door = door;
	l->config = config;
	l->address = address;
	l->sock = l->dialled = -1;
	buf_init(&l->host_key, LIMIT_KEY_BLOB);
	buf_init(&l->signature, LIMIT_SIGNATURE);
	tls_sign_init(&l->sign);
}

void
login_free(struct login *l)
{
	if (l->sock >= 0)
		close(l->sock);
	if (l->dialled >= 0)
		close(l->dialled);
	buf_free(&l->host_key);
	buf_free(&l->signature);
	tls_sign_free(&l->sign);
}

/* ---- What the worker may say ---- */

int
login_on_wall(void *ctx, struct buf_reader *body, struct ferry_error *err)
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
	l->door->state = LOGIN_OUR_TURN;
	return 0;
}

/* What comes from elsewhere must fit the key, as the server will see to. */
static int
judge_signature(const struct login *l, const char *algorithm,
    const struct msg_blob *data, struct ferry_error *err)
{
	const struct buf *s = &l->signature;
	size_t n;
	const unsigned char *blob = key_blob(l->key, &n);

	if (!key_is_elsewhere(l->key) ||
	    proof_signed(blob, n, algorithm, s->data, s->len, data->p, data->n))
		return 0;
	err_set(err, ferry_EKEY, "sign_wrong",
	    "what the application signed the login with is not the key that "
	    "it named");
	err_hint(
	    err, "Its public key and its signatures must belong together.");
	return -ferry_EKEY;
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
		rc = judge_signature(l, algorithm, &m, err);
	if (rc == 0)
		l->door->state = LOGIN_SIGNING;
	return rc;
}

static int
on_offer(void *ctx, struct buf_reader *body, struct ferry_error *err)
{
	struct login *l = ctx;

	if (!msg_get_offer(body, &l->offer))
		return door_malformed(err, MSG_OFFER);
	log_line(l->config->log, LOG_TRACE, "<- OFFER %s", l->offer.methods);
	l->methods = l->offer.methods;
	l->door->state = LOGIN_OUR_TURN;
	return 0;
}

static int
on_prompts(void *ctx, struct buf_reader *body, struct ferry_error *err)
{
	struct login *l = ctx;

	if (!msg_get_prompts(body, &l->prompts))
		return door_malformed(err, MSG_PROMPTS);
	log_line(l->config->log, LOG_TRACE, "<- PROMPTS %u",
	    (unsigned)l->prompts.count);
	if (++l->rounds > LIMIT_PROMPT_ROUNDS)
		return door_breach(err, "wall_prompts",
		    "it asks more than %d times", LIMIT_PROMPT_ROUNDS);
	l->door->state = LOGIN_ASKED;
	return 0;
}

static int
on_refused(void *ctx, struct buf_reader *body, struct ferry_error *err)
{
	static const char *const how[] = { "", " in part", " for good" };
	struct login *l = ctx;

	if (!msg_get_login_refused(body, &l->refused))
		return door_malformed(err, MSG_LOGIN_REFUSED);
	log_line(l->config->log, LOG_TRACE, "<- LOGIN_REFUSED%s, offered: %s",
	    how[l->refused.how], l->refused.methods);
	/* It takes a signature: else this fishes for a password. */
	if (l->refused.how == REFUSAL_PARTIAL && l->signatures == 0 &&
	    l->door->state == LOGIN_BY_KEY)
		return door_breach(err, "wall_partial",
		    "the key was taken before it had signed anything");
	l->methods = l->refused.methods;
	l->door->state = LOGIN_OUR_TURN;
	return 0;
}

int
login_get_ready(
    struct login *l, struct buf_reader *body, struct ferry_error *err)
{
	if (!msg_get_ready(body, &l->ready))
		return door_malformed(err, MSG_READY);
	log_line(l->config->log, LOG_TRACE, "<- READY %s, features %#x",
	    l->ready.server, (unsigned)l->ready.features);
	return 0;
}

int
login_on_ready(void *ctx, struct buf_reader *body, struct ferry_error *err)
{
	struct login *l = ctx;
	int rc = login_get_ready(l, body, err);

	if (rc == 0)
		l->door->state = LOGIN_DONE;
	return rc;
}

static const struct door_rule rules[] = {
	{ MSG_WALL, LOGIN_STARTING, true, login_on_wall },
	{ MSG_HOSTKEY, LOGIN_PROVING, true, on_hostkey },
	{ MSG_OFFER, LOGIN_OFFERING, true, on_offer },
	{ MSG_SIGN, LOGIN_BY_KEY, false, on_sign },
	{ MSG_PROMPTS, LOGIN_BY_PROMPTS, false, on_prompts },
	{ MSG_LOGIN_REFUSED,
	    LOGIN_BY_KEY | LOGIN_BY_PASSWORD | LOGIN_BY_PROMPTS, false,
	    on_refused },
	{ MSG_READY,
	    LOGIN_OFFERING | LOGIN_BY_KEY | LOGIN_BY_PASSWORD |
		LOGIN_BY_PROMPTS,
	    true, login_on_ready },
	{ 0 },
};

/* ---- What we say ---- */

static bool
is_answered(void *ctx)
{
	const struct login *l = ctx;

	return (l->door->state &
		   (LOGIN_OUR_TURN | LOGIN_SIGNING | LOGIN_ASKED |
		       LOGIN_DONE)) != 0;
}

int
login_ask(
    struct login *l, enum login_state state, int pass, struct ferry_error *err)
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
		.silence_ms = c->silence_ms,
		.keepalive_ms = c->keepalive_ms };

	if (c->compress != NULL && !c->host_only)
		m.compress = (uint8_t)c->compress(c->ctx, dial_rtt_us(sock));
	if (snprintf(m.user, sizeof(m.user), "%s", c->user) >=
	    (int)sizeof(m.user))
		return err_set(err, ferry_EUSAGE, "user_too_long",
		    "the user name %.32s... is too long", c->user);
	if (snprintf(m.algorithms, sizeof(m.algorithms), "%s", c->algorithms) >=
	    (int)sizeof(m.algorithms))
		return err_set(err, ferry_EINTERNAL, "algorithms_too_long",
		    "the list of host key algorithms is too long");
	msg_put_connect(&l->door->out, &m);
	log_line(c->log, LOG_TRACE, "-> CONNECT %s as %s%s", l->address,
	    c->user, m.compress != 0 ? ", compressed" : "");
	return login_ask(l, LOGIN_PROVING, sock, err);
}

static void
put_verdict(struct login *l, bool trusted)
{
	const struct msg_verdict m = { .trusted = trusted };

	msg_put_verdict(&l->door->out, &m);
	log_line(l->config->log, LOG_TRACE, "-> VERDICT %s",
	    trusted ? "trusted" : "not trusted");
}

/* The question may stay open for minutes: the worker owes nothing meanwhile. */
static int
judge_host(struct login *l, struct ferry_error *err)
{
	const struct session_config *c = l->config;
	int rc = c->judge_host(
	    c->ctx, l->host_key.data, l->host_key.len, l->address, err);

	if (rc < 0 || c->host_only) {
		put_verdict(l, false);
		(void)door_send(l->door, -1, NULL);
		return rc;
	}
	rc = door_drain(l->door, err);
	if (rc < 0)
		return rc;
	put_verdict(l, true);
	rc = login_ask(l, LOGIN_OFFERING, -1, err);
	if (rc == 0 && c->said && l->offer.banner[0])
		c->said(c->ctx, l->offer.banner);
	return rc;
}

/* Is this method in the server's comma list?  One that says nothing: maybe. */
bool
login_offers(const struct login *l, const char *method)
{
	const char *p = l->methods;
	size_t n, len = strlen(method);

	if (p == l->offer.methods && *p == '\0')
		return true;
	for (;; p += n + 1) {
		n = strcspn(p, ",");
		if (n == len && memcmp(p, method, n) == 0)
			return true;
		if (p[n] == '\0')
			return false;
	}
}

bool
login_offers_password(const struct login *l)
{
	return login_offers(l, "password") ||
	    login_offers(l, "keyboard-interactive");
}

/*
 * Whatever the server takes now and we have.  The key is offered once, and it
 * is the only one: it goes first, and where it is refused nothing else is sent.
 */
static int
next_factor(struct login *l, struct ferry_error *err)
{
	if (l->key && !l->key_tried && login_offers(l, "publickey")) {
		l->key_tried = true;
		return login_by_key(l, err);
	}
	if (l->config->need_password && login_offers_password(l))
		return login_by_password(l, err);
	return login_stuck(l, err);
}

/*
 * The key is opened even where the server does not take it yet: what was given
 * as its passphrase is then used up, and never sent as a password.
 */
static int
log_in(struct login *l, struct ferry_error *err)
{
	const struct session_config *c = l->config;
	int rc = 0, factors;

	if (l->door->state != LOGIN_DONE && c->need_key)
		rc = c->need_key(c->ctx, &l->key, err);
	if (rc == 0)
		rc = door_drain(l->door, err);
	for (factors = 0; rc == 0 && l->door->state != LOGIN_DONE; factors++)
		rc = factors < MAX_FACTORS ? next_factor(l, err)
					   : login_stuck(l, err);
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
	l->door->state = LOGIN_STARTING;
	rc = door_wait(l->door, is_answered, err);
	if (rc == 0)
		rc = connect_worker(l, sock, err);
	if (rc == 0)
		rc = judge_host(l, err);
	if (rc == 0 && !l->config->host_only)
		rc = log_in(l, err);
	return rc;
}
