/*
 * What the parts of the SSH connection share: ssh.c, the transport,
 * ssh_login.c, ssh_deflate.c and ssh_memory.c.  Worker; included by them only.
 */
#ifndef REMOTE_SSH_PARTS_H
#define REMOTE_SSH_PARTS_H

#include "base/buf.h"
#include "base/secret.h"
#include "remote/ssh.h"
#include "remote/ssh_watch.h"

/* A byte queue that moves its bytes only when that is cheap. */
struct ssh_queue {
	struct buf b;
	size_t head;
};

/* The server's last SSH_MSG_USERAUTH_FAILURE. */
struct ssh_refusal {
	char methods[WORKER_MSG_METHODS];
	bool partial, seen;
};

/* Of what goes out; see ssh_deflate.c. */
struct ssh_deflate {
	int level; /* in force */
	unsigned rest; /* packets that are stored before the next try */
	unsigned dull; /* ... and how many it was last; 0: it gets smaller */
	uint64_t plain, packed; /* bytes in, and out */
};

struct ssh {
	LIBSSH2_SESSION *session;
	int sock;
	struct ssh_queue in, out;
	bool eof;
	bool full; /* the socket did not take all, when last asked */
	uint64_t last_sent;
	struct ssh_watch watch;
	struct ssh_deflate deflate;

	/* signing by somebody else */
	void (*ask)(void *ctx, const void *data, size_t n);
	void *ask_ctx;
	bool asked, answered;
	struct buf signature;

	/* what the server asks, answered by somebody else */
	bool (*prompted)(void *ctx, const struct msg_prompts *prompts,
	    struct secret **answers);
	void *prompted_ctx;
	unsigned rounds; /* of questions, in this attempt */
	bool unanswered;

	char methods[WORKER_MSG_METHODS]; /* that it named last */
	struct ssh_refusal refusal;
	unsigned refusals;
	bool gone; /* before this attempt was made: nobody judges it */
	bool parted; /* it said good-bye, and why: */
	char words[WORKER_MSG_TEXT];
	bool logged_in;
};

/* What libssh2 frees it has to have from here. */
void *ssh_memory_alloc(size_t n, void **abstract);
void ssh_memory_free(void *p, void **abstract);
void *ssh_memory_realloc(void *p, size_t n, void **abstract);

#endif
