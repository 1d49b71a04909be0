/* check: each item as a line, and what to do about it.  Hub (the command). */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/run.h"
#include "cmd/text.h"

enum {
	INDENT = 2 + 6 + 14, /* before what was found */
	NARROW = 60, /* columns: no room for an indent */
	WIDE = 100, /* longer lines are hard to read */
	LINE = 2048,
};

struct checked {
	char group[64]; /* that was headed last */
	unsigned counts[4]; /* by state */
	size_t columns; /* of the terminal; 0: there is none */
	bool any; /* a line was printed */
};

/* A pipe gets one line for each item, however long. */
static size_t
columns_of(int fd)
{
	struct winsize size;

	if (!isatty(fd) || ioctl(fd, TIOCGWINSZ, &size) != 0 ||
	    size.ws_col < NARROW)
		return 0;
	return size.ws_col < WIDE ? size.ws_col : WIDE;
}

/* Bytes of s that fit: up to a blank, or all of a word that is too long. */
static size_t
fit(const char *s, size_t columns)
{
	char part[LINE];
	size_t best = 0, i;

	for (i = 0; s[i] != '\0'; i++) {
		if (s[i] != ' ' || i + 1 >= sizeof(part))
			continue;
		memcpy(part, s, i);
		part[i] = '\0';
		if (best > 0 && text_columns(part) > columns)
			return best;
		best = i;
		if (text_columns(part) > columns)
			return best;
	}
	return best > 0 && text_columns(s) > columns ? best : i;
}

/* The text behind its lead, wrapped below itself. */
static void
print(struct ui *ui, const struct checked *k, enum ui_color color,
    const char *lead, const char *text)
{
	const size_t room =
	    k->columns > INDENT ? k->columns - INDENT - 1 : LINE;
	size_t n = fit(text, room);

	ui_out(ui, color, "%s%.*s", lead, (int)n, text);
	for (text += n; *text == ' '; text += n) {
		text++;
		n = fit(text, room);
		ui_out(ui, color, "%*s%.*s", INDENT, "", (int)n, text);
	}
}

/* The command that a hint ends in, which has to stay whole to be copied. */
static char *
command_of(char *hint)
{
	static const char *const begins[] = { ": sandferry ", ": chmod ",
		": install " };
	char *at = NULL;

	for (size_t i = 0; at == NULL && i < 3; i++)
		at = strstr(hint, begins[i]);
	return at;
}

static void
print_hint(struct ui *ui, const struct checked *k, const char *hint)
{
	char lead[INDENT + 1], text[LINE], *command;

	snprintf(lead, sizeof(lead), "%*s", INDENT, "");
	text_show(text, sizeof(text), hint, ui->utf8);
	command = k->columns > 0 ? command_of(text) : NULL;
	if (command != NULL) {
		command[1] = '\0';
		command += 2;
	}
	print(ui, k, UI_PLAIN, lead, text);
	if (command != NULL)
		ui_out(ui, UI_PLAIN, "%s%s", lead, command);
}

static void
show_check(struct ui *ui, struct checked *k, const struct ferry_check *c)
{
	static const char *const states[] = { "ok", "warn", "FAIL", "skip" };
	static const enum ui_color colors[] = { UI_PLAIN, UI_YELLOW, UI_RED,
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
	print(ui, k, colors[s], lead, text);
	if (c->hint[0] != '\0')
		print_hint(ui, k, c->hint);
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
	struct checked k = { .columns = columns_of(STDOUT_FILENO) };

	return run_job(ui, o, ferry_CHECK, show, &k);
}
