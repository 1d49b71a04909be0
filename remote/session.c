/*
 * One session: opened, its steps in flight, closed.  Runs in the hub.
 */
#include "remote/session.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/path.h"
#include "remote/dial.h"
#include "remote/door.h"
#include "remote/login.h"

enum {
	MAX_FLIGHT = 1024, /* steps */
	MAX_ENTRIES = 1 << 20, /* names in one folder */
	MAX_REPORTS = 1000, /* of progress; one more for each step, and ... */
	REPORT_MS = 50, /* ... each time: a worker sends ten a second */
	PATIENCE_MS = 2000,
};

enum state { STEPPING = 1 };

struct flight {
	uint32_t id;
	uint8_t op; /* enum msg_op */
	uint32_t entries; /* LIST: names so far */
	uint64_t length; /* GET: at most */
};

struct session {
	struct session_config config;
	struct door door;
	struct login login;
	char address[DIAL_ADDRESS_SIZE];
	bool stepping; /* logged in */
	bool inside; /* a callback runs */
	struct flight flights[MAX_FLIGHT]; /* in no order */
	size_t count;
	size_t wanted; /* session_wait: down to this many */
	uint64_t progress; /* bytes, as last reported */
	uint64_t reports, finished; /* PROGRESS and DONE, so far */
	uint64_t began; /* ms: the login */
};

static const char *
op_name(unsigned op)
{
	static const char *const names[] = { "?", "MKDIR", "PUT", "RENAME",
		"REMOVE", "RMDIR", "STAT", "GET", "LIST", "SPACE" };

	return names[op < sizeof(names) / sizeof(*names) ? op : 0];
}

static const char *
result_name(unsigned result)
{
	static const char *const names[] = { "ok", "absent", "denied", "failed",
		"unsupported", "short", "source", "skipped", "exists", "full",
		"again" };

	return result < sizeof(names) / sizeof(*names) ? names[result] : "?";
}

static struct flight *
find(struct session *s, uint32_t id)
{
	for (size_t i = 0; i < s->count; i++) {
		if (s->flights[i].id == id)
			return &s->flights[i];
	}
	return NULL;
}

/* ---- What the worker may say ---- */

static int
on_done(void *ctx, struct buf_reader *body, struct ferry_error *err)
{
	struct session *s = ctx;
	struct msg_done m;
	struct flight *f;

	if (!msg_get_done(body, &m))
		return door_malformed(err, MSG_DONE);
	log_line(s->config.log, LOG_TRACE, "<- DONE %u %s", (unsigned)m.id,
	    result_name(m.result));
	f = find(s, m.id);
	if (!f)
		return door_breach(err, "wall_done",
		    "DONE for step %u, which is not in flight", (unsigned)m.id);
	if (f->op == STEP_GET && m.sent > f->length)
		return door_breach(err, "wall_done",
		    "more bytes for step %u than it asked for", (unsigned)m.id);
	door_clean(m.text, sizeof(m.text));
	*f = s->flights[--s->count];
	s->finished++;
	if (s->config.on_done) {
		s->inside = true;
		s->config.on_done(s->config.ctx, &m);
		s->inside = false;
	}
	return 0;
}

static int
on_entry(void *ctx, struct buf_reader *body, struct ferry_error *err)
{
	struct session *s = ctx;
	struct msg_entry m;
	struct flight *f;

	if (!msg_get_entry(body, &m))
		return door_malformed(err, MSG_ENTRY);
	log_line(
	    s->config.log, LOG_TRACE, "<- ENTRY %u %s", (unsigned)m.id, m.name);
	f = find(s, m.id);
	if (!f || f->op != STEP_LIST)
		return door_breach(err, "wall_entry",
		    "ENTRY for step %u, which lists nothing", (unsigned)m.id);
	if (!path_name_ok(m.name, strlen(m.name)))
		return door_breach(err, "wall_entry",
		    "the impossible file name \"%.60s\"", m.name);
	if (++f->entries > MAX_ENTRIES)
		return door_breach(err, "wall_entry",
		    "more than %d names in one folder", MAX_ENTRIES);
	if (s->config.on_entry) {
		s->inside = true;
		s->config.on_entry(s->config.ctx, &m);
		s->inside = false;
	}
	return 0;
}

static int
on_progress(void *ctx, struct buf_reader *body, struct ferry_error *err)
{
	struct session *s = ctx;
	struct msg_progress m;
	uint64_t most;

	if (!msg_get_progress(body, &m))
		return door_malformed(err, MSG_PROGRESS);
	log_line(s->config.log, LOG_TRACE, "<- PROGRESS %llu",
	    (unsigned long long)m.bytes);
	if (m.bytes < s->progress)
		return door_breach(
		    err, "wall_progress", "PROGRESS went backwards");
	most = MAX_REPORTS + s->finished + (clock_ms() - s->began) / REPORT_MS;
	if (++s->reports > most)
		return door_breach(err, "wall_progress",
		    "PROGRESS %llu times, faster than anybody can read",
		    (unsigned long long)s->reports);
	s->progress = m.bytes;
	if (s->config.on_progress) {
		s->inside = true;
		s->config.on_progress(s->config.ctx, m.bytes);
		s->inside = false;
	}
	return 0;
}

