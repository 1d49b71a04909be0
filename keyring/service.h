/*
 * What a keyring can be asked, by whatever it is reached.  The helper
 * sandferry-keyring only: GLib and its threads live in no other process.
 */
#ifndef KEYRING_SERVICE_H
#define KEYRING_SERVICE_H

#include "auth/keyring_msg.h"

enum { SERVICE_SECRET_MAX = 1024 };

/* An answer with the memory of its secret. */
struct service_answer {
	struct keyring_answer m;
	struct secret *secret; /* or NULL */
};

/* LOOKUP, STORE and CLEAR: the Secret Service, or libsecret's own file. */
void service_run(
    struct service_answer *answer, const struct keyring_request *request);

/* PORTAL_SECRET: what org.freedesktop.portal.Secret has for this app. */
void portal_run(struct service_answer *answer);

/* Say what went wrong; words may be NULL.  Only once counts. */
void service_fail(struct service_answer *answer, enum keyring_status status,
    const char *words);

#endif
