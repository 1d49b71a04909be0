/* check, what the server can do, and what follows from it.  Hub. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "publish/check_parts.h"

enum { LITTLE = 50 * 1000 * 1000 /* bytes left */ };

/* Names of bits, with a comma between them. */
struct name {
	uint32_t bit;
	const char *name;
};

static void
list(struct buf *b, const struct name *names, size_t count, uint32_t bits)
{
	for (size_t i = 0; i < count; i++) {
		if ((bits & names[i].bit) != 0)
			buf_printf(
			    b, "%s%s", b->len > 0 ? ", " : "", names[i].name);
	}
}

void
check_server_software(struct check *c, struct check_finding *f)
{
	check_ok(f, "%s",
	    c->seen.ready.server[0] != '\0' ? c->seen.ready.server
					    : "does not say its name");
}

/* ---- SFTP ---- */

static const struct name extensions[] = {
	{ MSG_POSIX_RENAME, "posix-rename" },
	{ MSG_HARDLINK, "hardlink" },
	{ MSG_FSYNC, "fsync" },
	{ MSG_COPY_DATA, "copy-data" },
	{ MSG_STATVFS, "statvfs" },
	{ MSG_LIMITS, "limits" },
	{ MSG_LSETSTAT, "lsetstat" },
};

void
check_server_extensions(struct check *c, struct check_finding *f)
{
	const uint32_t has = far_features(&c->far);
	const size_t count = sizeof(extensions) / sizeof(extensions[0]);
	struct buf b, lacks;
	char files[32] = "";

	buf_init(&b, CHECK_FOUND);
	buf_init(&lacks, CHECK_FOUND);
	list(&b, extensions, count, has);
	list(&lacks, extensions, count, ~has);
	if (c->seen.ready.max_files > 0)
		snprintf(files, sizeof(files), "; %u open files",
		    (unsigned)c->seen.ready.max_files);
	check_ok(f, "%s%s%s%s", b.len > 0 ? buf_text(&b) : "none",
	    lacks.len > 0 ? "; not " : "", buf_text(&lacks), files);
	if (c->job->site->durable && (has & MSG_FSYNC) == 0) {
		f->state = ferry_CHECK_WARN;
		check_hint(f,
		    "`durable' asks for fsync, which this server does not "
		    "have: a power failure there may lose new files.");
	}
	buf_free(&b);
	buf_free(&lacks);
}

void
check_server_compression(struct check *c, struct check_finding *f)
{
	if ((far_features(&c->far) & MSG_COMPRESSED) != 0)
		check_ok(f, "on");
	else if (c->far.line.asked)
		check_ok(f, "off: the server has none");
	else if (c->job->site->compression == SITE_COMPRESS_NO)
		check_ok(f, "off: not wanted");
	else
		check_ok(f, "off: not worth while on this line");
}

void
check_server_space(struct check *c, struct check_finding *f)
{
	struct msg_done done;
	char bytes[CHECK_WORDS];

	if (!far_tells_space(&c->far)) {
		check_ok(f, "the server does not say");
		return;
	}
	far_step(&c->far, STEP_SPACE, "");
	if (!check_call(c, f, -1, &done))
		return;
	if (done.result != RESULT_OK) /* the folder is not there yet */
		check_ok(f, "the server does not say");
	else if (done.size >= LITTLE)
		check_ok(f, "%s", check_bytes(bytes, done.size));
	else {
		check_warn(f, "only %s", check_bytes(bytes, done.size));
		check_hint(f,
		    "Make room on the server: what changed lies there twice "
		    "until it is live.");
	}
}

/* ---- FTP ---- */

static const struct name traits[] = {
	{ MSG_FTP_TLS, "TLS" },
	{ MSG_FTP_TLS13, "TLS 1.3" },
	{ MSG_FTP_REUSE, "TLS reuse" },
	{ MSG_FTP_EPSV, "EPSV" },
	{ MSG_FTP_MLST, "MLST" },
	{ MSG_FTP_SIZE, "SIZE" },
	{ MSG_FTP_REST, "REST" },
	{ MSG_FTP_APPE, "APPE" },
	{ MSG_FTP_MFMT, "MFMT" },
	{ MSG_FTP_CHMOD, "SITE CHMOD" },
	{ MSG_FTP_REPLACE, "replacing" },
	{ MSG_FTP_UTF8, "UTF8" },
	{ MSG_FTP_AVBL, "AVBL" },
};

enum { TRAITS = sizeof(traits) / sizeof(traits[0]) };

/* What its FEAT says; the rest is tried below. */
void
check_server_features(struct check *c, struct check_finding *f)
{
	const uint32_t said = MSG_FTP_EPSV | MSG_FTP_MLST | MSG_FTP_SIZE |
	    MSG_FTP_REST | MSG_FTP_MFMT | MSG_FTP_UTF8;
	/* hardly any server has it, so its absence is nothing to tell */
	const uint32_t has = c->seen.ready.features & (said | MSG_FTP_AVBL);
	struct buf b, lacks;

	buf_init(&b, CHECK_FOUND);
	buf_init(&lacks, CHECK_FOUND);
	list(&b, traits, TRAITS, has);
	list(&lacks, traits, TRAITS, said & ~has);
	check_ok(f, "%s%s%s", b.len > 0 ? buf_text(&b) : "none",
	    lacks.len > 0 ? "; not " : "", buf_text(&lacks));
	buf_free(&b);
	buf_free(&lacks);
}

