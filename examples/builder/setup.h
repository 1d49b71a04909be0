/* The sheet on which the user says what to publish, where, and with which key. */
#ifndef BUILDER_SETUP_H
#define BUILDER_SETUP_H

#include <gtk/gtk.h>

#include "settings.h"

/* done: the settings have changed and are saved. */
void setup_show(GtkWidget *sheets, struct settings *settings,
    void (*done)(void *ctx), void *ctx);

#endif
