/* Questions, each on a sheet that lies over the window. */
#ifndef BUILDER_SHEETS_H
#define BUILDER_SHEETS_H

#include <gtk/gtk.h>

#include "publishing.h"

/* yes, and a secret or, with a no, the fingerprint that the user has. */
typedef void sheets_answer_fn(void *ctx, gboolean yes, const char *secret);

/* The window's content, over which sheets can be laid. */
GtkWidget *sheets_new(GtkWidget *content);

/*
 * Lay one there, with these buttons at its foot; the content below takes no
 * input meanwhile.  cancel is what Escape clicks.
 */
GtkWidget *sheets_card(const char *title, const char *words);
GtkWidget *sheets_foot(GtkWidget *card, const char *cancel, const char *yes,
    GtkWidget **cancel_button, GtkWidget **yes_button);
void sheets_show(GtkWidget *sheets, GtkWidget *card, GtkWidget *focus);
void sheets_hide(GtkWidget *sheets);

void sheets_ask_host(GtkWidget *sheets, const struct publishing_host *host,
    sheets_answer_fn *answer, void *ctx);
void
sheets_ask_secret(GtkWidget *sheets, const struct publishing_secret *secret,
    sheets_answer_fn *answer, void *ctx);
void sheets_ask_yes(
    GtkWidget *sheets, const char *prompt, sheets_answer_fn *answer, void *ctx);

#endif
