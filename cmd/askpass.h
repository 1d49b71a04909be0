/* Which program asks for secrets, as the environment says. */
#ifndef CMD_ASKPASS_H
#define CMD_ASKPASS_H

#include <stdbool.h>

/*
 * The program that asks in place of the terminal, or NULL.  terminal: there is
 * somebody at one.  Points into the environment.
 */
const char *askpass_choose(bool terminal);

#endif
