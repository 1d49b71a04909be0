/* Publishing as the user sees it: looks, questions, progress, how it ended. */
#ifndef BUILDER_PUBLISH_PAGE_H
#define BUILDER_PUBLISH_PAGE_H

#include <gtk/gtk.h>

#include "settings.h"

struct publish_page;

/* A job has begun or ended; can_go: there is a plan that could be done. */
typedef void publish_page_busy_fn(void *ctx, gboolean busy, gboolean can_go);

/* *widget's end is the end of what is returned, too. */
struct publish_page *publish_page_new(const struct settings *settings,
    publish_page_busy_fn *busy, void *ctx, GtkWidget **widget);

/* Where questions are laid: over the page, so it is there before they are. */
void publish_page_use_sheets(struct publish_page *p, GtkWidget *sheets);

void publish_page_look(struct publish_page *p); /* or nothing, while busy */
void publish_page_look_back(struct publish_page *p);
void publish_page_go(struct publish_page *p);
void publish_page_cancel(struct publish_page *p);

#endif
