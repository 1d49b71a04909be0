/*
 * --retry: again, after a while, what failed by what may be over by then.
 *
 * Each attempt is a process of its own, for one that has given up its rights
 * cannot look up a name or start a program a second time.  The one that waits
 * for them never meets a byte of the server's.  What was typed, or read from
 * --password-fd or --key-fd, is kept in memory that they share, locked, for the
 * next one.
 */
#ifndef CMD_RETRY_H
#define CMD_RETRY_H

#include <stdbool.h>

#include "cmd/options.h"
#include "cmd/ui.h"

enum { RETRY_SECRETS = 2, RETRY_SECRET_SIZE = 1024, RETRY_PROMPT_SIZE = 512 };

struct retry_secret {
	char prompt[RETRY_PROMPT_SIZE]; /* "": there is none */
	size_t size;
	char bytes[RETRY_SECRET_SIZE];
};

struct retry_attempt {
	int number; /* 1 ... of */
	int of;
	int seconds; /* until the next one */
	struct retry_secret *secrets; /* RETRY_SECRETS of them; or NULL */
};

/* Returns the exit status of the last attempt; in each of them its own. */
int retry_run(struct ui *ui, const struct options *o,
    int (*verb)(struct ui *ui, const struct options *o));

/* Will there be another attempt after this failure (NULL: none)? */
bool retry_follows(const struct ui *ui, const struct ferry_error *e);
/* Say so, in place of the failure. */
void retry_announce(struct ui *ui, const struct ferry_error *e);

/* What answered this prompt in an earlier attempt, or NULL. */
const struct retry_secret *
retry_recall(const struct ui *ui, const char *prompt);
/* Keep it, if it is a secret that stays the same. */
void retry_keep(
    const struct ui *ui, const char *prompt, const char *bytes, size_t size);

#endif
