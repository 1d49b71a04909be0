/*
 * Read the server's ledger, append to it, keep a copy of it here.  Hub.
 *
 * A copy that is current is recognised by its last check alone: the check
 * covers everything before it.  So a run asks for the server's bytes from eight
 * before the end of the copy, and usually gets just those eight.
 *
 * Over FTP even that takes seven round trips.  There the size and the time of
 * the server's are remembered from when the copy was seen to equal it; as long
 * as it has both, it was not written to.  (A publish makes it longer, and only
 * then it may be compacted.)
 */
#include "publish/record.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/limits.h"
#include "publish/owner.h"
#include "publish/record_seen.h"

static const char COPY_NAME[] = "ledger";

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

static int
scratch(struct ferry_error *err)
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

/* Fetch the ledger from this offset on, appending to r->bytes. */
static int
fetch(struct record *r, uint64_t from, struct msg_done *done,
    struct ferry_error *err)
{
	int fd = scratch(err), rc;
	struct msg_step *s;

	if (fd < 0)
		return -ferry_EINTERNAL;
	s = far_step(r->far, STEP_GET, record_path(r));
	s->offset = from;
	s->length = LIMIT_LEDGER;
	rc = far_call(r->far, fd, done, err);
	if (rc == 0 && done->result == RESULT_OK) {
		if (done->size > LIMIT_LEDGER)
			rc = err_set(err, ferry_EDRIFT, "ledger_corrupt",
			    "the ledger on the server is too large to be one");
		else if (lseek(fd, 0, SEEK_SET) < 0 ||
		    fs_read_fd(fd, &r->bytes) != 0)
			rc = err_os(err, ferry_EINTERNAL, errno, "ledger_fetch",
			    "cannot read back the server's ledger");
	}
	close(fd);
	return rc;
}

