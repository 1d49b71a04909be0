/* host show, trust, forget, list: servers' identities.  Hub (the command). */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/run.h"
#include "cmd/text.h"

static const char *
verdict(const struct ferry_host_report *h)
{
	switch (h->verdict) {
	case ferry_HOST_CHANGED:
		return "CHANGED: another key is recorded";
	case ferry_HOST_REVOKED:
		return "REVOKED";
	case ferry_HOST_TRUSTED:
	case ferry_HOST_UNKNOWN:
	case ferry_HOST_NEW_TYPE:
	default:
		break;
	}
	if (h->pins > 0)
		return h->pinned ? "trusted: it is the one that was given"
				 : "REFUSED: the site names other keys";
	if (h->verdict == ferry_HOST_TRUSTED)
		return h->from_fallback ? "trusted by the fallback file"
					: "trusted";
	return h->verdict == ferry_HOST_NEW_TYPE
	    ? "unknown: only keys of other types are recorded"
	    : "unknown";
}

static bool
is_trusted(const struct ferry_host_report *h)
{
	if (h->verdict == ferry_HOST_CHANGED ||
	    h->verdict == ferry_HOST_REVOKED)
		return false;
	return h->pins > 0 ? h->pinned : h->verdict == ferry_HOST_TRUSTED;
}

static void
show_finding(
    struct ui *ui, const char *label, const struct ferry_host_finding *f)
{
	static const char *const says[] = { "the same key", "", "another type",
		"ANOTHER KEY", "REVOKED" };
	char path[4096];

	text_escape(
	    path, sizeof(path), f->path != NULL ? f->path : "", ui->utf8);
	if (f->path == NULL)
		ui_out(ui, UI_PLAIN, "%-12s (no file)", label);
	else if (f->line == 0)
		ui_out(ui, UI_PLAIN, "%-12s %s: nothing recorded", label, path);
	else
		ui_out(ui, UI_PLAIN, "%-12s %s:%u: %s: %s %s", label, path,
		    f->line, (size_t)f->verdict < 5 ? says[f->verdict] : "?",
		    f->type, f->fingerprint);
}

static void
show_key(struct ui *ui, const struct ferry_host_report *h)
{
	ui_out(ui, UI_PLAIN, "%-12s %s", "key type", h->type);
	ui_out(ui, UI_BOLD, "%-12s %s", "fingerprint", h->fingerprint);
	ui_out(ui, is_trusted(h) ? UI_GREEN : UI_RED, "%-12s %s", "verdict",
	    verdict(h));
	show_finding(ui, "yours", &h->own);
	show_finding(ui, "fallback", &h->fallback);
	if (h->system.path != NULL)
		show_finding(ui, "system", &h->system);
	if (h->line != NULL)
		ui_out(ui, UI_PLAIN, "%-12s %s", "line", h->line);
	ui_out(ui, UI_PLAIN, "%-12s hostkey = %s", "pin", h->fingerprint);
}

/* What is in the way of an FTP server's certificate. */
static const char *
certificate_verdict(const struct ferry_host_report *h)
{
	const struct ferry_certificate *c = h->certificate;

	if (h->verdict == ferry_HOST_CHANGED)
		return "CHANGED: another key is pinned";
	if (h->pinned)
		return "trusted: its key is pinned";
	if (h->verdict == ferry_HOST_TRUSTED)
		return "trusted: an authority vouches for it";
	return c->chain_ok ? "unknown: it is for other names"
			   : "unknown: no authority vouches for it";
}

static void
show_certificate(struct ui *ui, const struct ferry_host_report *h)
{
	const struct ferry_certificate *c = h->certificate;

	ui_out(ui, UI_PLAIN, "%-12s %s", "certificate", c->subject);
	ui_out(ui, UI_PLAIN, "%-12s %s", "issuer", c->issuer);
	ui_out(ui, UI_PLAIN, "%-12s %s", "names", c->names);
	ui_out(ui, UI_PLAIN, "%-12s %s", "encryption", c->version);
	ui_out(ui, UI_BOLD, "%-12s %s", "fingerprint", h->fingerprint);
	ui_out(ui, is_trusted(h) ? UI_GREEN : UI_RED, "%-12s %s", "verdict",
	    certificate_verdict(h));
	if (!c->chain_ok && c->why[0] != '\0')
		ui_out(ui, UI_PLAIN, "%-12s %s", "because", c->why);
	if (h->own.line > 0)
		show_finding(ui, "yours", &h->own);
	ui_out(ui, UI_PLAIN, "%-12s tls-pin = %s", "pin", h->fingerprint);
}

static void
show_report(struct ui *ui, const struct ferry_host_report *h)
{
	char command[8192];

	ui_out(ui, UI_PLAIN, "%-12s %s port %u", "host", h->host, h->port);
	if (h->certificate != NULL)
		show_certificate(ui, h);
	else
		show_key(ui, h);
	if (h->command != NULL)
		ui_out(ui, UI_PLAIN, "%-12s %s", "to trust it",
		    text_escape(
			command, sizeof(command), h->command, ui->utf8));
}

/* "host  type fingerprint  (path:line)", the marker in front. */
static void
show_entry(struct ui *ui, const char *lead, const struct ferry_host_entry *e)
{
	static const char *const markers[] = { "", "@revoked ",
		"@cert-authority " };
	char hosts[4096], path[4096];

	text_escape(path, sizeof(path), e->path, ui->utf8);
	if (e->hashed)
		snprintf(hosts, sizeof(hosts), "(hashed name)");
	else
		text_escape(hosts, sizeof(hosts), e->hosts, ui->utf8);
	ui_out(ui, e->marker == ferry_HOST_MARKED_REVOKED ? UI_RED : UI_PLAIN,
	    "%s%s%-28s  %-19s  %s  %s:%u", lead,
	    (size_t)e->marker < 3 ? markers[e->marker] : "? ", hosts, e->type,
	    e->fingerprint, path, e->line);
}

/* To trust, the question and the notes say it all. */
static void
show(struct ui *ui, void *ctx, const struct ferry_event *e)
{
	const enum ferry_verb *verb = ctx;

	if (*verb == ferry_HOST_SHOW && e->kind == ferry_EVENT_HOST)
		show_report(ui, e->host);
	if (e->kind == ferry_EVENT_HOST_ENTRY)
		show_entry(
		    ui, *verb == ferry_HOST_FORGET ? "- " : "", e->entry);
}

int
cmd_host(struct ui *ui, const struct options *o)
{
	enum ferry_verb verb = ferry_HOST_SHOW;

	if (o->verb == VERB_HOST_TRUST)
		verb = ferry_HOST_TRUST;
	if (o->verb == VERB_HOST_FORGET)
		verb = ferry_HOST_FORGET;
	if (o->verb == VERB_HOST_LIST)
		verb = ferry_HOST_LIST;
	return run_job(ui, o, verb, show, &verb);
}
