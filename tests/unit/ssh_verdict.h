/* What ssh(1) says of a server's host key, of a real sshd(8)'s.  Tests. */
#ifndef TESTS_SSH_VERDICT_H
#define TESTS_SSH_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"

enum { SSH_PATH_SIZE = 256, SSH_BLOB_SIZE = 1024, SSH_PORTS = 3 };

enum ssh_verdict {
	SSH_ACCEPTED, /* it went on to log in */
	SSH_UNKNOWN,
	SSH_CHANGED,
	SSH_REVOKED,
	SSH_ELSE, /* none of these words was said */
};

struct ssh_question {
	const char *user, *global; /* files, with a blank between several */
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

struct ssh_server {
	char config[SSH_PATH_SIZE];
	char line[SSH_BLOB_SIZE * 2]; /* its host key, "type base64" */
	unsigned char blob[SSH_BLOB_SIZE]; /* the same */
	size_t blob_len;
	char address[16]; /* when it listens: where */
	unsigned ports[SSH_PORTS]; /* up to a 0 */
	pid_t pid; /* 0: it does not listen */
};

/* Make a key and a configuration, dir/NAME*; false when it cannot be. */
bool ssh_make_server(struct ssh_server *s, const char *dir, const char *name,
    const char *type, const char *bits);
/*
 * Let it listen on its address, on each of its ports; a first port 0 becomes
 * one that is free.  It answers when this returns, and ends with us.
 */
bool ssh_start_server(struct ssh_server *s);
void ssh_stop_server(struct ssh_server *s);
/* A network with nothing but a loopback interface of our own, if we may. */
bool ssh_own_network(void);

#endif
