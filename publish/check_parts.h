/*
 * What the items of `check' share: what is known so far, and how an item says
 * what it found.  Hub; included by publish/check*.c only.
 *
 * check.c         the table, in order, and what depends on what
 * check_local.c   this machine
 * check_login.c   the way to the server, up to the login
 * check_server.c  what the server can do
 * check_root.c    the folders that the file lies in
 * check_probe.c   a file that is written, changed, read and removed
 * check_web.c     the site as visitors see it, and our folder as they must not
 * check_side.c    what lies there: our folder, lock, ledger
 */
#ifndef PUBLISH_CHECK_PARTS_H
#define PUBLISH_CHECK_PARTS_H

#include "publish/far.h"
#include "publish/job.h"
#include "publish/record.h"

enum { CHECK_FOUND = 480, CHECK_NAME = 64 };

/* What one item found; begins as "ok" without words. */
struct check_finding {
	enum ferry_check_state state;
	char found[CHECK_FOUND], hint[240];
	struct ferry_error error; /* of CHECK_FAIL */
};

/* What was told about the server's key. */
struct check_host {
	bool seen;
	char key[160]; /* "ssh-ed25519 SHA256:..." */
	char trusted[CHECK_FOUND]; /* by what */
	char names[240], tls[16]; /* of a certificate */
	int64_t until; /* it is valid; 0: it is none */
};

/* What the web server shows. */
struct check_web {
	char page[CHECK_NAME], side[CHECK_NAME]; /* files for it to show */
	/* there may be one to remove, by these names */
	bool has_page, has_side, has_deny;
	bool answers; /* by a page of its own */
	bool shows; /* the folder that is published */
};

/* The file that comes and goes. */
struct check_probe {
	char name[CHECK_NAME], upper[CHECK_NAME], next[CHECK_NAME],
	    aside[CHECK_NAME];
	uint64_t size; /* of what stands in it now */
	bool no_root, no_side; /* our folder, and its: not there before */
	unsigned made_root; /* folders above the root, and it, made by us */
	unsigned made_side; /* the same of our own folder */
	/* there may be one to remove, by these names */
	bool has_name, has_next, has_aside;
	bool timed; /* `skew' is known */
	uint64_t set; /* the time that it was given */
	int64_t skew; /* seconds that the server's clock is ahead */
};

struct check {
	struct ferry_job *job;
	ferry_event_fn *fn; /* who hears of it */
	void *ctx;
	struct far far;
	struct far_seen seen;
	struct record record;
	int state_dir; /* or -1 */
	bool prepared; /* far, to be closed */
	bool lost; /* the session is */
	bool plain; /* FTP without TLS */
	struct check_host host;
	struct check_probe probe;
	struct check_web web;
	/* how opening the session ended: 0, or a negated code and why */
	int opened;
	struct ferry_error why;
	bool cancelled;
};

/* ---- check.c: saying it.  Words are escaped. ---- */

void check_ok(struct check_finding *f, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void check_warn(struct check_finding *f, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void check_skip(struct check_finding *f, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* What to do: one sentence or two. */
void check_hint(struct check_finding *f, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Set and escaped already, hint and all. */
void check_fail(struct check_finding *f, const struct ferry_error *why);
/* The session has ended: what needs it is skipped from here on. */
void check_lose(
    struct check *c, struct check_finding *f, const struct ferry_error *why);
/*
 * A step that is being filled in: true, and *done is how it ended.  False: the
 * session is lost, which is said.
 */
bool check_call(
    struct check *c, struct check_finding *f, int fd, struct msg_done *done);

/* "1.2 GB", "3 d 4 h": for found */
enum { CHECK_WORDS = 32 };
char *check_bytes(char dst[CHECK_WORDS], uint64_t n);
char *check_age(char dst[CHECK_WORDS], uint64_t seconds);

/* ---- The items ---- */

typedef void check_item_fn(struct check *c, struct check_finding *f);

check_item_fn check_local_site, check_local_source, check_local_sandbox,
    check_local_walls, check_local_libraries, check_local_grant,
    check_local_keyring;
check_item_fn check_login_connect, check_login_host_key,
    check_login_certificate, check_login_key, check_login_secret,
    check_login_login, check_login_folder;
check_item_fn check_server_software, check_server_features,
    check_server_extensions, check_server_compression, check_server_space,
    check_server_tls, check_server_passive, check_server_resume,
    check_server_names, check_server_connections, check_server_profile;
check_item_fn check_root_folder;
check_item_fn check_probe_write, check_probe_read, check_probe_clock,
    check_probe_replace, check_probe_links, check_probe_mode, check_probe_time,
    check_probe_case, check_probe_append, check_probe_releases,
    check_probe_remove;
check_item_fn check_web_site, check_web_side;
check_item_fn check_side_folder, check_side_stage, check_side_kept,
    check_side_lock, check_side_ledger;

/* The folders for the probe; false: it is said why not. */
bool check_root_make(struct check *c, struct check_finding *f);
/* Whatever is left of it all, if the session still lives. */
void check_root_clean(struct check *c);
/* A HOST or FAILURE event about the server's key. */
void check_login_note(struct check *c, const struct ferry_host_report *h);

#endif
