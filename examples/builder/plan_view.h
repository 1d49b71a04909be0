/* The page on which a publish is looked at, started and followed. */
#ifndef BUILDER_PLAN_VIEW_H
#define BUILDER_PLAN_VIEW_H

#include <gtk/gtk.h>

#include "publishing.h"

struct plan_view;

/*
 * A widget whose end is the end of *out, too.  Its buttons are the window's
 * actions: win.go, win.look, win.look-back, win.cancel.
 */
GtkWidget *plan_view_new(struct plan_view **out);

/* Something begins: the list is emptied, if there is a new one to come. */
void plan_view_begin(struct plan_view *v, const char *title, gboolean new_list);
void plan_view_step(struct plan_view *v, enum publishing_change change,
    const char *path, guint64 bytes, const char *reason);
void plan_view_phase(struct plan_view *v, const char *words);
void plan_view_progress(
    struct plan_view *v, const char *path, guint64 done, guint64 total);

/* It has ended.  go: what the button says that does it; NULL: nothing to do. */
void plan_view_end(struct plan_view *v, const char *title, const char *words,
    gboolean failed, const char *go);

#endif
