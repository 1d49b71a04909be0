/*
 * The ordered sources of a passphrase or password.  Hub only.
 */
#include "auth/secrets.h"

#include <errno.h>

#include "base/err.h"
#include "base/limits.h"

static const char *
name_of(enum secrets_kind kind)
{
	return kind == SECRETS_PASSPHRASE ? "passphrase" : "password";
}

/* Nothing in it is the same as no descriptor: *out stays NULL. */
static int
from_fd(struct secrets *s, const struct secrets_request *request,
    struct secret **out, struct ferry_error *err)
{
	const char *kind = name_of(request->kind);

	s->fd_used = true;
	*out = secret_read(s->fd, LIMIT_SECRET);
	if (*out == NULL && errno == EFBIG)
		return err_set(err, ferry_ESECRET, "secret_too_long",
		    "the %s from file descriptor %d is over %d bytes", kind,
		    s->fd, LIMIT_SECRET);
	if (*out == NULL)
		return err_os(err, ferry_ESECRET, errno, "secret_unreadable",
		    "cannot read the %s from file descriptor %d", kind, s->fd);
	if ((*out)->len == 0) {
		secret_free(*out);
		*out = NULL;
	}
	return 0;
}

static int
nobody(const struct secrets *s, const struct secrets_request *request,
    struct ferry_error *err)
{
	const char *kind = name_of(request->kind);

	err_set(err, ferry_ESECRET, "secret_needed",
	    request->attempt > 1
		? "the %s was not accepted, and nobody can be asked: %s"
		: "a %s is needed, and nobody can be asked: %s",
	    kind, request->prompt);
	err_hint(err,
	    s->fd >= 0 ? "Give the right one to --password-fd"
		       : "Run it in a terminal, or give --password-fd N");
	return -ferry_ESECRET;
}

int
secrets_get(struct secrets *s, const struct secrets_request *request,
    struct secret **out, struct ferry_error *err)
{
	int rc;

	*out = NULL;
	if (request->attempt > SECRETS_MAX_TRIES)
		return err_set(err, ferry_ESECRET, "secret_tries",
		    "%d wrong tries: %s", SECRETS_MAX_TRIES, request->prompt);
	if (s->fd >= 0 && !s->fd_used) {
		rc = from_fd(s, request, out, err);
		if (rc != 0 || *out != NULL)
			return rc;
	}
	if (s->ask == NULL)
		return nobody(s, request, err);
	return s->ask(s->ctx, request, out, err);
}
