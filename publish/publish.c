/*
 * Publish a site: read this first.  Hub.
 *
 *   config -> seal -> scan -> plan -> transfer -> record -> report
 *
 * Seven calls in this order; data moves only to the right.  A dry run ends
 * behind the plan, having written nothing on the server.  The scan runs on
 * while the connection is made: the plan waits for both.  To undo a publish is
 * to publish what was live before it: history takes the place of the scan.
 */
#include "publish/publish.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "publish/grants.h"
#include "publish/plan.h"
#include "publish/plan_held.h"
#include "publish/plan_told.h"
#include "publish/preflight.h"
#include "publish/recover.h"
#include "publish/refs.h"
#include "publish/releases.h"
#include "publish/scan_ahead.h"
#include "publish/scan_open.h"
#include "publish/state.h"
#include "publish/transfer.h"
#include "publish/undo.h"

struct publish {
	struct ferry_job *job;
	struct state state; /* what this machine remembers */
	struct scan_ahead *ahead; /* the scan, until it is waited for */
	struct tree scanned;
	struct ledger then; /* undo: the ledger as it was */
	struct refs refs; /* what its pages refer to, as far as it is known */
	const struct tree *local; /* what is to be live */
	struct tree preview; /* what will be, when a commit is still open */
	const struct tree *recorded; /* what the ledger says is live */
	struct plan *plan;
	struct transfer transfer;
	bool again; /* somebody else published while the lock was waited for */
};

static bool
is_undo(const struct publish *p)
{
	return p->job->verb == ferry_UNDO;
}

/* Everything that can be known to be wrong before anything is done. */
static int
config(struct publish *p, struct ferry_error *err)
{
	int rc, fd;

	rc = is_undo(p) ? site_judge_remote(p->job->site, err)
			: site_judge(p->job->site, err);
	if (rc == 0)
		rc = plan_held_url(p->job, err);
	if (rc != 0)
		return rc;
	if (!is_undo(p)) {
		/* one that is not there needs no connection to be missed */
		fd = scan_open_source(p->job->site, err);
		if (fd < 0)
			return -ferry_ESOURCE;
		close(fd);
	}
	rc = grants_choose(p->job, err);
	if (rc != 0)
		return rc;
	state_open(&p->state, p->job);
	return transfer_prepare(&p->transfer, p->job, p->state.dir, err);
}

/* What is not needed from here on is given up, where that is wanted. */
static int
seal(struct publish *p, struct ferry_error *err)
{
	return walls_seal(p->job, err);
}

static void
link_failed(void *ctx, const char *page, const struct ferry_error *error)
{
	report_failure(ctx, page, error);
}

/*
 * It begins here; what it found is wanted when we know what the server has.
 * Pages are read as well, all of them, where nothing says which will differ.
 */
static int
scan(struct publish *p, struct ferry_error *err)
{
	const bool all =
	    p->job->site->strict_links || !record_has_copy(&p->transfer.record);
	struct scan s;
	int rc;

	if (is_undo(p))
		return 0;
	job_scan(p->job, p->state.source, &s);
	s.meets_all = !record_has_copy(&p->transfer.record);
	rc = scan_ahead_start(&p->ahead, &s, all ? &p->refs : NULL, err);
	if (rc == 0)
		far_ask_packed(
		    &p->transfer.far, scan_ahead_is_packed, p->ahead);
	return rc;
}

static int
reach(struct publish *p, struct ferry_error *err)
{
	int rc;

	report_phase(&p->job->report, ferry_PHASE_CONNECT, 0, 0);
	rc = transfer_open(&p->transfer, err);
	if (rc != 0)
		return rc;
	if (is_undo(p))
		return 0;
	report_phase(&p->job->report, ferry_PHASE_SCAN, 0, 0);
	return scan_ahead_join(p->ahead, &p->scanned, err);
}

/* What the server has, by its ledger; an open commit counts as done. */
static int
look(struct publish *p, struct ferry_error *err)
{
	struct transfer *t = &p->transfer;
	const struct ledger *l = &t->record.ledger;
	int rc;

	rc = p->again ? transfer_read(t, err) : reach(p, err);
	if (rc == 0)
		rc = plan_held_ledger(p->job, l, err);
	if (rc != 0)
		return rc;
	p->recorded = &l->live;
	if (l->state != LEDGER_COMMITTING)
		return 0;
	if (!p->job->options.dry_run)
		return transfer_recover(t, err);
	report_note(
	    &p->job->report, "an interrupted publish will be finished first");
	p->recorded = &p->preview;
	return recover_preview(l, &p->preview, err);
}

