/*
 * Ask the known_hosts files: the private one and the fallbacks.  Hub.
 *
 * Where OpenSSH merges its files, the private one decides here, and a key that
 * it contradicts is never excused by the fallback.
 */
#include "known_hosts/store.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/limits.h"
#include "base/path.h"
#include "known_hosts/prefer.h"
#include "known_hosts/store_parts.h"

int
store_unreadable(const char *path, int why, struct ferry_error *err)
{
	err_os(err, ferry_EUSAGE, why, "known_hosts_unreadable",
	    "cannot read the known hosts in %s", path);
	err_hint(err, "Make it a readable file, or name another one.");
	return -ferry_EUSAGE;
}

/* One that cannot be read is said once and counts as empty. */
static int
load_fallback(struct store *s, unsigned i)
{
	const char *path = s->files.fallback[i];
	int rc;

	if (path == NULL)
		return 0;
	rc = hosts_load(
	    &s->fallback[i], AT_FDCWD, path, i == STORE_USER, s->log);
	if (rc == 0 && !s->fallback[i].present)
		log_line(s->log, LOG_INFO,
		    "%s: there is none; going on without it", path);
	if (rc <= 0)
		return rc;
	log_line(s->log, LOG_WARNING, "%s: %s; going on without it", path,
	    hosts_why(rc));
	hosts_free(&s->fallback[i]);
	return 0;
}

/* Whoever may write there decides on whom we trust. */
static bool
anybody_writes(int dirfd, const char *path)
{
	struct stat st;

	return fstatat(dirfd, path, &st, 0) == 0 &&
	    (st.st_mode & S_IWOTH) != 0 &&
	    (!S_ISDIR(st.st_mode) || (st.st_mode & S_ISVTX) == 0);
}

static void
warn_if_open(const struct store *s)
{
	const char *path = s->files.own;
	char dir[LIMIT_PATH + 1];
	size_t n = path_dir_len(path);

	if (anybody_writes(s->files.dirfd, path))
		log_line(s->log, LOG_WARNING,
		    "anybody may write to %s: chmod 600 is missing", path);
	if (n > LIMIT_PATH)
		return;
	memcpy(dir, n > 0 ? path : ".", n > 0 ? n : 1);
	dir[n > 0 ? n : 1] = '\0';
	if (anybody_writes(s->files.dirfd, dir))
		log_line(s->log, LOG_WARNING,
		    "anybody may replace %s: its folder needs chmod o-w", path);
}

/*
 * Asked for while /etc/passwd can still be read: later we may be confined.  Who
 * has a folder for us is not asked for a home.
 */
static void
find_users(struct store *s)
{
	char home[LIMIT_PATH + 1];

	if (s->files.dirfd == AT_FDCWD && fs_real_home(home, sizeof(home)))
		(void)path_join(
		    s->users, sizeof(s->users), home, ".ssh/known_hosts");
}

int
store_load(struct store **out, const struct store_files *files,
    const struct log *log, struct ferry_error *err)
{
	struct store *s = calloc(1, sizeof(*s));
	unsigned i;
	int rc;

	*out = NULL;
	if (s == NULL)
		return err_memory(err);
	s->files = *files;
	s->log = log;
	find_users(s);
	hosts_init(&s->own);
	for (i = 0; i < STORE_FALLBACKS; i++)
		hosts_init(&s->fallback[i]);
	rc = hosts_load(&s->own, files->dirfd, files->own, false, log);
	if (rc > 0) {
		rc = store_unreadable(files->own, rc, err);
		goto out;
	}
	warn_if_open(s);
	for (i = 0; rc == 0 && i < STORE_FALLBACKS; i++)
		rc = load_fallback(s, i);
	if (rc != 0) {
		err_memory(err);
		goto out;
	}
	*out = s;
	s = NULL;
out:
	store_free(s);
	return rc;
}

void
store_free(struct store *s)
{
	unsigned i;

	if (s == NULL)
		return;
	hosts_free(&s->own);
	for (i = 0; i < STORE_FALLBACKS; i++)
		hosts_free(&s->fallback[i]);
	free(s);
}

void
store_inquire(struct store_inquiry *q, const struct store_host *host,
    const void *blob, size_t n)
{
	memset(q, 0, sizeof(*q));
	q->key.blob = blob;
	q->key.n = n;
	/* A malformed key is no line's type: it can only be refused. */
	if (!blob_parse(&q->key.parts, blob, n))
		memset(&q->key.parts, 0, sizeof(q->key.parts));
	match_name(q->name, host->name, host->port);
	match_name(q->plain, host->name, MATCH_PORT);
	if (strcmp(q->plain, q->name) == 0)
		q->plain[0] = '\0';
	if (host->address != NULL)
		match_name(q->address, host->address, host->port);
	if (strcmp(q->address, q->name) == 0)
		q->address[0] = '\0';
}

static bool
decides(enum store_verdict v)
{
	return v == STORE_TRUSTED || v == STORE_CHANGED;
}

