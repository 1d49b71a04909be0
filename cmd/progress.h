/* The status line: how far a run is, in one line of any width.  Pure. */
#ifndef CMD_PROGRESS_H
#define CMD_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sandferry.h"

enum { PROGRESS_LINE_SIZE = 1024 };

struct progress {
	enum ferry_phase phase;
	uint64_t files_done, files_total, bytes_done, bytes_total;
	char name[512]; /* the current file, escaped; or "" */
	double rate; /* bytes a second, smoothed; 0: not known yet */
	double sample_seconds; /* the rate was last looked at */
	uint64_t sample_bytes;
};

void progress_init(struct progress *p);
/* Take in what a PHASE or PROGRESS event says. */
void
progress_update(struct progress *p, const struct ferry_event *e, bool utf8);
/* A line of at most so many columns; what matters least is left out. */
char *progress_print(const struct progress *p, char dst[PROGRESS_LINE_SIZE],
    size_t columns, bool utf8);
/* "Sending" */
const char *progress_phase(enum ferry_phase phase);

#endif
