/*
 * The site as its visitors see it: fetch what lies at a path below `site-url'.
 * Hub; the web server's bytes are read by a worker of their own.
 *
 *   web_new()    before the seal: looks the name up, opens the authorities
 *   web_look()   as often as wanted; the first one starts the worker
 *   web_end()
 */
#ifndef PUBLISH_WEB_H
#define PUBLISH_WEB_H

#include "remote/fetch.h"
#include "sandferry.h"

struct ferry_job;
struct web;

/*
 * NULL and 0 where the site has no `site-url'.  What is wrong with that url, or
 * with --cacert, is told by the first look.  ferry_EINTERNAL: no memory.
 */
int web_new(struct web **out, struct ferry_job *job, struct ferry_error *err);
void web_end(struct web *w); /* no more looks; NULL is fine */
void web_free(struct web *w); /* NULL is fine */

/* Where a look may connect to, for the seal: how many. */
size_t web_ports(const struct web *w, unsigned ports[FETCH_PORTS]);

/*
 * Look for the token in what is shown at this path, "" or "a/b", as bytes.
 * Negative: there was no look at all, and why; ferry_EREACH: the name is not
 * known.  All else is in *out, failures on the way too.
 */
int web_look(struct web *w, const char *path, const void *token, size_t n,
    struct msg_http_reply *out, struct ferry_error *err);

/* The i-th address and port that was tried; false: there is none. */
bool web_contact(
    const struct web *w, size_t i, struct dial_contact *out, unsigned *port);
/* The name that a resolver was asked for; NULL: none was. */
const char *web_looked_up(const struct web *w);

#endif
