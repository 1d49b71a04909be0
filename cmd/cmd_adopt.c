/* adopt: what is equal there, and what is not.  Hub (the command). */
#include "cmd/cmd.h"
#include "cmd/files.h"
#include "cmd/run.h"
#include "cmd/text.h"

struct seen {
	bool all; /* every file is a line */
	bool dry;
	struct ferry_status status; /* its numbers */
};

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
	files_strangers(ui, s->strangers);
	if (seen->dry)
		ui_out(ui, UI_PLAIN, "Nothing was changed.");
}

static void
show(struct ui *ui, void *ctx, const struct ferry_event *e)
{
	struct seen *seen = ctx;

	if (e->kind == ferry_EVENT_FILE)
		files_show(ui, e, seen->all);
	else if (e->kind == ferry_EVENT_STATUS)
		seen->status = *e->status;
	else if (e->kind == ferry_EVENT_FINISHED && e->summary->outcome == 0)
		show_end(ui, seen);
}

int
cmd_adopt(struct ui *ui, const struct options *o)
{
	struct seen seen = { .all = o->verbose > 0, .dry = o->dry_run };

	return run_job(ui, o, ferry_ADOPT, show, &seen);
}
