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
#include "publish/far_settle.h"

enum {
	MEMBERS = SITE_MAX_CONNECTIONS + 1, /* one for what is urgent */
	TRIES = 4, /* of one step */
	LOGINS = 6, /* tries, where the server is busy */
	PAUSE_MS = 100, /* before the second; twice that before the third */
	PATIENCE_MS = 5000, /* for a further connection */
	LOSSES = 12, /* sessions, with nothing done meanwhile */
	WORTH = 6, /* steps that pay for a second login */
	STEP_WEIGHT = 64 * 1024, /* bytes that a step's round trips cost */
	SAMPLE_MS = 300,
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
	bool tired; /* a passing fault: have another session */
};

/* What further sessions bring. */
struct growth {
	unsigned most;
	bool settled; /* one more does not help, or is refused */
	size_t left; /* loose steps to come */
	uint64_t since; /* when the last sample began */
	uint64_t work, steps; /* done since then */
	double rate; /* with one session less */
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
	struct growth growth;
};

static bool
is_open(const struct member *m)
{
	return m->login.session != NULL;
}

static unsigned
count_open(const struct far_pool *p)
{
	unsigned n = 0, i;

	for (i = 0; i < MEMBERS; i++)
		n += is_open(&p->members[i]);
	return n;
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
	p->growth.steps++;
	p->growth.work += STEP_WEIGHT + done.sent;
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

static int
open_member(struct far_pool *p, struct member **out, struct ferry_error *err)
{
	struct far_steps steps = { NULL, on_done, on_entry, on_progress };
	struct member *m = p->members;
	int rc;

	while (is_open(m))
		m++;
	steps.ctx = m;
	m->pool = p;
	m->flight = NULL;
	m->confirmed = 0;
	m->tired = false;
	rc = far_login_open_ftp(
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

static void
settle_growth(struct far_pool *p, unsigned most)
{
	struct growth *g = &p->growth;

	g->settled = true;
	g->most = most > 0 ? most : 1;
	if (p->job->site->connections == 0 && p->ftp.connections != g->most) {
		p->ftp.connections = g->most;
		p->ftp.changed = true;
	}
	log_line(&p->job->report.log, LOG_INFO, "%u FTP connection%s", g->most,
	    g->most == 1 ? "" : "s");
}

/* One more.  A server that does not want it has said how many it wants. */
static int
grow(struct far_pool *p, struct member **out, struct ferry_error *err)
{
	const unsigned had = count_open(p);
	struct ferry_error e;
	int rc = open_member(p, out, &e);

	p->growth.since = clock_ms();
	p->growth.work = p->growth.steps = 0;
	switch (-rc) {
	case ferry_OK:
		return 0;
	case ferry_EBUSY:
	case ferry_EREACH:
	case ferry_ELOST:
	case ferry_ELOGIN:
		log_line(&p->job->report.log, LOG_INFO,
		    "no connection number %u: %s", had + 1, e.text);
		settle_growth(p, had);
		return 0;
	default:
		if (err != NULL)
			*err = e;
		return rc;
	}
}

/* Its step, if it had one, is for another session. */
static int
lose(struct far_pool *p, struct member *m, const struct ferry_error *e,
    struct ferry_error *err)
{
	struct flight *f = m->flight;

	far_login_close(&m->login);
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
	log_line(
	    &p->job->report.log, LOG_INFO, "a connection is lost: %s", e->text);
	if (e->code == ferry_EBUSY)
		settle_growth(p, count_open(p));
	/* one that says nothing for so long would do so again */
	if ((e->code == ferry_ELOST || e->code == ferry_EBUSY) &&
	    strstr(e->id, "silent") == NULL &&
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

static struct member *
idle(struct far_pool *p)
{
	for (unsigned i = 0; i < MEMBERS; i++)
		if (is_open(&p->members[i]) && p->members[i].flight == NULL)
			return &p->members[i];
	return NULL;
}

/* What was in flight once is sent again before all else. */
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
		if (m == NULL && count_open(p) == 0)
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

		if (!is_open(m))
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

/* ---- Which step may go, and who takes it ---- */

/* Is one of these the other, or above it? */
static bool
is_near(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b), k = n < m ? n : m;

	if (k == 0 || memcmp(a, b, k) != 0)
		return false;
	return n == m || (n < m ? b[k] : a[k]) == '/';
}

static bool
conflicts(const struct msg_step *a, const struct msg_step *b)
{
	return is_near(a->path, b->path) || is_near(a->path, b->target) ||
	    is_near(a->target, b->path) || is_near(a->target, b->target);
}

static bool
may_go(
    const struct far_pool *p, const struct msg_step *step, enum far_order order)
{
	for (unsigned i = 0; i < MEMBERS; i++) {
		const struct flight *f = &p->flights[i];

		if (f->used &&
		    (order == FAR_IN_ORDER || f->order == FAR_IN_ORDER ||
			conflicts(&f->step, step)))
			return false;
	}
	return true;
}

/* Judge the last session that came, by what was done with it. */
static bool
helped(struct far_pool *p, unsigned open)
{
	struct growth *g = &p->growth;
	const uint64_t ms = clock_ms() - g->since;
	double rate;

	if (g->steps < 3 * (uint64_t)open || ms < SAMPLE_MS)
		return false;
	rate = (double)g->work / (double)ms;
	/* a quarter of what it would bring at best */
	if (open > 2 && g->rate > 0 &&
	    rate < g->rate * (1 + 0.25 / (open - 1))) {
		settle_growth(p, open - 1);
		return false;
	}
	g->rate = rate;
	return true;
}

static bool
wants_more(struct far_pool *p, enum far_order order)
{
	const unsigned open = count_open(p), given = p->job->site->connections;
	struct growth *g = &p->growth;

	if (order == FAR_IN_ORDER)
		return open == 0;
	if (order == FAR_URGENT)
		return open < MEMBERS;
	if (open >= g->most)
		return false;
	if (given > 0)
		return g->left > open;
	if (g->left < (size_t)WORTH * open)
		return false;
	return open < 2 || open < p->ftp.connections ||
	    (!g->settled && helped(p, open));
}

bool
far_pool_can(
    const struct far_pool *p, const struct msg_step *step, enum far_order order)
{
	struct far_pool *changes = (struct far_pool *)p;

	return may_go(p, step, order) &&
	    (idle(changes) != NULL || count_open(p) == 0 ||
		wants_more(changes, order));
}

/* Room for one: there is, where a member is idle or can be had. */
static struct flight *
board(struct far_pool *p, const struct msg_step *step, int fd,
    enum far_order order)
{
	struct flight *f = p->flights;

	while (f->used)
		f++;
	*f = (struct flight){ .used = true, .step = *step, .order = order };
	f->fd = fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;
	return f;
}

int
far_pool_send(struct far_pool *p, const struct msg_step *step, int fd,
    enum far_order order, struct ferry_error *err)
{
	struct member *m = idle(p);
	struct flight *f;
	int rc = 0;

	if (m == NULL)
		rc = count_open(p) == 0 ? open_first(p, &m, err)
					: grow(p, &m, err);
	while (rc == 0 && m == NULL) { /* it was not to be had */
		rc = far_pool_wait(p, UINT64_MAX, err);
		if (rc == 0 && may_go(p, step, order))
			m = idle(p);
		if (rc == 0 && m == NULL && count_open(p) == 0)
			rc = open_first(p, &m, err);
	}
	if (rc != 0)
		return rc;
	f = board(p, step, fd, order);
	if (order == FAR_LOOSE && p->growth.left > 0)
		p->growth.left--;
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

		if (is_open(&p->members[i]))
			n += session_poll(
			    p->members[i].login.session, fds + n, &timeout_ms);
		if (!f->used || f->by != NULL)
			continue;
		left = clock_left(f->not_before);
		if (left < timeout_ms && (left > 0 || idle(p) != NULL))
			timeout_ms = left;
	}
	fds[n++] = (struct pollfd){ .fd = p->cancel_fd, .events = POLLIN };
	(void)poll(fds, n, timeout_ms);
}

int
far_pool_wait(struct far_pool *p, uint64_t until, struct ferry_error *err)
{
	struct pollfd cancel = { .fd = p->cancel_fd, .events = POLLIN };

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
	const unsigned given = job->site->connections;
	int rc;

	*out = NULL;
	if (p == NULL)
		return err_memory(err);
	p->job = job;
	p->steps = *steps;
	p->cancel_fd = cancel_fd;
	p->growth.most = given > 0 ? given : SITE_MAX_CONNECTIONS;
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
	far_ftp_close(&p->ftp);
	free(p);
}

void
far_pool_load(struct far_pool *p, int state_dir)
{
	far_ftp_load(&p->ftp, state_dir);
	if (p->job->site->connections == 0 && p->ftp.connections > 0) {
		p->growth.most = p->ftp.connections;
		p->growth.settled = true;
	}
}

int
far_pool_open(struct far_pool *p, struct ferry_error *err)
{
	struct member *first;
	int rc = open_first(p, &first, err);

	if (rc == 0)
		p->features = session_ready(first->login.session)->features;
	return rc;
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
	p->growth.left = steps;
	p->growth.since = clock_ms();
	p->growth.work = p->growth.steps = 0;
}
