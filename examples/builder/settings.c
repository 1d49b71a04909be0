/* What the builder remembers, in a file of its own folder. */
#include "settings.h"

#define GROUP "Site"

static char *
path_of(const struct settings *s)
{
	return g_build_filename(s->storage, "settings.ini", NULL);
}

static char *
read_key(GKeyFile *file, const char *key)
{
	char *value = g_key_file_get_string(file, GROUP, key, NULL);

	return value != NULL ? value : g_strdup("");
}

/* Nobody else needs to know where the user's key is. */
void
settings_load(struct settings *s, const char *storage)
{
	GKeyFile *file = g_key_file_new();
	char *path;

	s->storage = storage != NULL ? g_strdup(storage)
				     : g_build_filename(g_get_user_data_dir(),
					   "sandferry-builder", NULL);
	g_mkdir_with_parents(s->storage, 0700);
	path = path_of(s);
	g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, NULL);
	s->folder = read_key(file, "folder");
	s->url = read_key(file, "url");
	s->key = read_key(file, "key");
	g_key_file_unref(file);
	g_free(path);
}

gboolean
settings_save(const struct settings *s, GError **error)
{
	GKeyFile *file = g_key_file_new();
	char *path = path_of(s);
	gboolean good;

	g_key_file_set_string(file, GROUP, "folder", s->folder);
	g_key_file_set_string(file, GROUP, "url", s->url);
	g_key_file_set_string(file, GROUP, "key", s->key);
	good = g_key_file_save_to_file(file, path, error);
	g_free(path);
	g_key_file_unref(file);
	return good;
}

void
settings_set(char **place, const char *value)
{
	char *copy = g_strdup(value);

	g_free(*place);
	*place = copy;
}

/* Without a key it is a password that logs in. */
gboolean
settings_complete(const struct settings *s)
{
	return s->folder[0] != '\0' && s->url[0] != '\0';
}

void
settings_clear(struct settings *s)
{
	g_free(s->storage);
	g_free(s->worker);
	g_free(s->folder);
	g_free(s->url);
	g_free(s->key);
}
