/* Publish a folder: minimal FOLDER URL KEY [WORKER] */
#include <poll.h>
#include <sandferry.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct app {
	struct ferry_job *job;
	int code; /* how it ended */
};

static void
answer(struct ferry_job *job, const struct ferry_question *q)
{
	const char *text;
	char line[80];

	if (q->host != NULL)
		printf("%s has %s\n", q->host->host, q->host->fingerprint);
	printf("%s\n", q->prompt);
	text = q->echo ? fgets(line, sizeof(line), stdin) : getpass("");
	ferry_job_answer(job, q->id, text && (!q->echo || *text == 'y'),
	    q->echo ? NULL : text, q->echo || !text ? 0 : strlen(text));
}

static void
on_event(void *ctx, const struct ferry_event *e)
{
	struct app *app = ctx;

	if (e->kind == ferry_EVENT_FINISHED)
		app->code = e->summary->outcome;
	if (e->kind == ferry_EVENT_STEP)
		printf("%s (%s)\n", e->path, e->text);
	else if (e->kind == ferry_EVENT_QUESTION)
		answer(app->job, e->question);
	else if (e->error != NULL)
		printf("%s. %s\n", e->error->text, e->error->hint);
	else if (e->kind == ferry_EVENT_FINISHED)
		printf("%u files sent\n", (unsigned)e->summary->sent);
}

int
main(int argc, char **argv)
{
	struct pollfd p = { .events = POLLIN };
	struct ferry_site *site = NULL;
	struct app app = { .job = NULL };
	struct ferry_options o;

	ferry_options_init(&o);
	o.may_ask = true;
	if (argc < 4 || ferry_site_new(&site, NULL) != 0 ||
	    ferry_site_set(site, "source", argv[1], NULL) != 0 ||
	    ferry_site_set(site, "url", argv[2], NULL) != 0)
		return 2;
	o.key_file = argv[3];
	o.worker = argv[4]; /* NULL: the installed one */
	if (ferry_job_new(&app.job, site, ferry_PUBLISH, &o, NULL) != 0 ||
	    ferry_job_start(app.job, on_event, &app, NULL) != 0)
		return 1;
	for (p.fd = ferry_job_fd(app.job); ferry_job_dispatch(app.job) == 0;)
		poll(&p, 1, -1);
	ferry_job_free(app.job);
	ferry_site_free(site);
	return app.code;
}
