/*
 * Several FTP sessions as one far side.  Hub.
 */
#include "publish/far_pool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "publish/far_grow.h"
#include "publish/far_settle.h"

enum {
	MEMBERS = SITE_MAX_CONNECTIONS + 1, /* one for what is urgent */
	TRIES = 4, /* of one step */
	LOGINS = 6, /* tries, where the server is busy */
	PAUSE_MS = 100, /* before the second; twice that before the third */
	LOSSES = 12, /* sessions, with nothing done meanwhile */
	LONG_IDLE_MS = 1000, /* a server may have lost patience with it */
};

struct flight {
	bool used;
	struct msg_step step;
	int fd; /* a copy, or -1 */
	enum far_order order;
	struct far_settle settle;
	uint64_t not_before;
	struct member *by; /* NULL: to be sent again */
};

struct member {
	struct far_pool *pool;
	struct far_login login;
	struct flight *flight; /* NULL: idle */
	uint64_t confirmed; /* bytes */
	uint64_t idle_since;
	bool rested; /* it was idle for long before this step */
	bool tired; /* a passing fault: have another session */
};

struct far_pool {
	struct ferry_job *job;
	struct far_ftp ftp;
	struct far_steps steps;
	int cancel_fd;
	uint32_t features; /* as the first session had them */
	struct member members[MEMBERS];
	struct flight flights[MEMBERS];
	unsigned losses;
	uint64_t confirmed;
	struct far_grow growth;
};

/* One that is there may still be logging in. */
static bool
is_there(const struct member *m)
{
	return m->login.session != NULL;
}

static bool
is_open(const struct member *m)
{
	return is_there(m) && session_is_ready(m->login.session);
}

static unsigned
count_open(const struct far_pool *p)
{
	unsigned n = 0, i;

	for (i = 0; i < MEMBERS; i++)
		n += is_open(&p->members[i]);
	return n;
}

static unsigned
count_there(const struct far_pool *p)
{
	unsigned n = 0, i;

	for (i = 0; i < MEMBERS; i++)
		n += is_there(&p->members[i]);
	return n;
}

static struct member *
idle(struct far_pool *p)
{
	for (unsigned i = 0; i < MEMBERS; i++)
		if (is_open(&p->members[i]) && p->members[i].flight == NULL)
			return &p->members[i];
	return NULL;
}

static bool
has_rested(const struct member *m)
{
	return clock_ms() - m->idle_since >= LONG_IDLE_MS;
}

static struct flight *
free_flight(struct far_pool *p)
{
	for (unsigned i = 0; i < MEMBERS; i++)
		if (!p->flights[i].used)
			return &p->flights[i];
	return NULL;
}

/* ---- Replies: from inside a session's turn ---- */

static void
land(struct flight *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	f->used = false;
	f->by = NULL;
}

static uint64_t
pause_ms(unsigned tries)
{
	return (uint64_t)PAUSE_MS << (tries < 6 ? tries : 6);
}

static void
on_done(void *ctx, const struct msg_done *reply)
{
	struct member *m = ctx;
	struct far_pool *p = m->pool;
	struct flight *f = m->flight;
	struct msg_done done = *reply;

	if (f == NULL)
		return; /* the session has checked the number */
	m->flight = NULL;
	m->idle_since = clock_ms();
	f->by = NULL;
	if (done.result == RESULT_SKIPPED)
		return; /* the session's end comes next */
	if (done.result == RESULT_AGAIN && f->settle.tries + 1 < TRIES) {
		f->settle.tries++;
		f->not_before = clock_ms() + pause_ms(f->settle.tries);
		m->tired = true;
		return;
	}
	if (!far_settle_reply(&f->settle, &f->step, &done))
		return; /* it goes on with another step */
	p->losses = 0;
	far_grow_done(&p->growth, done.sent);
	land(f);
	p->steps.on_done(p->steps.ctx, &done);
}

static void
on_entry(void *ctx, const struct msg_entry *entry)
{
	struct member *m = ctx;

	/* names of a listing that was begun before are told twice: harmless */
	m->pool->steps.on_entry(m->pool->steps.ctx, entry);
}

static void
on_progress(void *ctx, uint64_t bytes)
{
	struct member *m = ctx;
	struct far_pool *p = m->pool;

	p->confirmed += bytes - m->confirmed;
	m->confirmed = bytes;
	p->steps.on_progress(p->steps.ctx, p->confirmed);
}

