/*
 * The sources of a passphrase or password, in order.  Hub only.
 */
#include "auth/secrets.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "auth/secrets_command.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/limits.h"
#include "base/path.h"

enum { PATH_SIZE = 4096 };

const char *
secrets_source_name(enum secrets_source source)
{
	switch (source) {
	case SECRETS_FROM_FD:
		return "--password-fd";
	case SECRETS_FROM_CREDENTIALS:
		return "the credentials";
	case SECRETS_FROM_COMMAND:
		return "the password command";
	case SECRETS_FROM_KEYRING:
		return "the keyring";
	case SECRETS_FROM_ASKPASS:
		return "askpass";
	case SECRETS_FROM_PERSON:
		return "the user";
	case SECRETS_FROM_NOWHERE:
	default:
		return "nowhere";
	}
}

static const char *
name_of(enum secrets_kind kind)
{
	return kind == SECRETS_PASSPHRASE ? "passphrase" : "password";
}

static unsigned
bit(enum secrets_source source)
{
	return 1u << source;
}

/* ---- The sources: a failure, or 0; then *out NULL says: not here ---- */

/* It was read, or errno says why not. */
static int
take(struct secret **out, struct secret *got, const char *kind,
    const char *from, struct ferry_error *err)
{
	if (got == NULL && errno == EFBIG)
		return err_set(err, ferry_ESECRET, "secret_too_long",
		    "the %s from %s is over %d bytes", kind, from,
		    LIMIT_SECRET);
	if (got == NULL && errno == EINVAL)
		return err_set(err, ferry_ESECRET, "secret_unreadable",
		    "the %s should come from %s, which is not a regular file",
		    kind, from);
	if (got == NULL)
		return err_os(err, ferry_ESECRET, errno, "secret_unreadable",
		    "cannot read the %s from %s", kind, from);
	if (got->len == 0) {
		secret_free(got);
		got = NULL;
	}
	*out = got;
	return 0;
}

static bool
has_fd(const struct secrets *s, const struct secrets_request *request)
{
	(void)request;
	return s->fd >= 0;
}

static int
from_fd(struct secrets *s, const struct secrets_request *request,
    struct secret **out, struct ferry_error *err)
{
	char from[32];

	snprintf(from, sizeof(from), "file descriptor %d", s->fd);
	return take(out, secret_read(s->fd, LIMIT_SECRET),
	    name_of(request->kind), from, err);
}

static bool
has_credentials(const struct secrets *s, const struct secrets_request *request)
{
	(void)request;
	return s->credentials != NULL && *s->credentials == '/';
}

/* dir/passphrase, or with the target dir/passphrase.target */
static int
read_credential(struct secret **out, const struct secrets *s, const char *kind,
    const char *target, struct ferry_error *err)
{
	char path[PATH_SIZE];
	int fd, rc, n;

	n = snprintf(path, sizeof(path), "%s/%s%s%s", s->credentials, kind,
	    *target != '\0' ? "." : "", target);
	if (n >= (int)sizeof(path))
		return 0;
	fd = fs_open_quietly(path);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	rc = take(out, fd >= 0 ? secret_read(fd, LIMIT_SECRET) : NULL, kind,
	    path, err);
	if (rc != 0)
		err_hint(err,
		    "It is a file of CREDENTIALS_DIRECTORY: see to its mode "
		    "and content, or unset that.");
	if (fd >= 0)
		close(fd);
	return rc;
}

static int
from_credentials(struct secrets *s, const struct secrets_request *request,
    struct secret **out, struct ferry_error *err)
{
	const char *kind = name_of(request->kind);
	const char *target = s->target != NULL ? s->target : "";
	int rc = 0;

	if (path_name_ok(target, strlen(target)))
		rc = read_credential(out, s, kind, target, err);
	if (rc == 0 && *out == NULL)
		rc = read_credential(out, s, kind, "", err);
	return rc;
}

static bool
has_command(const struct secrets *s, const struct secrets_request *request)
{
	(void)request;
	return s->command != NULL;
}

static int
from_command(struct secrets *s, const struct secrets_request *request,
    struct secret **out, struct ferry_error *err)
{
	(void)request;
	return secrets_command_run(
	    out, s->command, s->cancel_fd, s->outside, err);
}

static bool
has_keyring(const struct secrets *s, const struct secrets_request *request)
{
	return s->keyring.helper != NULL && request->about != NULL;
}

