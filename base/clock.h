/* A clock for waiting: it never jumps. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds since some moment in the past. */
uint64_t clock_ms(void);

/* Milliseconds until that time, as poll(2) takes them; 0 when it is over. */
int clock_left(uint64_t deadline);

#endif
