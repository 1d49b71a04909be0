/* The steps of a plan as a list: what happens to which file, and why. */
#ifndef BUILDER_PLAN_LIST_H
#define BUILDER_PLAN_LIST_H

#include <gtk/gtk.h>

#include "publishing.h"

/* The list, and in *out its rows, which belong to it. */
GtkWidget *plan_list_new(GListStore **out);
void plan_list_add(GListStore *rows, enum publishing_change change,
    const char *path, guint64 bytes, const char *reason);

#endif
