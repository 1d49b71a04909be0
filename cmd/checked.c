/* What check found, as lines for people.  Hub (the command). */
#include "cmd/checked.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/text.h"

enum {
	INDENT = 2 + 6 + 14, /* before what was found */
	LINE = 2048,
};

void
checked_item(struct ui *ui, const struct ferry_check *c)
{
	static const char *const states[] = { "ok", "warn", "FAIL", "skip" };
	static const enum ui_color colors[] = { UI_PLAIN, UI_MAGENTA, UI_RED,
		UI_PLAIN };
	const size_t s = (size_t)c->state < 4 ? c->state : ferry_CHECK_FAIL;
	char lead[LINE], text[LINE];

	snprintf(lead, sizeof(lead), "  %-5s %-13s ", states[s], c->check);
	text_show(text, sizeof(text), c->found, ui->utf8);
	ui_text(ui, colors[s], lead, text);
	if (c->hint[0] != '\0')
		ui_hint(ui, INDENT, c->hint);
}

/* "key, secret, login (needs host key)" */
static void
print_skipped(struct ui *ui, struct checked *k)
{
	char line[sizeof(k->skipped) + sizeof(k->why) + 1];

	if (k->skipped[0] == '\0')
		return;
	snprintf(line, sizeof(line), "%s %s", k->skipped, k->why);
	ui_text(ui, UI_PLAIN, "  skip  ", line);
	k->skipped[0] = '\0';
}

/* False: it has to be told by itself. */
static bool
is_gathered(struct checked *k, const struct ferry_check *c)
{
	size_t n = strlen(k->skipped);

	if (c->state != ferry_CHECK_SKIP || c->hint[0] != '\0' ||
	    strlen(c->found) >= sizeof(k->why) ||
	    n + strlen(c->check) + 3 > sizeof(k->skipped))
		return false;
	snprintf(k->why, sizeof(k->why), "%s", c->found);
	snprintf(k->skipped + n, sizeof(k->skipped) - n, "%s%s",
	    n > 0 ? ", " : "", c->check);
	return true;
}

static void
head(struct ui *ui, struct checked *k, const char *group)
{
	if (strcmp(k->group, group) == 0)
		return;
	snprintf(k->group, sizeof(k->group), "%s", group);
	if (k->any)
		ui_out(ui, UI_PLAIN, "%s", "");
	ui_out(ui, UI_BOLD, "%s", group);
}

void
checked_show(struct ui *ui, struct checked *k, const struct ferry_check *c)
{
	const bool quiet = ui->quiet;
	const enum ferry_check_state s = c->state;

	if ((size_t)s < 4)
		k->counts[s]++;
	if (quiet && (s == ferry_CHECK_OK || s == ferry_CHECK_SKIP))
		return;
	/* what quiet wants to hear all the same */
	ui->quiet = false;
	if (strcmp(k->group, c->group) != 0 || s != ferry_CHECK_SKIP ||
	    strcmp(k->why, c->found) != 0)
		print_skipped(ui, k);
	head(ui, k, c->group);
	k->any = true;
	if (!isatty(STDOUT_FILENO) || !is_gathered(k, c)) {
		print_skipped(ui, k);
		checked_item(ui, c);
	}
	ui->quiet = quiet;
}

void
checked_end(struct ui *ui, struct checked *k)
{
	print_skipped(ui, k);
}
