/*
 * Try whether a file system can hold the names that are to come.  Hub.
 *
 * FAT, exFAT and NTFS know characters that no name may have, or end in.  Such a
 * file has another name while it is staged, so that it would be the commit that
 * fails, half of it done, and again in each run that rolls it forward.
 */
#include "publish/odd_names.h"

#include <string.h>

#include "base/err.h"
#include "base/path.h"

/* What makes a name odd: each is tried once. */
enum { KINDS = 12, CONTROL = 8, DOT, SPACE, NO_TEXT };

static const char forbidden[CONTROL + 1] = "\"*:<>?\\|";

struct odd {
	const struct plan_step *with[KINDS]; /* the first that has it */
	char probe[KINDS][sizeof(FAR_SIDE) + 16];
	bool refused[KINDS];
};

static void
note(struct odd *o, unsigned kind, const struct plan_step *step,
    const char *before, char c, const char *behind)
{
	const char text[2] = { c, '\0' };

	if (o->with[kind] != NULL)
		return;
	o->with[kind] = step;
	strcpy(o->probe[kind], FAR_SIDE "/");
	strcat(o->probe[kind], before);
	strcat(o->probe[kind], text);
	strcat(o->probe[kind], behind);
}

static void
look_at(struct odd *o, const struct plan_step *step, const char *name, size_t n)
{
	const char *kind;
	const char last = name[n - 1];

	for (size_t i = 0; i < n; i++) {
		const unsigned char c = (unsigned char)name[i];

		kind = c != '\0' ? strchr(forbidden, c) : NULL;
		if (kind != NULL)
			note(o, (unsigned)(kind - forbidden), step, "probe",
			    name[i], "x");
		else if (c < 0x20 || c == 0x7f)
			note(o, CONTROL, step, "probe", name[i], "x");
	}
	if (last == '.' || last == ' ')
		note(o, last == '.' ? DOT : SPACE, step, "probe", last, "");
	if (!path_utf8_ok(name, n))
		note(o, NO_TEXT, step, "probe", '\xff', "x");
}

static void
tried(void *ctx, size_t kind, const struct msg_done *done)
{
	struct odd *o = ctx;

	/* what else is wrong is told by what comes next */
	o->refused[kind] =
	    done->result == RESULT_FAILED || done->result == RESULT_ABSENT;
}

static int
try_kind(struct far *f, struct odd *o, size_t kind, struct ferry_error *err)
{
	const struct far_handler handler = {
		.done = tried, .ctx = o, .item = kind
	};
	const struct far_handler none = { .done = NULL };
	int rc;

	far_step(f, STEP_MKDIR, o->probe[kind])->mode = 0700;
	rc = far_send(f, -1, &handler, err);
	if (rc != 0)
		return rc;
	far_step(f, STEP_RMDIR, o->probe[kind]);
	return far_send(f, -1, &none, err);
}

int
odd_names_try(struct far *f, const struct plan *plan, struct ferry_error *err)
{
	const struct plan_step *step;
	struct odd o = { 0 };
	size_t i, n, count = 0;
	int rc = 0;

	for (i = 0; i < plan->count; i++) {
		step = &plan->steps[i];
		if ((step->kind != PLAN_PUT && step->kind != PLAN_MKDIR) ||
		    step->recorded != NULL)
			continue;
		for (const char *p = step->path; *p != '\0';
		     p += n + (p[n] == '/')) {
			n = strcspn(p, "/");
			look_at(&o, step, p, n);
		}
	}
	for (i = 0; rc == 0 && i < KINDS; i++)
		if (o.with[i] != NULL) {
			rc = try_kind(f, &o, i, err);
			count++;
		}
	if (rc == 0 && count > 0)
		rc = far_wait(f, err);
	for (i = 0; rc == 0 && i < KINDS; i++)
		if (o.refused[i])
			rc = err_set(err, ferry_ESOURCE, "name_for_server",
			    "the file system there cannot hold the name %s",
			    o.with[i]->path);
	if (rc == -ferry_ESOURCE)
		err_hint(err, "Rename it, or leave it out with `exclude'.");
	return rc;
}
