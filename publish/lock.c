/*
 * The lock.  Hub.
 *
 * A run that was killed leaves its lock behind.  While it may have one on the
 * server, its name stands in the local lock: the next run finds it there,
 * holds the local lock that the dead one has lost, and takes over at once.
 * Anybody else waits until the lock is stale.  A run that found no name there
 * makes a new one: state folders may be copies of each other, on machines that
 * live at the same time.
 *
 * FTP cannot create a file exclusively, but a folder: there the lock is a
 * folder, and the text stands in a file inside it.
 */
#include "publish/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"

#define LOCK_TEXT LOCK_PATH "/owner" /* FTP */

enum {
	/* one without text: whoever made it had its connection cut */
	STALE_EMPTY_SECONDS = 30,
	NAMED_MS = 2000, /* within that time one that is alive gets its text */
	REFRESH_MS = 60 * 1000,
	/* a sign that was missed once may be late, twice is dead */
	ALIVE_SECONDS = 2 * REFRESH_MS / 1000,
	TRIES = 3,
	TEXT_MAX = 4096,
	NONCE = LOCK_NONCE,
};

static const char LOCAL_LOCK[] = "running";

void
lock_init(struct lock *l, struct far *far, int state_dir)
{
	memset(l, 0, sizeof(*l));
	l->far = far;
	l->state_dir = state_dir;
	l->local = l->text_fd = -1;
}

void
lock_close(struct lock *l)
{
	if (l->local >= 0)
		close(l->local);
	if (l->text_fd >= 0)
		close(l->text_fd);
	l->local = l->text_fd = -1;
}

/* The name of the run; that of a dead one, whose lock may be there still. */
static int
load_nonce(struct lock *l, struct ferry_error *err)
{
	unsigned char random[NONCE / 2];
	struct buf b;
	size_t i;

	buf_init(&b, NONCE);
	if (l->local >= 0 &&
	    fs_read(l->state_dir, LOCAL_LOCK, false, &b) == 0 &&
	    b.len == NONCE && strspn(buf_text(&b), "0123456789abcdef") == NONCE)
		memcpy(l->nonce, buf_text(&b), sizeof(l->nonce));
	buf_free(&b);
	if (l->nonce[0] != '\0')
		return 0;
	if (getentropy(random, sizeof(random)) != 0)
		return err_os(err, ferry_EINTERNAL, errno, "no_entropy",
		    "no random bytes");
	for (i = 0; i < sizeof(random); i++)
		snprintf(l->nonce + 2 * i, 3, "%02x", random[i]);
	return 0;
}

/* "me@machine 1234 2026-01-31T12:00:00Z 5d0c..." */
static int
make_text(struct lock *l, const char *machine, struct ferry_error *err)
{
	const char *user = l->far->job->site->url.user;
	char when[32] = "";
	time_t now = time(NULL);
	struct tm tm;
	int n;

	if (l->text_fd >= 0)
		return 0;
	if (gmtime_r(&now, &tm) != NULL)
		strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	n = snprintf(l->text, sizeof(l->text), "%.100s@%.63s %ld %s %s\n",
	    user != NULL ? user : "?", machine, (long)getpid(), when, l->nonce);
	l->text_len = (size_t)n;
	l->text_fd = fs_scratch();
	if (l->text_fd < 0 ||
	    fs_write_all(l->text_fd, l->text, l->text_len) != 0)
		return err_os(err, ferry_EINTERNAL, errno, "no_scratch",
		    "cannot write a temporary file");
	return 0;
}

/* The file that says whose it is, and whose time says how old it is. */
static const char *
text_path(const struct lock *l)
{
	return far_is_ftp(l->far) ? LOCK_TEXT : LOCK_PATH;
}

/* Against another run of this target on this machine. */
static int
lock_local(struct lock *l, struct ferry_error *err)
{
	struct stat st;

	if (l->state_dir < 0 || l->local >= 0)
		return 0;
	l->local = fs_lock(l->state_dir, LOCAL_LOCK, 0);
	if (l->local >= 0)
		l->left = fstat(l->local, &st) == 0 && st.st_size > 0;
	if (l->local >= 0 || errno != EAGAIN)
		return 0;
	err_set(err, ferry_ELOCKED, "locked",
	    "another publish of this site is running on this machine");
	err_hint(err, "Wait until it has ended.");
	return -ferry_ELOCKED;
}

/* For the next run: there may be one of this name on the server. */
static void
note_ours(const struct lock *l, bool ours)
{
	if (l->local < 0)
		return;
	if (ours)
		(void)!pwrite(l->local, l->nonce, NONCE, 0);
	else
		(void)!ftruncate(l->local, 0);
}

