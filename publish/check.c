/* check: the table of items, in order, and what depends on what.  Hub. */
#include "publish/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/path.h"
#include "publish/check_parts.h"
#include "publish/places.h"

enum whom { /* bits */
	SFTP = 1 << 0,
	FTP = 1 << 1,
	FOLDER = 1 << 2,
	BOTH = SFTP | FTP,
	PIPELINED = SFTP | FOLDER,
	ALL = BOTH | FOLDER,
};

static const char HERE[] = "This machine", WAY[] = "The way to the server",
		  SERVER[] = "The server", THERE[] = "A file there",
		  VISITORS[] = "What visitors see", SITE[] = "The site there";

/*
 * An item is skipped where one that it needs did not go well; a name that is
 * no row of this protocol counts as well.
 */
static const struct row {
	const char *group, *name;
	enum whom whom;
	const char *needs[2];
	check_item_fn *run;
} rows[] = {
	{ HERE, "site file", ALL, { 0 }, check_local_site },
	{ HERE, "source", ALL, { 0 }, check_local_source },
	{ HERE, "sandbox", ALL, { 0 }, check_local_sandbox },
	{ HERE, "walls", ALL, { 0 }, check_local_walls },
	{ HERE, "libraries", ALL, { 0 }, check_local_libraries },
	{ HERE, "keyring", BOTH, { 0 }, check_local_keyring },
	{ HERE, "grant", ALL, { "site file" }, check_local_grant },

	/* without a key an SFTP server's own can still be looked at */
	{ WAY, "connect", SFTP, { "site file", "walls" }, check_login_connect },
	{ WAY, "connect", FTP, { "grant", "walls" }, check_login_connect },
	{ WAY, "host key", SFTP, { "connect" }, check_login_host_key },
	{ WAY, "certificate", FTP, { "connect" }, check_login_certificate },
	{ WAY, "key", SFTP, { "grant", "host key" }, check_login_key },
	{ WAY, "secret", SFTP, { "key" }, check_login_secret },
	{ WAY, "secret", FTP, { "certificate" }, check_login_secret },
	{ WAY, "login", BOTH, { "secret" }, check_login_login },
	{ WAY, "login", FOLDER, { "grant", "walls" }, check_login_folder },

	{ SERVER, "software", ALL, { "login" }, check_server_software },
	{ SERVER, "extensions", PIPELINED, { "login" },
	    check_server_extensions },
	{ SERVER, "compression", SFTP, { "login" }, check_server_compression },
	{ SERVER, "features", FTP, { "login" }, check_server_features },
	{ SERVER, "free space", ALL, { "login" }, check_server_space },
	{ SERVER, "names", FTP, { "login" }, check_server_names },
	{ SERVER, "remembered", BOTH, { "login" }, check_server_profile },
	{ SERVER, "connections", BOTH, { "login" }, check_server_connections },

	{ THERE, "folder", ALL, { "login" }, check_root_folder },
	{ THERE, "write", ALL, { "folder" }, check_probe_write },
	{ THERE, "encryption", FTP, { "write" }, check_server_tls },
	{ THERE, "passive", FTP, { "write" }, check_server_passive },
	{ THERE, "read", ALL, { "write" }, check_probe_read },
	{ THERE, "append", FTP, { "write" }, check_probe_append },
	{ THERE, "resume", FTP, { "write" }, check_server_resume },
	{ THERE, "replace", ALL, { "write" }, check_probe_replace },
	{ THERE, "hard links", PIPELINED, { "replace" }, check_probe_links },
	{ THERE, "mode", ALL, { "write" }, check_probe_mode },
	{ THERE, "time", ALL, { "write" }, check_probe_time },
	{ THERE, "clock", ALL, { "write" }, check_probe_clock },
	{ THERE, "case", ALL, { "write" }, check_probe_case },
	{ THERE, "releases", PIPELINED, { "write" }, check_probe_releases },
	{ THERE, "remove", ALL, { "write" }, check_probe_remove },

	{ VISITORS, "site-url", ALL, { "write" }, check_web_site },
	{ VISITORS, "visitors", ALL, { "site-url" }, check_web_side },

	{ SITE, "side folder", ALL, { "folder" }, check_side_folder },
	{ SITE, "stage", ALL, { "side folder" }, check_side_stage },
	{ SITE, "kept", ALL, { "side folder" }, check_side_kept },
	{ SITE, "lock", ALL, { "side folder" }, check_side_lock },
	{ SITE, "ledger", ALL, { "folder" }, check_side_ledger },
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

/* ---- Saying it ---- */

static void
say(char *dst, size_t size, const char *format, va_list ap)
{
	char raw[CHECK_FOUND];

	vsnprintf(raw, sizeof(raw), format, ap);
	path_escape(dst, size, raw, strlen(raw));
}

void
check_ok(struct check_finding *f, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(f->found, sizeof(f->found), format, ap);
	va_end(ap);
	f->state = ferry_CHECK_OK;
}

void
check_warn(struct check_finding *f, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(f->found, sizeof(f->found), format, ap);
	va_end(ap);
	f->state = ferry_CHECK_WARN;
}

void
check_skip(struct check_finding *f, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(f->found, sizeof(f->found), format, ap);
	va_end(ap);
	f->state = ferry_CHECK_SKIP;
}

void
check_hint(struct check_finding *f, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(f->hint, sizeof(f->hint), format, ap);
	va_end(ap);
}

void
check_fail(struct check_finding *f, const struct ferry_error *why)
{
	f->state = ferry_CHECK_FAIL;
	f->error = *why;
	snprintf(f->found, sizeof(f->found), "%s", why->text);
	snprintf(f->hint, sizeof(f->hint), "%s", why->hint);
}

void
check_lose(
    struct check *c, struct check_finding *f, const struct ferry_error *why)
{
	c->lost = true;
	c->cancelled |= why->code == ferry_ECANCELLED;
	check_fail(f, why);
}

bool
check_call(
    struct check *c, struct check_finding *f, int fd, struct msg_done *done)
{
	struct ferry_error e;

	if (!c->lost && far_call(&c->far, fd, done, &e) == 0)
		return true;
	if (c->lost)
		check_skip(f, "(needs the connection)");
	else
		check_lose(c, f, &e);
	return false;
}

char *
check_bytes(char dst[CHECK_WORDS], uint64_t n)
{
	static const char *const units[] = { "kB", "MB", "GB", "TB", "PB",
		"EB" };
	double value = (double)n / 1000;
	size_t u = 0;

	if (n < 1000) {
		snprintf(dst, CHECK_WORDS, "%u B", (unsigned)n);
		return dst;
	}
	for (; value >= 999.5 && u + 1 < sizeof(units) / sizeof(units[0]); u++)
		value /= 1000;
	snprintf(dst, CHECK_WORDS, value < 9.95 ? "%.1f %s" : "%.0f %s", value,
	    units[u]);
	return dst;
}

char *
check_age(char dst[CHECK_WORDS], uint64_t seconds)
{
	static const struct {
		uint64_t seconds;
		const char *one, *many;
	} units[] = { { 86400, "day", "days" }, { 3600, "hour", "hours" },
		{ 60, "minute", "minutes" }, { 1, "second", "seconds" } };
	size_t u = 0;
	uint64_t n;

	/* so that at least two of it are meant: 47 hours, not 1 day */
	while (u < 3 && seconds < 2 * units[u].seconds)
		u++;
	n = seconds / units[u].seconds;
	snprintf(dst, CHECK_WORDS, "%llu %s", (unsigned long long)n,
	    n == 1 ? units[u].one : units[u].many);
	return dst;
}

/* ---- Listening ---- */

/* The item that is concerned says these, in its own words. */
static bool
is_said(const struct ferry_event *e)
{
	static const char *const ids[] = { "wall_landlock", "wall_seccomp",
		"wall_privileges", "wall_limits", "wall_off", "plain_ftp",
		"key_exposed", "key_foreign" };

	if (e->kind == ferry_EVENT_FAILURE)
		return true;
	if (e->kind != ferry_EVENT_WARNING)
		return false;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		if (strcmp(e->error->id, ids[i]) == 0)
			return true;
	}
	return false;
}