static void
judge_fallbacks(const struct store *s, const char *name,
    const struct hosts_key *key, struct store_finding *f)
{
	struct store_finding other;

	hosts_judge(&s->fallback[0], name, key, f);
	for (unsigned i = 1; i < STORE_FALLBACKS; i++) {
		hosts_judge(&s->fallback[i], name, key, &other);
		if (f->path == NULL ||
		    hosts_outranks(other.verdict, f->verdict))
			*f = other;
	}
}

/* The table of verdicts, revocations aside. */
static void
judge_name(const struct store *s, const char *name, const struct hosts_key *key,
    struct store_report *r)
{
	memset(r, 0, sizeof(*r));
	hosts_judge(&s->own, name, key, &r->own);
	judge_fallbacks(s, name, key, &r->fallback);
	if (decides(r->own.verdict))
		r->verdict = r->own.verdict;
	else if (decides(r->fallback.verdict))
		r->verdict = r->fallback.verdict;
	else if (r->own.verdict == STORE_NEW_TYPE)
		r->verdict = STORE_NEW_TYPE;
	else
		r->verdict = r->fallback.verdict;
	r->from_fallback =
	    r->verdict == STORE_TRUSTED && r->own.verdict != STORE_TRUSTED;
}

const struct hosts_line *
store_revoked(const struct hosts *h, const struct store_inquiry *q)
{
	const char *names[] = { q->name, q->plain, q->address };
	const struct hosts_line *line = NULL;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (line == NULL && names[i][0] != '\0')
			line =
			    hosts_revoked(h, names[i], q->key.blob, q->key.n);
	return line;
}

static void
judge_revoked(const struct hosts *h, const struct store_inquiry *q,
    struct store_finding *f, struct store_report *r)
{
	const struct hosts_line *line = store_revoked(h, q);

	if (line == NULL)
		return;
	hosts_find(line, STORE_REVOKED, f);
	f->path = h->path;
	r->verdict = STORE_REVOKED;
	r->from_fallback = false;
}

/* Is the key on any line?  Unlike to match hashed names, to ask is cheap. */
static bool
is_listed(const struct store *s, const struct hosts_key *key)
{
	bool listed = hosts_has_key(&s->own, key);

	for (unsigned i = 0; i < STORE_FALLBACKS; i++)
		listed = listed || hosts_has_key(&s->fallback[i], key);
	return listed;
}

void
store_judge(const struct store *s, const struct store_host *host,
    const void *blob, size_t n, struct store_report *report)
{
	struct store_report other;
	struct store_inquiry q;

	store_inquire(&q, host, blob, n);
	judge_name(s, q.name, &q.key, report);
	/*
	 * As ssh(1): a server on another port is also known by the key of the
	 * plain name, but a different key there says nothing about it.
	 */
	if (report->verdict == STORE_UNKNOWN && q.plain[0] != '\0' &&
	    is_listed(s, &q.key)) {
		judge_name(s, q.plain, &q.key, &other);
		if (other.verdict == STORE_TRUSTED)
			*report = other;
	}
	/* As with CheckHostIP: an address never excuses, only accuses. */
	if (report->verdict != STORE_CHANGED && q.address[0] != '\0') {
		judge_name(s, q.address, &q.key, &other);
		if (other.verdict == STORE_CHANGED)
			*report = other;
	}
	judge_revoked(&s->own, &q, &report->own, report);
	/* The first file is the one to name, so it comes last. */
	for (unsigned i = STORE_FALLBACKS; i-- > 0;)
		judge_revoked(&s->fallback[i], &q, &report->fallback, report);
}

void
store_prefer(
    const struct store *s, const struct store_host *host, struct buf *out)
{
	const struct hosts *files[1 + STORE_FALLBACKS] = { &s->own };
	struct store_inquiry q;

	for (unsigned i = 0; i < STORE_FALLBACKS; i++)
		files[1 + i] = &s->fallback[i];
	store_inquire(&q, host, NULL, 0);
	prefer_print(files, 1 + STORE_FALLBACKS, q.name, q.plain, out);
}

static void
list_file(const struct hosts *h,
    void (*each)(void *ctx, const struct store_entry *e), void *ctx)
{
	static const enum store_marker markers[] = {
		[ENTRY_REVOKED] = STORE_MARK_REVOKED,
		[ENTRY_AUTHORITY] = STORE_MARK_AUTHORITY,
	};

	for (size_t i = 0; i < h->count; i++) {
		const struct entry *e = &h->lines[i].entry;
		struct store_finding f;
		struct store_entry shown = {
			.path = h->path,
			.line = h->lines[i].number,
			.marker = markers[e->kind],
			.hosts = e->hosts,
			.hosts_len = e->hosts_len,
			.hashed = e->hosts[0] == '|',
		};

		hosts_find(&h->lines[i], STORE_UNKNOWN, &f);
		memcpy(shown.type, f.type, sizeof(shown.type));
		memcpy(shown.fingerprint, f.fingerprint,
		    sizeof(shown.fingerprint));
		each(ctx, &shown);
	}
}

void
store_list(const struct store *s,
    void (*each)(void *ctx, const struct store_entry *e), void *ctx)
{
	list_file(&s->own, each, ctx);
	for (unsigned i = 0; i < STORE_FALLBACKS; i++)
		list_file(&s->fallback[i], each, ctx);
}
