/*
 * What is on an FTP server: sizes, kinds, and absence, which is said on
 * evidence only.  Worker.
 */
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/path.h"
#include "remote/ftp_engine.h"

/* The line between the first and the last of a 250 to MLST. */
bool
find_take_mlst(const struct ftp *f, struct listing *l)
{
	const char *p = (const char *)f->reply.lines.data;
	const char *end = p + f->reply.lines.len, *next;

	for (; p < end; p = next + 1) {
		next = memchr(p, '\n', (size_t)(end - p));
		if (next == NULL)
			break;
		if (memchr(p, ';', (size_t)(next - p)) != NULL &&
		    listing_mlst(p, (size_t)(next - p), l) == LISTING_ENTRY)
			return true;
	}
	return false;
}

/* True: MLST has settled it, one way or the other. */
static bool
by_mlst(struct ftp *f, const char *path, struct ftp_found *out)
{
	unsigned code;

	if ((f->has & MSG_FTP_MLST) == 0)
		return false;
	code = wire_command(f, "MLST %s", path);
	if (code / 100 == 2)
		return find_take_mlst(f, &out->entry);
	if (code >= 500 && code < 505) {
		ftp_learn(f, MSG_FTP_MLST, false);
		return false;
	}
	out->result = code == 0 ? RESULT_FAILED : ftp_reply_judge(&f->reply);
	/* 550 without a word of why: look closer */
	return out->result != RESULT_FAILED || code == 0;
}

static void
count_bytes(struct ftp *f)
{
	if (f->binary) /* a size in lines would be another */
		return;
	(void)wire_command(f, "TYPE I");
	f->binary = true;
}

bool
find_take_size(const struct ftp *f, struct listing *l)
{
	const char *p = (const char *)f->reply.lines.data;
	uint64_t size = 0;
	size_t i;

	if (f->reply.code != 213)
		return false;
	for (i = 0; i < f->reply.lines.len && p[i] >= '0' && p[i] <= '9'; i++) {
		if (size > (UINT64_MAX >> 1) / 10)
			return false;
		size = size * 10 + (uint64_t)(p[i] - '0');
	}
	if (i == 0)
		return false;
	l->size = size;
	l->mode = S_IFREG;
	l->has = LISTING_SIZE;
	return true;
}

static bool
by_size(struct ftp *f, const char *path, struct listing *l)
{
	unsigned code;

	if (f->lacks & MSG_FTP_SIZE)
		return false;
	code = wire_command(f, "SIZE %s", path);
	if (code >= 500 && code < 505)
		ftp_learn(f, MSG_FTP_SIZE, false);
	return code != 0 && find_take_size(f, l);
}

bool
find_take_time(const struct ftp *f, struct listing *l)
{
	const char *p = (const char *)f->reply.lines.data;
	size_t n = f->reply.lines.len;

	if (n > 0 && p[n - 1] == '\n')
		n--;
	if (f->reply.code != 213 || !listing_time(p, n, &l->mtime))
		return false;
	l->has |= LISTING_TIME;
	return true;
}

static void
add_time(struct ftp *f, const char *path, struct listing *l)
{
	if (wire_command(f, "MDTM %s", path) == 213)
		(void)find_take_time(f, l);
}

bool
find_is_folder(struct ftp *f, const char *path)
{
	if (f->home[0] == '\0' && path[0] != '/')
		return false; /* nobody knows the way back */
	if (wire_command(f, "CWD %s", path) / 100 != 2)
		return false;
	if (f->home[0] != '\0')
		(void)wire_command(f, "CWD %s", f->home);
	return true;
}

/* ---- Listings ---- */

struct lister {
	struct buf line;
	bool mlsd;
	uint64_t now;
	unsigned names, odd;
	size_t wasted; /* bytes of what cannot be used */
	const char *why; /* it cannot be used */
	void *ctx;
	bool (*each)(void *ctx, const struct listing *l);
};

