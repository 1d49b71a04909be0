/*
 * Make a release, then switch to it.  Hub.
 *
 *   folders, links to what stays, renames of what is staged -> [barrier] ->
 *   what could not be linked -> [barrier] -> a new link, in `current's place
 *
 * Nothing of it is seen before the last rename.  Whatever a run that died has
 * made already is made again, or is found to be done: the folder has a number
 * that nobody else used.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/path.h"
#include "publish/releases.h"
#include "publish/stage.h"

#define NEW_CURRENT FAR_SIDE "/current"

enum { NAMED = 10 }; /* files that are named one by one */

enum link_state {
	LINK_NONE, /* not tried, or to be tried again */
	LINK_FINE,
	LINK_THERE, /* something of that name is */
	LINK_GONE, /* it is not live any more */
	LINK_COPY, /* the server does not link it */
};

struct link {
	enum link_state state;
	struct msg_done seen; /* of the live file, where it is copied */
};

struct making {
	struct transfer *t;
	const struct plan *plan;
	const unsigned *copies;
	struct tree same; /* what the old release lends, sealed */
	struct link *links; /* for each of them */
	struct tree folders; /* of the new release, sealed */
	size_t failed;
	struct ferry_error first;
};

/* ---- What is to be in it ---- */

static bool
find_same(struct making *m, const struct tree *before)
{
	const struct plan *p = m->plan;
	struct tree_file *copy;
	struct tree touched;
	bool ok = true;

	tree_init(&touched);
	for (size_t i = 0; ok && i < p->count; i++)
		if (p->steps[i].kind == PLAN_PUT ||
		    p->steps[i].kind == PLAN_REMOVE)
			ok = tree_add(&touched, p->steps[i].path) != NULL;
	tree_seal(&touched);
	for (size_t i = 0; ok && i < before->count; i++) {
		const struct tree_file *f = &before->files[i];

		if (tree_find(&touched, f->path) != NULL)
			continue;
		copy = tree_add(&m->same, f->path);
		ok = copy != NULL;
	}
	tree_seal(&m->same);
	tree_free(&touched);
	m->links = calloc(m->same.count + 1, sizeof(*m->links));
	return ok && m->links != NULL;
}

/* Each folder above this path, unless the path before had it as well. */
static bool
add_folders(struct tree *folders, const char *path, const char *before)
{
	char dir[LIMIT_PATH + 1];
	size_t n = path_dir_len(path);

	memcpy(dir, path, n);
	for (; n > 0; n = path_dir_len(dir)) {
		dir[n] = '\0';
		if (path_below(before, dir))
			return true;
		if (tree_add(folders, dir) == NULL)
			return false;
	}
	return true;
}

static bool
find_folders(struct making *m)
{
	const struct plan *p = m->plan;
	const char *before = "";
	bool ok = true;

	for (size_t i = 0; ok && i < m->same.count; i++) {
		ok = add_folders(&m->folders, m->same.files[i].path, before);
		before = m->same.files[i].path;
	}
	for (size_t i = 0; ok && i < p->count; i++) {
		if (p->steps[i].kind != PLAN_PUT)
			continue;
		ok = add_folders(&m->folders, p->steps[i].path, before);
		before = p->steps[i].path;
	}
	tree_seal(&m->folders);
	return ok;
}

/* ---- Failures ---- */

static void
fail(struct making *m, const struct msg_done *done, const char *verb,
    const char *path)
{
	struct ferry_error e;

	far_judge(done, verb, path, &e);
	if (m->failed++ == 0)
		m->first = e;
	report_failure(&m->t->job->report, path, &e);
}

static int
judge(const struct making *m, struct ferry_error *err)
{
	if (m->failed == 0)
		return 0;
	if (err != NULL)
		*err = m->first;
	err_prefix(err,
	    "the new release could not be completed, so visitors still see "
	    "the old one; %zu step%s failed, the first",
	    m->failed, m->failed == 1 ? "" : "s");
	err_recode(err, ferry_EPARTIAL, "partial");
	err_hint(err,
	    "Correct that on the server and run it again: it goes on from "
	    "there.");
	return -ferry_EPARTIAL;
}

/* ---- Making it ---- */

static void
folder_made(void *ctx, size_t i, const struct msg_done *done)
{
	struct making *m = ctx;

	if (done->result != RESULT_OK)
		fail(m, done, "make the folder",
		    i < m->folders.count ? m->folders.files[i].path
					 : RELEASES_FOLDER);
}

static int
send_folder(
    struct making *m, size_t i, const char *path, struct ferry_error *err)
{
	const struct far_handler handler = {
		.done = folder_made, .ctx = m, .item = i
	};

	far_step_in(&m->t->far, STEP_MKDIR, FAR_NEXT, path)->mode =
	    transfer_dir_mode(m->t);
	return far_send(&m->t->far, -1, &handler, err);
}

