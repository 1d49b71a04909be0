/*
 * Signals: the first one asks the job to stop, the second one ends the program;
 * both leave the terminal as it was, and so does Ctrl-Z until it goes on.
 * Where the job runs in a process of its own, whoever waits for that one passes
 * on what it alone was sent.
 */
#ifndef CMD_STOP_H
#define CMD_STOP_H

#include <stdbool.h>
#include <sys/types.h>

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

/* A question stands on this terminal; echo false: its answer is not shown. */
void stop_ask(int fd, bool echo);
void stop_answered(void);
/* How often we went on after Ctrl-Z: what was typed before is gone. */
unsigned stop_pauses(void);

/*
 * The status line, on standard error.  The cursor waits at its beginning, so
 * that whatever comes next wipes it, however the window was resized; it never
 * wraps.
 */
void stop_draw_line(const char *line);
void stop_wipe_line(void);

#endif
