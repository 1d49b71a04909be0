/*
 * Does the first field of a known_hosts line mean this host?  As OpenSSH's
 * match_hostname() and match_maybe_hashed() answer it.  Hub; no I/O.
 */
#ifndef KNOWN_HOSTS_MATCH_H
#define KNOWN_HOSTS_MATCH_H

#include <stdbool.h>
#include <stddef.h>

enum {
	MATCH_PORT = 22, /* the port that is never written */
	MATCH_NAME_SIZE = 1100, /* more than NI_MAXHOST, brackets and port */
	MATCH_PATTERN_MAX = 1022, /* OpenSSH's longest list element */
	MATCH_HASH_LEN = 60, /* "|1|" salt "|" hash, base64 of 20 bytes */
};

/*
 * The name to look up: lower case, an address in its canonical form,
 * "[name]:port" unless the port is 22 or 0.
 * A name too long to be one is cut: it matches nothing but wild cards then.
 */
void match_name(char dst[MATCH_NAME_SIZE], const char *name, unsigned port);
/* Can it be written to a file and mean only itself there? */
bool match_name_ok(const char *name);

/* One name, to be looked for in many fields. */
struct match {
	const char *name; /* made by match_name(), to outlive this */
	size_t name_len;
	void *mac; /* of the hashed fields; NULL before the first one */
};

void match_init(struct match *m, const char *name);
void match_free(struct match *m);
/*
 * Does the host field, plain (comma list of patterns with * ? and leading !) or
 * hashed, mean the name?  A negated match refuses all.
 */
bool match_field(struct match *m, const char *field, size_t n);
/* The same for a single field. */
bool match_hosts(const char *field, size_t n, const char *name);
/* One pattern of such a list, without its '!'. */
bool match_pattern(const char *pattern, size_t n, const char *name);
/* Is a field that begins with '|' a whole hash and nothing else? */
bool match_hash_ok(const char *field, size_t n);

#endif
