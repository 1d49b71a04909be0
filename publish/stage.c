/*
 * Send files to the stage folder, each under the name of its content.  Hub.
 *
 * A file is opened just before it is sent and closed right behind that: the
 * worker reads it through a descriptor of its own.  It digests what it really
 * sent; if that is not the planned content the file has changed meanwhile, and
 * is sent again.
 */
#include "publish/stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "publish/scan.h"
#include "publish/side.h"

enum {
	TRIES = 3,
	RESUME_MIN = 1024 * 1024, /* smaller ones are sent again as a whole */
};

enum item_state {
	ITEM_WAITING,
	ITEM_SENT,
	ITEM_STAGED,
	ITEM_REFUSED, /* by the server, which does not say why */
	ITEM_FAILED,
};

struct stage_item {
	enum item_state state;
	unsigned tries;
};

struct stage {
	struct transfer *t;
	const struct plan *plan;
	const unsigned *copies;
	struct stage_item *items; /* one for each step of the plan */
	size_t failed;
	struct ferry_error first; /* of those that failed */
	size_t refused_count;
	bool full; /* the server said so */
	bool missed, mended; /* our folders on the server */
	struct msg_done refused; /* the first of those */
};

void
stage_name(
    char dst[STAGE_NAME_SIZE], const struct digest *digest, unsigned copy)
{
	hash_hex(digest, dst);
	if (copy > 0)
		snprintf(dst + HASH_HEX_SIZE - 1, 16, ".%u", copy);
}

struct numbered {
	const struct digest *digest;
	size_t index;
};

static int
by_digest(const void *a, const void *b)
{
	const struct numbered *x = a, *y = b;
	int c = memcmp(x->digest->b, y->digest->b, HASH_SIZE);

	return c != 0 ? c : (x->index > y->index) - (x->index < y->index);
}

bool
stage_number(const struct tree_file *const *files, size_t n, unsigned *copies)
{
	struct numbered *order = calloc(n > 0 ? n : 1, sizeof(*order));
	size_t i;

	if (order == NULL)
		return false;
	for (i = 0; i < n; i++)
		order[i] = (struct numbered){ &files[i]->digest, i };
	if (n > 1)
		qsort(order, n, sizeof(*order), by_digest);
	for (i = 0; i < n; i++)
		copies[order[i].index] =
		    i > 0 && hash_equal(order[i].digest, order[i - 1].digest)
		    ? copies[order[i - 1].index] + 1
		    : 0;
	free(order);
	return true;
}

unsigned *
stage_plan(const struct plan *plan)
{
	const struct tree_file **files;
	unsigned *compact, *copies;
	size_t i, n = 0;
	bool ok;

	files = calloc(plan->count + 1, sizeof(*files));
	compact = calloc(plan->count + 1, sizeof(*compact));
	copies = calloc(plan->count + 1, sizeof(*copies));
	ok = files != NULL && compact != NULL && copies != NULL;
	for (i = 0; ok && i < plan->count; i++)
		if (plan->steps[i].kind == PLAN_PUT)
			files[n++] = plan->steps[i].local;
	ok = ok && stage_number(files, n, compact);
	n = 0;
	for (i = 0; ok && i < plan->count; i++)
		if (plan->steps[i].kind == PLAN_PUT)
			copies[i] = compact[n++];
	free(files);
	free(compact);
	if (ok)
		return copies;
	free(copies);
	return NULL;
}

bool
stage_mends(const struct transfer *t)
{
	/* without it old files are set aside, in a folder of ours, too */
	return far_is_ftp(&t->far) &&
	    (far_features(&t->far) & MSG_FTP_REPLACE) != 0;
}

int
stage_list(struct transfer *t, struct ferry_error *err)
{
	struct msg_done done;
	int rc;

	tree_free(&t->leftovers);
	free(t->claimed);
	t->claimed = NULL;
	rc = far_list(&t->far, FAR_STAGE, &t->leftovers, &done, err);
	if (rc == 0 && done.result != RESULT_ABSENT)
		rc = far_judge(&done, "list", FAR_STAGE, err);
	if (rc != 0)
		return rc;
	t->claimed = calloc(t->leftovers.count + 1, sizeof(*t->claimed));
	return t->claimed != NULL ? 0 : err_memory(err);
}

static void
fail_item(struct stage *s, size_t i, const struct ferry_error *e)
{
	s->items[i].state = ITEM_FAILED;
	if (s->failed++ == 0)
		s->first = *e;
	report_failure(&s->t->job->report, s->plan->steps[i].path, e);
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
		item->state = ITEM_STAGED;
	} else if ((torn || done->result == RESULT_SHORT) &&
	    item->tries < TRIES) {
		item->state = ITEM_WAITING;
	} else if (done->result == RESULT_ABSENT && !s->mended &&
	    stage_mends(s->t)) {
		item->state = ITEM_WAITING;
		s->missed = true;
	} else if (torn) {
		err_set(&e, ferry_ESOURCE, "source_torn",
		    "%s changed while it was sent, %d times", step->path,
		    TRIES);
		err_hint(&e, "Run it again when nothing writes to the source.");
		fail_item(s, i, &e);
	} else if (done->result == RESULT_FAILED ||
	    done->result == RESULT_FULL) {
		item->state = ITEM_REFUSED;
		s->full |= done->result == RESULT_FULL;
		if (s->refused_count++ == 0)
			s->refused = *done;
	} else {
		far_judge(done, "send", step->path, &e);
		fail_item(s, i, &e);
	}
}

