/*
 * Over FTP a 226 is necessary, not sufficient.  Hub.
 *
 * To ask for each size costs a round trip a file.  So each folder of the stage
 * is listed once, and only a file that its listing does not show with the right
 * size is asked for by itself: a listing may be cut, or hide names.  The modes
 * in it tell what the server gives new files; where a visitor could not read
 * them they are set.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/path.h"
#include "publish/stage_parts.h"

enum {
	LISTED = 2, /* files: a listing is cheaper than to ask for each */
	FILE_GUESS = 0644, /* where no listing shows modes */
	DIR_GUESS = 0755,
};

struct sent {
	const char *path; /* in the stage folder */
	size_t item;
	uint32_t mode; /* as the server shows it; or 0 */
};

/* Files of one folder. */
struct group {
	struct sent *sent;
	size_t count;
	struct tree names;
	bool failed; /* out of memory */
};

struct confirm {
	struct stage *s;
	struct arena paths;
	struct sent *sent; /* by folder */
	size_t count;
	struct group *groups;
	size_t group_count;
	struct group side; /* our own folder: what new ones are like */
};

static int
by_folder(const void *a, const void *b)
{
	const char *x = ((const struct sent *)a)->path;
	const char *y = ((const struct sent *)b)->path;
	size_t m = path_dir_len(x), n = path_dir_len(y);
	int c = memcmp(x, y, m < n ? m : n);

	if (c == 0 && m != n)
		return m < n ? -1 : 1;
	return c != 0 ? c : strcmp(x + m, y + n);
}

static bool
collect(struct confirm *c)
{
	struct stage *s = c->s;
	char path[STAGE_PATH_SIZE];
	struct sent *sent;
	size_t i;

	c->sent = calloc(s->plan->count + 1, sizeof(*c->sent));
	c->groups = calloc(s->plan->count + 1, sizeof(*c->groups));
	if (c->sent == NULL || c->groups == NULL)
		return false;
	for (i = 0; i < s->plan->count; i++) {
		if (s->items[i].state != ITEM_UNSEEN)
			continue;
		stage_path(path, s->plan, s->copies, i);
		sent = &c->sent[c->count++];
		sent->item = i;
		sent->path = arena_copy(&c->paths, path, strlen(path));
		if (sent->path == NULL)
			return false;
	}
	if (c->count > 1)
		qsort(c->sent, c->count, sizeof(*c->sent), by_folder);
	return true;
}

static void
make_groups(struct confirm *c)
{
	struct group *g = NULL;
	size_t i, n;

	for (i = 0; i < c->count; i++) {
		const char *path = c->sent[i].path;

		n = path_dir_len(path);
		if (g == NULL || path_dir_len(g->sent->path) != n ||
		    memcmp(g->sent->path, path, n) != 0) {
			g = &c->groups[c->group_count++];
			g->sent = &c->sent[i];
			tree_init(&g->names);
		}
		g->count++;
	}
}

/* ---- Listings ---- */

static void
on_entry(void *ctx, size_t item, const struct msg_entry *entry)
{
	struct group *g = ctx;
	struct tree_file *f = tree_add(&g->names, entry->name);

	(void)item;
	if (f == NULL) {
		g->failed = true;
		return;
	}
	f->size = entry->size;
	f->mode = entry->mode;
}

static int
list(struct confirm *c, struct group *g, const char *dir,
    struct ferry_error *err)
{
	const struct far_handler handler = { .entry = on_entry, .ctx = g };

	far_step(&c->s->t->far, STEP_LIST, dir);
	far_loose(&c->s->t->far);
	return far_send(&c->s->t->far, -1, &handler, err);
}

static int
list_all(struct confirm *c, struct ferry_error *err)
{
	char dir[STAGE_PATH_SIZE];
	struct group *g;
	size_t i, n;
	int rc = 0;

	if (far_modes(&c->s->t->far)->file == 0)
		rc = list(c, &c->side, FAR_SIDE, err);
	for (i = 0; rc == 0 && i < c->group_count; i++) {
		g = &c->groups[i];
		if (g->count < LISTED)
			continue;
		n = path_dir_len(g->sent->path);
		memcpy(dir, g->sent->path, n);
		dir[n] = '\0';
		rc = list(c, g, dir, err);
	}
	if (rc == 0)
		rc = far_wait(&c->s->t->far, err);
	for (i = 0; i < c->group_count; i++) {
		tree_seal(&c->groups[i].names);
		c->side.failed |= c->groups[i].failed;
	}
	tree_seal(&c->side.names);
	return rc == 0 && c->side.failed ? err_memory(err) : rc;
}

