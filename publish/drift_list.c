/*
 * Drift, by listings: what is in the root before a first publish, and in whose
 * folder a new name is.  Hub.
 */
#include "publish/drift_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/path.h"

/* ---- The root of a first publish ---- */

static void
root_entry(void *ctx, size_t item, const struct msg_entry *entry)
{
	struct transfer_root *root = ctx;
	char *name = plan_fold(entry->name);

	(void)item;
	if (name == NULL || tree_add(&root->names, name) == NULL)
		root->known = false;
	free(name);
}

static void
root_listed(void *ctx, size_t item, const struct msg_done *done)
{
	struct transfer_root *root = ctx;

	(void)item;
	if (done->result != RESULT_OK && done->result != RESULT_ABSENT)
		root->known = false;
	tree_seal(&root->names);
}

int
drift_list_root(struct transfer *t, struct ferry_error *err)
{
	const struct far_handler handler = { .done = root_listed,
		.entry = root_entry,
		.ctx = &t->root,
		.lasting = true };

	tree_free(&t->root.names);
	t->root.known = !far_is_ftp(&t->far);
	if (!t->root.known)
		return 0;
	far_step(&t->far, STEP_LIST, "");
	return far_send(&t->far, -1, &handler, err);
}

bool
drift_may_be_there(const struct drift *d, const char *path)
{
	const struct transfer_root *root = &d->t->root;
	bool may = true;
	char *name;

	if (!root->known || !d->t->record.absent)
		return true;
	name = plan_fold(path);
	if (name != NULL) {
		name[strcspn(name, "/")] = '\0';
		may = tree_find(&root->names, name) != NULL;
	}
	free(name);
	return may;
}

/* ---- New names over FTP ---- */

static bool
is_new_name(const struct plan_step *step)
{
	return (step->kind == PLAN_PUT && step->recorded == NULL) ||
	    step->kind == PLAN_MKDIR;
}

/* Was there anything in this folder before?  The root may hold anything. */
static bool
is_old_folder(const struct drift *d, const char *dir)
{
	return *dir == '\0' || tree_has_below(d->recorded, dir);
}

struct new_name {
	const char *path;
	size_t dir; /* length of its folder's path */
	size_t step;
};

static int
by_folder(const void *a, const void *b)
{
	const struct new_name *x = a, *y = b;
	int c = memcmp(x->path, y->path, x->dir < y->dir ? x->dir : y->dir);

	if (c == 0)
		c = (x->dir > y->dir) - (x->dir < y->dir);
	return c != 0 ? c : (x->step > y->step) - (x->step < y->step);
}

/*
 * In this folder, without those that are done; NULL: folders, and files that
 * come alone.
 */
static bool
is_asked_for(const struct drift *d, size_t i, const char *dir, const bool *done)
{
	const struct plan_step *step = &d->plan->steps[i];
	size_t n;

	if (!is_new_name(step))
		return false;
	if (dir == NULL)
		return step->folder == 0 || step->kind == PLAN_MKDIR;
	n = strlen(dir);
	return path_dir_len(step->path) == n &&
	    memcmp(step->path, dir, n) == 0 && (done == NULL || !done[i]);
}

/* Those of one folder stand together. */
static struct new_name *
list_names(const struct drift *d, const char *dir, const bool *done, size_t *n)
{
	struct new_name *names = calloc(d->plan->count + 1, sizeof(*names));
	const char *path;

	*n = 0;
	for (size_t i = 0; names != NULL && i < d->plan->count; i++) {
		if (!is_asked_for(d, i, dir, done))
			continue;
		path = d->plan->steps[i].path;
		names[(*n)++] =
		    (struct new_name){ path, path_dir_len(path), i };
	}
	if (*n > 1)
		qsort(names, *n, sizeof(*names), by_folder);
	return names;
}

/* What a listing shows there is there; what it does not show may be. */
static int
ask_names(struct drift *d, const char *dir, const struct new_name *names,
    size_t n, struct ferry_error *err)
{
	const struct tree_file *there;
	struct msg_done found;
	struct tree listed;
	int rc;

	tree_init(&listed);
	rc = far_list(&d->t->far, dir, &listed, &found, err);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		there = tree_find(&listed, path_base(names[i].path));
		if (there == NULL)
			continue;
		found = (struct msg_done){ .result = RESULT_OK,
			.size = there->size,
			.mode = there->mode,
			.mtime = (uint64_t)there->mtime };
		drift_looked(d, names[i].step, &found);
	}
	tree_free(&listed);
	return rc;
}

int
drift_ask_folder(
    struct drift *d, const char *dir, const bool *done, struct ferry_error *err)
{
	size_t count;
	struct new_name *names = list_names(d, dir, done, &count);
	int rc = names != NULL ? ask_names(d, dir, names, count, err)
			       : err_memory(err);

	free(names);
	if (rc != 0 || d->found == 0) {
		plan_mark_sidecars(d->plan, d->marks);
		return rc;
	}
	if (err != NULL)
		*err = d->first;
	err_prefix(err, "the publish stopped half way");
	err_hint(err,
	    "Take what is there into the source, or remove it there; --drift "
	    "overwrite replaces it and keeps a copy, --drift keep leaves it "
	    "alone. Then publish, which goes on from there.");
	return -d->first.code;
}

int
drift_ask_folders(struct drift *d, struct ferry_error *err)
{
	char dir[LIMIT_PATH + 1];
	size_t count, first = 0, end;
	struct new_name *names = list_names(d, NULL, NULL, &count);
	int rc = names != NULL ? 0 : err_memory(err);

	for (; rc == 0 && first < count; first = end) {
		const size_t n = names[first].dir;

		memcpy(dir, names[first].path, n);
		dir[n] = '\0';
		for (end = first + 1; end < count && names[end].dir == n &&
		     memcmp(names[end].path, dir, n) == 0;)
			end++;
		if (is_old_folder(d, dir))
			rc = ask_names(d, dir, names + first, end - first, err);
	}
	free(names);
	return rc;
}