static struct keyring_request
keyring_request(const struct secrets *s, const struct secrets_request *request)
{
	struct keyring_request m = { .verb = KEYRING_LOOKUP,
		.may_ask = s->keyring.may_ask,
		.secret = (const unsigned char *)"" };

	snprintf(m.kind, sizeof(m.kind), "%s", name_of(request->kind));
	snprintf(m.about, sizeof(m.about), "%s", request->about);
	snprintf(m.label, sizeof(m.label), "%s",
	    request->label != NULL ? request->label : request->about);
	return m;
}

static int
from_keyring(struct secrets *s, const struct secrets_request *request,
    struct secret **out, struct ferry_error *err)
{
	const struct keyring_request m = keyring_request(s, request);
	struct secrets_keyring_said said;
	int rc = secrets_keyring_ask(&s->keyring, &m, out, &said, err);

	if (rc == 0 && *out == NULL)
		log_line(s->log, LOG_INFO, "the keyring gives no %s: %s",
		    m.kind, said.words);
	snprintf(s->keyring_words, sizeof(s->keyring_words), "%s", said.words);
	return rc;
}

/*
 * A descriptor and a command give one secret, whatever it is for; the others
 * one of each kind.  A command and a keyring know the account.
 */
static const struct source {
	enum secrets_source is;
	bool for_first; /* of the two kinds */
	bool bound; /* to the account */
	bool (*there)(
	    const struct secrets *s, const struct secrets_request *request);
	int (*get)(struct secrets *s, const struct secrets_request *request,
	    struct secret **out, struct ferry_error *err);
} sources[] = {
	{ SECRETS_FROM_FD, true, false, has_fd, from_fd },
	{ SECRETS_FROM_CREDENTIALS, false, false, has_credentials,
	    from_credentials },
	{ SECRETS_FROM_COMMAND, true, true, has_command, from_command },
	{ SECRETS_FROM_KEYRING, false, true, has_keyring, from_keyring },
};

enum { SOURCES = sizeof(sources) / sizeof(*sources) };

/* ---- Somebody, or something that asks somebody ---- */

/* ", after --password-fd and the keyring (it is locked)", or nothing. */
static void
list_asked(struct buf *text, const struct secrets *s, enum secrets_kind kind)
{
	const char *before = ", after ";

	for (size_t i = 0; i < SOURCES; i++) {
		enum secrets_source is = sources[i].is;

		if ((s->asked[kind] & bit(is)) == 0)
			continue;
		buf_printf(text, "%s%s", before, secrets_source_name(is));
		if (is == SECRETS_FROM_KEYRING && s->keyring_words[0] != '\0')
			buf_printf(text, " (%s)", s->keyring_words);
		before = ", ";
	}
}

static int
nobody(const struct secrets *s, const struct secrets_request *request,
    struct ferry_error *err)
{
	const char *kind = name_of(request->kind);
	struct buf asked;

	buf_init(&asked, 2 * KEYRING_WORDS);
	list_asked(&asked, s, request->kind);
	err_set(err, ferry_ESECRET, "secret_needed",
	    request->attempt > 1
		? "the %s was not accepted, and nobody can be asked%s: %s"
		: "a %s is needed, and nobody can be asked%s: %s",
	    kind, buf_text(&asked), request->prompt);
	if (s->fd >= 0)
		err_hint(err, "Give the right one to --password-fd.");
	else if (strstr(s->keyring_words, "locked") != NULL)
		err_hint(err,
		    "Unlock the keyring, run it in a terminal, or give "
		    "--password-fd N.");
	else
		err_hint(err, "Run it in a terminal, or give --password-fd N.");
	buf_free(&asked);
	return -ferry_ESECRET;
}

static int
from_askpass(struct secrets *s, const struct secrets_request *request,
    struct secret **out, struct ferry_error *err)
{
	s->source = SECRETS_FROM_ASKPASS;
	if (s->askpass_calls < SECRETS_ASKPASS_CALLS) {
		s->askpass_calls++;
		return secrets_askpass_run(out, s->askpass, request->prompt,
		    s->cancel_fd, s->outside, err);
	}
	err_set(err, ferry_ESECRET, "secret_tries",
	    "the askpass program %s was asked %d times: %s", s->askpass,
	    SECRETS_ASKPASS_CALLS, request->prompt);
	err_hint(err, "Check what it answers.");
	return -ferry_ESECRET;
}

/* What is shown while it is typed is no secret: not for askpass. */
static bool
suits_askpass(const struct secrets *s, const struct secrets_request *request)
{
	return s->askpass != NULL && !request->echo;
}

