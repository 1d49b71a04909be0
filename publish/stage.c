/*
 * Send files to the stage folder, each under the name of its content.  Hub.
 *
 * A file is opened just before it is sent and closed right behind that: the
 * worker reads it through a descriptor of its own.  It digests what it really
 * sent; if that is not the planned content the file has changed meanwhile, and
 * is sent again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "publish/side.h"
#include "publish/sidecar.h"
#include "publish/stage_parts.h"

enum {
	FEW = 3,
	RESUME_MIN = 1024 * 1024, /* smaller ones are sent again as a whole */
};

bool
stage_mends(const struct transfer *t)
{
	/* without it old files are set aside, in a folder of ours, too */
	return far_is_ftp(&t->far) &&
	    (far_lacks(&t->far) & MSG_FTP_REPLACE) == 0;
}

void
stage_fail(struct stage *s, size_t i, const struct ferry_error *e)
{
	s->items[i].state = ITEM_FAILED;
	if (s->failed++ == 0)
		s->first = *e;
	report_failure(&s->t->job->report, s->plan->steps[i].path, e);
}

/*
 * Over FTP, for so few files: it is cheaper than a listing behind them, and
 * nothing about their modes is to be learned from one.
 */
static bool
asks_each(const struct stage *s)
{
	const struct ferry_site *site = s->t->job->site;
	const struct far_modes *given = far_modes(&s->t->far);

	return s->plan->added + s->plan->changed < FEW &&
	    given->file == site->file_mode && given->folder == site->dir_mode;
}

static void
judge_item(struct stage *s, size_t i, const struct msg_done *done)
{
	const struct plan_step *step = &s->plan->steps[i];
	struct stage_item *item = &s->items[i];
	bool torn = done->result == RESULT_SOURCE ||
	    (done->result == RESULT_OK &&
		!hash_equal(&done->digest, &step->local->digest));
	struct ferry_error e;

	if (done->result == RESULT_OK && !torn) {
		item->state = s->unseen ? ITEM_UNSEEN : ITEM_STAGED;
	} else if ((torn || done->result == RESULT_SHORT) &&
	    item->tries < STAGE_TRIES) {
		item->state = ITEM_WAITING;
	} else if (done->result == RESULT_ABSENT && !s->mended &&
	    stage_mends(s->t)) {
		item->state = ITEM_WAITING;
		s->missed = true;
	} else if (torn) {
		err_set(&e, ferry_ESOURCE, "source_torn",
		    "%s changed while it was sent, %d times", step->path,
		    STAGE_TRIES);
		err_hint(&e, "Run it again when nothing writes to the source.");
		stage_fail(s, i, &e);
	} else if (done->result == RESULT_FAILED ||
	    done->result == RESULT_FULL) {
		item->state = ITEM_REFUSED;
		s->full |= done->result == RESULT_FULL;
		if (s->refused_count++ == 0)
			s->refused = *done;
	} else {
		far_judge(done, "send", step->path, &e);
		stage_fail(s, i, &e);
	}
}

void
stage_staged(struct stage *s, size_t i)
{
	s->items[i].state = ITEM_STAGED;
}

/*
 * What travels: the oldest that has no answer yet.  It is shown by every
 * progress, also in the middle of a large file.
 */
static const char *
travelling(struct stage *s)
{
	while (s->oldest < s->latest && s->items[s->oldest].state != ITEM_SENT)
		s->oldest++;
	return s->plan->steps[s->oldest].path;
}

static void
item_done(void *ctx, size_t i, const struct msg_done *done)
{
	struct stage *s = ctx;
	struct report *r = &s->t->job->report;

	r->summary.bytes_sent += done->sent;
	judge_item(s, i, done);
	if (s->items[i].state == ITEM_STAGED ||
	    s->items[i].state == ITEM_UNSEEN)
		r->summary.sent++;
	if (s->items[i].state != ITEM_WAITING)
		r->files_done++;
	s->t->current = travelling(s);
	report_progress(r, s->t->current);
}

/*
 * Mode and mtime are set only when a file is complete: where all three agree,
 * what lies there is what the name says.
 */
static bool
is_complete(const struct tree_file *there, const struct tree_file *wanted)
{
	return there->size == wanted->size &&
	    (there->mode & 07777) == wanted->mode &&
	    far_mtime(there->mtime) == far_mtime(wanted->mtime);
}

