/*
 * Signals: the first one asks the job to stop, the second one ends the program;
 * both leave the terminal as it was.  Where the job runs in a process of its
 * own, whoever waits for that one passes on what it alone was sent.
 */
#ifndef CMD_STOP_H
#define CMD_STOP_H

#include <stdbool.h>
#include <sys/types.h>
#include <termios.h>

#include "sandferry.h"

/*
 * Watch for SIGINT, SIGTERM, SIGHUP; message is written on the first one.
 * job NULL: there is none to stop.
 */
void stop_watch(struct ferry_job *job, const char *message);
void stop_unwatch(void);
/* The signal that came first, or 0. */
int stop_signal(void);

/* fork(2), behind stop_watch(): the child watches for nothing yet. */
pid_t stop_fork(void);
/* Wait for that child; what waitpid(2) says of it, or -1. */
int stop_wait(pid_t child);
/* Sleep; false: a signal came, now or before. */
bool stop_rest(int seconds);

/* While echo is off: what to put back on the way out. */
void stop_guard_terminal(int fd, const struct termios *saved);
void stop_release_terminal(void);

/* Is there a status line that a message has to wipe first? */
void stop_note_line(bool drawn);

#endif
