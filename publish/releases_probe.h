/* Does the server have what releases need?  Hub. */
#ifndef PUBLISH_RELEASES_PROBE_H
#define PUBLISH_RELEASES_PROBE_H

#include "publish/far.h"

/* By what it says that it can: ferry_EDENIED, "releases_server". */
int releases_server(struct far *f, struct ferry_error *err);

/*
 * By trying, in our own folder: a link, and another one in its place.  Behind
 * releases_server(), which it does not repeat; nothing is left.
 */
int releases_probe(struct far *f, struct ferry_error *err);

#endif