/* ---- Sessions come and go ---- */

/* A free place; its steps' replies come here. */
static struct member *
make_member(struct far_pool *p, struct far_steps *steps)
{
	struct member *m = p->members;

	while (is_there(m))
		m++;
	*steps = (struct far_steps){ m, on_done, on_entry, on_progress };
	m->pool = p;
	m->flight = NULL;
	m->confirmed = 0;
	m->idle_since = clock_ms();
	m->tired = m->rested = false;
	return m;
}

static int
open_member(struct far_pool *p, struct member **out, struct ferry_error *err)
{
	struct far_steps steps;
	struct member *m = make_member(p, &steps);
	int rc = far_login_open_ftp(
	    &m->login, p->job, &p->ftp, &steps, p->cancel_fd, err);

	*out = rc == 0 ? m : NULL;
	return rc;
}

/* False: cancelled meanwhile. */
static bool
rest(const struct far_pool *p, uint64_t ms)
{
	struct pollfd fd = { .fd = p->cancel_fd, .events = POLLIN };

	return poll(&fd, 1, (int)ms) <= 0;
}

/* Where there is none at all: a server that is busy is asked again. */
static int
open_first(struct far_pool *p, struct member **out, struct ferry_error *err)
{
	unsigned tries;
	int rc = 0;

	for (tries = 1; tries <= LOGINS; tries++) {
		rc = open_member(p, out, err);
		if (rc != -ferry_EBUSY || tries == LOGINS)
			break;
		log_line(&p->job->report.log, LOG_INFO,
		    "the server is busy (%s): trying again", err->text);
		if (!rest(p, pause_ms(tries)))
			return err_set(
			    err, ferry_ECANCELLED, "cancelled", "cancelled");
	}
	return rc;
}

/* The server does not want more than these. */
static void
settle_growth(struct far_pool *p)
{
	struct far_grow *g = &p->growth;

	far_grow_settle(g, count_there(p));
	log_line(&p->job->report.log, LOG_INFO, "%u FTP connection%s", g->most,
	    g->most == 1 ? "" : "s");
}

/*
 * There is no further session.  Whatever the server had against it, the others
 * go on; but a worker that breaks out, or a failure of ours, is the end.
 */
static int
refused(
    struct far_pool *p, const struct ferry_error *e, struct ferry_error *err)
{
	log_line(&p->job->report.log, LOG_INFO, "no connection number %u: %s",
	    count_there(p) + 1, e->text);
	switch (e->code) {
	case ferry_EBUSY:
	case ferry_EREACH:
	case ferry_ELOST:
	case ferry_ELOGIN:
	case ferry_EPOLICY:
		settle_growth(p);
		return 0;
	default:
		if (err != NULL)
			*err = *e;
		return -e->code;
	}
}

/* One more, beside one that is open: it logs in while the others work. */
static int
begin_member(struct far_pool *p, struct ferry_error *err)
{
	const struct member *beside = p->members;
	struct far_steps steps;
	struct member *m;
	struct ferry_error e;

	while (!is_open(beside))
		beside++;
	m = make_member(p, &steps);
	return far_login_begin_ftp(
		   &m->login, &beside->login, &steps, p->cancel_fd, &e) == 0
	    ? 0
	    : refused(p, &e, err);
}

static bool
has_loose(const struct far_pool *p)
{
	for (unsigned i = 0; i < MEMBERS; i++)
		if (p->flights[i].used && p->flights[i].order == FAR_LOOSE)
			return true;
	return false;
}

/* As many as help, while there is something that they can do. */
static int
grow(struct far_pool *p, struct ferry_error *err)
{
	const unsigned open = count_open(p);
	unsigned there = count_there(p), wanted;
	int rc = 0;

	if (open == 0 || !has_loose(p))
		return 0;
	wanted = far_grow_wanted(&p->growth, open, there - open, clock_ms());
	for (; rc == 0 && there < wanted && there < p->growth.most; there++)
		rc = begin_member(p, err);
	return rc;
}

