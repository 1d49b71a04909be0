/*
 * options: what sandferry(1) has to say of each option and verb, as lines of
 * mdoc.  A tool of the tests; linked with cmd/options_table.c.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cmd/options.h"

/* "FILE|none" is "Ar file | Cm none". */
static void
print_arg(const char *arg)
{
	char last = '\0', kind;
	size_t n, i;

	for (; *arg != '\0'; arg += n + (arg[n] == '|')) {
		n = strcspn(arg, "|");
		kind = islower((unsigned char)arg[0]) && !memchr(arg, ':', n)
		    ? 'C'
		    : 'A';
		printf("%s%s ", last != '\0' ? " |" : "",
		    kind == last      ? ""
			: kind == 'C' ? " Cm"
				      : " Ar");
		for (i = 0; i < n; i++)
			putchar(strncmp(arg, "SHA256", 6) == 0
				? arg[i]
				: tolower((unsigned char)arg[i]));
		last = kind;
	}
}

int
main(void)
{
	const struct options_verb_row *verb;
	const struct options_row *row;

	for (verb = options_verbs; verb->name != NULL; verb++)
		printf(".It Cm %s%s%s\n", verb->name,
		    verb->sub != NULL ? " " : "",
		    verb->sub != NULL ? verb->sub : "");
	for (row = options_rows; row->name != NULL; row++) {
		printf(".It ");
		if (row->letter != 0)
			printf("Fl %c , ", row->letter);
		printf("Fl Fl %s", row->name);
		if (row->arg != NULL)
			print_arg(row->arg);
		putchar('\n');
	}
	return 0;
}
