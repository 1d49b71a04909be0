/*
 * seccomp: which system calls a process may make from now on.  Hub and worker.
 *
 * The filter is made from tables here, in a buffer on the stack: no library is
 * needed, and nothing can fail half way.  See seccomp(2).
 */
#ifndef CONFINE_SECCOMP_H
#define CONFINE_SECCOMP_H

#include <stdbool.h>
#include <stddef.h>

struct sock_filter;

enum { SECCOMP_MAX = 2048 }; /* instructions of one filter */

/* What a process says before its own filter ends it; then the call's name. */
#define SECCOMP_LAST_WORDS "refused by its own wall: "

/*
 * Print the filter for these calls, bits of enum role_calls, into
 * code[SECCOMP_MAX].  Its length; 0: not for this system.
 *
 * With ROLE_CALLS_ANY: all but the dangerous calls, which fail with EPERM.
 * Without: these calls only; the dangerous ones raise SIGSYS, all others fail
 * with EPERM.
 */
size_t seccomp_print(struct sock_filter *code, unsigned calls);

/*
 * Give up all other calls, for good and for what is started from here on.
 * Needs no_new_privs.  all_threads: for those that run already, too.  0, or a
 * negated errno: nothing was given up.
 */
int seccomp_restrict(unsigned calls, bool all_threads);

/* Say on standard error which call it was, and die of SIGSYS. */
int seccomp_announce(void); /* 0, or -1 and errno */

/* Is it the name of a call that the tables here refuse? */
bool seccomp_is_refusal(const char *name, size_t n);

#endif
