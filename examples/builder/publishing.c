/*
 * All that the builder has to do with sandferry.
 *
 * A job runs on a thread of the library's.  Its descriptor is one more source of
 * the main loop: when it is readable, ferry_job_dispatch() calls hear(), here,
 * on the main thread, where widgets may be touched.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <glib-unix.h>
#include <sandferry.h>

#include "publishing.h"

struct publishing {
	struct publishing_listener listener;
	enum publishing_work work;
	struct ferry_site *site;
	struct ferry_job *job; /* NULL: nothing runs */
	int storage; /* the application's own folder, open; or -1 */
	int folder, key; /* what the user chose, open for this job; or -1 */
	char *key_name; /* for questions; or NULL */
	guint source; /* of the main loop */
	guint64 question; /* open; 0: none */
	struct ferry_plan *plan; /* of the last look; or NULL */
	gboolean guarded; /* it removes more than a guard lets pass */
	struct publishing_result result;
	char *text, *hint; /* of the result */
};

struct publishing *
publishing_new(const struct publishing_listener *listener)
{
	struct publishing *p = g_new0(struct publishing, 1);

	p->listener = *listener;
	p->storage = p->folder = p->key = -1;
	return p;
}

gboolean
publishing_looks(enum publishing_work work)
{
	return work == PUBLISHING_LOOK || work == PUBLISHING_LOOK_BACK;
}

/* ---- What the job tells --------------------------------------------------- */

static const char *
phase_words(enum ferry_phase phase)
{
	switch (phase) {
	case ferry_PHASE_CONNECT:
		return "Connecting to the server";
	case ferry_PHASE_SCAN:
		return "Looking at the pages";
	case ferry_PHASE_PLAN:
		return "Comparing with the server";
	case ferry_PHASE_STAGE:
		return "Sending";
	case ferry_PHASE_COMMIT:
		return "Going live";
	case ferry_PHASE_CLEAN:
		return "Tidying up";
	case ferry_PHASE_VERIFY:
		return "Reading back";
	}
	return "Working"; /* a later library's */
}

static void
hear_progress(struct publishing *p, const struct ferry_event *e)
{
	const struct publishing_listener *l = &p->listener;
	char *path = e->path != NULL ? g_filename_display_name(e->path) : NULL;

	l->progress(l->ctx, path, e->bytes_done, e->bytes_total);
	g_free(path);
}

/* Of a key the file's name: a portal's path says nothing to the user. */
static void
ask_secret(struct publishing *p, const struct ferry_question *q)
{
	const char *account = q->account != NULL ? q->account : "";
	const char *user = strstr(account, "://");
	const struct publishing_secret secret = {
		.of = q->kind == ferry_ASK_PASSPHRASE ? p->key_name
		    : user != NULL                    ? user + 3
						      : account,
		.password = q->kind == ferry_ASK_PASSWORD,
		.asked = q->asked,
		.again = q->attempt > 1,
		.echo = q->echo,
	};

	p->listener.ask_secret(p->listener.ctx, &secret);
}

static void
hear_question(struct publishing *p, const struct ferry_question *q)
{
	const struct publishing_listener *l = &p->listener;
	struct publishing_host host;
	char *name;

	p->question = q->id;
	switch (q->kind) {
	case ferry_ASK_HOST_KEY:
		name = g_strdup_printf("%s:%u", q->host->host, q->host->port);
		host.name = name;
		host.type = q->host->type;
		host.fingerprint = q->host->fingerprint;
		l->ask_host(l->ctx, &host);
		g_free(name);
		break;
	case ferry_ASK_PASSPHRASE:
	case ferry_ASK_PASSWORD:
		ask_secret(p, q);
		break;
	default:
		l->ask_yes(l->ctx, q->prompt);
		break;
	}
}

static void
keep_failure(struct publishing *p, const struct ferry_error *error)
{
	g_free(p->text);
	g_free(p->hint);
	p->text = g_strdup(error->text);
	/* the library's hint is for who has a command line */
	p->hint = g_strdup(error->code == ferry_EHOSTKEY
		? "Look again, when you have its fingerprint."
		: error->hint);
}