static void
keep_put(void *ctx, size_t item, const struct msg_done *done)
{
	struct lock *l = ctx;

	(void)item;
	l->put = *done;
}

static void
keep_ledger(void *ctx, size_t item, const struct msg_done *done)
{
	struct lock *l = ctx;

	(void)item;
	l->ledger = *done;
}

/* FTP: the folder decides, its text only explains. */
static int
make_folder(struct lock *l, struct ferry_error *err)
{
	struct msg_step *s = far_step(l->far, STEP_MKDIR, LOCK_PATH);
	int rc;

	s->flags = PUT_EXCLUSIVE; /* its parent lets nobody else in */
	rc = far_call(l->far, -1, &l->put, err);
	if (rc != 0 || l->put.result != RESULT_OK)
		return rc;
	s = far_step(l->far, STEP_PUT, LOCK_TEXT);
	s->flags = PUT_TRUNCATE;
	s->length = l->text_len;
	return far_call(l->far, l->text_fd, &l->put, err);
}

/*
 * Create the file, and look at the ledger behind that: a server that works in
 * order shows the ledger as it is under our lock.
 */
static int
try_once(struct lock *l, const struct record *record, struct ferry_error *err)
{
	struct far_handler put = {
		.done = keep_put, .ctx = l, .lasting = true
	};
	struct far_handler stat = {
		.done = keep_ledger, .ctx = l, .lasting = true
	};
	struct msg_step *s;
	int rc;

	if (far_is_ftp(l->far)) {
		rc = make_folder(l, err);
	} else {
		s = far_step(l->far, STEP_PUT, LOCK_PATH);
		s->flags = PUT_EXCLUSIVE;
		s->length = l->text_len;
		rc = far_send(l->far, l->text_fd, &put, err);
	}
	if (rc != 0)
		return rc;
	far_step(l->far, STEP_STAT, record_path(record))->flags =
	    record->absent ? STAT_ROUGH : 0;
	rc = far_send(l->far, -1, &stat, err);
	return rc != 0 ? rc : far_wait(l->far, err);
}

static int
judge_ledger(
    const struct lock *l, const struct record *record, struct ferry_error *err)
{
	bool same = record->absent
	    ? l->ledger.result == RESULT_ABSENT ||
		l->ledger.result == RESULT_UNSUPPORTED
	    : l->ledger.result == RESULT_OK && l->ledger.size == record->size;

	if (same) {
		l->far->left_at = l->ledger.mtime;
		return 0;
	}
	err_set(err, ferry_ELOCKED, "published_meanwhile",
	    "somebody else published while this run made its plan");
	err_hint(err, "Run it again: the plan will be made anew.");
	return -ferry_ELOCKED;
}

/* The server's clock, by the time that it gives a file made just now. */
static int
server_time(struct lock *l, uint64_t *now, struct ferry_error *err)
{
	static const char probe[] = FAR_SIDE "/clock";
	struct msg_done done;
	struct msg_step *s = far_step(l->far, STEP_PUT, probe);
	int rc;

	s->flags = PUT_TRUNCATE;
	s->length = l->text_len;
	rc = far_call(l->far, l->text_fd, &done, err);
	if (rc != 0)
		return rc;
	far_step(l->far, STEP_STAT, probe);
	rc = far_call(l->far, -1, &done, err);
	if (rc != 0)
		return rc;
	*now = done.result == RESULT_OK ? done.mtime : 0;
	far_step(l->far, STEP_REMOVE, probe);
	return far_call(l->far, -1, &done, err);
}

