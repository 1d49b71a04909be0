/* log: the last runs, and all that one of them told.  Hub (the command). */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/run.h"
#include "cmd/text.h"

enum { WORDS = 512 };

struct shown {
	bool whole; /* every line of one run, not one line a run */
	uint64_t runs;
	char head[WORDS]; /* of the run whose summary comes next */
};

static const char *
text_of(json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s != NULL ? s : "";
}

static uint64_t
number_of(json_t *o, const char *key)
{
	const json_int_t n = json_integer_value(json_object_get(o, key));

	return n > 0 ? (uint64_t)n : 0;
}

/* "index.html", escaped; of a name that is no UTF-8 what JSON has for it. */
static const char *
path_of(json_t *o, char *dst, size_t size, bool utf8)
{
	const char *path = text_of(o, "path");

	if (path[0] == '\0')
		path = text_of(o, "path_b64");
	return text_escape(dst, size, path, utf8);
}

/* How it ended, in few words. */
static void
print_outcome(
    char *dst, size_t size, json_t *summary, const struct ui *ui, bool failed)
{
	char n[4][TEXT_NUMBER_SIZE], took[TEXT_NUMBER_SIZE], text[WORDS];

	text_seconds(
	    took, json_number_value(json_object_get(summary, "seconds")));
	if (failed)
		snprintf(dst, size, "failed (%" PRIu64 "): %s",
		    number_of(summary, "code"),
		    text_show(text, sizeof(text), text_of(summary, "text"),
			ui->utf8));
	else if (number_of(summary, "added") + number_of(summary, "changed") +
		number_of(summary, "removed") ==
	    0)
		snprintf(dst, size, "ok, nothing changed, %s", took);
	else
		snprintf(dst, size,
		    "ok, %s new, %s changed, %s removed, %s, %s",
		    text_count(n[0], number_of(summary, "added")),
		    text_count(n[1], number_of(summary, "changed")),
		    text_count(n[2], number_of(summary, "removed")),
		    text_bytes(n[3], number_of(summary, "bytes_sent")), took);
}

static void
show_summary(struct ui *ui, struct shown *shown, json_t *o)
{
	const bool failed = number_of(o, "code") != 0;
	char line[2 * WORDS];

	print_outcome(line, sizeof(line), o, ui, failed);
	ui_text(ui, failed ? UI_RED : UI_GREEN, shown->head, line);
	shown->head[0] = '\0';
	if (shown->whole && text_of(o, "hint")[0] != '\0')
		ui_hint(ui, 2, text_of(o, "hint"));
}

static void
show_step(struct ui *ui, json_t *o)
{
	static const struct {
		const char *change, *sign;
		enum ui_color color;
	} signs[] = {
		{ "add", "+", UI_GREEN },
		{ "update", "~", UI_MAGENTA },
		{ "remove", "-", UI_RED },
		{ "wait", "-", UI_PLAIN },
		{ "skip", ".", UI_PLAIN },
	};
	char path[4 * 4096 + 1], reason[WORDS];

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (strcmp(text_of(o, "change"), signs[i].change) == 0)
			ui_out(ui, signs[i].color, "%s %s  (%s)", signs[i].sign,
			    path_of(o, path, sizeof(path), ui->utf8),
			    text_show(reason, sizeof(reason),
				text_of(o, "reason"), ui->utf8));
}

static void
show_words(struct ui *ui, json_t *o, enum ui_color color, const char *before)
{
	char text[WORDS];

	ui_text(ui, color, before,
	    text_show(text, sizeof(text), text_of(o, "text"), ui->utf8));
	if (text_of(o, "hint")[0] != '\0')
		ui_hint(ui, 2, text_of(o, "hint"));
}

static void
show_progress(struct ui *ui, json_t *o)
{
	char n[2][TEXT_NUMBER_SIZE], phase[WORDS];

	ui_out(ui, UI_PLAIN, "  %s: %s of %s",
	    text_show(phase, sizeof(phase), text_of(o, "phase"), ui->utf8),
	    text_bytes(n[0], number_of(o, "bytes_done")),
	    text_bytes(n[1], number_of(o, "bytes_total")));
}

static void
show_line(struct ui *ui, struct shown *shown, json_t *o)
{
	const char *type = text_of(o, "type");
	char phase[WORDS];

	if (strcmp(type, "summary") == 0)
		show_summary(ui, shown, o);
	else if (strcmp(type, "step") == 0)
		show_step(ui, o);
	else if (strcmp(type, "failure") == 0)
		show_words(ui, o, UI_RED, "");
	else if (strcmp(type, "warning") == 0)
		show_words(ui, o, UI_MAGENTA, "warning: ");
	else if (strcmp(type, "note") == 0 || strcmp(type, "log") == 0)
		show_words(ui, o, UI_PLAIN, "");
	else if (strcmp(type, "phase") == 0)
		ui_out(ui, UI_PLAIN, "  %s",
		    text_show(
			phase, sizeof(phase), text_of(o, "phase"), ui->utf8));
	else if (strcmp(type, "progress") == 0)
		show_progress(ui, o);
}

static void
show_run(struct ui *ui, struct shown *shown, const struct ferry_run *r)
{
	char when[TEXT_TIME_SIZE];

	shown->runs++;
	text_time(when, r->time);
	if (shown->whole) {
		ui_out(ui, UI_BOLD, "%s, %s, to %s", r->verb, when, r->url);
		return;
	}
	snprintf(shown->head, sizeof(shown->head), "%3u  %s  %-7s  ", r->number,
	    when, r->verb);
	if (r->state == ferry_RUN_ENDED)
		return; /* its summary follows */
	ui_out(ui, r->state == ferry_RUN_KILLED ? UI_RED : UI_BOLD, "%s%s",
	    shown->head,
	    r->state == ferry_RUN_KILLED ? "was killed; the next one goes on"
					 : "is going on");
	shown->head[0] = '\0';
}

static void
show(struct ui *ui, void *ctx, const struct ferry_event *e)
{
	struct shown *shown = ctx;
	json_t *o;

	if (e->kind == ferry_EVENT_RUN)
		show_run(ui, shown, e->run);
	if (e->kind == ferry_EVENT_FINISHED && shown->runs == 0 &&
	    e->summary->outcome == 0)
		ui_out(ui, UI_BOLD, "Nothing was published to it from here");
	if (e->kind != ferry_EVENT_LINE)
		return;
	o = json_loads(e->text, 0, NULL);
	if (o != NULL)
		show_line(ui, shown, o);
	json_decref(o);
}

int
cmd_log(struct ui *ui, const struct options *o)
{
	struct shown shown = { .whole = o->run > 0 || o->follow };

	return run_job(ui, o, ferry_LOG, show, &shown);
}
