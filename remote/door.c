/*
 * One worker and what comes through its door.  Runs in the hub; every byte of
 * it is hostile until a rule's get has accepted it.
 */
#include "remote/door.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/path.h"
#include "base/secret.h"
#include "confine/chan.h"
#include "remote/door_end.h"

enum {
	MAX_GRACE_MS = 5000, /* the worker notices silence before we do */
	RETRY_MS = 10, /* when poll(2) cannot tell */
	BATCH = 256, /* packets between two looks at cancel_fd */
	MAX_LOGS = 10 * 1000, /* in a row */
	FAIL_PATIENCE_MS = 1000,
};

int
door_breach(struct ferry_error *err, const char *id, const char *format, ...)
{
	char what[160];
	va_list ap;

	va_start(ap, format);
	vsnprintf(what, sizeof(what), format, ap);
	va_end(ap);
	err_set(
	    err, ferry_EWALL, id, "the worker broke the protocol: %s", what);
	err_hint(err,
	    "It was stopped. Try again; if it happens again, please report "
	    "it with the log at its most detailed.");
	return -ferry_EWALL;
}

int
door_malformed(struct ferry_error *err, unsigned type)
{
	return door_breach(
	    err, "wall_body", "a malformed %s", worker_msg_name(type));
}

/* Does escaping change nothing but double the backslashes? */
static bool
is_clean(const char *text)
{
	char escaped[4 * WORKER_MSG_TEXT + 1];
	const char *e = escaped;

	path_escape(escaped, sizeof(escaped), text, strlen(text));
	for (; *text != '\0'; text++, e++) {
		if (*e != *text)
			return false;
		if (*text == '\\')
			e++;
	}
	return *e == '\0';
}

void
door_clean(char *text, size_t size)
{
	char escaped[WORKER_MSG_TEXT];

	if (is_clean(text))
		return;
	path_escape(escaped, size < sizeof(escaped) ? size : sizeof(escaped),
	    text, strlen(text));
	strcpy(text, escaped);
}

int
door_open(struct door *d, const char *worker, enum role role, bool confine,
    struct ferry_error *err)
{
	int rc = spawn_worker(&d->worker, worker, role, confine, err);

	buf_init(&d->out, LIMIT_MESSAGE);
	if (rc < 0)
		return rc;
	/* All of it now: growing would leave copies of a password behind. */
	if (!buf_grow(&d->out, LIMIT_MESSAGE)) {
		door_close(d, 0);
		return err_memory(err);
	}
	buf_reset(&d->out);
	d->heard = clock_ms();
	return 0;
}

void
door_rules(struct door *d, const struct door_rule *rules, void *ctx)
{
	d->rules = rules;
	d->ctx = ctx;
	d->seen = 0;
}

/* d->failure says why: the worker is done with. */
static void
fail(struct door *d, int rc, unsigned patience_ms)
{
	d->failed = rc;
	door_end(d, patience_ms);
}

static int
report(const struct door *d, struct ferry_error *err)
{
	if (d->failed && err)
		*err = d->failure;
	return d->failed;
}

/* ---- What every worker may say ---- */

static int
on_log(void *ctx, struct buf_reader *body, struct ferry_error *err)
{
	struct door *d = ctx;
	struct msg_log m;

	if (!msg_get_log(body, &m))
		return door_malformed(err, MSG_LOG);
	if (++d->logs > MAX_LOGS)
		return door_breach(err, "wall_log",
		    "%d remarks in a row and nothing else", MAX_LOGS);
	if (m.level < LOG_WARNING) /* what fails is for us to say */
		m.level = LOG_WARNING;
	log_line(d->log, m.level, "worker: %s", m.text);
	return 0;
}

static bool
is_worker_code(int code)
{
	switch (code) {
	case ferry_EINTERNAL:
	case ferry_ELOGIN:
	case ferry_EPOLICY:
	case ferry_EREACH:
	case ferry_ELOST:
	case ferry_EBUSY:
	case ferry_EDENIED:
	case ferry_EFULL:
	case ferry_EWALL:
		return true;
	default:
		return false;
	}
}

