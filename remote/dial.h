/* Resolve a name and connect a TCP socket.  Hub. */
#ifndef REMOTE_DIAL_H
#define REMOTE_DIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "sandferry.h"

enum { DIAL_ADDRESS_SIZE = 64 };

/*
 * A host's addresses, in the order in which they are tried (RFC 6724).  Whoever
 * gives up the right to look names up, or wants to know which were tried, keeps
 * them; dial_tcp() is for everybody else.
 */
struct dial_peers;

/* The caller frees *out.  ferry_EREACH: there is no such host, or nobody knows. */
int dial_resolve(struct dial_peers **out, const char *host, unsigned port,
    struct ferry_error *err);
void dial_free(struct dial_peers *p); /* NULL is fine */

/*
 * The same where the application makes the sockets: nothing is looked up, and
 * each connection comes from connect(), whose refusal is the failure.
 */
int dial_by_app(struct dial_peers **out, const char *host, unsigned port,
    ferry_connect_fn *connect, void *ctx, struct ferry_error *err);

/* Was a resolver asked?  A numeric address needs none. */
bool dial_asked(const struct dial_peers *p);

struct dial_contact {
	char address[DIAL_ADDRESS_SIZE]; /* numeric */
	bool connected; /* at least once */
	bool by_app; /* which connected; address: "" if it has no number */
};

/* The i-th address of those that were tried so far; false: there is none. */
bool
dial_contact(const struct dial_peers *p, size_t i, struct dial_contact *out);

/* Connect, as dial_tcp() does. */
int dial_connect(struct dial_peers *p, unsigned timeout_ms, int cancel_fd,
    int *fd, char address[DIAL_ADDRESS_SIZE], struct ferry_error *err);

/*
 * Every address of the name is tried in turn, each for at
 * most timeout_ms.  *fd is non-blocking, CLOEXEC, TCP_NODELAY; address gets the
 * numeric peer.  ferry_EREACH says which of: name not found, refused, no route,
 * timeout.  cancel_fd readable: ferry_ECANCELLED.
 */
int
dial_tcp(const char *host, unsigned port, unsigned timeout_ms, int cancel_fd,
    int *fd, char address[DIAL_ADDRESS_SIZE], struct ferry_error *err);

/*
 * The address that a connected socket leads to, for more connections to it and
 * to nobody else, at any port (0: the same one).  peers: whose socket it is, if
 * the application's; NULL is fine.  False: errno.
 */
struct dial_target {
	struct sockaddr_storage address;
	socklen_t size;
	struct dial_peers *app; /* it connects; or NULL */
};
bool dial_target(struct dial_target *out, int fd, struct dial_peers *peers);

/*
 * How long the far kernel took to answer, in microseconds; 0: nobody knows.
 * By this kernel's clock, so a machine that is busy does not count.
 */
unsigned dial_rtt_us(int fd);

/*
 * Begin to connect, without waiting.  0 and *fd, as dial_tcp()'s, or -1 and
 * errno.  Where the application connects, it is waited for, and its refusal is
 * returned.
 */
int dial_begin(const struct dial_target *target, unsigned port, int cancel_fd,
    int *fd, struct ferry_error *err);
/* 0: connected; EINPROGRESS: not yet (wait for POLLOUT); else why it failed. */
int dial_state(int fd);

#endif
