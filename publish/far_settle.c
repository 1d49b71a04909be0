/*
 * What a lost session leaves open, settled by what the server shows.  Hub; no
 * I/O.
 *
 * Most steps can simply be sent again: a file is put anew or compared, a
 * removal finds nothing to remove.  The two that cannot: a rename, whose source
 * has gone if it was done, so that its target must have the size (`length`) of
 * what was renamed, or be the folder that it was; and an append, which the server's size answers.
 */
#include "publish/far_settle.h"

#include <string.h>
#include <sys/stat.h>

enum { RESUME_MIN = 1024 * 1024 }; /* smaller ones are sent again as a whole */

void
far_settle_step(const struct far_settle *s, const struct msg_step *step,
    struct msg_step *now)
{
	*now = *step;
	if (s->looking) {
		now->op = STEP_STAT;
		now->flags = 0;
		memcpy(now->path, step->target, sizeof(now->path));
		now->target[0] = now->aside[0] = '\0';
		now->offset = now->length = 0;
		return;
	}
	if (s->doubt && step->op == STEP_PUT && step->offset == 0 &&
	    (step->flags & PUT_TRUNCATE) != 0 && step->length >= RESUME_MIN) {
		now->flags &= (uint8_t)~PUT_TRUNCATE;
		now->flags |= PUT_RESUME;
	}
}

static void
make_good(struct msg_done *done)
{
	done->result = RESULT_OK;
	done->status = 0;
	done->text[0] = '\0';
}

static bool
is_what_came(const struct msg_step *step, const struct msg_done *done)
{
	return S_ISDIR(step->mode) ? S_ISDIR(done->mode)
				   : done->size == step->length;
}

bool
far_settle_reply(
    struct far_settle *s, const struct msg_step *step, struct msg_done *done)
{
	if (s->looking) {
		s->looking = false;
		if (done->result != RESULT_OK || !is_what_came(step, done))
			*done = s->refusal;
		return true;
	}
	if (!s->doubt)
		return true;
	switch (step->op) {
	case STEP_REMOVE:
	case STEP_RMDIR:
		if (done->result == RESULT_ABSENT)
			make_good(done);
		return true;
	case STEP_PUT:
		if (done->result == RESULT_SHORT && step->offset > 0 &&
		    done->size == step->offset + step->length)
			make_good(done);
		return true;
	case STEP_RENAME:
		if (done->result != RESULT_ABSENT)
			return true;
		s->refusal = *done;
		s->looking = true;
		return false;
	default:
		return true;
	}
}
