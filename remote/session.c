/*
 * One session: opened, its steps in flight, closed.  Runs in the hub.
 */
#include "remote/session.h"

#include <errno.h>
#include <poll.h>
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
	FOLDER_SILENCE_MS = 10 * 60 * 1000,
};

enum state { STEPPING = 1 };

struct flight {
	uint32_t id;
	uint8_t op; /* enum msg_op */
	uint32_t entries; /* LIST: names so far */
	uint64_t length; /* GET: at most */
};

/* A data connection that the worker waits for. */
struct data {
	bool wanted;
	unsigned port;
	int fd; /* being connected; or -1 */
	uint64_t deadline;
};

struct session {
	struct session_config config;
	struct session_ftp ftp;
	struct data data;
	struct door door;
	struct login login;
	char address[DIAL_ADDRESS_SIZE];
	int sock; /* FTP: being connected, beside another session; or -1 */
	uint64_t deadline; /* of that */
	bool stepping; /* logged in */
	bool inside; /* a callback runs */
	struct flight flights[MAX_FLIGHT]; /* in no order */
	size_t count;
	size_t wanted; /* session_wait: down to this many */
	uint64_t progress, saved; /* bytes, as last reported */
	uint64_t reports, finished; /* PROGRESS and DONE, so far */
	uint64_t began; /* ms: the login */
};