/*
 * An FTP server's listing proves nothing, neither that a name is there nor that
 * it is not: it is asked for each file when an interrupted stage goes on.
 */
static bool
may_be_there(const struct stage *s, const struct tree_file *there,
    const struct tree_file *wanted)
{
	if (far_is_ftp(&s->t->far))
		return s->t->record.ledger.state == LEDGER_STAGING &&
		    wanted->size > 0;
	return there != NULL && there->size > 0 && wanted->size >= RESUME_MIN;
}

/*
 * May it be gone on with, or written over?  An upload has a mode of its own
 * until it is complete; anything else may be a second name of what is live or
 * kept, left by an undo, and whoever writes to it writes to that.
 */
static bool
is_partial(const struct tree_file *there, const struct tree_file *wanted)
{
	return (there->mode & 07777) == PUT_PARTIAL_MODE &&
	    (wanted->mode != PUT_PARTIAL_MODE || there->size < wanted->size);
}

/*
 * What an interrupted run left: complete, it needs no sending; what is no part
 * of an upload goes before anything is sent in its place.
 */
static int
take_leftover(struct stage *s, size_t i, bool *removed, struct ferry_error *err)
{
	const struct tree_file *wanted = s->plan->steps[i].local, *there;
	const struct far_handler handler = { .done = NULL };
	char path[STAGE_PATH_SIZE];

	stage_path(path, s->plan, s->copies, i);
	there = tree_find(&s->t->leftovers, path + sizeof(FAR_STAGE));
	if (there == NULL)
		return 0;
	stage_claim(s->t, there->path);
	if (is_complete(there, wanted)) {
		stage_staged(s, i);
		s->t->job->report.files_done++;
		return 0;
	}
	if (is_partial(there, wanted))
		return 0;
	*removed = true;
	far_step(&s->t->far, STEP_REMOVE, path);
	return far_send(&s->t->far, -1, &handler, err);
}

static int
take_leftovers(struct stage *s, struct ferry_error *err)
{
	bool removed = false;
	size_t i;
	int rc = 0;

	if (far_is_ftp(&s->t->far) || s->t->leftovers.count == 0)
		return 0;
	for (i = 0; rc == 0 && i < s->plan->count; i++)
		if (s->plan->steps[i].kind == PLAN_PUT &&
		    s->plan->steps[i].folder == 0)
			rc = take_leftover(s, i, &removed, err);
	return rc == 0 && removed ? far_wait(&s->t->far, err) : rc;
}

static int
send_item(struct stage *s, size_t i, struct ferry_error *err)
{
	const struct plan_step *step = &s->plan->steps[i];
	const struct tree_file *local = step->local, *there;
	const struct far_handler handler = {
		.done = item_done, .ctx = s, .item = i
	};
	struct transfer *t = s->t;
	char path[STAGE_PATH_SIZE];
	struct ferry_error e;
	struct msg_step *m;
	int fd, rc;

	stage_path(path, s->plan, s->copies, i);
	there = step->folder != 0
	    ? NULL
	    : tree_find(&t->leftovers, path + sizeof(FAR_STAGE));
	if (there != NULL)
		stage_claim(t, there->path);
	s->items[i].state = ITEM_SENT;
	s->items[i].tries++;
	s->latest = i;
	t->current = travelling(s);
	fd = sidecar_open(&s->source, local, &e);
	if (fd < 0) {
		stage_fail(s, i, &e);
		return 0;
	}
	m = far_step(&t->far, STEP_PUT, path);
	m->flags = PUT_ATTRIBUTES | PUT_DIGEST;
	m->flags |= may_be_there(s, there, local) ? PUT_RESUME : PUT_TRUNCATE;
	if (t->job->site->durable)
		m->flags |= PUT_DURABLE;
	m->mode = local->mode;
	m->mtime = far_mtime(local->mtime);
	if (s->unseen)
		m->flags |= PUT_UNSEEN; /* see stage_confirm() */
	if (far_is_ftp(&t->far)) {
		m->mode = 0;
		if (!t->job->site->keep_times)
			m->mtime = 0;
	}
	m->length = local->size;
	m->digest = local->digest;
	far_loose(&t->far);
	rc = far_send(&t->far, fd, &handler, err);
	close(fd);
	return rc;
}

