/*
 * The command's voice: data on standard output, talk on standard error, one
 * redrawn status line where a terminal shows it.
 */
#ifndef CMD_UI_H
#define CMD_UI_H

#include <stdbool.h>

#include "cmd/options.h"
#include "cmd/progress.h"
#include "sandferry.h"

/* How much it matters, as syslog(3) counts. */
enum ui_level { UI_ERROR = 3, UI_WARNING, UI_NOTICE, UI_INFO, UI_DEBUG };

enum ui_color { UI_PLAIN, UI_RED, UI_GREEN, UI_MAGENTA, UI_BOLD };

struct retry_attempt;

struct ui {
	bool utf8; /* the reader's terminal takes UTF-8 */
	bool color_out, color_err;
	bool redraw; /* standard error is a capable terminal */
	bool quiet, json;
	bool journal; /* standard error: each line says how much it matters */
	int manager; /* who is told the status as well; or -1 */
	int verbose;
	int out_errno; /* standard output is broken: why; or 0 */
	char said[240]; /* the failure that was printed last */
	struct progress progress;
	double drawn_seconds; /* the status line was last drawn */
	bool drawn; /* once, and not wiped by us since */
	double plain_seconds; /* progress was last printed as a line */
	double told_seconds; /* the manager was last told */
	const struct retry_attempt *attempt; /* NULL: there is one only */
};

void ui_init(struct ui *ui, const struct options *o);
/* Wipe the status line and flush standard output; see ui->out_errno. */
void ui_end(struct ui *ui);
/* Say that it cannot be written to; error: errno. */
void ui_output_lost(const struct ui *ui, int error);

/* Data.  Not a word when quiet. */
void ui_out(struct ui *ui, enum ui_color color, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/*
 * The same behind its lead, which it is wrapped below of where a terminal shows
 * it; elsewhere it is one line.
 */
void
ui_text(struct ui *ui, enum ui_color color, const char *lead, const char *text);
/* What to do about it, so far from the left; a command has its own line. */
void ui_hint(struct ui *ui, size_t margin, const char *hint);
/* Talk, one line.  Not when quiet. */
void ui_say(struct ui *ui, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same, as something else than UI_INFO; a UI_NOTICE is the status as well. */
void ui_log(struct ui *ui, enum ui_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/*
 * A failure, once; or a warning.  Quiet silences one that is only for notice:
 * what was asked for, or has been mended.
 */
void ui_error(struct ui *ui, const struct ferry_error *e);
void ui_warning(struct ui *ui, const struct ferry_error *e);

/* "<4>" where a line on standard error has to begin with it, or "". */
const char *ui_mark(const struct ui *ui, enum ui_level level);
/* For the service manager: what is being done, or came of it. */
void ui_status(struct ui *ui, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A PHASE or PROGRESS event. */
void ui_progress(struct ui *ui, const struct ferry_event *e);
void ui_wipe(struct ui *ui);

/* Asked each time, for it may be resized; 0: it is no terminal. */
size_t ui_columns(int fd);

/* The arrow between before and after. */
const char *ui_arrow(const struct ui *ui);

#endif
