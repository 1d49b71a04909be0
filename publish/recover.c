/*
 * Roll an open commit forward.  Hub.
 *
 * Behind the ledger's `staged` everything was in the stage folder.  The trees
 * before and after give the same plan as then; a staged file that is no longer
 * there has been renamed already, or is lost.  What is lost is left out of the
 * ledger, so that the plan made next sends it again.  What is to be removed has
 * perhaps been removed, and its name given to another: it is looked at first.
 */
#include "publish/recover.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "publish/commit.h"
#include "publish/releases.h"
#include "publish/stage.h"

struct recovery {
	struct transfer *t;
	struct tree after;
	struct plan *plan;
	unsigned *copies; /* of each step */
	bool *done; /* steps that need no doing */
	bool *lost; /* puts of which nothing is left */
	size_t lost_count;
	struct tree placed; /* puts that were renamed, by folded name; sealed */
};

static bool
add_all(struct tree *to, const struct tree *from, const struct tree *without)
{
	const struct tree_file *f;
	struct tree_file *copy;
	size_t i;

	for (i = 0; i < from->count; i++) {
		f = &from->files[i];
		if (without != NULL && tree_find(without, f->path) != NULL)
			continue;
		copy = tree_add(to, f->path);
		if (copy == NULL)
			return false;
		copy->size = f->size;
		copy->mtime = f->mtime;
		copy->mode = f->mode;
		copy->wave = f->wave;
		copy->digest = f->digest;
		copy->gone_at = f->gone_at;
		copy->gone_time = f->gone_time;
	}
	return true;
}

int
recover_preview(
    const struct ledger *l, struct tree *after, struct ferry_error *err)
{
	struct tree gone;
	bool ok;

	tree_init(&gone);
	ok = add_all(&gone, &l->removals, NULL);
	tree_seal(&gone);
	ok = ok && add_all(after, &l->live, &gone) &&
	    add_all(after, &l->waits, NULL) && add_all(after, &l->puts, NULL);
	tree_seal(after);
	tree_free(&gone);
	return ok ? 0 : err_memory(err);
}

/* The order of the commit that was begun: so stage names come out as then. */
static void
take_waves(struct plan *p)
{
	struct plan_step *s;
	size_t i;

	for (i = 0; i < p->count; i++) {
		s = &p->steps[i];
		if (s->kind != PLAN_PUT)
			continue;
		s->wave = s->local->wave;
		if (s->folder != 0)
			p->folders[s->folder - 1].wave = s->wave;
	}
	for (i = 0; i < p->count; i++)
		if (p->steps[i].kind == PLAN_PLACE)
			p->steps[i].wave =
			    p->folders[p->steps[i].folder - 1].wave;
	plan_join(p);
}

static int
make_plan(struct recovery *r, struct ferry_error *err)
{
	const struct ledger *l = &r->t->record.ledger;
	int rc = recover_preview(l, &r->after, err);

	if (rc == 0)
		rc = plan_make(&r->plan, &r->after, &l->live, err);
	if (rc == 0 && l->folders.count > 0)
		rc = plan_gather(r->plan, &l->folders, NULL, err);
	if (rc != 0)
		return rc;
	take_waves(r->plan);
	r->copies = stage_plan(r->plan);
	r->done = calloc(r->plan->count + 1, sizeof(*r->done));
	r->lost = calloc(r->plan->count + 1, sizeof(*r->lost));
	if (r->copies == NULL || r->done == NULL || r->lost == NULL)
		return err_memory(err);
	return 0;
}

static bool
is_it(const struct recovery *r, const struct msg_done *done,
    const struct tree_file *f)
{
	return done->result == RESULT_OK && far_is_as(&r->t->far, done, f);
}

static void
looked(void *ctx, size_t i, const struct msg_done *done)
{
	struct recovery *r = ctx;

	if (is_it(r, done, r->plan->steps[i].local))
		return;
	r->lost[i] = true;
	r->lost_count++;
}

static void
looked_at_stage(void *ctx, size_t i, const struct msg_done *done)
{
	struct recovery *r = ctx;
	const struct plan_step *step = &r->plan->steps[i];

	if (step->kind == PLAN_PLACE)
		r->done[i] = done->result == RESULT_ABSENT;
	else
		r->done[i] = done->result != RESULT_OK ||
		    done->size != step->local->size;
}

static int
ask_stage(struct recovery *r, size_t i, struct ferry_error *err)
{
	const struct far_handler handler = {
		.done = looked_at_stage, .ctx = r, .item = i
	};
	char path[STAGE_PATH_SIZE];

	stage_path(path, r->plan, r->copies, i);
	far_step(&r->t->far, STEP_STAT, path);
	far_loose(&r->t->far);
	return far_send(&r->t->far, -1, &handler, err);
}

