/* Steps below the site's root, each with its handler.  Hub. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/path.h"
#include "publish/far_parts.h"

/* ---- What comes back ---- */

static void
free_slot(struct far *f, uint32_t id)
{
	f->slots[id].used = false;
	f->slots[id].next = f->first_free;
	f->first_free = id;
	f->in_flight--;
}

static void
on_done(void *ctx, const struct msg_done *done)
{
	struct far *f = ctx;
	struct far_handler handler;

	if (done->id >= f->slot_count || !f->slots[done->id].used) {
		f->broken = true;
		return;
	}
	handler = f->slots[done->id].handler;
	free_slot(f, done->id);
	if (handler.done != NULL)
		handler.done(handler.ctx, handler.item, done);
}

static void
on_entry(void *ctx, const struct msg_entry *entry)
{
	struct far *f = ctx;
	struct far_handler *handler;

	if (entry->id >= f->slot_count || !f->slots[entry->id].used) {
		f->broken = true;
		return;
	}
	handler = &f->slots[entry->id].handler;
	if (handler->entry != NULL)
		handler->entry(handler->ctx, handler->item, entry);
	else
		f->broken = true;
}

static void
on_progress(void *ctx, uint64_t bytes)
{
	struct far *f = ctx;

	f->confirmed = bytes;
	far_line_progress(&f->line, bytes);
	if (f->progress != NULL)
		f->progress(f->ctx);
	/* a pool wakes by itself */
	if (f->pool == NULL && f->tick != NULL && !f->deaf && !f->woken &&
	    clock_ms() >= f->tick_at) {
		f->woken = true;
		ferry_job_cancel(f->job);
	}
}

struct far_steps
far_steps(struct far *f, struct far_line *line)
{
	return (struct far_steps){ f, on_done, on_entry, on_progress, line };
}

/* ---- What is sent ---- */

static bool
more_slots(struct far *f)
{
	uint32_t count = f->slot_count > 0 ? f->slot_count * 2 : 256, i;
	struct far_slot *p;

	p = count > 1u << 24 ? NULL : realloc(f->slots, count * sizeof(*p));
	if (p == NULL)
		return false;
	f->slots = p;
	for (i = count; i-- > f->slot_count;) {
		p[i].used = false;
		p[i].next = f->first_free;
		f->first_free = i;
	}
	f->slot_count = count;
	return true;
}

static int
judge_broken(const struct far *f, struct ferry_error *err)
{
	if (!f->broken)
		return 0;
	return err_set(err, ferry_EWALL, "worker_reply",
	    "the worker answered a step that it was never given");
}

static void
no_entry(void *ctx, size_t item, const struct msg_entry *entry)
{
	(void)ctx;
	(void)item;
	(void)entry;
}

void
far_forget(struct far *f)
{
	uint32_t i;

	for (i = 0; i < f->slot_count; i++)
		if (f->slots[i].used && !f->slots[i].handler.lasting)
			f->slots[i].handler =
			    (struct far_handler){ .entry = no_entry };
}

/* The tick may send a step of its own: the one being made is set aside. */
static void
tick(struct far *f)
{
	struct msg_step mine;
	enum far_order order;

	if (f->tick == NULL || clock_ms() < f->tick_at)
		return;
	f->tick_at = UINT64_MAX; /* until it says when it wants to come again */
	mine = f->step;
	order = f->order;
	f->tick(f->ctx);
	f->step = mine;
	f->order = order;
}

/*
 * A large file can keep us waiting for an hour, and the tick must come.  So we
 * cancel our own waiting, by the pipe that the session listens to, and take
 * the byte back: what is then left in it was the user's.
 */
static bool
was_woken(struct far *f)
{
	bool woken = f->woken;
	char byte;

	f->woken = false;
	return woken && read(f->job->cancel[0], &byte, 1) == 1;
}

/* Until a session of the pool can take the step. */
static int
await_turn(struct far *f, struct ferry_error *err)
{
	int rc = 0;

	while (rc == 0 && !far_pool_can(f->pool, &f->step, f->order)) {
		rc = far_pool_wait(
		    f->pool, f->tick != NULL ? f->tick_at : UINT64_MAX, err);
		if (rc == 0)
			tick(f);
	}
	return rc;
}

static int
send_step(struct far *f, int fd, struct ferry_error *err)
{
	int rc;

	if (f->pool != NULL)
		return far_pool_send(f->pool, &f->step, fd, f->order, err);
	do
		rc = session_step(f->login.session, &f->step, fd, err);
	while (rc == -ferry_ECANCELLED && was_woken(f));
	return rc;
}

