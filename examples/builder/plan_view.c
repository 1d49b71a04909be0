/* The page on which a publish is looked at, started and followed. */
#include "plan_view.h"
#include "plan_list.h"

struct plan_view {
	GtkWidget *title, *words;
	GtkWidget *middle; /* a stack: "list", "empty" */
	GListStore *rows;
	GtkWidget *revealer, *phase, *bytes, *bar;
	char *phase_words;
	GtkWidget *buttons; /* a stack: "idle", "busy" */
	GtkWidget *go;
};

static GtkWidget *
new_label(const char *css, PangoEllipsizeMode mode)
{
	GtkWidget *label = gtk_label_new("");

	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_ellipsize(GTK_LABEL(label), mode);
	gtk_widget_add_css_class(label, css);
	return label;
}

static GtkWidget *
new_button(GtkWidget *box, const char *label, const char *action)
{
	GtkWidget *button = gtk_button_new_with_mnemonic(label);

	gtk_actionable_set_action_name(GTK_ACTIONABLE(button), action);
	gtk_box_append(GTK_BOX(box), button);
	return button;
}

static void
wrap(GtkWidget *label)
{
	gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_NONE);
	gtk_label_set_wrap(GTK_LABEL(label), TRUE);
	gtk_label_set_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
	gtk_label_set_selectable(GTK_LABEL(label), TRUE);
	gtk_widget_set_can_focus(label, FALSE);
}

static GtkWidget *
new_head(struct plan_view *v)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 4);

	v->title = new_label("title-2", PANGO_ELLIPSIZE_NONE);
	v->words = new_label("words", PANGO_ELLIPSIZE_NONE);
	wrap(v->title);
	wrap(v->words);
	gtk_widget_add_css_class(box, "head");
	gtk_box_append(GTK_BOX(box), v->title);
	gtk_box_append(GTK_BOX(box), v->words);
	return box;
}

static GtkWidget *
new_middle(struct plan_view *v)
{
	GtkWidget *empty = gtk_image_new_from_icon_name("emblem-ok-symbolic");

	gtk_image_set_pixel_size(GTK_IMAGE(empty), 96);
	gtk_widget_add_css_class(empty, "dim-label");
	v->middle = gtk_stack_new();
	gtk_stack_add_named(
	    GTK_STACK(v->middle), plan_list_new(&v->rows), "list");
	gtk_stack_add_named(GTK_STACK(v->middle), empty, "empty");
	gtk_widget_set_vexpand(v->middle, TRUE);
	return v->middle;
}

static GtkWidget *
new_progress(struct plan_view *v)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6);
	GtkWidget *line = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12);

	v->phase = new_label("words", PANGO_ELLIPSIZE_MIDDLE);
	gtk_widget_set_hexpand(v->phase, TRUE);
	v->bytes = new_label("size", PANGO_ELLIPSIZE_NONE);
	v->bar = gtk_progress_bar_new();
	gtk_accessible_update_property(GTK_ACCESSIBLE(v->bar),
	    GTK_ACCESSIBLE_PROPERTY_LABEL, "Progress", -1);
	gtk_box_append(GTK_BOX(line), v->phase);
	gtk_box_append(GTK_BOX(line), v->bytes);
	gtk_box_append(GTK_BOX(box), line);
	gtk_box_append(GTK_BOX(box), v->bar);
	gtk_widget_add_css_class(box, "progress");
	v->revealer = gtk_revealer_new();
	gtk_revealer_set_child(GTK_REVEALER(v->revealer), box);
	gtk_revealer_set_transition_type(
	    GTK_REVEALER(v->revealer), GTK_REVEALER_TRANSITION_TYPE_SLIDE_UP);
	return v->revealer;
}

static GtkWidget *
new_foot(struct plan_view *v)
{
	GtkWidget *idle = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);
	GtkWidget *busy = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);

	new_button(idle, "_Undo…", "win.look-back");
	new_button(idle, "_Look Again", "win.look");
	v->go = new_button(idle, "Publish", "win.go");
	gtk_widget_set_hexpand(v->go, TRUE);
	gtk_widget_set_halign(v->go, GTK_ALIGN_END);
	gtk_widget_add_css_class(v->go, "suggested-action");
	gtk_widget_set_halign(
	    new_button(busy, "_Cancel", "win.cancel"), GTK_ALIGN_END);
	gtk_widget_set_halign(busy, GTK_ALIGN_END);
	v->buttons = gtk_stack_new();
	gtk_stack_add_named(GTK_STACK(v->buttons), idle, "idle");
	gtk_stack_add_named(GTK_STACK(v->buttons), busy, "busy");
	gtk_widget_add_css_class(v->buttons, "foot");
	return v->buttons;
}

