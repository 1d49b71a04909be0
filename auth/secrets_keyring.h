/*
 * The desktop's keyring, by way of sandferry-keyring: a process of its own, for
 * the library that talks to it brings threads.  Hub.
 */
#ifndef AUTH_SECRETS_KEYRING_H
#define AUTH_SECRETS_KEYRING_H

#include <stdbool.h>

#include "auth/keyring_msg.h"
#include "auth/secrets_outside.h"
#include "base/secret.h"
#include "sandferry.h"

struct secrets_keyring {
	const char *helper; /* the program */
	bool may_ask; /* a dialogue may be shown to unlock it */
	int cancel_fd; /* readable: stop; or -1 */
	const struct secrets_outside *outside; /* as secrets_child.h says */
};

/* What came of it, and one line about it: "it is locked". */
struct secrets_keyring_said {
	enum keyring_status status;
	char words[KEYRING_WORDS];
};

/*
 * Ask it one thing; with KEYRING_DONE *out is what it gave, to be freed.  It
 * gives up after ten seconds, or two minutes where somebody may be asked.  A
 * helper that is missing or lies is a keyring that failed.  0, or
 * ferry_ECANCELLED, or ferry_EINTERNAL when out of memory.
 */
int secrets_keyring_ask(const struct secrets_keyring *k,
    const struct keyring_request *request, struct secret **out,
    struct secrets_keyring_said *said, struct ferry_error *err);

/* For app_secret.h; ctx: a struct secrets_keyring.  ferry_EKEY. */
int
secrets_keyring_portal(void *ctx, struct secret **out, struct ferry_error *err);

#endif
