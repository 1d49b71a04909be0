/* explain: every right, or a manifest that asks for them.  Hub (the command). */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/run.h"
#include "cmd/text.h"

/* A right on several paths comes once for each. */
struct explained {
	char name[64]; /* of the right shown last */
	char whose[64];
};

static const char *
maybe(int known, const char *yes, const char *no)
{
	return known < 0 ? "unknown" : known > 0 ? yes : no;
}

static void
show_surroundings(struct ui *ui, const struct ferry_surroundings *s)
{
	char landlock[32];

	if (s->sandbox == NULL)
		ui_out(
		    ui, UI_PLAIN, "%-10s no sandbox that is known", "inside");
	else
		ui_out(ui, UI_PLAIN, "%-10s %s%s%s (by %s)%s", "inside",
		    s->sandbox, s->name[0] != '\0' ? " " : "", s->name,
		    s->evidence, s->no_network ? ", without network" : "");
	snprintf(landlock, sizeof(landlock), "Landlock %d", s->landlock);
	ui_out(ui, s->landlock > 0 && s->seccomp ? UI_PLAIN : UI_RED,
	    "%-10s %s, %s", "kernel",
	    s->landlock > 0 ? landlock : "no Landlock",
	    s->seccomp ? "seccomp" : "no seccomp filters");
	ui_out(ui, UI_PLAIN, "%-10s %s, %s, Landlock: unknown", "already",
	    maybe(s->filtered, "filtered", "not filtered"),
	    maybe(s->no_new_privs, "no new privileges", "may gain privileges"));
}

/* "command", "workers", "SFTP, FTP workers", "command, folder worker", ... */
static void
print_whose(const struct ferry_right *r, char *dst, size_t size)
{
	const bool all = r->sftp && r->ftp && r->http && r->folder;
	const int some = r->sftp + r->ftp + r->http + r->folder;
	const struct {
		bool has;
		const char *name;
	} who[] = { { r->hub, "command" }, { all, "workers" },
		{ r->sftp && !all, "SFTP" }, { r->ftp && !all, "FTP" },
		{ r->http && !all, "HTTP" }, { r->folder && !all, "folder" } };
	size_t i, n = 0;

	for (i = 0; i < sizeof(who) / sizeof(who[0]); i++)
		if (who[i].has)
			n += (size_t)snprintf(dst + n, size - n, "%s%s",
			    n != 0 ? ", " : "", who[i].name);
	if (some > 0 && !all)
		snprintf(dst + n, size - n, " worker%s", some > 1 ? "s" : "");
}

static void
show_item(
    struct ui *ui, enum ui_color color, const char *label, const char *text)
{
	char lead[32];

	snprintf(lead, sizeof(lead), "  %-9s ", label);
	ui_text(ui, color, lead, text);
}

static void
show_right(struct ui *ui, struct explained *last, const struct ferry_right *r)
{
	static const char *const enforced[] = { "no", "partly", "yes" };
	char path[4096], whose[sizeof(last->whose)], by[1024];

	print_whose(r, whose, sizeof(whose));
	if (strcmp(last->name, r->name) != 0 ||
	    strcmp(last->whose, whose) != 0) {
		snprintf(last->name, sizeof(last->name), "%s", r->name);
		snprintf(last->whose, sizeof(last->whose), "%s", whose);
		ui_out(ui, UI_PLAIN, "%s", "");
		ui_out(ui, UI_BOLD, "%s: %s (%s)", whose, r->name, r->access);
		show_item(ui, UI_PLAIN, "why", r->why);
		show_item(ui, UI_PLAIN, "without", r->without);
		snprintf(by, sizeof(by), "%s: %s",
		    (size_t)r->enforced < 3 ? enforced[r->enforced] : "?",
		    r->by);
		show_item(ui,
		    r->enforced != ferry_NOT_ENFORCED ? UI_PLAIN : UI_RED,
		    "enforced", by);
	}
	if (r->path != NULL)
		ui_out(ui, UI_PLAIN, "  %-9s %s", "on",
		    text_escape(path, sizeof(path), r->path, ui->utf8));
	else if (r->address != NULL)
		ui_out(ui, UI_PLAIN, "  %-9s %s", "to", r->address);
}

static void
show(struct ui *ui, void *ctx, const struct ferry_event *e)
{
	if (e->kind == ferry_EVENT_SURROUNDINGS)
		show_surroundings(ui, e->surroundings);
	if (e->kind == ferry_EVENT_RIGHT)
		show_right(ui, ctx, e->right);
	/* for a file, not for a reader: each byte as it is */
	if (e->kind == ferry_EVENT_LINE)
		ui_out(ui, UI_PLAIN, "%s", e->text);
}

int
cmd_explain(struct ui *ui, const struct options *o)
{
	struct explained last = { "", "" };
	struct options own = *o;

	/* Two of the formats are the command's. */
	if (o->format != NULL && strcmp(o->format, "json") == 0)
		own.json = ui->json = true;
	if (o->format != NULL &&
	    (strcmp(o->format, "json") == 0 || strcmp(o->format, "text") == 0))
		own.format = NULL;
	return run_job(ui, &own, ferry_EXPLAIN, show, &last);
}
