/* The pages of the site: their list, and one of them in the editor. */
#include <string.h>

#include "pages.h"

enum {
	DEEP = 8, /* folders within folders */
	MANY = 2000, /* pages; who has more needs another list */
};

struct pages {
	char *folder, *page; /* page: below the folder; NULL: none */
	GtkStringList *names;
	GtkSingleSelection *selection;
	GtkTextBuffer *text;
	GtkWidget *view, *title, *state;
};

/* ---- The list ------------------------------------------------------------- */

static gboolean
is_page(const char *name)
{
	static const char *const ends[] = { ".html", ".htm", ".css", ".js",
		".md", ".txt", ".svg", ".xml" };

	for (gsize i = 0; i < G_N_ELEMENTS(ends); i++)
		if (g_str_has_suffix(name, ends[i]))
			return TRUE;
	return FALSE;
}

/* What begins with a dot is not the author's, and links lead anywhere. */
static void
collect(GFile *folder, const char *prefix, int deep, GPtrArray *names)
{
	GFileEnumerator *files = g_file_enumerate_children(folder,
	    G_FILE_ATTRIBUTE_STANDARD_NAME "," G_FILE_ATTRIBUTE_STANDARD_TYPE,
	    G_FILE_QUERY_INFO_NOFOLLOW_SYMLINKS, NULL, NULL);
	GFileInfo *info;
	GFile *child;

	while (files != NULL && names->len < MANY &&
	    g_file_enumerator_iterate(files, &info, &child, NULL, NULL) &&
	    info != NULL) {
		const char *name = g_file_info_get_name(info);
		char *path = g_build_filename(prefix, name, NULL);
		GFileType type = g_file_info_get_file_type(info);

		if (name[0] == '.')
			g_free(path);
		else if (type == G_FILE_TYPE_REGULAR && is_page(name) &&
		    g_utf8_validate(path, -1, NULL))
			g_ptr_array_add(names, path);
		else {
			if (type == G_FILE_TYPE_DIRECTORY && deep > 0)
				collect(child, path, deep - 1, names);
			g_free(path);
		}
	}
	g_clear_object(&files);
}

/* Pages of a folder stand before those of the folders in it. */
static int
by_place(gconstpointer a, gconstpointer b)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b;
	gboolean deep_x = strchr(x, '/') != NULL;
	gboolean deep_y = strchr(y, '/') != NULL;

	return deep_x != deep_y ? (deep_x ? 1 : -1) : strcmp(x, y);
}

static void
setup_row(GtkListItemFactory *factory, GtkListItem *item)
{
	GtkWidget *label = gtk_label_new(NULL);

	(void)factory;
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_START);
	gtk_list_item_set_child(item, label);
}

static void
bind_row(GtkListItemFactory *factory, GtkListItem *item)
{
	GtkStringObject *name = gtk_list_item_get_item(item);
	GtkWidget *label = gtk_list_item_get_child(item);
	const char *text = gtk_string_object_get_string(name);

	(void)factory;
	gtk_label_set_label(GTK_LABEL(label), text);
	gtk_widget_set_tooltip_text(label, text);
}

/* Who chose a page by the keyboard goes on in it. */
static void
on_activated(GtkListView *list, guint position, struct pages *p)
{
	(void)list;
	(void)position;
	pages_focus(p);
}

static GtkWidget *
new_list(struct pages *p)
{
	GtkListItemFactory *factory = gtk_signal_list_item_factory_new();
	GtkWidget *list, *scroll = gtk_scrolled_window_new();

	g_signal_connect(factory, "setup", G_CALLBACK(setup_row), NULL);
	g_signal_connect(factory, "bind", G_CALLBACK(bind_row), NULL);
	p->names = gtk_string_list_new(NULL);
	p->selection = gtk_single_selection_new(G_LIST_MODEL(p->names));
	list = gtk_list_view_new(GTK_SELECTION_MODEL(p->selection), factory);
	gtk_widget_add_css_class(list, "navigation-sidebar");
	g_signal_connect(list, "activate", G_CALLBACK(on_activated), p);
	gtk_accessible_update_property(
	    GTK_ACCESSIBLE(list), GTK_ACCESSIBLE_PROPERTY_LABEL, "Pages", -1);
	gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scroll),
	    GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
	gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scroll), list);
	return scroll;
}

/* ---- The editor ----------------------------------------------------------- */

static void
show_state(struct pages *p, const char *words)
{
	gtk_label_set_label(GTK_LABEL(p->state), words);
}

static void
on_modified(GtkTextBuffer *text, struct pages *p)
{
	if (gtk_text_buffer_get_modified(text))
		show_state(p, "Edited");
}

static void
show_page(struct pages *p, const char *page)
{
	char *path = g_build_filename(p->folder, page, NULL);
	char *bytes = NULL;
	gsize n = 0;
	gboolean good = g_file_get_contents(path, &bytes, &n, NULL) &&
	    g_utf8_validate(bytes, (gssize)n, NULL);

	g_free(p->page);
	p->page = good ? g_strdup(page) : NULL;
	gtk_text_buffer_begin_irreversible_action(p->text);
	gtk_text_buffer_set_text(p->text, good ? bytes : "", -1);
	gtk_text_buffer_end_irreversible_action(p->text);
	gtk_text_buffer_set_modified(p->text, FALSE);
	gtk_widget_set_sensitive(p->view, good);
	gtk_label_set_label(GTK_LABEL(p->title), page);
	show_state(p, good ? "" : "This is not a text in UTF-8");
	g_free(bytes);
	g_free(path);
}

