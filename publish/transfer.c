/*
 * Carry out a plan.  Hub.
 *
 *   lock -> look for drift, begin, stage -> [barrier] -> staged -> [barrier]
 *   -> renames and removals -> [barrier] -> end, unlock
 *
 * Between two barriers everything is in flight at once.  Whatever goes wrong
 * before `staged` leaves the live site as it was; whatever goes wrong behind it
 * is rolled forward by the next run.
 */
#include "publish/transfer.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "publish/commit.h"
#include "publish/drift.h"
#include "publish/kept.h"
#include "publish/odd_names.h"
#include "publish/owner.h"
#include "publish/preflight.h"
#include "publish/recover.h"
#include "publish/releases.h"
#include "publish/side.h"
#include "publish/stage.h"

enum {
	WAIT_MS = 5000, /* between two tries to lock, a quarter off */
	FAREWELL_MS = 2000, /* who has cancelled waits for the end */
};

static void
progress(void *ctx)
{
	struct transfer *t = ctx;
	struct report *r = &t->job->report;

	if (r->phase != ferry_PHASE_STAGE)
		return;
	r->bytes_done = t->far.confirmed - t->confirmed;
	if (r->bytes_done > r->bytes_total) /* the ledger is not of the site */
		r->bytes_done = r->bytes_total;
	report_progress(r, t->current);
}

static void
keep_lock_young(void *ctx)
{
	struct transfer *t = ctx;

	/* if it fails, so will the step that comes next */
	(void)lock_refresh(&t->lock, NULL);
}

int
transfer_prepare(struct transfer *t, struct ferry_job *job, int state_dir,
    struct ferry_error *err)
{
	int rc;

	memset(t, 0, sizeof(*t));
	t->job = job;
	tree_init(&t->leftovers);
	tree_init(&t->kept.names);
	tree_init(&t->root.names);
	tree_init(&t->releases.there);
	record_init(&t->record, &t->far, state_dir);
	lock_init(&t->lock, &t->far, state_dir);
	rc = far_prepare(&t->far, job, err);
	if (rc == 0)
		far_remember(&t->far, state_dir);
	return rc;
}

int
transfer_open(struct transfer *t, struct ferry_error *err)
{
	int rc = far_open(&t->far, err);

	if (rc != 0)
		return rc;
	t->far.progress = progress;
	t->far.tick = keep_lock_young;
	t->far.tick_at = UINT64_MAX;
	t->far.ctx = t;
	if (!far_is_ftp(&t->far) && !record_has_copy(&t->record))
		rc = preflight_ask(t, err);
	return rc != 0 ? rc : transfer_read(t, err);
}

int
transfer_read(struct transfer *t, struct ferry_error *err)
{
	int rc = record_read(&t->record, err);

	return rc != 0 ? rc : releases_take(t, err);
}

/*
 * Make our folder and lock it in one flight; a second one where the folder
 * was not there yet when the lock came.
 */
static int
make_and_lock(struct transfer *t, struct ferry_error *err)
{
	struct ferry_error refusal = { 0 };
	struct side side = { .htaccess = -1 };
	int rc = drift_list_root(t, err), locked = 0;

	record_forget(&t->record);
	if (rc == 0)
		rc = side_send(&side, &t->far, err);
	if (rc == 0) {
		locked = lock_take(&t->lock, &t->record, &refusal);
		rc = side_judge(&side, err);
	}
	if (rc == 0 && locked != 0 && t->lock.put.result == RESULT_ABSENT)
		locked = lock_take(&t->lock, &t->record, &refusal);
	if (rc == 0 && locked != 0) {
		rc = locked;
		if (err != NULL)
			*err = refusal;
	}
	side_free(&side);
	return rc;
}

static int
take_lock(struct transfer *t, struct ferry_error *err)
{
	if (t->lock.held)
		return 0;
	if (t->record.absent)
		return make_and_lock(t, err);
	return lock_take(&t->lock, &t->record, err);
}

/* Two that wait for a third should not come at the same time ever after. */
static int
rest(const struct transfer *t, unsigned tries, uint64_t until,
    struct ferry_error *err)
{
	struct pollfd fd = { .fd = t->job->cancel[0], .events = POLLIN };
	const int left = clock_left(until);
	uint16_t random;
	int ms = tries < 3 ? 1000 << tries : WAIT_MS;

	if (getentropy(&random, sizeof(random)) == 0)
		ms += ms / 4 * ((int)random - 0x8000) / 0x8000;
	if (poll(&fd, 1, ms < left ? ms : left) > 0)
		return err_set(err, ferry_ECANCELLED, "cancelled", "cancelled");
	return 0;
}

int
transfer_lock(struct transfer *t, struct ferry_error *err)
{
	const uint64_t until =
	    clock_ms() + (uint64_t)t->job->options.wait_seconds * 1000;
	struct ferry_error e;
	unsigned tries = 0;
	int rc;

	while ((rc = take_lock(t, &e)) == -ferry_ELOCKED && !t->lock.held &&
	    clock_left(until) > 0) {
		if (tries == 0)
			report_note(&t->job->report, "%s: waiting", e.text);
		rc = rest(t, tries++, until, err);
		if (rc != 0)
			return rc;
	}
	if (rc != 0 && err != NULL)
		*err = e;
	return rc;
}

int
transfer_recover(struct transfer *t, struct ferry_error *err)
{
	int rc = transfer_lock(t, err);

	return rc != 0 ? rc : recover_run(t, err);
}