/* With the copy in r->bytes: r->copied, if a look from afar is enough. */
static int
glance(struct record *r, struct msg_done *done, struct ferry_error *err)
{
	struct record_seen seen = { .size = r->bytes.len };
	int rc;

	memcpy(seen.check, r->bytes.data + r->bytes.len - LEDGER_CHECK,
	    LEDGER_CHECK);
	if (!far_is_ftp(r->far) || r->aside ||
	    !record_seen_load(&seen, r->state_dir))
		return 0;
	far_step(r->far, STEP_STAT, RECORD_LEDGER)->flags = STAT_ROUGH;
	rc = far_call(r->far, -1, done, err);
	r->copied = rc == 0 && done->result == RESULT_OK &&
	    done->size == seen.size && done->mtime == seen.mtime;
	return rc;
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

/* ---- Reading ---- */

/* Does the server's ledger go on where our copy ends? */
static bool
continues(const struct record *r, size_t copy, const struct msg_done *done)
{
	return done->result == RESULT_OK && done->size >= copy &&
	    r->bytes.len >= copy + LEDGER_CHECK &&
	    memcmp(r->bytes.data + copy, r->bytes.data + copy - LEDGER_CHECK,
		LEDGER_CHECK) == 0;
}

/*
 * With a usable copy: its bytes, and behind them the eight bytes again and what
 * is new.  Leaves r->bytes empty when the copy is of no use.
 */
static int
fetch_behind_copy(
    struct record *r, struct msg_done *done, struct ferry_error *err)
{
	size_t copy;
	int rc;

	if (r->whole || r->state_dir < 0 ||
	    fs_read(r->state_dir, COPY_NAME, false, &r->bytes) != 0 ||
	    r->bytes.len < strlen(LEDGER_MAGIC) + LEDGER_CHECK) {
		buf_reset(&r->bytes);
		return 0;
	}
	copy = r->bytes.len;
	rc = glance(r, done, err);
	if (rc != 0 || r->copied)
		return rc;
	rc = fetch(r, copy - LEDGER_CHECK, done, err);
	if (rc != 0)
		return rc;
	if (!continues(r, copy, done)) {
		buf_reset(&r->bytes);
		return 0;
	}
	memmove(r->bytes.data + copy, r->bytes.data + copy + LEDGER_CHECK,
	    r->bytes.len - copy - LEDGER_CHECK);
	r->bytes.len -= LEDGER_CHECK;
	r->copied = r->bytes.len == copy;
	if (r->copied)
		r->mtime = done->mtime;
	return 0;
}

static int
judge_read(struct far *f, const struct msg_done *done, struct ferry_error *err)
{
	struct ferry_error why;

	if (done->result == RESULT_OK || done->result == RESULT_ABSENT)
		return 0;
	far_judge(done, "read", far_shown(f, RECORD_LEDGER), &why);
	err_set(err, ferry_EDENIED, "ledger_unreadable", "%s", why.text);
	err_hint(err,
	    "Without it nothing is known of what is there. Make it "
	    "readable for this user on the server.");
	return -ferry_EDENIED;
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
	    fs_read(r->state_dir, COPY_NAME, false, &b) == 0 &&
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
	    faccessat(r->state_dir, COPY_NAME, F_OK, 0) == 0;
}

/* The copy is of a site that is no longer known there, or of none. */
static bool
copy_has_publish(const struct record *r)
{
	struct ledger l;
	bool has;

	ledger_init(&l);
	has = record_copy(r, &l);
	ledger_free(&l);
	return has;
}

static void
count_staged(void *ctx, size_t item, const struct msg_entry *entry)
{
	struct record *r = ctx;

	(void)item;
	(void)entry;
	r->staged++;
}

static void
listed_stage(void *ctx, size_t item, const struct msg_done *done)
{
	struct record *r = ctx;

	(void)item;
	r->stage = *done;
}

/* In flight. */
static int
ask_stage(struct record *r, struct ferry_error *err)
{
	const struct far_handler handler = { .done = listed_stage,
		.entry = count_staged,
		.ctx = r,
		.lasting = true };

	r->knows_stage = true;
	r->staged = 0;
	far_step(r->far, STEP_LIST, FAR_STAGE);
	return far_send(r->far, -1, &handler, err);
}

/*
 * An empty ledger stands for the first publish, or was lost: a copy here tells
 * of one, or files are staged, which never happens before there is a ledger.
 * Without our folder there nothing is lost, but all is to be made anew.
 */
static int
judge_empty(struct record *r, struct ferry_error *err)
{
	bool known = copy_has_publish(r), lost = known;
	int rc = 0;

	if (!r->absent && !known)
		return 0;
	if (r->absent) {
		if (!r->knows_stage)
			rc = ask_stage(r, err);
		if (rc == 0)
			rc = far_wait(r->far, err);
		lost = r->stage.result != RESULT_ABSENT &&
		    (known || r->staged > 0);
		r->gone = rc == 0 && known && !lost;
	}
	if (rc != 0 || !lost)
		return rc;
	return err_set(err, ferry_EDRIFT, "ledger_lost",
	    "the ledger on the server is %s, but this site has been published",
	    r->absent ? "gone" : "empty");
}

/* Fetch it, if need be whole, and parse it. */
static int
read_any(struct record *r, struct ferry_error *err)
{
	struct msg_done done = { .result = RESULT_SKIPPED };
	bool from_copy;
	int rc;

	r->copied = r->absent = r->gone = false;
	buf_reset(&r->bytes);
	rc = fetch_behind_copy(r, &done, err);
	from_copy = r->bytes.len > 0;
	while (rc == 0) {
		if (!from_copy && done.result != RESULT_ABSENT) {
			buf_reset(&r->bytes);
			rc = fetch(r, 0, &done, err);
		}
		if (rc == 0)
			rc = judge_read(r->far, &done, err);
		if (rc != 0)
			return rc;
		r->absent = done.result == RESULT_ABSENT;
		r->size = r->absent ? 0 : done.size;
		rc = record_parse(r, err);
		if (rc != -ferry_EDRIFT || !from_copy)
			break;
		/* perhaps it is our copy that is damaged */
		from_copy = r->copied = false;
		rc = 0;
	}
	r->known = from_copy;
	return rc;
}

/*
 * An FTP server that cannot replace a file shows none for a moment: the old one
 * is aside.  A run that was cut off just then has left it there.
 */
static int
read_aside(struct record *r, struct ferry_error *err)
{
	int rc;

	r->aside = true;
	rc = read_any(r, err);
	r->aside = rc == 0 && !r->absent;
	return rc;
}

int
record_read(struct record *r, struct ferry_error *err)
{
	int rc = 0;

	/* a first publish?  One flight tells it from a ledger that was lost */
	r->knows_stage = false;
	if (!far_is_ftp(r->far) && !record_has_copy(r))
		rc = ask_stage(r, err);
	if (rc == 0)
		rc = read_any(r, err);
	if (rc == 0 && r->absent && far_is_ftp(r->far))
		rc = read_aside(r, err);
	if (rc == 0 && r->ledger.generation == 0)
		rc = judge_empty(r, err);
	if (rc == 0 && !r->known)
		rc = owner_judge(r->far, &r->ledger, err);
	if (rc == -ferry_EDRIFT)
		err_hint(err,
		    "Nothing was changed. `sandferry adopt' makes a new one "
		    "from what is there; or put %s back from a backup.",
		    far_shown(r->far, RECORD_LEDGER));
	return rc;
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
		unlinkat(r->state_dir, COPY_NAME, 0);
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
	int fd = scratch(err), rc = 0;

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
	fd = scratch(err);
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
	fd = scratch(err);
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
	if (fs_write(r->state_dir, COPY_NAME, r->bytes.data, r->sent, 0600) ==
	    0)
		r->copied = true;
	else
		log_line(&r->far->job->report.log, LOG_WARNING,
		    "cannot keep a copy of the ledger: %s", strerror(errno));
}