void
pages_focus(struct pages *p)
{
	gtk_widget_grab_focus(p->view);
}

gboolean
pages_save(struct pages *p)
{
	GtkTextIter start, end;
	GError *error = NULL;
	char *path, *text;

	if (p->page == NULL || !gtk_text_buffer_get_modified(p->text))
		return TRUE;
	path = g_build_filename(p->folder, p->page, NULL);
	gtk_text_buffer_get_bounds(p->text, &start, &end);
	text = gtk_text_buffer_get_text(p->text, &start, &end, TRUE);
	if (g_file_set_contents(path, text, -1, &error)) {
		gtk_text_buffer_set_modified(p->text, FALSE);
		show_state(p, "Saved");
	} else {
		show_state(p, error->message);
	}
	g_free(text);
	g_free(path);
	if (error == NULL)
		return TRUE;
	g_error_free(error);
	return FALSE;
}

static void
on_selected(GtkSingleSelection *selection, GParamSpec *spec, struct pages *p)
{
	GtkStringObject *name =
	    gtk_single_selection_get_selected_item(selection);

	(void)spec;
	if (name == NULL)
		return;
	if (pages_save(p))
		show_page(p, gtk_string_object_get_string(name));
}

static GtkWidget *
new_editor(struct pages *p)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
	GtkWidget *bar = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12);
	GtkWidget *scroll = gtk_scrolled_window_new();
	GtkWidget *save = gtk_button_new_with_mnemonic("_Save");

	p->title = gtk_label_new("");
	gtk_label_set_xalign(GTK_LABEL(p->title), 0);
	gtk_label_set_ellipsize(GTK_LABEL(p->title), PANGO_ELLIPSIZE_MIDDLE);
	gtk_widget_set_hexpand(p->title, TRUE);
	gtk_widget_add_css_class(p->title, "heading");
	p->state = gtk_label_new("");
	gtk_label_set_ellipsize(GTK_LABEL(p->state), PANGO_ELLIPSIZE_END);
	gtk_widget_add_css_class(p->state, "dim-label");
	gtk_box_append(GTK_BOX(bar), p->title);
	gtk_box_append(GTK_BOX(bar), p->state);
	gtk_actionable_set_action_name(GTK_ACTIONABLE(save), "win.save");
	gtk_box_append(GTK_BOX(bar), save);
	gtk_widget_add_css_class(bar, "page-bar");
	p->text = gtk_text_buffer_new(NULL);
	p->view = gtk_text_view_new_with_buffer(p->text);
	gtk_text_view_set_monospace(GTK_TEXT_VIEW(p->view), TRUE);
	gtk_text_view_set_wrap_mode(GTK_TEXT_VIEW(p->view), GTK_WRAP_WORD_CHAR);
	gtk_text_view_set_left_margin(GTK_TEXT_VIEW(p->view), 18);
	gtk_text_view_set_right_margin(GTK_TEXT_VIEW(p->view), 18);
	gtk_text_view_set_top_margin(GTK_TEXT_VIEW(p->view), 12);
	gtk_text_view_set_bottom_margin(GTK_TEXT_VIEW(p->view), 12);
	gtk_accessible_update_property(
	    GTK_ACCESSIBLE(p->view), GTK_ACCESSIBLE_PROPERTY_LABEL, "Page", -1);
	g_signal_connect(
	    p->text, "modified-changed", G_CALLBACK(on_modified), p);
	gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scroll), p->view);
	gtk_widget_set_vexpand(scroll, TRUE);
	gtk_box_append(GTK_BOX(box), bar);
	gtk_box_append(
	    GTK_BOX(box), gtk_separator_new(GTK_ORIENTATION_HORIZONTAL));
	gtk_box_append(GTK_BOX(box), scroll);
	return box;
}

/* ---- Both ----------------------------------------------------------------- */

static void
pages_free(gpointer data)
{
	struct pages *p = data;

	g_object_unref(p->text);
	g_free(p->folder);
	g_free(p->page);
	g_free(p);
}

GtkWidget *
pages_new(struct pages **out)
{
	struct pages *p = g_new0(struct pages, 1);
	GtkWidget *paned = gtk_paned_new(GTK_ORIENTATION_HORIZONTAL);

	gtk_paned_set_start_child(GTK_PANED(paned), new_list(p));
	gtk_paned_set_end_child(GTK_PANED(paned), new_editor(p));
	gtk_paned_set_position(GTK_PANED(paned), 200);
	gtk_paned_set_resize_start_child(GTK_PANED(paned), FALSE);
	gtk_paned_set_shrink_end_child(GTK_PANED(paned), FALSE);
	g_signal_connect(
	    p->selection, "notify::selected-item", G_CALLBACK(on_selected), p);
	g_object_set_data_full(G_OBJECT(paned), "pages", p, pages_free);
	*out = p;
	return paned;
}

void
pages_open(struct pages *p, const char *folder)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	GFile *file = g_file_new_for_path(folder);

	pages_save(p);
	g_free(p->folder);
	p->folder = g_strdup(folder);
	g_clear_pointer(&p->page, g_free);
	collect(file, "", DEEP, names);
	g_ptr_array_sort(names, by_place);
	g_ptr_array_add(names, NULL);
	gtk_string_list_splice(p->names, 0,
	    g_list_model_get_n_items(G_LIST_MODEL(p->names)),
	    (const char *const *)names->pdata);
	g_ptr_array_unref(names);
	g_object_unref(file);
}