/* What is to be live is what was live before. */
static int
look_back(struct publish *p, struct ferry_error *err)
{
	int rc =
	    undo_find(&p->transfer, p->job->options.generation, &p->then, err);

	p->local = &p->then.live;
	p->transfer.history = p->local;
	p->transfer.releases.back = p->then.release;
	return rc;
}

static void
tell_plan(const struct publish *p)
{
	struct ferry_summary *s = &p->job->report.summary;
	size_t i;

	s->added = p->plan->added;
	s->changed = p->plan->changed;
	s->removed = p->plan->removed;
	s->unchanged = p->plan->unchanged;
	s->waiting = p->plan->waiting;
	s->waits_begun = s->waits_ended = 0;
	s->bytes_planned = p->plan->bytes;
	s->generation = p->transfer.record.ledger.generation;
	for (i = 0; i < p->plan->count; i++)
		report_step(&p->job->report, &p->plan->steps[i]);
	for (i = 0; i < p->plan->wait_count; i++) {
		const struct plan_wait *w = &p->plan->waits[i];

		s->waits_ended += w->back;
		s->waits_begun += !w->back && !w->noted;
		report_wait(&p->job->report, w);
	}
}

/* What needs what: pages are read, those that changed, or all of them. */
static int
order(struct publish *p, struct ferry_error *err)
{
	const struct ferry_site *site = p->job->site;
	const bool strict = site->strict_links;
	int rc;

	if (p->plan->added + p->plan->changed == 0 && !strict)
		return 0;
	if (releases_wanted(&p->transfer) && !strict)
		return 0; /* nothing of it is seen before all of it */
	scan_ahead_stop(p->ahead);
	p->refs.local = p->local;
	rc = refs_read(&p->refs, strict ? NULL : p->recorded, site,
	    p->job->cancel[0], err);
	if (rc == 0 && strict)
		rc = refs_judge(&p->refs, link_failed, &p->job->report, err);
	if (rc == 0)
		rc = plan_order(
		    p->plan, &p->refs, far_is_ftp(&p->transfer.far), err);
	return rc;
}

/* The steps, and what may wait; brought back is all at once. */
static int
make(struct publish *p, struct ferry_error *err)
{
	const struct ferry_site *site = p->job->site;
	struct plan_grace grace = {
		.generation = p->transfer.record.ledger.generation + 1,
		.now = (uint64_t)time(NULL),
	};
	int rc = plan_make(&p->plan, p->local, p->recorded, err);

	if (!is_undo(p)) {
		grace.publishes = site->grace_publishes;
		grace.days = site->grace_days;
	}
	if (rc == 0)
		rc = plan_grant(p->plan, p->local, p->recorded, &grace, err);
	return rc;
}

/* May it be done, and can it?  Then in which order. */
static int
judge(struct publish *p, struct ferry_error *err)
{
	const struct ferry_site *site = p->job->site;
	const struct plan_limits limits = {
		.max_removals = site->max_removals,
		.max_removals_percent = site->max_removals_percent,
		.accept_removals = p->job->options.accept_removals,
		.allow_empty = site->allow_empty,
	};
	int rc = plan_judge(p->plan, p->local, p->recorded, &limits, err);

	/* whoever looks at what is forbidden sees what would be done */
	if (rc == -ferry_EGUARD &&
	    (p->job->options.dry_run || p->job->options.plan.url != NULL))
		(void)order(p, NULL);
	if (rc == 0)
		rc = preflight_judge(&p->transfer, p->plan, p->local,
		    !p->job->options.dry_run, err);
	return rc != 0 ? rc : order(p, err);
}

/* For whoever wants to look at it; one that may not be is kept, too. */
static int
keep(struct publish *p, int rc, struct ferry_error *err)
{
	struct ferry_job *job = p->job;
	int held = plan_held_digest(job, p->plan, rc == 0 ? err : NULL);
	int kept = 0;

	if (job->options.dry_run || held != 0)
		kept = plan_told_make(&job->plan, p->plan,
		    &job->report.summary.plan,
		    rc == 0 && held == 0 ? err : NULL);
	return rc != 0 ? rc : held != 0 ? held : kept;
}

