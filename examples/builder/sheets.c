/* Questions: a card over the window's content, answered when the user likes. */
#include <string.h>

#include "sheets.h"

/* What a card needs when it is answered; freed with it. */
struct sheet {
	GtkWidget *sheets;
	sheets_answer_fn *answer;
	void *ctx;
	GtkWidget *entry, *yes, *verdict;
	char *fingerprint;
};

/* ---- Cards ---------------------------------------------------------------- */

GtkWidget *
sheets_new(GtkWidget *content)
{
	GtkWidget *overlay = gtk_overlay_new();

	gtk_overlay_set_child(GTK_OVERLAY(overlay), content);
	return overlay;
}

static GtkWidget *
new_words(const char *words)
{
	GtkWidget *label = gtk_label_new(words);

	gtk_label_set_wrap(GTK_LABEL(label), TRUE);
	gtk_label_set_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
	gtk_label_set_max_width_chars(GTK_LABEL(label), 48);
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	return label;
}

GtkWidget *
sheets_card(const char *title, const char *words)
{
	GtkWidget *card = gtk_box_new(GTK_ORIENTATION_VERTICAL, 12);
	GtkWidget *heading = new_words(title);

	gtk_widget_add_css_class(card, "sheet");
	gtk_widget_add_css_class(heading, "title-3");
	gtk_widget_set_halign(card, GTK_ALIGN_CENTER);
	gtk_widget_set_valign(card, GTK_ALIGN_CENTER);
	gtk_box_append(GTK_BOX(card), heading);
	if (words != NULL)
		gtk_box_append(GTK_BOX(card), new_words(words));
	return card;
}

static GtkWidget *
new_button(GtkWidget *foot, const char *label)
{
	GtkWidget *button = gtk_button_new_with_mnemonic(label);

	gtk_box_append(GTK_BOX(foot), button);
	return button;
}

GtkWidget *
sheets_foot(GtkWidget *card, const char *cancel, const char *yes,
    GtkWidget **cancel_button, GtkWidget **yes_button)
{
	GtkWidget *foot = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);
	GtkEventController *keys = gtk_shortcut_controller_new();

	*cancel_button = new_button(foot, cancel);
	*yes_button = new_button(foot, yes);
	gtk_widget_add_css_class(*yes_button, "suggested-action");
	gtk_widget_set_halign(foot, GTK_ALIGN_END);
	gtk_box_append(GTK_BOX(card), foot);
	gtk_shortcut_controller_add_shortcut(GTK_SHORTCUT_CONTROLLER(keys),
	    gtk_shortcut_new(gtk_keyval_trigger_new(GDK_KEY_Escape, 0),
		gtk_signal_action_new("clicked")));
	gtk_shortcut_controller_set_scope(
	    GTK_SHORTCUT_CONTROLLER(keys), GTK_SHORTCUT_SCOPE_GLOBAL);
	gtk_widget_add_controller(*cancel_button, keys);
	return foot;
}

void
sheets_hide(GtkWidget *sheets)
{
	GtkWidget *shade = g_object_get_data(G_OBJECT(sheets), "shade");

	if (shade == NULL)
		return;
	g_object_set_data(G_OBJECT(sheets), "shade", NULL);
	gtk_overlay_remove_overlay(GTK_OVERLAY(sheets), shade);
	gtk_widget_set_sensitive(
	    gtk_overlay_get_child(GTK_OVERLAY(sheets)), TRUE);
}

void
sheets_show(GtkWidget *sheets, GtkWidget *card, GtkWidget *focus)
{
	GtkWidget *shade = gtk_scrolled_window_new();

	sheets_hide(sheets);
	gtk_widget_add_css_class(shade, "shade");
	gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(shade), card);
	gtk_overlay_add_overlay(GTK_OVERLAY(sheets), shade);
	g_object_set_data(G_OBJECT(sheets), "shade", shade);
	gtk_widget_set_sensitive(
	    gtk_overlay_get_child(GTK_OVERLAY(sheets)), FALSE);
	gtk_widget_grab_focus(focus);
}

/* ---- Questions ------------------------------------------------------------ */

static void
sheet_free(gpointer data)
{
	struct sheet *s = data;

	g_free(s->fingerprint);
	g_free(s);
}

/* The secret lies in the sheet's entry, so that goes last. */
static void
reply(struct sheet *s, gboolean yes, const char *secret)
{
	sheets_answer_fn *answer = s->answer;
	GtkWidget *sheets = s->sheets;
	void *ctx = s->ctx;

	answer(ctx, yes, secret);
	sheets_hide(sheets);
}

/* A no to a host key takes along what the user has instead of it. */
static void
on_no(GtkButton *button, struct sheet *s)
{
	const char *other = NULL;

	(void)button;
	if (s->fingerprint != NULL)
		other = gtk_editable_get_text(GTK_EDITABLE(s->entry));
	reply(s, FALSE, other != NULL && other[0] != '\0' ? other : NULL);
}

static void
on_yes(GtkWidget *widget, struct sheet *s)
{
	(void)widget;
	reply(s, TRUE,
	    s->entry != NULL && s->fingerprint == NULL
		? gtk_editable_get_text(GTK_EDITABLE(s->entry))
		: NULL);
}

