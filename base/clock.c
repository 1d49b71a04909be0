/* A clock for waiting.  Runs in the hub and in the worker. */
#include "base/clock.h"

#include <limits.h>
#include <time.h>

uint64_t
clock_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

int
clock_left(uint64_t deadline)
{
	uint64_t now = clock_ms();

	if (deadline <= now)
		return 0;
	return deadline - now < INT_MAX ? (int)(deadline - now) : INT_MAX;
}