static int
send_waiting(struct stage *s, bool *again, struct ferry_error *err)
{
	size_t i;
	int rc = 0;

	s->oldest = 0;
	for (i = 0; rc == 0 && i < s->plan->count; i++)
		if (s->plan->steps[i].kind == PLAN_PUT &&
		    s->items[i].state == ITEM_WAITING)
			rc = send_item(s, i, err);
	scan_opener_close(&s->source);
	if (rc == 0)
		rc = far_wait(&s->t->far, err);
	if (rc == 0)
		rc = stage_confirm(s, err);
	if (rc == 0 && s->missed) {
		s->missed = false;
		s->mended = true;
		rc = side_mend(&s->t->far, err);
		if (rc == 0)
			rc = far_wait(&s->t->far, err);
	}
	if (rc == 0)
		rc = stage_copy_behind(s, err);
	*again = false;
	for (i = 0; i < s->plan->count; i++)
		*again |= s->plan->steps[i].kind == PLAN_PUT &&
		    s->items[i].state == ITEM_WAITING;
	return rc;
}

/*
 * Take back what this run sent, all of it or what was refused: it would only
 * keep the disk full, or a quota.
 */
static int
take_back(struct stage *s, bool all, struct ferry_error *err)
{
	const struct far_handler handler = { .done = NULL };
	char path[STAGE_PATH_SIZE];
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < s->plan->count; i++) {
		if (s->items[i].tries == 0 && !s->items[i].copied)
			continue;
		if (!all && s->items[i].state != ITEM_REFUSED)
			continue;
		stage_path(path, s->plan, s->copies, i);
		far_step(&s->t->far, STEP_REMOVE, path);
		far_loose(&s->t->far);
		rc = far_send(&s->t->far, -1, &handler, err);
	}
	return rc != 0 ? rc : far_wait(&s->t->far, err);
}

static int
fail_full(struct stage *s, struct ferry_error *err)
{
	int rc = take_back(s, true, err);

	if (rc != 0)
		return rc;
	err_set(err, ferry_EFULL, "remote_full",
	    "the disk of the server is full; the live site is untouched, what "
	    "was sent has been removed%s%s%s",
	    s->refused.text[0] != '\0' ? " (" : "", s->refused.text,
	    s->refused.text[0] != '\0' ? ")" : "");
	err_hint(err, "Make room on the server, then run it again.");
	return -ferry_EFULL;
}

/* A full disk is one failure, not one for each file. */
static int
judge_refused(struct stage *s, struct ferry_error *err)
{
	struct ferry_error e;
	bool full;
	size_t i;
	int rc;

	if (s->refused_count == 0)
		return 0;
	rc = far_is_full(&s->t->far, &full, err);
	if (rc == 0 && (full || s->full))
		rc = fail_full(s, err);
	else if (rc == 0)
		rc = take_back(s, false, err);
	for (i = 0; rc == 0 && i < s->plan->count; i++) {
		if (s->items[i].state != ITEM_REFUSED)
			continue;
		far_judge(&s->refused, "send", s->plan->steps[i].path, &e);
		stage_fail(s, i, &e);
	}
	return rc;
}

static int
judge_failures(struct stage *s, struct ferry_error *err)
{
	int rc = judge_refused(s, err);

	if (rc != 0 || s->failed == 0)
		return rc;
	if (err != NULL)
		*err = s->first;
	if (s->failed > 1)
		err_prefix(err,
		    "%zu files failed, nothing was published; the first",
		    s->failed);
	return -s->first.code;
}

int
stage_run(struct transfer *t, const struct plan *plan, const unsigned *copies,
    struct ferry_error *err)
{
	struct stage s = { .t = t, .plan = plan, .copies = copies };
	bool again = true;
	int rc = 0;

	scan_opener_init(&s.source, t->job->site);
	s.items = calloc(plan->count + 1, sizeof(*s.items));
	if (s.items == NULL)
		return err_memory(err);
	s.unseen = far_is_ftp(&t->far) && !asks_each(&s);
	far_expect(&t->far, plan->added + plan->changed);
	rc = take_leftovers(&s, err);
	if (rc == 0)
		rc = stage_make_folders(&s, err);
	if (rc == 0)
		rc = stage_copy(&s, err);
	while (rc == 0 && again)
		rc = send_waiting(&s, &again, err);
	if (rc == 0)
		rc = judge_failures(&s, err);
	free(s.items);
	return rc;
}
