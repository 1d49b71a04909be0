/*
 * An embedding program that publishes again and again in one process, by the
 * public header alone, and tells what it holds afterwards.
 *
 *   many_publishes TIMES WORKER SOURCE URL KEY HOSTKEY STATE_DIR KNOWN_HOSTS
 *
 * Before each publish it writes the number of the run into SOURCE/index.html.
 * Prints "runs N sent N fds A B children N kilobytes A B": the values before
 * (after a few runs to warm up) and at the end.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "sandferry.h"

enum { WARM = 5 };

struct run {
	unsigned sent;
};

static unsigned
open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	while (d != NULL && readdir(d) != NULL)
		n++;
	if (d != NULL)
		closedir(d);
	return n;
}

static unsigned long
kilobytes(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	unsigned long n = 0;
	char line[256];

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "VmRSS: %lu", &n) == 1)
			break;
	if (f != NULL)
		fclose(f);
	return n;
}

static void
on_event(void *ctx, const struct ferry_event *event)
{
	struct run *r = ctx;

	if (event->kind == ferry_EVENT_FINISHED)
		r->sent += (unsigned)event->summary->sent;
}

static int
publish(char **argv, struct run *r, struct ferry_error *err)
{
	struct ferry_options options;
	struct ferry_site *site = NULL;
	struct ferry_job *job = NULL;
	int rc = ferry_site_new(&site, err);

	ferry_options_init(&options);
	options.worker = argv[2];
	options.key_file = argv[5];
	options.state_dir = argv[7];
	options.known_hosts = argv[8];
	options.fallback_known_hosts = "none";
	if (rc == 0)
		rc = ferry_site_set(site, "source", argv[3], err);
	if (rc == 0)
		rc = ferry_site_set(site, "url", argv[4], err);
	if (rc == 0)
		rc = ferry_site_set(site, "hostkey", argv[6], err);
	if (rc == 0)
		rc = ferry_job_new(&job, site, ferry_PUBLISH, &options, err);
	if (rc == 0)
		rc = ferry_job_run(job, on_event, r, err);
	ferry_job_free(job);
	ferry_site_free(site);
	return rc;
}

static int
edit(const char *source, unsigned number)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/index.html", source);
	f = fopen(path, "w");
	if (f == NULL)
		return -1;
	fprintf(f, "<title>run %u</title>\n", number);
	return fclose(f);
}

int
main(int argc, char **argv)
{
	struct run r = { 0 };
	struct ferry_error err = { 0 };
	unsigned times, i, fds = 0;
	unsigned long before = 0;

	if (argc != 9)
		return 2;
	times = (unsigned)atoi(argv[1]);
	for (i = 1; i <= times; i++) {
		if (i == WARM) {
			fds = open_files();
			before = kilobytes();
		}
		if (edit(argv[3], i) != 0 || publish(argv, &r, &err) != 0) {
			fprintf(
			    stderr, "run %u: %s: %s\n", i, err.id, err.text);
			return 1;
		}
	}
	printf("runs %u sent %u fds %u %u children %d kilobytes %lu %lu\n",
	    times, r.sent, fds, open_files(),
	    waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD ? 0 : 1, before,
	    kilobytes());
	return 0;
}
