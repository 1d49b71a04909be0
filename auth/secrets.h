/*
 * Where a passphrase or password comes from: the ordered sources.  Hub only.
 * First form: a descriptor, then somebody who can be asked.
 */
#ifndef AUTH_SECRETS_H
#define AUTH_SECRETS_H

#include <stdbool.h>

#include "base/secret.h"
#include "sandferry.h"

enum { SECRETS_MAX_TRIES = 3 };

enum secrets_kind { SECRETS_PASSPHRASE, SECRETS_PASSWORD };

struct secrets_request {
	enum secrets_kind kind;
	const char *prompt; /* one line: names the key file or the account */
	unsigned attempt; /* 1 ... SECRETS_MAX_TRIES */
	bool echo;
};

struct secrets {
	int fd; /* or -1; read once, to its end */
	bool fd_used;
	/*
	 * Ask the user.  0 and *out; or a negated code (ferry_ESECRET when
	 * nobody can answer).  NULL: nobody to ask.
	 */
	int (*ask)(void *ctx, const struct secrets_request *request,
	    struct secret **out, struct ferry_error *err);
	void *ctx;
};

/*
 * The next secret for this request.  ferry_ESECRET when the sources are used
 * up: its text says what was needed, its hint how to give it.
 */
int secrets_get(struct secrets *s, const struct secrets_request *request,
    struct secret **out, struct ferry_error *err);

#endif
