/* check: each item as a line, and what comes of them all.  Hub (the command). */
#include <stdio.h>
#include <string.h>

#include "cmd/checked.h"
#include "cmd/cmd.h"
#include "cmd/run.h"

/* What visitors can read does not keep a publish from its work. */
static const char *
verdict(const struct checked *k, const struct ferry_error *e)
{
	if (e == NULL)
		return "Publishing will work";
	if (strcmp(e->id, "side_served") == 0 &&
	    k->counts[ferry_CHECK_FAIL] == 1)
		return "Publishing will work, but mend what failed first";
	return "Publishing will not work yet";
}

static void
show_summary(
    struct ui *ui, const struct checked *k, const struct ferry_event *e)
{
	static const char *const words[] = { "ok", "to look at", "failed",
		"not tried" };
	char line[256];
	size_t n = 0, i;

	for (i = 0; i < 4; i++) {
		if (k->counts[i] > 0)
			n += (size_t)snprintf(line + n, sizeof(line) - n,
			    "%s%u %s", n > 0 ? ", " : "", k->counts[i],
			    words[i]);
	}
	if (e->error != NULL && k->counts[ferry_CHECK_FAIL] == 0)
		return; /* stopped half way */
	ui_out(ui, UI_PLAIN, "%s", "");
	ui_out(ui, e->error != NULL ? UI_RED : UI_GREEN, "%s: %s",
	    verdict(k, e->error), line);
	/* it need not be said again as the reason of the whole */
	if (e->error != NULL)
		snprintf(ui->said, sizeof(ui->said), "%s", e->error->text);
}

static void
show(struct ui *ui, void *ctx, const struct ferry_event *e)
{
	struct checked *k = ctx;

	if (e->kind == ferry_EVENT_CHECK)
		checked_show(ui, k, e->check);
	if (e->kind != ferry_EVENT_FINISHED || !k->any)
		return;
	checked_end(ui, k);
	show_summary(ui, k, e);
}

int
cmd_check(struct ui *ui, const struct options *o)
{
	struct checked k = { .any = false };

	return run_job(ui, o, ferry_CHECK, show, &k);
}