/* Its step, if it had one, is for another session. */
static struct flight *
take_flight(struct far_pool *p, struct member *m)
{
	struct flight *f = m->flight;

	m->flight = NULL;
	for (unsigned i = 0; i < MEMBERS; i++)
		if (p->flights[i].used && p->flights[i].by == m)
			f = &p->flights[i];
	if (f != NULL) {
		f->by = NULL;
		f->settle.tries++;
		f->settle.doubt = true;
		f->not_before = clock_ms() + pause_ms(f->settle.tries - 1);
	}
	return f;
}

/*
 * A server ends sessions that were idle for long, often by the same 421 as when
 * it wants fewer: that costs a new login, and says nothing about their number.
 */
static int
lose(struct far_pool *p, struct member *m, const struct ferry_error *e,
    struct ferry_error *err)
{
	const bool was_open = is_open(m);
	const bool idled = m->flight == NULL ? has_rested(m) : m->rested;
	const bool passing = e->code == ferry_ELOST || e->code == ferry_EBUSY;
	struct flight *f = take_flight(p, m);

	far_login_close(&m->login);
	if (!was_open)
		return refused(p, e, err);
	log_line(
	    &p->job->report.log, LOG_INFO, "a connection is lost: %s", e->text);
	if (idled && passing && (f == NULL || f->settle.tries < TRIES))
		return 0;
	if (e->code == ferry_EBUSY)
		settle_growth(p);
	/* one that says nothing for so long would do so again */
	if (passing && strstr(e->id, "silent") == NULL &&
	    (f == NULL || f->settle.tries < TRIES) && ++p->losses < LOSSES)
		return 0;
	if (err != NULL)
		*err = *e;
	return -e->code;
}

static int
start(struct far_pool *p, struct flight *f, struct member *m,
    struct ferry_error *err)
{
	struct msg_step now;
	struct ferry_error e;
	int rc;

	f->by = m;
	m->flight = f;
	m->rested = has_rested(m);
	far_settle_step(&f->settle, &f->step, &now);
	rc = session_step(
	    m->login.session, &now, now.op == f->step.op ? f->fd : -1, &e);
	if (rc == 0)
		return 0;
	m->flight = NULL;
	f->by = NULL;
	if (rc == -ferry_ECANCELLED) {
		if (err != NULL)
			*err = e;
		return rc;
	}
	return lose(p, m, &e, err);
}

/* What waits for a session goes before all else. */
static int
resend(struct far_pool *p, struct ferry_error *err)
{
	const uint64_t now = clock_ms();
	struct member *m;
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < MEMBERS; i++) {
		struct flight *f = &p->flights[i];

		if (!f->used || f->by != NULL || f->not_before > now)
			continue;
		m = idle(p);
		if (m == NULL && count_there(p) == 0)
			rc = open_first(p, &m, err);
		if (rc == 0 && m != NULL)
			rc = start(p, f, m, err);
	}
	return rc;
}

static int
turn(struct far_pool *p, struct ferry_error *err)
{
	struct ferry_error e;
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < MEMBERS; i++) {
		struct member *m = &p->members[i];

		if (!is_there(m))
			continue;
		rc = session_turn(m->login.session, &e);
		if (rc == -ferry_ECANCELLED) {
			if (err != NULL)
				*err = e;
		} else if (rc != 0) {
			rc = lose(p, m, &e, err);
		} else if (m->tired && m->flight == NULL) {
			far_login_close(&m->login);
		}
	}
	return rc == 0 ? resend(p, err) : rc;
}

/* ---- Steps ---- */

static bool
may_go(
    const struct far_pool *p, const struct msg_step *step, enum far_order order)
{
	for (unsigned i = 0; i < MEMBERS; i++) {
		const struct flight *f = &p->flights[i];

		if (f->used &&
		    !far_order_together(&f->step, f->order, step, order))
			return false;
	}
	return true;
}

bool
far_pool_can(
    const struct far_pool *p, const struct msg_step *step, enum far_order order)
{
	struct far_pool *changes = (struct far_pool *)p;

	return may_go(p, step, order) && free_flight(changes) != NULL &&
	    (idle(changes) != NULL || count_there(p) == 0 ||
		order == FAR_URGENT);
}

static struct flight *
board(struct far_pool *p, const struct msg_step *step, int fd,
    enum far_order order)
{
	struct flight *f = free_flight(p);

	*f = (struct flight){ .used = true, .step = *step, .order = order };
	f->fd = fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;
	return f;
}

