/*
 * Read the server's ledger.  Hub.
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
#include "publish/record_parts.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/limits.h"
#include "publish/owner.h"
#include "publish/record_seen.h"

/* Fetch the ledger from this offset on, appending to r->bytes. */
static int
fetch(struct record *r, uint64_t from, struct msg_done *done,
    struct ferry_error *err)
{
	int fd = record_scratch(err), rc;
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
	    fs_read(r->state_dir, RECORD_COPY, false, &r->bytes) != 0 ||
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
	if (done->result == RESULT_OK || done->result == RESULT_ABSENT)
		return 0;
	far_judge(done, "read", far_shown(f, RECORD_LEDGER), err);
	err_recode(err, ferry_EDENIED, "ledger_unreadable");
	err_hint(err,
	    "Without it nothing is known of what is there. Make it "
	    "readable for this user on the server.");
	return -ferry_EDENIED;
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
