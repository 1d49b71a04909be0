/* Append to the server's ledger, keep a copy of it here.  Hub. */
#include "publish/record_parts.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/limits.h"
#include "publish/record_seen.h"

void
record_init(struct record *r, struct far *far, int state_dir)
{
	memset(r, 0, sizeof(*r));
	r->far = far;
	r->state_dir = state_dir;
	ledger_init(&r->ledger);
	buf_init(&r->bytes, LIMIT_LEDGER);
	if (gethostname(r->machine, sizeof(r->machine) - 1) != 0 ||
	    r->machine[0] == '\0')
		strcpy(r->machine, "unknown");
}

void
record_free(struct record *r)
{
	ledger_free(&r->ledger);
	buf_free(&r->bytes);
}

const char *
record_path(const struct record *r)
{
	return r->aside ? RECORD_ASIDE : RECORD_LEDGER;
}

int
record_scratch(struct ferry_error *err)
{
	int fd = fs_scratch();

	if (fd < 0)
		err_os(err, ferry_EINTERNAL, errno, "no_scratch",
		    "cannot make a temporary file");
	return fd;
}

static int
no_scratch(struct ferry_error *err)
{
	return err_os(err, ferry_EINTERNAL, errno, "no_scratch",
	    "cannot write a temporary file");
}

static void
keep_time(void *ctx, size_t item, const struct msg_done *done)
{
	struct record *r = ctx;

	(void)item;
	if (done->result == RESULT_OK && done->size == r->sent)
		r->mtime = done->mtime;
}

/* What a glance will be compared with. */
static int
ask_time(struct record *r, struct ferry_error *err)
{
	const struct far_handler handler = {
		.done = keep_time, .ctx = r, .lasting = true
	};

	far_step(r->far, STEP_STAT, RECORD_LEDGER)->flags = STAT_ROUGH;
	far_loose(r->far);
	return far_send(r->far, -1, &handler, err);
}

int
record_parse(struct record *r, struct ferry_error *err)
{
	int rc = ledger_parse(&r->ledger, r->bytes.data, r->bytes.len, err);

	if (rc != 0)
		return rc;
	r->bytes.len = r->sent = r->ledger.end;
	memcpy(r->check, r->ledger.check, LEDGER_CHECK);
	return 0;
}

bool
record_copy(const struct record *r, struct ledger *out)
{
	struct buf b;
	bool has;

	buf_init(&b, LIMIT_LEDGER);
	has = r->state_dir >= 0 &&
	    fs_read(r->state_dir, RECORD_COPY, false, &b) == 0 &&
	    ledger_parse(out, b.data, b.len, NULL) == 0 && out->generation > 0;
	if (!has)
		ledger_free(out);
	buf_free(&b);
	return has;
}

bool
record_has_copy(const struct record *r)
{
	return r->state_dir >= 0 &&
	    faccessat(r->state_dir, RECORD_COPY, F_OK, 0) == 0;
}

/*
 * Else a publish that is cut off before its begin would leave our folder there
 * and no ledger, which looks lost to whoever has a copy.  Looking on is not
 * enough a reason: perhaps the server's disk is just not mounted.
 */
void
record_forget(struct record *r)
{
	if (r->gone)
		unlinkat(r->state_dir, RECORD_COPY, 0);
}

static void
append_done(void *ctx, size_t item, const struct msg_done *done)
{
	struct record *r = ctx;

	(void)item;
	if (done->result != RESULT_OK && r->appended.result == RESULT_OK)
		r->appended = *done;
}

/* All of it under another name, which then takes the ledger's place. */
static int
replace(
    struct record *r, int fd, struct msg_done *done, struct ferry_error *err)
{
	static const char temporary[] = RECORD_LEDGER ".new";
	struct msg_step *s = far_step(r->far, STEP_PUT, temporary);
	struct msg_done gone;
	int rc;

	s->flags = PUT_TRUNCATE | PUT_DURABLE;
	s->length = r->bytes.len;
	rc = far_call(r->far, fd, done, err);
	if (rc != 0 || done->result != RESULT_OK)
		return rc;
	far_step(r->far, STEP_RENAME, temporary)->length = r->bytes.len;
	far_set_target(r->far, RECORD_LEDGER);
	far_set_aside(r->far, RECORD_ASIDE);
	rc = far_call(r->far, -1, done, err);
	if (rc != 0 || done->result != RESULT_OK || !r->aside)
		return rc;
	r->aside = false;
	far_step(r->far, STEP_REMOVE, RECORD_ASIDE);
	return far_call(r->far, -1, &gone, err);
}

/*
 * Over FTP an append is tried once.  Where it is refused, or cut off by a lost
 * connection, the whole ledger is written anew: what is too long there cannot
 * be cut.
 */
static int
append_by_ftp(struct record *r, struct ferry_error *err)
{
	const size_t sent = r->sent;
	const bool whole =
	    sent == 0 || r->aside || (far_features(r->far) & MSG_FTP_APPE) == 0;
	struct msg_done done = { .result = RESULT_UNSUPPORTED };
	struct msg_step *s;
	int fd = record_scratch(err), rc = 0;

	if (fd < 0)
		return -ferry_EINTERNAL;
	r->sent = r->bytes.len;
	r->copied = false;
	r->mtime = 0;
	if (!whole) {
		if (fs_write_all(
			fd, r->bytes.data + sent, r->bytes.len - sent) != 0)
			rc = no_scratch(err);
		s = far_step(r->far, STEP_PUT, RECORD_LEDGER);
		s->offset = sent;
		s->length = r->bytes.len - sent;
		if (rc == 0)
			rc = far_call(r->far, fd, &done, err);
	}
	if (rc == 0 && done.result != RESULT_OK) {
		if (ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) < 0 ||
		    fs_write_all(fd, r->bytes.data, r->bytes.len) != 0)
			rc = no_scratch(err);
		if (rc == 0)
			rc = replace(r, fd, &done, err);
	}
	close(fd);
	if (rc == 0)
		append_done(r, 0, &done);
	return rc;
}

