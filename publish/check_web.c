/*
 * check, the site as visitors see it: a file in its root has to be shown at
 * `site-url', one in our folder must not be.  Hub.
 *
 * Both have names and words that nobody can guess, and go at once.  The first
 * one tells whether the other proves anything.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "publish/check_parts.h"
#include "publish/side.h"
#include "publish/web.h"

/* Before the digits, in such a file. */
#define WORDS "sandferry looks at itself "

enum {
	BEHIND = sizeof(WORDS) - 1,
	TOKEN = BEHIND + 32, /* bytes: all that stands in it */
	MODE = 0644, /* so that only the folder hides it */
	STALE = 60 * 60, /* seconds: no check lasts so long */
};

static const char PREFIX[] = "sandferry-check-", SUFFIX[] = ".txt";

/* ---- Files to be shown ---- */

static bool
make_token(char token[TOKEN + 1], struct ferry_error *err)
{
	unsigned long long id[2];

	if (getentropy(id, sizeof(id)) != 0) {
		err_os(err, ferry_EINTERNAL, errno, "no_entropy",
		    "no random bytes");
		return false;
	}
	snprintf(token, TOKEN + 1, WORDS "%016llx%016llx", id[0], id[1]);
	return true;
}

/* False: it is said why it is not there. */
static bool
put(struct check *c, struct check_finding *f, const char *path,
    const char token[TOKEN])
{
	struct msg_done done;
	struct ferry_error e;
	struct msg_step *m;
	int fd = fs_scratch();
	bool ok = fd >= 0 && fs_write_all(fd, token, TOKEN) == 0;

	if (!ok) {
		err_os(&e, ferry_EINTERNAL, errno, "no_scratch",
		    "cannot write a temporary file");
		check_fail(f, &e);
	} else {
		m = far_step(&c->far, STEP_PUT, path);
		m->flags = PUT_TRUNCATE | PUT_ATTRIBUTES;
		m->mode = MODE;
		m->mtime = (uint64_t)time(NULL);
		m->length = TOKEN;
		ok = check_call(c, f, fd, &done);
		if (ok && far_judge(&done, "write", path, &e) != 0) {
			check_fail(f, &e);
			ok = false;
		}
	}
	if (fd >= 0)
		close(fd);
	return ok;
}

/* What becomes of it is no item of its own. */
static void
take_away(struct check *c, const char *path, bool *there)
{
	struct msg_done done;

	if (c->lost || c->cancelled)
		return;
	far_step(&c->far, STEP_REMOVE, path);
	*there =
	    far_call(&c->far, -1, &done, NULL) != 0 || done.result != RESULT_OK;
}

/* False: there was no look, and it is said why. */
static bool
look(struct check *c, struct check_finding *f, const char *path,
    const char token[TOKEN], struct msg_http_reply *reply)
{
	struct ferry_error e;
	int rc = web_look(c->job->walls.web, path, token, TOKEN, reply, &e);

	c->cancelled |= rc == -ferry_ECANCELLED;
	if (rc == 0)
		return true;
	if (rc == -ferry_EREACH) {
		check_warn(f, "cannot be looked at: %s", e.text);
		check_hint(f, "%s", e.hint);
	} else {
		check_fail(f, &e);
	}
	return false;
}

/* ---- Is it this site? ---- */

static bool
is_left_over(const struct tree_file *file, int64_t now)
{
	const char *hex = file->path + strlen(PREFIX);
	size_t i;

	if (strncmp(file->path, PREFIX, strlen(PREFIX)) != 0 ||
	    file->size != TOKEN || file->mtime + STALE > now)
		return false;
	for (i = 0; i < 16; i++)
		if (!isxdigit((unsigned char)hex[i]))
			return false;
	return strcmp(hex + 16, SUFFIX) == 0;
}

/* Of checks that were cut off. */
static void
sweep(struct check *c)
{
	const int64_t now = (int64_t)time(NULL) + c->probe.skew;
	struct msg_done done;
	struct tree names;
	bool there;
	size_t i;

	tree_init(&names);
	if (far_list(&c->far, "", &names, &done, NULL) != 0)
		names.count = 0; /* what comes next will say why */
	for (i = 0; i < names.count; i++)
		if (is_left_over(&names.files[i], now))
			take_away(c, names.files[i].path, &there);
	tree_free(&names);
}

static void
judge_site(
    struct check *c, struct check_finding *f, const struct msg_http_reply *r)
{
	const char *url = c->job->site->site_url;

