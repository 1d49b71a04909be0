/*
 * Packets with at most one descriptor over a SOCK_SEQPACKET socket pair.  Hub
 * and worker.  Knows nothing of what the packets say.
 */
#ifndef CONFINE_CHAN_H
#define CONFINE_CHAN_H

#include <stddef.h>
#include <sys/types.h>

enum { CHAN_DOOR_FD = 3 }; /* where a worker finds its end */

int chan_pair(int fds[2]); /* CLOEXEC both; 0, or -1 and errno */

/* Send one packet; pass an fd (or -1) along.  0, or -1 and errno (EAGAIN). */
int chan_send(int fd, const void *p, size_t n, int pass);

/*
 * Receive one packet of at most size bytes into p.  Its length; 0 = the other
 * side is gone; -1 and errno: EAGAIN, EMSGSIZE when it was cut, EPROTO when it
 * came with more than one descriptor.  *passed is the descriptor (CLOEXEC, the
 * caller's) or -1.  Never blocks when the socket does not.
 */
ssize_t chan_receive(int fd, void *p, size_t size, int *passed);

#endif
