/*
 * Under which names files and folders wait in the stage folder.  Hub; no I/O.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "publish/stage.h"

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

static bool
goes_alone(const struct plan_step *step)
{
	return step->kind == PLAN_PUT && step->folder == 0;
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
		if (goes_alone(&plan->steps[i]))
			files[n++] = plan->steps[i].local;
	ok = ok && stage_number(files, n, compact);
	n = 0;
	for (i = 0; ok && i < plan->count; i++)
		if (goes_alone(&plan->steps[i]))
			copies[i] = compact[n++];
	free(files);
	free(compact);
	if (ok)
		return copies;
	free(copies);
	return NULL;
}

void
stage_path(char dst[STAGE_PATH_SIZE], const struct plan *plan,
    const unsigned *copies, size_t i)
{
	const struct plan_step *step = &plan->steps[i];
	const struct plan_folder *f;
	char name[STAGE_NAME_SIZE];

	if (step->folder == 0) {
		stage_name(name, &step->local->digest, copies[i]);
		snprintf(dst, STAGE_PATH_SIZE, "%s/%s", FAR_STAGE, name);
		return;
	}
	f = &plan->folders[step->folder - 1];
	stage_name(name, &f->digest, 0);
	snprintf(dst, STAGE_PATH_SIZE, "%s/%s%s", FAR_STAGE, name,
	    step->path + strlen(f->path));
}
