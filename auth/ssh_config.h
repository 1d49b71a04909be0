/*
 * The key files that an ssh_config(5) names for one host.  Hub; no I/O.
 *
 * Understood: Host with its patterns, HostName, User, Port, IdentityFile.
 * Include and Match are not followed, and are told.
 */
#ifndef AUTH_SSH_CONFIG_H
#define AUTH_SSH_CONFIG_H

#include <stddef.h>

#include "base/arena.h"
#include "sandferry.h"

struct ssh_config_query {
	const char *host; /* to be reached: whatever the config calls it */
	unsigned port;
	const char *user;
	const char *home; /* absolute: for "~/" and "%d" */
};

struct ssh_config_key {
	const char *path; /* absolute */
	const char *alias; /* the Host by which it was found */
	unsigned line;
};

struct ssh_config_odd { /* what was left out */
	const char *what; /* "Include is not followed" */
	unsigned line;
};

struct ssh_config {
	struct arena names;
	struct ssh_config_key *keys; /* each path once, in the file's order */
	size_t key_count, key_cap;
	struct ssh_config_odd *odd;
	size_t odd_count, odd_cap;
};

/*
 * Read the text.  0 even when it names no key.  ferry_EUSAGE: "ssh_config_hosts"
 * (too many names).  Free out in any case.
 */
int ssh_config_read(struct ssh_config *out, const char *text, size_t n,
    const struct ssh_config_query *query, struct ferry_error *err);
void ssh_config_free(struct ssh_config *c);

#endif
