/*
 * Signals: the first one asks the job to stop, the second one ends the program;
 * both leave the terminal as it was.
 */
#ifndef CMD_STOP_H
#define CMD_STOP_H

#include <stdbool.h>
#include <termios.h>

#include "sandferry.h"

/* Watch for SIGINT, SIGTERM, SIGHUP; message is written on the first one. */
void stop_watch(struct ferry_job *job, const char *message);
void stop_unwatch(void);
/* The signal that came first, or 0. */
int stop_signal(void);

/* While echo is off: what to put back on the way out. */
void stop_guard_terminal(int fd, const struct termios *saved);
void stop_release_terminal(void);

/* Is there a status line that a message has to wipe first? */
void stop_note_line(bool drawn);

#endif
