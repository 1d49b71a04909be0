/* status: last publish, drift, leftovers, lock.  Hub. */
#include "publish/status.h"

#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/path.h"
#include "publish/lock.h"
#include "publish/visit.h"

/* What a run that was cut off has left in the stage folder. */
static int
look_at_stage(struct visit *v, struct ferry_error *err)
{
	struct msg_done done;
	struct tree names;
	size_t i;
	int rc;

	if (v->transfer.record.absent)
		return 0;
	tree_init(&names);
	rc = far_list(&v->transfer.far, FAR_STAGE, &names, &done, err);
	v->status.left_files = names.count;
	for (i = 0; i < names.count; i++)
		if (!S_ISDIR(names.files[i].mode))
			v->status.left_bytes += names.files[i].size;
	tree_free(&names);
	return rc;
}

/* "me@machine", of "me@machine 1234 2026-01-31T12:00:00Z ..." */
static int
look_at_lock(struct visit *v, char *owner, size_t size, struct ferry_error *err)
{
	struct lock_other l;
	size_t n;
	int rc = lock_look(&v->transfer.far, &l, err);

	if (rc != 0 || !l.held)
		return rc;
	n = strcspn(l.text, " ");
	path_escape(owner, size, n > 0 ? l.text : "somebody",
	    n > 0 ? n : strlen("somebody"));
	v->status.owner = owner;
	v->status.locked = (int64_t)l.mtime;
	return 0;
}

static int
judge(const struct visit *v, struct ferry_error *err)
{
	const struct ferry_status *s = &v->status;
	const uint64_t n = s->changed + s->missing + s->unknown;

	if (!v->job->options.exit_code || (n == 0 && v->astray.code == 0))
		return 0;
	if (v->astray.code != 0) {
		err_set(
		    err, ferry_EPENDING, v->astray.id, "%s", v->astray.text);
		err_hint(err, "%s", v->astray.hint);
		return -ferry_EPENDING;
	}
	err_set(err, ferry_EPENDING, "drift",
	    "%llu file%s not as %s left on the server", (unsigned long long)n,
	    n == 1 ? " is" : "s are", n == 1 ? "it was" : "they were");
	err_hint(err,
	    "Take what was changed there into the source, or remove it there; "
	    "then publish.");
	return -ferry_EPENDING;
}

static int
run(struct visit *v, struct ferry_error *err)
{
	char owner[4 * 256];
	int rc = visit_look(v, survey_is_as, err);

	if (rc == 0)
		rc = look_at_stage(v, err);
	if (rc == 0)
		rc = look_at_lock(v, owner, sizeof(owner), err);
	if (rc != 0)
		return rc;
	visit_tell(v);
	report_status(&v->job->report, &v->status);
	record_keep(&v->transfer.record);
	return judge(v, err);
}

int
status_run(struct ferry_job *job, struct ferry_error *err)
{
	return visit_run(job, run, err);
}
