/* Compare what the server has with what the ledger says.  Hub. */
#include "publish/drift.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/path.h"
#include "publish/drift_parts.h"
#include "publish/releases.h"

enum { NAMED = 10 }; /* files that are named one by one */

static void
found(struct drift *d, const char *path, const char *what)
{
	struct ferry_error e;

	err_set(&e, ferry_EDRIFT, "drift", "%s %s", path, what);
	if (d->found++ == 0)
		d->first = e;
	if (d->found <= NAMED)
		report_failure(&d->t->job->report, path, &e);
}

/* A whole release is gone back to: nothing in it can stay as it is. */
static enum site_drift
policy(const struct drift *d)
{
	const enum site_drift drift = d->t->job->site->drift;

	return drift == SITE_DRIFT_KEEP && d->t->releases.back != 0
	    ? SITE_DRIFT_STOP
	    : drift;
}

/* Does a file that is to go make way for a folder, or for a file in its place? */
static bool
makes_way(const struct plan *plan, const struct plan_step *gone)
{
	const struct plan_step *s;

	if (gone->kind != PLAN_REMOVE || gone->rank != PLAN_FIRST)
		return false;
	for (size_t i = 0; i < plan->count; i++) {
		s = &plan->steps[i];
		if (s->kind == PLAN_PUT &&
		    (path_below(s->path, gone->path) ||
			path_below(gone->path, s->path)))
			return true;
	}
	return false;
}

/* Not as we left it: what does the site want? */
static void
drifted(struct drift *d, size_t i, const char *what)
{
	const char *path = d->plan->steps[i].path;
	struct ferry_error e;

	if (policy(d) == SITE_DRIFT_STOP ||
	    (policy(d) == SITE_DRIFT_KEEP &&
		makes_way(d->plan, &d->plan->steps[i]))) {
		found(d, path, what);
		return;
	}
	d->marks[i] = true;
	if (policy(d) == SITE_DRIFT_OVERWRITE)
		return; /* told when it is kept: kept.c */
	err_set(
	    &e, ferry_EDRIFT, "drift", "%s %s; it stays as it is", path, what);
	report_warning(&d->t->job->report, path, &e);
}

static bool
fold_recorded(struct drift *d)
{
	const struct tree_file *f;
	struct tree_file *folded;
	bool ok = true;
	char *name;

	for (size_t i = 0; ok && i < d->recorded->count; i++) {
		f = &d->recorded->files[i];
		name = plan_fold(f->path);
		folded = name != NULL ? tree_add(&d->folded, name) : NULL;
		ok = folded != NULL;
		if (ok) {
			folded->size = f->size;
			folded->mtime = f->mtime;
		}
		free(name);
	}
	tree_seal(&d->folded);
	return ok;
}

/*
 * On a server without letter case a new name may find one of ours; on any other
 * one it is somebody else's, whatever of ours has a name like it.
 */
static bool
is_ours_folded(struct drift *d, const char *path, const struct msg_done *done)
{
	const struct tree_file *f;
	char *name;
	bool is;

	if (d->folded.count == 0 && !fold_recorded(d))
		return false;
	name = plan_fold(path);
	f = name != NULL ? tree_find(&d->folded, name) : NULL;
	is = f != NULL && far_is_as(&d->t->far, done, f);
	free(name);
	return is;
}

/* Something is where a new file is to go. */
static void
in_the_way(struct drift *d, size_t i, const struct msg_done *done)
{
	const struct plan_step *step = &d->plan->steps[i];

	if (S_ISDIR(done->mode)) {
		if (!tree_has_below(d->recorded, step->path))
			found(d, step->path, "is a folder on the server");
	} else if ((done->size != step->local->size ||
		       done->mtime != far_mtime(step->local->mtime)) &&
	    !is_ours_folded(d, step->path, done)) {
		drifted(d, i, "is on the server already, and not by us");
	}
}

/* A folder is to be made: what is there, if not the folder? */
static void
folder_looked(struct drift *d, const char *path, const struct msg_done *done)
{
	if (done->result == RESULT_OK && S_ISREG(done->mode) &&
	    tree_find(d->recorded, path) == NULL &&
	    !is_ours_folded(d, path, done))
		found(d, path, "is a file on the server, and not by us");
}

void
drift_looked(void *ctx, size_t i, const struct msg_done *done)
{
	struct drift *d = ctx;
	const struct plan_step *step = &d->plan->steps[i];
	struct ferry_error e;

	if (step->kind == PLAN_MKDIR) {
		folder_looked(d, step->path, done);
	} else if (done->result == RESULT_OK) {
		if (step->recorded == NULL)
			in_the_way(d, i, done);
		else if (!far_is_as(&d->t->far, done, step->recorded))
			drifted(d, i, "was changed on the server");
	} else if (done->result != RESULT_ABSENT) {
		far_judge(done, "look at", step->path, &e);
		if (d->found++ == 0)
			d->first = e;
		report_failure(&d->t->job->report, step->path, &e);
	} else if (step->kind == PLAN_PUT && step->recorded != NULL) {
		err_set(&e, ferry_EDRIFT, "drift_absent",
		    "%s was removed on the server; it will be there again",
		    step->path);
		report_warning(&d->t->job->report, step->path, &e);
	}
}

