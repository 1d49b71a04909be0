/* publish, plan, undo: the steps as lines, and what came of them.  Hub. */
#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/run.h"
#include "cmd/text.h"

struct view {
	bool lists; /* every step is a line */
	bool undo;
	uint64_t left_out; /* files that are never published */
};

static void
show_step(struct ui *ui, struct view *view, const struct ferry_event *e)
{
	char before[TEXT_NUMBER_SIZE], after[TEXT_NUMBER_SIZE];
	char path[4 * 4096 + 1], reason[512];

	if (e->change == ferry_SKIP)
		view->left_out++;
	if (!view->lists)
		return;
	text_escape(path, sizeof(path), e->path, ui->utf8);
	text_show(
	    reason, sizeof(reason), e->text != NULL ? e->text : "", ui->utf8);
	text_bytes(before, e->size_before);
	text_bytes(after, e->size_after);
	switch (e->change) {
	case ferry_ADD:
		ui_out(ui, UI_GREEN, "+ %s  (%s, %s)", path, reason, after);
		break;
	case ferry_UPDATE:
		ui_out(ui, UI_MAGENTA, "~ %s  (%s, %s %s %s)", path, reason,
		    before, ui_arrow(ui), after);
		break;
	case ferry_REMOVE:
		ui_out(ui, UI_RED, "- %s  (%s)", path, reason);
		break;
	case ferry_WAIT:
		ui_out(ui, UI_PLAIN, "- %s  (%s)", path, reason);
		break;
	case ferry_SKIP:
	default:
		ui_out(ui, UI_PLAIN, ". %s  (left out: %s)", path, reason);
		break;
	}
}

static const char *
files(uint64_t n)
{
	return n == 1 ? "file is" : "files are";
}

static void
show_plan(struct ui *ui, const struct ferry_summary *s)
{
	char added[TEXT_NUMBER_SIZE], changed[TEXT_NUMBER_SIZE];
	char removed[TEXT_NUMBER_SIZE], same[TEXT_NUMBER_SIZE];
	char bytes[TEXT_NUMBER_SIZE], waiting[TEXT_NUMBER_SIZE];
	char begun[TEXT_NUMBER_SIZE], ended[TEXT_NUMBER_SIZE];

	text_count(same, s->unchanged);
	if (s->added + s->changed + s->removed == 0)
		ui_out(ui, UI_BOLD, "Nothing to %s: %s %s already there",
		    s->waits_begun + s->waits_ended > 0 ? "send or remove"
							: "do",
		    same, files(s->unchanged));
	else
		ui_out(ui, UI_BOLD,
		    "%s new, %s changed, %s removed, "
		    "%s unchanged; %s to send",
		    text_count(added, s->added),
		    text_count(changed, s->changed),
		    text_count(removed, s->removed), same,
		    text_bytes(bytes, s->bytes_planned));
	if (s->waits_begun + s->waits_ended > 0)
		ui_out(ui, UI_PLAIN,
		    "To be recorded: %s just left the source, %s came back",
		    text_count(begun, s->waits_begun),
		    text_count(ended, s->waits_ended));
	if (s->waiting > 0)
		ui_out(ui, UI_PLAIN, "%s that left the source %s for now",
		    text_count(waiting, s->waiting),
		    s->waiting == 1 ? "stays" : "stay");
	ui_out(ui, UI_PLAIN, "Nothing was changed.");
}

/* "production -> sftp://...", or the url alone */
static const char *
where(
    const struct ui *ui, char *dst, size_t size, const struct ferry_summary *s)
{
	char target[256], url[4096];

	text_show(target, sizeof(target), s->target, ui->utf8);
	text_show(url, sizeof(url), s->url, ui->utf8);
	if (target[0] == '\0')
		snprintf(dst, size, "%s", url);
	else
		snprintf(dst, size, "%s %s %s", target, ui_arrow(ui), url);
	return dst;
}

static void
show_published(
    struct ui *ui, const struct view *view, const struct ferry_summary *s)
{
	char sent[TEXT_NUMBER_SIZE], same[TEXT_NUMBER_SIZE];
	char removed[TEXT_NUMBER_SIZE], bytes[TEXT_NUMBER_SIZE];
	char took[TEXT_NUMBER_SIZE], to[5120], n[TEXT_NUMBER_SIZE];
	char placed[TEXT_NUMBER_SIZE + sizeof(" put in place, ")] = "";

	/* what an earlier run has sent, or what is there by another name */
	if (s->sent < s->added + s->changed)
		snprintf(placed, sizeof(placed), "%s put in place, ",
		    text_count(n, s->added + s->changed));
	where(ui, to, sizeof(to), s);
	text_count(same, s->unchanged);
	text_seconds(took, s->seconds);
	if (view->left_out > 0 && !view->lists)
		ui_say(ui,
		    "Left out: %s that %s never published; "
		    "`sandferry plan' names %s.",
		    view->left_out == 1 ? "a file" : "files",
		    view->left_out == 1 ? "is" : "are",
		    view->left_out == 1 ? "it" : "them");
	if (s->added + s->changed + s->removed + s->sent + s->waits_begun +
		s->waits_ended ==
	    0)
		ui_log(ui, UI_NOTICE,
		    "Nothing to do: %s  %s %s already there, %s", to, same,
		    files(s->unchanged), took);
	else if (view->undo)
		ui_log(ui, UI_NOTICE,
		    "Brought back %s  %s file%s put back, %s removed, %s", to,
		    text_count(sent, s->added + s->changed),
		    s->added + s->changed == 1 ? "" : "s",
		    text_count(removed, s->removed), took);
	else
		ui_log(ui, UI_NOTICE,
		    "Published %s  %s%s sent (%s already there), "
		    "%s removed, %s, %s",
		    to, placed, text_count(sent, s->sent), same,
		    text_count(removed, s->removed),
		    text_bytes(bytes, s->bytes_sent), took);
}

static void
show(struct ui *ui, void *ctx, const struct ferry_event *e)
{
	struct view *view = ctx;

	if (e->kind == ferry_EVENT_STEP)
		show_step(ui, view, e);
	else if (e->kind == ferry_EVENT_FINISHED && e->summary->outcome != 0 &&
	    e->summary->outcome != ferry_EPENDING)
		return;
	else if (e->kind == ferry_EVENT_FINISHED && e->summary->dry_run)
		show_plan(ui, e->summary);
	else if (e->kind == ferry_EVENT_FINISHED)
		show_published(ui, view, e->summary);
}

int
cmd_publish(struct ui *ui, const struct options *o)
{
	struct view view = { .lists = false };

	view.lists = o->dry_run || o->verb == VERB_PLAN || o->verbose > 0;
	view.undo = o->verb == VERB_UNDO;
	return run_job(
	    ui, o, view.undo ? ferry_UNDO : ferry_PUBLISH, show, &view);
}
