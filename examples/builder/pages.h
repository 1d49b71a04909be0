/* The pages of the site: their list, and one of them in the editor. */
#ifndef BUILDER_PAGES_H
#define BUILDER_PAGES_H

#include <gtk/gtk.h>

struct pages;

/* A widget whose end is the end of *out, too. */
GtkWidget *pages_new(struct pages **out);

/* List the pages of this folder, and show the first one. */
void pages_open(struct pages *pages, const char *folder);

/* What is typed next goes into the page. */
void pages_focus(struct pages *pages);

/* Save the page that is shown, if it was changed. */
gboolean pages_save(struct pages *pages);

#endif