static int
plan(struct publish *p, struct ferry_error *err)
{
	int rc = look(p, err);

	if (rc == 0 && is_undo(p))
		rc = look_back(p, err);
	if (rc != 0)
		return rc;
	report_phase(&p->job->report, ferry_PHASE_PLAN, 0, 0);
	rc = make(p, err);
	if (rc != 0)
		return rc;
	if (is_undo(p))
		plan_order_unread(p->plan);
	else
		rc = judge(p, err);
	if (rc == 0)
		rc = releases_judge(&p->transfer, err);
	/* told in the order of the commit, and even if it may not be */
	tell_plan(p);
	return keep(p, rc, err);
}

static bool
nothing_to_do(const struct publish *p)
{
	return p->job->options.dry_run || plan_is_empty(p->plan);
}

static int
transfer(struct publish *p, struct ferry_error *err)
{
	if (nothing_to_do(p))
		return 0;
	return transfer_run(&p->transfer, p->plan, p->recorded, err);
}

/* Under the lock, which is held by now, the second plan is the last. */
static bool
has_to_plan_again(struct publish *p, int rc)
{
	if (rc != -ferry_ELOCKED || p->again || !p->transfer.lock.held ||
	    p->job->options.wait_seconds == 0)
		return false;
	report_note(&p->job->report,
	    "somebody else has published: the plan is made anew");
	plan_free(p->plan);
	p->plan = NULL;
	tree_free(&p->preview);
	p->again = true;
	return true;
}

/* Plan, and do it. */
static int
bring(struct publish *p, struct ferry_error *err)
{
	int rc;

	do {
		rc = plan(p, err);
		if (rc == 0)
			rc = transfer(p, err);
	} while (has_to_plan_again(p, rc));
	return rc;
}

/* What a dry run ends with, where it is a question. */
static int
judge_pending(const struct publish *p, struct ferry_error *err)
{
	const struct ferry_summary *s = &p->job->report.summary;
	const uint64_t n = s->added + s->changed + s->removed + s->waits_begun +
	    s->waits_ended;
	const bool open = p->transfer.record.ledger.state == LEDGER_COMMITTING;

	if (!p->job->options.exit_code || (n == 0 && !open))
		return 0;
	if (n == 0)
		err_set(err, ferry_EPENDING, "changes_pending",
		    "an interrupted publish is to be finished");
	else
		err_set(err, ferry_EPENDING, "changes_pending",
		    "%llu change%s to be %s", (unsigned long long)n,
		    n == 1 ? " is" : "s are",
		    is_undo(p) ? "undone" : "published");
	err_hint(err,
	    is_undo(p) ? "Undo without the dry run does it."
		       : "Publish does it.");
	return -ferry_EPENDING;
}

static int
record(struct publish *p, struct ferry_error *err)
{
	struct record *r = &p->transfer.record;

	if (p->job->options.dry_run)
		return judge_pending(p, err);
	if (nothing_to_do(p)) {
		record_keep(r);
		lock_take_left(&p->transfer.lock, r);
		return 0;
	}
	p->job->report.summary.generation = r->generation;
	return transfer_end(&p->transfer, err);
}

/* The summary itself is the job's last word. */
static void
report(struct publish *p)
{
	transfer_close(&p->transfer);
	scan_ahead_free(p->ahead);
	refs_free(&p->refs);
	plan_free(p->plan);
	tree_free(&p->scanned);
	ledger_free(&p->then);
	tree_free(&p->preview);
	state_close(&p->state);
}

int
publish_run(struct ferry_job *job, struct ferry_error *err)
{
	struct publish p = { .job = job, .state = { -1, -1 } };
	int rc;

	tree_init(&p.scanned);
	refs_init(&p.refs, NULL, job->site->site_url, &job->site->exclude);
	ledger_init(&p.then);
	p.local = &p.scanned;
	tree_init(&p.preview);
	rc = config(&p, err);
	if (rc == 0)
		rc = seal(&p, err);
	if (rc == 0)
		rc = scan(&p, err);
	if (rc == 0)
		rc = bring(&p, err);
	if (rc == 0)
		rc = record(&p, err);
	report(&p);
	return rc;
}
