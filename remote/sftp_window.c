/*
 * How many files are open at once.  Worker.
 *
 * The window begins at 64 and grows with every finished file while an OPEN
 * comes back about as fast as the best reply ever did; limits@openssh.com says
 * where it has to end.  A server that has fewer handles than it says refuses
 * with a mere FAILURE, which may mean the file as well.  So the first file that
 * is refused among others goes once more when all others are closed: refused
 * again, it was the file, and nothing else goes twice; if not, it was the
 * crowd, and the window shrinks until the server has enough handles.
 */
#include "remote/sftp_engine.h"

enum {
	RTT_SLACK = 10, /* ms: below this an OPEN counts as quick */
	SPARE = 8, /* handles for what is not a file on its way up */
};

void
window_init(struct sftp *s, unsigned max_files)
{
	s->window = max_files != 0 ? max_files : SFTP_FILES_START;
	s->window_max = max_files != 0 ? max_files : SFTP_FILES_UNSAID;
}

void
window_handles(struct sftp *s, uint64_t handles)
{
	if (handles > SFTP_FILES_MAX + SPARE)
		s->window_max = SFTP_FILES_MAX;
	else if (handles > 2 * SPARE)
		s->window_max = (unsigned)handles - SPARE;
	else if (handles > 0)
		s->window_max = (unsigned)(handles + 1) / 2;
	/* told what it allows, there is nothing to feel for */
	s->window = s->window_max;
}

static void
shrink(struct sftp *s)
{
	s->window_max = s->window = (s->window + 1) / 2;
}

bool
window_admits(struct sftp *s, const struct sftp_task *t)
{
	if (s->crowd == CROWD_ASKED)
		return false;
	if (t->again && s->crowd == CROWD_UNKNOWN) {
		if (s->files > 0)
			return false;
		s->crowd = CROWD_ASKED;
		return true;
	}
	return s->files < s->window;
}

void
window_opened(struct sftp *s)
{
	if (s->crowd != CROWD_ASKED)
		return;
	s->crowd = CROWD_MATTERS;
	shrink(s);
}

bool
window_refused(struct sftp *s)
{
	if (s->crowd == CROWD_ASKED)
		s->crowd = CROWD_IS_FINE;
	if (s->crowd == CROWD_IS_FINE || s->files == 1)
		return false;
	/* of many refusals at a time, only the last ones count */
	if (s->crowd == CROWD_MATTERS && s->files <= s->window)
		shrink(s);
	return true;
}

void
window_finished(struct sftp *s, const struct sftp_task *t)
{
	s->files -= t->op == STEP_COPY ? COPY_FILES : 1;
	if (s->crowd == CROWD_ASKED)
		s->crowd = CROWD_UNKNOWN; /* it failed in another way */
	if (!t->failed && s->window < s->window_max &&
	    s->rtt_open <= 2 * s->rtt_min + RTT_SLACK)
		s->window++;
}
