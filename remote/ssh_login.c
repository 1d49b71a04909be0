/*
 * Logging in: by a key that somebody else holds, by password, or by what the
 * server asks.  Worker.
 */
#include "remote/ssh_parts.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"

enum { ALGORITHM_MAX = 64 };

/*
 * libssh2 wants the bare signature: of "string algorithm, string signature"
 * the second.
 */
static int
on_sign(LIBSSH2_SESSION *session, unsigned char **sig, size_t *sig_len,
    const unsigned char *data, size_t data_len, void **abstract)
{
	struct ssh *s = *abstract;
	void *self = s;
	const unsigned char *bare;
	struct buf_reader r;
	size_t n;

	(void)session;
	if (!s->asked) {
		s->asked = true;
		s->answered = false;
		s->ask(s->ask_ctx, data, data_len);
	}
	if (!s->answered)
		return LIBSSH2_ERROR_EAGAIN;
	s->asked = false;
	r = buf_read(s->signature.data, s->signature.len);
	(void)buf_get_string(&r, &n, ALGORITHM_MAX);
	bare = buf_get_string(&r, &n, LIMIT_SIGNATURE);
	if (bare == NULL || !buf_get_end(&r))
		return LIBSSH2_ERROR_AUTHENTICATION_FAILED;
	*sig = ssh_memory_alloc(n, &self);
	if (*sig == NULL)
		return LIBSSH2_ERROR_ALLOC;
	memcpy(*sig, bare, n);
	*sig_len = n;
	return 0;
}

bool
ssh_signing(const struct ssh *s)
{
	return s->asked && !s->answered;
}

bool
ssh_signature(struct ssh *s, const struct msg_blob *signature)
{
	if (!s->asked || s->answered)
		return false;
	buf_reset(&s->signature);
	buf_put(&s->signature, signature->p, signature->n);
	s->answered = true;
	return buf_ok(&s->signature);
}

void
ssh_attempt(struct ssh *s)
{
	while (ssh_fill(s, NULL) > 0 && !s->eof)
		;
	s->gone = s->eof;
}

/* Has the server had enough of us? */
static bool
hung_up(const struct ssh *s)
{
	return !s->gone && (s->parted || (s->eof && s->refusals > 0));
}

/* libssh2's answer to a login attempt. */
static int
login_result(
    struct ssh *s, int rc, enum ssh_login *out, struct ferry_error *err)
{
	*out = SSH_LOGIN_REFUSED;
	if (rc == LIBSSH2_ERROR_EAGAIN) {
		*out = SSH_LOGIN_WAIT;
		return 0;
	}
	s->logged_in = libssh2_userauth_authenticated(s->session);
	if (s->logged_in) {
		*out = SSH_LOGIN_DONE;
		return 0;
	}
	switch (rc) {
	case LIBSSH2_ERROR_AUTHENTICATION_FAILED:
	case LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED:
		if (!s->eof)
			return 0;
		break;
	default:
		break;
	}
	if (hung_up(s))
		return 0;
	return ssh_error(s, rc, "during the login", err);
}

static void
note_banner(const struct ssh *s, struct msg_offer *offer)
{
#if LIBSSH2_VERSION_NUM >= 0x010b00
	char *text = NULL;

	if (libssh2_userauth_banner(s->session, &text) == 0 && text != NULL)
		snprintf(offer->banner, sizeof offer->banner, "%s", text);
#else
	(void)s;
	(void)offer;
#endif
}

int
ssh_login_none(struct ssh *s, const char *user, struct msg_offer *offer,
    enum ssh_login *out, struct ferry_error *err)
{
	const char *list =
	    libssh2_userauth_list(s->session, user, (unsigned)strlen(user));
	int rc = libssh2_session_last_errno(s->session);

	*out = SSH_LOGIN_REFUSED;
	memset(offer, 0, sizeof *offer);
	if (list == NULL &&
	    (rc == LIBSSH2_ERROR_EAGAIN ||
		libssh2_userauth_authenticated(s->session)))
		return login_result(s, rc, out, err);
	if (list == NULL)
		return ssh_error(s, rc, "before the login", err);
	snprintf(s->methods, sizeof s->methods, "%s", list);
	snprintf(offer->methods, sizeof offer->methods, "%s", list);
	note_banner(s, offer);
	return 0;
}