static int
make_folders(struct making *m, struct ferry_error *err)
{
	int rc = send_folder(m, m->folders.count, "", err);

	for (size_t i = 0; rc == 0 && i < m->folders.count; i++)
		rc = send_folder(m, i, m->folders.files[i].path, err);
	return rc;
}

static bool
can_copy(const struct making *m)
{
	return (far_features(&m->t->far) & MSG_COPY_DATA) != 0;
}

static void
linked(void *ctx, size_t i, const struct msg_done *done)
{
	struct making *m = ctx;
	struct report *r = &m->t->job->report;
	const char *path = m->same.files[i].path;

	if (done->result == RESULT_OK)
		m->links[i].state = LINK_FINE;
	else if (done->result == RESULT_ABSENT)
		m->links[i].state = LINK_GONE;
	else if (done->result == RESULT_EXISTS &&
	    m->links[i].state == LINK_NONE)
		m->links[i].state = LINK_THERE;
	else if (can_copy(m))
		m->links[i].state = LINK_COPY;
	else
		fail(m, done, "link", path);
	r->files_done++;
	report_progress(r, path);
}

static int
send_link(struct making *m, size_t i, struct ferry_error *err)
{
	const struct far_handler handler = {
		.done = linked, .ctx = m, .item = i
	};
	const char *path = m->same.files[i].path;
	struct far *f = &m->t->far;

	if ((far_features(f) & MSG_HARDLINK) == 0) {
		m->links[i].state = LINK_COPY;
		return 0;
	}
	far_step(f, STEP_LINK, path);
	far_set_target_in(f, FAR_NEXT, path);
	return far_send(f, -1, &handler, err);
}

static void
put_done(void *ctx, size_t i, const struct msg_done *done)
{
	struct making *m = ctx;
	struct report *r = &m->t->job->report;

	r->files_done++;
	report_progress(r, m->plan->steps[i].path);
	if (done->result != RESULT_OK)
		fail(m, done, "place", m->plan->steps[i].path);
}

static int
send_put(struct making *m, size_t i, struct ferry_error *err)
{
	const struct far_handler handler = {
		.done = put_done, .ctx = m, .item = i
	};
	const struct plan_step *step = &m->plan->steps[i];
	char path[STAGE_PATH_SIZE];

	stage_path(path, m->plan, m->copies, i);
	far_step(&m->t->far, STEP_RENAME, path)->length = step->local->size;
	far_set_target_in(&m->t->far, FAR_NEXT, step->path);
	return far_send(&m->t->far, -1, &handler, err);
}

static int
send_remove(struct making *m, const char *path, struct ferry_error *err)
{
	const struct far_handler handler = { .done = NULL };

	far_step_in(&m->t->far, STEP_REMOVE, FAR_NEXT, path);
	return far_send(&m->t->far, -1, &handler, err);
}

/*
 * Of a run that died, surely; but a name alone is no proof that it is the right
 * file, and nobody sees it yet: once more.
 */
static int
link_again(struct making *m, struct ferry_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < m->same.count; i++) {
		if (m->links[i].state != LINK_THERE)
			continue;
		rc = send_remove(m, m->same.files[i].path, err);
		if (rc == 0)
			rc = send_link(m, i, err);
	}
	return rc != 0 ? rc : far_wait(&m->t->far, err);
}

/* ---- Copies, where there are no links ---- */

static void
looked(void *ctx, size_t i, const struct msg_done *done)
{
	struct making *m = ctx;

	m->links[i].seen = *done;
	if (done->result == RESULT_ABSENT)
		m->links[i].state = LINK_GONE;
	else if (done->result != RESULT_OK)
		fail(m, done, "look at", m->same.files[i].path);
}

static void
copied(void *ctx, size_t i, const struct msg_done *done)
{
	struct making *m = ctx;

	if (done->result != RESULT_OK)
		fail(m, done, "copy", m->same.files[i].path);
	report_progress(&m->t->job->report, m->same.files[i].path);
}

/*
 * What lies there may be a second name of what is live: who writes to it would
 * write to that.  So it goes first.
 */
static int
send_copy(struct making *m, size_t i, struct ferry_error *err)
{
	const struct far_handler handler = {
		.done = copied, .ctx = m, .item = i
	};
	const struct msg_done *seen = &m->links[i].seen;
	const char *path = m->same.files[i].path;
	struct msg_step *s;
	int rc = send_remove(m, path, err);

	s = far_step(&m->t->far, STEP_COPY, path);
	far_set_target_in(&m->t->far, FAR_NEXT, path);
	s->flags = m->t->job->site->durable ? PUT_DURABLE : 0;
	s->mode = seen->mode & 07777;
	s->mtime = seen->mtime;
	s->length = seen->size;
	return rc != 0 ? rc : far_send(&m->t->far, -1, &handler, err);
}

