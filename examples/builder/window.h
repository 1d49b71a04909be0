/* The builder's window: pages on one side, publishing on the other. */
#ifndef BUILDER_WINDOW_H
#define BUILDER_WINDOW_H

#include <gtk/gtk.h>

#include "settings.h"

/* Settings stay the caller's, and live longer than the window. */
void window_open(GtkApplication *app, struct settings *settings);

#endif
