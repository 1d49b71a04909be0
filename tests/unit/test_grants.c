/* The verbs of grants as an application uses them: jobs, in its own places. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "publish/grants.h"
#include "sandferry.h"
#include "tests/unit/keygen.h"

struct app {
	const char *dir;
	char key[128], access[128], secret[128], hosts[128], config[128];
	struct ferry_options options;
	struct ferry_site *site;
	struct ferry_job *job;
	/* what was told */
	unsigned grants, questions;
	bool answer;
	enum ferry_grant_state state;
	char fingerprint[64], url[128], comment[128], host_key[64];
	bool used;
};

static void
hear(void *ctx, const struct ferry_event *e)
{
	struct app *a = ctx;
	char line[2048];

	assert_true(ferry_event_json(e, line, sizeof(line)) < sizeof(line));
	if (e->kind == ferry_EVENT_QUESTION) {
		assert_int_equal(e->question->kind, ferry_ASK_GRANT);
		assert_non_null(e->question->grant);
		assert_non_null(strstr(line, "\"ask\":\"grant\""));
		a->questions++;
		ferry_job_answer(a->job, e->question->id, a->answer, NULL, 0);
	}
	if (e->kind != ferry_EVENT_GRANT)
		return;
	assert_non_null(strstr(line, "\"type\":\"grant\""));
	a->grants++;
	a->state = e->grant->state;
	a->used = e->grant->used != NULL;
	snprintf(a->fingerprint, sizeof(a->fingerprint), "%s",
	    e->grant->fingerprint);
	snprintf(a->url, sizeof(a->url), "%s", e->grant->url);
	snprintf(a->comment, sizeof(a->comment), "%s", e->grant->comment);
	snprintf(a->host_key, sizeof(a->host_key), "%s",
	    e->grant->host_key != NULL ? e->grant->host_key : "");
}

static void
make_app(struct app *a, const char *dir)
{
	memset(a, 0, sizeof(*a));
	a->dir = dir;
	keygen_run(dir,
	    "rm -rf own key key.pub && ssh-keygen -q -t ed25519 -N '' "
	    "-C 'me \\e' -f key");
	snprintf(a->key, sizeof(a->key), "%s/key", dir);
	snprintf(a->access, sizeof(a->access), "%s/own/access.ini", dir);
	snprintf(a->secret, sizeof(a->secret), "%s/own/secret", dir);
	snprintf(a->hosts, sizeof(a->hosts), "%s/own/known_hosts", dir);
	snprintf(a->config, sizeof(a->config), "%s/ssh_config", dir);
	ferry_options_init(&a->options);
	a->options.access_file = a->access;
	a->options.app_secret_file = a->secret;
	a->options.known_hosts = a->hosts;
	a->options.fallback_known_hosts = "none";
	a->options.ssh_config = a->config;
	assert_int_equal(ferry_site_new(&a->site, NULL), 0);
}

static void
set_url(struct app *a, const char *url)
{
	assert_int_equal(ferry_site_set(a->site, "url", url, NULL), 0);
}

/* Run it; id of the failure, or NULL. */
static void
run(struct app *a, enum ferry_verb verb, const char *id)
{
	struct ferry_error e;
	int rc;

	a->grants = a->questions = 0;
	assert_int_equal(
	    ferry_job_new(&a->job, a->site, verb, &a->options, &e), 0);
	rc = ferry_job_run(a->job, hear, a, &e);
	ferry_job_free(a->job);
	if (id == NULL && rc != 0)
		fail_msg("%s", e.text);
	if (id != NULL) {
		assert_int_not_equal(rc, 0);
		assert_string_equal(e.id, id);
		assert_string_not_equal(e.hint, "");
	}
}

static void
live_and_die(void **state)
{
	struct app a;
	char granted[64];

	make_app(&a, *state);
	run(&a, ferry_ACCESS_LIST, NULL);
	assert_int_equal(a.grants, 0);
	assert_int_not_equal(access(a.secret, F_OK), 0);
	run(&a, ferry_ACCESS_ADD, "no_url");
	set_url(&a, "sftp://host/www");
	a.options.key_file = a.key;
	run(&a, ferry_ACCESS_ADD, "no_user");
	set_url(&a, "SFTP://me@Host:22/www/");
	a.options.key_file = NULL;
	run(&a, ferry_ACCESS_ADD, "no_key");
	a.options.key_file = "/nowhere/key";
	run(&a, ferry_ACCESS_ADD, "key_missing");

	a.options.key_file = a.key;
	run(&a, ferry_ACCESS_ADD, NULL);
	assert_int_equal(a.grants, 1);
	assert_int_equal(a.state, ferry_GRANT_GOOD);
	assert_string_equal(a.url, "sftp://me@host/www");
	assert_string_equal(a.comment, "me \\\\e");
	assert_string_equal(a.host_key, "");
	assert_int_equal(access(a.secret, F_OK), 0);
	strcpy(granted, a.fingerprint);

	a.options.key_file = NULL;
	run(&a, ferry_ACCESS_LIST, NULL);
	assert_int_equal(a.grants, 1);
	assert_int_equal(a.state, ferry_GRANT_GOOD);
	assert_string_equal(a.fingerprint, granted);
	assert_false(a.used);
	keygen_run(a.dir, "head -c 32 /dev/zero >own/secret");
	run(&a, ferry_ACCESS_LIST, NULL);
	assert_int_equal(a.state, ferry_GRANT_FORGED);

	run(&a, ferry_ACCESS_REMOVE, NULL);
	assert_int_equal(a.grants, 1);
	run(&a, ferry_ACCESS_REMOVE, NULL);
	assert_int_equal(a.grants, 0);
	ferry_site_free(a.site);
}