static int
copy_rest(struct making *m, struct ferry_error *err)
{
	struct far_handler handler = { .done = looked, .ctx = m };
	bool any = false;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < m->same.count; i++) {
		if (m->links[i].state != LINK_COPY)
			continue;
		any = true;
		handler.item = i;
		far_step(&m->t->far, STEP_STAT, m->same.files[i].path);
		rc = far_send(&m->t->far, -1, &handler, err);
	}
	if (rc == 0 && any)
		rc = far_wait(&m->t->far, err);
	for (size_t i = 0; rc == 0 && any && i < m->same.count; i++)
		if (m->links[i].state == LINK_COPY &&
		    m->links[i].seen.result == RESULT_OK)
			rc = send_copy(m, i, err);
	return rc != 0 || !any ? rc : far_wait(&m->t->far, err);
}

/* ---- The whole ---- */

/* What somebody else removed is not made up: the source has not changed. */
static void
tell_gone(struct making *m)
{
	struct ferry_error e;
	size_t n = 0;

	for (size_t i = 0; i < m->same.count; i++) {
		if (m->links[i].state != LINK_GONE || n++ >= NAMED)
			continue;
		err_set(&e, ferry_EDRIFT, "drift_absent",
		    "%s was removed on the server, and is not in the new "
		    "release",
		    m->same.files[i].path);
		report_warning(&m->t->job->report, m->same.files[i].path, &e);
	}
}

static void
tell_drifted(const struct making *m)
{
	char name[FAR_RELEASE_SIZE];
	struct ferry_error e;

	releases_name(name, m->t->record.ledger.release);
	for (size_t i = 0; i < m->plan->count; i++) {
		if (!m->plan->steps[i].drifted)
			continue;
		err_set(&e, ferry_EDRIFT, "drift_kept",
		    "%s was not as we left it; that version is kept in %s",
		    m->plan->steps[i].path, name);
		report_warning(&m->t->job->report, m->plan->steps[i].path, &e);
	}
}

static int
fill(struct making *m, const bool *done, struct ferry_error *err)
{
	int rc = make_folders(m, err);

	for (size_t i = 0; rc == 0 && i < m->same.count; i++)
		rc = send_link(m, i, err);
	for (size_t i = 0; rc == 0 && i < m->plan->count; i++)
		if (m->plan->steps[i].kind == PLAN_PUT &&
		    (done == NULL || !done[i]))
			rc = send_put(m, i, err);
	if (rc == 0)
		rc = far_wait(&m->t->far, err);
	if (rc == 0)
		rc = link_again(m, err);
	if (rc == 0)
		rc = copy_rest(m, err);
	return rc != 0 ? rc : judge(m, err);
}

int
releases_switch(struct transfer *t, struct ferry_error *err)
{
	enum { REMOVE, LINK, RENAME, COUNT };
	struct msg_done done[COUNT] = { 0 };
	struct far_handler handler = { .done = far_keep_done, .ctx = done };
	char name[FAR_RELEASE_SIZE];
	struct far *f = &t->far;
	int rc = 0;

	releases_name(name, t->record.release);
	for (size_t i = 0; rc == 0 && i < COUNT; i++) {
		far_step(f,
		    i == REMOVE     ? STEP_REMOVE /* of a run that died */
			: i == LINK ? STEP_SYMLINK
				    : STEP_RENAME,
		    NEW_CURRENT);
		if (i == LINK)
			far_set_held(f, name);
		else if (i == RENAME)
			far_set_target_in(f, FAR_BASE, RELEASES_CURRENT);
		handler.item = i;
		rc = far_send(f, -1, &handler, err);
	}
	if (rc == 0)
		rc = far_wait(f, err);
	if (rc != 0)
		return rc;
	rc = far_judge(&done[LINK], "make the link", RELEASES_CURRENT, err);
	if (rc == 0)
		rc = far_judge(
		    &done[RENAME], "replace the link", RELEASES_CURRENT, err);
	if (rc == 0)
		return 0;
	err_prefix(err, "%s is complete, but visitors do not see it yet", name);
	err_recode(err, ferry_EPARTIAL, "partial");
	err_hint(err,
	    "Correct that on the server and run it again: it goes on from "
	    "there.");
	return -ferry_EPARTIAL;
}

int
releases_commit(struct transfer *t, const struct plan *plan,
    const unsigned *copies, const struct tree *before, const bool *done,
    struct ferry_error *err)
{
	struct making m = { .t = t, .plan = plan, .copies = copies };
	int rc = 0;

	tree_init(&m.same);
	tree_init(&m.folders);
	if (t->record.makes_release) {
		if (!find_same(&m, before) || !find_folders(&m))
			rc = err_memory(err);
		t->job->report.files_total += m.same.count;
		tell_drifted(&m);
		if (rc == 0)
			rc = fill(&m, done, err);
		if (m.links != NULL)
			tell_gone(&m);
	}
	if (rc == 0)
		rc = releases_switch(t, err);
	tree_free(&m.same);
	tree_free(&m.folders);
	free(m.links);
	return rc;
}