static void
hear(void *ctx, const struct ferry_event *e)
{
	struct check *c = ctx;

	if (e->host != NULL &&
	    (e->kind == ferry_EVENT_HOST || e->kind == ferry_EVENT_FAILURE))
		check_login_note(c, e->host);
	c->plain |= e->kind == ferry_EVENT_WARNING &&
	    strcmp(e->error->id, "plain_ftp") == 0;
	if (!is_said(e) && c->fn != NULL)
		c->fn(c->ctx, e);
}

/* ---- The run ---- */

static bool
is_meant(const struct check *c, const struct row *r)
{
	if (r->run == check_probe_releases &&
	    c->job->site->layout != SITE_RELEASES)
		return false;
	return (r->whom &
		   (site_is_folder(c->job->site)       ? FOLDER
			   : site_is_ftp(c->job->site) ? FTP
						       : SFTP)) != 0;
}

/* How each row ended; `blocker': not tried, for that one failed. */
struct ended {
	enum ferry_check_state state;
	const char *blocker;
};

/* What it needs and does not have, back to what failed; NULL: nothing. */
static const char *
missing(
    const struct check *c, const struct row *r, const struct ended ends[ROWS])
{
	for (size_t n = 0; n < 2 && r->needs[n] != NULL; n++) {
		for (size_t i = 0; &rows[i] < r; i++) {
			if (!is_meant(c, &rows[i]) ||
			    strcmp(rows[i].name, r->needs[n]) != 0 ||
			    ends[i].state == ferry_CHECK_OK ||
			    ends[i].state == ferry_CHECK_WARN)
				continue;
			return ends[i].blocker != NULL ? ends[i].blocker
						       : rows[i].name;
		}
	}
	return NULL;
}

