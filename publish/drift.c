/* Compare what the server has with what the ledger says.  Hub. */
#include "publish/drift.h"

#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/path.h"

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

static void
looked(void *ctx, size_t i, const struct msg_done *done)
{
	struct drift *d = ctx;
	const struct plan_step *step = &d->plan->steps[i];
	struct ferry_error e;

	if (done->result == RESULT_OK) {
		if (!far_is_as(&d->t->far, done, step->recorded))
			found(d, step->path, "was changed on the server");
	} else if (done->result != RESULT_ABSENT) {
		far_judge(done, "look at", step->path, &e);
		if (d->found++ == 0)
			d->first = e;
		report_failure(&d->t->job->report, step->path, &e);
	} else if (step->kind == PLAN_PUT) {
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

static bool
has_to_ask(const struct plan_step *step)
{
	return step->recorded != NULL &&
	    (step->kind == PLAN_PUT || step->kind == PLAN_REMOVE);
}

int
drift_ask(struct drift *d, struct ferry_error *err)
{
	struct far_handler handler = { .done = looked, .ctx = d };
	const struct plan_step *step;
	size_t i;
	int rc = 0;

	for (i = 0; i < d->plan->count && !has_to_ask(&d->plan->steps[i]); i++)
		continue;
	if (far_is_ftp(&d->t->far) && i < d->plan->count)
		rc = ask_when_left(d, err);
	for (i = 0; rc == 0 && i < d->plan->count; i++) {
		step = &d->plan->steps[i];
		if (step->kind == PLAN_RMDIR && step->rank == PLAN_FIRST)
			rc = ask_folder(d, step->path, err);
	}
	for (i = 0; rc == 0 && i < d->plan->count; i++) {
		step = &d->plan->steps[i];
		if (!has_to_ask(step))
			continue;
		handler.item = i;
		far_step(&d->t->far, STEP_STAT, step->path);
		far_loose(&d->t->far);
		rc = far_send(&d->t->far, -1, &handler, err);
	}
	return rc;
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
		    "there; then run it again.");
	return -d->first.code;
}
