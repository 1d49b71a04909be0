/*
 * /.flatpak-info: whatever its bytes, the names that are taken from it can
 * stand in a command.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "confine/outer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
judge(const char *name, size_t size)
{
	if (memchr(name, '\0', size) == NULL || name[0] == '-')
		abort();
	for (; *name != '\0'; name++)
		if ((unsigned char)*name <= ' ' || *name == 0x7f ||
		    strchr("'\"\\$`;&|<>()*?", *name) != NULL)
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[320]; /* the longest name and all words */
	struct outer o;

	if (outer_parse_flatpak(&o, (const char *)data, size) !=
	    (o.name[0] != '\0'))
		abort();
	judge(o.name, sizeof(o.name));
	judge(o.instance, sizeof(o.instance));
	o.kind = OUTER_FLATPAK;
	if (!outer_hint(&o, "/home/u/key", false, text, sizeof(text)))
		abort();
	return 0;
}
