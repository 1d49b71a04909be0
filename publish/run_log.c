/* Keep what the last runs have told.  Hub. */
#include "publish/run_log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/limits.h"
#include "publish/job.h"
#include "publish/places.h"

enum {
	IN_A_SECOND = 100,
	LOCK_TRIES = 100, /* 10 ms apart */
};

/* "publish", of the verbs whose runs are kept; else NULL. */
static const char *
kept_as(const struct ferry_job *job)
{
	if (job->options.dry_run)
		return NULL;
	switch (job->verb) {
	case ferry_PUBLISH:
		return "publish";
	case ferry_UNDO:
		return "undo";
	case ferry_ADOPT:
		return "adopt";
	case ferry_UNLOCK:
		return "unlock";
	case ferry_VERIFY:
		return "verify";
	default:
		return NULL;
	}
}

/* ---- The folder ---- */

static bool
parse_name(const char *name, struct run_log_entry *out)
{
	struct tm tm;
	int end = 0;

	memset(out, 0, sizeof(*out));
	memset(&tm, 0, sizeof(tm));
	if (strlen(name) >= sizeof(out->name) ||
	    sscanf(name, "%4d%2d%2dT%2d%2d%2dZ-%2u-%15[a-z].ndjson%n",
		&tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min,
		&tm.tm_sec, &out->nth, out->verb, &end) != 8 ||
	    end == 0 || name[end] != '\0')
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	strcpy(out->name, name);
	out->time = timegm(&tm);
	return true;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct run_log_entry *)a)->name,
	    ((const struct run_log_entry *)b)->name);
}

bool
run_log_list(int dirfd, struct run_log_entry **out, size_t *count)
{
	struct run_log_entry *all = NULL, *grown, one;
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *d;
	size_t n = 0;
	bool ok = true;

	*out = NULL;
	*count = 0;
	if (dir == NULL && fd >= 0)
		close(fd);
	while (ok && dir != NULL && (d = readdir(dir)) != NULL) {
		if (!parse_name(d->d_name, &one))
			continue;
		grown = realloc(all, (n + 1) * sizeof(*all));
		ok = grown != NULL;
		if (!ok)
			break;
		all = grown;
		all[n++] = one;
	}
	if (dir != NULL)
		closedir(dir);
	if (!ok) {
		free(all);
		return false;
	}
	if (n > 0)
		qsort(all, n, sizeof(*all), by_name);
	*out = all;
	*count = n;
	return true;
}

/* All but the newest. */
static void
prune(int dirfd, size_t most)
{
	struct run_log_entry *all;
	size_t n;

	if (!run_log_list(dirfd, &all, &n))
		return;
	for (size_t i = 0; i + most < n; i++)
		unlinkat(dirfd, all[i].name, 0);
	free(all);
}

int
run_log_folder(const struct ferry_job *job)
{
	struct place p;
	int dir, runs;

	if (job->site->url.text == NULL ||
	    !places_state(&job->options, job->site, &p))
		return -1;
	dir = fs_open_dir_at(p.dirfd, p.path, 0700);
	if (dir < 0)
		return -1;
	runs = fs_open_dir_at(dir, RUN_LOG_FOLDER, 0700);
	close(dir);
	return runs;
}

/* The first name of this second that is free. */
static int
create(int dirfd, const struct ferry_run *run)
{
	const time_t when = (time_t)run->time;
	char second[32], name[64];
	struct tm tm;
	int fd = -1;

	if (gmtime_r(&when, &tm) == NULL ||
	    strftime(second, sizeof(second), "%Y%m%dT%H%M%SZ", &tm) == 0)
		return -1;
	for (int i = 0; fd < 0 && i < IN_A_SECOND; i++) {
		snprintf(name, sizeof(name), "%s-%02d-%s.ndjson", second, i,
		    run->verb);
		fd = openat(
		    dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	}
	return fd;
}

/* ---- One run ---- */

/* Who looks whether it goes on has a lock too, for a moment. */
static void
lock(int fd)
{
	for (int i = 0; i < LOCK_TRIES; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0 ||
		    (errno != EWOULDBLOCK && errno != EINTR))
			return;
		poll(NULL, 0, 10);
	}
}

void
run_log_init(struct run_log *l)
{
	memset(l, 0, sizeof(*l));
	l->fd = -1;
	buf_init(&l->line, LIMIT_RUN_LINE);
}

void
run_log_open(
    struct run_log *l, const struct ferry_job *job, struct ferry_run *run)
{
	int runs;

	memset(run, 0, sizeof(*run));
	run->size = sizeof(*run);
	run->time = (int64_t)time(NULL);
	run->verb = kept_as(job);
	run->version = FERRY_VERSION;
	run->url = job->site->url.text;
	runs = run->verb != NULL ? run_log_folder(job) : -1;
	if (runs < 0)
		return;
	prune(runs, LIMIT_RUNS_KEPT - 1);
	l->fd = create(runs, run);
	close(runs);
	if (l->fd >= 0)
		lock(l->fd);
}

/* Progress is worth a line now and then; a long plan is cut. */
static bool
is_worth_it(struct run_log *l, const struct ferry_event *e)
{
	if (e->kind == ferry_EVENT_PROGRESS) {
		const uint64_t now = clock_ms();

		if (now - l->progressed < LIMIT_RUN_PROGRESS)
			return false;
		l->progressed = now;
	}
	return e->kind == ferry_EVENT_FINISHED || l->size < LIMIT_RUN_LOG;
}

static void
write_out(struct run_log *l)
{
	const bool ok = l->line.len == 0 ||
	    fs_write_all(l->fd, l->line.data, l->line.len) == 0;

	buf_reset(&l->line);
	if (!ok)
		run_log_close(l);
}

void
run_log_put(struct run_log *l, const struct ferry_event *e)
{
	size_t need;
	char *at;

	if (l->fd < 0 || !is_worth_it(l, e))
		return;
	need = ferry_event_json(e, NULL, 0) + 1;
	if (l->line.len + need > LIMIT_RUN_LINE)
		write_out(l);
	at = l->fd >= 0 ? (char *)buf_grow(&l->line, need) : NULL;
	if (at == NULL) {
		buf_reset(&l->line);
		return;
	}
	ferry_event_json(e, at, need);
	at[need - 1] = '\n';
	l->size += need;
	/* a plan's steps come all at once, and something comes behind them */
	if (e->kind != ferry_EVENT_STEP)
		write_out(l);
}

void
run_log_close(struct run_log *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	buf_free(&l->line);
}
