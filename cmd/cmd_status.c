/* status, verify: how the site lies on its server.  Hub (the command). */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/files.h"
#include "cmd/run.h"
#include "cmd/text.h"

enum { NAMED = 10 }; /* files that verify names, without -v */

struct seen {
	bool verify, content; /* what was asked for */
	bool all; /* every file and stranger is a line */
	uint64_t wrong; /* files so far */
};

static void
show_publish(struct ui *ui, const struct ferry_status *s)
{
	char when[TEXT_TIME_SIZE], machine[256], n[TEXT_NUMBER_SIZE],
	    b[TEXT_NUMBER_SIZE];

	if (s->generation == 0) {
		ui_out(ui, UI_BOLD, "Nothing was published there yet");
		return;
	}
	text_time(when, s->time);
	ui_out(ui, UI_BOLD, "Publish %llu, %s, from %s: %s %s, %s",
	    (unsigned long long)s->generation, when,
	    text_show(machine, sizeof(machine), s->machine, ui->utf8),
	    text_count(n, s->files), s->files == 1 ? "file" : "files",
	    text_bytes(b, s->bytes));
	if (s->progress == ferry_STAGING)
		ui_out(ui, UI_MAGENTA,
		    "It did not end: what is live is from before it, and "
		    "whole");
	else if (s->progress == ferry_COMMITTING)
		ui_out(ui, UI_MAGENTA,
		    "It did not end, and some of it is live: publish again, "
		    "which finishes it");
}

/* A part of a sentence, and how many parts there are by then. */
static void
add(char *line, size_t size, uint64_t count, const char *what)
{
	char n[TEXT_NUMBER_SIZE];
	size_t len = strlen(line);

	if (count > 0)
		snprintf(line + len, size - len, "%s%s %s", len > 0 ? ", " : "",
		    text_count(n, count), what);
}

static void
show_status(struct ui *ui, const struct ferry_status *s)
{
	char line[512] = "", n[TEXT_NUMBER_SIZE], owner[1024],
	     when[TEXT_TIME_SIZE];

	show_publish(ui, s);
	add(line, sizeof(line), s->changed, "changed there");
	add(line, sizeof(line), s->missing, "gone from there");
	add(line, sizeof(line), s->unknown, "not to be seen");
	if (line[0] != '\0')
		ui_out(ui, UI_MAGENTA, "Drift: %s", line);
	else if (s->files > 0 && s->pending == 0)
		ui_out(ui, UI_GREEN, "No drift: all is as it was left");
	line[0] = '\0';
	add(line, sizeof(line), s->pending, "not live yet");
	if (line[0] != '\0')
		ui_out(ui, UI_PLAIN, "%s", line);
	files_strangers(ui, s->strangers);
	if (s->strangers > 0 && s->generation == 0)
		ui_out(ui, UI_PLAIN,
		    "`sandferry adopt' makes ours what is equal to the source");
	if (s->left_files > 0)
		ui_out(ui, UI_PLAIN,
		    "%s staged by a run that did not end, %s: the next one "
		    "uses them",
		    text_count(n, s->left_files),
		    text_bytes(line, s->left_bytes));
	if (s->owner == NULL)
		return;
	text_time(when, s->locked);
	ui_out(ui, UI_MAGENTA, "Locked by %s, last sign of it %s",
	    text_show(owner, sizeof(owner), s->owner, ui->utf8), when);
}

/* What quiet wants to hear all the same: it is why the run failed. */
static void
show_wrong(struct ui *ui, struct seen *seen, const struct ferry_event *e)
{
	const bool quiet = ui->quiet;

	if (e->file_state == ferry_FILE_STRANGER)
		return;
	if (seen->wrong++ >= NAMED && !seen->all)
		return;
	ui->quiet = false;
	files_show(ui, e, seen->all);
	ui->quiet = quiet;
}

static void
show_verdict(
    struct ui *ui, const struct seen *seen, const struct ferry_status *s)
{
	char n[TEXT_NUMBER_SIZE], b[TEXT_NUMBER_SIZE];
	const bool quiet = ui->quiet;

	if (seen->wrong > NAMED && !seen->all) {
		ui->quiet = false;
		ui_out(ui, UI_PLAIN, "... and %s more; -v names them",
		    text_count(n, seen->wrong - NAMED));
		ui->quiet = quiet;
	}
	if (s->generation > 0 && s->same == s->files)
		ui_out(ui, UI_GREEN, "Publish %llu is there: %s %s, %s, %s",
		    (unsigned long long)s->generation, text_count(n, s->files),
		    s->files == 1 ? "file" : "files", text_bytes(b, s->bytes),
		    seen->content ? "each byte as it was sent"
				  : "each of its size; --content reads them");
}

static void
show(struct ui *ui, void *ctx, const struct ferry_event *e)
{
	struct seen *seen = ctx;

	if (e->kind == ferry_EVENT_FILE && seen->verify)
		show_wrong(ui, seen, e);
	else if (e->kind == ferry_EVENT_FILE)
		files_show(ui, e, seen->all);
	else if (e->kind == ferry_EVENT_STATUS && seen->verify)
		show_verdict(ui, seen, e->status);
	else if (e->kind == ferry_EVENT_STATUS)
		show_status(ui, e->status);
}

int
cmd_status(struct ui *ui, const struct options *o)
{
	struct seen seen = { .verify = o->verb == VERB_VERIFY,
		.content = o->content,
		.all = o->verbose > 0 };

	return run_job(
	    ui, o, seen.verify ? ferry_VERIFY : ferry_STATUS, show, &seen);
}
