/* Look before the first byte whether a publish can end well.  Hub. */
#include "publish/preflight.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/path.h"
#include "publish/releases.h"
#include "publish/side.h"

/* Our own folder, as only a server that knows no letter case finds it. */
#define OTHER_CASE ".SANDFERRY"

enum {
	ROOM_MIN = 1024 * 1024, /* bytes: for less it is not worth asking */
	NAMED = 10, /* pairs that are named one by one */
	UNITS = 1024,
};

/* ---- Names ---- */

static const char *
judge_name(const struct far *f, const char *path)
{
	size_t root = strlen(f->job->site->url.path);

	if (!far_can_name(f, path))
		return "FTP cannot send the name";
	if (f->places[FAR_LIVE][0] != '\0') /* the next one's is as long */
		root += 1 + strlen(f->places[FAR_LIVE]);
	for (const char *name = path; *name != '\0'; name += *name == '/') {
		size_t n = strcspn(name, "/");

		if (n > LIMIT_NAME)
			return "the server cannot hold the name";
		name += n;
	}
	/* a system takes so much of a path, and not a byte more */
	if (root + 1 + strlen(path) >= LIMIT_PATH)
		return "with its folder on the server the path is too long:";
	return NULL;
}

static int
judge_names(
    const struct far *f, const struct plan *plan, struct ferry_error *err)
{
	const char *wrong = NULL;
	size_t i;

	for (i = 0; i < plan->count && wrong == NULL; i++)
		if (plan->steps[i].kind != PLAN_REMOVE &&
		    plan->steps[i].kind != PLAN_RMDIR)
			wrong = judge_name(f, plan->steps[i].path);
	if (wrong == NULL)
		return 0;
	err_set(err, ferry_ESOURCE,
	    far_can_name(f, plan->steps[i - 1].path) ? "name_for_server"
						     : "name_for_ftp",
	    "%s %s", wrong, plan->steps[i - 1].path);
	err_hint(err,
	    far_is_ftp(f)
		? "Rename it: a line's end and the byte 0xff are for FTP "
		  "itself. Or use SFTP."
		: "Give it, or a folder that it is in, a shorter name.");
	return -ferry_ESOURCE;
}

/* ---- Letter case ---- */

struct pairs {
	struct report *report; /* NULL: they are counted only */
	size_t count;
	struct ferry_error first;
};

static void
found(void *ctx, const char *a, const char *b)
{
	struct pairs *p = ctx;
	struct ferry_error e;

	err_set(&e, ferry_ESOURCE, "name_collision",
	    "%s and %s are one file for this server", a, b);
	if (p->count++ == 0)
		p->first = e;
	if (p->report != NULL && p->count <= NAMED)
		report_failure(p->report, a, &e);
}

/* No file is written for this: our own folder is there, or is now. */
static int
ask_case(
    struct transfer *t, bool may_write, bool *blind, struct ferry_error *err)
{
	struct msg_done done;
	struct side side;
	int rc = 0;

	*blind = false;
	if (t->record.absent && !may_write)
		return 0;
	if (t->record.absent) {
		rc = side_send(&side, &t->far, err);
		if (rc == 0)
			rc = side_judge(&side, err);
		side_free(&side);
	}
	if (rc != 0)
		return rc;
	far_step(&t->far, STEP_STAT, OTHER_CASE);
	rc = far_call(&t->far, -1, &done, err);
	*blind = rc == 0 && done.result == RESULT_OK;
	return rc;
}

/*
 * Two files that the server takes for one.  It is asked only when there are
 * such names, and something is to be put.
 */
static int
judge_case(struct transfer *t, const struct plan *plan,
    const struct tree *local, bool may_write, struct ferry_error *err)
{
	struct pairs pairs = { .report = NULL };
	bool blind;
	int rc;

	if (plan->added + plan->changed == 0)
		return 0;
	if (!plan_collisions(local, found, &pairs))
		return err_memory(err);
	if (pairs.count == 0)
		return 0;
	rc = ask_case(t, may_write, &blind, err);
	if (rc != 0 || !blind)
		return rc;
	pairs = (struct pairs){ .report = &t->job->report };
	if (!plan_collisions(local, found, &pairs))
		return err_memory(err);
	if (err != NULL)
		*err = pairs.first;
	if (pairs.count > 1)
		err_prefix(err, "%zu pairs of names that differ in case alone",
		    pairs.count);
	err_hint(err,
	    "Rename one of them, and what refers to it: that server does not "
	    "know upper case from lower case.");
	return -ferry_ESOURCE;
}

