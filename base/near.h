/* Which of the known words was probably meant?  Runs anywhere; no I/O. */
#ifndef BASE_NEAR_H
#define BASE_NEAR_H

#include <stddef.h>

struct near {
	const char *word;
	const char *best; /* the nearest one offered; NULL: none is near */
	size_t distance; /* of the best, or one more than is near */
};

struct near near_to(const char *word);
void near_offer(struct near *n, const char *candidate);

#endif
