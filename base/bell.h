/*
 * A descriptor for poll(2) that turns readable at a time, for whoever waits for
 * something that need not be known at once.
 */
#ifndef BASE_BELL_H
#define BASE_BELL_H

#include <stdint.h>

/* One that is quiet; -1: errno says why. */
int bell_open(void);

/* Be readable from this time of clock_ms() on, and not before; 0: be quiet. */
void bell_ring(int bell, uint64_t at_ms);

#endif
