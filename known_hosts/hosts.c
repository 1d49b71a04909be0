/* Read one known_hosts file and answer from it.  Hub. */
#include "known_hosts/hosts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/limits.h"
#include "base/path.h"
#include "known_hosts/match.h"

enum { WARNINGS_MAX = 20 }; /* of one file: a binary has many bad lines */

void
hosts_init(struct hosts *h)
{
	memset(h, 0, sizeof(*h));
	buf_init(&h->text, LIMIT_KNOWN_HOSTS);
	arena_init(&h->arena);
}

void
hosts_free(struct hosts *h)
{
	buf_free(&h->text);
	arena_free(&h->arena);
	free(h->lines);
	free(h->path);
	hosts_init(h);
}

static bool
is_link(int dirfd, const char *path)
{
	struct stat st;

	return fstatat(dirfd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISLNK(st.st_mode);
}

/* Did a link, of the file or of its folder, lead to somebody else's? */
static bool
foreign_link(const struct stat *file, int dirfd, const char *path)
{
	char dir[LIMIT_PATH + 1];
	size_t n = path_dir_len(path);

	if (file->st_uid == getuid())
		return false;
	if (n >= sizeof(dir))
		return true;
	memcpy(dir, path, n);
	dir[n] = '\0';
	return is_link(dirfd, path) || (n > 0 && is_link(dirfd, dir));
}

/* 0 or an errno. */
static int
read_text(struct hosts *h, int dirfd, bool own_link)
{
	struct stat st;
	int rc = 0, fd;

	fd = fs_open_quietly_at(dirfd, h->path);
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : errno;
	if (fstat(fd, &st) != 0)
		rc = errno;
	else if (own_link && foreign_link(&st, dirfd, h->path))
		rc = EPERM;
	else if (st.st_size > LIMIT_KNOWN_HOSTS)
		rc = EFBIG;
	else if (fs_read_fd(fd, &h->text) != 0)
		rc = errno;
	h->present = rc == 0;
	close(fd);
	return rc;
}

const char *
hosts_why(int why)
{
	switch (why) {
	case EINVAL:
		return "not a regular file";
	case EPERM:
		return "a link to somebody else's file";
	case EFBIG:
		return "too long to be read";
	default:
		return strerror(why);
	}
}

static bool
add_line(struct hosts *h, const struct entry *e, unsigned number)
{
	if (h->count == h->cap) {
		size_t cap = h->cap == 0 ? 64 : 2 * h->cap;
		struct hosts_line *lines =
		    realloc(h->lines, cap * sizeof(*lines));

		if (lines == NULL)
			return false;
		h->lines = lines;
		h->cap = cap;
	}
	h->lines[h->count].number = number;
	h->lines[h->count++].entry = *e;
	return true;
}

static int
parse_text(struct hosts *h, const struct log *log)
{
	const char *p = (const char *)h->text.data;
	const char *end = p + h->text.len;
	unsigned number = 0, bad = 0, authorities = 0;
	struct entry e;

	while (p < end) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		const char *stop = newline != NULL ? newline : end;

		number++;
		if (entry_parse(&e, p, (size_t)(stop - p), &h->arena) != 0)
			return -ferry_EINTERNAL;
		if (e.kind == ENTRY_BAD) {
			if (bad++ < WARNINGS_MAX)
				log_line(log, LOG_WARNING,
				    "%s:%u: %s; line skipped", h->path, number,
				    e.fault);
		} else if (e.kind != ENTRY_NOTHING &&
		    !add_line(h, &e, number)) {
			return -ferry_EINTERNAL;
		}
		authorities += e.kind == ENTRY_AUTHORITY;
		p = newline != NULL ? newline + 1 : end;
	}
	if (bad > WARNINGS_MAX)
		log_line(log, LOG_WARNING, "%s: %u more bad lines skipped",
		    h->path, bad - WARNINGS_MAX);
	if (authorities > 0)
		log_line(log, LOG_DEBUG,
		    "%s: %u @cert-authority lines: host certificates are "
		    "not used",
		    h->path, authorities);
	return 0;
}

