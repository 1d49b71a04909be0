/*
 * Builder: a small site builder, to show how an application publishes with
 * libsandferry.  This is its start: arguments, the look, one window.
 */
#include <gtk/gtk.h>

#include "window.h"

static const char css[] =
    ".page-bar { padding: 6px 12px 6px 18px; }"
    ".head { padding: 18px 24px; }"
    ".head .title-2 { font-size: 150%; font-weight: bold; }"
    ".heading, .caption-heading { font-weight: bold; }"
    ".title-3 { font-size: 130%; font-weight: bold; }"
    ".step { padding: 6px 14px; }"
    ".words, .reason, .size { opacity: .7; }"
    ".reason { font-size: 90%; }"
    ".size { font-feature-settings: 'tnum'; }"
    ".progress { padding: 12px 24px; }"
    ".foot { padding: 12px 24px; }"
    ".shade { background: alpha(black, .4); }"
    ".sheet { background: @theme_bg_color; color: @theme_fg_color;"
    "  border-radius: 12px; padding: 24px; margin: 18px;"
    "  box-shadow: 0 4px 24px alpha(black, .4); }"
    ".fingerprint { font-family: monospace; padding: 12px;"
    "  border-radius: 6px; background: alpha(currentColor, .08); }"
    ".success { color: mix(@success_color, @theme_fg_color, .4); }"
    ".error { color: mix(@error_color, @theme_fg_color, .3); }"
    ".accent { color: @theme_selected_bg_color; }";

static void
load_css(void)
{
	GtkCssProvider *provider = gtk_css_provider_new();

	gtk_css_provider_load_from_data(provider, css, -1);
	gtk_style_context_add_provider_for_display(gdk_display_get_default(),
	    GTK_STYLE_PROVIDER(provider),
	    GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
	g_object_unref(provider);
}

static void
on_activate(GtkApplication *app, struct settings *settings)
{
	load_css();
	window_open(app, settings);
}

int
main(int argc, char **argv)
{
	char *site = NULL, *url = NULL, *key = NULL, *storage = NULL;
	struct settings settings = { .worker = NULL };
	const GOptionEntry entries[] = {
		{ "site", 0, 0, G_OPTION_ARG_FILENAME, &site,
		    "The folder of the site", "FOLDER" },
		{ "url", 0, 0, G_OPTION_ARG_STRING, &url,
		    "Where it is published", "URL" },
		{ "key", 0, 0, G_OPTION_ARG_FILENAME, &key,
		    "The private key to log in with", "FILE" },
		{ "storage", 0, 0, G_OPTION_ARG_FILENAME, &storage,
		    "A folder for what is remembered", "FOLDER" },
		{ "worker", 0, 0, G_OPTION_ARG_FILENAME, &settings.worker,
		    "sandferry-worker, if it is not installed", "FILE" },
		{ .long_name = NULL },
	};
	GOptionContext *context = g_option_context_new(NULL);
	GError *error = NULL;
	GtkApplication *app;
	int status;

	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, &argc, &argv, &error)) {
		g_printerr("%s\n", error->message);
		return 2;
	}
	g_option_context_free(context);
	settings_load(&settings, storage);
	if (site != NULL)
		settings_set(&settings.folder, site);
	if (url != NULL)
		settings_set(&settings.url, url);
	if (key != NULL)
		settings_set(&settings.key, key);
	app = gtk_application_new(
	    "org.example.Builder", G_APPLICATION_NON_UNIQUE);
	g_signal_connect(app, "activate", G_CALLBACK(on_activate), &settings);
	status = g_application_run(G_APPLICATION(app), argc, argv);
	g_object_unref(app);
	settings_clear(&settings);
	g_free(site);
	g_free(url);
	g_free(key);
	g_free(storage);
	return status;
}
