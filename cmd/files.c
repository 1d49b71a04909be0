/* A line for each file that lies on the server.  Hub (the command). */
#include "cmd/files.h"

#include "cmd/text.h"

/* "~ index.html  (changed there: another size, 12 B → 13 B)" */
static void
show_difference(struct ui *ui, const struct ferry_event *e, const char *path,
    const char *why)
{
	char before[TEXT_NUMBER_SIZE], after[TEXT_NUMBER_SIZE];
	bool ours = e->file_state == ferry_FILE_CHANGED;
	const char *what = ours ? "changed there" : "differs";

	text_bytes(before, e->size_before);
	text_bytes(after, e->size_after);
	if (e->size_before == e->size_after)
		ui_out(ui, UI_MAGENTA, "~ %s  (%s: %s)", path, what, why);
	else if (ours)
		ui_out(ui, UI_MAGENTA, "~ %s  (%s: %s, %s %s %s)", path, what,
		    why, before, ui_arrow(ui), after);
	else
		ui_out(ui, UI_MAGENTA, "~ %s  (%s: %s, here %s, there %s)",
		    path, what, why, before, after);
}

void
files_show(struct ui *ui, const struct ferry_event *e, bool all)
{
	char path[4 * 4096 + 1], why[512], size[TEXT_NUMBER_SIZE];

	text_escape(path, sizeof(path), e->path, ui->utf8);
	text_show(why, sizeof(why), e->text != NULL ? e->text : "", ui->utf8);
	text_bytes(size, e->size_before);
	switch (e->file_state) {
	case ferry_FILE_CHANGED:
	case ferry_FILE_DIFFERS:
		show_difference(ui, e, path, why);
		break;
	case ferry_FILE_MISSING:
		ui_out(ui, UI_RED, "- %s  (gone from there, %s)", path, size);
		break;
	case ferry_FILE_ABSENT:
		ui_out(ui, UI_GREEN, "+ %s  (not there yet, %s)", path, size);
		break;
	case ferry_FILE_UNKNOWN:
		ui_out(ui, UI_RED, "! %s  (%s)", path, why);
		break;
	case ferry_FILE_PENDING:
		ui_out(ui, UI_PLAIN, ". %s  (not live yet)", path);
		break;
	case ferry_FILE_ADOPTED:
		if (all)
			ui_out(ui, UI_PLAIN, "= %s  (%s)", path, size);
		break;
	case ferry_FILE_STRANGER:
		if (all)
			ui_out(ui, UI_PLAIN, "? %s  (not ours)", path);
		break;
	default:
		break;
	}
}

void
files_strangers(struct ui *ui, uint64_t count)
{
	const char *is = count == 1 ? "is" : "are";
	char n[TEXT_NUMBER_SIZE];

	if (count > 0)
		ui_out(ui, UI_PLAIN,
		    "%s %s there that %s not ours, and %s not touched",
		    text_count(n, count), is, is, is);
}
