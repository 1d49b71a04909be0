/* What check found, item by item, for people. */
#ifndef CMD_CHECKED_H
#define CMD_CHECKED_H

#include <stdbool.h>
#include <stddef.h>

#include "cmd/ui.h"

enum { CHECKED_NAMES = 400 };

/* Begins as zeros. */
struct checked {
	char group[64]; /* that was headed last */
	unsigned counts[4]; /* by state */
	bool any; /* a line was printed */
	/* on a terminal: skipped for the same reason, one behind the other */
	char skipped[CHECKED_NAMES], why[CHECKED_NAMES];
};

/*
 * An item as a line, its hint below it, wrapped to the terminal; a pipe gets
 * one line for each, however long.
 */
void checked_item(struct ui *ui, const struct ferry_check *c);

/*
 * The same below the heading of its group, and counted.  On a terminal, those
 * that were skipped for one reason share a line, which is printed with the next
 * item, or by checked_end().  Quiet: only what is to be looked at.
 */
void
checked_show(struct ui *ui, struct checked *k, const struct ferry_check *c);
void checked_end(struct ui *ui, struct checked *k);

#endif
