/* Publishing, in the builder's own words: the window knows no sandferry. */
#ifndef BUILDER_PUBLISHING_H
#define BUILDER_PUBLISHING_H

#include <glib.h>

enum publishing_work {
	PUBLISHING_LOOK, /* make the plan of a publish */
	PUBLISHING_GO, /* do what that plan says, and nothing else */
	PUBLISHING_LOOK_BACK, /* make the plan of an undo */
	PUBLISHING_GO_BACK, /* do that */
};

gboolean publishing_looks(enum publishing_work work);

enum publishing_change {
	PUBLISHING_ADD,
	PUBLISHING_UPDATE,
	PUBLISHING_REMOVE,
	PUBLISHING_WAIT,
};

/* What the user chose; copied. */
struct publishing_site {
	const char *folder, *url;
	const char *key; /* or NULL: log in by password */
	const char *storage; /* the application's own folder */
	const char *worker; /* path of sandferry-worker; NULL: installed */
};

struct publishing_host {
	const char *name; /* "example.org:22" */
	const char *type, *fingerprint;
};

/* A passphrase or password that is needed. */
struct publishing_secret {
	const char *of; /* the key's file, or "me@example.org" */
	gboolean password; /* not the key's passphrase */
	const char *asked; /* by the server, in its words; or NULL */
	gboolean again; /* what was given was not it */
	gboolean echo; /* what is typed may be seen */
};

struct publishing_result {
	int code; /* the library's, for a log */
	gboolean good, cancelled;
	gboolean guarded; /* a plan that removes too much to be done unasked */
	const char *text, *hint; /* of a failure; else "" */
	guint64 added, changed, removed, bytes_planned;
	guint64 sent, bytes_sent;
	double seconds;
};

/*
 * All are called from the main loop, and what they are given is valid during
 * the call.  The steps of a plan come just before its end.  A question is
 * answered by publishing_answer(), in an hour if need be.
 */
struct publishing_listener {
	void *ctx;
	void (*step)(void *ctx, enum publishing_change change, const char *path,
	    guint64 bytes, const char *reason);
	void (*phase)(void *ctx, const char *words);
	void (*progress)(
	    void *ctx, const char *path, guint64 done, guint64 total);
	void (*note)(void *ctx, const char *text);
	void (*ask_host)(void *ctx, const struct publishing_host *host);
	void (*ask_secret)(void *ctx, const struct publishing_secret *secret);
	void (*ask_yes)(void *ctx, const char *prompt);
	void (*finished)(void *ctx, enum publishing_work work,
	    const struct publishing_result *result);
};

struct publishing;

struct publishing *publishing_new(const struct publishing_listener *listener);

/*
 * Start; FALSE and *why (g_free) where that is not possible, and nobody is told
 * anything then.
 */
gboolean publishing_start(struct publishing *p, enum publishing_work work,
    const struct publishing_site *site, char **why);
gboolean publishing_busy(const struct publishing *p);

/* Answer the question that is open.  secret: a passphrase, or a no's own
 * fingerprint; or NULL. */
void publishing_answer(struct publishing *p, gboolean yes, const char *secret);
void publishing_cancel(struct publishing *p);

/* In any state: what runs is cancelled and waited for. */
void publishing_free(struct publishing *p);

#endif
