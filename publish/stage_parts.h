/* What the files of the stage share.  Hub; for publish/stage*.c only. */
#ifndef PUBLISH_STAGE_PARTS_H
#define PUBLISH_STAGE_PARTS_H

#include "publish/scan_open.h"
#include "publish/stage.h"

enum { STAGE_TRIES = 3 };

enum item_state {
	ITEM_WAITING,
	ITEM_BEHIND, /* another one of the same content, which goes first */
	ITEM_SENT,
	ITEM_UNSEEN, /* FTP: the server says that it has it */
	ITEM_STAGED,
	ITEM_REFUSED, /* by the server, which does not say why */
	ITEM_FAILED,
};

struct stage_item {
	enum item_state state;
	unsigned tries;
	bool copied; /* on the server, well or not */
	size_t model; /* ITEM_BEHIND: the other one */
};

struct stage {
	struct transfer *t;
	const struct plan *plan;
	const unsigned *copies;
	struct scan_opener source;
	struct stage_item *items; /* one for each step of the plan */
	size_t oldest, latest; /* of this round: what may be under way */
	size_t failed;
	struct ferry_error first; /* of those that failed */
	size_t refused_count;
	bool full; /* the server said so */
	bool missed, mended; /* our folders on the server */
	bool unseen; /* FTP: what was sent is looked at behind it */
	struct msg_done refused; /* the first of those */
};

void stage_fail(struct stage *s, size_t i, const struct ferry_error *e);
void stage_staged(struct stage *s, size_t i);

/* The folders that travel as folders: made, before anything goes into them. */
int stage_make_folders(struct stage *s, struct ferry_error *err);

/*
 * Copy on the server what it has already.  What could not be copied waits to be
 * sent; what has the content of one that is sent first is ITEM_BEHIND until
 * stage_copy_behind(), behind the barrier.
 */
int stage_copy(struct stage *s, struct ferry_error *err);
int stage_copy_behind(struct stage *s, struct ferry_error *err);

/*
 * FTP: look at what was sent.  What is not there as it was sent waits to be
 * sent again; what the server gave another mode gets the right one.
 */
int stage_confirm(struct stage *s, struct ferry_error *err);

#endif