/* What a new file and a new folder get: of ours nobody set the mode. */
static void
learn_modes(struct confirm *c)
{
	const struct tree_file *f = tree_find(&c->side.names, "ledger");
	struct far *far = &c->s->t->far;
	struct far_modes m = *far_modes(far);

	if (m.file != 0)
		return;
	if (f != NULL)
		m.file = f->mode & 0777;
	f = tree_find(&c->side.names, path_base(FAR_STAGE));
	if (f != NULL)
		m.folder = f->mode & 0777;
	if (m.file == 0)
		m.file = FILE_GUESS;
	if (m.folder == 0)
		m.folder = DIR_GUESS;
	far_learn_modes(far, &m);
}

/* ---- Each file ---- */

static void
judge(struct confirm *c, struct sent *sent, bool there, uint64_t size,
    uint32_t mode, const struct msg_done *why)
{
	struct stage *s = c->s;
	const struct plan_step *step = &s->plan->steps[sent->item];
	struct stage_item *item = &s->items[sent->item];
	struct msg_done lost = *why;
	struct ferry_error e;

	if (there && size == step->local->size) {
		sent->mode = mode & 07777;
		stage_staged(s, sent->item);
	} else if (item->tries < STAGE_TRIES) {
		item->state = ITEM_WAITING;
		s->t->job->report.files_done--;
		s->t->job->report.summary.sent--;
	} else {
		lost.result = RESULT_SHORT;
		far_judge(&lost, "send", step->path, &e);
		stage_fail(s, sent->item, &e);
	}
}

static void
looked(void *ctx, size_t i, const struct msg_done *done)
{
	struct confirm *c = ctx;

	judge(c, &c->sent[i], done->result == RESULT_OK, done->size, done->mode,
	    done);
}

static int
look_at_each(struct confirm *c, struct ferry_error *err)
{
	struct far_handler handler = { .done = looked, .ctx = c };
	const struct msg_done fine = { .result = RESULT_OK };
	const struct tree_file *seen;
	struct group *g = c->groups;
	struct sent *sent;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < c->count; i++) {
		sent = &c->sent[i];
		if (sent == g->sent + g->count)
			g++;
		seen = tree_find(&g->names, path_base(sent->path));
		if (seen != NULL && S_ISREG(seen->mode) &&
		    seen->size == c->s->plan->steps[sent->item].local->size) {
			judge(c, sent, true, seen->size, seen->mode, &fine);
			continue;
		}
		handler.item = i;
		far_step(&c->s->t->far, STEP_STAT, sent->path);
		far_loose(&c->s->t->far);
		rc = far_send(&c->s->t->far, -1, &handler, err);
	}
	return rc != 0 ? rc : far_wait(&c->s->t->far, err);
}

/* ---- Modes ---- */

static int
send_mode(
    struct stage *s, const char *path, uint32_t mode, struct ferry_error *err)
{
	const struct far_handler handler = { .done = NULL };

	far_step(&s->t->far, STEP_CHMOD, path)->mode = mode;
	far_loose(&s->t->far);
	return far_send(&s->t->far, -1, &handler, err);
}

static int
set_modes(struct confirm *c, struct ferry_error *err)
{
	struct stage *s = c->s;
	const uint32_t dir_mode = s->t->job->site->dir_mode;
	char path[STAGE_PATH_SIZE];
	uint32_t wanted, given;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < c->count; i++) {
		wanted = s->plan->steps[c->sent[i].item].local->mode;
		given = c->sent[i].mode;
		if (given == 0)
			given = far_modes(&s->t->far)->file;
		if (wanted != given)
			rc = send_mode(s, c->sent[i].path, wanted, err);
	}
	for (i = 0; rc == 0 && i < s->plan->count; i++) {
		if (s->plan->steps[i].kind != PLAN_MKDIR ||
		    s->plan->steps[i].folder == 0 ||
		    dir_mode == far_modes(&s->t->far)->folder)
			continue;
		stage_path(path, s->plan, s->copies, i);
		rc = send_mode(s, path, dir_mode, err);
	}
	return rc != 0 ? rc : far_wait(&s->t->far, err);
}

int
stage_confirm(struct stage *s, struct ferry_error *err)
{
	struct confirm c = { .s = s };
	int rc = 0;

	arena_init(&c.paths);
	tree_init(&c.side.names);
	if (!far_is_ftp(&s->t->far))
		return 0;
	if (!collect(&c))
		rc = err_memory(err);
	if (rc == 0 && c.count > 0) {
		make_groups(&c);
		rc = list_all(&c, err);
		if (rc == 0)
			learn_modes(&c);
		if (rc == 0)
			rc = look_at_each(&c, err);
		if (rc == 0)
			rc = set_modes(&c, err);
	}
	for (size_t i = 0; i < c.group_count; i++)
		tree_free(&c.groups[i].names);
	tree_free(&c.side.names);
	free(c.groups);
	free(c.sent);
	arena_free(&c.paths);
	return rc;
}
