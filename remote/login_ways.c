/*
 * The ways to log in: by key, by password, by what the server asks.  Hub.
 * None is gone before the host has proven itself.
 */
#include "remote/login_parts.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"

static bool
is_done(const struct login *l)
{
	return l->door->state == LOGIN_DONE;
}

static bool
is_closed(const struct login *l)
{
	return l->refused.how == REFUSAL_CLOSED;
}

/* This was right, but not enough? */
static bool
is_accepted(struct login *l, const char *what)
{
	if (l->refused.how != REFUSAL_PARTIAL)
		return false;
	l->accepted = what;
	return true;
}

int
login_by_key(struct login *l, struct ferry_error *err)
{
	struct msg_blob m;
	int rc;

	m.p = key_offer(l->key, &m.n);
	msg_put_blob(&l->door->out, MSG_LOGIN_KEY, &m);
	log_line(l->config->log, LOG_TRACE, "-> LOGIN_KEY %s",
	    key_offer_type(l->key));
	rc = login_ask(l, LOGIN_BY_KEY, -1, err);
	while (rc == 0 && l->door->state == LOGIN_SIGNING) {
		m.p = l->signature.data;
		m.n = l->signature.len;
		msg_put_blob(&l->door->out, MSG_SIGNATURE, &m);
		log_line(l->config->log, LOG_TRACE, "-> SIGNATURE");
		rc = login_ask(l, LOGIN_BY_KEY, -1, err);
	}
	if (rc < 0 || is_done(l) || is_accepted(l, "this key"))
		return rc;
	return login_key_refused(l, err);
}

/* ---- Passwords ---- */

int
login_put_password(
    struct login *l, const struct secret *password, struct ferry_error *err)
{
	const struct msg_blob m = { password->data, password->len };
	/* it may have given up while somebody typed */
	int rc = door_drain(l->door, err);

	if (rc != 0)
		return rc;
	msg_put_blob(&l->door->out, MSG_LOGIN_PASSWORD, &m);
	log_line(l->config->log, LOG_TRACE, "-> LOGIN_PASSWORD");
	return 0;
}

static int
try_password(struct login *l, unsigned attempt, struct ferry_error *err)
{
	const struct session_config *c = l->config;
	struct secret *password = NULL;
	int rc = c->need_password(c->ctx, attempt, NULL, &password, err);

	if (rc == 0)
		rc = login_put_password(l, password, err);
	if (rc == 0)
		rc = login_ask(l, LOGIN_BY_PASSWORD, -1, err);
	secret_free(password);
	return rc;
}

/* Name and instruction (RFC 4256, 3.2) go before the questions. */
static void
show_prompts(const struct login *l)
{
	const struct session_config *c = l->config;
	const struct msg_prompts *p = &l->prompts;
	char text[sizeof(p->name) + sizeof(p->instruction) + 2];

	if (!c->said || (!p->name[0] && !p->instruction[0]))
		return;
	snprintf(text, sizeof(text), "%s%s%s", p->name,
	    p->name[0] && p->instruction[0] ? ": " : "", p->instruction);
	c->said(c->ctx, text);
}

/*
 * The first question of an attempt, if it stands alone and hides its answer,
 * is for the password.  All others are for the user.
 */
static int
find_answer(struct login *l, const struct msg_prompt *prompt, unsigned attempt,
    struct secret **out, struct ferry_error *err)
{
	const struct session_config *c = l->config;

	if (l->prompts.count == 1 && l->questions++ == 0 && !prompt->echo &&
	    !(l->accepted && strcmp(l->accepted, "the password") == 0))
		return c->need_password(
		    c->ctx, attempt, prompt->text, out, err);
	if (!c->need_answer)
		return err_set(err, ferry_ESECRET, "secret_needed",
		    "the server asks: %s", prompt->text);
	return c->need_answer(c->ctx, prompt->text, prompt->echo, out, err);
}

static int
answer_prompts(struct login *l, unsigned attempt, struct ferry_error *err)
{
	struct secret *answers[LIMIT_PROMPTS] = { NULL };
	struct msg_answers m = { .count = l->prompts.count };
	uint32_t i;
	int rc = 0;

	show_prompts(l);
	for (i = 0; rc == 0 && i < m.count; i++) {
		rc = find_answer(
		    l, &l->prompts.prompt[i], attempt, &answers[i], err);
		if (rc == 0)
			m.answer[i] = (struct msg_blob){ answers[i]->data,
				answers[i]->len };
	}
	if (rc == 0)
		rc = door_drain(l->door, err);
	if (rc == 0) {
		msg_put_answers(&l->door->out, &m);
		log_line(l->config->log, LOG_TRACE, "-> ANSWERS %u",
		    (unsigned)m.count);
		rc = login_ask(l, LOGIN_BY_PROMPTS, -1, err);
	}
	for (i = 0; i < m.count; i++)
		secret_free(answers[i]);
	return rc;
}

static int
try_prompts(struct login *l, unsigned attempt, struct ferry_error *err)
{
	int rc;

	l->rounds = l->questions = 0;
	worker_msg_begin(&l->door->out, MSG_LOGIN_PROMPTED);
	worker_msg_end(&l->door->out);
	log_line(l->config->log, LOG_TRACE, "-> LOGIN_PROMPTED");
	rc = login_ask(l, LOGIN_BY_PROMPTS, -1, err);
	while (rc == 0 && l->door->state == LOGIN_ASKED)
		rc = answer_prompts(l, attempt, err);
	return rc;
}

/*
 * By which method?  The password goes first where both are taken: one round
 * trip.  What it cannot say (a code as well) the questions can, next time.
 * Many servers offer questions and have none.
 */
static int
try_once(struct login *l, unsigned attempt, struct ferry_error *err)
{
	bool plain = login_offers(l, "password");
	int rc;

	if (plain &&
	    (attempt == 1 || l->mute ||
		!login_offers(l, "keyboard-interactive")))
		return try_password(l, attempt, err);
	rc = try_prompts(l, attempt, err);
	if (rc < 0 || is_done(l) || l->questions > 0 || is_closed(l))
		return rc;
	l->mute = true;
	return plain ? try_password(l, attempt, err) : 0;
}

int
login_by_password(struct login *l, struct ferry_error *err)
{
	unsigned attempt;
	int rc;

	for (attempt = 1; attempt <= SECRETS_MAX_TRIES; attempt++) {
		rc = try_once(l, attempt, err);
		if (rc == -ferry_ESECRET && attempt > 1)
			break; /* what we had was refused: say that */
		if (rc == -ferry_ESECRET)
			return login_no_secret(l, rc, err);
		if (rc < 0 || is_done(l) || is_accepted(l, "the password"))
			return rc;
		if (is_closed(l) || !login_offers_password(l))
			break;
	}
	return login_password_refused(l, err);
}
