/* check, the site there: our folder, who holds the lock, the ledger.  Hub. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/err.h"
#include "base/limits.h"
#include "publish/check_parts.h"
#include "publish/lock.h"
#include "publish/side.h"

enum { PROBE_STALE = 60 * 60 /* seconds: no check lasts so long */ };

/* Probes of checks that were cut off: nobody else calls a file so. */
static void
sweep(struct check *c)
{
	const int64_t now = (int64_t)time(NULL) + c->probe.skew;
	char path[sizeof(FAR_SIDE) + LIMIT_NAME + 1];
	struct msg_done done;
	struct tree names;
	size_t i;

	tree_init(&names);
	if (far_list(&c->far, FAR_SIDE, &names, &done, NULL) != 0)
		names.count = 0; /* what comes next will say why */
	for (i = 0; i < names.count; i++) {
		const struct tree_file *file = &names.files[i];

		if (strncmp(file->path, "check-", 6) != 0 ||
		    file->mtime + PROBE_STALE > now)
			continue;
		snprintf(path, sizeof(path), FAR_SIDE "/%s", file->path);
		far_step(&c->far, STEP_REMOVE, path);
		if (far_call(&c->far, -1, &done, NULL) != 0)
			break;
	}
	tree_free(&names);
}

static void
judge_folder(const char *name, unsigned mode, struct check_finding *f)
{
	if (mode == 0) { /* not told */
		check_ok(f, "%s is there", name);
		return;
	}
	if ((mode & 0077) == 0) {
		check_ok(f, "%s is there, for nobody else (%04o)", name, mode);
		return;
	}
	check_warn(f, "%s is open to others (%04o)", name, mode);
	check_hint(f,
	    "Take their rights away on the server: chmod 700 %s. The "
	    ".htaccess in it keeps visitors out where the web server reads "
	    "it.",
	    name);
}

void
check_side_folder(struct check *c, struct check_finding *f)
{
	const char *name = side_name(c->job->site);
	struct msg_done done;
	struct ferry_error e;

	if (c->probe.no_side) {
		check_ok(f, "is not there yet: publishing makes it");
		return;
	}
	far_step(&c->far, STEP_STAT, FAR_SIDE);
	if (!check_call(c, f, -1, &done))
		return;
	if (far_judge(&done, "look at", name, &e) != 0) {
		check_fail(f, &e);
	} else {
		judge_folder(name, done.mode & 0777, f);
		sweep(c);
	}
}

/* Files and bytes in one of our folders. */
static void
count(struct check *c, struct check_finding *f, const char *path,
    const char *what)
{
	struct msg_done done;
	struct ferry_error e;
	struct tree names;
	uint64_t bytes = 0;
	char text[CHECK_WORDS];
	size_t i;

	if (c->probe.no_side) {
		check_ok(f, "empty");
		return;
	}
	if (c->lost) {
		check_skip(f, "(needs the connection)");
		return;
	}
	tree_init(&names);
	if (far_list(&c->far, path, &names, &done, &e) != 0) {
		check_lose(c, f, &e);
		goto out;
	}
	if (done.result == RESULT_ABSENT || names.count == 0) {
		check_ok(f, "empty");
		goto out;
	}
	if (far_judge(&done, "list", path, &e) != 0) {
		check_fail(f, &e);
		goto out;
	}
	for (i = 0; i < names.count; i++)
		bytes += S_ISDIR(names.files[i].mode) ? 0 : names.files[i].size;
	check_ok(f, "%zu %s, %s%s", names.count,
	    names.count == 1 ? "file" : "files", check_bytes(text, bytes),
	    what);
out:
	tree_free(&names);
}

void
check_side_stage(struct check *c, struct check_finding *f)
{
	count(c, f, FAR_STAGE, ": a run was cut off, the next one uses them");
}

void
check_side_kept(struct check *c, struct check_finding *f)
{
	count(c, f, FAR_KEPT, ", for undo");
}

/* "me@machine", from "me@machine 1234 2026-01-31T12:00:00Z ..." */
static void
judge_lock(struct check *c, struct check_finding *f, const struct lock_other *l)
{
	const int64_t now = (int64_t)time(NULL) + c->probe.skew;
	const int64_t age = now - (int64_t)l->mtime;
	const int n = (int)strcspn(l->text, " ");
	char words[CHECK_WORDS];

	check_age(words, age > 0 ? (uint64_t)age : 0);
	if (age <= LOCK_STALE || !c->probe.timed) {
		check_warn(f, "%.*s is publishing (%s ago)", n > 0 ? n : 8,
		    n > 0 ? l->text : "somebody", words);
		check_hint(f,
		    "Wait until that has ended. If it has died, the lock can "
		    "be "
		    "taken over ten minutes after its last sign.");
		return;
	}
	check_ok(f, "left by %.*s %s ago: the next publish takes it over",
	    n > 0 ? n : 8, n > 0 ? l->text : "somebody", words);
}

void
check_side_lock(struct check *c, struct check_finding *f)
{
	struct lock_other l = { .held = false };
	struct ferry_error e;
	int rc;

	if (c->lost) {
		check_skip(f, "(needs the connection)");
		return;
	}
	rc = c->probe.no_side ? 0 : lock_look(&c->far, &l, &e);
	if (rc != 0 && rc != -ferry_EDENIED)
		check_lose(c, f, &e);
	else if (rc != 0)
		check_fail(f, &e);
	else if (!l.held)
		check_ok(f, "nobody is publishing");
	else
		judge_lock(c, f, &l);
}

static void
tell_ledger(const struct ledger *l, struct check_finding *f)
{
	const time_t when = (time_t)l->time;
	char text[32] = "?";
	struct tm tm;

	if (gmtime_r(&when, &tm) != NULL)
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M UTC", &tm);
	if (l->state == LEDGER_CLEAN) {
		check_ok(f, "publish %llu, %s, from %s: %zu files",
		    (unsigned long long)l->generation, text, l->machine,
		    l->live.count);
		return;
	}
	check_warn(f, "publish %llu, %s, from %s, did not end",
	    (unsigned long long)l->generation, text, l->machine);
	if (l->state == LEDGER_COMMITTING)
		check_hint(f,
		    "Half of it may be live: publish again, which finishes it "
		    "first.");
	else
		check_hint(f,
		    "What is live is whole. Publish again: what was sent "
		    "already is used.");
}

void
check_side_ledger(struct check *c, struct check_finding *f)
{
	struct ferry_error e;
	int rc;

	if (c->lost) {
		check_skip(f, "(needs the connection)");
		return;
	}
	rc = c->probe.no_side ? 0 : record_read(&c->record, &e);
	if (rc == -ferry_EDENIED || rc == -ferry_EDRIFT)
		check_fail(f, &e);
	else if (rc != 0)
		check_lose(c, f, &e);
	else if (c->record.ledger.generation == 0)
		check_ok(f, "none: nothing was published there yet");
	else
		tell_ledger(&c->record.ledger, f);
}
