/* What the rows of options_table.c say, in words.  Hub (the command). */
#include <stdio.h>
#include <string.h>

#include "cmd/options_parts.h"

bool
options_word(char *dst, size_t size, const char *arg, size_t i)
{
	size_t n;

	for (; arg != NULL && *arg != '\0'; arg += n + (arg[n] == '|')) {
		n = strcspn(arg, "|");
		if (n == 0 || n >= size || arg[0] < 'a' || arg[0] > 'z' ||
		    i-- > 0)
			continue;
		snprintf(dst, size, "%.*s", (int)n, arg);
		return dst[strcspn(dst, " :")] == '\0';
	}
	return false;
}

void
options_list_words(char *dst, size_t size, const char *arg)
{
	char word[32], next[32];
	size_t i = 0, n;

	n = (size_t)snprintf(dst, size, "Say ");
	while (n < size && options_word(word, sizeof(word), arg, i++)) {
		n += (size_t)snprintf(dst + n, size - n, "%s%s",
		    i == 1                                         ? ""
			: options_word(next, sizeof(next), arg, i) ? ", "
								   : " or ",
		    word);
	}
	if (n < size)
		snprintf(dst + n, size - n, ".");
}

const char *
options_summary(const struct options_verb_row *row)
{
	const struct options_group_row *group;

	for (group = options_groups; group->name != NULL; group++) {
		if (row->sub != NULL && strcmp(group->name, row->name) == 0)
			return group->help;
	}
	return row->help;
}
