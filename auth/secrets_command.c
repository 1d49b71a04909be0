/* The password command, and askpass: run a program, take its line.  Hub. */
#include "auth/secrets_command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/secrets_child.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/path.h"

enum { PROMPT_SIZE = 1024 };

/*
 * The next word of *line, unquoted into dst, which it never overtakes.  Behind
 * its NUL; or NULL when it does not end.
 */
static char *
take_word(char *dst, const char **line)
{
	const char *p = *line;
	bool quoted = false;

	for (; *p != '\0' && (quoted || strchr(" \t", *p) == NULL); p++) {
		if (*p == '"') {
			quoted = !quoted;
			continue;
		}
		if (*p == '\\' && *++p == '\0')
			return NULL;
		*dst++ = *p;
	}
	if (quoted)
		return NULL;
	*line = p + strspn(p, " \t");
	*dst++ = '\0';
	return dst;
}

bool
secrets_command_split(struct secrets_command *out, const char *line)
{
	size_t count = 0;
	char *next;

	memset(out, 0, sizeof(*out));
	out->text = next = malloc(strlen(line) + 1);
	if (next == NULL)
		return false;
	line += strspn(line, " \t");
	while (*line != '\0' && next != NULL && count < SECRETS_COMMAND_WORDS) {
		out->argv[count++] = next;
		next = take_word(next, &line);
	}
	if (next != NULL && *line == '\0' && count > 0 && *out->argv[0] != '\0')
		return true;
	secrets_command_free(out);
	return false;
}

void
secrets_command_free(struct secrets_command *c)
{
	free(c->text);
	memset(c, 0, sizeof(*c));
}

static int
run(struct secret **out, const struct secrets_child *child, const char *hint,
    struct ferry_error *err)
{
	int rc = secrets_child_run(out, child, err);

	if (rc == 0) {
		secret_drop_newline(*out);
		if ((*out)->len == 0)
			rc = err_set(err, ferry_ESECRET, "secret_empty",
			    "%s printed nothing", child->name);
		else if ((*out)->len > LIMIT_SECRET)
			rc = err_set(err, ferry_ESECRET, "secret_too_long",
			    "%s printed more than %d bytes", child->name,
			    LIMIT_SECRET);
	}
	if (rc == -ferry_ESECRET)
		err_hint(err, "%s", hint);
	if (rc != 0) {
		secret_free(*out);
		*out = NULL;
	}
	return rc;
}

int
secrets_command_run(struct secret **out, const char *line, int cancel_fd,
    const struct secrets_outside *outside, struct ferry_error *err)
{
	struct secrets_command command;
	struct secrets_child child = { .env = SECRETS_ENV_FEW,
		.timeout_ms = SECRETS_COMMAND_MS,
		.cancel_fd = cancel_fd,
		.outside = outside,
		.max = LIMIT_SECRET };
	char name[160];
	int rc;

	*out = NULL;
	if (!secrets_command_split(&command, line)) {
		err_set(err, ferry_ESECRET, "secret_program",
		    "the password command is not a program and its arguments");
		err_hint(err, "Quote it as sandferry-access(5) says.");
		return -ferry_ESECRET;
	}
	snprintf(
	    name, sizeof(name), "the password command %s", command.argv[0]);
	child.name = name;
	child.argv = command.argv;
	rc = run(out, &child,
	    "See what it says when you run it yourself; it is the "
	    "password-command of the access file, and has no terminal.",
	    err);
	secrets_command_free(&command);
	return rc;
}

int
secrets_askpass_run(struct secret **out, const char *program,
    const char *prompt, int cancel_fd, const struct secrets_outside *outside,
    struct ferry_error *err)
{
	char words[PROMPT_SIZE], name[160];
	char *const argv[] = { (char *)program, words, NULL };
	const struct secrets_child child = { .name = name,
		.argv = argv,
		.env = SECRETS_ENV_ALL,
		.timeout_ms = -1,
		.cancel_fd = cancel_fd,
		.outside = outside,
		.max = LIMIT_SECRET };

	/* Some are of the server: the program may show them on a terminal. */
	path_escape(words, sizeof(words), prompt, strlen(prompt));
	snprintf(name, sizeof(name), "the askpass program %s", program);
	return run(out, &child,
	    "Run it again and answer, or set SANDFERRY_ASKPASS_REQUIRE=never.",
	    err);
}
