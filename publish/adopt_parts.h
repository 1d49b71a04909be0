/* What the two halves of adopt share.  Hub; included by them only. */
#ifndef PUBLISH_ADOPT_PARTS_H
#define PUBLISH_ADOPT_PARTS_H

#include "publish/scan_open.h"
#include "publish/visit.h"

enum adopt_state {
	ADOPT_UNREAD, /* of the right size; what is in it is not known yet */
	ADOPT_EQUAL,
	ADOPT_OURS, /* equal, and recorded already */
	ADOPT_DIFFERS,
	ADOPT_ABSENT, /* not there */
	ADOPT_UNKNOWN, /* the server does not let us see it */
	ADOPT_FORMER, /* not in the source; ours before the ledger was lost */
	ADOPT_GONE, /* the same, but not as it was left: a stranger */
};

struct adopt {
	struct visit v;
	struct tree local; /* the source */
	struct scan_opener source; /* its files */
	struct ledger copy; /* the ledger as this machine saw it last */
	struct tree wanted; /* local, and what the copy has besides */
	uint8_t *state; /* enum adopt_state of each of wanted */
	size_t counts[ADOPT_GONE + 1];
	bool damaged; /* the ledger there is, or lost */
	int failed; /* a file of the source cannot be read: code, negated */
	struct ferry_error why;
};

/* Compare all of it with what is there: fills in wanted, state and counts. */
int adopt_compare(struct adopt *a, struct ferry_error *err);
/* Say what was found. */
void adopt_tell(struct adopt *a);

#endif