/* The one key that is known of the host binds; of two, none. */
static void
bind_to_the_host(void **state)
{
	struct app a;

	make_app(&a, *state);
	set_url(&a, "sftp://me@host:2222/www");
	a.options.key_file = a.key;
	keygen_run(a.dir,
	    "mkdir own && ssh-keygen -q -t ed25519 -N '' -f own/1 && "
	    "ssh-keygen -q -t ed25519 -N '' -f own/2 && "
	    "echo \"[host]:2222 $(cut -d ' ' -f 1,2 own/1.pub)\" "
	    ">own/known_hosts && "
	    "echo \"other $(cut -d ' ' -f 1,2 own/2.pub)\" >>own/known_hosts");
	run(&a, ferry_ACCESS_ADD, NULL);
	assert_memory_equal(a.host_key, "SHA256:", 7);
	keygen_run(a.dir,
	    "echo \"[host]:2222 $(cut -d ' ' -f 1,2 own/1.pub)\" "
	    ">>own/known_hosts");
	run(&a, ferry_ACCESS_ADD, NULL);
	assert_memory_equal(a.host_key, "SHA256:", 7);
	keygen_run(a.dir,
	    "echo \"*:2222 $(cut -d ' ' -f 1,2 own/2.pub)\" "
	    ">>own/known_hosts");
	run(&a, ferry_ACCESS_ADD, NULL);
	assert_string_equal(a.host_key, "");
	keygen_run(a.dir,
	    "echo \"@revoked * $(cut -d ' ' -f 1,2 own/1.pub)\" "
	    ">own/known_hosts");
	run(&a, ferry_ACCESS_ADD, NULL);
	assert_string_equal(a.host_key, "");
	ferry_site_free(a.site);
}

static void
are_imported_on_a_yes(void **state)
{
	struct app a;

	make_app(&a, *state);
	set_url(&a, "sftp://me@host/www");
	run(&a, ferry_ACCESS_IMPORT, "ssh_config");
	keygen_run(a.dir,
	    "printf 'Host host\\nIdentityFile /nowhere\\n"
	    "IdentityFile %%s/key\\n' \"$PWD\" >ssh_config");
	run(&a, ferry_ACCESS_IMPORT, "import_unanswered");
	assert_int_equal(a.grants, 1);
	assert_int_equal(a.state, ferry_GRANT_OFFERED);
	assert_int_equal(a.questions, 0);
	a.options.may_ask = true;
	run(&a, ferry_ACCESS_IMPORT, NULL);
	assert_int_equal(a.questions, 1);
	assert_int_equal(a.state, ferry_GRANT_OFFERED);
	run(&a, ferry_ACCESS_LIST, NULL);
	assert_int_equal(a.grants, 0);
	a.answer = true;
	run(&a, ferry_ACCESS_IMPORT, NULL);
	assert_int_equal(a.questions, 1);
	assert_int_equal(a.state, ferry_GRANT_GOOD);
	run(&a, ferry_ACCESS_LIST, NULL);
	assert_int_equal(a.grants, 1);
	set_url(&a, "sftp://me@elsewhere/www");
	run(&a, ferry_ACCESS_IMPORT, "import_none");
	ferry_site_free(a.site);
}

/* Whoever was right in the first session is not right in all of them. */
static void
each_session_is_judged(void **state)
{
	struct app a;
	struct ferry_job job = { .options = { 0 } };
	struct ferry_error e;

	make_app(&a, *state);
	set_url(&a, "sftp://me@host/www");
	job.site = a.site;
	job.options = a.options;
	job.by.grant = (struct grant){
		.url = "sftp://me@host/www", .key = "/key", .mac = "mac"
	};
	assert_int_equal(grants_judge_host(&job, "one", 3, &e), 0);
	grants_note_login(&job);
	assert_non_null(job.by.grant.host_key);
	assert_int_equal(grants_judge_host(&job, "two", 3, &e), -ferry_EKEY);
	assert_string_equal(e.id, "grant_host");
	assert_int_equal(grants_judge_host(&job, "one", 3, &e), 0);
	ferry_site_free(a.site);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(live_and_die),
		cmocka_unit_test(bind_to_the_host),
		cmocka_unit_test(are_imported_on_a_yes),
		cmocka_unit_test(each_session_is_judged),
	};

	return cmocka_run_group_tests(tests, keygen_setup, keygen_teardown);
}
