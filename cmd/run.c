/* One run of the library: from what was typed to the exit status.  Hub. */
#include "cmd/run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/ask.h"
#include "cmd/askpass.h"
#include "cmd/import.h"
#include "cmd/plan_file.h"
#include "cmd/report_html.h"
#include "cmd/retry.h"
#include "cmd/stop.h"
#include "cmd/text.h"
#include "cmd/ui_json.h"

enum {
	MAX_LOG_LEVEL = 4, /* every message through the door */
	COMMAND_SIZE = PATH_MAX + 64,
};

struct run {
	struct ui *ui;
	struct ferry_job *job;
	enum ferry_verb verb;
	run_show_fn *show;
	void *ctx;
	bool reads_only; /* nothing is lost by stopping half way */
	bool summed_up;
	struct plan_file *plan; /* or NULL */
	struct report_html *report; /* or NULL */
};

/* Warnings are for everybody; -v wants to know more, up to -vvv. */
static int
log_level(const struct ui *ui)
{
	int level = ui->verbose + 1;

	if (ui->quiet)
		return 0;
	return level < MAX_LOG_LEVEL ? level : MAX_LOG_LEVEL;
}

static void
print_remark(struct ui *ui, const struct ferry_event *e)
{
	static const enum ui_level levels[] = { UI_ERROR, UI_WARNING, UI_INFO };
	bool is_log = e->kind == ferry_EVENT_LOG;
	enum ui_level level = !is_log ? UI_INFO
	    : e->log_level < 3        ? levels[e->log_level]
				      : UI_DEBUG;
	char line[4096];

	if (e->text == NULL || (is_log && e->log_level > log_level(ui)))
		return;
	ui_log(ui, level, "%s%s",
	    is_log && e->log_level <= 1 ? "sandferry: warning: " : "",
	    text_show(line, sizeof(line), e->text, ui->utf8));
}

static void
on_event(void *ctx, const struct ferry_event *e)
{
	struct run *run = ctx;
	struct ui *ui = run->ui;

	if (e->kind == ferry_EVENT_FINISHED) {
		run->summed_up = true;
		plan_file_finish(run->plan, ui, run->job, e);
		report_html_finish(run->report, ui, e->summary, e->error);
		/* conclude() tells it */
		if (retry_follows(ui, e->error))
			return;
	}
	report_html_event(run->report, e);
	if (e->kind == ferry_EVENT_PHASE || e->kind == ferry_EVENT_PROGRESS)
		ui_progress(ui, e);
	if (ui->json && run->verb == ferry_LOG && e->kind == ferry_EVENT_LINE) {
		ui_json_line(ui, e->text);
	} else if (ui->json) {
		ui_json_event(ui, e);
	} else {
		switch (e->kind) {
		case ferry_EVENT_WARNING:
			ui_warning(ui, e->error);
			break;
		case ferry_EVENT_FAILURE:
			/* Who stopped it knows why. */
			if (stop_signal() == 0)
				ui_error(ui, e->error);
			break;
		case ferry_EVENT_NOTE:
		case ferry_EVENT_LOG:
			print_remark(ui, e);
			break;
		case ferry_EVENT_STEP:
		case ferry_EVENT_HOST:
		case ferry_EVENT_HOST_ENTRY:
		case ferry_EVENT_GRANT:
		case ferry_EVENT_SURROUNDINGS:
		case ferry_EVENT_RIGHT:
		case ferry_EVENT_LINE:
		case ferry_EVENT_CHECK:
		case ferry_EVENT_FILE:
		case ferry_EVENT_STATUS:
		case ferry_EVENT_RUN:
		case ferry_EVENT_FINISHED:
			run->show(ui, run->ctx, e);
			break;
		case ferry_EVENT_PHASE:
		case ferry_EVENT_PROGRESS:
		case ferry_EVENT_QUESTION:
		case ferry_EVENT_WALL:
		default:
			break;
		}
	}
	if (e->kind == ferry_EVENT_QUESTION)
		ask_question(ui, run->job, e->question);
	/* Nobody listens any more; a publish is worth finishing all the same. */
	if (ui->out_errno != 0 && run->reads_only)
		ferry_job_cancel(run->job);
}

