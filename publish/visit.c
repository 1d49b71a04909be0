/* Go to the server, read the ledger, look at what lies there.  Hub. */
#include "publish/visit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "publish/grants.h"
#include "publish/recover.h"
#include "publish/releases.h"

int
visit_prepare(struct visit *v, struct ferry_job *job, bool source,
    struct ferry_error *err)
{
	int rc;

	*v = (struct visit){ .job = job, .state = { -1, -1 } };
	v->status.age = -1;
	tree_init(&v->after);
	rc = source ? site_judge(job->site, err)
		    : site_judge_remote(job->site, err);
	if (rc == 0)
		rc = grants_choose(job, err);
	if (rc != 0)
		return rc;
	state_open(&v->state, job);
	rc = transfer_prepare(&v->transfer, job, v->state.dir, err);
	return rc != 0 ? rc : walls_seal(job, err);
}

/* What should be there: where a commit is open, either of two. */
static int
take_known(struct visit *v, struct ferry_error *err)
{
	const struct ledger *l = &v->transfer.record.ledger;

	v->known = &l->live;
	if (l->state != LEDGER_COMMITTING)
		return 0;
	v->known = &v->after;
	v->before = &l->live;
	return recover_preview(l, &v->after, err);
}

int
visit_open(struct visit *v, struct ferry_error *err)
{
	int rc;

	report_phase(&v->job->report, ferry_PHASE_CONNECT, 0, 0);
	rc = transfer_open(&v->transfer, err);
	return rc != 0 ? rc : take_known(v, err);
}

void
visit_close(struct visit *v)
{
	transfer_close(&v->transfer);
	survey_free(&v->survey);
	free(v->read);
	tree_free(&v->after);
	state_close(&v->state);
}

/* Of an open commit: it is still as it was before. */
static bool
is_pending(const struct visit *v, size_t i)
{
	const struct tree_file *old;
	struct msg_done done;

	if (v->before == NULL)
		return false;
	old = tree_find(v->before, v->known->files[i].path);
	survey_done(&v->survey.files[i], &done);
	if (done.result == RESULT_ABSENT)
		return old == NULL;
	return old != NULL && done.result == RESULT_OK &&
	    far_is_as(&v->transfer.far, &done, old);
}

/* As its bytes say. */
static bool
is_read(const struct visit *v, size_t i, enum ferry_file_state *state)
{
	if (v->read == NULL || v->read[i] == READBACK_EQUAL)
		return true;
	*state = v->read[i] == READBACK_OTHER ? ferry_FILE_CHANGED
					      : ferry_FILE_UNKNOWN;
	return false;
}

bool
visit_is_fine(const struct visit *v, size_t i, enum ferry_file_state *state)
{
	const struct survey *s = &v->survey;

	if (s->judge(s, i))
		return is_read(v, i, state);
	if (is_pending(v, i))
		*state = ferry_FILE_PENDING;
	else if (s->files[i].result == RESULT_ABSENT)
		*state = ferry_FILE_MISSING;
	else if (s->files[i].result == RESULT_OK)
		*state = ferry_FILE_CHANGED;
	else
		*state = ferry_FILE_UNKNOWN;
	return false;
}

static void
count(struct visit *v)
{
	struct ferry_summary *sum = &v->job->report.summary;
	struct ferry_status *s = &v->status;
	enum ferry_file_state state;
	size_t i;

	s->same = s->pending = s->missing = s->changed = s->unknown = 0;
	for (i = 0; i < v->known->count; i++) {
		if (visit_is_fine(v, i, &state))
			s->same++;
		else if (state == ferry_FILE_PENDING)
			s->pending++;
		else if (state == ferry_FILE_MISSING)
			s->missing++;
		else if (state == ferry_FILE_CHANGED)
			s->changed++;
		else
			s->unknown++;
	}
	s->strangers = v->survey.strangers.count;
	sum->changed = s->changed;
	sum->removed = s->missing;
	sum->unchanged = s->same;
}

/* Where visitors are led to; amid a commit perhaps to the new release. */
static int
find_release(struct visit *v, struct ferry_error *err)
{
	const struct ledger *l = &v->transfer.record.ledger;
	char name[FAR_RELEASE_SIZE];
	uint64_t number;
	int rc;

	if (!releases_wanted(&v->transfer) || l->generation == 0)
		return 0;
	rc = releases_look(&v->transfer, &number, &v->astray);
	if (rc == -ferry_EDRIFT) {
		report_warning(&v->job->report, RELEASES_CURRENT, &v->astray);
		return 0;
	}
	if (rc != 0 && err != NULL)
		*err = v->astray;
	if (rc == 0 && l->state == LEDGER_COMMITTING && number == l->next) {
		releases_name(name, number);
		far_set_place(&v->transfer.far, FAR_LIVE, name);
	}
	return rc;
}

