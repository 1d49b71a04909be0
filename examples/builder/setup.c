/*
 * What to publish, where, and with which key.
 *
 * GtkFileChooserNative asks outside of a sandbox, too: in Flatpak it is the
 * portal's, and what the user chooses there is what the application gets to see.
 */
#include "setup.h"
#include "sheets.h"

struct setup {
	GtkWidget *sheets, *folder, *address, *key, *done_button;
	struct settings *settings;
	char *folder_path, *key_path;
	GtkFileChooserNative *chooser;
	void (*done)(void *ctx);
	void *ctx;
};

static void
setup_free(gpointer data)
{
	struct setup *s = data;

	g_clear_object(&s->chooser);
	g_free(s->folder_path);
	g_free(s->key_path);
	g_free(s);
}

static void
show_choice(GtkWidget *button, const char *path, const char *none)
{
	char *name = path[0] != '\0' ? g_filename_display_basename(path) : NULL;
	GtkWidget *label = gtk_label_new(name != NULL ? name : none);

	gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_MIDDLE);
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_button_set_child(GTK_BUTTON(button), label);
	gtk_widget_set_tooltip_text(button, path);
	g_free(name);
}

static void
show_all(struct setup *s)
{
	const char *url = gtk_editable_get_text(GTK_EDITABLE(s->address));

	show_choice(s->folder, s->folder_path, "Choose a folder…");
	show_choice(s->key, s->key_path, "No key: ask for a password");
	gtk_widget_set_sensitive(
	    s->done_button, s->folder_path[0] != '\0' && url[0] != '\0');
}

static void
on_chosen(GtkNativeDialog *dialog, int response, struct setup *s)
{
	GFile *file = gtk_file_chooser_get_file(GTK_FILE_CHOOSER(dialog));
	gboolean folder = gtk_file_chooser_get_action(GTK_FILE_CHOOSER(
			      dialog)) == GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER;
	char *path = file != NULL ? g_file_get_path(file) : NULL;

	if (response == GTK_RESPONSE_ACCEPT && path != NULL) {
		settings_set(folder ? &s->folder_path : &s->key_path, path);
		show_all(s);
	}
	g_free(path);
	g_clear_object(&file);
	g_clear_object(&s->chooser);
}

static void
choose(struct setup *s, const char *title, GtkFileChooserAction action)
{
	GtkRoot *window = gtk_widget_get_root(s->sheets);

	g_clear_object(&s->chooser);
	s->chooser = gtk_file_chooser_native_new(
	    title, GTK_WINDOW(window), action, "_Choose", "_Cancel");
	g_signal_connect(s->chooser, "response", G_CALLBACK(on_chosen), s);
	gtk_native_dialog_set_modal(GTK_NATIVE_DIALOG(s->chooser), TRUE);
	gtk_native_dialog_show(GTK_NATIVE_DIALOG(s->chooser));
}

static void
on_folder(GtkButton *button, struct setup *s)
{
	(void)button;
	choose(s, "The folder of your site",
	    GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER);
}

static void
on_key(GtkButton *button, struct setup *s)
{
	(void)button;
	choose(s, "Your private key", GTK_FILE_CHOOSER_ACTION_OPEN);
}

static void
on_typed(GtkEditable *entry, struct setup *s)
{
	(void)entry;
	show_all(s);
}

static void
on_cancel(GtkButton *button, struct setup *s)
{
	(void)button;
	sheets_hide(s->sheets);
}

/* The sheet, and s with it, are gone before others are told. */
static void
on_done(GtkWidget *widget, struct setup *s)
{
	const char *url = gtk_editable_get_text(GTK_EDITABLE(s->address));
	void (*done)(void *ctx) = s->done;
	void *ctx = s->ctx;

	(void)widget;
	if (!gtk_widget_get_sensitive(s->done_button))
		return;
	settings_set(&s->settings->folder, s->folder_path);
	settings_set(&s->settings->url, url);
	settings_set(&s->settings->key, s->key_path);
	settings_save(s->settings, NULL);
	sheets_hide(s->sheets);
	done(ctx);
}

static void
add_row(GtkWidget *card, const char *words, GtkWidget *widget)
{
	GtkWidget *row = gtk_box_new(GTK_ORIENTATION_VERTICAL, 4);
	GtkWidget *label = gtk_label_new_with_mnemonic(words);

	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_mnemonic_widget(GTK_LABEL(label), widget);
	gtk_widget_add_css_class(label, "caption-heading");
	gtk_box_append(GTK_BOX(row), label);
	gtk_box_append(GTK_BOX(row), widget);
	gtk_box_append(GTK_BOX(card), row);
}

void
setup_show(GtkWidget *sheets, struct settings *settings,
    void (*done)(void *ctx), void *ctx)
{
	GtkWidget *card = sheets_card("Your site", NULL), *cancel;
	struct setup *s = g_new0(struct setup, 1);

	*s = (struct setup){ .sheets = sheets,
		.settings = settings,
		.done = done,
		.ctx = ctx,
		.folder = gtk_button_new(),
		.key = gtk_button_new(),
		.address = gtk_entry_new(),
		.folder_path = g_strdup(settings->folder),
		.key_path = g_strdup(settings->key) };
	g_object_set_data_full(G_OBJECT(card), "setup", s, setup_free);
	gtk_editable_set_text(GTK_EDITABLE(s->address), settings->url);
	gtk_editable_set_width_chars(GTK_EDITABLE(s->address), 34);
	gtk_entry_set_placeholder_text(
	    GTK_ENTRY(s->address), "sftp://me@example.org/htdocs");
	add_row(card, "_Folder", s->folder);
	add_row(card, "_Address", s->address);
	add_row(card, "_Private key", s->key);
	sheets_foot(card, "_Cancel", "_Done", &cancel, &s->done_button);
	g_signal_connect(s->folder, "clicked", G_CALLBACK(on_folder), s);
	g_signal_connect(s->key, "clicked", G_CALLBACK(on_key), s);
	g_signal_connect(s->address, "changed", G_CALLBACK(on_typed), s);
	g_signal_connect(s->address, "activate", G_CALLBACK(on_done), s);
	g_signal_connect(cancel, "clicked", G_CALLBACK(on_cancel), s);
	g_signal_connect(s->done_button, "clicked", G_CALLBACK(on_done), s);
	show_all(s);
	sheets_show(sheets, card, settings->folder[0] ? s->address : s->folder);
}