static int
set_path(struct hosts *h, const char *path)
{
	hosts_free(h);
	h->path = strdup(path);
	return h->path != NULL ? 0 : -ferry_EINTERNAL;
}

int
hosts_load(struct hosts *h, int dirfd, const char *path, bool own_link,
    const struct log *log)
{
	int rc = set_path(h, path);

	if (rc == 0)
		rc = read_text(h, dirfd, own_link);
	if (rc == 0 && h->text.len > 0)
		rc = parse_text(h, log);
	return rc;
}

int
hosts_parse(struct hosts *h, const char *path, const void *text, size_t n,
    const struct log *log)
{
	int rc = set_path(h, path);

	if (rc != 0)
		return rc;
	if (n > h->text.max)
		return EFBIG;
	buf_put(&h->text, text, n);
	if (!buf_ok(&h->text))
		return -ferry_EINTERNAL;
	h->present = true;
	return n > 0 ? parse_text(h, log) : 0;
}

/* Which verdict of two lines is the file's; which of two files' counts. */
static int
rank(enum store_verdict v)
{
	switch (v) {
	case STORE_REVOKED:
		return 4;
	case STORE_TRUSTED:
		return 3;
	case STORE_CHANGED:
		return 2;
	case STORE_NEW_TYPE:
		return 1;
	case STORE_UNKNOWN:
		break;
	}
	return 0;
}

bool
hosts_outranks(enum store_verdict a, enum store_verdict b)
{
	return rank(a) > rank(b);
}

static enum store_verdict
judge_entry(const struct entry *e, const struct hosts_key *key)
{
	if (entry_has_key(e, key->blob, key->n))
		return STORE_TRUSTED;
	return blob_same_type(&e->key, &key->parts) ? STORE_CHANGED
						    : STORE_NEW_TYPE;
}

void
hosts_find(const struct hosts_line *line, enum store_verdict verdict,
    struct store_finding *f)
{
	const struct entry *e = &line->entry;

	f->verdict = verdict;
	f->line = line->number;
	memcpy(f->type, e->key.name, e->key.name_len);
	f->type[e->key.name_len] = '\0';
	hash_fingerprint(e->blob, e->blob_len, f->fingerprint);
}

void
hosts_judge(const struct hosts *h, const char *name,
    const struct hosts_key *key, struct store_finding *f)
{
	const struct hosts_line *best = NULL;
	enum store_verdict verdict = STORE_UNKNOWN;
	struct match m;

	match_init(&m, name);
	memset(f, 0, sizeof(*f));
	f->path = h->present ? h->path : NULL;
	for (size_t i = 0; i < h->count && verdict != STORE_TRUSTED; i++) {
		const struct entry *e = &h->lines[i].entry;
		enum store_verdict v;

		if (e->kind != ENTRY_HOST)
			continue;
		/* A hash costs time: ask only where the answer matters. */
		v = judge_entry(e, key);
		if (hosts_outranks(v, verdict) &&
		    match_field(&m, e->hosts, e->hosts_len)) {
			verdict = v;
			best = &h->lines[i];
		}
	}
	match_free(&m);
	f->verdict = verdict;
	if (best != NULL)
		hosts_find(best, verdict, f);
}

bool
hosts_has_key(const struct hosts *h, const struct hosts_key *key)
{
	for (size_t i = 0; i < h->count; i++)
		if (h->lines[i].entry.kind == ENTRY_HOST &&
		    entry_has_key(&h->lines[i].entry, key->blob, key->n))
			return true;
	return false;
}

const struct hosts_line *
hosts_revoked(
    const struct hosts *h, const char *name, const void *blob, size_t n)
{
	const struct hosts_line *line = NULL;
	struct match m;

	match_init(&m, name);
	for (size_t i = 0; i < h->count && line == NULL; i++) {
		const struct entry *e = &h->lines[i].entry;

		if (e->kind == ENTRY_REVOKED && entry_has_key(e, blob, n) &&
		    match_field(&m, e->hosts, e->hosts_len))
			line = &h->lines[i];
	}
	match_free(&m);
	return line;
}
