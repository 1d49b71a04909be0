/* The page as a whole: its head, what came of it, the time it took.  Hub. */
#include <string.h>

#include "cmd/html.h"
#include "cmd/progress.h"
#include "cmd/report_parts.h"
#include "cmd/text.h"

/* What came of it, in words and as a class of the style sheet. */
struct outcome {
	const char *words, *kind, *mark;
};

static bool
has_changes(const struct ferry_summary *s)
{
	return s->added + s->changed + s->removed + s->sent + s->waits_begun +
	    s->waits_ended >
	    0;
}

static struct outcome
judge(const struct report_facts *f)
{
	const bool undo = f->verb == VERB_UNDO;
	const int code = f->error != NULL ? f->error->code : 0;

	/* there is something to do, as was asked */
	if (f->dry_run && (code == 0 || code == ferry_EPENDING))
		return (struct outcome){ "A plan: nothing was changed", "plan",
			"\xe2\x86\x92" };
	if (code == ferry_EPARTIAL)
		return (struct outcome){ "Published in part", "failed", "!" };
	if (code == ferry_ECANCELLED)
		return (
		    struct outcome){ "Stopped before its end", "failed", "!" };
	if (code != 0)
		return (struct outcome){ f->dry_run ? "The plan failed"
			    : undo                  ? "The undo failed"
						    : "The publish failed",
			"failed", "!" };
	if (f->summary == NULL || !has_changes(f->summary))
		return (struct outcome){ "Nothing to do", "good", "=" };
	return (struct outcome){ undo ? "Brought back" : "Published", "good",
		"\xe2\x9c\x93" };
}

/* "production -> sftp://...", or the url alone */
static void
print_site(FILE *to, const struct ferry_summary *s)
{
	if (s == NULL || s->url == NULL || s->url[0] == '\0')
		return;
	fputs("<p class=\"site\">", to);
	if (s->target != NULL && s->target[0] != '\0') {
		fputs("<b>", to);
		html_text(to, s->target);
		fputs("</b> \xe2\x86\x92 ", to);
	}
	fputs("<bdi>", to);
	html_text(to, s->url);
	fputs("</bdi></p>\n", to);
}

static void
print_head(FILE *to, const struct report_facts *f, const struct outcome *o)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	      "<meta charset=\"utf-8\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\""
	      "default-src 'none'; style-src 'unsafe-inline'\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, "
	      "initial-scale=1\">\n"
	      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>",
	    to);
	fputs(o->words, to);
	if (f->summary != NULL && f->summary->url != NULL &&
	    f->summary->url[0] != '\0') {
		fputs(": ", to);
		html_text(to, f->summary->url);
	}
	fprintf(to,
	    " (%s)</title>\n<style>\n%s</style>\n</head>\n<body>\n"
	    "<header class=\"%s\">\n<p class=\"kicker\">sandferry report</p>\n"
	    "<h1><span class=\"mark\" aria-hidden=\"true\">%s</span> %s</h1>\n",
	    f->time, report_style, o->kind, o->mark, o->words);
	print_site(to, f->summary);
	fputs("</header>\n<main>\n", to);
}

static void
print_failure(FILE *to, const struct ferry_error *e)
{
	fputs("<section class=\"failure\" aria-labelledby=\"failure\">\n"
	      "<h2 id=\"failure\">What happened</h2>\n<p>",
	    to);
	html_text(to, e->text);
	fputs("</p>\n", to);
	if (e->hint[0] != '\0') {
		fputs("<h3>What to do</h3>\n<p>", to);
		html_text(to, e->hint);
		fputs("</p>\n", to);
	}
	fputs("<p class=\"soft\"><code>", to);
	html_text(to, e->id);
	fputs("</code>", to);
	/* a signal adds its number */
	if (e->code != ferry_ECANCELLED)
		fprintf(to, ", exit status %d", e->code);
	fputs("; sandferry-errors(7)</p>\n</section>\n", to);
}

/* ---- The summary ---- */

static void
print_count(FILE *to, const char *kind, const char *name, uint64_t n)
{
	char text[TEXT_NUMBER_SIZE];

	fprintf(to, "<div class=\"%s\"><dt>%s</dt><dd>%s</dd></div>\n", kind,
	    name, text_count(text, n));
}

static void
print_counts(FILE *to, const struct ferry_summary *s)
{
	fputs("<dl class=\"counts\">\n", to);
	print_count(to, "add", "New", s->added);
	print_count(to, "update", "Changed", s->changed);
	print_count(to, "remove", "Removed", s->removed);
	print_count(to, "same", "Unchanged", s->unchanged);
	fputs("</dl>\n", to);
}

static void
print_numbers(FILE *to, const struct report_facts *f)
{
	const struct ferry_summary *s = f->summary;
	char took[TEXT_NUMBER_SIZE], n[TEXT_NUMBER_SIZE];
	char bytes[TEXT_NUMBER_SIZE];

	fprintf(to, "<dt>It took</dt><dd>%s</dd>\n",
	    text_seconds(took, s->seconds));
	if (f->dry_run)
		fprintf(to, "<dt>To be sent</dt><dd>%s</dd>\n",
		    text_bytes(bytes, s->bytes_planned));
	else
		fprintf(to, "<dt>Sent</dt><dd>%s %s, %s of %s</dd>\n",
		    text_count(n, s->sent), s->sent == 1 ? "file" : "files",
		    text_bytes(bytes, s->bytes_sent),
		    text_bytes(took, s->bytes_planned));
	if (s->waiting > 0)
		fprintf(to,
		    "<dt>Waiting</dt><dd>%s that left the source %s for now"
		    "</dd>\n",
		    text_count(n, s->waiting),
		    s->waiting == 1 ? "stays" : "stay");
	if (s->generation > 0)
		fprintf(to, "<dt>The site is at</dt><dd>publish %s</dd>\n",
		    text_count(n, s->generation));
}

