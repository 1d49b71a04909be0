/*
 * The steps of a plan as a list.
 *
 * GtkListView makes widgets for the rows that are seen only, so that a plan of a
 * hundred thousand files is no heavier than one of ten.
 */
#include "plan_list.h"

/* One row: a GObject, for that is what lists are made of. */
G_DECLARE_FINAL_TYPE(PlanStep, plan_step, PLAN, STEP, GObject)

struct _PlanStep {
	GObject parent;
	enum publishing_change change;
	guint64 bytes;
	char *path, *reason;
};

G_DEFINE_TYPE(PlanStep, plan_step, G_TYPE_OBJECT)

static void
plan_step_finalize(GObject *object)
{
	PlanStep *step = PLAN_STEP(object);

	g_free(step->path);
	g_free(step->reason);
	G_OBJECT_CLASS(plan_step_parent_class)->finalize(object);
}

static void
plan_step_class_init(PlanStepClass *class)
{
	G_OBJECT_CLASS(class)->finalize = plan_step_finalize;
}

static void
plan_step_init(PlanStep *step)
{
	(void)step;
}

static const struct {
	const char *icon, *words, *css;
} looks[] = {
	[PUBLISHING_ADD] = { "list-add-symbolic", "New", "success" },
	[PUBLISHING_UPDATE] = { "document-edit-symbolic", "Changed", "accent" },
	[PUBLISHING_REMOVE] = { "user-trash-symbolic", "Removed", "error" },
	[PUBLISHING_WAIT] = { "document-open-recent-symbolic", "Stays for now",
	    "dim-label" },
};

static GtkWidget *
new_label(const char *css, PangoEllipsizeMode mode)
{
	GtkWidget *label = gtk_label_new(NULL);

	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_ellipsize(GTK_LABEL(label), mode);
	if (css != NULL)
		gtk_widget_add_css_class(label, css);
	return label;
}

/* The icon, path above reason, and the size. */
static void
setup_row(GtkListItemFactory *factory, GtkListItem *item)
{
	GtkWidget *row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12);
	GtkWidget *words = gtk_box_new(GTK_ORIENTATION_VERTICAL, 2);

	(void)factory;
	gtk_widget_add_css_class(row, "step");
	gtk_widget_set_hexpand(words, TRUE);
	gtk_box_append(GTK_BOX(words), new_label(NULL, PANGO_ELLIPSIZE_MIDDLE));
	gtk_box_append(
	    GTK_BOX(words), new_label("reason", PANGO_ELLIPSIZE_END));
	gtk_box_append(GTK_BOX(row), gtk_image_new());
	gtk_box_append(GTK_BOX(row), words);
	gtk_box_append(GTK_BOX(row), new_label("size", PANGO_ELLIPSIZE_NONE));
	gtk_list_item_set_activatable(item, FALSE);
	gtk_list_item_set_child(item, row);
}

static void
bind_row(GtkListItemFactory *factory, GtkListItem *item)
{
	PlanStep *step = gtk_list_item_get_item(item);
	GtkWidget *icon =
	    gtk_widget_get_first_child(gtk_list_item_get_child(item));
	GtkWidget *words = gtk_widget_get_next_sibling(icon);
	GtkWidget *path = gtk_widget_get_first_child(words);
	GtkWidget *reason = gtk_widget_get_next_sibling(path);
	GtkWidget *size = gtk_widget_get_next_sibling(words);
	char *text = g_format_size(step->bytes);

	(void)factory;
	gtk_image_set_from_icon_name(GTK_IMAGE(icon), looks[step->change].icon);
	for (gsize i = 0; i < G_N_ELEMENTS(looks); i++)
		gtk_widget_remove_css_class(icon, looks[i].css);
	gtk_widget_add_css_class(icon, looks[step->change].css);
	gtk_label_set_label(GTK_LABEL(path), step->path);
	gtk_widget_set_tooltip_text(path, step->path);
	gtk_label_set_label(GTK_LABEL(size), text);
	g_free(text);
	gtk_label_set_label(GTK_LABEL(reason),
	    step->reason[0] != '\0' ? step->reason : looks[step->change].words);
}

GtkWidget *
plan_list_new(GListStore **out)
{
	GListStore *rows = g_list_store_new(plan_step_get_type());
	GtkListItemFactory *factory = gtk_signal_list_item_factory_new();
	GtkNoSelection *all = gtk_no_selection_new(G_LIST_MODEL(rows));
	GtkWidget *list, *scroll = gtk_scrolled_window_new();

	g_signal_connect(factory, "setup", G_CALLBACK(setup_row), NULL);
	g_signal_connect(factory, "bind", G_CALLBACK(bind_row), NULL);
	list = gtk_list_view_new(GTK_SELECTION_MODEL(all), factory);
	gtk_list_view_set_show_separators(GTK_LIST_VIEW(list), TRUE);
	gtk_accessible_update_property(
	    GTK_ACCESSIBLE(list), GTK_ACCESSIBLE_PROPERTY_LABEL, "Changes", -1);
	gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scroll),
	    GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
	gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scroll), list);
	*out = rows;
	return scroll;
}

void
plan_list_add(GListStore *rows, enum publishing_change change, const char *path,
    guint64 bytes, const char *reason)
{
	PlanStep *step = g_object_new(plan_step_get_type(), NULL);

	step->change = change;
	step->bytes = bytes;
	step->path = g_strdup(path);
	step->reason = g_strdup(reason);
	g_list_store_append(rows, step);
	g_object_unref(step);
}
