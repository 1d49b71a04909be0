/*
 * SANDFERRY_ASKPASS and SSH_ASKPASS, with the meaning that ssh(1) gives the
 * latter.  Hub (the command): the library reads no such variables.
 */
#include "cmd/askpass.h"

#include <stdlib.h>
#include <strings.h>

enum how { HOW_OTHERWISE, HOW_NEVER, HOW_PREFER, HOW_FORCE };

/* One that is empty counts as unset. */
static const char *
variable(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && *value != '\0' ? value : NULL;
}

/* A word that is none of these is passed over, as ssh does. */
static enum how
read_how(void)
{
	const char *word = variable("SANDFERRY_ASKPASS_REQUIRE");

	if (word == NULL)
		word = variable("SSH_ASKPASS_REQUIRE");
	if (word == NULL)
		return HOW_OTHERWISE;
	if (strcasecmp(word, "never") == 0)
		return HOW_NEVER;
	if (strcasecmp(word, "prefer") == 0)
		return HOW_PREFER;
	return strcasecmp(word, "force") == 0 ? HOW_FORCE : HOW_OTHERWISE;
}

const char *
askpass_choose(bool terminal)
{
	const char *program = variable("SANDFERRY_ASKPASS");
	/* Who sets ours means it; ssh's is set on every desktop. */
	bool can_show = program != NULL || variable("DISPLAY") != NULL ||
	    variable("WAYLAND_DISPLAY") != NULL;
	enum how how = read_how();

	if (program == NULL)
		program = variable("SSH_ASKPASS");
	if (how == HOW_FORCE)
		return program;
	if (how == HOW_NEVER || !can_show)
		return NULL;
	return terminal && how != HOW_PREFER ? NULL : program;
}