static void
item_done(void *ctx, size_t i, const struct msg_done *done)
{
	struct stage *s = ctx;
	struct report *r = &s->t->job->report;

	r->summary.bytes_sent += done->sent;
	judge_item(s, i, done);
	if (s->items[i].state == ITEM_STAGED)
		r->summary.sent++;
	if (s->items[i].state != ITEM_WAITING)
		r->files_done++;
	s->t->current = s->plan->steps[i].path;
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

static int
send_item(struct stage *s, size_t i, struct ferry_error *err)
{
	const struct plan_step *step = &s->plan->steps[i];
	const struct tree_file *local = step->local, *there;
	const struct far_handler handler = {
		.done = item_done, .ctx = s, .item = i
	};
	struct transfer *t = s->t;
	char name[STAGE_NAME_SIZE], path[STAGE_NAME_SIZE + sizeof(FAR_STAGE)];
	struct ferry_error e;
	struct msg_step *m;
	int fd, rc;

	stage_name(name, &local->digest, s->copies[i]);
	there = tree_find(&t->leftovers, name);
	if (there != NULL)
		t->claimed[there - t->leftovers.files] = true;
	if (there != NULL && s->items[i].tries == 0 && !far_is_ftp(&t->far) &&
	    is_complete(there, local)) {
		s->items[i].state = ITEM_STAGED;
		t->job->report.files_done++;
		return 0;
	}
	s->items[i].state = ITEM_SENT;
	s->items[i].tries++;
	fd = scan_open(t->job->site, step->path, &e);
	if (fd < 0) {
		fail_item(s, i, &e);
		return 0;
	}
	snprintf(path, sizeof(path), "%s/%s", FAR_STAGE, name);
	m = far_step(&t->far, STEP_PUT, path);
	m->flags = PUT_ATTRIBUTES | PUT_DIGEST;
	m->flags |= may_be_there(s, there, local) ? PUT_RESUME : PUT_TRUNCATE;
	if (t->job->site->durable)
		m->flags |= PUT_DURABLE;
	m->mode = local->mode;
	m->mtime = far_mtime(local->mtime);
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

	for (i = 0; rc == 0 && i < s->plan->count; i++)
		if (s->plan->steps[i].kind == PLAN_PUT &&
		    s->items[i].state == ITEM_WAITING)
			rc = send_item(s, i, err);
	if (rc == 0)
		rc = far_wait(&s->t->far, err);
	if (rc == 0 && s->missed) {
		s->missed = false;
		s->mended = true;
		rc = side_mend(&s->t->far, err);
		if (rc == 0)
			rc = far_wait(&s->t->far, err);
	}
	*again = false;
	for (i = 0; i < s->plan->count; i++)
		*again |= s->plan->steps[i].kind == PLAN_PUT &&
		    s->items[i].state == ITEM_WAITING;
	return rc;
}

/* Take back what this run sent: it would only keep the disk full. */
static int
take_back(struct stage *s, struct ferry_error *err)
{
	const struct far_handler handler = { .done = NULL };
	char name[STAGE_NAME_SIZE], path[STAGE_NAME_SIZE + sizeof(FAR_STAGE)];
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < s->plan->count; i++) {
		if (s->items[i].tries == 0)
			continue;
		stage_name(
		    name, &s->plan->steps[i].local->digest, s->copies[i]);
		snprintf(path, sizeof(path), "%s/%s", FAR_STAGE, name);
		far_step(&s->t->far, STEP_REMOVE, path);
		far_loose(&s->t->far);
		rc = far_send(&s->t->far, -1, &handler, err);
	}
	return rc != 0 ? rc : far_wait(&s->t->far, err);
}

static int
fail_full(struct stage *s, struct ferry_error *err)
{
	int rc = take_back(s, err);

	if (rc != 0)
		return rc;
	err_set(err, ferry_EFULL, "remote_full",
	    "the disk of the server is full; the live site is untouched, what "
	    "was sent has been removed");
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
	for (i = 0; rc == 0 && i < s->plan->count; i++) {
		if (s->items[i].state != ITEM_REFUSED)
			continue;
		far_judge(&s->refused, "send", s->plan->steps[i].path, &e);
		fail_item(s, i, &e);
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

	s.items = calloc(plan->count + 1, sizeof(*s.items));
	if (s.items == NULL)
		return err_memory(err);
	far_expect(&t->far, plan->added + plan->changed);
	while (rc == 0 && again)
		rc = send_waiting(&s, &again, err);
	if (rc == 0)
		rc = judge_failures(&s, err);
	free(s.items);
	return rc;
}

int
stage_tidy(struct transfer *t, struct ferry_error *err)
{
	const struct far_handler handler = { .done = NULL };
	char path[sizeof(FAR_STAGE) + LIMIT_NAME + 1];
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < t->leftovers.count; i++) {
		if (t->claimed[i])
			continue;
		snprintf(path, sizeof(path), "%s/%s", FAR_STAGE,
		    t->leftovers.files[i].path);
		far_step(&t->far, STEP_REMOVE, path);
		far_loose(&t->far);
		rc = far_send(&t->far, -1, &handler, err);
	}
	return rc;
}
