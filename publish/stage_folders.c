/*
 * Make the folders that travel as folders, level by level: what is above
 * another must be there first, and within a level all are in flight.  Hub.
 */
#include <string.h>

#include "base/path.h"
#include "publish/side.h"
#include "publish/stage_parts.h"

struct folders {
	struct stage *s;
	bool missed; /* the stage folder itself */
	struct ferry_error first;
	size_t failed;
};

static void
made(void *ctx, size_t i, const struct msg_done *done)
{
	struct folders *f = ctx;
	const char *path = f->s->plan->steps[i].path;
	struct ferry_error e;

	if (done->result == RESULT_OK)
		return;
	f->missed |= done->result == RESULT_ABSENT;
	far_judge(done, "make a folder for", path, &e);
	if (f->failed++ == 0)
		f->first = e;
}

/* Folders above it in the stage folder; its own is on level 0. */
static size_t
level(const struct plan *plan, size_t i)
{
	const struct plan_step *step = &plan->steps[i];
	const char *rest =
	    step->path + strlen(plan->folders[step->folder - 1].path);
	size_t n = 0;

	for (; *rest != '\0'; rest++)
		n += *rest == '/';
	return n;
}

static int
make_level(
    struct folders *f, size_t wanted, bool *deeper, struct ferry_error *err)
{
	struct far_handler handler = { .done = made, .ctx = f };
	struct stage *s = f->s;
	const struct plan_step *step;
	char path[STAGE_PATH_SIZE];
	size_t n;
	int rc = 0;

	*deeper = false;
	for (size_t i = 0; rc == 0 && i < s->plan->count; i++) {
		step = &s->plan->steps[i];
		if (step->kind != PLAN_MKDIR || step->folder == 0)
			continue;
		n = level(s->plan, i);
		*deeper |= n > wanted;
		if (n != wanted)
			continue;
		stage_path(path, s->plan, s->copies, i);
		if (n == 0)
			stage_claim(s->t, path_base(path));
		handler.item = i;
		far_step(&s->t->far, STEP_MKDIR, path);
		far_loose(&s->t->far);
		rc = far_send(&s->t->far, -1, &handler, err);
	}
	return rc != 0 ? rc : far_wait(&s->t->far, err);
}

int
stage_make_folders(struct stage *s, struct ferry_error *err)
{
	struct folders f = { .s = s };
	bool deeper = s->plan->folder_count > 0;
	size_t n;
	int rc = 0;

	for (n = 0; rc == 0 && deeper && f.failed == 0; n++) {
		rc = make_level(&f, n, &deeper, err);
		if (rc != 0 || n > 0 || !f.missed)
			continue;
		/* the server has lost our folder: once more */
		f = (struct folders){ .s = s };
		rc = side_mend(&s->t->far, err);
		if (rc == 0)
			rc = make_level(&f, n, &deeper, err);
	}
	if (rc != 0 || f.failed == 0)
		return rc;
	if (err != NULL)
		*err = f.first;
	return -f.first.code;
}
