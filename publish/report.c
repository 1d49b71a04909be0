/* Tell the application what happens: events, and the summary.  Hub. */
#include "publish/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/path.h"
#include "publish/plan_told.h"

enum { PROGRESS_MS = 100, TEXT_SIZE = 512 };

static struct ferry_event
event(const struct report *r, enum ferry_event_kind kind)
{
	return (struct ferry_event){
		.size = sizeof(struct ferry_event),
		.kind = kind,
		.phase = r->phase,
		.seconds = (double)(clock_ms() - r->began) / 1000,
		.files_done = r->files_done,
		.files_total = r->files_total,
		.bytes_done = r->bytes_done,
		.bytes_total = r->bytes_total,
	};
}

static void
tell(struct report *r, const struct ferry_event *e)
{
	run_log_put(&r->kept, e);
	if (r->fn != NULL)
		r->fn(r->ctx, e);
}

static void
tell_log(void *ctx, enum log_level level, const char *line)
{
	struct report *r = ctx;
	struct ferry_event e = event(r, ferry_EVENT_LOG);

	e.text = line;
	e.log_level = (int)level;
	tell(r, &e);
}

void
report_init(struct report *r, ferry_event_fn *fn, void *ctx, int log_level)
{
	memset(r, 0, sizeof(*r));
	r->fn = fn;
	r->ctx = ctx;
	r->began = r->progressed = clock_ms();
	r->log.level = log_level < LOG_ERROR ? LOG_ERROR
	    : log_level > LOG_TRACE          ? LOG_TRACE
					     : (enum log_level)log_level;
	r->log.sink = tell_log;
	r->log.ctx = r;
	run_log_init(&r->kept);
}

void
report_phase(struct report *r, enum ferry_phase phase, uint64_t files_total,
    uint64_t bytes_total)
{
	struct ferry_event e;

	r->phase = phase;
	r->files_done = r->bytes_done = 0;
	r->files_total = files_total;
	r->bytes_total = bytes_total;
	e = event(r, ferry_EVENT_PHASE);
	tell(r, &e);
}

void
report_progress(struct report *r, const char *path)
{
	int64_t now = clock_ms();
	struct ferry_event e;

	if (now - r->progressed < PROGRESS_MS)
		return;
	r->progressed = now;
	e = event(r, ferry_EVENT_PROGRESS);
	e.path = path;
	tell(r, &e);
}

static void
tell_planned(struct report *r, const struct ferry_planned *planned)
{
	struct ferry_event e = event(r, ferry_EVENT_STEP);
	const struct ferry_step step = {
		.sha256 = planned->sha256,
		.mode = planned->mode,
		.wave = planned->wave,
	};

	e.path = planned->path;
	e.change = planned->change;
	e.size_before = planned->size_before;
	e.size_after = planned->size_after;
	e.text = planned->reason;
	e.step = planned->sha256 != NULL ? &step : NULL;
	tell(r, &e);
}

void
report_step(struct report *r, const struct plan_step *step)
{
	struct ferry_planned planned;
	char hex[HASH_HEX_SIZE];

	if (plan_told_step(step, hex, &planned))
		tell_planned(r, &planned);
}

void
report_wait(struct report *r, const struct plan_wait *wait)
{
	struct ferry_planned planned;

	if (plan_told_wait(wait, &planned))
		tell_planned(r, &planned);
}

void
report_skip(struct report *r, const char *path, const char *reason)
{
	struct ferry_event e = event(r, ferry_EVENT_STEP);

	e.path = path;
	e.change = ferry_SKIP;
	e.text = reason;
	tell(r, &e);
}

void
report_note(struct report *r, const char *format, ...)
{
	struct ferry_event e = event(r, ferry_EVENT_NOTE);
	char raw[TEXT_SIZE], text[TEXT_SIZE];
	va_list ap;

	va_start(ap, format);
	vsnprintf(raw, sizeof(raw), format, ap);
	va_end(ap);
	e.text = path_escape(text, sizeof(text), raw, strlen(raw));
	tell(r, &e);
}