/* Folders that are staged as such: are they still there? */
static int
look_for_folders(struct recovery *r, bool *gone, struct ferry_error *err)
{
	const struct plan *p = r->plan;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < p->count; i++)
		if (p->steps[i].kind == PLAN_PLACE)
			rc = ask_stage(r, i, err);
	if (rc == 0)
		rc = far_wait(&r->t->far, err);
	for (size_t i = 0; i < p->count; i++)
		if (p->steps[i].kind == PLAN_PLACE)
			gone[p->steps[i].folder - 1] = r->done[i];
	return rc;
}

/*
 * What is no longer in the stage folder needs no rename.  An FTP server's
 * listing may end early: there each name is asked for.
 */
static int
look_for_files(struct recovery *r, const bool *gone, struct ferry_error *err)
{
	const struct plan_step *step;
	char path[STAGE_PATH_SIZE];
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < r->plan->count; i++) {
		step = &r->plan->steps[i];
		if (step->kind != PLAN_PUT)
			continue;
		if (step->folder != 0 && gone[step->folder - 1]) {
			r->done[i] = true;
		} else if (far_is_ftp(&r->t->far)) {
			rc = ask_stage(r, i, err);
		} else {
			stage_path(path, r->plan, r->copies, i);
			r->done[i] = tree_find(&r->t->leftovers,
					 path + sizeof(FAR_STAGE)) == NULL;
		}
	}
	return rc != 0 ? rc : far_wait(&r->t->far, err);
}

static int
look_at_stage(struct recovery *r, struct ferry_error *err)
{
	bool *gone = calloc(r->plan->folder_count + 1, sizeof(*gone));
	int rc;

	if (gone == NULL)
		return err_memory(err);
	far_expect(&r->t->far, r->plan->count);
	rc = look_for_folders(r, gone, err);
	if (rc == 0)
		rc = look_for_files(r, gone, err);
	free(gone);
	return rc;
}

/* Which files are still staged?  The others are looked for in their place. */
static int
find_staged(struct recovery *r, struct ferry_error *err)
{
	struct far_handler handler = { .done = looked, .ctx = r };
	const struct plan_step *step;
	size_t i;
	int rc = look_at_stage(r, err);

	for (i = 0; rc == 0 && i < r->plan->count; i++) {
		step = &r->plan->steps[i];
		if (step->kind != PLAN_PUT || !r->done[i])
			continue;
		handler.item = i;
		far_step_in(&r->t->far, STEP_STAT,
		    releases_wanted(r->t) ? FAR_NEXT : FAR_LIVE, step->path);
		far_loose(&r->t->far);
		rc = far_send(&r->t->far, -1, &handler, err);
	}
	return rc != 0 ? rc : far_wait(&r->t->far, err);
}

static int
note_placed(struct recovery *r, struct ferry_error *err)
{
	const struct tree_file *f;
	struct tree_file *copy;
	char *name;
	size_t i;

	for (i = 0; i < r->plan->count; i++) {
		f = r->plan->steps[i].local;
		if (f == NULL || !r->done[i] || r->lost[i])
			continue;
		name = plan_fold(f->path);
		copy = name != NULL ? tree_add(&r->placed, name) : NULL;
		free(name);
		if (copy == NULL)
			return err_memory(err);
		copy->size = f->size;
		copy->mtime = f->mtime;
	}
	tree_seal(&r->placed);
	return 0;
}

/*
 * Is what is to be removed still there?  By now its name may belong to what it
 * made way for: a folder, or, where letter case means nothing, the new file.
 */
static void
looked_at_old(void *ctx, size_t i, const struct msg_done *done)
{
	struct recovery *r = ctx;
	const struct plan_step *step = &r->plan->steps[i];
	const struct tree_file *now;
	struct ferry_error e;
	char *name;

	if (done->result != RESULT_OK) {
		r->done[i] = done->result == RESULT_ABSENT;
		return;
	}
	name = plan_fold(step->path);
	now = name != NULL ? tree_find(&r->placed, name) : NULL;
	free(name);
	r->done[i] =
	    S_ISDIR(done->mode) || (now != NULL && is_it(r, done, now));
	if (r->done[i] || is_it(r, done, step->recorded))
		return;
	r->done[i] = true;
	err_set(&e, ferry_EDRIFT, "drift",
	    "%s was changed on the server and is not removed", step->path);
	report_warning(&r->t->job->report, step->path, &e);
}

/* Which files are still to be removed? */
static int
find_removed(struct recovery *r, struct ferry_error *err)
{
	struct far_handler handler = { .done = looked_at_old, .ctx = r };
	size_t i;
	int rc = note_placed(r, err);

	for (i = 0; rc == 0 && i < r->plan->count; i++) {
		if (r->plan->steps[i].kind != PLAN_REMOVE)
			continue;
		handler.item = i;
		far_step(&r->t->far, STEP_STAT, r->plan->steps[i].path);
		far_loose(&r->t->far);
		rc = far_send(&r->t->far, -1, &handler, err);
	}
	return rc != 0 ? rc : far_wait(&r->t->far, err);
}

