/*
 * A small application with libsandferry in it: it has a folder of its own, the
 * site's folder, a helper in its bundle, and no home.
 *
 *   bundled publish|grant|list|check|explain STORAGE SITE URL WORKER
 *       [key=FILE] [hostkey=FINGERPRINT] [sealed]
 *
 * Events go to standard output as NDJSON.  Exits with the job's code.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "sandferry.h"

struct app {
	struct ferry_job *job;
	const char *hostkey; /* that its user expects */
};

static void
on_event(void *ctx, const struct ferry_event *event)
{
	const struct ferry_question *q = event->question;
	const struct app *app = ctx;
	char line[16 * 1024];

	ferry_event_json(event, line, sizeof(line));
	puts(line);
	if (event->kind == ferry_EVENT_QUESTION)
		ferry_job_answer(app->job, q->id,
		    q->host != NULL && app->hostkey != NULL &&
			strcmp(q->host->fingerprint, app->hostkey) == 0,
		    NULL, 0);
}

static enum ferry_verb
verb_of(const char *word)
{
	return strcmp(word, "grant") == 0  ? ferry_ACCESS_ADD
	    : strcmp(word, "check") == 0   ? ferry_CHECK
	    : strcmp(word, "explain") == 0 ? ferry_EXPLAIN
	    : strcmp(word, "list") == 0    ? ferry_ACCESS_LIST
					   : ferry_PUBLISH;
}

int
main(int argc, char **argv)
{
	struct app app = { NULL, NULL };
	struct ferry_site *site = NULL;
	struct ferry_options o;
	struct ferry_error err = { .code = ferry_EUSAGE };
	char text[4096];
	int i, n;

	if (argc < 6)
		return ferry_EUSAGE;
	ferry_options_init(&o);
	o.storage_fd = open(argv[2], O_RDONLY | O_DIRECTORY);
	o.source_fd = open(argv[3], O_RDONLY | O_DIRECTORY);
	o.worker = argv[5];
	o.may_ask = true;
	for (i = 6; i < argc; i++) {
		if (strncmp(argv[i], "key=", 4) == 0)
			o.key_file = argv[i] + 4;
		else if (strncmp(argv[i], "hostkey=", 8) == 0)
			app.hostkey = argv[i] + 8;
		else if (strcmp(argv[i], "sealed") == 0)
			o.confine_self = true;
	}
	n = snprintf(text, sizeof(text), "url = %s\n", argv[4]);
	if (ferry_site_parse(
		&site, text, (size_t)n, "the site", NULL, NULL, &err) == 0 &&
	    ferry_job_new(&app.job, site, verb_of(argv[1]), &o, &err) == 0)
		ferry_job_run(app.job, on_event, &app, &err);
	if (err.code != 0)
		fprintf(stderr, "%s\n%s\n", err.text, err.hint);
	ferry_job_free(app.job);
	ferry_site_free(site);
	return err.code;
}