int
visit_look(struct visit *v, survey_judge_fn *judge, struct ferry_error *err)
{
	const struct ledger *l = &v->transfer.record.ledger;
	int rc;

	report_phase(&v->job->report, ferry_PHASE_SCAN, 0, 0);
	rc = find_release(v, err);
	if (rc != 0)
		return rc;
	rc = survey_run(
	    &v->survey, &v->transfer.far, v->known, v->before, judge, err);
	if (rc != 0)
		return rc;
	v->status.generation = l->generation;
	v->status.time = (int64_t)l->time;
	v->status.machine = l->machine;
	v->status.progress = l->state == LEDGER_STAGING ? ferry_STAGING
	    : l->state == LEDGER_COMMITTING             ? ferry_COMMITTING
							: ferry_ENDED;
	v->status.files = v->known->count;
	v->status.bytes = v->known->bytes;
	v->job->report.summary.generation = l->generation;
	count(v);
	return 0;
}

/* ---- Reading back ---- */

/* Of another size: that is said already. */
static bool
make(void *ctx, size_t i, struct readback_file *out)
{
	const struct visit *v = ctx;
	const struct tree_file *f = &v->known->files[i];

	if (!v->survey.judge(&v->survey, i))
		return false;
	*out = (struct readback_file){
		.path = f->path, .size = f->size, .digest = f->digest
	};
	return true;
}

static void
read_one(void *ctx, size_t i, enum readback_result result,
    const struct msg_done *done)
{
	struct visit *v = ctx;

	v->read[i] = (uint8_t)result;
	if (result != READBACK_FAILED)
		return;
	v->survey.files[i].result = done->result;
}

int
visit_read(struct visit *v, struct ferry_error *err)
{
	const struct readback rb = { .far = &v->transfer.far,
		.count = v->known->count,
		.ctx = v,
		.make = make,
		.done = read_one };
	uint64_t files = 0, bytes = 0;
	size_t i;
	int rc;

	for (i = 0; i < v->known->count; i++) {
		if (!v->survey.judge(&v->survey, i))
			continue;
		files++;
		bytes += v->known->files[i].size;
	}
	v->read = calloc(v->known->count + 1, sizeof(*v->read));
	if (v->read == NULL)
		return err_memory(err);
	report_phase(&v->job->report, ferry_PHASE_VERIFY, files, bytes);
	rc = readback_run(&rb, err);
	if (rc == 0)
		count(v);
	return rc;
}

/* ---- Telling ---- */

static const char *
reason(const struct visit *v, size_t i, enum ferry_file_state state)
{
	const struct survey_file *f = &v->survey.files[i];

	switch (state) {
	case ferry_FILE_CHANGED:
		if (!S_ISREG(f->mode))
			return "is no file any more";
		if (v->read != NULL && v->read[i] == READBACK_OTHER)
			return "other bytes";
		return f->size == v->known->files[i].size ? "another time"
							  : "another size";
	case ferry_FILE_UNKNOWN:
		return f->result == RESULT_DENIED
		    ? "permission denied by the server"
		    : "the server does not show it";
	default:
		return NULL;
	}
}

void
visit_tell(const struct visit *v)
{
	struct report *r = &v->job->report;
	const struct tree *strangers = &v->survey.strangers;
	enum ferry_file_state state;
	size_t i;

	for (i = 0; i < v->known->count; i++) {
		const struct survey_file *f = &v->survey.files[i];

		if (visit_is_fine(v, i, &state))
			continue;
		report_file(r, state, v->known->files[i].path,
		    v->known->files[i].size,
		    f->result == RESULT_OK ? f->size : 0, reason(v, i, state));
	}
	for (i = 0; i < strangers->count; i++)
		report_file(r, ferry_FILE_STRANGER, strangers->files[i].path, 0,
		    strangers->files[i].size, NULL);
}

int
visit_run(struct ferry_job *job,
    int (*run)(struct visit *v, struct ferry_error *err),
    struct ferry_error *err)
{
	struct visit v;
	int rc = visit_prepare(&v, job, false, err);

	if (rc == 0)
		rc = visit_open(&v, err);
	if (rc == 0)
		rc = run(&v, err);
	visit_close(&v);
	return rc;
}
