/*
 * Look at pages as a visitor does: the dialogue with the worker that does it,
 * and its connections.  Hub.
 */
#include "remote/fetch.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "remote/door.h"

enum {
	STARTING = 1 << 0, /* until it says what wall it is behind */
	IDLE = 1 << 1,
	GETTING = 1 << 2,

	DIALS_MAX = 4 * (LIMIT_REDIRECTS + 1), /* for one GET */
	PATIENCE_MS = 2000,
};

struct fetch {
	struct fetch_config config;
	struct door door;
	struct dial_target target; /* once there was a connection */
	bool found; /* there was */
	unsigned used; /* bits: of config.ports */
	unsigned dials; /* in this GET */
	unsigned wanted; /* port of a DIAL without answer; 0 */
	int dialled; /* being connected; or -1 */
	uint64_t deadline; /* of that */
	struct ferry_error unreached; /* why the last one failed */
	struct msg_http_reply reply;
};

/* ---- What the worker may say ---- */

static int
on_wall(void *ctx, struct buf_reader *body, struct ferry_error *err)
{
	struct fetch *f = ctx;
	struct msg_wall m;

	if (!msg_get_wall(body, &m))
		return door_malformed(err, MSG_WALL);
	log_line(f->config.log, LOG_TRACE, "<- WALL layers %#x, Landlock %u",
	    (unsigned)m.layers, (unsigned)m.landlock);
	f->door.state = IDLE;
	return f->config.judge_wall
	    ? f->config.judge_wall(f->config.ctx, &m, err)
	    : 0;
}

/* Which of the ports is it?  FETCH_PORTS: none. */
static size_t
find_port(const struct fetch *f, unsigned port)
{
	size_t i = 0;

	while (i < FETCH_PORTS && f->config.ports[i] != port)
		i++;
	return i;
}

static int
on_dial(void *ctx, struct buf_reader *body, struct ferry_error *err)
{
	struct fetch *f = ctx;
	struct msg_dial m;

	if (!msg_get_dial(body, &m))
		return door_malformed(err, MSG_DIAL);
	log_line(f->config.log, LOG_TRACE, "<- DIAL %u", (unsigned)m.port);
	if (f->wanted != 0 || m.port == 0)
		return door_breach(err, "wall_dial",
		    "DIAL %u, which is not its turn", (unsigned)m.port);
	if (++f->dials > DIALS_MAX)
		return door_breach(err, "wall_dial",
		    "it wants more than %d connections", DIALS_MAX);
	f->wanted = m.port;
	return 0;
}

static int
on_reply(void *ctx, struct buf_reader *body, struct ferry_error *err)
{
	struct fetch *f = ctx;

	if (!msg_get_http_reply(body, &f->reply))
		return door_malformed(err, MSG_HTTP_REPLY);
	door_clean(f->reply.text, sizeof(f->reply.text));
	log_line(f->config.log, LOG_TRACE, "<- HTTP_REPLY %u%s %s",
	    (unsigned)f->reply.status, f->reply.shown ? ", shown" : "",
	    f->reply.text);
	if (f->wanted != 0)
		return door_breach(
		    err, "wall_dial", "HTTP_REPLY before DIAL was answered");
	f->door.state = IDLE;
	return 0;
}

static const struct door_rule rules[] = {
	{ MSG_WALL, STARTING, true, on_wall },
	{ MSG_DIAL, GETTING, false, on_dial },
	{ MSG_HTTP_REPLY, GETTING, false, on_reply },
	{ 0 },
};

/* ---- Connections ---- */

static int
send_socket(struct fetch *f, int e, struct ferry_error *err)
{
	const struct msg_socket m = { .os_errno = (uint32_t)e };
	const size_t port = find_port(f, f->wanted);
	int rc;

	if (e == 0) {
		f->used |= 1U << port;
		f->found |=
		    dial_target(&f->target, f->dialled, f->config.peers);
		f->unreached.text[0] = '\0';
	}
	f->wanted = 0;
	msg_put_socket(&f->door.out, &m);
	log_line(f->config.log, LOG_TRACE, "-> SOCKET %s",
	    e == 0 ? "connected" : strerror(e));
	rc = door_send(&f->door, e == 0 ? f->dialled : -1, err);
	if (f->dialled >= 0)
		close(f->dialled);
	f->dialled = -1;
	return rc;
}

static int
refuse(struct fetch *f, int e, struct ferry_error *err)
{
	err_os(&f->unreached, ferry_EREACH, e, "connect_failed",
	    "cannot connect to port %u", f->wanted);
	return send_socket(f, e, err);
}

/* The first one: each address of the name is tried. */
static int
dial_first(struct fetch *f, struct ferry_error *err)
{
	const struct fetch_config *c = &f->config;
	char address[DIAL_ADDRESS_SIZE];
	int rc = dial_connect(c->peers, c->connect_ms, c->cancel_fd,
	    &f->dialled, address, &f->unreached);

	if (rc == -ferry_ECANCELLED) {
		if (err != NULL)
			*err = f->unreached;
		return rc;
	}
	return send_socket(f, rc == 0 ? 0 : ECONNREFUSED, err);
}