static const struct door_rule rules[] = {
	{ MSG_DONE, STEPPING, false, on_done },
	{ MSG_ENTRY, STEPPING, false, on_entry },
	{ MSG_PROGRESS, STEPPING, false, on_progress },
	{ 0 },
};

/* ---- Opening ---- */

static int
open_all(struct session *s, int *sock, struct ferry_error *err)
{
	const struct session_config *c = &s->config;
	int rc;

	rc = c->peers != NULL ? dial_connect(c->peers, c->connect_ms,
				    c->cancel_fd, sock, s->address, err)
			      : dial_tcp(c->host, c->port, c->connect_ms,
				    c->cancel_fd, sock, s->address, err);
	if (rc < 0)
		return rc;
	log_line(
	    c->log, LOG_DEBUG, "connected to %s port %u", s->address, c->port);
	s->door.log = c->log;
	s->door.cancel_fd = c->cancel_fd;
	s->door.silence_ms = c->silence_ms;
	rc = door_open(&s->door, c->worker, c->confine, err);
	if (rc < 0)
		return rc;
	return login_run(&s->login, *sock, err);
}

int
session_open(struct session **out, const struct session_config *config,
    struct ferry_error *err)
{
	struct session *s;
	int rc, sock = -1;

	*out = NULL;
	s = calloc(1, sizeof(*s));
	if (!s)
		return err_memory(err);
	s->config = *config;
	s->door.worker = (struct spawn){ .pid = -1, .door = -1, .output = -1 };
	login_init(&s->login, &s->door, &s->config, s->address);
	rc = open_all(s, &sock, err);
	if (sock >= 0) /* the worker has its own by now */
		close(sock);
	if (rc < 0) {
		session_close(s);
		return rc;
	}
	if (!config->host_only) {
		s->stepping = true;
		s->began = clock_ms();
		s->door.state = STEPPING;
		door_rules(&s->door, rules, s);
	}
	*out = s;
	return 0;
}

const struct msg_ready *
session_ready(const struct session *s)
{
	return &s->login.ready;
}

/* ---- Steps ---- */

static bool
is_down(void *ctx)
{
	const struct session *s = ctx;

	return s->count <= s->wanted;
}

/* May the caller do this now? */
static int
judge_call(const struct session *s, struct ferry_error *err)
{
	if (s->stepping && !s->inside)
		return 0;
	return err_set(err, ferry_EINTERNAL, "session_misused",
	    s->inside ? "a step was begun inside a callback"
		      : "a step was begun without a login");
}

int
session_wait(struct session *s, size_t in_flight, struct ferry_error *err)
{
	int rc = judge_call(s, err);

	if (rc == 0)
		rc = door_drain(&s->door, err);
	if (rc < 0)
		return rc;
	s->wanted = in_flight;
	return door_wait(&s->door, is_down, err);
}

int
session_step(struct session *s, const struct msg_step *step, int fd,
    struct ferry_error *err)
{
	int rc = session_wait(s, MAX_FLIGHT - 1, err);
	struct flight *unsent;

	if (rc < 0)
		return rc;
	if (find(s, step->id))
		return err_set(err, ferry_EINTERNAL, "session_misused",
		    "step %u is in flight already", (unsigned)step->id);
	s->flights[s->count++] = (struct flight){
		.id = step->id, .op = step->op, .length = step->length
	};
	msg_put_step(&s->door.out, step);
	log_line(s->config.log, LOG_TRACE, "-> STEP %u %s %s%s%s",
	    (unsigned)step->id, op_name(step->op), step->path,
	    step->target[0] ? " to " : "", step->target);
	rc = door_send(&s->door, fd, err);
	if (rc == -ferry_ECANCELLED) {
		unsent = find(s, step->id);
		*unsent = s->flights[--s->count];
	}
	return rc;
}

void
session_close(struct session *s)
{
	if (!s)
		return;
	/* With steps in flight this is no good end, and the door may be full. */
	if (s->stepping && s->count == 0 && !s->door.failed) {
		worker_msg_begin(&s->door.out, MSG_QUIT);
		worker_msg_end(&s->door.out);
		log_line(s->config.log, LOG_TRACE, "-> QUIT");
		(void)door_send(&s->door, -1, NULL);
	}
	door_close(&s->door, s->count == 0 ? PATIENCE_MS : 0);
	login_free(&s->login);
	free(s);
}
