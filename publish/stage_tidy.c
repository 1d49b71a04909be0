/*
 * What lies in the stage folder, and what of it no publish needs.  Hub.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/path.h"
#include "publish/stage.h"

enum { DEEP = 64 }; /* folders in folders */

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
		rc = far_judge(
		    &done, "list", far_shown(&t->far, FAR_STAGE), err);
	if (rc != 0)
		return rc;
	t->claimed = calloc(t->leftovers.count + 1, sizeof(*t->claimed));
	return t->claimed != NULL ? 0 : err_memory(err);
}

static int
send_removal(struct far *f, enum msg_op op, const char *path, bool loose,
    struct ferry_error *err)
{
	const struct far_handler handler = { .done = NULL };

	far_step(f, op, path);
	if (loose)
		far_loose(f);
	return far_send(f, -1, &handler, err);
}

/* A folder of ours: all that is in it, then itself. */
static int
remove_folder(
    struct far *f, const char *dir, unsigned depth, struct ferry_error *err)
{
	struct tree names;
	struct msg_done done;
	char path[STAGE_PATH_SIZE];
	size_t i;
	int rc;

	tree_init(&names);
	rc = far_list(f, dir, &names, &done, err);
	for (i = 0; rc == 0 && depth < DEEP && i < names.count; i++) {
		if (!path_join(path, sizeof(path), dir, names.files[i].path))
			continue;
		rc = S_ISDIR(names.files[i].mode)
		    ? remove_folder(f, path, depth + 1, err)
		    : send_removal(f, STEP_REMOVE, path, true, err);
	}
	tree_free(&names);
	return rc != 0 ? rc : send_removal(f, STEP_RMDIR, dir, false, err);
}

int
stage_tidy(struct transfer *t, struct ferry_error *err)
{
	const struct tree_file *f;
	char path[sizeof(FAR_STAGE) + LIMIT_NAME + 1];
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < t->leftovers.count; i++) {
		if (t->claimed[i])
			continue;
		f = &t->leftovers.files[i];
		snprintf(path, sizeof(path), "%s/%s", FAR_STAGE, f->path);
		rc = S_ISDIR(f->mode)
		    ? remove_folder(&t->far, path, 0, err)
		    : send_removal(&t->far, STEP_REMOVE, path, true, err);
	}
	return rc;
}

void
stage_claim(struct transfer *t, const char *name)
{
	const struct tree_file *there = tree_find(&t->leftovers, name);

	if (there != NULL)
		t->claimed[there - t->leftovers.files] = true;
}
