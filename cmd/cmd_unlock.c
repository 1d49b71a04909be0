/* unlock: who held the lock, and that it has gone.  Hub (the command). */
#include "cmd/cmd.h"
#include "cmd/run.h"
#include "cmd/text.h"

static void
show(struct ui *ui, void *ctx, const struct ferry_event *e)
{
	char owner[1024], ago[TEXT_NUMBER_SIZE];

	(void)ctx;
	if (e->kind == ferry_EVENT_STATUS && e->status->owner == NULL)
		ui_out(ui, UI_GREEN, "Nobody holds the lock");
	else if (e->kind == ferry_EVENT_STATUS)
		ui_out(ui, UI_BOLD, "Locked by %s, last sign of it %s ago",
		    text_show(owner, sizeof(owner), e->status->owner, ui->utf8),
		    text_seconds(ago, (double)e->status->age));
	else if (e->kind == ferry_EVENT_FINISHED && e->summary->removed > 0)
		ui_out(ui, UI_GREEN, "The lock has gone");
}

int
cmd_unlock(struct ui *ui, const struct options *o)
{
	return run_job(ui, o, ferry_UNLOCK, show, NULL);
}