int
far_send(struct far *f, int fd, const struct far_handler *handler,
    struct ferry_error *err)
{
	uint32_t id;
	int rc = 0;

	if (f->too_long)
		return err_set(err, ferry_ESOURCE, "name_too_long",
		    "a path is too long for the server: %.60s...",
		    f->step.target[0] != '\0' ? f->step.target : f->step.path);
	if (f->step.op == STEP_SYMLINK && !path_relative_ok(f->step.target))
		return err_set(err, ferry_EINTERNAL, "link_leads_away",
		    "a link on the server would lead to %.60s", f->step.target);
	tick(f);
	if (f->pool != NULL)
		rc = await_turn(f, err);
	if (rc != 0) {
		far_forget(f);
		return rc;
	}
	if (f->first_free == FAR_NO_SLOT && !more_slots(f))
		return err_memory(err);
	id = f->first_free;
	f->first_free = f->slots[id].next;
	f->slots[id].used = true;
	f->slots[id].handler = *handler;
	f->in_flight++;
	f->step.id = id;
	rc = send_step(f, fd, err);
	if (rc != 0)
		free_slot(f, id); /* it was not sent */
	else
		rc = judge_broken(f, err);
	if (rc != 0)
		far_forget(f);
	return rc;
}

/* One reply at least, or the time of the tick. */
static int
wait_once(struct far *f, struct ferry_error *err)
{
	int rc;

	if (f->pool != NULL)
		return far_pool_wait(
		    f->pool, f->tick != NULL ? f->tick_at : UINT64_MAX, err);
	rc = session_wait(f->login.session, f->in_flight - 1, err);
	return rc == -ferry_ECANCELLED && was_woken(f) ? 0 : rc;
}

int
far_wait_while(struct far *f, const bool *flag, struct ferry_error *err)
{
	int rc = 0;

	while (rc == 0 && *flag && f->in_flight > 0) {
		rc = wait_once(f, err);
		if (rc == 0)
			rc = judge_broken(f, err);
		if (rc == 0)
			tick(f);
	}
	if (rc != 0)
		far_forget(f);
	return rc;
}

int
far_wait(struct far *f, struct ferry_error *err)
{
	const bool always = true;

	return far_wait_while(f, &always, err);
}

void
far_keep_done(void *ctx, size_t item, const struct msg_done *done)
{
	struct msg_done *all = ctx;

	all[item] = *done;
}

int
far_call(struct far *f, int fd, struct msg_done *out, struct ferry_error *err)
{
	struct far_handler handler = { .done = far_keep_done, .ctx = out };
	int rc;

	memset(out, 0, sizeof(*out));
	out->result = RESULT_SKIPPED;
	rc = far_send(f, fd, &handler, err);
	return rc != 0 ? rc : far_wait(f, err);
}

struct listing {
	struct tree *names;
	struct msg_done *out;
	bool failed;
};

static void
list_entry(void *ctx, size_t item, const struct msg_entry *entry)
{
	struct listing *l = ctx;
	struct tree_file *file = tree_add(l->names, entry->name);

	(void)item;
	if (file == NULL) {
		l->failed = true;
		return;
	}
	file->size = entry->size;
	file->mtime = (int64_t)entry->mtime;
	file->mode = entry->mode;
}

static void
list_done(void *ctx, size_t item, const struct msg_done *done)
{
	struct listing *l = ctx;

	far_keep_done(l->out, item, done);
}

int
far_list(struct far *f, const char *path, struct tree *names,
    struct msg_done *out, struct ferry_error *err)
{
	return far_list_in(f, FAR_LIVE, path, names, out, err);
}

int
far_list_in(struct far *f, enum far_place place, const char *path,
    struct tree *names, struct msg_done *out, struct ferry_error *err)
{
	struct listing l = { .names = names, .out = out };
	struct far_handler handler = {
		.done = list_done, .entry = list_entry, .ctx = &l
	};
	int rc;

	memset(out, 0, sizeof(*out));
	out->result = RESULT_SKIPPED;
	far_step_in(f, STEP_LIST, place, path);
	rc = far_send(f, -1, &handler, err);
	if (rc == 0)
		rc = far_wait(f, err);
	if (rc == 0 && l.failed)
		rc = err_memory(err);
	tree_seal(names);
	return rc;
}
