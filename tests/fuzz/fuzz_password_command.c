/*
 * A password command: its words, each quoted again, are split into the same
 * words.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auth/secrets_command.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every byte behind a backslash, every word in quotes. */
static char *
quote(const struct secrets_command *c, size_t size)
{
	char *line = malloc(2 * size + 4 * SECRETS_COMMAND_WORDS + 1);
	char *to = line;

	for (size_t i = 0; c->argv[i] != NULL; i++) {
		*to++ = '"';
		for (const char *p = c->argv[i]; *p != '\0'; p++) {
			*to++ = '\\';
			*to++ = *p;
		}
		*to++ = '"';
		*to++ = ' ';
	}
	*to = '\0';
	return line;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct secrets_command a, b;
	char *line = calloc(1, size + 1), *again;
	size_t i;

	memcpy(line, data, size);
	if (secrets_command_split(&a, line)) {
		again = quote(&a, size);
		if (!secrets_command_split(&b, again))
			abort();
		for (i = 0; a.argv[i] != NULL && b.argv[i] != NULL; i++) {
			if (strcmp(a.argv[i], b.argv[i]) != 0)
				abort();
		}
		if (a.argv[i] != NULL || b.argv[i] != NULL)
			abort();
		secrets_command_free(&b);
		free(again);
	} else if (a.text != NULL) {
		abort();
	}
	secrets_command_free(&a);
	free(line);
	return 0;
}
