/* The builder's window: it leads from one part to the next. */
#include "window.h"
#include "pages.h"
#include "publish_page.h"
#include "setup.h"
#include "sheets.h"

struct window {
	GtkWidget *window, *sheets, *stack;
	struct settings *settings;
	struct pages *pages;
	struct publish_page *publish;
};

/* ---- What the user does --------------------------------------------------- */

static void
on_site_chosen(void *ctx)
{
	struct window *w = ctx;

	pages_open(w->pages, w->settings->folder);
	if (g_str_equal(gtk_stack_get_visible_child_name(GTK_STACK(w->stack)),
		"publish"))
		publish_page_look(w->publish);
	else
		pages_focus(w->pages);
}

static void
do_site(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	struct window *w = data;

	(void)action;
	(void)parameter;
	setup_show(w->sheets, w->settings, on_site_chosen, w);
}

static void
do_save(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	struct window *w = data;

	(void)action;
	(void)parameter;
	pages_save(w->pages);
}

static void
do_look(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	(void)action;
	(void)parameter;
	publish_page_look(((struct window *)data)->publish);
}

static void
do_look_back(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	struct window *w = data;

	(void)action;
	(void)parameter;
	publish_page_look_back(w->publish);
}

static void
do_go(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	struct window *w = data;

	(void)action;
	(void)parameter;
	publish_page_go(w->publish);
}

static void
do_cancel(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	struct window *w = data;

	(void)action;
	(void)parameter;
	publish_page_cancel(w->publish);
}

/* Who comes to publish wants to see what there is; what is edited counts. */
static void
on_side(GtkStack *stack, GParamSpec *spec, struct window *w)
{
	const char *side = gtk_stack_get_visible_child_name(stack);

	(void)spec;
	if (g_strcmp0(side, "pages") == 0)
		pages_focus(w->pages);
	else if (pages_save(w->pages))
		publish_page_look(w->publish);
}

/* ---- Its life ------------------------------------------------------------- */

static void
enable(struct window *w, const char *action, gboolean on)
{
	GAction *a =
	    g_action_map_lookup_action(G_ACTION_MAP(w->window), action);

	g_simple_action_set_enabled(G_SIMPLE_ACTION(a), on);
}

/* What can be done now; buttons follow their actions. */
static void
on_busy(void *ctx, gboolean busy, gboolean can_go)
{
	struct window *w = ctx;

	enable(w, "cancel", busy);
	enable(w, "look", !busy);
	enable(w, "look-back", !busy);
	enable(w, "site", !busy);
	enable(w, "go", !busy && can_go);
}

/* The sides are no longer listened to: they change once more as they go. */
static gboolean
on_close(GtkWindow *window, struct window *w)
{
	(void)window;
	if (!pages_save(w->pages))
		return TRUE; /* it stays */
	g_signal_handlers_disconnect_by_data(w->stack, w);
	return FALSE;
}

static void
add_actions(struct window *w, GtkApplication *app)
{
	static const GActionEntry entries[] = {
		{ .name = "site", .activate = do_site },
		{ .name = "save", .activate = do_save },
		{ .name = "look", .activate = do_look },
		{ .name = "look-back", .activate = do_look_back },
		{ .name = "go", .activate = do_go },
		{ .name = "cancel", .activate = do_cancel },
	};
	static const char *const keys[][3] = {
		{ "win.save", "<Control>s" },
		{ "win.look", "F5" },
		{ "win.go", "<Control>Return" },
		{ "win.look-back", "<Control><Shift>z" },
		{ "win.site", "<Control>comma" },
	};

	g_action_map_add_action_entries(
	    G_ACTION_MAP(w->window), entries, G_N_ELEMENTS(entries), w);
	for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
		gtk_application_set_accels_for_action(
		    app, keys[i][0], &keys[i][1]);
	on_busy(w, FALSE, FALSE);
}

static GtkWidget *
new_header(struct window *w)
{
	GtkWidget *bar = gtk_header_bar_new();
	GtkWidget *sides = gtk_stack_switcher_new();
	GtkWidget *site = gtk_button_new_with_mnemonic("S_ite…");

	gtk_stack_switcher_set_stack(
	    GTK_STACK_SWITCHER(sides), GTK_STACK(w->stack));
	gtk_actionable_set_action_name(GTK_ACTIONABLE(site), "win.site");
	gtk_header_bar_set_title_widget(GTK_HEADER_BAR(bar), sides);
	gtk_header_bar_pack_start(GTK_HEADER_BAR(bar), site);
	return bar;
}

void
window_open(GtkApplication *app, struct settings *settings)
{
	struct window *w = g_new0(struct window, 1);
	GtkWidget *publish;

	w->settings = settings;
	w->publish = publish_page_new(settings, on_busy, w, &publish);
	w->window = gtk_application_window_new(app);
	w->stack = gtk_stack_new();
	gtk_stack_add_titled(
	    GTK_STACK(w->stack), pages_new(&w->pages), "pages", "Pages");
	gtk_stack_add_titled(
	    GTK_STACK(w->stack), publish, "publish", "Publish");
	w->sheets = sheets_new(w->stack);
	publish_page_use_sheets(w->publish, w->sheets);
	gtk_window_set_title(GTK_WINDOW(w->window), "Builder");
	gtk_window_set_default_size(GTK_WINDOW(w->window), 860, 600);
	gtk_window_set_titlebar(GTK_WINDOW(w->window), new_header(w));
	gtk_window_set_child(GTK_WINDOW(w->window), w->sheets);
	add_actions(w, app);
	g_signal_connect(
	    w->stack, "notify::visible-child", G_CALLBACK(on_side), w);
	g_signal_connect(w->window, "close-request", G_CALLBACK(on_close), w);
	g_object_set_data_full(G_OBJECT(w->window), "window", w, g_free);
	if (settings_complete(settings))
		pages_open(w->pages, settings->folder);
	else
		setup_show(w->sheets, settings, on_site_chosen, w);
	gtk_window_present(GTK_WINDOW(w->window));
}
