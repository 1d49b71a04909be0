/*
 * Publishing as the user sees it: looks, questions, progress, how it ended.
 *
 * Looking at a plan and doing it are two jobs: the second does what the first
 * has shown, or nothing.
 */
#include "publish_page.h"
#include "plan_view.h"
#include "publishing.h"
#include "sheets.h"

struct publish_page {
	GtkWidget *sheets;
	const struct settings *settings;
	struct plan_view *view;
	struct publishing *publishing;
	gboolean back; /* what would be done is an undo */
	GString *notes; /* of this job */
	publish_page_busy_fn *busy;
	void *ctx;
};

/* ---- Jobs ----------------------------------------------------------------- */

static void
set_busy(struct publish_page *p, gboolean busy, gboolean can_go)
{
	p->busy(p->ctx, busy, can_go);
}

static void
start(struct publish_page *p, enum publishing_work work, const char *title)
{
	struct publishing_site site = {
		.folder = p->settings->folder,
		.url = p->settings->url,
		.key = p->settings->key[0] != '\0' ? p->settings->key : NULL,
		.storage = p->settings->storage,
		.worker = p->settings->worker,
	};
	char *why = NULL;

	if (publishing_busy(p->publishing))
		return;
	g_string_truncate(p->notes, 0);
	plan_view_begin(p->view, title, publishing_looks(work));
	set_busy(p, TRUE, FALSE);
	if (publishing_start(p->publishing, work, &site, &why))
		return;
	plan_view_end(p->view, "This does not work yet", why, TRUE, NULL);
	set_busy(p, FALSE, FALSE);
	g_free(why);
}

/* ---- What a job tells ----------------------------------------------------- */

static void
on_step(void *ctx, enum publishing_change change, const char *path,
    guint64 bytes, const char *reason)
{
	struct publish_page *p = ctx;

	plan_view_step(p->view, change, path, bytes, reason);
}

static void
on_phase(void *ctx, const char *words)
{
	struct publish_page *p = ctx;

	plan_view_phase(p->view, words);
}

static void
on_progress(void *ctx, const char *path, guint64 done, guint64 total)
{
	struct publish_page *p = ctx;

	plan_view_progress(p->view, path, done, total);
}

static void
on_note(void *ctx, const char *text)
{
	struct publish_page *p = ctx;

	g_string_append_printf(
	    p->notes, "%s%s.", p->notes->len > 0 ? "\n" : "", text);
}

static void
on_answer(void *ctx, gboolean yes, const char *secret)
{
	struct publish_page *p = ctx;

	publishing_answer(p->publishing, yes, secret);
}

static void
on_ask_host(void *ctx, const struct publishing_host *host)
{
	struct publish_page *p = ctx;

	sheets_ask_host(p->sheets, host, on_answer, p);
}

static void
on_ask_secret(void *ctx, const struct publishing_secret *secret)
{
	struct publish_page *p = ctx;

	sheets_ask_secret(p->sheets, secret, on_answer, p);
}

static void
on_ask_yes(void *ctx, const char *prompt)
{
	struct publish_page *p = ctx;

	sheets_ask_yes(p->sheets, prompt, on_answer, p);
}

static void
add_words(GString *s, guint64 n, const char *what)
{
	if (n > 0)
		g_string_append_printf(s, "%s%" G_GUINT64_FORMAT " %s",
		    s->len > 0 ? ", " : "", n, what);
}

static void
show_plan(struct publish_page *p, const struct publishing_result *r)
{
	guint64 n = r->added + r->changed + r->removed;
	GString *words = g_string_new(NULL);
	char *title = g_strdup_printf(p->back
		? "Take back %" G_GUINT64_FORMAT " change%s?"
		: "%" G_GUINT64_FORMAT " change%s to publish",
	    n, n == 1 ? "" : "s");
	char *size = g_format_size(r->bytes_planned);

	add_words(words, r->added, "new");
	add_words(words, r->changed, "changed");
	add_words(words, r->removed, "removed");
	if (!p->back)
		g_string_append_printf(words, ": %s to send", size);
	if (r->guarded)
		g_string_append_printf(words, "\n%s.", r->text);
	if (n == 0)
		plan_view_end(p->view,
		    p->back ? "Nothing to take back"
			    : "Everything is published",
		    p->settings->url, FALSE, NULL);
	else
		plan_view_end(p->view, title, words->str, FALSE,
		    r->guarded    ? "_Remove Them, Too"
			: p->back ? "_Take Back"
				  : "_Publish");
	set_busy(p, FALSE, n > 0);
	g_string_free(words, TRUE);
	g_free(size);
	g_free(title);
}

