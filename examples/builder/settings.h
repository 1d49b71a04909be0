/* What the builder remembers between two starts. */
#ifndef BUILDER_SETTINGS_H
#define BUILDER_SETTINGS_H

#include <glib.h>

struct settings {
	char *storage; /* the application's own folder */
	char *worker; /* or NULL */
	char *folder, *url, *key; /* "" until they are chosen */
};

/* storage NULL: the place of the desktop, in Flatpak that of the application. */
void settings_load(struct settings *s, const char *storage);
gboolean settings_save(const struct settings *s, GError **error);
void settings_set(char **place, const char *value);
gboolean settings_complete(const struct settings *s);
void settings_clear(struct settings *s);

#endif