/* What decides on compression. */
static void
tell_line(const struct line *l, struct check_finding *f)
{
	const uint64_t now = (uint64_t)time(NULL);
	char rate[CHECK_WORDS], age[CHECK_WORDS];
	struct buf b;

	buf_init(&b, CHECK_FOUND);
	if (l->rate > 0)
		buf_printf(&b, "the line carried %s/s, %s ago",
		    check_bytes(rate, l->rate),
		    check_age(age, now > l->rate_at ? now - l->rate_at : 0));
	if (l->dull_at > 0)
		buf_printf(&b, "%scompression was of no use, %s ago",
		    b.len > 0 ? "; " : "",
		    check_age(age, now > l->dull_at ? now - l->dull_at : 0));
	check_ok(f, "%s", b.len > 0 ? buf_text(&b) : "nothing yet");
	buf_free(&b);
}

void
check_server_profile(struct check *c, struct check_finding *f)
{
	const struct far_ftp *ftp = c->seen.ftp;
	struct buf b;

	if (!far_is_ftp(&c->far)) {
		tell_line(&c->far.line.known, f);
		return;
	}

	buf_init(&b, CHECK_FOUND);
	if (ftp->connections > 0)
		buf_printf(&b, "%u connection%s", ftp->connections,
		    ftp->connections == 1 ? "" : "s");
	list(&b, traits, TRAITS, ftp->has);
	if (ftp->lacks != 0) {
		struct buf lacks;

		buf_init(&lacks, CHECK_FOUND);
		list(&lacks, traits, TRAITS, ftp->lacks);
		buf_printf(&b, "; not %s", buf_text(&lacks));
		buf_free(&lacks);
	}
	check_ok(f, "%s", b.len > 0 ? buf_text(&b) : "nothing yet");
	buf_free(&b);
}

/* Nobody steps there. */
static void
no_done(void *ctx, const struct msg_done *done)
{
	(void)ctx;
	(void)done;
}

static void
no_entry(void *ctx, const struct msg_entry *entry)
{
	(void)ctx;
	(void)entry;
}

static void
no_progress(void *ctx, uint64_t bytes)
{
	(void)ctx;
	(void)bytes;
}

static void
tell_connections(struct check_finding *f, const struct ferry_site *site,
    unsigned n, const struct ferry_error *refusal)
{
	const char *s = n == 1 ? "" : "s";

	if (refusal == NULL) {
		check_ok(f, "%u at once; more were not tried", n);
		return;
	}
	check_ok(f, "%u at once; one more: %s", n, refusal->text);
	if (site->connections <= n)
		return;
	f->state = ferry_CHECK_WARN;
	check_hint(f,
	    "The site wants %u: the server lets you have %u connection%s.",
	    site->connections, n, s);
}

/* As many as a publish would ever open; the first is there already. */
void
check_server_connections(struct check *c, struct check_finding *f)
{
	const struct far_steps steps = { NULL, no_done, no_entry, no_progress,
		NULL };
	const struct ferry_site *site = c->job->site;
	const unsigned most = site->connections > 0
	    ? site->connections
	    : (unsigned)SITE_MAX_CONNECTIONS;
	struct far_login *more;
	struct ferry_error e;
	unsigned n = 1;
	int rc = 0;

	if (!far_is_ftp(&c->far)) {
		check_ok(f, "one does it all: nothing waits for an answer");
		return;
	}
	more = calloc(most, sizeof(*more));
	if (more == NULL) {
		err_memory(&e);
		check_fail(f, &e);
		return;
	}
	while (n < most && rc == 0) {
		rc = far_login_open_ftp(&more[n], c->job, c->seen.ftp, &steps,
		    c->job->cancel[0], &e);
		n += rc == 0;
	}
	c->cancelled = rc == -ferry_ECANCELLED;
	tell_connections(f, site, n, rc != 0 ? &e : NULL);
	while (n > 0)
		far_login_close(&more[--n]);
	free(more);
}

/* Known once a data connection was made. */
void
check_server_tls(struct check *c, struct check_finding *f)
{
	const uint32_t has = far_features(&c->far);

	if ((has & MSG_FTP_TLS) == 0) {
		check_skip(f, "(needs TLS)");
		return;
	}
	check_ok(f, "%s; %s", c->host.tls,
	    (has & MSG_FTP_REUSE) != 0
		? "data connections resume its session"
		: "data connections have one of their own");
}

void
check_server_passive(struct check *c, struct check_finding *f)
{
	check_ok(f, "%s",
	    (far_features(&c->far) & MSG_FTP_EPSV) != 0 ? "by EPSV"
							: "by PASV");
}

void
check_server_resume(struct check *c, struct check_finding *f)
{
	if ((far_features(&c->far) & (MSG_FTP_REST | MSG_FTP_APPE)) ==
	    (MSG_FTP_REST | MSG_FTP_APPE)) {
		check_ok(f, "a large file that was cut off goes on there");
		return;
	}
	check_warn(f, "a large file that was cut off begins anew");
	check_hint(f, "Nothing is to be done here; SFTP can do it.");
}

void
check_server_names(struct check *c, struct check_finding *f)
{
	const uint32_t has = far_features(&c->far);

	check_ok(f, "%s",
	    (has & MSG_FTP_UTF8) != 0
		? "in UTF-8, as the server says"
		: "in UTF-8; the server does not say what it takes");
}