void
ssh_refusal(struct ssh *s, struct msg_login_refused *out)
{
	memset(out, 0, sizeof *out);
	s->refusals++;
	if (s->refusal.seen)
		memcpy(s->methods, s->refusal.methods, sizeof s->methods);
	memcpy(out->methods, s->methods, sizeof out->methods);
	if (hung_up(s)) {
		out->how = REFUSAL_CLOSED;
		snprintf(out->words, sizeof out->words, "%s", s->words);
	} else if (s->refusal.seen && s->refusal.partial) {
		out->how = REFUSAL_PARTIAL;
	}
	s->refusal.seen = false;
}

int
ssh_login_key(struct ssh *s, const char *user, const struct msg_blob *blob,
    void (*ask)(void *ctx, const void *data, size_t n), void *ctx,
    enum ssh_login *out, struct ferry_error *err)
{
	void *self = s;

	*out = SSH_LOGIN_REFUSED;
	s->ask = ask;
	s->ask_ctx = ctx;
	return login_result(s,
	    libssh2_userauth_publickey(
		s->session, user, blob->p, blob->n, on_sign, &self),
	    out, err);
}

int
ssh_login_password(struct ssh *s, const char *user, const char *password,
    enum ssh_login *out, struct ferry_error *err)
{
	int rc = libssh2_userauth_password_ex(s->session, user,
	    (unsigned)strlen(user), password, (unsigned)strlen(password), NULL);

	*out = SSH_LOGIN_REFUSED;
	if (rc != LIBSSH2_ERROR_PASSWORD_EXPIRED)
		return login_result(s, rc, out, err);
	/* RFC 4252, 8: SSH_MSG_USERAUTH_PASSWD_CHANGEREQ */
	err_set(err, ferry_ELOGIN, "password_expired",
	    "the password of user %s has expired: the server wants a new one",
	    user);
	err_hint(err, "Change it by ssh first, then run this again.");
	return -ferry_ELOGIN;
}

/* An answer for libssh2, which frees it; the last of the secret. */
static bool
give(struct ssh *s, LIBSSH2_USERAUTH_KBDINT_RESPONSE *to, struct secret *from)
{
	void *self = s;

	to->text = ssh_memory_alloc(from->len + 1, &self);
	if (to->text != NULL) {
		memcpy(to->text, from->data, from->len);
		to->length = (unsigned)from->len;
	}
	secret_free(from);
	return to->text != NULL;
}

static void
on_prompts(const char *name, int name_len, const char *instruction,
    int instruction_len, int count,
    const LIBSSH2_USERAUTH_KBDINT_PROMPT *prompts,
    LIBSSH2_USERAUTH_KBDINT_RESPONSE *responses, void **abstract)
{
	struct ssh *s = *abstract;
	struct secret *answers[LIMIT_PROMPTS] = { NULL };
	struct msg_prompts m = { .count = (uint32_t)count };
	int i;

	if (count > LIMIT_PROMPTS || ++s->rounds > LIMIT_PROMPT_ROUNDS) {
		s->unanswered = true;
		return;
	}
	msg_copy_text(m.name, sizeof m.name, name, (size_t)name_len);
	msg_copy_text(m.instruction, sizeof m.instruction, instruction,
	    (size_t)instruction_len);
	for (i = 0; i < count; i++) {
		m.prompt[i].echo = prompts[i].echo != 0;
		msg_copy_text(m.prompt[i].text, sizeof m.prompt[i].text,
		    prompts[i].text, prompts[i].length);
	}
	if (count == 0 && m.name[0] == '\0' && m.instruction[0] == '\0')
		return; /* the end of a dialogue */
	s->unanswered = !s->prompted(s->prompted_ctx, &m, answers);
	ssh_attempt(s);
	for (i = 0; i < count; i++)
		if (answers[i] != NULL && !give(s, &responses[i], answers[i]))
			s->unanswered = true;
}

int
ssh_login_prompted(struct ssh *s, const char *user,
    bool (*prompted)(
	void *ctx, const struct msg_prompts *prompts, struct secret **answers),
    void *ctx, enum ssh_login *out, struct ferry_error *err)
{
	int rc;

	s->prompted = prompted;
	s->prompted_ctx = ctx;
	rc = libssh2_userauth_keyboard_interactive_ex(
	    s->session, user, (unsigned)strlen(user), on_prompts);
	*out = SSH_LOGIN_REFUSED;
	if (s->unanswered) {
		err_set(err, ferry_ELOGIN, "login_questions",
		    "the server asks more than anybody can answer");
		err_hint(err,
		    "At most %d questions at once, %d times: log in by key.",
		    LIMIT_PROMPTS, LIMIT_PROMPT_ROUNDS);
		return -ferry_ELOGIN;
	}
	if (rc != LIBSSH2_ERROR_EAGAIN)
		s->rounds = 0;
	return login_result(s, rc, out, err);
}