static void
tell(struct check *c, const struct row *r, const struct check_finding *f)
{
	const struct ferry_check told = { .group = r->group,
		.check = r->name,
		.state = f->state,
		.found = f->found,
		.hint = f->hint };

	report_check(&c->job->report, &told,
	    f->state == ferry_CHECK_FAIL ? &f->error : NULL);
}

/* All of them; *err is the first failure. */
static int
run_all(struct check *c, struct ferry_error *err)
{
	struct ended ends[ROWS] = { 0 };
	int rc = 0;

	for (size_t i = 0; i < ROWS; i++) {
		struct check_finding f = { .state = ferry_CHECK_OK };

		if (!is_meant(c, &rows[i]))
			continue;
		ends[i].blocker = missing(c, &rows[i], ends);
		if (ends[i].blocker != NULL)
			check_skip(&f, "(needs %s)", ends[i].blocker);
		else
			rows[i].run(c, &f);
		if (c->cancelled)
			return err_set(
			    err, ferry_ECANCELLED, "cancelled", "cancelled");
		ends[i].state = f.state;
		tell(c, &rows[i], &f);
		if (f.state != ferry_CHECK_FAIL || rc != 0)
			continue;
		rc = -f.error.code;
		if (err != NULL)
			*err = f.error;
	}
	return rc;
}

static void
open_state(struct check *c)
{
	struct place p;

	if (c->job->site->url.text != NULL &&
	    places_state(&c->job->options, c->job->site, &p))
		c->state_dir = fs_open_dir_at(p.dirfd, p.path, 0700);
}

int
check_run(struct ferry_job *job, struct ferry_error *err)
{
	struct check c = { .job = job, .state_dir = -1 };
	int rc;

	c.fn = job->report.fn;
	c.ctx = job->report.ctx;
	job->report.fn = hear;
	job->report.ctx = &c;
	job->seen = &c.seen;
	open_state(&c);
	record_init(&c.record, &c.far, c.state_dir);
	rc = run_all(&c, err);
	check_root_clean(&c);
	if (c.prepared)
		far_close(&c.far);
	record_free(&c.record);
	if (c.state_dir >= 0)
		close(c.state_dir);
	job->seen = NULL;
	job->report.fn = c.fn;
	job->report.ctx = c.ctx;
	return rc;
}
