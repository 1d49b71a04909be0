/* Do bytes look packed already?  Runs in the hub and in the worker. */
#include "base/packed.h"

#include <stddef.h>

enum { MANY_VALUES = 200 }; /* of 256 */

/*
 * Of 1,024 random bytes about 251 values are there at least once; of a text
 * some 80, of a program some 150.
 */
bool
packed_looks(const unsigned char sample[PACKED_SAMPLE])
{
	bool seen[256] = { false };
	unsigned values = 0;

	for (size_t i = 0; i < PACKED_SAMPLE; i++) {
		values += !seen[sample[i]];
		seen[sample[i]] = true;
	}
	return values > MANY_VALUES;
}