/* Close the ledger over what is really there. */
static int
compact_without_lost(struct recovery *r, struct ferry_error *err)
{
	struct tree lost, live;
	struct ferry_error e;
	bool ok = true;
	size_t i;
	int rc;

	tree_init(&lost);
	tree_init(&live);
	for (i = 0; ok && i < r->plan->count; i++)
		if (r->lost[i])
			ok = tree_add(&lost, r->plan->steps[i].path) != NULL;
	tree_seal(&lost);
	ok = ok && add_all(&live, &r->after, &lost);
	tree_seal(&live);
	rc = ok ? record_compact(&r->t->record, &live, err) : err_memory(err);
	if (rc == 0) {
		err_set(&e, ferry_EDRIFT, "stage_lost",
		    "%zu files of the interrupted publish were lost on the "
		    "server; they are sent again",
		    r->lost_count);
		report_warning(&r->t->job->report, NULL, &e);
	}
	tree_free(&lost);
	tree_free(&live);
	return rc;
}

/* ---- Releases ---- */

/*
 * Nobody sees the new release, and it cannot be completed: the publish that
 * was to make it is forgotten, and the plan made next sends all of it again.
 */
static int
give_up(struct recovery *r, struct ferry_error *err)
{
	struct record *record = &r->t->record;
	struct ferry_error e;
	int rc = 0;

	err_set(&e, ferry_EDRIFT, "stage_lost",
	    "%zu files of the interrupted publish were lost on the server; it "
	    "is given up, visitors saw nothing of it",
	    r->lost_count);
	report_warning(&r->t->job->report, NULL, &e);
	if (record->makes_release)
		rc = releases_remove(r->t, record->release, &r->after, err);
	if (rc == 0)
		rc = far_wait(&r->t->far, err);
	record->release = 0;
	if (rc == 0)
		rc = record_shorten(record, SIZE_MAX, err);
	return rc != 0 ? rc : record_parse(record, err);
}

/* Was it switched to?  Then all of it is there, and only the end is missing. */
static int
finish_release(struct recovery *r, bool *given_up, struct ferry_error *err)
{
	struct transfer *t = r->t;
	uint64_t number;
	int rc = releases_look(t, &number, err);

	*given_up = false;
	if (rc != 0 || number == t->record.release)
		return rc;
	*given_up = r->lost_count > 0;
	return *given_up ? give_up(r, err)
			 : releases_commit(t, r->plan, r->copies,
			       &t->record.ledger.live, r->done, err);
}

static void
take_release(struct transfer *t)
{
	const struct ledger *l = &t->record.ledger;
	char name[FAR_RELEASE_SIZE];

	t->record.release = l->next;
	t->record.makes_release = l->makes_next;
	releases_name(name, l->next);
	far_set_place(&t->far, FAR_NEXT, name);
}

static int
close_ledger(struct recovery *r, struct ferry_error *err)
{
	struct record *record = &r->t->record;
	int rc;

	if (r->lost_count > 0) {
		rc = compact_without_lost(r, err);
	} else {
		rc = record_end(record, err);
		if (rc == 0)
			rc = far_wait(&r->t->far, err);
		if (rc == 0)
			rc = record_judge(record, err);
	}
	return rc != 0 ? rc : record_parse(record, err);
}

int
recover_run(struct transfer *t, struct ferry_error *err)
{
	struct recovery r = { .t = t };
	bool given_up = false;
	int rc;

	tree_init(&r.after);
	tree_init(&r.placed);
	if (releases_wanted(t))
		take_release(t);
	rc = stage_list(t, err);
	if (rc == 0)
		rc = make_plan(&r, err);
	if (rc == 0)
		rc = find_staged(&r, err);
	if (rc == 0 && releases_wanted(t)) {
		rc = finish_release(&r, &given_up, err);
	} else if (rc == 0) {
		rc = find_removed(&r, err);
		if (rc == 0)
			rc = commit_run(t, r.plan, r.copies, r.done, err);
	}
	if (rc == 0 && !given_up)
		rc = close_ledger(&r, err);
	if (rc == 0)
		rc = releases_take(t, err);
	if (rc == 0 && given_up)
		rc = stage_list(t, err);
	else if (rc == 0) {
		report_note(&t->job->report,
		    "finished an interrupted publish (number %llu, of %s)",
		    (unsigned long long)t->record.ledger.generation,
		    t->record.ledger.machine);
		rc = stage_list(t, err);
	}
	plan_free(r.plan);
	free(r.copies);
	free(r.done);
	free(r.lost);
	tree_free(&r.after);
	tree_free(&r.placed);
	return rc;
}
