/* Threads of a library in somebody else's process. */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>

/*
 * Run fn(ctx) on a thread to be joined.  The application's signals are the
 * application's: none comes to it.  0, or an errno.
 */
int thread_start(pthread_t *thread, void *(*fn)(void *ctx), void *ctx);

#endif