static bool
is_id(const char *id)
{
	return id[0] != '\0' &&
	    id[strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

/* A worker that was taken over may say anything: never in our own voice. */
static void
mark(struct ferry_error *m)
{
	struct ferry_error hint;

	err_prefix(m, "the session reports");
	if (m->hint[0] == '\0')
		return;
	memcpy(hint.text, m->hint, sizeof(hint.text));
	err_prefix(&hint, "It advises");
	memcpy(m->hint, hint.text, sizeof(m->hint));
}

static int
on_fail(void *ctx, struct buf_reader *body, struct ferry_error *err)
{
	struct door *d = ctx;
	struct ferry_error m;

	if (!msg_get_fail(body, &m))
		return door_malformed(err, MSG_FAIL);
	log_line(d->log, LOG_TRACE, "<- FAIL %d %s", m.code, m.id);
	if (!is_worker_code(m.code))
		m.code = ferry_EWALL;
	if (!is_id(m.id))
		strcpy(m.id, "worker_failed");
	door_clean(m.text, sizeof(m.text));
	door_clean(m.hint, sizeof(m.hint));
	mark(&m);
	*err = m;
	d->farewell = true;
	return -m.code;
}

static const struct door_rule always[] = {
	{ MSG_LOG, ~0U, false, on_log },
	{ MSG_FAIL, ~0U, true, on_fail },
	{ 0 },
};

/* ---- One packet ---- */

static const struct door_rule *
find_rule(const struct door_rule *rules, unsigned type)
{
	for (; rules && rules->type; rules++) {
		if (rules->type == type)
			return rules;
	}
	return NULL;
}

/* A rule of the owner's that lets this type in now; NULL and d->failure. */
static const struct door_rule *
admit(struct door *d, unsigned type)
{
	const struct door_rule *rule = find_rule(d->rules, type);
	const char *name = worker_msg_name(type);
	uint32_t bit;

	if (!rule) {
		door_breach(&d->failure, "wall_unknown",
		    "%s (type %u) has no place here", name, type);
		return NULL;
	}
	bit = 1U << (rule - d->rules);
	if (rule->once && (d->seen & bit)) {
		door_breach(&d->failure, "wall_repeated", "a second %s", name);
		return NULL;
	}
	if (!(rule->states & d->state)) {
		door_breach(
		    &d->failure, "wall_early", "%s came too early", name);
		return NULL;
	}
	d->seen |= bit;
	return rule;
}

static int
deliver_one(struct door *d, size_t n, int passed)
{
	const struct door_rule *rule;
	struct buf_reader body;
	unsigned type;

	if (passed >= 0) {
		close(passed);
		return door_breach(&d->failure, "wall_descriptor",
		    "a descriptor came with a message");
	}
	if (!worker_msg_open(d->in, n, &type, &body))
		return door_breach(&d->failure, "wall_header",
		    "%zu bytes with a wrong version or length", n);
	rule = find_rule(always, type);
	if (rule)
		return rule->handle(d, &body, &d->failure);
	rule = admit(d, type);
	if (!rule)
		return -ferry_EWALL;
	d->heard = clock_ms();
	d->logs = 0;
	return rule->handle(d->ctx, &body, &d->failure);
}

static int
receive_failed(struct door *d, int e)
{
	if (e == EMSGSIZE)
		return door_breach(&d->failure, "wall_length",
		    "a message of more than %d bytes", LIMIT_MESSAGE);
	if (e == EPROTO)
		return door_breach(&d->failure, "wall_descriptor",
		    "descriptors came with a message");
	return err_os(&d->failure, ferry_EWALL, e, "wall_door",
	    "cannot read from the worker");
}

/* Everything that is there, or one batch of it. */
static void
deliver(struct door *d)
{
	ssize_t n;
	int i, passed, rc;

	for (i = 0; i < BATCH && !d->failed; i++) {
		n = chan_receive(d->worker.door, d->in, sizeof(d->in), &passed);
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		if (n == 0) {
			d->failed = door_end_report(d, &d->failure);
			return;
		}
		rc = n < 0 ? receive_failed(d, errno)
			   : deliver_one(d, (size_t)n, passed);
		if (rc < 0)
			fail(d, rc, d->farewell ? FAIL_PATIENCE_MS : 0);
	}
}

/* ---- Waiting ---- */

size_t
door_poll(const struct door *d, struct pollfd p[DOOR_POLLS])
{
	p[0] = (struct pollfd){ .fd = d->worker.door, .events = POLLIN };
	p[1] = (struct pollfd){ .fd = d->worker.output, .events = POLLIN };
	p[2] = (struct pollfd){ .fd = d->cancel_fd, .events = POLLIN };
	return DOOR_POLLS;
}

static void
turn(struct door *d, short events, int timeout_ms)
{
	struct pollfd p[DOOR_POLLS];
	int rc;

	door_poll(d, p);
	p[0].events = events;
	if (poll(p, DOOR_POLLS, timeout_ms) < 0) {
		if (errno == EINTR)
			return;
		rc = err_os(&d->failure, ferry_EINTERNAL, errno, "poll",
		    "cannot wait for the worker");
		fail(d, rc, 0);
		return;
	}
	if (p[2].revents) {
		d->cancelled = true;
		return;
	}
	if (p[1].revents)
		door_end_output(d);
	if (p[0].revents & ~POLLOUT)
		deliver(d);
}

/*
 * 0, the failure, or ferry_ECANCELLED: that one is told for as long as
 * cancel_fd says so, and ends nothing.
 */
static int
report_turn(struct door *d, struct ferry_error *err)
{
	bool cancelled = d->cancelled;

	d->cancelled = false;
	if (d->failed || !cancelled)
		return report(d, err);
	return err_set(err, ferry_ECANCELLED, "cancelled", "cancelled");
}

static uint64_t
most_silence_ms(const struct door *d)
{
	unsigned grace_ms =
	    d->silence_ms < MAX_GRACE_MS ? d->silence_ms : MAX_GRACE_MS;

	return (uint64_t)d->silence_ms + grace_ms;
}

int
door_patience(const struct door *d)
{
	return clock_left(d->heard + most_silence_ms(d));
}

int
door_lose_patience(struct door *d, struct ferry_error *err)
{
	int rc;

	if (d->failed || door_patience(d) > 0)
		return report_turn(d, err);
	rc = err_set(&d->failure, ferry_ELOST, "worker_silent",
	    "the worker has been silent for %u s",
	    (unsigned)((most_silence_ms(d) + 999) / 1000));
	err_hint(&d->failure, "Run again to resume where this run ended.");
	fail(d, rc, 0);
	return report_turn(d, err);
}

/* A turn, unless the worker has been silent for too long. */
static void
patient_turn(struct door *d, short events, int timeout_ms)
{
	int left = door_patience(d);

	if (left > 0)
		turn(d, events, left < timeout_ms ? left : timeout_ms);
	else
		(void)door_lose_patience(d, NULL);
}

int
door_send(struct door *d, int pass, struct ferry_error *err)
{
	if (!d->failed && !buf_ok(&d->out)) {
		buf_reset(&d->out);
		return err_set(err, ferry_EINTERNAL, "message_too_long",
		    "a message does not fit through the door");
	}
	d->heard = clock_ms();
	while (!d->failed && !d->cancelled &&
	    chan_send(d->worker.door, d->out.data, d->out.len, pass) < 0) {
		switch (errno) {
		case EAGAIN:
		case EPIPE: /* its last words first */
		case ECONNRESET:
			patient_turn(d, POLLIN | POLLOUT, INT_MAX);
			break;
		case ENOBUFS:
		case ETOOMANYREFS: /* descriptors on their way, all told */
			patient_turn(d, POLLIN, RETRY_MS);
			break;
		default:
			fail(d,
			    err_os(&d->failure, ferry_EWALL, errno, "wall_door",
				"cannot write to the worker"),
			    0);
		}
	}
	secret_wipe(d->out.data, d->out.len);
	buf_reset(&d->out);
	return report_turn(d, err);
}

int
door_wait(struct door *d, bool (*until)(void *ctx), struct ferry_error *err)
{
	d->heard = clock_ms();
	while (!d->failed && !d->cancelled && !until(d->ctx))
		patient_turn(d, POLLIN, INT_MAX);
	return report_turn(d, err);
}

int
door_drain(struct door *d, struct ferry_error *err)
{
	if (!d->failed)
		turn(d, POLLIN, 0);
	return report_turn(d, err);
}

void
door_close(struct door *d, unsigned patience_ms)
{
	door_end(d, patience_ms);
	buf_free(&d->out);
}