/*
 * Put what r->bytes has and the server has not behind the server's; keep the
 * file open there when more is to come.
 */
static int
append(struct record *r, bool more, struct ferry_error *err)
{
	const struct far_handler handler = {
		.done = append_done, .ctx = r, .lasting = true
	};
	struct msg_step *s;
	int fd, rc;

	if (!buf_ok(&r->bytes))
		return err_set(err, ferry_EINTERNAL, "ledger_size",
		    "the ledger has grown beyond its limit");
	if (far_is_ftp(r->far))
		return append_by_ftp(r, err);
	fd = record_scratch(err);
	if (fd < 0)
		return -ferry_EINTERNAL;
	if (fs_write_all(fd, r->bytes.data + r->sent, r->bytes.len - r->sent) !=
	    0) {
		rc = no_scratch(err);
	} else {
		s = far_step(r->far, STEP_PUT, RECORD_LEDGER);
		s->flags = r->sent == 0 ? PUT_TRUNCATE : PUT_CUT;
		if (r->far->job->site->durable)
			s->flags |= PUT_DURABLE;
		if (more)
			s->flags |= PUT_KEEP;
		s->offset = r->sent;
		s->length = r->bytes.len - r->sent;
		rc = far_send(r->far, fd, &handler, err);
		r->sent = r->bytes.len;
		r->copied = false;
	}
	close(fd);
	return rc;
}

int
record_begin(struct record *r, const struct plan *plan, struct ferry_error *err)
{
	r->generation = r->ledger.generation + 1;
	if (r->bytes.len == 0)
		ledger_print_magic(&r->bytes, r->check);
	if (r->release != 0)
		ledger_print_release(
		    &r->bytes, r->check, r->release, r->makes_release);
	ledger_print_begin(&r->bytes, r->check, r->generation,
	    (uint64_t)time(NULL), r->machine, plan);
	return append(r, true, err);
}

int
record_staged(struct record *r, struct ferry_error *err)
{
	ledger_print_staged(&r->bytes, r->check, r->generation);
	return append(r, true, err);
}

int
record_end(struct record *r, struct ferry_error *err)
{
	uint64_t generation =
	    r->generation != 0 ? r->generation : r->ledger.generation;

	int rc;

	ledger_print_end(&r->bytes, r->check, generation);
	rc = append(r, false, err);
	if (rc == 0 && far_is_ftp(r->far) && r->state_dir >= 0)
		rc = ask_time(r, err);
	return rc;
}

int
record_judge(struct record *r, struct ferry_error *err)
{
	bool full = false;
	int rc = 0;

	if (r->appended.result == RESULT_FAILED)
		rc = far_is_full(r->far, &full, err);
	if (rc == 0 && full) {
		err_set(err, ferry_EFULL, "remote_full",
		    "the disk of the server is full: cannot write %s",
		    far_shown(r->far, RECORD_LEDGER));
		err_hint(err, "Make room on the server, then run it again.");
		return -ferry_EFULL;
	}
	return rc != 0 ? rc
		       : far_judge(&r->appended, "write",
			     far_shown(r->far, RECORD_LEDGER), err);
}

/* Replace the server's by what r->bytes has now. */
static int
rewrite(struct record *r, struct ferry_error *err)
{
	struct msg_done done;
	int fd, rc;

	if (!buf_ok(&r->bytes))
		return err_memory(err);
	fd = record_scratch(err);
	if (fd < 0)
		return -ferry_EINTERNAL;
	r->copied = false;
	r->mtime = 0;
	r->sent = r->bytes.len;
	rc = fs_write_all(fd, r->bytes.data, r->bytes.len) != 0
	    ? no_scratch(err)
	    : replace(r, fd, &done, err);
	close(fd);
	return rc != 0
	    ? rc
	    : far_judge(&done, "write", far_shown(r->far, RECORD_LEDGER), err);
}

int
record_compact(
    struct record *r, const struct tree *live, struct ferry_error *err)
{
	uint64_t generation =
	    r->generation != 0 ? r->generation : r->ledger.generation;

	buf_reset(&r->bytes);
	ledger_print_base(&r->bytes, r->check, generation, (uint64_t)time(NULL),
	    r->machine, r->release, live);
	return rewrite(r, err);
}

int
record_shorten(struct record *r, size_t keep, struct ferry_error *err)
{
	struct buf b;

	buf_init(&b, LIMIT_LEDGER);
	if (!ledger_print_compact(
		&b, r->check, &r->ledger, r->bytes.data, r->bytes.len, keep)) {
		buf_free(&b);
		return err_memory(err);
	}
	buf_free(&r->bytes);
	r->bytes = b;
	return rewrite(r, err);
}

void
record_keep(struct record *r)
{
	if (r->state_dir < 0 || r->bytes.len == 0 || !buf_ok(&r->bytes))
		return;
	if (r->mtime != 0) {
		struct record_seen seen = { r->sent, r->mtime, { 0 } };

		memcpy(seen.check, r->check, LEDGER_CHECK);
		record_seen_save(&seen, r->state_dir);
	}
	if (r->copied)
		return;
	if (fs_write(r->state_dir, RECORD_COPY, r->bytes.data, r->sent, 0600) ==
	    0)
		r->copied = true;
	else
		log_line(&r->far->job->report.log, LOG_WARNING,
		    "cannot keep a copy of the ledger: %s", strerror(errno));
}
