/* Threads of a library in somebody else's process.  Hub. */
#include "base/thread.h"

#include <signal.h>

int
thread_start(pthread_t *thread, void *(*fn)(void *ctx), void *ctx)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(thread, NULL, fn, ctx);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}