static void
keep_result(struct publishing *p, const struct ferry_summary *s)
{
	p->result = (struct publishing_result){
		.code = s->outcome,
		.good = s->outcome == ferry_OK,
		.cancelled = s->outcome == ferry_ECANCELLED,
		.added = s->added,
		.changed = s->changed,
		.removed = s->removed,
		.bytes_planned = s->bytes_planned,
		.sent = s->sent,
		.bytes_sent = s->bytes_sent,
		.seconds = s->seconds,
	};
}

static void
hear(void *ctx, const struct ferry_event *e)
{
	struct publishing *p = ctx;
	const struct publishing_listener *l = &p->listener;

	switch (e->kind) {
	case ferry_EVENT_PHASE:
		l->phase(l->ctx, phase_words(e->phase));
		break;
	case ferry_EVENT_PROGRESS:
		hear_progress(p, e);
		break;
	case ferry_EVENT_NOTE:
		l->note(l->ctx, e->text);
		break;
	case ferry_EVENT_WARNING:
		l->note(l->ctx, e->error->text);
		break;
	case ferry_EVENT_QUESTION:
		hear_question(p, e->question);
		break;
	case ferry_EVENT_FINISHED:
		if (e->error != NULL)
			keep_failure(p, e->error);
		keep_result(p, e->summary);
		break;
	default: /* what a later library tells is passed over */
		break;
	}
}

/* ---- A job's life --------------------------------------------------------- */

