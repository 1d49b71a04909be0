/*
 * An application that shows a plan, and has it done later, by the public header
 * alone.
 *
 *   planner WORKER SOURCE URL KEY HOSTKEY STATE KNOWN_HOSTS GRACE DO...
 *
 * DO is one of "plan", "undo" (plan that), "run" (exactly the last plan),
 * "force" (the same, with removals accepted) and "sh=COMMAND".  Prints the
 * steps of each plan, and "outcome ID" of each job.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandferry.h"

struct app {
	char **argv;
	struct ferry_job *job;
	enum ferry_verb verb; /* of the plan */
	struct ferry_plan *plan; /* the last one; or NULL */
	char id[32];
};

/* The plan is there when the end is told. */
static void
on_event(void *ctx, const struct ferry_event *event)
{
	struct app *app = ctx;
	struct ferry_plan *plan;

	if (event->kind != ferry_EVENT_FINISHED) {
		if (ferry_job_plan(&plan, app->job, NULL) != -ferry_EUSAGE ||
		    plan != NULL)
			printf("a plan before the end\n");
		return;
	}
	snprintf(app->id, sizeof(app->id), "%s",
	    event->error != NULL ? event->error->id : "ok");
	if (ferry_job_plan(&plan, app->job, NULL) == 0) {
		app->plan = plan;
	}
}

static void
show(const struct ferry_plan *plan)
{
	static const char *const names[] = { "add", "update", "remove", "skip",
		"wait" };
	const struct ferry_planned *p;

	for (size_t i = 0; i < ferry_plan_count(plan); i++) {
		p = ferry_plan_at(plan, i);
		printf("%s %s %llu %llu %.8s %o (%s)\n", names[p->change],
		    p->path, (unsigned long long)p->size_before,
		    (unsigned long long)p->size_after,
		    p->sha256 != NULL ? p->sha256 : "-", p->mode, p->reason);
	}
}

static int
set(struct ferry_site *site, char **argv)
{
	int rc = ferry_site_set(site, "source", argv[2], NULL);

	rc |= ferry_site_set(site, "url", argv[3], NULL);
	rc |= ferry_site_set(site, "hostkey", argv[5], NULL);
	return rc | ferry_site_set(site, "grace", argv[8], NULL);
}

static void
job(struct app *app, bool dry_run, bool force)
{
	struct ferry_site *site = NULL;
	struct ferry_options o;
	struct ferry_plan *used = app->plan;

	ferry_options_init(&o);
	o.worker = app->argv[1];
	o.key_file = app->argv[4];
	o.state_dir = app->argv[6];
	o.known_hosts = app->argv[7];
	o.fallback_known_hosts = "none";
	o.dry_run = dry_run;
	o.accept_removals = force;
	if (!dry_run && used != NULL)
		o.plan = *ferry_plan_identity(used);
	app->plan = NULL;
	snprintf(app->id, sizeof(app->id), "no end");
	if (ferry_site_new(&site, NULL) != 0 || set(site, app->argv) != 0 ||
	    ferry_job_new(&app->job, site, app->verb, &o, NULL) != 0)
		exit(2);
	(void)ferry_job_run(app->job, on_event, app, NULL);
	ferry_job_free(app->job);
	ferry_site_free(site);
	if (app->plan != NULL) {
		ferry_plan_free(used);
		show(app->plan); /* it outlives them */
	} else {
		app->plan = used;
	}
	printf("outcome %s\n", app->id);
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	struct app app = { .argv = argv };

	for (int i = 9; i < argc; i++) {
		if (strncmp(argv[i], "sh=", 3) == 0) {
			if (system(argv[i] + 3) != 0)
				return 2;
			continue;
		}
		if (strcmp(argv[i], "plan") == 0)
			app.verb = ferry_PUBLISH;
		else if (strcmp(argv[i], "undo") == 0)
			app.verb = ferry_UNDO;
		job(&app,
		    strcmp(argv[i], "run") != 0 &&
			strcmp(argv[i], "force") != 0,
		    strcmp(argv[i], "force") == 0);
	}
	ferry_plan_free(app.plan);
	return argc < 10 ? 2 : 0;
}
