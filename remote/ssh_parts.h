/*
 * What the two halves of the SSH connection share: ssh.c, the transport, and
 * ssh_login.c.  Worker; included by them only.
 */
#ifndef REMOTE_SSH_PARTS_H
#define REMOTE_SSH_PARTS_H

#include "base/buf.h"
#include "remote/ssh.h"
#include "remote/ssh_watch.h"

/* A byte queue that moves its bytes only when that is cheap. */
struct ssh_queue {
	struct buf b;
	size_t head;
};

struct ssh {
	LIBSSH2_SESSION *session;
	int sock;
	struct ssh_queue in, out;
	bool eof;
	uint64_t last_sent;
	struct ssh_watch watch;

	/* signing by somebody else */
	void (*ask)(void *ctx, const void *data, size_t n);
	void *ask_ctx;
	bool asked, answered;
	struct buf signature;

	const char *password; /* while keyboard-interactive runs */
	char methods[WORKER_MSG_METHODS];
	bool methods_known;
};

#endif
