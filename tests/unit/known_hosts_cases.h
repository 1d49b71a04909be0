/*
 * Seeded cases of a host key to judge, whose known_hosts files favour the odd
 * corners of the format.
 */
#ifndef TESTS_KNOWN_HOSTS_CASES_H
#define TESTS_KNOWN_HOSTS_CASES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CASES_KEYS = 5, /* ed25519, P-256, P-384, P-521, RSA */
	CASES_FILES = 3, /* the private one, the fallback, the system's */
	CASES_LINES = 6, /* of a file, at most */
	CASES_LINE_SIZE = 2048
};

struct cases_host {
	const char *name; /* as given */
	const char *known_as; /* as looked up */
	unsigned port;
	unsigned key; /* which one the server presents */
};

struct cases_line {
	char text[CASES_LINE_SIZE]; /* may hold a NUL */
	size_t len; /* with its newline, if it has one */
	bool only_ours; /* a line to us, a bad one to OpenSSH */
};

struct cases_file {
	struct cases_line lines[CASES_LINES];
	size_t count;
};

struct cases {
	uint32_t seed;
	struct cases_host host;
	struct cases_file files[CASES_FILES];
};

/* A number below n, which advances the seed. */
unsigned cases_pick(struct cases *c, unsigned n);
/*
 * Make a case of this seed: about this host, or NULL: about an odd one.  The
 * servers' keys are "type base64".
 */
void cases_make(struct cases *c, uint32_t seed, const struct cases_host *host,
    const char *const keys[CASES_KEYS]);

#endif
