/* A scan of the job's site that tells the job's report.  Hub. */
#include "publish/job.h"
#include "publish/scan.h"

static void
skipped(void *ctx, const char *path, const char *reason)
{
	report_skip(ctx, path, reason);
}

static void
failed(void *ctx, const struct ferry_error *error)
{
	report_failure(ctx, NULL, error);
}

static void
progress(void *ctx, size_t files, uint64_t bytes)
{
	struct report *r = ctx;

	r->files_done = files;
	r->bytes_done = bytes;
	report_progress(r, NULL);
}

void
job_scan(struct ferry_job *job, int state_dir, struct scan *out)
{
	*out = (struct scan){
		.site = job->site,
		.state_dir = state_dir,
		.cancel_fd = job->cancel[0],
		.ctx = &job->report,
		.skipped = skipped,
		.failed = failed,
		.progress = progress,
	};
}
