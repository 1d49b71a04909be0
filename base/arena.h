/* Memory that is given back all at once: the names of 100,000 files. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena {
	struct arena_block *head; /* newest first */
	size_t total; /* bytes handed out */
};

void arena_init(struct arena *a);
void arena_free(struct arena *a);
/* n bytes, zeroed, aligned for any type; NULL when out of memory. */
void *arena_alloc(struct arena *a, size_t n);
/* A copy of s[0..n) with a NUL behind it, unaligned; NULL = out of memory. */
char *arena_copy(struct arena *a, const char *s, size_t n);

#endif