static int
read_text(struct lock *l, char *text, size_t size, struct ferry_error *err)
{
	struct msg_done done;
	struct msg_step *s;
	ssize_t n;
	int fd = fs_scratch(), rc;

	text[0] = '\0';
	if (fd < 0)
		return err_os(err, ferry_EINTERNAL, errno, "no_scratch",
		    "cannot make a temporary file");
	s = far_step(l->far, STEP_GET, text_path(l));
	s->length = size - 1;
	rc = far_call(l->far, fd, &done, err);
	n = pread(fd, text, size - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	close(fd);
	return rc;
}

/* Did a dead run of ours leave it?  We hold the local lock that it had. */
static bool
is_own(const struct lock *l, const char *text)
{
	return l->local >= 0 && strstr(text, l->nonce) != NULL;
}

static int
refuse(const char *text, uint64_t age, uint64_t stale, struct ferry_error *err)
{
	int n = (int)strcspn(text, " ");
	uint64_t left = stale > age ? stale - age : 0;

	err_set(err, ferry_ELOCKED, "locked",
	    "%.*s is publishing this site (lock refreshed %llu s ago)",
	    n > 0 ? n : 8, n > 0 ? text : "somebody", (unsigned long long)age);
	err_hint(err,
	    "Wait until that has ended. If it has died, the lock may be taken "
	    "over in %llu s.",
	    (unsigned long long)left);
	return -ferry_ELOCKED;
}

/* A lock that could not be created because nothing can be. */
static int
judge_room(struct lock *l, struct ferry_error *err)
{
	bool full;
	int rc = far_is_full(l->far, &full, err);

	if (rc != 0 || !full)
		return rc;
	err_set(err, ferry_EFULL, "remote_full",
	    "the disk of the server is full; the live site is untouched");
	err_hint(err, "Make room on the server, then run it again.");
	return -ferry_EFULL;
}

/* Its age, by the text; by the folder where that is not there. */
static int
look_at(struct lock *l, struct msg_done *stat, struct ferry_error *err)
{
	int rc;

	far_step(l->far, STEP_STAT, text_path(l));
	rc = far_call(l->far, -1, stat, err);
	if (rc != 0 || stat->result == RESULT_OK || !far_is_ftp(l->far))
		return rc;
	far_step(l->far, STEP_STAT, LOCK_PATH);
	return far_call(l->far, -1, stat, err);
}

static int
remove_other(struct lock *l, struct ferry_error *err)
{
	struct msg_done done;
	int rc;

	far_step(l->far, STEP_REMOVE, text_path(l));
	rc = far_call(l->far, -1, &done, err);
	if (rc != 0 || !far_is_ftp(l->far))
		return rc;
	far_step(l->far, STEP_RMDIR, LOCK_PATH);
	return far_call(l->far, -1, &done, err);
}

/* FTP: there may be the folder only. */
static bool
has_no_text(const struct msg_done *stat)
{
	return stat->size == 0 || S_ISDIR(stat->mode);
}

/*
 * Did a dead run of ours make it, and had no time to write into it?  Another
 * one, which is alive, will have done so in a moment.
 */
static int
judge_empty(
    struct lock *l, struct msg_done *stat, bool *own, struct ferry_error *err)
{
	struct pollfd cancel = { .fd = l->far->job->cancel[0],
		.events = POLLIN };
	int rc;

	*own = false;
	if (!l->left || !has_no_text(stat))
		return 0;
	(void)poll(&cancel, 1, NAMED_MS);
	rc = look_at(l, stat, err);
	*own = rc == 0 && stat->result == RESULT_OK && has_no_text(stat);
	return rc;
}

/* It could not be created.  0: what was there has gone, try again. */
static int
judge_other(struct lock *l, struct ferry_error *err)
{
	struct msg_done stat;
	char text[TEXT_MAX];
	uint64_t now = 0, age, stale;
	bool own = false;
	int rc;

	rc = look_at(l, &stat, err);
	if (rc != 0)
		return rc;
	if (stat.result != RESULT_OK || stat.size == 0)
		rc = judge_room(l, err);
	if (rc == 0 && stat.result == RESULT_OK)
		rc = judge_empty(l, &stat, &own, err);
	if (rc != 0 || stat.result != RESULT_OK)
		return rc;
	rc = read_text(l, text, sizeof(text), err);
	if (rc != 0)
		return rc;
	if (!own && !is_own(l, text)) {
		rc = server_time(l, &now, err);
		if (rc != 0)
			return rc;
		age = now > stat.mtime ? now - stat.mtime : 0;
		stale = text[0] != '\0' ? LOCK_STALE : STALE_EMPTY_SECONDS;
		if (age <= stale)
			return refuse(text, age, stale, err);
		report_note(&l->far->job->report,
		    "took over a lock that is %llu minutes old: %s",
		    (unsigned long long)age / 60, text);
	}
	return remove_other(l, err);
}

int
lock_take(struct lock *l, const struct record *record, struct ferry_error *err)
{
	int rc = lock_local(l, err), tries;

	if (rc == 0)
		rc = load_nonce(l, err);
	if (rc == 0)
		rc = make_text(l, record->machine, err);
	for (tries = 0; rc == 0 && tries < TRIES; tries++) {
		note_ours(l, true);
		rc = try_once(l, record, err);
		if (rc != 0)
			return rc;
		if (l->put.result == RESULT_OK)
			break;
		rc = judge_other(l, err);
	}
	if (rc == -ferry_ELOCKED)
		note_ours(l, false);
	if (rc != 0)
		return rc;
	if (l->put.result != RESULT_OK)
		return far_judge(
		    &l->put, "create", far_shown(l->far, LOCK_PATH), err);
	l->held = true;
	l->far->tick_at = clock_ms() + REFRESH_MS;
	return judge_ledger(l, record, err);
}

int
lock_refresh(struct lock *l, struct ferry_error *err)
{
	struct far_handler handler = { .done = NULL };
	struct msg_step *s;

	l->far->tick_at = clock_ms() + REFRESH_MS;
	if (!l->held)
		return 0;
	s = far_step(l->far, STEP_PUT, text_path(l));
	s->flags = PUT_TRUNCATE;
	s->length = l->text_len;
	far_urgent(l->far);
	return far_send(l->far, l->text_fd, &handler, err);
}

static void
released(void *ctx, size_t item, const struct msg_done *done)
{
	struct lock *l = ctx;

	(void)item;
	if (done->result == RESULT_OK || done->result == RESULT_ABSENT)
		note_ours(l, false);
	l->releasing = false;
}

int
lock_release(struct lock *l, struct ferry_error *err)
{
	struct far_handler handler = {
		.done = released, .ctx = l, .lasting = true
	};
	const struct far_handler nobody = { .done = NULL };
	int rc;

	if (!l->held)
		return 0;
	l->held = false;
	l->releasing = true;
	if (far_is_ftp(l->far)) {
		/* it can wait: a connection of its own costs more */
		far_step(l->far, STEP_REMOVE, LOCK_TEXT);
		far_loose(l->far);
		rc = far_send(l->far, -1, &nobody, err);
		if (rc != 0)
			return rc;
		far_step(l->far, STEP_RMDIR, LOCK_PATH);
		far_loose(l->far);
	} else {
		far_step(l->far, STEP_REMOVE, LOCK_PATH);
		far_urgent(l->far);
	}
	return far_send(l->far, -1, &handler, err);
}

void
lock_take_left(struct lock *l, const struct record *record)
{
	struct stat st;

	if (l->state_dir >= 0 &&
	    fstatat(l->state_dir, LOCAL_LOCK, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_size > 0 && lock_local(l, NULL) == 0 && l->left)
		(void)lock_take(l, record, NULL);
}

int
lock_await(struct lock *l, struct ferry_error *err)
{
	return far_wait_while(l->far, &l->releasing, err);
}

int
lock_look(struct far *far, struct lock_other *out, struct ferry_error *err)
{
	struct msg_done stat;
	struct lock l;
	int rc;

	memset(out, 0, sizeof(*out));
	lock_init(&l, far, -1);
	/* FTP: mostly there is none, and a no may cost more than a yes */
	far_step(far, STEP_STAT, LOCK_PATH);
	rc = far_call(far, -1, &stat, err);
	if (rc == 0 && stat.result == RESULT_OK && far_is_ftp(far))
		rc = look_at(&l, &stat, err);
	if (rc != 0 || stat.result == RESULT_ABSENT)
		return rc;
	if (stat.result != RESULT_OK)
		return far_judge(
		    &stat, "look at", far_shown(far, LOCK_PATH), err);
	out->held = true;
	out->mtime = stat.mtime;
	return read_text(&l, out->text, sizeof(out->text), err);
}

int
lock_judge(struct lock *l, const char *machine, struct lock_other *other,
    struct ferry_error *err)
{
	uint64_t now = 0;
	int rc = make_text(l, machine, err);

	if (rc == 0)
		rc = server_time(l, &now, err);
	other->age = now > other->mtime ? now - other->mtime : 0;
	other->alive =
	    now == 0 || other->age < ALIVE_SECONDS || lock_local(l, NULL) != 0;
	return rc;
}

int
lock_remove(
    struct lock *l, const struct lock_other *seen, struct ferry_error *err)
{
	struct lock_other now;
	int rc = lock_look(l->far, &now, err);

	if (rc != 0 || !now.held)
		return rc;
	if (now.mtime != seen->mtime || strcmp(now.text, seen->text) != 0) {
		err_set(err, ferry_ELOCKED, "lock_taken",
		    "the lock was taken or refreshed just now");
		err_hint(err, "Its owner lives: wait until it has ended.");
		return -ferry_ELOCKED;
	}
	rc = remove_other(l, err);
	if (rc == 0)
		rc = lock_look(l->far, &now, err);
	if (rc != 0 || !now.held)
		return rc;
	err_set(err, ferry_EDENIED, "lock_stays", "cannot remove the lock, %s",
	    far_shown(l->far, LOCK_PATH));
	err_hint(err, "Check the owner and mode on the server.");
	return -ferry_EDENIED;
}
