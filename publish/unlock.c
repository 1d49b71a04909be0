/*
 * unlock: show the lock, ask, remove it.  Hub.
 *
 * A publish refreshes its lock every minute.  Whose last sign is younger than
 * two minutes is taken to live, and so is a run on this machine.
 */
#include "publish/unlock.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/path.h"
#include "publish/lock.h"
#include "publish/visit.h"

/* A ledger that cannot be read does not matter here. */
static int
open_far(struct visit *v, struct ferry_error *err)
{
	int rc = visit_open(v, err);

	return (rc == -ferry_EDRIFT || rc == -ferry_EDENIED) &&
		far_is_open(&v->transfer.far)
	    ? 0
	    : rc;
}

static int
refuse(const struct ferry_status *s, struct ferry_error *err)
{
	err_set(err, ferry_ELOCKED, "locked",
	    "%s is publishing this site (last sign of it %lld s ago)", s->owner,
	    (long long)s->age);
	err_hint(err,
	    "Wait until that has ended; if you know that it is dead, add "
	    "--force.");
	return -ferry_ELOCKED;
}

static int
confirm(struct visit *v, struct ferry_error *err)
{
	char prompt[512];

	if (v->job->options.confirmed)
		return 0;
	snprintf(prompt, sizeof(prompt), "Remove the lock of %.400s?",
	    v->status.owner);
	if (job_ask_confirm(v->job, prompt))
		return 0;
	err_set(err, ferry_EGUARD, "not_confirmed",
	    "the lock of %s stays: nobody has confirmed it", v->status.owner);
	err_hint(err, "Answer yes at a terminal, or add --yes.");
	return -ferry_EGUARD;
}

static int
run(struct visit *v, struct ferry_error *err)
{
	struct transfer *t = &v->transfer;
	struct lock_other other;
	char owner[256];
	int rc = lock_look(&t->far, &other, err);

	if (rc == 0 && other.held)
		rc = lock_judge(&t->lock, t->record.machine, &other, err);
	if (rc != 0)
		return rc;
	if (other.held) {
		const size_t n = strcspn(other.text, " ");

		path_escape(owner, sizeof(owner),
		    n > 0 ? other.text : "somebody",
		    n > 0 ? n : strlen("somebody"));
		v->status.owner = owner;
		v->status.locked = (int64_t)other.mtime;
		v->status.age = (int64_t)other.age;
	}
	v->status.generation = t->record.ledger.generation;
	v->status.time = (int64_t)t->record.ledger.time;
	v->status.machine = t->record.ledger.machine;
	report_status(&v->job->report, &v->status);
	if (!other.held)
		return 0;
	if (other.alive && !v->job->options.force)
		return refuse(&v->status, err);
	rc = confirm(v, err);
	if (rc == 0)
		rc = lock_remove(&t->lock, &other, err);
	v->job->report.summary.removed = rc == 0;
	return rc;
}

int
unlock_run(struct ferry_job *job, struct ferry_error *err)
{
	struct visit v;
	int rc = visit_prepare(&v, job, false, err);

	if (rc == 0)
		rc = open_far(&v, err);
	if (rc == 0)
		rc = run(&v, err);
	visit_close(&v);
	return rc;
}