static void
tell_error(struct report *r, enum ferry_event_kind kind, const char *path,
    const struct ferry_error *error)
{
	struct ferry_event e = event(r, kind);

	e.path = path;
	e.error = error;
	e.text = error->text;
	tell(r, &e);
}

void
report_warning(
    struct report *r, const char *path, const struct ferry_error *error)
{
	tell_error(r, ferry_EVENT_WARNING, path, error);
}

void
report_failure(
    struct report *r, const char *path, const struct ferry_error *error)
{
	tell_error(r, ferry_EVENT_FAILURE, path, error);
}

void
report_refusal(struct report *r, const struct ferry_host_report *host,
    const struct ferry_error *error)
{
	struct ferry_event e = event(r, ferry_EVENT_FAILURE);

	e.host = host;
	e.error = error;
	e.text = error->text;
	tell(r, &e);
}

void
report_question(struct report *r, const struct ferry_question *question)
{
	struct ferry_event e = event(r, ferry_EVENT_QUESTION);

	e.question = question;
	e.host = question->host;
	e.grant = question->grant;
	e.text = question->prompt;
	tell(r, &e);
}

void
report_host(struct report *r, const struct ferry_host_report *host)
{
	struct ferry_event e = event(r, ferry_EVENT_HOST);

	e.host = host;
	tell(r, &e);
}

void
report_host_entry(struct report *r, const struct ferry_host_entry *entry)
{
	struct ferry_event e = event(r, ferry_EVENT_HOST_ENTRY);

	e.entry = entry;
	tell(r, &e);
}

void
report_grant(struct report *r, const struct ferry_grant *grant)
{
	struct ferry_event e = event(r, ferry_EVENT_GRANT);

	e.grant = grant;
	tell(r, &e);
}

void
report_surroundings(
    struct report *r, const struct ferry_surroundings *surroundings)
{
	struct ferry_event e = event(r, ferry_EVENT_SURROUNDINGS);

	e.surroundings = surroundings;
	tell(r, &e);
}

void
report_right(struct report *r, const struct ferry_right *right)
{
	struct ferry_event e = event(r, ferry_EVENT_RIGHT);

	e.right = right;
	e.path = right->path;
	tell(r, &e);
}

void
report_line(struct report *r, const char *line)
{
	struct ferry_event e = event(r, ferry_EVENT_LINE);

	e.text = line;
	tell(r, &e);
}

void
report_receipt(struct report *r, const struct ferry_receipt *receipt)
{
	struct ferry_event e = event(r, ferry_EVENT_WALL);

	e.receipt = receipt;
	tell(r, &e);
}

void
report_check(struct report *r, const struct ferry_check *check,
    const struct ferry_error *error)
{
	struct ferry_event e = event(r, ferry_EVENT_CHECK);

	e.check = check;
	e.error = error;
	e.text = check->found;
	tell(r, &e);
}

void
report_file(struct report *r, enum ferry_file_state state, const char *path,
    uint64_t before, uint64_t after, const char *text)
{
	struct ferry_event e = event(r, ferry_EVENT_FILE);

	e.file_state = state;
	e.path = path;
	e.size_before = before;
	e.size_after = after;
	e.text = text;
	tell(r, &e);
}

void
report_status(struct report *r, const struct ferry_status *status)
{
	struct ferry_event e = event(r, ferry_EVENT_STATUS);

	e.status = status;
	tell(r, &e);
}

void
report_run(struct report *r, const struct ferry_run *run)
{
	struct ferry_event e = event(r, ferry_EVENT_RUN);

	e.run = run;
	tell(r, &e);
}

void
report_summary(struct report *r, const struct ferry_error *error)
{
	struct ferry_event e = event(r, ferry_EVENT_FINISHED);

	r->summary.outcome = error != NULL ? error->code : ferry_OK;
	r->summary.seconds = e.seconds;
	e.summary = &r->summary;
	e.error = error;
	tell(r, &e);
}
