/* Gather what a run tells, and write the page.  Hub (the command). */
#include "cmd/report_html.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd/html.h"
#include "cmd/keeper.h"
#include "cmd/report_parts.h"
#include "cmd/retry.h"

struct report_html {
	struct keeper keeper;
	FILE *page; /* to the same file */
	char *path; /* of that */
	enum options_verb verb;
	bool dry_run;
	char machine[256], time[64], iso_time[64];
	struct report_phase phases[REPORT_PHASES];
	size_t phase_count;
	struct report_spool changes;
	struct report_text remarks, receipt;
	long last_began; /* where the last failure begins in remarks */
	char last_said[240]; /* that one */
	bool finished;
	int failed; /* errno: why it was not written */
};

static bool
text_open(struct report_text *t)
{
	t->to = open_memstream(&t->bytes, &t->size);
	return t->to != NULL;
}

static void
text_close(struct report_text *t)
{
	if (t->to != NULL)
		fclose(t->to);
	free(t->bytes);
}

/* Now, for a sealed run may not read what the time zone is. */
static void
note_time(struct report_html *h)
{
	const time_t now = time(NULL);
	struct tm tm;

	localtime_r(&now, &tm);
	strftime(h->time, sizeof(h->time), "%Y-%m-%d %H:%M:%S %z", &tm);
	gmtime_r(&now, &tm);
	strftime(h->iso_time, sizeof(h->iso_time), "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static int
open_page(struct report_html *h, const char *path, struct ferry_error *err)
{
	int rc = keeper_start(&h->keeper, "--report", path, err), fd;

	if (rc != 0)
		return rc;
	fd = fcntl(h->keeper.file, F_DUPFD_CLOEXEC, 0);
	h->page = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (h->page == NULL && fd >= 0)
		close(fd);
	h->path = strdup(path);
	if (h->page == NULL || h->path == NULL || !text_open(&h->remarks) ||
	    !text_open(&h->receipt))
		return options_error(err, NULL, "out of memory");
	rc = report_spool_open(&h->changes, path);
	return rc == 0
	    ? 0
	    : options_error(err, NULL, "cannot write --report %s: %s", path,
		  strerror(rc));
}

int
report_html_open(
    struct report_html **out, const struct options *o, struct ferry_error *err)
{
	struct report_html *h;
	int rc;

	*out = NULL;
	if (o->report == NULL)
		return 0;
	h = calloc(1, sizeof(*h));
	if (h == NULL)
		return options_error(err, NULL, "out of memory");
	h->keeper = (struct keeper){ .file = -1, .door = -1, .pid = -1 };
	h->verb = o->verb;
	h->dry_run = o->dry_run || o->verb == VERB_PLAN;
	(void)gethostname(h->machine, sizeof(h->machine) - 1);
	note_time(h);
	rc = open_page(h, o->report, err);
	if (rc == 0)
		*out = h;
	else
		report_html_free(h);
	return rc;
}

/* ---- What happens ---- */

static void
note_phase(struct report_html *h, const struct ferry_event *e)
{
	struct report_phase *last = &h->phases[h->phase_count];

	if (h->phase_count > 0 && last[-1].phase == e->phase)
		return;
	if (h->phase_count < REPORT_PHASES)
		h->phases[h->phase_count++] =
		    (struct report_phase){ e->phase, e->seconds };
}

static void
note_remark(struct report_html *h, const struct ferry_event *e,
    const char *kind, const char *mark)
{
	FILE *to = h->remarks.to;
	const char *text = e->error != NULL ? e->error->text : e->text;

	if (text == NULL || h->remarks.count++ >= REPORT_REMARKS)
		return;
	if (e->kind == ferry_EVENT_FAILURE) {
		h->last_began = ftell(to);
		snprintf(h->last_said, sizeof(h->last_said), "%s", text);
	} else {
		h->last_said[0] = '\0';
	}
	fprintf(to, "<li class=\"%s\"><b>%s</b> ", kind, mark);
	html_text(to, text);
	if (e->error != NULL && e->error->hint[0] != '\0') {
		fputs(" <small>", to);
		html_text(to, e->error->hint);
		fputs("</small>", to);
	}
	fputs("</li>\n", to);
}

void
report_html_event(struct report_html *h, const struct ferry_event *e)
{
	if (h == NULL || h->finished)
		return;
	switch (e->kind) {
	case ferry_EVENT_PHASE:
		note_phase(h, e);
		break;
	case ferry_EVENT_STEP:
		report_spool_add(&h->changes, e);
		break;
	case ferry_EVENT_NOTE:
		note_remark(h, e, "note", "Note");
		break;
	case ferry_EVENT_LOG:
		if (e->log_level <= 1)
			note_remark(h, e, "warning", "Warning");
		break;
	case ferry_EVENT_WARNING:
		note_remark(h, e, "warning", "Warning");
		break;
	case ferry_EVENT_FAILURE:
		note_remark(h, e, "failure", "Failure");
		break;
	case ferry_EVENT_WALL:
		report_receipt_print(h->receipt.to, e->receipt);
		h->receipt.count++;
		break;
	default:
		break;
	}
}

/* ---- The end ---- */

/* What failed by name is often the reason of the whole as well: said once. */
static void
drop_repeated(struct report_html *h, const struct ferry_error *error)
{
	if (error == NULL || h->last_said[0] == '\0' ||
	    h->remarks.count > REPORT_REMARKS ||
	    strcmp(h->last_said, error->text) != 0)
		return;
	fflush(h->remarks.to);
	h->remarks.bytes[h->last_began] = '\0';
	h->remarks.count--;
}

static int
close_texts(struct report_html *h)
{
	struct report_text *all[] = { &h->remarks, &h->receipt };
	int failed = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (fflush(all[i]->to) != 0)
			failed = errno;
	return failed;
}

static int
write_page(struct report_html *h, const struct report_facts *facts)
{
	errno = 0;
	report_page_print(h->page, facts);
	if (h->changes.failed != 0)
		return h->changes.failed;
	if (fflush(h->page) != 0 || ferror(h->page))
		return errno != 0 ? errno : EIO;
	return keeper_name(&h->keeper);
}

void
report_html_finish(struct report_html *h, const struct ui *ui,
    const struct ferry_summary *summary, const struct ferry_error *error)
{
	struct report_facts facts = { .summary = summary, .error = error };

	if (h == NULL || h->finished)
		return;
	h->finished = true;
	facts.verb = h->verb;
	facts.dry_run = h->dry_run;
	facts.machine = h->machine;
	facts.time = h->time;
	facts.iso_time = h->iso_time;
	facts.phases = h->phases;
	facts.phase_count = h->phase_count;
	facts.remarks = &h->remarks;
	facts.changes = &h->changes;
	facts.receipt = &h->receipt;
	if (ui->attempt != NULL) {
		facts.attempt = ui->attempt->number;
		facts.attempts = ui->attempt->of;
	}
	h->failed = close_texts(h);
	drop_repeated(h, error);
	if (h->failed == 0)
		h->failed = write_page(h, &facts);
}

int
report_html_end(const struct report_html *h, struct ferry_error *err)
{
	if (h == NULL || h->failed == 0)
		return 0;
	options_error(err, "Make room there, or name another file.",
	    "cannot write --report %s: %s", h->path, strerror(h->failed));
	err->code = ferry_EINTERNAL;
	return -ferry_EINTERNAL;
}

void
report_html_free(struct report_html *h)
{
	if (h == NULL)
		return;
	if (h->page != NULL)
		fclose(h->page);
	keeper_end(&h->keeper);
	text_close(&h->remarks);
	report_spool_close(&h->changes);
	text_close(&h->receipt);
	free(h->path);
	free(h);
}
