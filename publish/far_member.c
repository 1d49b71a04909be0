/*
 * The sessions of an FTP pool: how they come, answer, and go.  Hub.
 */
#include "publish/far_pool_parts.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"

enum {
	LOGINS = 6, /* tries, where the server is busy */
	PAUSE_MS = 100, /* before the second; twice that before the third */
	TRIES = 4, /* of one step */
	LOSSES = 12, /* sessions, with nothing done meanwhile */
	LONG_IDLE_MS = 1000, /* a server may have lost patience with it */
};

bool
far_member_is_there(const struct member *m)
{
	return m->login.session != NULL;
}

/* Logged in, too. */
static bool
is_open(const struct member *m)
{
	return far_member_is_there(m) && session_is_ready(m->login.session);
}

unsigned
far_member_count_open(const struct far_pool *p)
{
	unsigned n = 0, i;

	for (i = 0; i < MEMBERS; i++)
		n += is_open(&p->members[i]);
	return n;
}

unsigned
far_member_count(const struct far_pool *p)
{
	unsigned n = 0, i;

	for (i = 0; i < MEMBERS; i++)
		n += far_member_is_there(&p->members[i]);
	return n;
}

struct member *
far_member_free(struct far_pool *p, bool simple)
{
	struct member *m, *best = NULL;

	for (m = p->members; m < p->members + MEMBERS; m++) {
		if (!is_open(m) || m->tired)
			continue;
		if (m->flying > 0 && (!simple || !m->many || m->flying == MANY))
			continue;
		if (best == NULL || m->flying < best->flying)
			best = m;
	}
	return best;
}

bool
far_member_has_rested(const struct member *m)
{
	return clock_ms() - m->idle_since >= LONG_IDLE_MS;
}

/* ---- Replies: from inside a session's turn ---- */

void
far_member_land(struct flight *f)
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

static struct flight *
find_flight(struct far_pool *p, const struct member *m, uint32_t id)
{
	for (struct flight *f = p->flights; f < p->flights + FLIGHTS; f++)
		if (f->used && f->by == m && f->step.id == id)
			return f;
	return NULL;
}

static void
on_done(void *ctx, const struct msg_done *reply)
{
	struct member *m = ctx;
	struct far_pool *p = m->pool;
	struct flight *f = find_flight(p, m, reply->id);
	struct msg_done done = *reply;

	if (f == NULL)
		return; /* the session has checked the number */
	m->flying--;
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
	far_member_land(f);
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

	while (far_member_is_there(m))
		m++;
	*steps = (struct far_steps){ m, on_done, on_entry, on_progress, NULL };
	m->pool = p;
	m->flying = 0;
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

int
far_member_open_first(
    struct far_pool *p, struct member **out, struct ferry_error *err)
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

	far_grow_settle(g, far_member_count(p));
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
	    far_member_count(p) + 1, e->text);
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

int
far_member_begin(struct far_pool *p, struct ferry_error *err)
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
	for (unsigned i = 0; i < FLIGHTS; i++)
		if (p->flights[i].used && p->flights[i].order == FAR_LOOSE)
			return true;
	return false;
}

/* As many as help, while there is something that they can do. */
int
far_member_grow(struct far_pool *p, struct ferry_error *err)
{
	const unsigned open = far_member_count_open(p);
	unsigned there = far_member_count(p), wanted;
	int rc = 0;

	if (open == 0 || !has_loose(p))
		return 0;
	wanted = far_grow_wanted(&p->growth, open, there - open, clock_ms());
	for (; rc == 0 && there < wanted && there < p->growth.most; there++)
		rc = far_member_begin(p, err);
	return rc;
}

/*
 * Its steps are for other sessions.  How often was the one tried that was tried
 * most?
 */
static unsigned
take_flights(struct far_pool *p, struct member *m)
{
	const uint64_t now = clock_ms();
	unsigned most = 0;

	for (struct flight *f = p->flights; f < p->flights + FLIGHTS; f++) {
		if (!f->used || f->by != m)
			continue;
		f->by = NULL;
		f->settle.tries++;
		f->settle.doubt = true;
		f->not_before = now + pause_ms(f->settle.tries - 1);
		if (f->settle.tries > most)
			most = f->settle.tries;
	}
	m->flying = 0;
	return most;
}

/*
 * A server ends sessions that were idle for long, often by the same 421 as when
 * it wants fewer: that costs a new login, and says nothing about their number.
 */
int
far_member_lose(struct far_pool *p, struct member *m,
    const struct ferry_error *e, struct ferry_error *err)
{
	const bool was_open = is_open(m);
	const bool idled =
	    m->flying == 0 ? far_member_has_rested(m) : m->rested;
	const bool passing = e->code == ferry_ELOST || e->code == ferry_EBUSY;
	const unsigned tries = take_flights(p, m);

	far_login_close(&m->login);
	if (!was_open)
		return refused(p, e, err);
	log_line(
	    &p->job->report.log, LOG_INFO, "a connection is lost: %s", e->text);
	if (idled && passing && tries < TRIES)
		return 0;
	if (e->code == ferry_EBUSY)
		settle_growth(p);
	/* one that says nothing for so long would do so again */
	if (passing && strstr(e->id, "silent") == NULL && tries < TRIES &&
	    ++p->losses < LOSSES)
		return 0;
	if (err != NULL)
		*err = *e;
	return -e->code;
}
