/*
 * What the first key exchange showed, for the hub's own check of the host.
 * Worker.  Two things are watched: the clear-text bytes from the server, for
 * the key exchange reply; and the key derivation, for the session id.
 */
#ifndef REMOTE_SSH_WATCH_H
#define REMOTE_SSH_WATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "remote/worker_msg.h"

struct ssh_watch {
	struct buf clear; /* bytes not yet understood */
	unsigned char first[48]; /* bytes that came, to be quoted */
	size_t first_len, before; /* before: bytes ahead of the banner */
	bool banner_seen, over; /* over: NEWKEYS came, or nonsense */
	struct buf reply; /* the payload of message 31 */
};

void ssh_watch_init(struct ssh_watch *w);
void ssh_watch_free(struct ssh_watch *w);
/* Bytes as they arrive; cheap once the key exchange is over. */
void ssh_watch_bytes(struct ssh_watch *w, const void *p, size_t n);
/* Both parts, when both are there. */
bool ssh_watch_result(const struct ssh_watch *w, struct msg_hostkey *out);

#endif
