/* Jobs: arguments, questions, cancelling, and the summary that always comes. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "publish/job.h"

struct heard {
	struct ferry_job *job;
	size_t count, summaries, questions;
	int last, outcome;
	/* how to answer */
	bool answer, yes, stale;
	const char *secret;
	int answered, again;
};

static void
hear(void *ctx, const struct ferry_event *e)
{
	struct heard *h = ctx;

	h->count++;
	h->last = (int)e->kind;
	if (e->kind == ferry_EVENT_SUMMARY) {
		h->summaries++;
		h->outcome = e->summary->outcome;
	}
	if (e->kind != ferry_EVENT_QUESTION)
		return;
	h->questions++;
	if (!h->answer)
		return;
	h->answered =
	    ferry_job_answer(h->job, e->question->id + (h->stale ? 1 : 0),
		h->yes, h->secret, h->secret != NULL ? strlen(h->secret) : 0);
	h->again = ferry_job_answer(h->job, e->question->id, !h->yes, NULL, 0);
}

static struct ferry_job *
job_new(
    struct ferry_site **site, const struct ferry_options *o, struct heard *h)
{
	struct ferry_job *job;

	assert_int_equal(ferry_site_new(site, NULL), 0);
	assert_int_equal(ferry_job_new(&job, *site, ferry_PUBLISH, o, NULL), 0);
	report_init(&job->report, hear, h, 1);
	h->job = job;
	return job;
}

static void
judges_its_arguments(void **state)
{
	struct ferry_options o;
	struct ferry_site *site;
	struct ferry_error err;
	struct ferry_job *job;

	(void)state;
	ferry_options_init(&o);
	assert_int_equal(o.size, sizeof(o));
	assert_int_equal(o.secret_fd, -1);
	assert_int_equal(
	    ferry_job_new(&job, NULL, ferry_PUBLISH, &o, &err), -ferry_EUSAGE);
	assert_null(job);
	assert_int_equal(ferry_site_new(&site, NULL), 0);
	o.size = sizeof(o) + 8;
	assert_int_equal(
	    ferry_job_new(&job, site, ferry_PUBLISH, &o, &err), -ferry_EUSAGE);
	assert_string_equal(err.id, "options_size");
	o.size = 0;
	assert_int_equal(
	    ferry_job_new(&job, site, ferry_PUBLISH, &o, NULL), -ferry_EUSAGE);
	ferry_job_free(NULL);
	ferry_site_free(site);
}

/* An application built against a shorter struct. */
static void
takes_older_options(void **state)
{
	struct ferry_site *site;
	struct ferry_options o;
	struct ferry_job *job;
	char key[] = "key";

	(void)state;
	memset(&o, 0xff, sizeof(o));
	o.size = offsetof(struct ferry_options, secret_fd);
	o.key_file = key;
	assert_int_equal(ferry_site_new(&site, NULL), 0);
	assert_int_equal(ferry_job_new(&job, site, ferry_PUBLISH, &o, NULL), 0);
	key[0] = 'X';
	assert_string_equal(job->options.key_file, "key");
	assert_int_equal(job->options.secret_fd, -1);
	assert_null(job->options.known_hosts);
	assert_false(job->options.dry_run);
	ferry_job_free(job);
	ferry_site_free(site);
}

static void
ends_in_one_summary_and_runs_once(void **state)
{
	struct heard h = { .count = 0 };
	struct ferry_site *site;
	struct ferry_error err;
	struct ferry_job *job = job_new(&site, NULL, &h);

	(void)state;
	/* nothing is set: not even a source */
	assert_int_equal(ferry_job_run(job, hear, &h, &err), -ferry_EUSAGE);
	assert_int_equal(err.code, ferry_EUSAGE);
	assert_int_equal(h.summaries, 1);
	assert_int_equal(h.last, ferry_EVENT_SUMMARY);
	assert_int_equal(h.outcome, ferry_EUSAGE);
	h.count = 0;
	assert_int_equal(ferry_job_run(job, hear, &h, &err), -ferry_EUSAGE);
	assert_string_equal(err.id, "job_ran");
	assert_int_equal(h.count, 0);
	ferry_job_free(job);
	ferry_site_free(site);
}

