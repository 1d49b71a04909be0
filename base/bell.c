/* A descriptor that turns readable at a time.  Hub. */
#include "base/bell.h"

#ifdef __linux__

#include <sys/timerfd.h>
#include <time.h>

int
bell_open(void)
{
	return timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
}

void
bell_ring(int bell, uint64_t at_ms)
{
	const struct itimerspec at = {
		.it_value = { .tv_sec = (time_t)(at_ms / 1000),
		    .tv_nsec = (long)(at_ms % 1000 * 1000000) },
	};

	(void)timerfd_settime(bell, TFD_TIMER_ABSTIME, &at, NULL);
}

#else

#include <sys/types.h>

#include <sys/event.h>

#include <fcntl.h>

#include "base/clock.h"

int
bell_open(void)
{
	const int bell = kqueue();

	if (bell >= 0)
		(void)fcntl(bell, F_SETFD, FD_CLOEXEC);
	return bell;
}

void
bell_ring(int bell, uint64_t at_ms)
{
	struct kevent e;

	EV_SET(&e, 0, EVFILT_TIMER, EV_DELETE, 0, 0, NULL);
	(void)kevent(bell, &e, 1, NULL, 0, NULL);
	if (at_ms == 0)
		return;
	EV_SET(&e, 0, EVFILT_TIMER, EV_ADD | EV_ONESHOT, 0, clock_left(at_ms),
	    NULL);
	(void)kevent(bell, &e, 1, NULL, 0, NULL);
}

#endif
