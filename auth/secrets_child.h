/*
 * Run a program for what it prints: the password command, askpass, the keyring
 * helper.  Hub.  posix_spawn only; nobody else's children are touched.
 */
#ifndef AUTH_SECRETS_CHILD_H
#define AUTH_SECRETS_CHILD_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/secrets_outside.h"
#include "base/secret.h"
#include "sandferry.h"

enum { SECRETS_CHILD_INPUT = 4096 }; /* PIPE_BUF: a pipe takes it at once */

enum secrets_child_env {
	SECRETS_ENV_ALL, /* ours */
	SECRETS_ENV_FEW, /* what finds home, language, bus and display */
	SECRETS_ENV_NO_DISPLAY, /* the same without the display */
};

struct secrets_child {
	const char *name; /* for people: "the password command pass" */
	char *const *argv; /* argv[0] is looked for in PATH */
	enum secrets_child_env env;
	const struct secret *input; /* its stdin; NULL: /dev/null */
	int timeout_ms; /* -1: as long as it takes */
	int cancel_fd; /* readable: stop; or -1 */
	size_t max; /* bytes that it may print */
	bool quiet; /* its stderr is nobody's; else it is ours */
	const struct secrets_outside *outside; /* it starts it; NULL: we do */
};

/*
 * Run it in a session of its own, without a terminal, and give what it printed
 * until it ended with status 0; the caller frees *out, which may be empty.
 * Past its time it is killed with all that it started.
 * ferry_ESECRET: "secret_program" (not started, failed, or too slow),
 * "secret_too_long"; ferry_ECANCELLED.  The texts name it, never its output.
 */
int secrets_child_run(struct secret **out, const struct secrets_child *c,
    struct ferry_error *err);

#endif