static int
serve(struct fetch *f, struct ferry_error *err)
{
	int e = 0;

	if (find_port(f, f->wanted) == FETCH_PORTS) {
		err_set(&f->unreached, ferry_EPOLICY, "web_port",
		    "it leads to port %u, which is not gone to", f->wanted);
		return send_socket(f, EACCES, err);
	}
	if (!f->found && f->wanted == f->config.ports[0])
		return dial_first(f, err);
	if (f->dialled < 0) {
		f->deadline = clock_ms() + f->config.connect_ms;
		if (f->found)
			e = dial_begin(&f->target, f->wanted,
			    f->config.cancel_fd, &f->dialled, err);
		else
			errno = EACCES; /* the first leads there */
		if (e != 0)
			return e;
		if (f->dialled < 0)
			return refuse(f, errno, err);
	}
	e = dial_state(f->dialled);
	if (e == EINPROGRESS && clock_left(f->deadline) > 0)
		return 0;
	if (e == 0)
		return send_socket(f, 0, err);
	return refuse(f, e == EINPROGRESS ? ETIMEDOUT : e, err);
}

/* ---- The dialogue ---- */

/* What has come, and what it asks for. */
static int
turn(struct fetch *f, struct ferry_error *err)
{
	struct pollfd p[DOOR_POLLS + 1];
	size_t n = door_poll(&f->door, p);
	int left = door_patience(&f->door), rc;

	if (f->dialled >= 0) { /* and it is we who owe it something */
		p[n++] = (struct pollfd){ .fd = f->dialled, .events = POLLOUT };
		left = clock_left(f->deadline);
	}
	(void)poll(p, n, left);
	rc = door_drain(&f->door, err);
	if (rc == 0 && f->wanted != 0)
		return serve(f, err);
	return rc == 0 ? door_lose_patience(&f->door, err) : rc;
}

static int
wait_for(struct fetch *f, struct ferry_error *err)
{
	int rc = 0;

	f->door.heard = clock_ms();
	while (rc == 0 && f->door.state != IDLE)
		rc = turn(f, err);
	return rc;
}

static int
begin(struct fetch *f, struct ferry_error *err)
{
	const struct fetch_config *c = &f->config;
	const struct msg_connect_http m = { .silence_ms = c->silence_ms,
		.authorities = c->authorities >= 0 };
	int rc = wait_for(f, err);

	if (rc < 0)
		return rc;
	msg_put_connect_http(&f->door.out, &m);
	log_line(c->log, LOG_TRACE, "-> CONNECT_HTTP");
	rc = door_send(&f->door, -1, err);
	if (rc < 0 || c->authorities < 0)
		return rc;
	(void)lseek(c->authorities, 0, SEEK_SET);
	msg_put_authorities(&f->door.out);
	log_line(c->log, LOG_TRACE, "-> AUTHORITIES");
	return door_send(&f->door, c->authorities, err);
}

int
fetch_open(struct fetch **out, const struct fetch_config *config,
    struct ferry_error *err)
{
	struct fetch *f = calloc(1, sizeof(*f));
	int rc;

	*out = NULL;
	if (f == NULL)
		return err_memory(err);
	f->config = *config;
	f->dialled = -1;
	f->door.worker = (struct spawn){ .pid = -1, .door = -1, .output = -1 };
	f->door.log = config->log;
	f->door.cancel_fd = config->cancel_fd;
	f->door.silence_ms = config->silence_ms;
	rc = door_open(
	    &f->door, config->worker, ROLE_HTTP, config->confine, err);
	if (rc == 0) {
		door_rules(&f->door, rules, f);
		f->door.state = STARTING;
		rc = begin(f, err);
	}
	if (rc < 0)
		fetch_close(f);
	else
		*out = f;
	return rc;
}

int
fetch_get(struct fetch *f, const char *url, const void *token, size_t n,
    struct msg_http_reply *out, struct ferry_error *err)
{
	struct msg_http_get m = { .most = LIMIT_HTTP, .token = { token, n } };
	int rc;

	memset(out, 0, sizeof(*out));
	f->dials = 0;
	f->unreached.text[0] = '\0';
	if (snprintf(m.url, sizeof(m.url), "%s", url) >= (int)sizeof(m.url))
		return err_set(
		    err, ferry_EUSAGE, "site_url", "site-url is too long");
	msg_put_http_get(&f->door.out, &m);
	log_line(f->config.log, LOG_TRACE, "-> HTTP_GET %s", url);
	f->door.state = GETTING;
	rc = door_send(&f->door, -1, err);
	if (rc == 0)
		rc = wait_for(f, err);
	*out = f->reply;
	/* the hub knows better why there was no connection */
	if (rc == 0 && out->how == MSG_HTTP_FAILED &&
	    f->unreached.text[0] != '\0')
		snprintf(out->text, sizeof(out->text), "%s", f->unreached.text);
	return rc;
}

bool
fetch_used(const struct fetch *f, size_t port)
{
	return (f->used >> port & 1) != 0;
}

void
fetch_close(struct fetch *f)
{
	if (f == NULL)
		return;
	if (f->door.state == IDLE && !f->door.failed) {
		worker_msg_begin(&f->door.out, MSG_QUIT);
		worker_msg_end(&f->door.out);
		log_line(f->config.log, LOG_TRACE, "-> QUIT");
		(void)door_send(&f->door, -1, NULL);
	}
	if (f->dialled >= 0)
		close(f->dialled);
	door_close(&f->door, PATIENCE_MS);
	free(f);
}
