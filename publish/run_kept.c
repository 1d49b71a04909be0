/* Show what the last runs have told.  Hub. */
#include "publish/run_kept.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"

enum { LOOK_MS = 300 }; /* between two looks at what grows */

struct kept {
	struct ferry_job *job;
	int dir; /* of the runs; or -1: there are none */
	struct run_log_entry *all;
	size_t count;
};

/* One file while it is read. */
struct reading {
	int fd;
	struct buf rest; /* of a line that has no end yet */
	char *summary; /* the line that ends it; or NULL */
};

static int
load(struct kept *k, struct ferry_error *err)
{
	free(k->all);
	k->all = NULL;
	k->count = 0;
	if (k->dir >= 0 && !run_log_list(k->dir, &k->all, &k->count))
		return err_memory(err);
	return 0;
}

/* A line that one of us has written: nothing in it can fool a terminal. */
static bool
is_line(const char *s)
{
	static const char begin[] = "{\"v\":1,\"type\":\"";

	if (strncmp(s, begin, sizeof(begin) - 1) != 0)
		return false;
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return false;
	return true;
}

static bool
is_summary(const char *s)
{
	static const char begin[] = "{\"v\":1,\"type\":\"summary\"";

	return strncmp(s, begin, sizeof(begin) - 1) == 0;
}

static void
reading_begin(struct reading *r, const struct kept *k, size_t i)
{
	r->fd =
	    openat(k->dir, k->all[i].name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	buf_init(&r->rest, LIMIT_RUN_LINE);
	r->summary = NULL;
}

static void
reading_end(struct reading *r)
{
	if (r->fd >= 0)
		close(r->fd);
	buf_free(&r->rest);
	free(r->summary);
}

/* report NULL: only the summary is of interest. */
static void
take_line(struct reading *r, const char *line, struct report *report)
{
	if (!is_line(line))
		return;
	if (report != NULL)
		report_line(report, line);
	else if (is_summary(line)) {
		free(r->summary);
		r->summary = strdup(line);
	}
}

/* The whole lines so far. */
static void
take_lines(struct reading *r, struct report *report)
{
	char *line = (char *)r->rest.data, *end;
	size_t used = 0;

	while (used < r->rest.len &&
	    (end = memchr(line + used, '\n', r->rest.len - used)) != NULL) {
		*end = '\0';
		take_line(r, line + used, report);
		used = (size_t)(end + 1 - line);
	}
	buf_consume(&r->rest, used);
}

/* What has come since the last time. */
static void
read_on(struct reading *r, struct report *report)
{
	unsigned char part[8192];
	ssize_t n;

	while (r->fd >= 0 && (n = read(r->fd, part, sizeof(part))) > 0) {
		buf_put(&r->rest, part, (size_t)n);
		if (!buf_ok(&r->rest))
			buf_reset(&r->rest); /* no line of ours */
		take_lines(r, report);
	}
}

/* Its writer has a lock on it. */
static bool
goes_on(const struct reading *r)
{
	if (r->fd < 0)
		return false;
	if (flock(r->fd, LOCK_SH | LOCK_NB) != 0)
		return errno == EWOULDBLOCK;
	flock(r->fd, LOCK_UN);
	return false;
}

/* Which run it is, and how it ended. */
static void
tell_run(const struct kept *k, size_t i, bool with_summary)
{
	struct reading r;
	struct ferry_run run = {
		.size = sizeof(run),
		.verb = k->all[i].verb,
		.time = (int64_t)k->all[i].time,
		.url = k->job->site->url.text,
		.number = (unsigned)(k->count - i),
	};

	reading_begin(&r, k, i);
	run.state = goes_on(&r) ? ferry_RUN_GOING_ON : ferry_RUN_KILLED;
	/* its summary is a line like others, and the last one */
	if (r.fd >= 0 && lseek(r.fd, -LIMIT_RUN_LINE, SEEK_END) < 0)
		lseek(r.fd, 0, SEEK_SET);
	read_on(&r, NULL);
	if (r.summary != NULL)
		run.state = ferry_RUN_ENDED;
	report_run(&k->job->report, &run);
	if (with_summary && r.summary != NULL)
		report_line(&k->job->report, r.summary);
	reading_end(&r);
}

/* 0: time is over; or cancelled. */
static int
wait_a_little(const struct ferry_job *job, struct ferry_error *err)
{
	struct pollfd p = { .fd = job->cancel[0], .events = POLLIN };

	if (poll(&p, 1, LOOK_MS) > 0)
		return err_set(err, ferry_ECANCELLED, "cancelled", "cancelled");
	return 0;
}

/* The run behind that of this name; count: there is none yet. */
static size_t
behind(const struct kept *k, const char *name)
{
	size_t i = 0;

	while (i < k->count && strcmp(k->all[i].name, name) <= 0)
		i++;
	return i;
}

/* Whatever comes, from this run on, which may be one that is to come. */
static int
follow(struct kept *k, size_t i, struct ferry_error *err)
{
	struct report *report = &k->job->report;
	char name[sizeof(k->all->name)] = "";
	struct reading r = { .fd = -1 };
	int rc = 0;

	while (rc == 0) {
		const bool over = !goes_on(&r);

		read_on(&r, report);
		if (over && i < k->count) {
			reading_end(&r);
			strcpy(name, k->all[i].name);
			tell_run(k, i, false);
			reading_begin(&r, k, i);
		} else {
			rc = wait_a_little(k->job, err);
		}
		if (rc == 0)
			rc = load(k, err);
		i = behind(k, name);
	}
	reading_end(&r);
	return rc;
}

static int
show_one(struct kept *k, unsigned number, struct ferry_error *err)
{
	struct reading r;

	if (number > k->count) {
		err_set(err, ferry_EUSAGE, "no_such_run",
		    "there is no run %u: %zu are kept", number, k->count);
		err_hint(err, "`%s log' lists them.",
		    k->job->options.command != NULL ? k->job->options.command
						    : "sandferry");
		return -ferry_EUSAGE;
	}
	tell_run(k, k->count - number, false);
	reading_begin(&r, k, k->count - number);
	read_on(&r, &k->job->report);
	reading_end(&r);
	return 0;
}

static int
show(struct kept *k, struct ferry_error *err)
{
	const struct ferry_options *o = &k->job->options;

	if (o->follow)
		return follow(k, k->count > 0 ? k->count - 1 : 0, err);
	if (o->run > 0)
		return show_one(k, o->run, err);
	for (size_t i = 0; i < k->count; i++)
		tell_run(k, i, true);
	return 0;
}

int
run_kept(struct ferry_job *job, struct ferry_error *err)
{
	struct kept k = { .job = job };
	int rc;

	if (job->site->url.text == NULL)
		return err_set(err, ferry_EUSAGE, "no_url",
		    "the site has no url, and runs are kept by url");
	k.dir = run_log_folder(job);
	rc = load(&k, err);
	if (rc == 0)
		rc = show(&k, err);
	free(k.all);
	if (k.dir >= 0)
		close(k.dir);
	return rc;
}