/* ---- Room ---- */

static const char *
print_size(char dst[32], uint64_t bytes)
{
	static const char *const names[] = { "bytes", "KiB", "MiB", "GiB",
		"TiB", "PiB", "EiB" };
	double n = (double)bytes;
	size_t i = 0;

	while (n >= UNITS && i + 1 < sizeof(names) / sizeof(names[0])) {
		n /= UNITS;
		i++;
	}
	snprintf(dst, 32, i == 0 ? "%.0f %s" : "%.1f %s", n, names[i]);
	return dst;
}

/* The nearest folder that is there has the room that the root will have. */
static void
keep_room(void *ctx, size_t level, const struct msg_done *done)
{
	struct transfer *t = ctx;

	if (done->result == RESULT_ABSENT || level > t->room.level)
		return;
	t->room.level = level;
	t->room.found = *done;
}

/* The root and all above it, at once or, for who waits each time, in turn. */
static int
ask_rooms(struct transfer *t, bool at_once, struct ferry_error *err)
{
	struct far_handler handler = {
		.done = keep_room, .ctx = t, .lasting = true
	};
	struct msg_step *m = far_step_in(&t->far, STEP_SPACE, FAR_BASE, "");
	char path[LIMIT_PATH + 1];
	size_t n = strlen(m->path), end;
	int rc;

	t->room = (struct transfer_room){ .asked = true, .level = SIZE_MAX };
	t->room.found.result = RESULT_ABSENT;
	if (n > LIMIT_PATH)
		return 0;
	memcpy(path, m->path, n + 1);
	do {
		end = n;
		m = far_step_in(&t->far, STEP_SPACE, FAR_BASE, "");
		memcpy(m->path, path, n + 1);
		rc = far_send(&t->far, -1, &handler, err);
		if (rc == 0 && !at_once)
			rc = far_wait(&t->far, err);
		handler.item++;
		n = path_dir_len(path);
		path[n] = '\0';
	} while (rc == 0 && n > 0 && n < end &&
	    t->room.found.result == RESULT_ABSENT);
	return rc;
}

int
preflight_ask(struct transfer *t, struct ferry_error *err)
{
	return far_tells_space(&t->far) ? ask_rooms(t, true, err) : 0;
}

/*
 * What is replaced stays until the new is in place, and longer if it is kept:
 * so all that is put needs room of its own.  What an interrupted run has staged
 * already would count twice: then it is not asked.
 */
static int
judge_room(struct transfer *t, const struct plan *plan, struct ferry_error *err)
{
	const struct msg_done *room = &t->room.found;
	uint64_t bytes = plan->bytes;
	char need[32], has[32];
	int rc = 0;

	if (releases_wanted(t) && (far_features(&t->far) & MSG_HARDLINK) == 0)
		bytes += t->record.ledger.live.bytes; /* copied, all of it */
	if (bytes < ROOM_MIN || t->record.ledger.state == LEDGER_STAGING ||
	    !far_tells_space(&t->far))
		return 0;
	if (!t->room.asked)
		rc = ask_rooms(t, false, err);
	if (rc != 0 || room->result != RESULT_OK || room->size >= bytes)
		return rc;
	err_set(err, ferry_EFULL, "remote_too_small",
	    "%s are to be %s, and the server has room for %s; nothing was "
	    "written",
	    print_size(need, bytes),
	    bytes > plan->bytes ? "sent and copied" : "sent",
	    print_size(has, room->size));
	err_hint(err,
	    "Make room on the server, then run it again. Old files stay until "
	    "the new ones are in place.");
	return -ferry_EFULL;
}

int
preflight_judge(struct transfer *t, const struct plan *plan,
    const struct tree *local, bool may_write, struct ferry_error *err)
{
	int rc = judge_names(&t->far, plan, err);

	if (rc == 0)
		rc = judge_room(t, plan, err);
	if (rc == 0)
		rc = judge_case(t, plan, local, may_write, err);
	return rc;
}