static void
plan_view_free(gpointer data)
{
	struct plan_view *v = data;

	g_free(v->phase_words);
	g_free(v);
}

GtkWidget *
plan_view_new(struct plan_view **out)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
	struct plan_view *v = g_new0(struct plan_view, 1);

	gtk_box_append(GTK_BOX(box), new_head(v));
	gtk_box_append(
	    GTK_BOX(box), gtk_separator_new(GTK_ORIENTATION_HORIZONTAL));
	gtk_box_append(GTK_BOX(box), new_middle(v));
	gtk_box_append(GTK_BOX(box), new_progress(v));
	gtk_box_append(
	    GTK_BOX(box), gtk_separator_new(GTK_ORIENTATION_HORIZONTAL));
	gtk_box_append(GTK_BOX(box), new_foot(v));
	g_object_set_data_full(G_OBJECT(box), "plan-view", v, plan_view_free);
	*out = v;
	return box;
}

/* ---- What happens --------------------------------------------------------- */

static void
show(struct plan_view *v, const char *title, const char *words)
{
	gtk_label_set_label(GTK_LABEL(v->title), title);
	gtk_label_set_label(GTK_LABEL(v->words), words);
	gtk_widget_set_visible(v->words, words[0] != '\0');
}

void
plan_view_begin(struct plan_view *v, const char *title, gboolean new_list)
{
	if (new_list)
		g_list_store_remove_all(v->rows);
	show(v, title, "");
	gtk_widget_remove_css_class(v->title, "error");
	gtk_stack_set_visible_child_name(GTK_STACK(v->middle), "list");
	gtk_stack_set_visible_child_name(GTK_STACK(v->buttons), "busy");
	plan_view_phase(v, "Beginning");
	gtk_label_set_label(GTK_LABEL(v->bytes), "");
	gtk_progress_bar_set_fraction(GTK_PROGRESS_BAR(v->bar), 0);
	gtk_revealer_set_reveal_child(GTK_REVEALER(v->revealer), TRUE);
}

void
plan_view_step(struct plan_view *v, enum publishing_change change,
    const char *path, guint64 bytes, const char *reason)
{
	plan_list_add(v->rows, change, path, bytes, reason);
}

void
plan_view_phase(struct plan_view *v, const char *words)
{
	g_free(v->phase_words);
	v->phase_words = g_strdup(words);
	gtk_label_set_label(GTK_LABEL(v->phase), words);
}

void
plan_view_progress(
    struct plan_view *v, const char *path, guint64 done, guint64 total)
{
	char *a = g_format_size(done), *b = g_format_size(total);
	char *words = g_strdup_printf("%s of %s", a, b);
	char *what = path != NULL
	    ? g_strdup_printf("%s: %s", v->phase_words, path)
	    : g_strdup(v->phase_words);

	gtk_label_set_label(GTK_LABEL(v->phase), what);
	g_free(what);
	gtk_label_set_label(GTK_LABEL(v->bytes), total > 0 ? words : "");
	gtk_progress_bar_set_fraction(GTK_PROGRESS_BAR(v->bar),
	    total > 0 ? MIN((double)done / (double)total, 1) : 0);
	g_free(words);
	g_free(a);
	g_free(b);
}

void
plan_view_end(struct plan_view *v, const char *title, const char *words,
    gboolean failed, const char *go)
{
	gboolean empty = g_list_model_get_n_items(G_LIST_MODEL(v->rows)) == 0;

	show(v, title, words);
	if (failed)
		gtk_widget_add_css_class(v->title, "error");
	gtk_stack_set_visible_child_name(
	    GTK_STACK(v->middle), empty && !failed ? "empty" : "list");
	gtk_revealer_set_reveal_child(GTK_REVEALER(v->revealer), FALSE);
	gtk_stack_set_visible_child_name(GTK_STACK(v->buttons), "idle");
	gtk_button_set_label(GTK_BUTTON(v->go), go != NULL ? go : "_Publish");
	gtk_button_set_use_underline(GTK_BUTTON(v->go), TRUE);
}
