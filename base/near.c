/*
 * Which of the known words was probably meant?  Counts the letters to insert,
 * drop, replace or swap (optimal string alignment).  Runs anywhere.
 */
#include "base/near.h"

#include <string.h>

enum { NEAR_MAX = 40 }; /* letters; a longer word is near to nothing */

struct near
near_to(const char *word)
{
	size_t n = strlen(word);
	struct near near = { .word = word, .distance = n / 3 + 1 };

	/* A third of the letters may be wrong, of a short word just one. */
	if (n > 1 && n < 3)
		near.distance = 2;
	return near;
}

static size_t
least(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

static size_t
distance(const char *a, size_t n, const char *b, size_t m)
{
	size_t rows[3][NEAR_MAX + 1];
	size_t *before = rows[0], *above = rows[1], *row = rows[2], *swap;

	for (size_t j = 0; j <= m; j++)
		above[j] = before[j] = j;
	for (size_t i = 1; i <= n; i++) {
		row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			row[j] = least(above[j] + 1, row[j - 1] + 1,
			    above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				row[j] =
				    least(row[j], row[j], before[j - 2] + 1);
		}
		swap = before;
		before = above;
		above = row;
		row = swap;
	}
	return above[m];
}

void
near_offer(struct near *n, const char *candidate)
{
	size_t len = strlen(n->word), other = strlen(candidate), d;

	if (len > NEAR_MAX || other > NEAR_MAX)
		return;
	d = distance(n->word, len, candidate, other);
	if (d < n->distance) {
		n->distance = d;
		n->best = candidate;
	}
}
