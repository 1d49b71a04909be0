/*
 * Whose is a folder that remote-state names?  Hub.
 *
 * One such folder is for one site.  A note in it says which: the root and the
 * url of the last one that published with it.  Another root is no proof: an
 * account may see the same folder under another name.  So then some of the
 * files that the ledger tells of are looked for in ours.
 */
#ifndef PUBLISH_OWNER_H
#define PUBLISH_OWNER_H

#include "publish/record.h"

/*
 * With a ledger that was read, and that this machine has never seen for this
 * url: ferry_EUSAGE, "remote_state_taken", when it is another site's.  Without
 * remote-state, or without a note, it is ours.
 */
int owner_judge(struct far *f, const struct ledger *l, struct ferry_error *err);

/* Note that it is ours, in flight when it returns. */
int owner_note(struct far *f, struct ferry_error *err);

#endif
