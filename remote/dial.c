/*
 * Resolve a name and connect.  Runs in the hub: the worker gets the socket
 * when it is connected, and could not make one.
 */
#include "remote/dial.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"

enum {
	KEEPALIVE_SECONDS = 60,
	UNSENT = 512 * 1024, /* bytes that may wait in the kernel */
};

struct dial_peers {
	char where[300]; /* "host:port", for people */
	struct addrinfo *list;
	bool asked;
	uint64_t tried, connected; /* bit i: the i-th of 64 */

	/* the application connects: there is no list */
	ferry_connect_fn *connect;
	void *ctx;
	char host[256];
	unsigned port;
	struct dial_contact contact; /* the last one */
};

struct dial {
	const char *where;
	unsigned timeout_ms; /* for one address */
	uint64_t deadline; /* for all of them */
	int cancel_fd;
};

static int
cancelled(struct ferry_error *err)
{
	return err_set(err, ferry_ECANCELLED, "cancelled", "cancelled");
}

static int
name_failed(const char *host, int code, struct ferry_error *err)
{
	int e = errno;

	if (code == EAI_MEMORY)
		return err_memory(err);
	if (code == EAI_SYSTEM) {
		return err_os(err, ferry_EREACH, e, "host_lookup",
		    "cannot look up the host name %s", host);
	}
	if (code == EAI_AGAIN || code == EAI_FAIL) {
		err_set(err, ferry_EREACH, "host_lookup",
		    "cannot look up the host name %s: the name server does "
		    "not answer",
		    host);
		err_hint(err,
		    "Check this machine's network; inside a sandbox, its "
		    "permission to use it.");
		return -ferry_EREACH;
	}
	err_set(err, ferry_EREACH, "host_not_found",
	    "there is no host named %s", host);
	err_hint(err, "Check the spelling of the host in the url.");
	return -ferry_EREACH;
}

/*
 * A numeric address first, as it is: AI_ADDRCONFIG would refuse ::1 on a
 * machine whose only IPv6 address that is.
 */
static int
resolve(const char *host, unsigned port, struct dial_peers *p,
    struct ferry_error *err)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	char service[16];
	int e;

	snprintf(service, sizeof(service), "%u", port);
	hints.ai_flags = AI_NUMERICSERV | AI_NUMERICHOST;
	e = getaddrinfo(host, service, &hints, &p->list);
	if (e == EAI_NONAME) {
		p->asked = true;
		hints.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG;
		e = getaddrinfo(host, service, &hints, &p->list);
	}
	if (e == 0)
		return 0;
	p->list = NULL;
	return name_failed(host, e, err);
}

/* 0 when connected, ECANCELED when told to stop, or what went wrong. */
static int
await(const struct dial *d, int fd)
{
	uint64_t deadline = clock_ms() + d->timeout_ms;
	struct pollfd p[2] = { { .fd = fd, .events = POLLOUT },
		{ .fd = d->cancel_fd, .events = POLLIN } };
	socklen_t size = sizeof(int);
	int n, e;

	if (deadline > d->deadline)
		deadline = d->deadline;
	do {
		n = poll(p, 2, clock_left(deadline));
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno;
	if (p[1].revents)
		return ECANCELED;
	if (n == 0)
		return ETIMEDOUT;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &size) < 0 ? errno : e;
}

#ifdef TCP_NOTSENT_LOWAT
/* The last number of a file in /proc/sys; 0: there is none. */
static long
system_limit(const char *path)
{
	char text[128], *p, *end;
	long limit = 0, number;
	FILE *f = fopen(path, "re");

	if (f == NULL)
		return 0;
	if (fgets(text, sizeof(text), f) != NULL)
		for (p = text; number = strtol(p, &end, 10), end != p; p = end)
			limit = number;
	fclose(f);
	return limit;
}

/*
 * On a long fast line the send buffer holds the stream up: the kernel lets it
 * grow to tcp_wmem's last number only.  Asked for, it gives twice wmem_max;
 * where that is more, ask, and keep the part short that is not sent yet.
 */
