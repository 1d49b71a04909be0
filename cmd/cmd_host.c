/* host show, trust, forget: the server's identity.  Hub (the command). */
#include "cmd/cmd.h"
#include "cmd/run.h"
#include "cmd/text.h"

static const char *
verdict(const struct ferry_host_report *h)
{
	if (h->pinned && h->verdict != ferry_HOST_REVOKED)
		return "trusted: it is the one that was given";
	switch (h->verdict) {
	case ferry_HOST_TRUSTED:
		return h->from_fallback ? "trusted by the fallback file"
					: "trusted";
	case ferry_HOST_UNKNOWN:
		return "unknown";
	case ferry_HOST_NEW_TYPE:
		return "unknown: only keys of other types are recorded";
	case ferry_HOST_CHANGED:
		return "CHANGED: another key is recorded";
	case ferry_HOST_REVOKED:
	default:
		return "REVOKED";
	}
}

static void
show_finding(
    struct ui *ui, const char *label, const struct ferry_host_finding *f)
{
	char path[4096];

	text_escape(
	    path, sizeof(path), f->path != NULL ? f->path : "", ui->utf8);
	if (f->path == NULL)
		ui_out(ui, UI_PLAIN, "%-12s (no file)", label);
	else if (f->line == 0)
		ui_out(ui, UI_PLAIN, "%-12s %s: nothing recorded", label, path);
	else
		ui_out(ui, UI_PLAIN, "%-12s %s:%u: %s %s%s", label, path,
		    f->line, f->type, f->fingerprint,
		    f->verdict == ferry_HOST_REVOKED ? " (revoked)" : "");
}

static void
show_report(struct ui *ui, const struct ferry_host_report *h)
{
	ui_out(ui, UI_PLAIN, "%-12s %s port %u", "host", h->host, h->port);
	ui_out(ui, UI_PLAIN, "%-12s %s", "key type", h->type);
	ui_out(ui, UI_BOLD, "%-12s %s", "fingerprint", h->fingerprint);
	ui_out(ui,
	    h->verdict == ferry_HOST_TRUSTED || h->pinned ? UI_GREEN : UI_RED,
	    "%-12s %s", "verdict", verdict(h));
	show_finding(ui, "yours", &h->own);
	show_finding(ui, "fallback", &h->fallback);
	if (h->line != NULL)
		ui_out(ui, UI_PLAIN, "%-12s %s", "line", h->line);
}

/* To trust and to forget, the question and the notes say it all. */
static void
show(struct ui *ui, void *ctx, const struct ferry_event *e)
{
	const enum ferry_verb *verb = ctx;

	if (*verb == ferry_HOST_SHOW && e->kind == ferry_EVENT_HOST)
		show_report(ui, e->host);
}

int
cmd_host(struct ui *ui, const struct options *o)
{
	enum ferry_verb verb = ferry_HOST_SHOW;

	if (o->verb == VERB_HOST_TRUST)
		verb = ferry_HOST_TRUST;
	if (o->verb == VERB_HOST_FORGET)
		verb = ferry_HOST_FORGET;
	return run_job(ui, o, verb, show, &verb);
}