/* What has to be known and made before anything is staged. */
static int
prepare(struct transfer *t, struct ferry_error *err)
{
	int rc = 0;

	if (t->record.ledger.state == LEDGER_STAGING)
		rc = stage_list(t, err);
	if (rc == 0 && !t->record.absent && !stage_mends(t))
		rc = side_mend(&t->far, err);
	if (rc == 0)
		rc = side_probe(&t->far, err);
	/* FTP: who has been here before has noted it */
	if (rc == 0 && !(far_is_ftp(&t->far) && t->record.known))
		rc = owner_note(&t->far, err);
	if (rc == 0)
		rc = kept_list(t, err);
	return rc != 0 ? rc : releases_prepare(t, err);
}

/* Everything before the point of no return. */
static int
stage(struct transfer *t, const struct plan *plan, const unsigned *copies,
    struct ferry_error *err)
{
	int rc;

	t->confirmed = t->far.confirmed;
	/* what comes back is not sent */
	report_phase(&t->job->report, ferry_PHASE_STAGE,
	    t->history != NULL ? 0 : plan->added + plan->changed,
	    t->history != NULL ? 0 : plan->bytes);
	rc = record_begin(&t->record, plan, err);
	if (rc != 0)
		return rc;
	if (t->releases.back != 0)
		return far_wait(&t->far, err); /* nothing is to be staged */
	return t->history != NULL ? stage_link(t, plan, copies, err)
				  : stage_run(t, plan, copies, err);
}

static int
commit(struct transfer *t, struct plan *plan, const unsigned *copies,
    const struct tree *before, struct ferry_error *err)
{
	int rc = record_staged(&t->record, err);

	if (rc == 0)
		rc = far_wait(&t->far, err);
	if (rc == 0)
		rc = record_judge(&t->record, err);
	if (rc != 0)
		return rc;
	/* a visitor should not have to wait for the other half */
	far_deafen(&t->far);
	report_phase(&t->job->report, ferry_PHASE_COMMIT, plan->count, 0);
	return releases_wanted(t)
	    ? releases_commit(t, plan, copies, before, NULL, err)
	    : commit_run(t, plan, copies, NULL, err);
}

uint32_t
transfer_dir_mode(const struct transfer *t)
{
	const uint32_t mode = t->job->site->dir_mode;

	const struct far_modes *given = far_modes(&t->far);

	return given != NULL && mode == given->folder ? 0 : mode;
}

int
transfer_run(struct transfer *t, struct plan *plan, const struct tree *recorded,
    struct ferry_error *err)
{
	struct drift drift = { .t = t, .plan = plan, .recorded = recorded };
	unsigned *copies = NULL;
	int rc;

	rc = transfer_lock(t, err);
	if (rc == 0)
		rc = prepare(t, err);
	if (rc == 0 && site_is_folder(t->job->site))
		rc = odd_names_try(&t->far, plan, err);
	if (rc == 0)
		rc = drift_ask(&drift, err);
	if (rc != 0 || plan_is_empty(plan))
		goto out;
	copies = stage_plan(plan);
	rc = copies == NULL ? err_memory(err) : stage(t, plan, copies, err);
	if (rc == 0)
		rc = drift_judge(&drift, err);
	if (rc == 0)
		rc = record_judge(&t->record, err);
	if (rc == 0)
		rc = kept_copy(t, plan, err);
	if (rc == 0)
		rc = commit(t, plan, copies, recorded, err);
out:
	if (rc != 0)
		far_forget(&t->far);
	drift_free(&drift);
	free(copies);
	return rc;
}

/* Closed now, and it was fat before: write it anew, shorter. */
static int
compact(struct transfer *t, struct ferry_error *err)
{
	int rc = record_parse(&t->record, err);

	return rc != 0 ? rc
		       : record_shorten(&t->record, t->job->site->keep, err);
}

int
transfer_end(struct transfer *t, struct ferry_error *err)
{
	bool fat = ledger_is_fat(&t->record.ledger, t->job->site->keep);
	int rc;

	report_phase(&t->job->report, ferry_PHASE_CLEAN, 0, 0);
	kept_judge(t);
	rc = record_end(&t->record, err);
	if (rc == 0)
		rc = stage_tidy(t, err);
	if (rc == 0)
		rc = kept_prune(t, err);
	if (rc == 0)
		rc = releases_prune(t, err);
	if (rc == 0 && !fat)
		rc = lock_release(&t->lock, err);
	if (rc == 0)
		rc = far_wait(&t->far, err);
	if (rc == 0)
		rc = record_judge(&t->record, err);
	if (rc == 0 && fat)
		rc = compact(t, err);
	if (rc == 0)
		record_keep(&t->record);
	return rc;
}

void
transfer_close(struct transfer *t)
{
	if (t->job == NULL)
		return;
	far_forget(&t->far);
	if (t->lock.held && far_is_open(&t->far)) {
		if (fs_readable(t->job->cancel[0]))
			far_hurry(&t->far, FAREWELL_MS);
		far_deafen(&t->far);
		if (lock_release(&t->lock, NULL) == 0)
			(void)lock_await(&t->lock, NULL);
	}
	lock_close(&t->lock);
	far_close(&t->far);
	record_free(&t->record);
	tree_free(&t->leftovers);
	tree_free(&t->kept.names);
	tree_free(&t->root.names);
	tree_free(&t->releases.there);
	free(t->claimed);
	memset(t, 0, sizeof(*t));
}
