/*
 * Several FTP sessions as one far side: steps and waiting.  Hub.
 */
#include "publish/far_pool_parts.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"

static struct flight *
free_flight(struct far_pool *p)
{
	for (unsigned i = 0; i < FLIGHTS; i++)
		if (!p->flights[i].used)
			return &p->flights[i];
	return NULL;
}

/*
 * Can it be one of many in a session?  Not what needs a data connection.  Nor
 * what is in doubt: its session was lost amid many, and alone it gets on.
 */
static bool
is_simple(const struct far_pool *p, const struct msg_step *step,
    const struct far_settle *settle)
{
	return step->op != STEP_PUT && step->op != STEP_GET &&
	    step->op != STEP_LIST && (p->ftp.lacks & MSG_FTP_BURST) == 0 &&
	    (settle == NULL || !settle->doubt);
}

static struct member *
member_for(struct far_pool *p, const struct flight *f)
{
	return far_member_free(p, is_simple(p, &f->step, &f->settle));
}

static int
start(struct far_pool *p, struct flight *f, struct member *m,
    struct ferry_error *err)
{
	struct msg_step now;
	struct ferry_error e;
	int rc;

	if (m->flying == 0)
		m->rested = far_member_has_rested(m);
	f->by = m;
	m->flying++;
	m->many = is_simple(p, &f->step, &f->settle);
	far_settle_step(&f->settle, &f->step, &now);
	rc = session_step(
	    m->login.session, &now, now.op == f->step.op ? f->fd : -1, &e);
	if (rc == 0)
		return 0;
	m->flying--;
	f->by = NULL;
	if (rc == -ferry_ECANCELLED) {
		if (err != NULL)
			*err = e;
		return rc;
	}
	return far_member_lose(p, m, &e, err);
}

/* What waits for a session goes before all else. */
static int
resend(struct far_pool *p, struct ferry_error *err)
{
	const uint64_t now = clock_ms();
	struct member *m;
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < FLIGHTS; i++) {
		struct flight *f = &p->flights[i];

		if (!f->used || f->by != NULL || f->not_before > now)
			continue;
		m = member_for(p, f);
		if (m == NULL && far_member_count(p) == 0)
			rc = far_member_open_first(p, &m, err);
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

		if (!far_member_is_there(m))
			continue;
		rc = session_turn(m->login.session, &e);
		if (rc == -ferry_ECANCELLED) {
			if (err != NULL)
				*err = e;
		} else if (rc != 0) {
			rc = far_member_lose(p, m, &e, err);
		} else if (m->tired && m->flying == 0) {
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
	struct far_marks marks;

	far_order_mark(step, order, &marks);
	for (unsigned i = 0; i < FLIGHTS; i++) {
		const struct flight *f = &p->flights[i];

		if (!far_order_apart(&p->marks[i], &marks) && f->used &&
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
	    (far_member_free(changes, is_simple(p, step, NULL)) != NULL ||
		far_member_count(p) == 0 || order == FAR_URGENT);
}

static struct flight *
board(struct far_pool *p, const struct msg_step *step, int fd,
    enum far_order order)
{
	struct flight *f = free_flight(p);

	*f = (struct flight){ .used = true, .step = *step, .order = order };
	far_order_mark(step, order, &p->marks[f - p->flights]);
	f->fd = fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;
	return f;
}

int
far_pool_send(struct far_pool *p, const struct msg_step *step, int fd,
    enum far_order order, struct ferry_error *err)
{
	const unsigned there = far_member_count(p);
	struct member *m = far_member_free(p, is_simple(p, step, NULL));
	struct flight *f;
	int rc = 0;

	if (there == 0)
		rc = far_member_open_first(p, &m, err);
	else if (m == NULL && far_member_count_open(p) == there &&
	    there < MEMBERS)
		rc = far_member_begin(p, err); /* it is urgent */
	if (rc != 0)
		return rc;
	f = board(p, step, fd, order);
	if (order == FAR_LOOSE)
		far_grow_sent(&p->growth);
	if (m == NULL)
		return 0; /* it goes with the next session that is free */
	rc = start(p, f, m, err);
	if (rc != 0)
		far_member_land(f);
	return rc;
}

/* ---- Waiting ---- */

static void
wait_for(struct far_pool *p, uint64_t until)
{
	struct pollfd fds[MEMBERS * SESSION_POLLS + 1];
	int timeout_ms = clock_left(until), left;
	size_t n = 0;

	for (unsigned i = 0; i < MEMBERS; i++)
		if (far_member_is_there(&p->members[i]))
			n += session_poll(
			    p->members[i].login.session, fds + n, &timeout_ms);
	for (unsigned i = 0; i < FLIGHTS; i++) {
		const struct flight *f = &p->flights[i];

		if (!f->used || f->by != NULL)
			continue;
		left = clock_left(f->not_before);
		if (left < timeout_ms &&
		    (left > 0 || member_for(p, f) != NULL ||
			far_member_count(p) == 0))
			timeout_ms = left;
	}
	fds[n++] = (struct pollfd){ .fd = p->cancel_fd, .events = POLLIN };
	(void)poll(fds, n, timeout_ms);
}

int
far_pool_wait(struct far_pool *p, uint64_t until, struct ferry_error *err)
{
	struct pollfd cancel = { .fd = p->cancel_fd, .events = POLLIN };
	int rc = far_member_grow(p, err);

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
far_pool_hurry(struct far_pool *p, unsigned silence_ms)
{
	for (unsigned i = 0; i < MEMBERS; i++)
		if (far_member_is_there(&p->members[i]))
			session_hurry(p->members[i].login.session, silence_ms);
}

void
far_pool_free(struct far_pool *p)
{
	if (p == NULL)
		return;
	for (unsigned i = 0; i < MEMBERS; i++)
		far_login_close(&p->members[i].login);
	for (unsigned i = 0; i < FLIGHTS; i++) {
		if (p->flights[i].used)
			far_member_land(&p->flights[i]);
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
	int rc = far_member_open_first(p, &first, err);

	if (rc != 0)
		return rc;
	p->features = session_ready(first->login.session)->features;
	far_ftp_ready(&p->ftp, session_ready(first->login.session));
	return 0;
}

bool
far_pool_is_open(const struct far_pool *p)
{
	return far_member_count_open(p) > 0;
}

uint32_t
far_pool_features(const struct far_pool *p)
{
	return (p->features | p->ftp.has) & ~p->ftp.lacks;
}

uint32_t
far_pool_lacks(const struct far_pool *p)
{
	return p->ftp.lacks;
}

const struct far_modes *
far_pool_modes(const struct far_pool *p)
{
	return &p->ftp.modes;
}

void
far_pool_learn_modes(struct far_pool *p, const struct far_modes *m)
{
	p->ftp.changed |=
	    m->file != p->ftp.modes.file || m->folder != p->ftp.modes.folder;
	p->ftp.modes = *m;
}

void
far_pool_expect(struct far_pool *p, size_t steps)
{
	far_grow_expect(&p->growth, steps, clock_ms());
}
