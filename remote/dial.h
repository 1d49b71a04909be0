/* Resolve a name and connect a TCP socket.  Hub. */
#ifndef REMOTE_DIAL_H
#define REMOTE_DIAL_H

#include "sandferry.h"

enum { DIAL_ADDRESS_SIZE = 64 };

/*
 * Every address of the name is tried in turn (RFC 6724 order), each for at
 * most timeout_ms.  *fd is non-blocking, CLOEXEC, TCP_NODELAY; address gets the
 * numeric peer.  ferry_EREACH says which of: name not found, refused, no route,
 * timeout.  cancel_fd readable: ferry_ECANCELLED.
 */
int
dial_tcp(const char *host, unsigned port, unsigned timeout_ms, int cancel_fd,
    int *fd, char address[DIAL_ADDRESS_SIZE], struct ferry_error *err);

#endif
