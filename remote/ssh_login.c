/* Logging in: by a key that somebody else holds, or by password.  Worker. */
#include "remote/ssh_parts.h"

#include <stdio.h>
#include <stdlib.h>
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
	*sig = malloc(n);
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

/* libssh2's answer to a login attempt. */
static int
login_result(
    struct ssh *s, int rc, enum ssh_login *out, struct ferry_error *err)
{
	switch (rc) {
	case 0:
		*out = SSH_LOGIN_DONE;
		return 0;
	case LIBSSH2_ERROR_EAGAIN:
		*out = SSH_LOGIN_WAIT;
		return 0;
	case LIBSSH2_ERROR_AUTHENTICATION_FAILED:
	case LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED:
	case LIBSSH2_ERROR_PASSWORD_EXPIRED:
		if (!s->eof) {
			*out = SSH_LOGIN_REFUSED;
			return 0;
		}
		/* FALLTHROUGH */
	default:
		return ssh_error(s, rc, "during the login", err);
	}
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

static void
on_prompts(const char *name, int name_len, const char *instruction,
    int instruction_len, int count,
    const LIBSSH2_USERAUTH_KBDINT_PROMPT *prompts,
    LIBSSH2_USERAUTH_KBDINT_RESPONSE *responses, void **abstract)
{
	struct ssh *s = *abstract;
	int i;

	(void)name;
	(void)name_len;
	(void)instruction;
	(void)instruction_len;
	for (i = 0; i < count; i++) {
		/* the password answers only what is not shown on a screen */
		const char *text = prompts[i].echo ? "" : s->password;

		responses[i].text = strdup(text);
		responses[i].length =
		    responses[i].text != NULL ? (unsigned)strlen(text) : 0;
	}
}

/* Is this method in the comma list? */
static bool
offered(const char *list, const char *method)
{
	size_t n = strlen(method);
	const char *p;

	for (p = list; p != NULL; p = strchr(p, ',')) {
		p += *p == ',';
		if (strncmp(p, method, n) == 0 && (p[n] == ',' || p[n] == '\0'))
			return true;
	}
	return false;
}

int
ssh_login_password(struct ssh *s, const char *user, const char *password,
    enum ssh_login *out, struct ferry_error *err)
{
	int rc = ssh_methods(s, user, NULL, 0);

	*out = SSH_LOGIN_WAIT;
	if (rc != 0)
		return 0;
	if (libssh2_userauth_authenticated(s->session)) {
		*out = SSH_LOGIN_DONE;
		return 0;
	}
	if (offered(s->methods, "password") ||
	    !offered(s->methods, "keyboard-interactive")) {
		rc = libssh2_userauth_password_ex(s->session, user,
		    (unsigned)strlen(user), password,
		    (unsigned)strlen(password), NULL);
	} else {
		s->password = password;
		rc = libssh2_userauth_keyboard_interactive_ex(
		    s->session, user, (unsigned)strlen(user), on_prompts);
		s->password = NULL;
	}
	return login_result(s, rc, out, err);
}

int
ssh_methods(struct ssh *s, const char *user, char *dst, size_t size)
{
	if (!s->methods_known) {
		const char *list = libssh2_userauth_list(
		    s->session, user, (unsigned)strlen(user));

		if (list == NULL && !s->eof &&
		    libssh2_session_last_errno(s->session) ==
			LIBSSH2_ERROR_EAGAIN)
			return 1;
		snprintf(s->methods, sizeof s->methods, "%s",
		    list != NULL ? list : "");
		s->methods_known = true;
	}
	if (dst != NULL)
		snprintf(dst, size, "%s", s->methods);
	return 0;
}