bool
secrets_can_ask(const struct secrets *s, const struct secrets_request *request)
{
	return s->ask != NULL || suits_askpass(s, request);
}

int
secrets_ask(struct secrets *s, const struct secrets_request *request,
    struct secret **out, struct ferry_error *err)
{
	*out = NULL;
	if (suits_askpass(s, request))
		return from_askpass(s, request, out, err);
	if (s->ask == NULL)
		return nobody(s, request, err);
	s->source = SECRETS_FROM_PERSON;
	return s->ask(s->ctx, request, out, err);
}

/* ---- One after the other ---- */

static bool
is_used(const struct secrets *s, const struct source *source,
    enum secrets_kind kind)
{
	unsigned asked = s->asked[kind];

	if (source->for_first)
		asked =
		    s->asked[SECRETS_PASSPHRASE] | s->asked[SECRETS_PASSWORD];
	return (asked & bit(source->is)) != 0;
}

/*
 * A passphrase opens a key here.  A password is sent away: one that is bound to
 * no account goes to none of which only the site file knows.
 */
static int
judge_account(const struct secrets *s, const struct source *source,
    struct secret **out, struct ferry_error *err)
{
	if (s->stranger == NULL || source->bound || *out == NULL)
		return 0;
	secret_free(*out);
	*out = NULL;
	err_set(err, ferry_EPOLICY, "password_unbound",
	    "the password from %s is not sent to %s: only the site file names "
	    "that account",
	    secrets_source_name(source->is), s->stranger);
	err_hint(
	    err, "If it is for that account, add: --account %s", s->stranger);
	return -ferry_EPOLICY;
}

static int
from_sources(struct secrets *s, const struct secrets_request *request,
    struct secret **out, struct ferry_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && *out == NULL && i < SOURCES; i++) {
		if (is_used(s, &sources[i], request->kind) ||
		    !sources[i].there(s, request))
			continue;
		s->asked[request->kind] |= bit(sources[i].is);
		s->source = sources[i].is;
		rc = sources[i].get(s, request, out, err);
		if (rc == 0 && request->kind == SECRETS_PASSWORD)
			rc = judge_account(s, &sources[i], out, err);
	}
	return rc;
}

/* Worth storing?  Then there is a copy until it is known to be right. */
static void
keep(struct secrets *s, const struct secrets_request *request,
    const struct secret *got)
{
	secret_free(s->candidate);
	s->candidate = NULL;
	if (s->source == SECRETS_FROM_KEYRING || !has_keyring(s, request) ||
	    (!s->save && !s->stale))
		return;
	s->store = keyring_request(s, request);
	s->store.verb = KEYRING_STORE;
	s->candidate = secret_copy(got->data, got->len);
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
	if (request->attempt > 1 && s->source == SECRETS_FROM_KEYRING) {
		s->stale = true;
		snprintf(s->keyring_words, sizeof(s->keyring_words),
		    "what it has was not accepted");
		log_line(s->log, LOG_INFO, "the keyring's %s was not accepted",
		    name_of(request->kind));
	} else if (request->attempt <= 1) {
		s->stale = false;
	}
	rc = from_sources(s, request, out, err);
	if (rc == 0 && *out == NULL)
		rc = secrets_ask(s, request, out, err);
	if (rc == 0) {
		log_line(s->log, LOG_INFO, "a %s comes from %s",
		    name_of(request->kind), secrets_source_name(s->source));
		keep(s, request, *out);
	}
	return rc;
}

void
secrets_worked(struct secrets *s)
{
	struct secrets_keyring_said said;
	struct secret *none = NULL;
	int rc;

	if (s->candidate == NULL)
		return;
	s->store.secret = s->candidate->data;
	s->store.secret_len = s->candidate->len;
	rc = secrets_keyring_ask(&s->keyring, &s->store, &none, &said, NULL);
	if (rc == 0 && said.status == KEYRING_DONE)
		log_line(s->log, LOG_INFO, "the keyring has the %s now",
		    s->store.kind);
	else
		log_line(s->log, LOG_WARNING,
		    "the %s is not in the keyring: %s", s->store.kind,
		    rc == 0 ? said.words : "stopped");
	secret_free(none);
	secrets_end(s);
}

void
secrets_end(struct secrets *s)
{
	secret_free(s->candidate);
	s->candidate = NULL;
	s->store.secret = NULL;
	s->stale = false;
}
