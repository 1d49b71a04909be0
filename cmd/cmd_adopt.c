/* adopt: what is equal there, and what is not.  Hub (the command). */
#include "cmd/cmd.h"
#include "cmd/run.h"
#include "cmd/text.h"

struct seen {
	bool all; /* every file is a line */
	bool dry;
	struct ferry_status status; /* its numbers */
};

static void
show_file(struct ui *ui, const struct seen *seen, const struct ferry_event *e)
{
	char here[TEXT_NUMBER_SIZE], there[TEXT_NUMBER_SIZE];
	char path[4 * 4096 + 1], why[512];

	text_escape(path, sizeof(path), e->path, ui->utf8);
	text_show(why, sizeof(why), e->text != NULL ? e->text : "", ui->utf8);
	text_bytes(here, e->size_before);
	text_bytes(there, e->size_after);
	switch (e->file_state) {
	case ferry_FILE_DIFFERS:
		if (e->size_before == e->size_after)
			ui_out(ui, UI_YELLOW, "~ %s  (differs: %s)", path, why);
		else
			ui_out(ui, UI_YELLOW,
			    "~ %s  (differs: %s, here %s, there %s)", path, why,
			    here, there);
		break;
	case ferry_FILE_ABSENT:
		ui_out(ui, UI_GREEN, "+ %s  (not there yet, %s)", path, here);
		break;
	case ferry_FILE_UNKNOWN:
		ui_out(ui, UI_RED, "! %s  (%s)", path, why);
		break;
	case ferry_FILE_ADOPTED:
		if (seen->all)
			ui_out(ui, UI_PLAIN, "= %s  (%s)", path, here);
		break;
	case ferry_FILE_STRANGER:
		if (seen->all)
			ui_out(ui, UI_PLAIN, "? %s  (not ours)", path);
		break;
	default:
		break;
	}
}

/* Once it is done. */
static void
show_end(struct ui *ui, const struct seen *seen)
{
	const struct ferry_status *s = &seen->status;
	char n[TEXT_NUMBER_SIZE], b[TEXT_NUMBER_SIZE];

	ui_out(ui, UI_BOLD, "%s%s %s, %s, %s equal to the source%s",
	    seen->dry ? "" : "Adopted: ", text_count(n, s->same),
	    s->same == 1 ? "file" : "files", text_bytes(b, s->bytes),
	    s->same == 1 ? "is" : "are", seen->dry ? "" : " and ours");
	if (s->missing > 0)
		ui_out(ui, UI_PLAIN, "%s %s not there: publish sends %s",
		    text_count(n, s->missing), s->missing == 1 ? "is" : "are",
		    s->missing == 1 ? "it" : "them");
	if (s->changed + s->unknown > 0)
		ui_out(ui, UI_PLAIN,
		    "%s differ%s: publish --drift overwrite replaces %s, and "
		    "keeps a copy",
		    text_count(n, s->changed + s->unknown),
		    s->changed + s->unknown == 1 ? "s" : "",
		    s->changed + s->unknown == 1 ? "it" : "them");
	if (s->strangers > 0)
		ui_out(ui, UI_PLAIN,
		    "%s %s there that %s not ours, and %s not touched",
		    text_count(n, s->strangers),
		    s->strangers == 1 ? "is" : "are",
		    s->strangers == 1 ? "is" : "are",
		    s->strangers == 1 ? "is" : "are");
	if (seen->dry)
		ui_out(ui, UI_PLAIN, "Nothing was changed.");
}

static void
show(struct ui *ui, void *ctx, const struct ferry_event *e)
{
	struct seen *seen = ctx;

	if (e->kind == ferry_EVENT_FILE)
		show_file(ui, seen, e);
	else if (e->kind == ferry_EVENT_STATUS)
		seen->status = *e->status;
	else if (e->kind == ferry_EVENT_SUMMARY && e->summary->outcome == 0)
		show_end(ui, seen);
}

int
cmd_adopt(struct ui *ui, const struct options *o)
{
	struct seen seen = { .all = o->verbose > 0, .dry = o->dry_run };

	return run_job(ui, o, ferry_ADOPT, show, &seen);
}
