/*
 * init: the jobs behind the answers, the test and the grant.  Hub (the command).
 *
 * Each runs in a process of its own, for it gives up for good what a job does
 * not need; what follows it here still has to write a file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/checked.h"
#include "cmd/init_parts.h"
#include "cmd/run.h"
#include "cmd/stop.h"

/* Of what check tries: what somebody wants to see the first time. */
static bool
is_shown(const struct ferry_check *c)
{
	static const char *const names[] = { "connect", "host key",
		"certificate", "login", "folder", "write", "replace", "remove",
		"site-url", "visitors" };

	if (c->state == ferry_CHECK_WARN || c->state == ferry_CHECK_FAIL)
		return true;
	for (size_t i = 0;
	     c->state == ferry_CHECK_OK && i < sizeof(names) / sizeof(names[0]);
	     i++) {
		if (strcmp(c->check, names[i]) == 0)
			return true;
	}
	return false;
}

static void
show(struct ui *ui, void *ctx, const struct ferry_event *e)
{
	const bool quiet = ui->quiet;
	bool *served = ctx;

	if (e->kind == ferry_EVENT_FINISHED && e->error != NULL) {
		/* the item that failed has said it */
		snprintf(ui->said, sizeof(ui->said), "%s", e->error->text);
		*served = strcmp(e->error->id, "side_served") == 0;
	}
	if (e->kind != ferry_EVENT_CHECK || !is_shown(e->check) ||
	    (quiet && e->check->state == ferry_CHECK_OK))
		return;
	ui->quiet = false;
	checked_item(ui, e->check);
	/* one after the other, as they are tried */
	fflush(stdout);
	ui->quiet = quiet;
}

static void
show_nothing(struct ui *ui, void *ctx, const struct ferry_event *e)
{
	(void)ui;
	(void)ctx;
	(void)e;
}

/* As if the answers had been typed behind the verb. */
static int
run(struct ui *ui, const struct options *o, const struct init_answers *a,
    enum ferry_verb verb)
{
	struct options own = *o;
	struct options_setting *s;
	char path[PATH_MAX];
	const bool folder = strncmp(a->url, "file:", 5) == 0;
	bool served = false; /* it works, and was told what is to be mended */
	int status;

	own.settings = calloc(o->setting_count + 3, sizeof(*own.settings));
	if (own.settings == NULL)
		return ferry_EINTERNAL;
	s = own.settings;
	for (size_t i = 0; i < o->setting_count; i++) {
		if (!init_is_asked(o->settings[i].key))
			*s++ = o->settings[i];
	}
	*s++ = (struct options_setting){ "url", a->url };
	*s++ = (struct options_setting){ "source", a->source };
	if (a->site_url[0] != '\0')
		*s++ = (struct options_setting){ "site-url", a->site_url };
	own.setting_count = (size_t)(s - own.settings);
	own.key_file = a->key[0] != '\0' ? a->key : NULL;
	own.use_password = a->password;
	if (folder && verb == ferry_ACCESS_ADD)
		own.folder = init_address_folder(path, a->url);
	status = run_job(
	    ui, &own, verb, verb == ferry_CHECK ? show : show_nothing, &served);
	free(own.settings);
	return served ? 0 : status;
}

static int
run_apart(struct ui *ui, const struct options *o, const struct init_answers *a,
    enum ferry_verb verb)
{
	int status;
	pid_t pid;

	ui_end(ui);
	pid = stop_fork();
	if (pid == 0) {
		status = run(ui, o, a, verb);
		fflush(stdout);
		_exit(status);
	}
	status = pid > 0 ? stop_wait(pid) : -1;
	if (status != -1 && WIFEXITED(status))
		return WEXITSTATUS(status);
	return status != -1 && WIFSIGNALED(status) ? 128 + WTERMSIG(status)
						   : ferry_EINTERNAL;
}

int
init_try_test(
    struct ui *ui, const struct options *o, const struct init_answers *a)
{
	return run_apart(ui, o, a, ferry_CHECK);
}

int
init_try_grant(
    struct ui *ui, const struct options *o, const struct init_answers *a)
{
	if (strncmp(a->url, "file:", 5) != 0 && a->key[0] == '\0' &&
	    o->client_certificate == NULL)
		return 0;
	return run_apart(ui, o, a, ferry_ACCESS_ADD);
}
