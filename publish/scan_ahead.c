/* The scan, and a look at the pages, on a thread of their own.  Hub. */
#include "publish/scan_ahead.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/thread.h"

enum {
	TURN_MS = 100, /* between two looks at progress and cancel */
	PACKED_MIN = 4 * 1024 * 1024, /* bytes: fewer are soon sent */
	PLAIN_PART = 16, /* less than this part of it would get smaller */
};

/* What the scan said: a file that was skipped, or (reason NULL) a failure. */
struct remark {
	struct remark *next;
	const char *reason;
	struct ferry_error error;
	char path[];
};

struct scan_ahead {
	struct scan scan; /* as the thread sees it */
	struct scan what; /* as the caller gave it */
	int stop[2]; /* readable: stop */
	pthread_t thread;
	bool running;
	const struct tree *joined; /* the tree, now the caller's; or NULL */
	struct refs *pages;

	/* the thread's, until the scan has ended */
	struct tree tree;
	struct ferry_error error;
	struct remark *remarks, **remarks_end;
	bool forgot; /* there was no memory for a remark */
	int rc;

	/* shared */
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool ended;
	size_t files;
	uint64_t bytes;
	uint64_t packed, plain; /* bytes that may have to be sent */
};

static struct remark *
remark(struct scan_ahead *a, const char *path)
{
	size_t n = strlen(path) + 1;
	struct remark *r = calloc(1, sizeof(*r) + n);

	if (r == NULL) {
		a->forgot = true;
		return NULL;
	}
	memcpy(r->path, path, n);
	*a->remarks_end = r;
	a->remarks_end = &r->next;
	return r;
}

static void
on_skipped(void *ctx, const char *path, const char *reason)
{
	struct remark *r = remark(ctx, path);

	if (r != NULL)
		r->reason = reason;
}

static void
on_failed(void *ctx, const struct ferry_error *error)
{
	struct remark *r = remark(ctx, "");

	if (r != NULL)
		r->error = *error;
}

static void
on_progress(void *ctx, size_t files, uint64_t bytes)
{
	struct scan_ahead *a = ctx;

	pthread_mutex_lock(&a->mutex);
	a->files = files;
	a->bytes = bytes;
	pthread_mutex_unlock(&a->mutex);
}

static void
on_met(void *ctx, uint64_t size, bool packed)
{
	struct scan_ahead *a = ctx;

	pthread_mutex_lock(&a->mutex);
	*(packed ? &a->packed : &a->plain) += size;
	pthread_mutex_unlock(&a->mutex);
}

bool
scan_ahead_is_packed(void *ctx)
{
	struct scan_ahead *a = ctx;
	bool is;

	pthread_mutex_lock(&a->mutex);
	is = a->packed >= PACKED_MIN && a->plain < a->packed / PLAIN_PART;
	pthread_mutex_unlock(&a->mutex);
	return is;
}

/* Whatever goes wrong, refs_read() will say so when it goes on. */
static void
read_pages(struct scan_ahead *a)
{
	a->pages->local = &a->tree;
	(void)refs_read(a->pages, NULL, a->scan.site, a->stop[0], NULL);
}

static void *
run(void *ctx)
{
	struct scan_ahead *a = ctx;

	a->rc = scan_source(&a->scan, &a->tree, &a->error);
	pthread_mutex_lock(&a->mutex);
	a->ended = true;
	pthread_cond_signal(&a->changed);
	pthread_mutex_unlock(&a->mutex);
	if (a->rc == 0 && a->pages != NULL)
		read_pages(a);
	return NULL;
}

int
scan_ahead_start(struct scan_ahead **out, const struct scan *what,
    struct refs *pages, struct ferry_error *err)
{
	struct scan_ahead *a = calloc(1, sizeof(*a));
	pthread_condattr_t attr;
	int e;

	*out = NULL;
	if (a == NULL)
		return err_memory(err);
	if (fs_pipe(a->stop) != 0) {
		e = errno;
		free(a);
		return err_os(err, ferry_EINTERNAL, e, "no_pipe",
		    "cannot begin the scan");
	}
	a->pages = pages;
	a->what = a->scan = *what;
	a->scan.ctx = a;
	a->scan.cancel_fd = a->stop[0];
	a->scan.skipped = on_skipped;
	a->scan.failed = on_failed;
	a->scan.progress = on_progress;
	a->scan.met = on_met;
	a->remarks_end = &a->remarks;
	tree_init(&a->tree);
	pthread_mutex_init(&a->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&a->changed, &attr);
	pthread_condattr_destroy(&attr);
	e = thread_start(&a->thread, run, a);
	a->running = e == 0;
	*out = a;
	if (e == 0)
		return 0;
	scan_ahead_free(a);
	*out = NULL;
	return err_os(
	    err, ferry_EINTERNAL, e, "no_thread", "cannot begin the scan");
}

static void
stop(struct scan_ahead *a)
{
	(void)!write(a->stop[1], "", 1);
}

static void
await(struct scan_ahead *a)
{
	struct timespec until;
	bool ended = false, stopped = false;
	uint64_t bytes;
	size_t files;

	while (!ended) {
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += TURN_MS * 1000000;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		pthread_mutex_lock(&a->mutex);
		if (!a->ended)
			pthread_cond_timedwait(&a->changed, &a->mutex, &until);
		ended = a->ended;
		files = a->files;
		bytes = a->bytes;
		pthread_mutex_unlock(&a->mutex);
		a->what.progress(a->what.ctx, files, bytes);
		if (!stopped && fs_readable(a->what.cancel_fd)) {
			stop(a);
			stopped = true;
		}
	}
}

int
scan_ahead_join(struct scan_ahead *a, struct tree *out, struct ferry_error *err)
{
	const struct remark *r;

	await(a);
	for (r = a->remarks; r != NULL; r = r->next)
		if (r->reason != NULL)
			a->what.skipped(a->what.ctx, r->path, r->reason);
		else
			a->what.failed(a->what.ctx, &r->error);
	if (a->forgot)
		return err_memory(err);
	if (a->rc != 0) {
		if (err != NULL)
			*err = a->error;
		return a->rc;
	}
	*out = a->tree; /* the thread may still look at it */
	a->joined = out;
	return 0;
}

void
scan_ahead_stop(struct scan_ahead *a)
{
	if (a->running) {
		stop(a);
		pthread_join(a->thread, NULL);
		a->running = false;
	}
	if (a->pages != NULL)
		a->pages->local = a->joined;
}

void
scan_ahead_free(struct scan_ahead *a)
{
	struct remark *r;

	if (a == NULL)
		return;
	scan_ahead_stop(a);
	while ((r = a->remarks) != NULL) {
		a->remarks = r->next;
		free(r);
	}
	if (a->joined == NULL)
		tree_free(&a->tree);
	pthread_cond_destroy(&a->changed);
	pthread_mutex_destroy(&a->mutex);
	close(a->stop[0]);
	close(a->stop[1]);
	free(a);
}
