/*
 * What the hub and sandferry-keyring say to each other: one request on its
 * stdin, one answer on its stdout, each "uint32 length, byte version" and what
 * follows, as RFC 4251's data types.  Both sides.
 */
#ifndef AUTH_KEYRING_MSG_H
#define AUTH_KEYRING_MSG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/secret.h"

enum { KEYRING_MSG_MAX = 4096, KEYRING_ABOUT_SIZE = 512, KEYRING_WORDS = 256 };

enum keyring_verb {
	KEYRING_LOOKUP = 1,
	KEYRING_STORE,
	KEYRING_CLEAR,
	KEYRING_PORTAL_SECRET, /* of this Flatpak application */
};

enum keyring_status {
	KEYRING_DONE = 1,
	KEYRING_NOTHING, /* it knows nothing about that */
	KEYRING_LOCKED, /* and nobody may be asked, or they said no */
	KEYRING_ABSENT, /* there is no keyring to talk to */
	KEYRING_FAILED, /* words say why */
};

/* byte verb, byte may_ask, string kind, about, label, secret */
struct keyring_request {
	enum keyring_verb verb;
	bool may_ask; /* a dialogue may be shown to unlock it */
	char kind[16]; /* "passphrase", "password" */
	char about[KEYRING_ABOUT_SIZE]; /* whose: a url, or a fingerprint */
	char label[KEYRING_ABOUT_SIZE]; /* for people */
	const unsigned char *secret; /* KEYRING_STORE: in place; not NULL */
	size_t secret_len;
};

/* byte status, string words, secret */
struct keyring_answer {
	enum keyring_status status;
	char words[KEYRING_WORDS]; /* any bytes but NUL */
	const unsigned char *secret; /* in place */
	size_t secret_len;
};

/*
 * As locked memory, to be freed; NULL: out of memory, or too long.  The getters
 * take exactly one message and give what points into it; false: it is none.
 */
struct secret *keyring_put_request(const struct keyring_request *m);
bool keyring_get_request(struct keyring_request *m, const void *p, size_t n);
struct secret *keyring_put_answer(const struct keyring_answer *m);
bool keyring_get_answer(struct keyring_answer *m, const void *p, size_t n);

#endif