static bool
take_line(struct lister *s)
{
	const char *p = (const char *)s->line.data;
	size_t n = s->line.len;
	struct listing l;

	while (n > 0 && p[n - 1] == '\r')
		n--;
	if (n == 0)
		return true;
	switch (
	    s->mlsd ? listing_mlsd(p, n, &l) : listing_list(p, n, s->now, &l)) {
	case LISTING_ENTRY:
		if (++s->names > FTP_NAMES_MAX)
			s->why = "a listing without end";
		else if (!s->each(s->ctx, &l))
			s->why = "";
		break;
	case LISTING_SELF:
		break;
	case LISTING_ODD:
		if (++s->odd > FTP_NAMES_MAX)
			s->why = "a listing without end";
		break;
	case LISTING_EVIL:
		s->why = "a listing with a name that is not one";
	}
	return s->why == NULL;
}

static bool
take_lines(void *ctx, const void *data, size_t n)
{
	struct lister *s = ctx;
	const char *p = data, *end = p + n, *next;

	if (s->why != NULL) /* the rest of it, so that the session goes on */
		return (s->wasted += n) < FTP_LINE * FTP_LINE;
	while (p < end) {
		next = memchr(p, '\n', (size_t)(end - p));
		buf_put(&s->line, p, (size_t)((next ? next : end) - p));
		if (!buf_ok(&s->line)) {
			s->why = "a listing with a line without end";
			return true;
		}
		if (next == NULL)
			return true;
		if (!take_line(s))
			return true;
		buf_reset(&s->line);
		p = next + 1;
	}
	return true;
}

/* One attempt; "-a" shows what begins with a dot. */
static enum msg_result
list_by(struct ftp *f, const char *command, const char *path, struct lister *s)
{
	char text[FTP_COMMAND];
	struct ftp_flow flow = { .transfer = FTP_LIST,
		.path = text,
		.ctx = s,
		.write = take_lines };
	enum msg_result result;

	if (!path_join(text, sizeof(text), "", command) ||
	    strlen(command) + 1 + strlen(path) >= sizeof(text))
		return RESULT_FAILED;
	strcat(text, " ");
	strcat(text, path);
	buf_reset(&s->line);
	result = wire_transfer(f, &flow);
	if (result == RESULT_OK && s->why == NULL && s->line.len > 0)
		(void)take_line(s); /* the last one had no end */
	if (s->why != NULL)
		return RESULT_FAILED;
	return result;
}

enum msg_result
find_list(struct ftp *f, const char *path, void *ctx,
    bool (*each)(void *ctx, const struct listing *l), const char **why)
{
	struct lister s = { .ctx = ctx,
		.each = each,
		.now = (uint64_t)time(NULL),
		.mlsd = (f->has & MSG_FTP_MLST) != 0 };
	enum msg_result result = RESULT_UNSUPPORTED;

	buf_init(&s.line, FTP_LINE);
	if (s.mlsd) {
		result = list_by(f, "MLSD", path, &s);
		if (result == RESULT_UNSUPPORTED)
			ftp_learn(f, MSG_FTP_MLST, false);
	}
	if (!f->lost && result == RESULT_UNSUPPORTED) {
		s.mlsd = false;
		result = list_by(f, "LIST -a", path, &s);
		if (!f->lost && s.why == NULL && s.names == 0 &&
		    result != RESULT_OK && result != RESULT_AGAIN)
			result = list_by(f, "LIST", path, &s);
	}
	if (result == RESULT_OK && s.names == 0 && s.odd > 0) {
		s.why = "a listing in a form that nobody knows";
		result = RESULT_FAILED;
	}
	*why = s.why;
	buf_free(&s.line);
	return result;
}

struct wanted {
	const char *name;
	bool found;
	struct listing l;
};

static bool
is_wanted(void *ctx, const struct listing *l)
{
	struct wanted *w = ctx;

	if (strcmp(l->name, w->name) == 0) {
		w->found = true;
		w->l = *l;
	}
	return true;
}

