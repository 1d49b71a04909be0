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

enum ui_color { UI_PLAIN, UI_RED, UI_GREEN, UI_YELLOW, UI_BOLD };

struct ui {
	bool utf8; /* the reader's terminal takes UTF-8 */
	bool color_out, color_err;
	bool redraw; /* standard error is a capable terminal */
	bool quiet, json;
	int verbose;
	int out_errno; /* standard output is broken: why; or 0 */
	char said[240]; /* the failure that was printed last */
	struct progress progress;
	double drawn_seconds; /* the status line was last drawn */
	size_t drawn_columns; /* 0: there is none */
	double plain_seconds; /* progress was last printed as a line */
};

void ui_init(struct ui *ui, const struct options *o);
/* Wipe the status line and flush standard output; see ui->out_errno. */
void ui_end(struct ui *ui);

/* Data.  Not a word when quiet. */
void ui_out(struct ui *ui, enum ui_color color, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Talk, one line.  Not when quiet. */
void ui_say(struct ui *ui, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A failure, once; or a warning, which quiet silences. */
void ui_error(struct ui *ui, const struct ferry_error *e);
void ui_warning(struct ui *ui, const struct ferry_error *e);

/* A PHASE or PROGRESS event. */
void ui_progress(struct ui *ui, const struct ferry_event *e);
void ui_wipe(struct ui *ui);

/* The arrow between before and after. */
const char *ui_arrow(const struct ui *ui);

#endif