int
far_pool_send(struct far_pool *p, const struct msg_step *step, int fd,
    enum far_order order, struct ferry_error *err)
{
	const unsigned there = count_there(p);
	struct member *m = idle(p);
	struct flight *f;
	int rc = 0;

	if (there == 0)
		rc = open_first(p, &m, err);
	else if (m == NULL && count_open(p) == there && there < MEMBERS)
		rc = begin_member(p, err); /* it is urgent */
	if (rc != 0)
		return rc;
	f = board(p, step, fd, order);
	if (order == FAR_LOOSE)
		far_grow_sent(&p->growth);
	if (m == NULL)
		return 0; /* it goes with the next session that is free */
	rc = start(p, f, m, err);
	if (rc != 0)
		land(f);
	return rc;
}

/* ---- Waiting ---- */

static void
wait_for(struct far_pool *p, uint64_t until)
{
	struct pollfd fds[MEMBERS * SESSION_POLLS + 1];
	int timeout_ms = clock_left(until), left;
	size_t n = 0;

	for (unsigned i = 0; i < MEMBERS; i++) {
		const struct flight *f = &p->flights[i];

		if (is_there(&p->members[i]))
			n += session_poll(
			    p->members[i].login.session, fds + n, &timeout_ms);
		if (!f->used || f->by != NULL)
			continue;
		left = clock_left(f->not_before);
		if (left < timeout_ms &&
		    (left > 0 || idle(p) != NULL || count_there(p) == 0))
			timeout_ms = left;
	}
	fds[n++] = (struct pollfd){ .fd = p->cancel_fd, .events = POLLIN };
	(void)poll(fds, n, timeout_ms);
}

int
far_pool_wait(struct far_pool *p, uint64_t until, struct ferry_error *err)
{
	struct pollfd cancel = { .fd = p->cancel_fd, .events = POLLIN };
	int rc = grow(p, err);

	if (rc != 0)
		return rc;
	wait_for(p, until);
	if (poll(&cancel, 1, 0) > 0)
		return err_set(err, ferry_ECANCELLED, "cancelled", "cancelled");
	return turn(p, err);
}

/* ---- The whole ---- */

int
far_pool_new(struct far_pool **out, struct ferry_job *job,
    const struct far_steps *steps, int cancel_fd, struct ferry_error *err)
{
	struct far_pool *p = calloc(1, sizeof(*p));
	int rc;

	*out = NULL;
	if (p == NULL)
		return err_memory(err);
	p->job = job;
	p->steps = *steps;
	p->cancel_fd = cancel_fd;
	far_grow_init(&p->growth, job->site->connections, SITE_MAX_CONNECTIONS);
	rc = far_ftp_open(&p->ftp, job, err);
	if (rc != 0) {
		far_pool_free(p);
		return rc;
	}
	*out = p;
	return 0;
}

void
far_pool_free(struct far_pool *p)
{
	if (p == NULL)
		return;
	for (unsigned i = 0; i < MEMBERS; i++) {
		far_login_close(&p->members[i].login);
		if (p->flights[i].used)
			land(&p->flights[i]);
	}
	if (p->growth.known > 0)
		far_ftp_helped(&p->ftp, p->growth.known);
	far_ftp_close(&p->ftp);
	free(p);
}

void
far_pool_load(struct far_pool *p, int state_dir)
{
	far_ftp_load(&p->ftp, state_dir);
	far_grow_remember(&p->growth, p->ftp.connections);
}

int
far_pool_open(struct far_pool *p, struct ferry_error *err)
{
	struct member *first;
	int rc = open_first(p, &first, err);

	if (rc != 0)
		return rc;
	p->features = session_ready(first->login.session)->features;
	far_ftp_ready(&p->ftp, session_ready(first->login.session));
	return 0;
}

bool
far_pool_is_open(const struct far_pool *p)
{
	return count_open(p) > 0;
}

uint32_t
far_pool_features(const struct far_pool *p)
{
	return (p->features | p->ftp.has) & ~p->ftp.lacks;
}

bool
far_pool_keeps_times(const struct far_pool *p)
{
	return (p->ftp.has & ~p->ftp.lacks & MSG_FTP_MFMT) != 0;
}

void
far_pool_expect(struct far_pool *p, size_t steps)
{
	far_grow_expect(&p->growth, steps, clock_ms());
}
