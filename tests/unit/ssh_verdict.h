/* What ssh(1) says of a server's host key, of a real sshd(8)'s.  Tests. */
#ifndef TESTS_SSH_VERDICT_H
#define TESTS_SSH_VERDICT_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"

enum ssh_verdict {
	SSH_ACCEPTED, /* it went on to log in */
	SSH_UNKNOWN,
	SSH_CHANGED,
	SSH_REVOKED,
	SSH_ELSE, /* none of these words was said */
};

struct ssh_question {
	const char *own, *fallback; /* files, in the order of their weight */
	const char *name;
	unsigned port;
	const char *config; /* of an sshd for this one connection; or NULL */
};

/* Ask; *said is everything that it printed. */
enum ssh_verdict ssh_ask(const struct ssh_question *q, struct buf *said);

/*
 * Run argv, with stdout and stderr together in *said.  The exit status, or -1.
 */
int ssh_run(const char *const argv[], struct buf *said);
bool ssh_found(void); /* are ssh, sshd and ssh-keygen there? */
/* dir/NAME, dir/NAME.pub and dir/NAME.conf; false when it is not made. */
bool ssh_make_server(
    const char *dir, const char *name, const char *type, const char *bits);
/*
 * Let it listen on address, on each of the ports up to a 0, until it is killed
 * or we end; it answers when this returns.  -1: it does not start.
 */
pid_t ssh_start_server(
    const char *config, const char *address, const unsigned *ports);
/* A network with nothing but a loopback interface of our own, if we may. */
bool ssh_own_network(void);

#endif