static const char *
op_name(unsigned op)
{
	static const char *const names[] = { "?", "MKDIR", "PUT", "RENAME",
		"REMOVE", "RMDIR", "STAT", "GET", "LIST", "SPACE", "CHMOD",
		"LINK", "COPY", "SYMLINK", "READLINK" };

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
	s->saved = m.saved;
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

/* Answered by the turn: a rule sends nothing. */
static int
on_dial(void *ctx, struct buf_reader *body, struct ferry_error *err)
{
	struct session *s = ctx;
	struct msg_dial m;

	if (!msg_get_dial(body, &m))
		return door_malformed(err, MSG_DIAL);
	log_line(s->config.log, LOG_TRACE, "<- DIAL %u", (unsigned)m.port);
	if (s->data.wanted || s->data.fd >= 0)
		return door_breach(
		    err, "wall_dial", "DIAL before the last was answered");
	if (m.port == 0)
		return door_breach(err, "wall_dial",
		    "DIAL for another login behind the first");
	s->data.wanted = true;
	s->data.port = m.port;
	return 0;
}

/* As in DIAL. */
static int
on_tls_sign(void *ctx, struct buf_reader *body, struct ferry_error *err)
{
	struct session *s = ctx;

	log_line(s->config.log, LOG_TRACE, "<- TLS_SIGN");
	return tls_sign_take(&s->login.sign, body, err);
}

static int
on_learned(void *ctx, struct buf_reader *body, struct ferry_error *err)
{
	struct session *s = ctx;
	struct msg_learned m;

	if (!msg_get_learned(body, &m))
		return door_malformed(err, MSG_LEARNED);
	log_line(s->config.log, LOG_TRACE, "<- LEARNED has %#x, lacks %#x",
	    (unsigned)m.has, (unsigned)m.lacks);
	if (s->ftp.learned)
		s->ftp.learned(s->config.ctx, &m);
	return 0;
}

static const struct door_rule ftp_rules[] = {
	{ MSG_DONE, STEPPING, false, on_done },
	{ MSG_ENTRY, STEPPING, false, on_entry },
	{ MSG_PROGRESS, STEPPING, false, on_progress },
	{ MSG_DIAL, STEPPING, false, on_dial },
	{ MSG_TLS_SIGN, STEPPING, false, on_tls_sign },
	{ MSG_LEARNED, STEPPING, false, on_learned },
	{ 0 },
};

/* ---- Data connections ---- */

/* Hand it over, or say why there is none. */
static int
send_socket(struct session *s, int e, struct ferry_error *err)
{
	const struct msg_socket m = { .os_errno = (uint32_t)e };
	int fd = s->data.fd, rc;

	s->data.fd = -1;
	msg_put_socket(&s->door.out, &m);
	log_line(s->config.log, LOG_TRACE, "-> SOCKET %s",
	    e == 0 ? "connected" : strerror(e));
	s->login.sign.connections += e == 0;
	rc = door_send(&s->door, e == 0 ? fd : -1, err);
	if (fd >= 0)
		close(fd);
	return rc;
}

/*
 * To the address of the control connection, whatever the server said: the
 * worker can only name a port.
 */
static int
serve_data(struct session *s, struct ferry_error *err)
{
	struct data *d = &s->data;
	int e = 0;

	if (d->wanted) {
		d->wanted = false;
		e = dial_begin(&s->login.target, d->port, s->config.cancel_fd,
		    &d->fd, err);
		if (e != 0)
			return e; /* the application's no */
		d->deadline = clock_ms() + s->config.connect_ms;
		if (d->fd < 0)
			return send_socket(s, errno, err);
	}
	if (d->fd < 0)
		return 0;
	e = dial_state(d->fd);
	if (e == EINPROGRESS && clock_left(d->deadline) > 0)
		return 0;
	return send_socket(s, e == EINPROGRESS ? ETIMEDOUT : e, err);
}

/* ---- Opening ---- */

static struct session *
new_session(const struct session_config *config)
{
	struct session *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->config = *config;
	s->sock = s->data.fd = -1;
	if (config->ftp) {
		s->ftp = *config->ftp;
		s->config.ftp = &s->ftp;
	}
	s->door.worker = (struct spawn){ .pid = -1, .door = -1, .output = -1 };
	s->door.log = config->log;
	s->door.cancel_fd = config->cancel_fd;
	s->door.silence_ms = config->silence_ms;
	login_init(&s->login, &s->door, &s->config, s->address);
	return s;
}

static int
start_worker(struct session *s, struct ferry_error *err)
{
	const struct session_config *c = &s->config;
	const enum role role = c->folder ? ROLE_FOLDER
	    : c->ftp                     ? ROLE_FTP
					 : ROLE_SFTP;

	return door_open(&s->door, c->worker, role, c->confine, err);
}

static void
begin_stepping(struct session *s)
{
	s->stepping = true;
	s->began = clock_ms();
	s->door.state = STEPPING;
	door_rules(&s->door, s->config.ftp ? ftp_rules : rules, s);
}

/* The control connection, then the login. */
static int
open_turn(struct session *s, struct ferry_error *err)
{
	const struct session_config *c = &s->config;
	int e, rc = 0;

	if (s->sock >= 0) {
		e = dial_state(s->sock);
		if (e == EINPROGRESS && clock_left(s->deadline) > 0)
			return 0;
		if (e != 0)
			return err_os(err, ferry_EREACH,
			    e == EINPROGRESS ? ETIMEDOUT : e, "connect_failed",
			    "cannot connect to %s once more", c->host);
		rc = login_ftp_begin(&s->login, s->sock, err);
		s->sock = -1;
	}
	if (rc == 0)
		rc = login_ftp_turn(&s->login, err);
	if (rc == 0 && login_ftp_over(&s->login) && !c->host_only)
		begin_stepping(s);
	return rc;
}

static int
log_in_by_ftp(struct session *s, int sock, struct ferry_error *err)
{
	struct pollfd p[SESSION_POLLS];
	int rc = login_ftp_begin(&s->login, sock, err), timeout_ms;
	size_t n;

	while (rc == 0 && !login_ftp_over(&s->login) && !s->stepping) {
		timeout_ms = -1;
		n = session_poll(s, p, &timeout_ms);
		(void)poll(p, n, timeout_ms);
		rc = open_turn(s, err);
	}
	return rc;
}

static int
log_in(struct session *s, int sock, struct ferry_error *err)
{
	int rc = login_run(&s->login, sock, err);

	close(sock); /* the worker has its own by now */
	if (rc == 0 && !s->config.host_only)
		begin_stepping(s);
	return rc;
}

/* A disk that wakes up, or writes all that it was given, takes its time. */
static int
open_folder(struct session *s, struct ferry_error *err)
{
	const struct session_config *c = &s->config;
	int rc;

	if (s->door.silence_ms < FOLDER_SILENCE_MS)
		s->door.silence_ms = FOLDER_SILENCE_MS;
	rc = login_folder_run(&s->login, *c->folder, err);
	if (rc == 0)
		begin_stepping(s);
	return rc;
}

/* The worker goes behind its wall while the connection is made. */
static int
open_all(struct session *s, struct ferry_error *err)
{
	const struct session_config *c = &s->config;
	int rc = start_worker(s, err), sock;

	if (rc < 0)
		return rc;
	if (c->folder)
		return open_folder(s, err);
	rc = c->peers != NULL ? dial_connect(c->peers, c->connect_ms,
				    c->cancel_fd, &sock, s->address, err)
			      : dial_tcp(c->host, c->port, c->connect_ms,
				    c->cancel_fd, &sock, s->address, err);
	if (rc < 0)
		return rc;
	log_line(
	    c->log, LOG_DEBUG, "connected to %s port %u", s->address, c->port);
	return c->ftp ? log_in_by_ftp(s, sock, err) : log_in(s, sock, err);
}

int
session_open(struct session **out, const struct session_config *config,
    struct ferry_error *err)
{
	struct session *s = new_session(config);
	int rc;

	*out = NULL;
	if (!s)
		return err_memory(err);
	rc = open_all(s, err);
	if (rc < 0)
		session_close(s);
	else
		*out = s;
	return rc;
}

int
session_begin(struct session **out, const struct session_config *config,
    const struct session *beside, struct ferry_error *err)
{
	struct session *s = new_session(config);
	int rc;

	*out = NULL;
	if (!s)
		return err_memory(err);
	memcpy(s->address, beside->address, sizeof(s->address));
	s->deadline = clock_ms() + config->connect_ms;
	rc = dial_begin(
	    &beside->login.target, 0, config->cancel_fd, &s->sock, err);
	if (rc == 0)
		rc = s->sock >= 0
		    ? start_worker(s, err)
		    : err_os(err, ferry_EREACH, errno, "connect_failed",
			  "cannot connect to %s once more", config->host);
	if (rc < 0)
		session_close(s);
	else
		*out = s;
	return rc;
}

bool
session_is_ready(const struct session *s)
{
	return s->stepping;
}

const struct msg_ready *
session_ready(const struct session *s)
{
	return &s->login.ready;
}

uint64_t
session_saved(const struct session *s)
{
	return s->saved;
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

size_t
session_poll(
    const struct session *s, struct pollfd p[SESSION_POLLS], int *timeout_ms)
{
	size_t n = 0;
	int left = -1;

	if (s->sock >= 0) {
		p[n++] = (struct pollfd){ .fd = s->sock, .events = POLLOUT };
		left = clock_left(s->deadline);
	} else if (s->config.ftp && !s->stepping) {
		n = login_ftp_poll(&s->login, p, &left);
	} else {
		n = door_poll(&s->door, p);
	}
	if (s->data.fd >= 0) {
		p[n++] = (struct pollfd){ .fd = s->data.fd, .events = POLLOUT };
		left = clock_left(s->data.deadline);
	} else if (s->count > 0) {
		left = door_patience(&s->door);
	}
	if (left >= 0 && (*timeout_ms < 0 || left < *timeout_ms))
		*timeout_ms = left;
	return n;
}

int
session_turn(struct session *s, struct ferry_error *err)
{
	int rc;

	if (s->config.ftp && !s->stepping)
		return open_turn(s, err);
	rc = judge_call(s, err);
	if (rc == 0)
		rc = door_drain(&s->door, err);
	if (rc == 0 && s->login.sign.waiting)
		rc = tls_sign_answer(&s->login.sign, &s->door, err);
	if (rc == 0 && (s->data.wanted || s->data.fd >= 0))
		return serve_data(s, err);
	if (rc == 0 && s->count > 0)
		rc = door_lose_patience(&s->door, err);
	return rc;
}

void
session_hurry(struct session *s, unsigned silence_ms)
{
	if (s->door.silence_ms > silence_ms)
		s->door.silence_ms = silence_ms;
}

/* With data connections to be made meanwhile. */
static int
wait_and_serve(struct session *s, struct ferry_error *err)
{
	struct pollfd p[SESSION_POLLS];
	int timeout_ms, rc = 0;
	size_t n;

	while (rc == 0 && !is_down(s)) {
		timeout_ms = -1;
		n = session_poll(s, p, &timeout_ms);
		(void)poll(p, n, timeout_ms);
		rc = session_turn(s, err);
	}
	return rc;
}

int
session_wait(struct session *s, size_t in_flight, struct ferry_error *err)
{
	int rc = judge_call(s, err);

	if (rc == 0)
		rc = s->config.ftp ? session_turn(s, err)
				   : door_drain(&s->door, err);
	if (rc < 0)
		return rc;
	s->wanted = in_flight;
	return s->config.ftp ? wait_and_serve(s, err)
			     : door_wait(&s->door, is_down, err);
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
	if (s->sock >= 0)
		close(s->sock);
	if (s->data.fd >= 0)
		close(s->data.fd);
	door_close(&s->door, s->count == 0 ? PATIENCE_MS : 0);
	login_free(&s->login);
	free(s);
}
