/* help and version, printed from the table of options.  Hub (the command). */
#include "cmd/cmd.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static void
print_usage(FILE *to, const struct options_verb_row *row, const char *lead)
{
	fprintf(to, "%ssandferry %s%s%s%s%s%s\n", lead, row->name,
	    row->sub != NULL ? " " : "", row->sub != NULL ? row->sub : "",
	    (row->verb & (VERB_HELP | VERB_VERSION)) != 0 ? "" : " [OPTION]...",
	    row->args[0] != '\0' ? " " : "", row->args);
}

void
cmd_help_print(FILE *to)
{
	const struct options_verb_row *row;
	char name[64];

	fputs("sandferry carries a web site to its server over SFTP.\n\n", to);
	for (row = options_verbs; row->name != NULL; row++) {
		snprintf(name, sizeof(name), "%s%s%s", row->name,
		    row->sub != NULL ? " " : "",
		    row->sub != NULL ? row->sub : "");
		fprintf(to, "  %-14s %s\n", name, row->help);
	}
	fputs("\n`sandferry help VERB' explains one; sandferry(1) all of it.\n",
	    to);
}

static void
print_options(unsigned verbs)
{
	const struct options_row *row;
	char names[64];

	fputs("\nOptions:\n", stdout);
	for (row = options_rows; row->name != NULL; row++) {
		if ((row->verbs & verbs) == 0)
			continue;
		snprintf(names, sizeof(names), "%c%c%s --%s%s%s",
		    row->letter != 0 ? '-' : ' ',
		    row->letter != 0 ? row->letter : ' ',
		    row->letter != 0 ? "," : " ", row->name,
		    row->arg != NULL ? " " : "",
		    row->arg != NULL ? row->arg : "");
		/* What does not fit beside its names goes below them. */
		if (strlen(names) > 28)
			fprintf(stdout, "  %s\n  %-28s", names, "");
		else
			fprintf(stdout, "  %-28s", names);
		fprintf(stdout, " %s\n", row->help);
	}
}

/* Is this verb the one, or one of those, that help is wanted for? */
static bool
is_meant(const struct options_verb_row *row, const struct options *o)
{
	if (o->about == NULL)
		return row->verb == o->verb;
	if (strcmp(row->name, o->about) != 0 &&
	    (row->alias == NULL || strcmp(row->alias, o->about) != 0))
		return false;
	return o->about_sub == NULL || row->sub == NULL ||
	    strcmp(row->sub, o->about_sub) == 0;
}

int
cmd_help(const struct options *o)
{
	const struct options_verb_row *row;
	unsigned verbs = 0;

	for (row = options_verbs; row->name != NULL; row++) {
		if (!is_meant(row, o))
			continue;
		print_usage(stdout, row, verbs == 0 ? "Usage: " : "       ");
		fprintf(stdout, "         %s\n", row->help);
		verbs |= row->verb;
	}
	if (verbs == 0 || verbs == VERB_HELP)
		cmd_help_print(stdout);
	else
		print_options(verbs);
	return 0;
}
