/* The plan as an application gets it: to walk, keep and run.  Hub. */
#include "publish/plan_told.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

struct ferry_plan {
	struct arena arena; /* all that the steps point to */
	struct ferry_planned *steps; /* those of files, in commit order */
	size_t count;
	struct ferry_plan_id id;
};

bool
plan_told_step(const struct plan_step *step, char hex[HASH_HEX_SIZE],
    struct ferry_planned *out)
{
	*out = (struct ferry_planned){ .size = sizeof(*out) };
	if (step->kind != PLAN_PUT && step->kind != PLAN_REMOVE)
		return false;
	out->path = step->path;
	out->change = step->kind == PLAN_REMOVE ? ferry_REMOVE
	    : step->recorded == NULL            ? ferry_ADD
						: ferry_UPDATE;
	out->reason = step->reason;
	out->size_before = step->recorded != NULL ? step->recorded->size : 0;
	out->size_after = step->local != NULL ? step->local->size : 0;
	out->wave = step->wave;
	if (step->kind == PLAN_REMOVE)
		return true;
	hash_hex(&step->local->digest, hex);
	out->sha256 = hex;
	out->mode = step->local->mode;
	return true;
}

bool
plan_told_wait(const struct plan_wait *wait, struct ferry_planned *out)
{
	*out = (struct ferry_planned){
		.size = sizeof(*out),
		.path = wait->file->path,
		.change = ferry_WAIT,
		.reason = wait->reason,
		.size_before = wait->file->size,
		.size_after = wait->file->size,
	};
	return !wait->back;
}

/* NULL stays NULL.  False: out of memory. */
static bool
keep(struct arena *a, const char **s)
{
	if (*s == NULL)
		return true;
	*s = arena_copy(a, *s, strlen(*s));
	return *s != NULL;
}

static bool
add(struct ferry_plan *told, const struct ferry_planned *step)
{
	struct ferry_planned *to = &told->steps[told->count];

	*to = *step;
	if (!keep(&told->arena, &to->path) ||
	    !keep(&told->arena, &to->reason) ||
	    !keep(&told->arena, &to->sha256))
		return false;
	told->count++;
	return true;
}

static bool
fill(struct ferry_plan *told, const struct plan *p)
{
	struct ferry_planned step;
	char hex[HASH_HEX_SIZE];
	bool ok = true;
	size_t i;

	told->steps =
	    calloc(p->count + p->wait_count + 1, sizeof(*told->steps));
	if (told->steps == NULL)
		return false;
	for (i = 0; ok && i < p->count; i++)
		if (plan_told_step(&p->steps[i], hex, &step))
			ok = add(told, &step);
	for (i = 0; ok && i < p->wait_count; i++)
		if (plan_told_wait(&p->waits[i], &step))
			ok = add(told, &step);
	return ok;
}

int
plan_told_make(struct ferry_plan **out, const struct plan *p,
    const struct ferry_plan_id *id, struct ferry_error *err)
{
	struct ferry_plan *told = calloc(1, sizeof(*told));

	*out = NULL;
	if (told == NULL)
		return err_memory(err);
	arena_init(&told->arena);
	told->id = *id;
	if (!keep(&told->arena, &told->id.url) || !fill(told, p)) {
		ferry_plan_free(told);
		return err_memory(err);
	}
	*out = told;
	return 0;
}

size_t
ferry_plan_count(const struct ferry_plan *plan)
{
	return plan->count;
}

const struct ferry_planned *
ferry_plan_at(const struct ferry_plan *plan, size_t i)
{
	return i < plan->count ? &plan->steps[i] : NULL;
}

const struct ferry_plan_id *
ferry_plan_identity(const struct ferry_plan *plan)
{
	return &plan->id;
}

void
ferry_plan_free(struct ferry_plan *plan)
{
	if (plan == NULL)
		return;
	arena_free(&plan->arena);
	free(plan->steps);
	free(plan);
}
