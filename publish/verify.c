/* verify: sizes, or all bytes, against the ledger.  Hub. */
#include "publish/verify.h"

#include "base/err.h"
#include "publish/visit.h"

/* The first that is not as it should be. */
static const char *
first(const struct visit *v)
{
	enum ferry_file_state state;
	size_t i;

	for (i = 0; i < v->known->count; i++)
		if (!visit_is_fine(v, i, &state))
			return v->known->files[i].path;
	return "";
}

static int
judge(const struct visit *v, struct ferry_error *err)
{
	const struct ferry_status *s = &v->status;
	const uint64_t wrong = s->files - s->same;

	if (s->generation == 0) {
		err_set(err, ferry_EVERIFY, "not_published",
		    "nothing was published there");
		err_hint(err, "Publish, or adopt what lies there already.");
		return -ferry_EVERIFY;
	}
	if (v->astray.code != 0) {
		err_set(err, ferry_EVERIFY, v->astray.id, "%s", v->astray.text);
		err_hint(err, "%s", v->astray.hint);
		return -ferry_EVERIFY;
	}
	if (wrong == 0)
		return 0;
	if (wrong == 1)
		err_set(err, ferry_EVERIFY, "not_as_published",
		    "%s is not as it was published", first(v));
	else
		err_set(err, ferry_EVERIFY, "not_as_published",
		    "%llu of %llu files are not as they were published, %s "
		    "first",
		    (unsigned long long)wrong, (unsigned long long)s->files,
		    first(v));
	if (s->pending == wrong)
		err_hint(err, "Publish again: that finishes it.");
	else
		err_hint(err,
		    "If nobody meant to change them, somebody broke in: look "
		    "at the server, remove them there, and publish.");
	return -ferry_EVERIFY;
}

static int
run(struct visit *v, struct ferry_error *err)
{
	int rc = visit_look(v, survey_has_size, err);

	if (rc == 0 && v->job->options.content)
		rc = visit_read(v, err);
	if (rc != 0)
		return rc;
	visit_tell(v);
	report_status(&v->job->report, &v->status);
	record_keep(&v->transfer.record);
	return judge(v, err);
}

int
verify_run(struct ferry_job *job, struct ferry_error *err)
{
	return visit_run(job, run, err);
}
