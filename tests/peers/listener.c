/*
 * An application's main loop that counts how often it is woken, and the ends.
 *
 *   listener HOW WORKER SOURCE URL KEY HOSTKEY STATE KNOWN_HOSTS
 *
 * HOW: "all"; "cancelled" before it starts; "amid" or "left" at the first
 * question; "twice" started; "unstarted"; "poor" in descriptors.
 * HOSTKEY "ask" is a question, which is answered by yes.
 *
 * Prints "wakes N of M finished N outcome N": M is what 30 in a second allow,
 * and a few.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "sandferry.h"

enum { A_SECOND = 30, A_FEW = 5 }; /* questions, the end */

struct app {
	const char *how;
	struct ferry_job *job;
	unsigned wakes, finished;
	int outcome;
	bool leaves;
};

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
on_event(void *ctx, const struct ferry_event *event)
{
	struct app *a = ctx;

	if (a->finished > 0 || a->leaves)
		puts("an event behind the end");
	switch (event->kind) {
	case ferry_EVENT_QUESTION:
		if (strcmp(a->how, "left") == 0)
			a->leaves = true;
		else if (strcmp(a->how, "amid") == 0)
			ferry_job_cancel(a->job);
		else
			(void)ferry_job_answer(
			    a->job, event->question->id, true, NULL, 0);
		break;
	case ferry_EVENT_FINISHED:
		a->finished++;
		a->outcome = event->summary->outcome;
		break;
	default:
		break;
	}
}

static void
loop(struct app *a)
{
	struct pollfd p = { .fd = ferry_job_fd(a->job), .events = POLLIN };

	while (ferry_job_dispatch(a->job) == 0 && !a->leaves)
		if (poll(&p, 1, -1) == 1)
			a->wakes++;
	if (!a->leaves && ferry_job_dispatch(a->job) != 1)
		puts("the end is not the end");
}

/* No descriptor is left. */
static void
be_poor(void)
{
	const int next = open("/dev/null", O_RDONLY);
	const struct rlimit limit = { (rlim_t)next, (rlim_t)next };

	close(next);
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static void
run(struct app *a)
{
	struct ferry_error err;
	int rc;

	if (strcmp(a->how, "unstarted") == 0)
		return;
	if (strcmp(a->how, "cancelled") == 0)
		ferry_job_cancel(a->job);
	if (strcmp(a->how, "poor") == 0)
		be_poor();
	rc = ferry_job_start(a->job, on_event, a, &err);
	if (strcmp(a->how, "twice") == 0 &&
	    ferry_job_start(a->job, on_event, a, NULL) != -ferry_EUSAGE)
		puts("it started twice");
	if (rc == 0)
		loop(a);
	else
		printf("%s: %s\n", err.id, err.text);
	if (rc != 0 &&
	    (ferry_job_fd(a->job) != -1 ||
		ferry_job_dispatch(a->job) != -ferry_EUSAGE))
		puts("it did not start, and runs");
}

int
main(int argc, char **argv)
{
	struct app a = { 0 };
	struct ferry_site *site = NULL;
	struct ferry_options o;
	const double began = now();
	int rc;

	if (argc != 9)
		return 2;
	a.how = argv[1];
	ferry_options_init(&o);
	o.worker = argv[2];
	o.key_file = argv[5];
	o.state_dir = argv[7];
	o.known_hosts = argv[8];
	o.fallback_known_hosts = "none";
	o.may_ask = true;
	o.log_level = 4; /* all */
	rc = ferry_site_new(&site, NULL);
	if (rc == 0)
		rc = ferry_site_set(site, "source", argv[3], NULL);
	if (rc == 0)
		rc = ferry_site_set(site, "url", argv[4], NULL);
	if (rc == 0 && strcmp(argv[6], "ask") != 0)
		rc = ferry_site_set(site, "hostkey", argv[6], NULL);
	if (rc == 0)
		rc = ferry_job_new(&a.job, site, ferry_PUBLISH, &o, NULL);
	if (rc == 0)
		run(&a);
	ferry_job_free(a.job);
	ferry_site_free(site);
	printf("wakes %u of %u finished %u outcome %d\n", a.wakes,
	    (unsigned)((now() - began) * A_SECOND) + A_FEW, a.finished,
	    a.outcome);
	return rc != 0;
}