static void
widen_buffer(int fd)
{
	const long most = system_limit("/proc/sys/net/core/wmem_max");
	const int size = most < INT_MAX / 2 ? (int)most : INT_MAX / 2;
	const int unsent = UNSENT;

	if (most <= 0 ||
	    size <= system_limit("/proc/sys/net/ipv4/tcp_wmem") / 2)
		return;
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	(void)setsockopt(
	    fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof(unsent));
}
#endif

static void
set_options(int fd)
{
	const int on = 1, idle = KEEPALIVE_SECONDS;

	/* Wishes: a connection without them is slower, not wrong. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
#ifdef TCP_KEEPIDLE
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
#else
	(void)idle;
#endif
#ifdef TCP_NOTSENT_LOWAT
	widen_buffer(fd);
#endif
}

static int
try(const struct dial *d, const struct addrinfo *a, int *out)
{
	int e = 0, fd;

	fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    a->ai_protocol);
	if (fd < 0)
		return errno;
	if (connect(fd, a->ai_addr, a->ai_addrlen) < 0) {
		e = errno;
		if (e == EINPROGRESS || e == EINTR)
			e = await(d, fd);
	}
	if (e) {
		close(fd);
		return e;
	}
	set_options(fd);
	*out = fd;
	return 0;
}

/* Of several addresses that failed, the one that got furthest is told. */
static int
told(int e)
{
	switch (e) {
	case ENETUNREACH:
	case EAFNOSUPPORT:
	case EADDRNOTAVAIL:
		return 1;
	case EHOSTUNREACH:
	case EHOSTDOWN:
		return 2;
	case ETIMEDOUT:
		return 3;
	case ECONNREFUSED:
		return 4;
	case ECANCELED:
		return 5;
	default:
		return 2;
	}
}

static int
connect_failed(const struct dial *d, int e, struct ferry_error *err)
{
	switch (e) {
	case ECANCELED:
		return cancelled(err);
	case ECONNREFUSED:
		err_os(err, ferry_EREACH, e, "connect_refused",
		    "cannot connect to %s", d->where);
		err_hint(err,
		    "Is the port right, and is the server running? Some "
		    "servers refuse an address after too many logins.");
		break;
	case ETIMEDOUT:
		err_set(err, ferry_EREACH, "connect_timeout",
		    "%s did not answer within %u s", d->where,
		    (d->timeout_ms + 999) / 1000);
		err_hint(err,
		    "Check the host and the port; a firewall on the way may "
		    "drop what it does not let through.");
		break;
	case ENETUNREACH:
	case EHOSTUNREACH:
	case EADDRNOTAVAIL:
	case EAFNOSUPPORT:
		err_os(err, ferry_EREACH, e, "connect_no_route",
		    "there is no way to %s", d->where);
		err_hint(err, "Check this machine's network connection.");
		break;
	case EACCES:
	case EPERM:
		err_os(err, ferry_EREACH, e, "connect_forbidden",
		    "this machine may not connect to %s", d->where);
		err_hint(err,
		    "A firewall or a sandbox here forbids it: give the "
		    "program the permission to use the network.");
		break;
	default:
		err_os(err, ferry_EREACH, e, "connect_failed",
		    "cannot connect to %s", d->where);
	}
	return -ferry_EREACH;
}

/* The first of the addresses that answers; NULL and *e: none did. */
static const struct addrinfo *
try_each(const struct dial *d, struct dial_peers *p, int *fd, int *e)
{
	const struct addrinfo *a;
	uint64_t bit = 1;
	int now;

	*e = EADDRNOTAVAIL;
	for (a = p->list; a; a = a->ai_next, bit <<= 1) {
		now = ECANCELED;
		if (!fs_readable(d->cancel_fd)) {
			p->tried |= bit;
			now = try(d, a, fd);
		}
		if (now == 0) {
			p->connected |= bit;
			return a;
		}
		if (a == p->list || told(now) > told(*e))
			*e = now;
		if (now == ECANCELED || clock_left(d->deadline) == 0)
			break;
	}
	return NULL;
}

static struct dial_peers *
new_peers(const char *host, unsigned port)
{
	struct dial_peers *p = calloc(1, sizeof(*p));

	if (p != NULL)
		snprintf(p->where, sizeof(p->where),
		    strchr(host, ':') ? "[%s]:%u" : "%s:%u", host, port);
	return p;
}

int
dial_resolve(struct dial_peers **out, const char *host, unsigned port,
    struct ferry_error *err)
{
	struct dial_peers *p = new_peers(host, port);
	int rc;

	*out = NULL;
	if (p == NULL)
		return err_memory(err);
	rc = resolve(host, port, p, err);
	if (rc < 0)
		dial_free(p);
	else
		*out = p;
	return rc;
}

void
dial_free(struct dial_peers *p)
{
	if (p != NULL && p->list != NULL)
		freeaddrinfo(p->list);
	free(p);
}

bool
dial_asked(const struct dial_peers *p)
{
	return p->asked;
}

static void
print_address(const struct addrinfo *a, char address[DIAL_ADDRESS_SIZE])
{
	if (getnameinfo(a->ai_addr, a->ai_addrlen, address, DIAL_ADDRESS_SIZE,
		NULL, 0, NI_NUMERICHOST) != 0)
		address[0] = '\0';
}

bool
dial_contact(const struct dial_peers *p, size_t i, struct dial_contact *out)
{
	const struct addrinfo *a;
	uint64_t bit = 1;

	if (p->connect != NULL) {
		*out = p->contact;
		return i == 0 && p->contact.connected;
	}
	out->by_app = false;
	for (a = p->list; a != NULL && bit != 0; a = a->ai_next, bit <<= 1) {
		if ((p->tried & bit) == 0 || i-- > 0)
			continue;
		print_address(a, out->address);
		out->connected = (p->connected & bit) != 0;
		return true;
	}
	return false;
}

/* ---- The application's sockets ---- */

int
dial_by_app(struct dial_peers **out, const char *host, unsigned port,
    ferry_connect_fn *connect, void *ctx, struct ferry_error *err)
{
	struct dial_peers *p = new_peers(host, port);

	*out = p;
	if (p == NULL)
		return err_memory(err);
	p->connect = connect;
	p->ctx = ctx;
	p->port = port;
	snprintf(p->host, sizeof(p->host), "%s", host);
	return 0;
}

/* Its own words, if it has any. */
static int
app_refused(const struct dial_peers *p, struct ferry_error *err, int cancel_fd)
{
	if (fs_readable(cancel_fd))
		return cancelled(err);
	if (err->code > 0) {
		err->id[sizeof(err->id) - 1] = '\0';
		err->text[sizeof(err->text) - 1] = '\0';
		err->hint[sizeof(err->hint) - 1] = '\0';
		return -err->code;
	}
	err_set(err, ferry_EPOLICY, "connect_declined",
	    "the application does not connect to %s", p->where);
	err_hint(err, "Ask there whether it may.");
	return -ferry_EPOLICY;
}

static void
print_peer(const struct dial_target *t, char address[DIAL_ADDRESS_SIZE])
{
	const struct sockaddr *a = (const struct sockaddr *)&t->address;

	if ((a->sa_family != AF_INET && a->sa_family != AF_INET6) ||
	    getnameinfo(a, t->size, address, DIAL_ADDRESS_SIZE, NULL, 0,
		NI_NUMERICHOST) != 0)
		address[0] = '\0';
}

static bool
is_connected_stream(int fd)
{
	struct dial_target peer;
	socklen_t size = sizeof(int);
	int type = 0;

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
	    type == SOCK_STREAM && dial_target(&peer, fd, NULL);
}

/* What it gives is not taken on trust: a descriptor too much is closed. */
static int
ask_app(struct dial_peers *p, const char *host, unsigned port, int cancel_fd,
    int *out, struct ferry_error *err)
{
	struct ferry_error local;
	int fd;

	if (err == NULL)
		err = &local;
	memset(err, 0, sizeof(*err));
	fd = p->connect(p->ctx, host, port, cancel_fd, err);
	if (fd < 0)
		return app_refused(p, err, cancel_fd);
	memset(err, 0, sizeof(*err));
	if (!is_connected_stream(fd)) {
		if (fcntl(fd, F_GETFD) >= 0)
			close(fd);
		return err_set(err, ferry_EUSAGE, "connect_no_socket",
		    "what the application gave for %s is no connected stream "
		    "socket",
		    p->where);
	}
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	set_options(fd);
	*out = fd;
	return 0;
}

static int
connect_by_app(struct dial_peers *p, int cancel_fd, int *fd,
    char address[DIAL_ADDRESS_SIZE], struct ferry_error *err)
{
	struct dial_target peer;
	int rc = ask_app(p, p->host, p->port, cancel_fd, fd, err);

	if (rc != 0)
		return rc;
	if (dial_target(&peer, *fd, NULL))
		print_peer(&peer, address);
	p->contact.connected = p->contact.by_app = true;
	memcpy(p->contact.address, address, DIAL_ADDRESS_SIZE);
	return 0;
}

int
dial_connect(struct dial_peers *p, unsigned timeout_ms, int cancel_fd, int *fd,
    char address[DIAL_ADDRESS_SIZE], struct ferry_error *err)
{
	struct dial d = { .where = p->where,
		.timeout_ms = timeout_ms,
		.deadline = clock_ms() + 2 * (uint64_t)timeout_ms,
		.cancel_fd = cancel_fd };
	const struct addrinfo *peer;
	int e;

	*fd = -1;
	address[0] = '\0';
	if (p->connect != NULL)
		return fs_readable(cancel_fd)
		    ? cancelled(err)
		    : connect_by_app(p, cancel_fd, fd, address, err);
	peer = try_each(&d, p, fd, &e);
	if (peer)
		print_address(peer, address);
	return peer ? 0 : connect_failed(&d, e, err);
}

int
dial_tcp(const char *host, unsigned port, unsigned timeout_ms, int cancel_fd,
    int *fd, char address[DIAL_ADDRESS_SIZE], struct ferry_error *err)
{
	struct dial_peers *p;
	int rc;

	*fd = -1;
	address[0] = '\0';
	if (fs_readable(cancel_fd))
		return cancelled(err);
	rc = dial_resolve(&p, host, port, err);
	if (rc == 0)
		rc = dial_connect(p, timeout_ms, cancel_fd, fd, address, err);
	dial_free(p);
	return rc;
}

bool
dial_target(struct dial_target *out, int fd, struct dial_peers *peers)
{
	memset(out, 0, sizeof(*out));
	if (peers != NULL && peers->connect != NULL)
		out->app = peers;
	out->size = sizeof(out->address);
	return getpeername(fd, (struct sockaddr *)&out->address, &out->size) ==
	    0;
}

unsigned
dial_rtt_us(int fd)
{
#ifdef TCP_INFO
	struct tcp_info info = { 0 };
	socklen_t n = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &n) == 0)
		return info.tcpi_rtt;