/* A folder that a file will replace must hold nothing but what we put there. */
static int
ask_folder(struct drift *d, const char *dir, struct ferry_error *err)
{
	struct tree names;
	struct msg_done done;
	char path[LIMIT_PATH + LIMIT_NAME + 2];
	const struct tree_file *f;
	size_t i;
	int rc;

	tree_init(&names);
	rc = far_list(&d->t->far, dir, &names, &done, err);
	if (rc == 0 && done.result != RESULT_ABSENT)
		rc = far_judge(&done, "list", dir, err);
	for (i = 0; rc == 0 && i < names.count; i++) {
		f = &names.files[i];
		if (!path_join(path, sizeof(path), dir, f->path))
			continue;
		if (S_ISDIR(f->mode) ? !tree_has_below(d->recorded, path)
				     : tree_find(d->recorded, path) == NULL)
			found(d, path, "is not ours, and in the way");
	}
	tree_free(&names);
	return rc;
}

/* The ledger is the last file that a publish writes. */
static int
ask_when_left(struct drift *d, struct ferry_error *err)
{
	struct far *f = &d->t->far;
	struct msg_done done;
	int rc;

	far_step(f, STEP_STAT, RECORD_LEDGER);
	rc = far_call(f, -1, &done, err);
	if (rc == 0 && done.result == RESULT_OK)
		f->left_at = done.mtime;
	return rc;
}

/*
 * Over FTP a new name costs more than one question: it is left to the folder's
 * listing.
 */
static bool
has_to_ask(const struct drift *d, const struct plan_step *step)
{
	if (step->kind != PLAN_PUT && step->kind != PLAN_REMOVE &&
	    step->kind != PLAN_MKDIR)
		return false;
	if (releases_wanted(d->t)) /* nothing is in the way of a new one */
		return step->recorded != NULL;
	return step->recorded != NULL ||
	    (!far_is_ftp(&d->t->far) && drift_may_be_there(d, step->path));
}

static int
ask_each(struct drift *d, struct ferry_error *err)
{
	struct far_handler handler = { .done = drift_looked, .ctx = d };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < d->plan->count; i++) {
		if (!has_to_ask(d, &d->plan->steps[i]))
			continue;
		handler.item = i;
		far_step(&d->t->far, STEP_STAT, d->plan->steps[i].path);
		far_loose(&d->t->far);
		rc = far_send(&d->t->far, -1, &handler, err);
	}
	return rc;
}

/* ---- The whole ---- */

/* The plan without what stays, and with what is kept aside. */
static void
apply(struct drift *d)
{
	const bool keep = policy(d) == SITE_DRIFT_KEEP;

	if (keep) /* what is not replaced is not to be sent compressed */
		plan_mark_sidecars(d->plan, d->marks);
	for (size_t i = d->plan->count; i-- > 0;) {
		if (!d->marks[i])
			continue;
		if (keep)
			plan_drop(d->plan, i);
		else
			d->plan->steps[i].drifted = true;
	}
}

int
drift_ask(struct drift *d, struct ferry_error *err)
{
	const struct plan_step *step;
	bool old = false;
	int rc = 0;

	tree_init(&d->folded);
	d->marks = calloc(d->plan->count + 1, sizeof(*d->marks));
	if (d->marks == NULL)
		return err_memory(err);
	for (size_t i = 0; i < d->plan->count; i++)
		old |= d->plan->steps[i].recorded != NULL;
	if (far_is_ftp(&d->t->far) && old && d->t->far.left_at == 0)
		rc = ask_when_left(d, err);
	for (size_t i = 0; rc == 0 && i < d->plan->count; i++) {
		step = &d->plan->steps[i];
		if (step->kind == PLAN_RMDIR && step->rank == PLAN_FIRST &&
		    !releases_wanted(d->t))
			rc = ask_folder(d, step->path, err);
	}
	if (rc == 0)
		rc = ask_each(d, err);
	if (rc == 0 && far_is_ftp(&d->t->far))
		rc = drift_ask_folders(d, err);
	if (rc != 0 || policy(d) == SITE_DRIFT_STOP)
		return rc;
	rc = far_wait(&d->t->far, err);
	if (rc == 0)
		apply(d);
	return rc;
}

void
drift_free(struct drift *d)
{
	free(d->marks);
	d->marks = NULL;
	tree_free(&d->folded);
}

int
drift_judge(const struct drift *d, struct ferry_error *err)
{
	if (d->found == 0)
		return 0;
	if (err != NULL)
		*err = d->first;
	err_prefix(err, "%zu file%s not as we left %s, nothing was published",
	    d->found, d->found == 1 ? " is" : "s are",
	    d->found == 1 ? "it" : "them");
	if (d->first.code == ferry_EDRIFT)
		err_hint(err,
		    "Take what was changed there into the source, or remove it "
		    "there; --drift overwrite replaces it and keeps a copy, "
		    "--drift keep leaves it alone; adopt makes a site ours "
		    "that is there already.");
	return -d->first.code;
}
