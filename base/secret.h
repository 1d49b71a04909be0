/*
 * Bytes that must not leak: own pages, locked where the system lets us, left
 * out of core dumps and forked children, wiped when freed.  No log call accepts
 * one.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stddef.h>

struct secret {
	unsigned char *data; /* cap + 1 bytes, always NUL-terminated */
	size_t len, cap;
};

/* An empty secret that can hold cap bytes; NULL when out of memory. */
struct secret *secret_new(size_t cap);
/* A copy; NULL when out of memory. */
struct secret *secret_copy(const void *p, size_t n);
void secret_free(struct secret *s); /* wipes; NULL is fine */
/* Overwrite memory in a way that the compiler cannot drop. */
void secret_wipe(void *p, size_t n);
/*
 * Read a file descriptor to its end and drop one final newline ("\n" or
 * "\r\n"); at most max bytes are left.  NULL and errno: EFBIG when longer, or
 * what read(2) said.
 */
struct secret *secret_read(int fd, size_t max);
void secret_drop_newline(struct secret *s); /* the same final one */

#endif