static void
forget(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void
forget_job(struct publishing *p)
{
	if (p->source != 0)
		g_source_remove(p->source);
	p->source = 0;
	p->question = 0;
	ferry_job_free(p->job); /* first: it borrows the site */
	ferry_site_free(p->site);
	p->job = NULL;
	p->site = NULL;
	forget(&p->folder);
	forget(&p->key);
	g_clear_pointer(&p->key_name, g_free);
}

/* A path is bytes; what is shown is text. */
static void
tell_step(const struct publishing_listener *l, const struct ferry_planned *f)
{
	static const enum publishing_change changes[] = {
		[ferry_ADD] = PUBLISHING_ADD,
		[ferry_UPDATE] = PUBLISHING_UPDATE,
		[ferry_REMOVE] = PUBLISHING_REMOVE,
		[ferry_WAIT] = PUBLISHING_WAIT,
	};
	char *path = g_filename_display_name(f->path);

	if ((gsize)f->change < G_N_ELEMENTS(changes))
		l->step(l->ctx, changes[f->change], path,
		    f->change == ferry_REMOVE ? f->size_before : f->size_after,
		    f->reason);
	g_free(path);
}

/* It is there where a guard has stopped the job, too: the user decides. */
static void
take_plan(struct publishing *p)
{
	const struct ferry_planned *f;

	ferry_plan_free(p->plan);
	p->guarded = p->result.code == ferry_EGUARD;
	p->result.guarded = p->guarded;
	if (ferry_job_plan(&p->plan, p->job, NULL) != 0)
		return;
	for (gsize i = 0; (f = ferry_plan_at(p->plan, i)) != NULL; i++)
		tell_step(&p->listener, f);
}

/* Who listens may start the next job at once: by then this one is gone. */
static gboolean
ready(gint fd, GIOCondition condition, gpointer data)
{
	struct publishing *p = data;
	const struct publishing_listener *l = &p->listener;

	(void)fd;
	(void)condition;
	if (ferry_job_dispatch(p->job) == 0)
		return G_SOURCE_CONTINUE;
	if (publishing_looks(p->work))
		take_plan(p);
	p->source = 0;
	forget_job(p);
	p->result.text = p->text != NULL ? p->text : "";
	p->result.hint = p->hint != NULL ? p->hint : "";
	l->finished(l->ctx, p->work, &p->result);
	return G_SOURCE_REMOVE;
}

/*
 * The library is handed open descriptors and looks for nothing by itself: what
 * the user chose, which in Flatpak are documents of the portal, and the folder
 * of this application.  In that lies all that is kept: whom it trusts, and what
 * it remembers of each server.  What the user has for other programs, in ~/.ssh
 * or in sandferry's own places, is not looked at.
 */
static gboolean
open_one(int *fd, const char *path, int flags, char **why)
{
	char *name;

	if (*fd >= 0)
		return TRUE;
	*fd = open(path, O_RDONLY | O_CLOEXEC | flags);
	if (*fd >= 0)
		return TRUE;
	name = g_filename_display_basename(path);
	*why = g_strdup_printf("Cannot open %s: %s.", name, g_strerror(errno));
	g_free(name);
	return FALSE;
}

static gboolean
open_all(struct publishing *p, const struct publishing_site *site, char **why)
{
	if (!open_one(&p->storage, site->storage, O_DIRECTORY, why) ||
	    !open_one(&p->folder, site->folder, O_DIRECTORY, why))
		return FALSE;
	if (site->key == NULL)
		return TRUE;
	p->key_name = g_filename_display_basename(site->key);
	return open_one(&p->key, site->key, 0, why);
}

static int
make_site(struct publishing *p, const struct publishing_site *site,
    struct ferry_error *err)
{
	int rc = ferry_site_new(&p->site, err);

	return rc != 0 ? rc : ferry_site_set(p->site, "url", site->url, err);
}

static int
make_job(struct publishing *p, const struct publishing_site *site,
    struct ferry_error *err)
{
	gboolean back =
	    p->work == PUBLISHING_LOOK_BACK || p->work == PUBLISHING_GO_BACK;
	struct ferry_options o;
	int rc;

	ferry_options_init(&o);
	o.storage_fd = p->storage;
	o.source_fd = p->folder;
	o.key_fd = p->key;
	o.use_password = site->key == NULL;
	o.worker = site->worker;
	o.may_ask = true;
	o.dry_run =
	    p->work == PUBLISHING_LOOK || p->work == PUBLISHING_LOOK_BACK;
	if (!o.dry_run && p->plan != NULL) {
		/* what the user has seen, or nothing */
		o.plan = *ferry_plan_identity(p->plan);
		o.accept_removals = p->guarded;
	}
	rc = ferry_job_new(
	    &p->job, p->site, back ? ferry_UNDO : ferry_PUBLISH, &o, err);
	return rc;
}

gboolean
publishing_start(struct publishing *p, enum publishing_work work,
    const struct publishing_site *site, char **why)
{
	struct ferry_error err = { .code = 0 };
	int rc;

	g_return_val_if_fail(p->job == NULL, FALSE);
	if (!open_all(p, site, why)) {
		forget_job(p);
		return FALSE;
	}
	p->work = work;
	g_clear_pointer(&p->text, g_free);
	g_clear_pointer(&p->hint, g_free);
	rc = make_site(p, site, &err);
	if (rc == 0)
		rc = make_job(p, site, &err);
	if (rc == 0)
		rc = ferry_job_start(p->job, hear, p, &err);
	if (rc != 0) {
		*why = g_strdup(err.text);
		forget_job(p);
		return FALSE;
	}
	p->source = g_unix_fd_add(ferry_job_fd(p->job), G_IO_IN, ready, p);
	return TRUE;
}

gboolean
publishing_busy(const struct publishing *p)
{
	return p->job != NULL;
}

void
publishing_answer(struct publishing *p, gboolean yes, const char *secret)
{
	if (p->job == NULL || p->question == 0)
		return;
	ferry_job_answer(p->job, p->question, yes, secret,
	    secret != NULL ? strlen(secret) : 0);
	p->question = 0;
}

void
publishing_cancel(struct publishing *p)
{
	if (p->job != NULL)
		ferry_job_cancel(p->job);
}

void
publishing_free(struct publishing *p)
{
	if (p == NULL)
		return;
	forget_job(p);
	forget(&p->storage);
	ferry_plan_free(p->plan);
	g_free(p->text);
	g_free(p->hint);
	g_free(p);
}
