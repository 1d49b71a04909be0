/* Jobs: arguments, questions, cancelling, and the summary that always comes. */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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
	if (e->kind == ferry_EVENT_FINISHED) {
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
/* An application that knows a shorter struct has room for no more. */
static void
fills_no_more_than_there_is(void **state)
{
	const size_t known = offsetof(struct ferry_options, may_ask);
	struct ferry_options o;
	unsigned char *p = (unsigned char *)&o;

	(void)state;
	memset(&o, 0xa5, sizeof(o));
	ferry_options_fill(&o, known);
	assert_int_equal(o.size, known);
	assert_null(o.key_file);
	for (size_t i = known; i < sizeof(o); i++)
		assert_int_equal(p[i], 0xa5);
}

static void
takes_older_options(void **state)
{
	struct ferry_site *site;
	struct ferry_options o;
	struct ferry_job *job;
	char key[] = "key";

	(void)state;
	memset(&o, 0xff, sizeof(o));
	o.size = offsetof(struct ferry_options, certificate_file);
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

/* Folders that are open: the application may close its own at once. */
static void
keeps_folders_open(void **state)
{
	struct ferry_site *site;
	struct ferry_options o;
	struct ferry_error err;
	struct ferry_job *job;
	struct stat a, b;
	int fd, copy;

	(void)state;
	ferry_options_init(&o);
	assert_int_equal(o.storage_fd, -1);
	assert_int_equal(o.source_fd, -1);
	assert_int_equal(ferry_site_new(&site, NULL), 0);
	fd = open("/", O_RDONLY | O_DIRECTORY);
	o.storage_fd = o.source_fd = fd;
	assert_int_equal(ferry_job_new(&job, site, ferry_PUBLISH, &o, &err), 0);
	assert_int_equal(fstat(fd, &a), 0);
	close(fd);
	copy = job->options.source_fd;
	assert_int_not_equal(copy, job->options.storage_fd);
	assert_int_equal(job->site->source_fd, copy);
	assert_true(site_has_source(job->site));
	assert_false(site_has_source(site));
	assert_int_equal(fstat(copy, &b), 0);
	assert_true(a.st_ino == b.st_ino && a.st_dev == b.st_dev);
	assert_int_equal(fcntl(copy, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(job->options.storage_fd, F_GETFD), FD_CLOEXEC);
	ferry_job_free(job);
	assert_int_equal(fcntl(copy, F_GETFD), -1);

	/* neither what is closed nor what is no folder */
	o.storage_fd = -1;
	assert_int_equal(
	    ferry_job_new(&job, site, ferry_PUBLISH, &o, &err), -ferry_EUSAGE);
	assert_string_equal(err.id, "options_fd");
	o.storage_fd = open("/dev/null", O_RDONLY);
	o.source_fd = -1;
	assert_int_equal(
	    ferry_job_new(&job, site, ferry_PUBLISH, &o, &err), -ferry_EUSAGE);
	assert_string_equal(err.id, "options_fd");
	assert_int_equal(fcntl(o.storage_fd, F_GETFD), 0);
	close(o.storage_fd);
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
	assert_int_equal(h.last, ferry_EVENT_FINISHED);
	assert_int_equal(h.outcome, ferry_EUSAGE);
	h.count = 0;
	assert_int_equal(ferry_job_run(job, hear, &h, &err), -ferry_EUSAGE);
	assert_string_equal(err.id, "job_ran");
	assert_int_equal(h.count, 0);
	ferry_job_free(job);
	ferry_site_free(site);
}

/* Dispatch until it has ended; waits as a main loop does. */
static void
loop(struct ferry_job *job)
{
	struct pollfd p = { .fd = ferry_job_fd(job), .events = POLLIN };
	int rc;

	do {
		assert_int_equal(poll(&p, 1, 30000), 1);
		rc = ferry_job_dispatch(job);
	} while (rc == 0);
	assert_int_equal(rc, 1);
}

/* Each verb, on this thread and on its own, asked to stop and not. */
static void
every_verb_finishes_once(void **state)
{
	struct ferry_options o;
	struct ferry_site *site;
	struct ferry_job *job;
	int rc;

	(void)state;
	ferry_options_init(&o);
	o.known_hosts = o.state_dir = "/nonexistent/known_hosts";
	o.fallback_known_hosts = o.access_file = "none";
	assert_int_equal(ferry_site_new(&site, NULL), 0);
	for (unsigned i = 0; i < 4 * (ferry_UNDO + 1); i++) {
		struct heard h = { .outcome = -1 };

		o.dry_run = i % 8 >= 4;
		assert_int_equal(ferry_job_new(&job, site,
				     (enum ferry_verb)(i / 4), &o, NULL),
		    0);
		if (i % 2 != 0)
			ferry_job_cancel(job);
		if (i % 4 >= 2) {
			rc = ferry_job_start(job, hear, &h, NULL);
			assert_int_equal(rc, 0);
			loop(job);
		} else {
			rc = ferry_job_run(job, hear, &h, NULL);
			assert_int_equal(rc, -h.outcome);
		}
		assert_int_equal(h.summaries, 1);
		assert_int_equal(h.last, ferry_EVENT_FINISHED);
		assert_true(h.outcome >= 0);
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
	struct ferry_question q = {
		.kind = ferry_ASK_PASSPHRASE, .prompt = "of x", .attempt = 1
	};
	struct ferry_options o;
	struct ferry_site *site;
	struct ferry_error err;
	struct ferry_job *job;
	struct secret *s;

	(void)state;
	ferry_options_init(&o);
	o.may_ask = true;
	job = job_new(&site, &o, &h);
	assert_int_equal(job_ask_secret(job, &q, &s, &err), 0);
	assert_int_equal(s->len, 6);
	assert_string_equal((char *)s->data, "sesame");
	secret_free(s);
	h.yes = false;
	q.attempt = 2;
	assert_int_equal(job_ask_secret(job, &q, &s, &err), -ferry_ESECRET);
	assert_null(s);
	assert_string_equal(err.text, "of x: no answer");
	assert_non_null(strstr(err.hint, "--password-fd"));
	h.yes = true;
	h.secret = NULL; /* yes, and nothing: an empty one */
	assert_int_equal(job_ask_secret(job, &q, &s, &err), 0);
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

/* ---- On a thread of its own ---- */

static struct ferry_job *
start(struct ferry_site **site, enum ferry_verb verb,
    const struct ferry_options *o, struct heard *h)
{
	struct ferry_job *job;

	assert_int_equal(ferry_site_new(site, NULL), 0);
	assert_int_equal(ferry_job_new(&job, *site, verb, o, NULL), 0);
	assert_int_equal(ferry_job_fd(job), -1);
	assert_int_equal(ferry_job_dispatch(job), -ferry_EUSAGE);
	h->job = job;
	assert_int_equal(ferry_job_start(job, hear, h, NULL), 0);
	return job;
}

static void
ends_on_its_thread_as_well(void **state)
{
	struct pollfd p = { .events = POLLIN };
	struct heard h = { .count = 0 };
	struct ferry_site *site;
	struct ferry_error err;
	struct ferry_job *job = start(&site, ferry_PUBLISH, NULL, &h);

	(void)state;
	assert_int_equal(ferry_job_start(job, hear, &h, &err), -ferry_EUSAGE);
	assert_string_equal(err.id, "job_ran");
	loop(job);
	assert_int_equal(h.summaries, 1);
	assert_int_equal(h.last, ferry_EVENT_FINISHED);
	assert_int_equal(h.outcome, ferry_EUSAGE); /* a site without anything */
	p.fd = ferry_job_fd(job);
	assert_int_equal(poll(&p, 1, 0), 0);
	assert_int_equal(ferry_job_dispatch(job), 1);
	assert_int_equal(h.summaries, 1);
	ferry_job_free(job);
	ferry_site_free(site);
}

/* A job that asks, and nothing else. */
struct asker {
	struct ferry_job *job;
	bool yes;
};

static void *
ask_on_a_thread(void *ctx)
{
	struct asker *a = ctx;

	a->yes = job_ask_confirm(a->job, "Shall I?");
	outbox_end(&a->job->outbox);
	return NULL;
}

static void
put(void *ctx, const struct ferry_event *e)
{
	struct ferry_job *job = ctx;

	/* of one that was freed already nobody hears */
	job->unheard = !outbox_put(&job->outbox, e);
}

static void
begin_to_ask(struct asker *a, struct ferry_site **site, struct heard *h)
{
	struct ferry_options o;

	ferry_options_init(&o);
	o.may_ask = true;
	a->job = job_new(site, &o, h);
	report_init(&a->job->report, put, a->job, 1);
	assert_int_equal(outbox_open(&a->job->outbox), 0);
	a->job->on_event = hear;
	a->job->ctx = h;
	a->job->threaded = true;
	assert_int_equal(
	    pthread_create(&a->job->thread, NULL, ask_on_a_thread, a), 0);
}

static void
is_answered_later(void **state)
{
	struct heard h = { .count = 0 };
	struct ferry_site *site;
	struct asker a;
	struct pollfd p = { .events = POLLIN };

	(void)state;
	begin_to_ask(&a, &site, &h);
	p.fd = ferry_job_fd(a.job);
	assert_int_equal(poll(&p, 1, 30000), 1);
	assert_int_equal(ferry_job_dispatch(a.job), 0);
	assert_int_equal(h.questions, 1);
	assert_int_equal(poll(&p, 1, 50), 0); /* it waits */
	assert_int_equal(
	    ferry_job_answer(a.job, 2, true, NULL, 0), -ferry_EUSAGE);
	assert_int_equal(ferry_job_answer(a.job, 1, true, NULL, 0), 0);
	assert_int_equal(
	    ferry_job_answer(a.job, 1, true, NULL, 0), -ferry_EUSAGE);
	assert_int_equal(poll(&p, 1, 30000), 1);
	ferry_job_free(a.job);
	assert_true(a.yes);
	ferry_site_free(site);
}

static void
freed_while_it_asks(void **state)
{
	struct heard h = { .count = 0 };
	struct ferry_site *site;
	struct asker a = { .yes = true };

	(void)state;
	begin_to_ask(&a, &site, &h);
	ferry_job_free(a.job);
	assert_false(a.yes);
	assert_int_equal(h.count, 0);
	ferry_site_free(site);
}

/* Whoever is told of the end may free what has ended. */
static void
free_at_the_end(void *ctx, const struct ferry_event *e)
{
	struct heard *h = ctx;

	hear(h, e);
	if (e->kind == ferry_EVENT_FINISHED)
		ferry_job_free(h->job);
}

static void
freed_from_its_callback(void **state)
{
	struct heard h = { .count = 0 };
	struct ferry_site *site;
	struct ferry_job *job;

	(void)state;
	assert_int_equal(ferry_site_new(&site, NULL), 0);
	assert_int_equal(ferry_job_new(&job, site, ferry_CHECK, NULL, NULL), 0);
	h.job = job;
	assert_int_equal(ferry_job_start(job, free_at_the_end, &h, NULL), 0);
	loop(job);
	assert_int_equal(h.summaries, 1);
	assert_int_equal(ferry_job_new(&job, site, ferry_CHECK, NULL, NULL), 0);
	h.job = job;
	assert_true(ferry_job_run(job, free_at_the_end, &h, NULL) < 0);
	assert_int_equal(h.summaries, 2);
	ferry_site_free(site);
}

static void *
tell_much(void *ctx)
{
	struct outbox *o = ctx;
	struct ferry_event e = { .size = sizeof(e) };

	for (unsigned i = 0; i < 3 * OUTBOX_MAX; i++) {
		e.kind = i % 3 == 0 ? ferry_EVENT_NOTE : ferry_EVENT_PROGRESS;
		e.files_done = i;
		assert_true(outbox_put(o, &e));
	}
	outbox_end(o);
	return NULL;
}

struct much {
	size_t notes, progress;
	uint64_t last;
};

static void
hear_much(void *ctx, const struct ferry_event *e)
{
	struct much *m = ctx;

	assert_true(m->notes == 0 || e->files_done > m->last);
	m->last = e->files_done;
	if (e->kind == ferry_EVENT_NOTE)
		m->notes++;
	else
		m->progress++;
}

static void
tells_all_but_old_progress(void **state)
{
	struct much m = { .notes = 0 };
	struct pollfd p = { .events = POLLIN };
	struct outbox o;
	pthread_t thread;

	(void)state;
	assert_int_equal(outbox_open(&o), 0);
	p.fd = o.ready;
	assert_int_equal(pthread_create(&thread, NULL, tell_much, &o), 0);
	do
		assert_int_equal(poll(&p, 1, 30000), 1);
	while (!outbox_deliver(&o, hear_much, &m));
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(m.notes, OUTBOX_MAX);
	assert_true(m.progress <= 2 * OUTBOX_MAX && m.progress > 0);
	assert_int_equal(m.last, 3 * OUTBOX_MAX - 1);
	outbox_free(&o);
}

static void
expect_usage(
    struct ferry_site *site, const struct ferry_options *o, const char *id)
{
	struct ferry_error err;
	struct ferry_job *job;

	assert_int_equal(
	    ferry_job_new(&job, site, ferry_PUBLISH, o, &err), -ferry_EUSAGE);
	assert_null(job);
	assert_string_equal(err.id, id);
}

static int
refuse(void *ctx, const char *algorithm, const void *data, size_t n, void *sig,
    size_t *size)
{
	(void)ctx;
	(void)algorithm;
	(void)data;
	(void)n;
	(void)sig;
	(void)size;
	return -1;
}

static void
takes_one_key(void **state)
{
	struct ferry_options o;
	struct ferry_site *site;

	(void)state;
	assert_int_equal(ferry_site_new(&site, NULL), 0);
	ferry_options_init(&o);
	o.key_data = "x";
	o.key_size = 1;
	o.key_file = "key";
	expect_usage(site, &o, "key_twice");
	o.key_file = NULL;
	o.key_fd = 0;
	expect_usage(site, &o, "key_twice");
	o.key_data = NULL;
	o.sign = refuse;
	o.public_key = "ssh-ed25519 AAAA";
	expect_usage(site, &o, "key_twice");
	o.key_fd = -1;
	o.public_key = NULL;
	expect_usage(site, &o, "sign_alone");
	o.sign = NULL;
	o.public_key = "ssh-ed25519 AAAA";
	expect_usage(site, &o, "sign_alone");
	o.public_key = NULL;
	o.key_fd = 12345;
	expect_usage(site, &o, "key_fd");
	o.key_fd = -1;
	o.key_data = "x";
	o.key_size = SIZE_MAX;
	expect_usage(site, &o, "key_too_large");
	ferry_site_free(site);
}

static struct ferry_job *
job_with_key(struct ferry_site *site, const void *data, size_t n, int fd)
{
	struct ferry_options o;
	struct ferry_job *job;

	ferry_options_init(&o);
	o.key_data = data;
	o.key_size = n;
	o.key_fd = fd;
	assert_int_equal(ferry_job_new(&job, site, ferry_PUBLISH, &o, NULL), 0);
	assert_true(job_has_key(job));
	return job;
}

/* As often as it is needed, until it is forgotten; the caller's stays. */
static void
keeps_a_key(void **state)
{
	char text[] = "a key";
	struct ferry_site *site;
	struct ferry_error err;
	struct ferry_job *job;
	struct secret *key;
	char byte;
	int fds[2];

	(void)state;
	assert_int_equal(ferry_site_new(&site, NULL), 0);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], text, 5), 5);
	close(fds[1]);
	for (int i = 0; i < 2; i++) {
		job = i == 0 ? job_with_key(site, text, 5, -1)
			     : job_with_key(site, NULL, 0, fds[0]);
		memset(text, 'x', 5);
		for (int j = 0; j < 2; j++) {
			assert_int_equal(job_key_read(&key, job, &err), 0);
			assert_string_equal(key->data, "a key");
			secret_free(key);
		}
		job_key_forget(job);
		assert_true(job_has_key(job));
		assert_int_equal(
		    job_key_read(&key, job, &err), -ferry_EINTERNAL);
		ferry_job_free(job);
	}
	assert_int_equal(read(fds[0], &byte, 1), 0); /* and it is open */
	job = job_with_key(site, NULL, 0, fds[0]);
	ferry_job_free(job);
	close(fds[0]);
	ferry_site_free(site);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges_its_arguments),
		cmocka_unit_test(fills_no_more_than_there_is),
		cmocka_unit_test(takes_older_options),
		cmocka_unit_test(keeps_folders_open),
		cmocka_unit_test(ends_in_one_summary_and_runs_once),
		cmocka_unit_test(every_verb_finishes_once),
		cmocka_unit_test(asks_only_when_it_may),
		cmocka_unit_test(takes_secrets),
		cmocka_unit_test(cancel_never_blocks),
		cmocka_unit_test(ends_on_its_thread_as_well),
		cmocka_unit_test(is_answered_later),
		cmocka_unit_test(freed_while_it_asks),
		cmocka_unit_test(freed_from_its_callback),
		cmocka_unit_test(takes_one_key),
		cmocka_unit_test(keeps_a_key),
		cmocka_unit_test(tells_all_but_old_progress),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
