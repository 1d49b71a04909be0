/*
 * sandferry: the command, and the first embedder of the library.  Hub.
 * Includes nothing of ours but sandferry.h and what lies in this folder.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "cmd/cmd.h"
#include "cmd/retry.h"
#include "cmd/ui_json.h"
#include "sandferry.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#endif

/* A core dump would hold keys and passwords; so would a debugger's view. */
static void
keep_to_ourselves(void)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
#if defined(__linux__) && !defined(SANITIZED)
	/* A sanitizer looks for leaks through ptrace, which this forbids. */
	prctl(PR_SET_DUMPABLE, 0);
#endif
}

/* No file of ours may become standard output because that was closed. */
static void
fill_streams(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* A reader that goes away is an error like any other, not a sudden death. */
static void
ignore_sigpipe(void)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = SIG_IGN;
	sigemptyset(&action.sa_mask);
	sigaction(SIGPIPE, &action, NULL);
}

/* A mistake on the command line may stand before its --json. */
static bool
wants_json(int argc, char *const argv[])
{
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--json") == 0)
			return true;
	}
	return false;
}

static int
run_verb(struct ui *ui, const struct options *o)
{
	if ((o->verb & (VERB_PUBLISH | VERB_PLAN | VERB_UNDO)) != 0)
		return cmd_publish(ui, o);
	if ((o->verb & VERB_ACCESS) != 0)
		return cmd_access(ui, o);
	if (o->verb == VERB_INIT)
		return cmd_init(ui, o);
	if (o->verb == VERB_CHECK)
		return cmd_check(ui, o);
	if ((o->verb & (VERB_STATUS | VERB_VERIFY)) != 0)
		return cmd_status(ui, o);
	if (o->verb == VERB_ADOPT)
		return cmd_adopt(ui, o);
	if (o->verb == VERB_UNLOCK)
		return cmd_unlock(ui, o);
	if (o->verb == VERB_LOG)
		return cmd_log(ui, o);
	if (o->verb == VERB_EXPLAIN)
		return cmd_explain(ui, o);
	return cmd_host(ui, o);
}

static int
act(struct ui *ui, const struct options *o, struct ferry_error *err)
{
	if (o->version || o->verb == VERB_VERSION) {
		printf("sandferry %s\n", ferry_version());
		return 0;
	}
	if (o->help || o->verb == VERB_HELP)
		return cmd_help(o);
	if (o->verb == VERB_COMPLETION)
		return cmd_completion(o, err);
	if (o->verb == 0 && o->json)
		return options_error(err, "`sandferry help' lists all verbs.",
		    "no verb is given");
	if (o->verb == 0) {
		cmd_help_print(stderr);
		return ferry_EUSAGE;
	}
	if (o->dir != NULL && chdir(o->dir) != 0)
		return options_error(
		    err, NULL, "-C %s: %s", o->dir, strerror(errno));
	if (o->retry.count > 0)
		return retry_run(ui, o, run_verb);
	return run_verb(ui, o);
}

int
main(int argc, char *argv[])
{
	struct ferry_error err;
	struct options options;
	struct ui ui;
	int r;

	keep_to_ourselves();
	fill_streams();
	ignore_sigpipe();
	memset(&err, 0, sizeof(err));
	r = options_parse(&options, argc, argv, &err);
	if (r != 0)
		options.json = wants_json(argc, argv);
	ui_init(&ui, &options);
	if (r == 0)
		r = act(&ui, &options, &err);
	if (r < 0) {
		if (ui.json)
			ui_json_failure(&ui, &err);
		ui_error(&ui, &err);
		r = -r;
	}
	options_free(&options);
	if (fflush(stdout) != 0 && r == 0) {
		r = errno == EPIPE ? 128 + SIGPIPE : ferry_EINTERNAL;
		if (r == ferry_EINTERNAL)
			ui_output_lost(&ui, errno);
	}
	return r;
}