static int
make_site(
    struct ferry_site **out, const struct options *o, struct ferry_error *err)
{
	size_t i;
	int r;

	/* All servers, and all grants, are no site's. */
	if (options_value(o, "url") != NULL ||
	    (o->verb & (VERB_HOST_LIST | VERB_ACCESS_LIST)) != 0)
		r = ferry_site_new(out, err);
	else
		r = ferry_site_load(out, o->site_file, NULL, o->target, err);
	/* Without a site there is still much to explain. */
	if (r != 0 && o->verb == VERB_EXPLAIN && o->target == NULL &&
	    o->site_file == NULL && strcmp(err->id, "no_site_file") == 0)
		r = ferry_site_new(out, err);
	for (i = 0; r == 0 && i < o->setting_count; i++)
		r = ferry_site_set(
		    *out, o->settings[i].key, o->settings[i].value, err);
	return r;
}

/*
 * The worker: beside this program in a build tree, else where it is installed
 * with it.  False: neither, so that the path built into the library counts.
 */
static bool
find_worker(char *dst, size_t size)
{
	static const char *const places[] = { "sandferry-worker",
		"../libexec/sandferry/sandferry-worker" };
	char self[PATH_MAX];
	ssize_t n;
	char *slash;
	size_t i;

	n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n <= 0)
		return false;
	self[n] = '\0';
	slash = strrchr(self, '/');
	if (slash == NULL)
		return false;
	slash[1] = '\0';
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (snprintf(dst, size, "%s%s", self, places[i]) < (int)size &&
		    access(dst, X_OK) == 0)
			return true;
	}
	return false;
}

static void
fill_options(struct ferry_options *to, const struct ui *ui,
    const struct options *o, char *worker, size_t size,
    char command[COMMAND_SIZE])
{
	char dir[PATH_MAX];

	ferry_options_init(to);
	/* Hints are typed where the user is, not where -C went. */
	if (o->dir != NULL)
		snprintf(command, COMMAND_SIZE, "sandferry -C %s",
		    text_quote(dir, sizeof(dir), o->dir));
	to->command = o->dir != NULL ? command : NULL;
	to->fingerprint = o->fingerprint;
	to->system_known_hosts = o->system_known_hosts;
	to->check_host_ip = o->check_host_ip;
	to->list_all = o->list_all;
	to->key_file = o->key_file;
	to->key_fd = o->key_fd;
	to->folder = o->folder;
	to->certificate_file = o->certificate_file;
	to->client_certificate = o->client_certificate;
	to->secret_fd = o->secret_fd;
	to->account = o->account;
	to->use_password = o->use_password;
	to->access_file = o->access_file;
	to->known_hosts = o->known_hosts;
	to->fallback_known_hosts = o->fallback_known_hosts;
	to->worker = find_worker(worker, size) ? worker : NULL;
	to->credentials_dir = getenv("CREDENTIALS_DIRECTORY");
	to->keyring = o->keyring;
	to->save_secret = o->save_secret;
	to->may_ask = !o->no_input && ask_possible();
	if (!o->no_input)
		to->askpass = askpass_choose(to->may_ask);
	to->accept_removals = o->yes;
	to->accept_grants = o->yes;
	to->ssh_config = o->ssh_config;
	to->format = o->format;
	to->authorities = o->authorities;
	to->plain_ftp = o->plain_ftp;
	if (o->generation != NULL)
		to->generation = strtoull(o->generation, NULL, 10);
	to->dry_run = o->dry_run || o->verb == VERB_PLAN;
	to->exit_code = o->exit_code;
	to->content = o->content;
	to->trust_size = o->trust_size;
	to->confirmed = o->yes;
	to->force = o->force;
	to->run = (unsigned)o->run;
	to->follow = o->follow;
	to->wait_seconds = (unsigned)o->wait_seconds;
	to->confine = o->confine;
	to->confine_self = true;
	to->log_level = log_level(ui);
}