static void
show_done(struct publish_page *p, const struct publishing_result *r)
{
	char *size = g_format_size(r->bytes_sent);
	char *words = g_strdup_printf("%" G_GUINT64_FORMAT
				      " file%s sent, %s in %.1f seconds.%s%s",
	    r->sent, r->sent == 1 ? "" : "s", size, r->seconds,
	    p->notes->len > 0 ? "\n" : "", p->notes->str);

	plan_view_end(
	    p->view, p->back ? "Taken back" : "Published", words, FALSE, NULL);
	set_busy(p, FALSE, FALSE);
	g_free(words);
	g_free(size);
}

/* The library's lines begin in lower case. */
static char *
sentence(const char *line)
{
	const char *rest = line[0] != '\0' ? g_utf8_next_char(line) : line;
	char *first = g_utf8_strup(line, rest - line);
	char *all = g_strconcat(first, rest, NULL);

	g_free(first);
	return all;
}

static void
on_finished(
    void *ctx, enum publishing_work work, const struct publishing_result *r)
{
	struct publish_page *p = ctx;
	char *words;

	sheets_hide(p->sheets);
	if (publishing_looks(work) && (r->good || r->guarded))
		show_plan(p, r);
	else if (r->good)
		show_done(p, r);
	else {
		char *text = r->cancelled
		    ? g_strdup("What was sent is kept for the next time")
		    : sentence(r->text);

		words = g_strdup_printf(
		    "%s.%s%s", text, r->hint[0] != '\0' ? "\n" : "", r->hint);
		plan_view_end(p->view,
		    r->cancelled ? "Cancelled" : "This did not work", words,
		    !r->cancelled, NULL);
		set_busy(p, FALSE, FALSE);
		g_free(words);
		g_free(text);
	}
}

/* ---- What the user does --------------------------------------------------- */

void
publish_page_look(struct publish_page *p)
{
	if (!settings_complete(p->settings) || publishing_busy(p->publishing))
		return;
	p->back = FALSE;
	start(p, PUBLISHING_LOOK, "What has changed?");
}

void
publish_page_look_back(struct publish_page *p)
{
	p->back = TRUE;
	start(p, PUBLISHING_LOOK_BACK, "What was there before?");
}

void
publish_page_go(struct publish_page *p)
{
	start(p, p->back ? PUBLISHING_GO_BACK : PUBLISHING_GO,
	    p->back ? "Taking back" : "Publishing");
}

void
publish_page_cancel(struct publish_page *p)
{
	plan_view_phase(p->view, "Cancelling");
	publishing_cancel(p->publishing);
}

/* ---- Its life ------------------------------------------------------------- */

static void
publish_page_free(gpointer data)
{
	struct publish_page *p = data;

	publishing_free(p->publishing);
	g_string_free(p->notes, TRUE);
	g_free(p);
}

struct publish_page *
publish_page_new(const struct settings *settings, publish_page_busy_fn *busy,
    void *ctx, GtkWidget **widget)
{
	struct publish_page *p = g_new0(struct publish_page, 1);
	struct publishing_listener listener = { p, on_step, on_phase,
		on_progress, on_note, on_ask_host, on_ask_secret, on_ask_yes,
		on_finished };

	p->settings = settings;
	p->notes = g_string_new(NULL);
	p->publishing = publishing_new(&listener);
	p->busy = busy;
	p->ctx = ctx;
	*widget = plan_view_new(&p->view);
	g_object_set_data_full(
	    G_OBJECT(*widget), "publish-page", p, publish_page_free);
	return p;
}

void
publish_page_use_sheets(struct publish_page *p, GtkWidget *sheets)
{
	p->sheets = sheets;
}