static void
print_summary(FILE *to, const struct report_facts *f)
{
	const struct ferry_summary *s = f->summary;

	fputs("<section aria-labelledby=\"summary\">\n<h2 id=\"summary\">"
	      "Summary</h2>\n",
	    to);
	/* one that failed before it had a plan has none of these to tell */
	if (s != NULL &&
	    (f->error == NULL || s->added + s->changed + s->removed > 0))
		print_counts(to, s);
	fprintf(to,
	    "<dl class=\"facts\">\n<dt>Began</dt><dd><time datetime=\"%s\">%s"
	    "</time></dd>\n<dt>From</dt><dd>",
	    f->iso_time, f->time);
	html_text(to, f->machine);
	fputs("</dd>\n", to);
	if (f->attempts > 1)
		fprintf(to, "<dt>Attempt</dt><dd>%d of %d</dd>\n", f->attempt,
		    f->attempts);
	if (s != NULL)
		print_numbers(to, f);
	fputs("</dl>\n</section>\n", to);
}

/* ---- The timeline ---- */

static const char *
print_seconds(char dst[TEXT_NUMBER_SIZE], double seconds)
{
	if (seconds >= 1)
		return text_seconds(dst, seconds);
	snprintf(dst, TEXT_NUMBER_SIZE, "%u ms",
	    seconds > 0 ? (unsigned)(seconds * 1000) : 0);
	return dst;
}

/* Of the whole, in thousandths. */
static unsigned
mille(double seconds, double whole)
{
	return seconds > 0 && seconds < whole
	    ? (unsigned)(seconds * 1000 / whole)
	    : seconds > 0 ? 1000
			  : 0;
}

static void
print_phase(
    FILE *to, enum ferry_phase phase, double began, double ended, double whole)
{
	const unsigned from = mille(began, whole), till = mille(ended, whole);
	const unsigned width = till > from ? till - from : 0;
	char at[TEXT_NUMBER_SIZE], took[TEXT_NUMBER_SIZE];

	fprintf(to,
	    "<tr><th scope=\"row\">%s <span class=\"line\" "
	    "aria-hidden=\"true\"><i style=\"margin-left:%u.%u%%;"
	    "width:%u.%u%%\"></i></span></th><td class=\"n\">%s</td>"
	    "<td class=\"n\">%s</td></tr>\n",
	    progress_phase(phase), from / 10, from % 10, width / 10, width % 10,
	    print_seconds(at, began), print_seconds(took, ended - began));
}

static void
print_timeline(FILE *to, const struct report_facts *f)
{
	const double whole = f->summary != NULL ? f->summary->seconds : 0;

	if (f->phase_count == 0)
		return;
	fputs("<section aria-labelledby=\"time\">\n<h2 id=\"time\">How long it "
	      "took</h2>\n<table class=\"time\" aria-labelledby=\"time\">"
	      "<thead><tr><th scope=\"col\">Phase</th><th scope=\"col\" "
	      "class=\"n\">Begins at</th><th scope=\"col\" class=\"n\">Takes"
	      "</th></tr></thead><tbody>\n",
	    to);
	for (size_t i = 0; i < f->phase_count; i++)
		print_phase(to, f->phases[i].phase, f->phases[i].began,
		    i + 1 < f->phase_count ? f->phases[i + 1].began : whole,
		    whole);
	fputs("</tbody></table>\n</section>\n", to);
}

/* ---- The rest ---- */

static void
print_remarks(FILE *to, const struct report_text *t)
{
	char n[TEXT_NUMBER_SIZE];

	if (t->count == 0)
		return;
	fprintf(to,
	    "<section aria-labelledby=\"remarks\">\n<h2 id=\"remarks\">Worth "
	    "knowing</h2>\n<ul class=\"remarks\">\n%s</ul>\n",
	    t->bytes);
	if (t->count > REPORT_REMARKS)
		fprintf(to, "<p class=\"soft\">and %s more</p>\n",
		    text_count(n, t->count - REPORT_REMARKS));
	fputs("</section>\n", to);
}

void
report_page_print(FILE *to, const struct report_facts *f)
{
	const struct outcome outcome = judge(f);

	print_head(to, f, &outcome);
	if (strcmp(outcome.kind, "failed") == 0)
		print_failure(to, f->error);
	print_summary(to, f);
	print_remarks(to, f->remarks);
	report_changes_print(to, f);
	print_timeline(to, f);
	if (f->receipt->count > 0)
		fputs(f->receipt->bytes, to);
	fprintf(to,
	    "</main>\n<footer><p>Written by sandferry %s. This page loads "
	    "nothing and runs no script.</p></footer>\n</body>\n</html>\n",
	    ferry_version());
}