/* One exit status from what the job said, a signal, and standard output. */
static int
conclude(const struct run *run, int r, const struct ferry_error *err)
{
	struct ui *ui = run->ui;

	ui_end(ui);
	if (r != 0 && stop_signal() != 0)
		return 128 + stop_signal();
	if (ui->out_errno == EPIPE && (r == 0 || run->reads_only))
		return 128 + SIGPIPE;
	if (r != 0 && retry_follows(ui, err)) {
		retry_announce(ui, err);
		return -r;
	}
	if (r != 0) {
		ui_status(ui, "%s", err->text);
		ui_error(ui, err);
		return -r;
	}
	if (ui->out_errno != 0) {
		ui_output_lost(ui, ui->out_errno);
		return ferry_EINTERNAL;
	}
	return 0;
}

/* The files that were asked for: one that is not there is a failure, too. */
static int
end_files(const struct run *run, int r, struct ferry_error *err)
{
	const bool failed = r != 0 && r != -ferry_EPENDING;
	struct ferry_error e;
	int end = 0;

	if (!failed)
		end = plan_file_end(run->plan, &e);
	if (end == 0)
		end = report_html_end(run->report, &e);
	if (end == 0)
		return r;
	if (failed) {
		ui_warning(run->ui, &e);
		return r;
	}
	*err = e;
	return end;
}

static int
check_descriptors(const struct options *o, struct ferry_error *err)
{
	if (o->key_fd >= 0 && o->key_file != NULL)
		return options_error(err, "Leave one of them out.",
		    "--key and --key-fd name two keys");
	if (o->key_fd >= 0 && o->key_fd == o->secret_fd)
		return options_error(err,
		    "Take two: --key-fd 3 3<KEY --password-fd 4 4<FILE",
		    "--key-fd and --password-fd are one descriptor");
	if (o->key_fd >= 0 && fcntl(o->key_fd, F_GETFD) < 0)
		return options_error(err, "Open it: --key-fd 3 3<FILE",
		    "descriptor %d of --key-fd is not open", o->key_fd);
	if (o->secret_fd >= 0 && fcntl(o->secret_fd, F_GETFD) < 0)
		return options_error(err, "Open it: --password-fd 3 3<FILE",
		    "descriptor %d of --password-fd is not open", o->secret_fd);
	return 0;
}

int
run_job(struct ui *ui, const struct options *o, enum ferry_verb verb,
    run_show_fn *show, void *ctx)
{
	struct import import = { .count = 0 };
	struct run run = { .ui = ui, .verb = verb, .show = show, .ctx = ctx };
	struct ferry_options options;
	struct ferry_site *site = NULL;
	char worker[PATH_MAX + 64], command[COMMAND_SIZE], stopping[64];
	struct ferry_error err;
	int r, status;

	memset(&err, 0, sizeof(err));
	fill_options(&options, ui, o, worker, sizeof(worker), command);
	run.reads_only = options.dry_run || verb == ferry_HOST_SHOW ||
	    verb == ferry_EXPLAIN || verb == ferry_CHECK ||
	    verb == ferry_STATUS || verb == ferry_VERIFY ||
	    verb == ferry_HOST_LIST || verb == ferry_ACCESS_LIST ||
	    verb == ferry_LOG;
	r = report_html_open(&run.report, o, &err);
	if (r == 0)
		r = make_site(&site, o, &err);
	if (r == 0)
		r = check_descriptors(o, &err);
	if (r == 0 && o->import != NULL) {
		r = import_load(&import, o->import, &err);
		options.claims = import.claims;
		options.claim_count = import.count;
	}
	if (r == 0)
		r = plan_file_open(&run.plan, o, &options, &err);
	if (r == 0)
		r = ferry_job_new(&run.job, site, verb, &options, &err);
	if (r == 0) {
		snprintf(stopping, sizeof(stopping), "%sstopping%s\n",
		    ui_mark(ui, UI_NOTICE),
		    run.reads_only ? "" : "; run again to resume");
		stop_watch(run.job, stopping);
		r = ferry_job_run(run.job, on_event, &run, &err);
		stop_unwatch();
	}
	if (r != 0)
		report_html_finish(run.report, ui, NULL, &err);
	r = end_files(&run, r, &err);
	if (ui->json && !run.summed_up)
		ui_json_failure(ui, &err);
	status = conclude(&run, r, &err);
	plan_file_free(run.plan);
	report_html_free(run.report);
	import_free(&import);
	ferry_job_free(run.job);
	ferry_site_free(site);
	return status;
}
