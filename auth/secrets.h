/*
 * Where a passphrase or password comes from: the sources, in order.  Hub only.
 *
 *   a descriptor		for whichever is needed first
 *   a folder of credentials	a file passphrase or password
 *   the password command	for whichever is needed first
 *   the keyring		what it has of this key, or this account
 *   askpass			at most SECRETS_ASKPASS_CALLS times
 *   somebody who can be asked	where there is no askpass
 *
 * Each but the last two gives a secret once: what was refused is not given
 * again, and what opened the key is never sent as a password.
 */
#ifndef AUTH_SECRETS_H
#define AUTH_SECRETS_H

#include <stdbool.h>

#include "auth/secrets_keyring.h"
#include "base/log.h"
#include "base/secret.h"
#include "sandferry.h"

enum { SECRETS_MAX_TRIES = 3, SECRETS_ASKPASS_CALLS = 3 };

enum secrets_kind { SECRETS_PASSPHRASE, SECRETS_PASSWORD };

enum secrets_source {
	SECRETS_FROM_NOWHERE,
	SECRETS_FROM_FD,
	SECRETS_FROM_CREDENTIALS,
	SECRETS_FROM_COMMAND,
	SECRETS_FROM_KEYRING,
	SECRETS_FROM_ASKPASS,
	SECRETS_FROM_PERSON,
};

struct secrets_request {
	enum secrets_kind kind;
	const char *prompt; /* one line: names the key file or the account */
	unsigned attempt; /* 1 ... SECRETS_MAX_TRIES */
	bool echo;
	const char *about; /* the keyring's name for it; NULL: not for it */
	const char *label; /* and the one for people */
	const struct ferry_question *whose; /* for ask(): what it is of */
};

struct secrets {
	/* The caller's; zero, NULL or -1: there is no such source. */
	int fd; /* read once, to its end */
	const char *credentials; /* a folder, by its absolute path */
	const char *target; /* whose file there goes before the others' */
	/*
	 * The account, where it may be somebody else's choice: then no password
	 * that is bound to none, of the first two sources, is given.  Or NULL.
	 */
	const char *stranger;
	const char *command; /* as the access file has it */
	struct secrets_keyring keyring; /* helper NULL: it is not asked */
	bool save; /* store there what worked */
	const char *askpass;
	/*
	 * Ask the user.  0 and *out; or a negated code (ferry_ESECRET when
	 * nobody can answer).  NULL: nobody to ask.
	 */
	int (*ask)(void *ctx, const struct secrets_request *request,
	    struct secret **out, struct ferry_error *err);
	void *ctx;
	int cancel_fd; /* readable: stop; or -1 */
	const struct secrets_outside *outside; /* starts programs; or NULL */
	const struct log *log;

	/* Which gave the last one; for people by secrets_source_name(). */
	enum secrets_source source;

	/* Its own; zero at first. */
	unsigned asked[2]; /* of each kind: bits of sources */
	unsigned askpass_calls;
	char keyring_words[KEYRING_WORDS]; /* why it did not help */
	struct secret *candidate; /* to be stored if it works; owned */
	struct keyring_request store; /* and how, without the secret */
	bool stale; /* what the keyring has was refused */
};

const char *secrets_source_name(enum secrets_source source);

/*
 * The next secret for this request.  ferry_ESECRET when the sources are used
 * up: its text says what was needed and who was asked for it, its hint how to
 * give it.  A source that is there and fails is an error, but for the keyring.
 */
int secrets_get(struct secrets *s, const struct secrets_request *request,
    struct secret **out, struct ferry_error *err);

/* Only askpass, or the user: the server asks for something of its own. */
bool
secrets_can_ask(const struct secrets *s, const struct secrets_request *request);
int secrets_ask(struct secrets *s, const struct secrets_request *request,
    struct secret **out, struct ferry_error *err);

/*
 * The last one was right: say where it came from, and store it if that is
 * wanted, or if it replaces what the keyring had.  A keyring that fails is
 * logged as a warning.
 */
void secrets_worked(struct secrets *s);

/* Forget what was kept; the rest is the caller's. */
void secrets_end(struct secrets *s);

#endif