static struct sheet *
ask(GtkWidget *sheets, GtkWidget *card, const char *yes,
    sheets_answer_fn *answer, void *ctx)
{
	struct sheet *s = g_new0(struct sheet, 1);
	GtkWidget *no;

	s->sheets = sheets;
	s->answer = answer;
	s->ctx = ctx;
	g_object_set_data_full(G_OBJECT(card), "sheet", s, sheet_free);
	sheets_foot(card, "_Cancel", yes, &no, &s->yes);
	g_signal_connect(no, "clicked", G_CALLBACK(on_no), s);
	g_signal_connect(s->yes, "clicked", G_CALLBACK(on_yes), s);
	return s;
}

/* What was pasted is compared by the machine, which does not tire. */
static void
on_paste(GtkEditable *entry, struct sheet *s)
{
	char *text = g_strstrip(g_strdup(gtk_editable_get_text(entry)));
	gboolean none = text[0] == '\0';
	gboolean same = g_strcmp0(text, s->fingerprint) == 0;

	gtk_widget_set_sensitive(s->yes, none || same);
	gtk_widget_remove_css_class(s->verdict, "success");
	gtk_widget_remove_css_class(s->verdict, "error");
	gtk_widget_add_css_class(s->verdict, same ? "success" : "error");
	gtk_label_set_label(GTK_LABEL(s->verdict),
	    none       ? ""
		: same ? "This is the same one."
		       : "This is another one: it may not be your server.");
	g_free(text);
}

static GtkWidget *
new_fingerprint(const struct publishing_host *host)
{
	GtkWidget *label = new_words(host->fingerprint);
	PangoAttrList *as_it_is = pango_attr_list_new();

	/* a hyphen at the end of the line would look like a part of it */
	pango_attr_list_insert(as_it_is, pango_attr_insert_hyphens_new(FALSE));
	gtk_label_set_attributes(GTK_LABEL(label), as_it_is);
	pango_attr_list_unref(as_it_is);
	gtk_label_set_selectable(GTK_LABEL(label), TRUE);
	gtk_label_set_wrap_mode(GTK_LABEL(label), PANGO_WRAP_CHAR);
	gtk_label_set_max_width_chars(
	    GTK_LABEL(label), (int)strlen(host->fingerprint));
	gtk_widget_set_can_focus(label, FALSE);
	gtk_widget_add_css_class(label, "fingerprint");
	gtk_widget_set_tooltip_text(label, host->type);
	return label;
}

void
sheets_ask_host(GtkWidget *sheets, const struct publishing_host *host,
    sheets_answer_fn *answer, void *ctx)
{
	char *words = g_strdup_printf(
	    "This is the first time that you go to "
	    "%s. Compare its fingerprint with the one that your provider "
	    "shows.",
	    host->name);
	GtkWidget *card = sheets_card("Is this your server?", words);
	GtkWidget *entry = gtk_entry_new(), *verdict = new_words("");
	struct sheet *s;

	g_free(words);
	gtk_box_append(GTK_BOX(card), new_fingerprint(host));
	gtk_entry_set_placeholder_text(
	    GTK_ENTRY(entry), "Paste your provider's, to compare");
	gtk_accessible_update_property(GTK_ACCESSIBLE(entry),
	    GTK_ACCESSIBLE_PROPERTY_LABEL, "Your provider's fingerprint", -1);
	gtk_box_append(GTK_BOX(card), entry);
	gtk_box_append(GTK_BOX(card), verdict);
	s = ask(sheets, card, "_Trust This Server", answer, ctx);
	s->fingerprint = g_strdup(host->fingerprint);
	s->entry = entry;
	s->verdict = verdict;
	g_signal_connect(entry, "changed", G_CALLBACK(on_paste), s);
	sheets_show(sheets, card, entry);
}

/* A password entry keeps what is typed in memory that is not swapped out. */
static GtkWidget *
new_secret_entry(gboolean echo)
{
	GtkWidget *entry;

	if (echo)
		return gtk_entry_new();
	entry = gtk_password_entry_new();
	gtk_password_entry_set_show_peek_icon(GTK_PASSWORD_ENTRY(entry), TRUE);
	return entry;
}

void
sheets_ask_secret(GtkWidget *sheets, const struct publishing_secret *secret,
    sheets_answer_fn *answer, void *ctx)
{
	char *words = secret->asked != NULL
	    ? g_strdup_printf("%s asks: %s", secret->of, secret->asked)
	    : g_strdup_printf("The %s of %s",
		  secret->password ? "password" : "passphrase", secret->of);
	GtkWidget *card = sheets_card(secret->again ? "That was not it"
		: secret->password                  ? "Log in"
						    : "Unlock your key",
	    words);
	GtkWidget *entry = new_secret_entry(secret->echo);
	struct sheet *s;

	g_free(words);
	gtk_accessible_update_property(
	    GTK_ACCESSIBLE(entry), GTK_ACCESSIBLE_PROPERTY_LABEL, "Secret", -1);
	gtk_box_append(GTK_BOX(card), entry);
	gtk_editable_set_width_chars(GTK_EDITABLE(entry), 30);
	s = ask(sheets, card, "_Go On", answer, ctx);
	s->entry = entry;
	g_signal_connect(entry, "activate", G_CALLBACK(on_yes), s);
	sheets_show(sheets, card, entry);
}

void
sheets_ask_yes(
    GtkWidget *sheets, const char *prompt, sheets_answer_fn *answer, void *ctx)
{
	GtkWidget *card = sheets_card("Are you sure?", prompt);
	struct sheet *s = ask(sheets, card, "_Yes", answer, ctx);

	sheets_show(sheets, card, s->yes);
}