#else
	(void)fd;
#endif
	return 0;
}

static int
begin(const struct dial_target *target, unsigned port)
{
	struct sockaddr_storage to = target->address;
	int e, fd;

	if (port != 0 && to.ss_family == AF_INET6)
		((struct sockaddr_in6 *)&to)->sin6_port = htons((uint16_t)port);
	else if (port != 0)
		((struct sockaddr_in *)&to)->sin_port = htons((uint16_t)port);
	fd =
	    socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	set_options(fd);
	if (connect(fd, (struct sockaddr *)&to, target->size) == 0 ||
	    errno == EINPROGRESS || errno == EINTR)
		return fd;
	e = errno;
	close(fd);
	errno = e;
	return -1;
}

/* Of another port than the url's it can know the address alone. */
int
dial_begin(const struct dial_target *target, unsigned port, int cancel_fd,
    int *fd, struct ferry_error *err)
{
	struct dial_peers *p = target->app;
	char address[DIAL_ADDRESS_SIZE] = "";

	*fd = -1;
	if (p == NULL) {
		*fd = begin(target, port);
		return 0;
	}
	if (port != 0)
		print_peer(target, address);
	return ask_app(p, address[0] != '\0' ? address : p->host,
	    port != 0 ? port : p->port, cancel_fd, fd, err);
}

int
dial_state(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	socklen_t size = sizeof(int);
	int e = 0;

	if (poll(&p, 1, 0) <= 0)
		return EINPROGRESS;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &size) < 0 ? errno : e;
}
