/* --json: NDJSON on standard output.  Hub (the command). */
#include "cmd/ui_json.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/retry.h"

static void
print(struct ui *ui, const char *line)
{
	errno = 0;
	/* Whoever reads along wants the line now, not when a buffer is full. */
	if (fputs(line, stdout) < 0 || fputc('\n', stdout) < 0 ||
	    fflush(stdout) != 0)
		ui->out_errno = errno != 0 ? errno : EIO;
}

void
ui_json_line(struct ui *ui, const char *line)
{
	if (ui->out_errno == 0)
		print(ui, line);
}

void
ui_json_event(struct ui *ui, const struct ferry_event *e)
{
	char small[2048], *line = small, *big = NULL;
	size_t need;

	if (ui->out_errno != 0)
		return;
	need = ferry_event_json(e, small, sizeof(small));
	if (need >= sizeof(small)) {
		big = malloc(need + 1);
		if (big == NULL) {
			ui->out_errno = ENOMEM;
			return;
		}
		ferry_event_json(e, big, need + 1);
		line = big;
	}
	print(ui, line);
	free(big);
}

void
ui_json_retry(struct ui *ui, const struct ferry_error *e)
{
	const struct retry_attempt *a = ui->attempt;
	json_t *event =
	    json_pack("{s:i, s:s, s:s, s:i, s:s, s:i, s:i, s:i}", "v", 1,
		"type", "retry", "id", e->id, "code", e->code, "text", e->text,
		"attempt", a->number, "attempts", a->of, "seconds", a->seconds);
	char *line = json_dumps(event, JSON_COMPACT);

	json_decref(event);
	if (line != NULL && ui->out_errno == 0)
		print(ui, line);
	free(line);
}

void
ui_json_failure(struct ui *ui, const struct ferry_error *e)
{
	struct ferry_summary summary;
	struct ferry_event event;

	memset(&summary, 0, sizeof(summary));
	summary.outcome = e->code;
	summary.target = "";
	summary.url = "";
	memset(&event, 0, sizeof(event));
	event.size = sizeof(event);
	event.kind = ferry_EVENT_FINISHED;
	event.error = e;
	event.summary = &summary;
	ui_json_event(ui, &event);
}