	c->web.answers = r->how == MSG_HTTP_ANSWERED;
	c->web.shows = r->shown;
	if (r->how == MSG_HTTP_FAILED) {
		check_warn(f, "%s cannot be looked at: %s", url, r->text);
		check_hint(f,
		    "Is it right, and does a browser show it? Until then it is "
		    "not known whether visitors can read what is ours.");
	} else if (r->how == MSG_HTTP_ELSEWHERE) {
		check_warn(f, "%s leads to another host: %s", url, r->text);
		check_hint(f, "Name that one, if it shows this site.");
	} else if (r->shown) {
		check_ok(f, "%s shows this folder", url);
	} else if (r->status == 401) {
		check_warn(f, "%s wants a password (401)", url);
		check_hint(f,
		    "Whoever has it may be able to read what is ours: that "
		    "cannot be tried.");
	} else {
		check_warn(f, "%s does not show this folder (%u)", url,
		    (unsigned)r->status);
		check_hint(f,
		    "A new file in %s is not seen there: correct site-url, or "
		    "the path of the url, or see whether the web server may "
		    "read new files.",
		    c->job->site->url.path);
	}
}

void
check_web_site(struct check *c, struct check_finding *f)
{
	struct check_web *w = &c->web;
	char token[TOKEN + 1];
	struct msg_http_reply reply;
	struct ferry_error e;

	if (c->job->walls.web == NULL) {
		check_skip(f, "is not set");
		return;
	}
	if (!make_token(token, &e)) {
		check_fail(f, &e);
		return;
	}
	if (c->lost) {
		check_skip(f, "(needs the connection)");
		return;
	}
	sweep(c);
	/* by half of its digits: a page that says its name shows it not */
	snprintf(w->page, sizeof(w->page), "%s%.16s%s", PREFIX, token + BEHIND,
	    SUFFIX);
	w->has_page = true;
	if (!put(c, f, w->page, token))
		return;
	if (look(c, f, w->page, token, &reply))
		judge_site(c, f, &reply);
	take_away(c, w->page, &w->has_page);
}

/* ---- And is ours hidden? ---- */

static void
say_served(struct check *c, struct check_finding *f)
{
	const char *url = c->job->site->site_url, *path;
	struct ferry_error e;
	int n;

	/* the folder's path there, for the web server's configuration */
	path = strchr(strstr(url, "://") + 3, '/');
	if (path == NULL)
		path = "";
	n = (int)strlen(path);
	n -= n > 0 && path[n - 1] == '/';
	err_set(&e, ferry_EPOLICY, "side_served",
	    "can read our folder: %.*s/" FAR_SIDE " is served", n, path);
	err_hint(&e,
	    "Deny it in the web server (nginx: location ^~ %.*s/" FAR_SIDE
	    " { return 404; }, Apache: RedirectMatch 404 ^%.*s/" FAR_SIDE
	    ", Caddy: respond %.*s/" FAR_SIDE "/* 404), or have it elsewhere "
	    "by remote-state.",
	    n, path, n, path, n, path);
	check_fail(f, &e);
}

static void
judge_side(
    struct check *c, struct check_finding *f, const struct msg_http_reply *r)
{
	if (r->shown)
		say_served(c, f);
	else if (r->how == MSG_HTTP_FAILED)
		check_warn(f, "nothing is known: %s", r->text);
	else if (!c->web.shows)
		check_skip(f, "(needs a site-url that shows this folder)");
	else if (r->how == MSG_HTTP_ELSEWHERE)
		check_ok(f, "cannot read " FAR_SIDE ": they are led elsewhere");
	else
		check_ok(
		    f, "cannot read " FAR_SIDE " (%u)", (unsigned)r->status);
}

/* As a publish leaves it. */
static bool
deny(struct check *c, struct check_finding *f)
{
	struct msg_done done;
	struct ferry_error e;

	if (!c->probe.made_side)
		return true;
	c->web.has_deny = true;
	if (side_deny(&c->far, &done, &e) != 0) {
		check_lose(c, f, &e);
		return false;
	}
	if (far_judge(&done, "write", SIDE_DENY, &e) == 0)
		return true;
	check_fail(f, &e);
	return false;
}

void
check_web_side(struct check *c, struct check_finding *f)
{
	const char *elsewhere = c->job->site->remote_state;
	struct check_web *w = &c->web;
	char token[TOKEN + 1];
	struct msg_http_reply reply;
	struct ferry_error e;

	if (elsewhere != NULL) {
		check_ok(f, "%s is outside of what they see", elsewhere);
		return;
	}
	if (!w->answers || c->lost) {
		check_skip(f, "(needs an answer from site-url)");
		return;
	}
	if (!make_token(token, &e)) {
		check_fail(f, &e);
		return;
	}
	if (!deny(c, f))
		return;
	snprintf(w->side, sizeof(w->side), FAR_SIDE "/check-web-%.16s",
	    token + BEHIND);
	w->has_side = true;
	if (!put(c, f, w->side, token))
		return;
	if (look(c, f, w->side, token, &reply))
		judge_side(c, f, &reply);
	take_away(c, w->side, &w->has_side);
	if (w->has_deny)
		take_away(c, SIDE_DENY, &w->has_deny);
}