static void
every_verb_ends_in_a_summary(void **state)
{
	struct ferry_site *site;
	struct ferry_job *job;
	int verb;

	(void)state;
	assert_int_equal(ferry_site_new(&site, NULL), 0);
	for (verb = ferry_PUBLISH; verb <= ferry_HOST_FORGET; verb++) {
		struct heard h = { .count = 0 };

		assert_int_equal(ferry_job_new(&job, site,
				     (enum ferry_verb)verb, NULL, NULL),
		    0);
		assert_int_equal(
		    ferry_job_run(job, hear, &h, NULL), -ferry_EUSAGE);
		assert_int_equal(h.summaries, 1);
		assert_int_equal(h.last, ferry_EVENT_SUMMARY);
		ferry_job_free(job);
	}
	ferry_site_free(site);
}

static void
asks_only_when_it_may(void **state)
{
	struct heard h = { .answer = true, .yes = true };
	struct ferry_host_report host = { .host = "h" };
	struct ferry_options o;
	struct ferry_site *site;
	struct ferry_job *job;

	(void)state;
	ferry_options_init(&o);
	job = job_new(&site, &o, &h);
	assert_int_equal(job_ask_host(job, &host), JOB_HOST_NO);
	assert_int_equal(h.questions, 0);
	job->options.may_ask = true;
	assert_int_equal(job_ask_host(job, &host), JOB_HOST_YES);
	assert_int_equal(h.answered, 0);
	assert_int_equal(h.again, -ferry_EUSAGE); /* the first one counts */
	h.yes = false;
	assert_int_equal(job_ask_host(job, &host), JOB_HOST_NO);
	h.answer = false;
	assert_int_equal(job_ask_host(job, &host), JOB_HOST_NO);
	h.secret = "SHA256:x"; /* the user knows another one */
	h.answer = true;
	assert_int_equal(job_ask_host(job, &host), JOB_HOST_OTHER_KEY);
	h.answer = h.yes = h.stale = true;
	assert_int_equal(job_ask_host(job, &host), JOB_HOST_NO);
	assert_int_equal(h.answered, -ferry_EUSAGE);
	assert_int_equal(ferry_job_answer(job, job->questions, true, NULL, 0),
	    -ferry_EUSAGE); /* too late */
	ferry_job_free(job);
	ferry_site_free(site);
}

static void
takes_secrets(void **state)
{
	struct heard h = { .answer = true, .yes = true, .secret = "sesame" };
	struct ferry_options o;
	struct ferry_site *site;
	struct ferry_error err;
	struct ferry_job *job;
	struct secret *s;

	(void)state;
	ferry_options_init(&o);
	o.may_ask = true;
	job = job_new(&site, &o, &h);
	assert_int_equal(job_ask_secret(job, ferry_ASK_PASSPHRASE, "of x", 1,
			     false, &s, &err),
	    0);
	assert_int_equal(s->len, 6);
	assert_string_equal((char *)s->data, "sesame");
	secret_free(s);
	h.yes = false;
	assert_int_equal(job_ask_secret(job, ferry_ASK_PASSPHRASE, "of x", 2,
			     false, &s, &err),
	    -ferry_ESECRET);
	assert_null(s);
	assert_string_equal(err.text, "of x: no answer");
	assert_non_null(strstr(err.hint, "--password-fd"));
	h.yes = true;
	h.secret = NULL; /* yes, and nothing: an empty one */
	assert_int_equal(
	    job_ask_secret(job, ferry_ASK_PASSWORD, "of x", 1, false, &s, &err),
	    0);
	assert_int_equal(s->len, 0);
	secret_free(s);
	ferry_job_free(job);
	ferry_site_free(site);
}

static void
cancel_never_blocks(void **state)
{
	struct heard h = { .count = 0 };
	struct ferry_site *site;
	struct ferry_job *job = job_new(&site, NULL, &h);
	struct pollfd p = { .fd = job->cancel[0], .events = POLLIN };
	int i;

	(void)state;
	assert_int_equal(poll(&p, 1, 0), 0);
	for (i = 0; i < 100000; i++)
		ferry_job_cancel(job);
	assert_int_equal(poll(&p, 1, 0), 1);
	ferry_job_free(job);
	ferry_site_free(site);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges_its_arguments),
		cmocka_unit_test(takes_older_options),
		cmocka_unit_test(ends_in_one_summary_and_runs_once),
		cmocka_unit_test(every_verb_ends_in_a_summary),
		cmocka_unit_test(asks_only_when_it_may),
		cmocka_unit_test(takes_secrets),
		cmocka_unit_test(cancel_never_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
