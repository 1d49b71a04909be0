/*
 * adopt, the whole: compare, ask where something is lost by it, record under
 * the lock.  Hub.
 *
 * What is recorded is one base record, a whole ledger that takes the old one's
 * place by a rename: a run that is cut off has adopted all or nothing.  Of a
 * damaged ledger its file is kept beside.
 */
#include "publish/adopt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "publish/adopt_parts.h"
#include "publish/releases.h"
#include "publish/scan.h"
#include "publish/stage.h"

#define DAMAGED RECORD_LEDGER ".damaged"
#define DAMAGED_ASIDE FAR_KEPT "/ledger.damaged"

/* ---- The source ---- */

static int
scan(struct adopt *a, struct ferry_error *err)
{
	struct ferry_job *job = a->v.job;
	struct scan s;

	job_scan(job, a->v.state.source, &s);
	report_phase(&job->report, ferry_PHASE_SCAN, 0, 0);
	return scan_source(&s, &a->local, err);
}

/* ---- The ledger ---- */

/* It may be larger than anybody reads: the lock asks whether it has changed. */
static int
ask_size(struct record *r, struct ferry_error *err)
{
	struct msg_done done;
	int rc;

	far_step(r->far, STEP_STAT, record_path(r));
	rc = far_call(r->far, -1, &done, err);
	if (rc == 0 && done.result == RESULT_OK)
		r->size = done.size;
	return rc;
}

/* One that is damaged or lost is what we are here for. */
static int
open_far(struct adopt *a, struct ferry_error *err)
{
	struct ferry_error e;
	int rc;

	/* our copy may be whole where the server's is not, before its end */
	a->v.transfer.record.whole = true;
	rc = visit_open(&a->v, &e);
	a->damaged = rc == -ferry_EDRIFT &&
	    (strcmp(e.id, "ledger_corrupt") == 0 ||
		strcmp(e.id, "ledger_lost") == 0);
	if (a->damaged) {
		e.hint[0] = '\0';
		report_warning(&a->v.job->report, NULL, &e);
		(void)record_copy(&a->v.transfer.record, &a->copy);
		return ask_size(&a->v.transfer.record, err);
	}
	if (rc == 0 && a->v.transfer.record.ledger.state == LEDGER_COMMITTING) {
		err_set(&e, ferry_EDRIFT, "not_ended",
		    "a publish did not end, and some of it is live");
		err_hint(&e, "Publish first, which finishes it.");
		rc = -ferry_EDRIFT;
	}
	if (rc != 0 && err != NULL)
		*err = e;
	return rc;
}

static bool
add_live(struct tree *live, const struct tree_file *f, int64_t mtime)
{
	struct tree_file *copy = tree_add(live, f->path);

	if (copy == NULL)
		return false;
	copy->size = f->size;
	copy->mode = f->mode;
	copy->digest = f->digest;
	copy->gone_at = f->gone_at;
	copy->gone_time = f->gone_time;
	copy->mtime = mtime;
	return true;
}

/* What will be recorded: with the time that the server gives each file. */
static bool
make_live(const struct adopt *a, struct tree *live)
{
	const struct tree *old = &a->v.transfer.record.ledger.live;
	bool ok = true;
	size_t i;

	for (i = 0; ok && i < old->count; i++)
		ok = add_live(live, &old->files[i], old->files[i].mtime);
	for (i = 0; ok && i < a->wanted.count; i++) {
		const uint64_t mtime = a->v.survey.files[i].mtime;

		if (a->state[i] == ADOPT_EQUAL || a->state[i] == ADOPT_FORMER)
			ok =
			    add_live(live, &a->wanted.files[i], (int64_t)mtime);
	}
	tree_seal(live);
	return ok;
}

static int
keep_damaged(struct adopt *a, struct ferry_error *err)
{
	struct record *r = &a->v.transfer.record;
	struct far *f = &a->v.transfer.far;
	struct msg_done done;
	int rc;

	if (!a->damaged || r->absent)
		return 0;
	far_step(f, STEP_RENAME, record_path(r))->length = r->size;
	far_set_target(f, DAMAGED);
	far_set_aside(f, DAMAGED_ASIDE);
	rc = far_call(f, -1, &done, err);
	return rc != 0
	    ? rc
	    : far_judge(&done, "put aside", far_shown(f, RECORD_LEDGER), err);
}

/* What no publish will ask for again. */
static int
clean(struct transfer *t, struct ferry_error *err)
{
	int rc = stage_list(t, err);

	if (rc == 0)
		rc = stage_tidy(t, err);
	if (rc == 0)
		rc = lock_release(&t->lock, err);
	return rc != 0 ? rc : far_wait(&t->far, err);
}

/* A publish that came meanwhile is refused by the lock. */
static int
record(struct adopt *a, struct ferry_error *err)
{
	struct transfer *t = &a->v.transfer;
	const uint64_t was =
	    a->damaged ? a->copy.generation : t->record.ledger.generation;
	struct tree live;
	int rc;

	tree_init(&live);
	rc = make_live(a, &live) ? transfer_lock(t, err) : err_memory(err);
	if (rc == 0)
		rc = keep_damaged(a, err);
	if (rc == 0) {
		report_phase(&a->v.job->report, ferry_PHASE_CLEAN, 0, 0);
		t->record.generation = was + 1;
		rc = record_compact(&t->record, &live, err);
	}
	if (rc == 0) {
		a->v.job->report.summary.generation = was + 1;
		record_keep(&t->record);
		rc = clean(t, err);
	}
	tree_free(&live);
	return rc;
}

static int
confirm(const struct adopt *a, struct ferry_error *err)
{
	char prompt[160];
	const size_t n = a->counts[ADOPT_EQUAL] + a->counts[ADOPT_FORMER];

	if (!a->damaged || a->v.job->options.confirmed)
		return 0;
	snprintf(prompt, sizeof(prompt),
	    "Make a new ledger there, of %zu file%s?", n, n == 1 ? "" : "s");
	if (job_ask_confirm(a->v.job, prompt))
		return 0;
	err_set(err, ferry_EGUARD, "not_confirmed",
	    "no new ledger was made: nobody has confirmed it");
	err_hint(err, "Answer yes at a terminal, or add --yes.");
	return -ferry_EGUARD;
}

static int
run(struct adopt *a, struct ferry_error *err)
{
	int rc = scan(a, err);

	if (rc == 0)
		rc = open_far(a, err);
	if (rc == 0)
		rc = releases_find(&a->v.transfer, err);
	if (rc == 0)
		rc = adopt_compare(a, err);
	if (rc != 0)
		return rc;
	a->v.job->report.summary.generation =
	    a->v.transfer.record.ledger.generation;
	adopt_tell(a);
	if (a->v.job->options.dry_run)
		return 0;
	if (!a->damaged && a->counts[ADOPT_EQUAL] == 0) {
		record_keep(&a->v.transfer.record);
		return 0;
	}
	rc = confirm(a, err);
	return rc != 0 ? rc : record(a, err);
}

int
adopt_run(struct ferry_job *job, struct ferry_error *err)
{
	struct adopt a = { .damaged = false };
	int rc = visit_prepare(&a.v, job, true, err);

	tree_init(&a.local);
	tree_init(&a.wanted);
	ledger_init(&a.copy);
	if (rc == 0)
		rc = run(&a, err);
	visit_close(&a.v);
	ledger_free(&a.copy);
	tree_free(&a.wanted);
	tree_free(&a.local);
	free(a.state);
	return rc;
}
