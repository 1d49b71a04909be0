/* check: each item as a line, and what to do about it.  Hub (the command). */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/run.h"
#include "cmd/text.h"

enum {
	INDENT = 2 + 6 + 14, /* before what was found */
	LINE = 2048,
};

struct checked {
	char group[64]; /* that was headed last */
	unsigned counts[4]; /* by state */
	bool any; /* a line was printed */
};

static void
show_check(struct ui *ui, struct checked *k, const struct ferry_check *c)
{
	static const char *const states[] = { "ok", "warn", "FAIL", "skip" };
	static const enum ui_color colors[] = { UI_PLAIN, UI_MAGENTA, UI_RED,
		UI_PLAIN };
	const size_t s = (size_t)c->state < 4 ? c->state : ferry_CHECK_FAIL;
	char lead[LINE], text[LINE];

	if (strcmp(k->group, c->group) != 0) {
		snprintf(k->group, sizeof(k->group), "%s", c->group);
		if (k->any)
			ui_out(ui, UI_PLAIN, "%s", "");
		ui_out(ui, UI_BOLD, "%s", c->group);
	}
	k->any = true;
	snprintf(lead, sizeof(lead), "  %-5s %-13s ", states[s], c->check);
	text_show(text, sizeof(text), c->found, ui->utf8);
	ui_text(ui, colors[s], lead, text);
	if (c->hint[0] != '\0')
		ui_hint(ui, INDENT, c->hint);
}

static void
show_summary(
    struct ui *ui, const struct checked *k, const struct ferry_event *e)
{
	static const char *const words[] = { "ok", "to look at", "failed",
		"not tried" };
	char line[LINE];
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
	if (e->error != NULL) {
		ui_out(ui, UI_RED, "Publishing will not work yet: %s", line);
		/* it need not be said again as the reason of the whole */
		snprintf(ui->said, sizeof(ui->said), "%s", e->error->text);
	} else {
		ui_out(ui, UI_GREEN, "Publishing will work: %s", line);
	}
}

static void
show(struct ui *ui, void *ctx, const struct ferry_event *e)
{
	struct checked *k = ctx;
	const bool quiet = ui->quiet;
	enum ferry_check_state s;

	if (e->kind == ferry_EVENT_FINISHED && k->any)
		show_summary(ui, k, e);
	if (e->kind != ferry_EVENT_CHECK)
		return;
	s = e->check->state;
	if ((size_t)s < 4)
		k->counts[s]++;
	if (quiet && (s == ferry_CHECK_OK || s == ferry_CHECK_SKIP))
		return;
	/* what quiet wants to hear all the same */
	ui->quiet = false;
	show_check(ui, k, e->check);
	ui->quiet = quiet;
}

int
cmd_check(struct ui *ui, const struct options *o)
{
	struct checked k = { .any = false };

	return run_job(ui, o, ferry_CHECK, show, &k);
}
