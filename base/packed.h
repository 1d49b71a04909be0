/* Bytes that are packed already: pictures, films, fonts, archives. */
#ifndef BASE_PACKED_H
#define BASE_PACKED_H

#include <stdbool.h>

enum { PACKED_SAMPLE = 1024 }; /* bytes; from the middle of something */

/* Do they look as if compressing would make them hardly smaller? */
bool packed_looks(const unsigned char sample[PACKED_SAMPLE]);

#endif