/* LIST of a file gives its line alone, which nothing can cut off. */
static bool
by_own_line(struct ftp *f, const char *path, struct listing *out)
{
	struct wanted w = { .name = path_base(path) };
	struct lister s = {
		.ctx = &w, .each = is_wanted, .now = (uint64_t)time(NULL)
	};
	bool found;

	buf_init(&s.line, FTP_LINE);
	found = list_by(f, "LIST", path, &s) == RESULT_OK && w.found &&
	    s.names == 1;
	buf_free(&s.line);
	*out = w.l;
	return found;
}

/*
 * Many servers end a listing after some thousand names, and say 226: that none
 * has this name proves nothing.  Would the server rename it?
 */
static enum msg_result
not_listed(struct ftp *f, const char *path)
{
	unsigned code = wire_command(f, "RNFR %s", path);

	if (code / 100 == 3)
		(void)wire_command(f, "NOOP"); /* and not RNTO */
	return code / 100 == 5 ? RESULT_ABSENT : RESULT_FAILED;
}

/* True: it was asked for, and is none, which is not for want of rights. */
static bool
find_is_no_folder(struct ftp *f, const char *path)
{
	if (f->home[0] == '\0' && path[0] != '/')
		return false; /* it cannot be asked for */
	return !find_is_folder(f, path) && !f->lost &&
	    f->reply.code / 100 == 5 &&
	    ftp_reply_judge(&f->reply) != RESULT_DENIED;
}

/* Where neither MLST nor SIZE nor CWD know it: does its folder list it? */
static void
by_listing(struct ftp *f, const char *path, struct ftp_found *out)
{
	struct wanted w = { .name = path_base(path) };
	size_t n = path_dir_len(path);
	char folder[WORKER_MSG_PATH];
	enum msg_result result;
	const char *why;

	memcpy(folder, path, n);
	folder[n] = '\0';
	/* no folder, nothing in it: the cheapest answer */
	if (n > 0 && find_is_no_folder(f, folder)) {
		out->result = RESULT_ABSENT;
		return;
	}
	if (f->lost || by_own_line(f, path, &out->entry) || f->lost)
		return;
	memset(&out->entry, 0, sizeof(out->entry));
	result = find_list(f, n > 0 ? folder : ".", &w, is_wanted, &why);
	if (w.found) {
		out->result = RESULT_OK;
		out->entry = w.l;
	} else if (result == RESULT_OK || result == RESULT_ABSENT) {
		out->result = f->lost ? RESULT_FAILED : not_listed(f, path);
	} else {
		out->result = RESULT_FAILED;
	}
}

void
find_path(struct ftp *f, const char *path, struct ftp_found *out)
{
	memset(out, 0, sizeof(*out));
	out->result = RESULT_OK;
	if (by_mlst(f, path, out) || f->lost)
		return;
	out->result = RESULT_OK;
	count_bytes(f);
	if (by_size(f, path, &out->entry)) {
		add_time(f, path, &out->entry);
		return;
	}
	if (f->lost)
		return;
	if (find_is_folder(f, path)) {
		out->entry.mode = S_IFDIR;
		return;
	}
	if (!f->lost)
		by_listing(f, path, out);
}

void
find_rough(struct ftp *f, const char *path, struct ftp_found *out)
{
	memset(out, 0, sizeof(*out));
	out->result = RESULT_OK;
	if (by_mlst(f, path, out) || f->lost)
		return;
	out->result = RESULT_UNSUPPORTED;
	if (!by_size(f, path, &out->entry))
		return;
	out->result = RESULT_OK;
	add_time(f, path, &out->entry);
}

void
find_size(struct ftp *f, const char *path, struct ftp_found *out)
{
	memset(out, 0, sizeof(*out));
	out->result = RESULT_OK;
	count_bytes(f);
	if (by_size(f, path, &out->entry) || f->lost)
		return;
	find_path(f, path, out);
	if (out->result == RESULT_OK && (out->entry.has & LISTING_SIZE) == 0)
		out->result = RESULT_UNSUPPORTED;
}
