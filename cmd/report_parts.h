/* What the files report_*.c share.  Nobody else includes this. */
#ifndef CMD_REPORT_PARTS_H
#define CMD_REPORT_PARTS_H

#include <stdio.h>

#include "cmd/options.h"
#include "cmd/report_spool.h"
#include "sandferry.h"

enum {
	REPORT_PHASES = 64, /* a run has ten; those beyond join the last */
	REPORT_REMARKS = 200, /* shown; the others are counted */
};

/* HTML that grows in memory. */
struct report_text {
	FILE *to; /* NULL: out of memory */
	char *bytes;
	size_t size;
	unsigned long long count; /* of things in it, and beyond */
};

struct report_phase {
	enum ferry_phase phase;
	double began; /* seconds */
};

/* All that a page tells.  Strings are as they came from outside. */
struct report_facts {
	enum options_verb verb;
	bool dry_run;
	const char *machine;
	const char *time, *iso_time; /* when it began */
	int attempt, attempts; /* 0: there is one only */
	const struct ferry_summary *summary; /* NULL: there was no job */
	const struct ferry_error *error; /* NULL: all went well */
	struct report_spool *changes;
	const struct report_phase *phases;
	size_t phase_count;
	const struct report_text *remarks, *receipt;
};

extern const char report_style[]; /* the style sheet */

/* Sections, one after the other. */
void report_page_print(FILE *to, const struct report_facts *f);
/* The section of what changes. */
void report_changes_print(FILE *to, const struct report_facts *f);
/* Whom it talked to, and behind which walls: of ferry_EVENT_WALL. */
void report_receipt_print(FILE *to, const struct ferry_receipt *r);

#endif
