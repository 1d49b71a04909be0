/* access add, list, remove, import: keys for sites.  Hub (the command). */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/run.h"
#include "cmd/text.h"

struct words {
	const char *text;
	enum ui_color color;
};

static struct words
state(const struct ferry_grant *g)
{
	const enum ferry_grant_state s = g->state;
	static const struct words folder[] = {
		[ferry_GRANT_MOVED] = { "STALE: the folder is not there",
		    UI_MAGENTA },
		[ferry_GRANT_REPLACED] = { "STALE: it is another folder now",
		    UI_MAGENTA },
		[ferry_GRANT_UNREADABLE] = { "STALE: it cannot be opened",
		    UI_MAGENTA },
	};
	static const struct words says[] = {
		{ "good", UI_GREEN },
		{ "NOT AUTHENTIC: it grants nothing", UI_RED },
		{ "STALE: the key file is not there", UI_MAGENTA },
		{ "STALE: the file holds another key", UI_MAGENTA },
		{ "STALE: the key file cannot be read", UI_MAGENTA },
		{ "good, as far as the passphrase does not hide it", UI_GREEN },
		{ "not granted yet", UI_PLAIN },
		{ "STALE: the certificate is missing, expired or another key's",
		    UI_MAGENTA },
	};
	static const struct words unknown = { "?", UI_RED };

	if (g->folder != NULL &&
	    (size_t)s < sizeof(folder) / sizeof(folder[0]) &&
	    folder[s].text != NULL)
		return folder[s];
	return (size_t)s < sizeof(says) / sizeof(says[0]) ? says[s] : unknown;
}

static void
show_line(struct ui *ui, const char *label, const char *raw)
{
	char text[4096];

	if (raw != NULL && *raw != '\0')
		ui_out(ui, UI_PLAIN, "  %-12s %s", label,
		    text_escape(text, sizeof(text), raw, ui->utf8));
}

static void
show_grant(struct ui *ui, const struct ferry_grant *g, struct words words)
{
	char comment[1024], url[4096];

	ui_out(
	    ui, UI_BOLD, "%s", text_escape(url, sizeof(url), g->url, ui->utf8));
	show_line(ui, "folder", g->folder);
	show_line(ui, "key", g->key);
	show_line(ui, "certificate", g->certificate);
	show_line(ui, "type", g->type);
	if (g->comment[0] != '\0')
		ui_out(ui, UI_PLAIN, "  %-12s %s", "comment",
		    text_show(comment, sizeof(comment), g->comment, ui->utf8));
	show_line(ui, "fingerprint", g->fingerprint);
	if (strncmp(g->url, "sftp", 4) == 0)
		show_line(ui, "host key",
		    g->host_key != NULL ? g->host_key
					: "(that of the next login)");
	if (g->state != ferry_GRANT_OFFERED) {
		show_line(ui, "made", g->made);
		show_line(ui, "last used", g->used != NULL ? g->used : "never");
	}
	ui_out(ui, words.color, "  %-12s %s", "state", words.text);
}

struct shown {
	enum ferry_verb verb;
	bool unasked; /* what is offered is granted at once, and shown then */
};

static void
show(struct ui *ui, void *ctx, const struct ferry_event *e)
{
	const struct shown *shown = ctx;

	if (e->kind != ferry_EVENT_GRANT ||
	    (shown->unasked && e->grant->state == ferry_GRANT_OFFERED))
		return;
	if (shown->verb == ferry_ACCESS_REMOVE)
		show_grant(
		    ui, e->grant, (struct words){ "taken back", UI_PLAIN });
	else
		show_grant(ui, e->grant, state(e->grant));
}

int
cmd_access(struct ui *ui, const struct options *o)
{
	struct shown shown = { ferry_ACCESS_ADD, o->yes };

	if (o->verb == VERB_ACCESS_LIST)
		shown.verb = ferry_ACCESS_LIST;
	if (o->verb == VERB_ACCESS_REMOVE)
		shown.verb = ferry_ACCESS_REMOVE;
	if (o->verb == VERB_ACCESS_IMPORT)
		shown.verb = ferry_ACCESS_IMPORT;
	return run_job(ui, o, shown.verb, show, &shown);
}
