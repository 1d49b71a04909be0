/*
 * Programs that print a secret: the password command of the access file, and
 * askpass.  Hub.
 */
#ifndef AUTH_SECRETS_COMMAND_H
#define AUTH_SECRETS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/secrets_outside.h"
#include "base/secret.h"
#include "sandferry.h"

enum { SECRETS_COMMAND_WORDS = 64, SECRETS_COMMAND_MS = 30 * 1000 };

struct secrets_command {
	char *text; /* owned: the words lie in it */
	char *argv[SECRETS_COMMAND_WORDS + 1]; /* ends in NULL */
};

/*
 * Split a line into words at blanks: "..." holds blanks together, a backslash
 * takes the next character as it is.  Nothing else has a meaning: there is no
 * shell.  False, and nothing to free: no word, an empty first one, too many, a
 * quote that stays open, a backslash at the end, or out of memory.
 */
bool secrets_command_split(struct secrets_command *out, const char *line);
void secrets_command_free(struct secrets_command *c); /* a zeroed one is fine */

/*
 * What the command prints, without a final newline; never empty.
 * ferry_ESECRET as secrets_child.h says, and "secret_empty".
 */
int secrets_command_run(struct secret **out, const char *line, int cancel_fd,
    const struct secrets_outside *outside, struct ferry_error *err);

/* The same of an askpass program, which shows the prompt and has no limit. */
int secrets_askpass_run(struct secret **out, const char *program,
    const char *prompt, int cancel_fd, const struct secrets_outside *outside,
    struct ferry_error *err);

#endif
