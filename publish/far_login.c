/*
 * Open a session: answer what the session asks on the way to being logged in.
 * Hub.  The key file is opened only after the host has proven itself.
 */
#include "publish/far_login.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "auth/certificate.h"
#include "base/err.h"
#include "publish/grants.h"
#include "publish/places.h"

enum { PROMPT_SIZE = 512 };

static int
ask_user(void *ctx, const struct secrets_request *request, struct secret **out,
    struct ferry_error *err)
{
	struct ferry_job *job = ctx;

	return job_ask_secret(job,
	    request->kind == SECRETS_PASSPHRASE ? ferry_ASK_PASSPHRASE
						: ferry_ASK_PASSWORD,
	    request->prompt, request->attempt, request->echo, out, err);
}

static int
judge_host(void *ctx, const void *blob, size_t n, const char *address,
    struct ferry_error *err)
{
	struct far_login *l = ctx;

	int rc = host_judge(l->host, blob, n, address, err);

	return rc == 0 ? grants_judge_host(l->job, blob, n, err) : rc;
}

/* Try passphrases until one opens the key. */
static int
unlock(struct far_login *l, const struct secret *file, struct ferry_error *err)
{
	char prompt[PROMPT_SIZE];
	struct secrets_request request = {
		.kind = SECRETS_PASSPHRASE,
		.prompt = prompt,
	};
	struct secret *passphrase;
	int rc = 0;

	snprintf(prompt, sizeof(prompt), "Passphrase of %s",
	    l->job->options.key_file);
	for (request.attempt = 1; request.attempt <= SECRETS_MAX_TRIES;
	     request.attempt++) {
		rc = secrets_get(&l->secrets, &request, &passphrase, err);
		if (rc != 0)
			return rc;
		rc = key_parse(&l->key, file->data, file->len, passphrase, err);
		secret_free(passphrase);
		if (rc != -ferry_ESECRET)
			return rc;
	}
	err_hint(err, "Does it open it elsewhere? ssh-keygen -y -f FILE");
	key_name_file(err, l->job->options.key_file);
	return rc;
}

static void
warn(struct far_login *l, unsigned worries)
{
	const char *path = l->job->options.key_file;
	struct ferry_error e;

	if ((worries & KEY_EXPOSED) != 0) {
		err_set(&e, ferry_EKEY, "key_exposed",
		    "others on this machine can read the private key");
		err_hint(&e, "Take their rights away: chmod 600 FILE");
		key_name_file(&e, path);
		report_warning(&l->job->report, NULL, &e);
	}
	if ((worries & KEY_FOREIGN) != 0) {
		err_set(&e, ferry_EKEY, "key_foreign",
		    "the private key belongs to another account");
		err_hint(&e,
		    "Take a copy of your own: install -m 600 FILE FILE.mine");
		key_name_file(&e, path);
		report_warning(&l->job->report, NULL, &e);
	}
}

/* The one that was named, or the one beside the key, or none. */
static int
certify(struct far_login *l, struct ferry_error *err)
{
	const struct ferry_options *o = &l->job->options;
	struct buf line;
	int rc;

	if (o->certificate_file != NULL &&
	    strcmp(o->certificate_file, "none") == 0)
		return 0;
	rc = key_certify(l->key, o->key_file, o->certificate_file,
	    (uint64_t)time(NULL), err);
	if (rc != 0 || key_certificate(l->key) == NULL)
		return rc;
	buf_init(&line, 1024);
	certificate_print(key_certificate(l->key), &line);
	log_line(&l->job->report.log, LOG_INFO, "%s", buf_text(&line));
	buf_free(&line);
	return 0;
}

/* The file into l->key. */
static int
load_key(struct far_login *l, struct ferry_error *err)
{
	struct secret *file = NULL;
	unsigned worries;
	int rc;

	rc = grants_read_key(&file, &worries, l->job, err);
	if (rc != 0)
		return rc;
	rc = key_parse(&l->key, file->data, file->len, NULL, err);
	if (rc == 0 || rc == -ferry_ESECRET)
		warn(l, worries);
	if (rc == -ferry_ESECRET)
		rc = unlock(l, file, err);
	if (rc == -ferry_EKEY)
		key_name_file(err, l->job->options.key_file);
	secret_free(file);
	if (rc == 0)
		rc = grants_judge_key(l->job, l->key, err);
	return rc;
}

static int
need_key(void *ctx, const struct key **out, struct ferry_error *err)
{
	struct far_login *l = ctx;
	struct ferry_error local;
	int rc;

	*out = NULL;
	if (err == NULL)
		err = &local;
	rc = load_key(l, err);
	if (rc == 0)
		rc = certify(l, err);
	*out = l->key;
	return rc;
}

/* The server's words may have many lines; ours have one. */
static const char *
one_line(char *dst, size_t size, const char *text)
{
	size_t n = 0;

	for (; *text != '\0' && n + 1 < size; text++) {
		bool blank = strchr(" \t\r\n", *text) != NULL;

		if (!blank)
			dst[n++] = *text;
		else if (n > 0 && dst[n - 1] != ' ')
			dst[n++] = ' ';
	}
	dst[n] = '\0';
	return dst;
}

/* "Password of me@host", or what the server calls it: "(me@host) Password:" */
static int
need_password(void *ctx, unsigned attempt, const char *asked,
    struct secret **out, struct ferry_error *err)
{
	struct far_login *l = ctx;
	const struct site_url *url = &l->job->site->url;
	char prompt[PROMPT_SIZE], line[WORKER_MSG_TEXT];
	struct secrets_request request = {
		.kind = SECRETS_PASSWORD,
		.prompt = prompt,
		.attempt = attempt,
	};

	if (asked != NULL)
		snprintf(prompt, sizeof(prompt), "(%s@%s) %s", url->user,
		    url->host, one_line(line, sizeof(line), asked));
	else
		snprintf(prompt, sizeof(prompt), "Password of %s@%s", url->user,
		    url->host);
	return secrets_get(&l->secrets, &request, out, err);
}

/* Only somebody who sees the question can answer it. */
static int
need_answer(void *ctx, const char *asked, bool echo, struct secret **out,
    struct ferry_error *err)
{
	struct far_login *l = ctx;
	const struct site_url *url = &l->job->site->url;
	char prompt[PROMPT_SIZE], line[WORKER_MSG_TEXT];

	*out = NULL;
	snprintf(prompt, sizeof(prompt), "(%s@%s) %s", url->user, url->host,
	    one_line(line, sizeof(line), asked));
	if (l->job->options.may_ask)
		return job_ask_secret(
		    l->job, ferry_ASK_PASSWORD, prompt, 1, echo, out, err);
	err_set(err, ferry_ESECRET, "answer_needed",
	    "the server asks a question, and nobody can be asked: %s", prompt);
	err_hint(err,
	    "Run it in a terminal, or log in by a key that needs no second "
	    "factor.");
	return -ferry_ESECRET;
}

static void
said(void *ctx, const char *text)
{
	struct far_login *l = ctx;
	char line[LIMIT_BANNER];

	report_note(&l->job->report, "the server says: %s",
	    one_line(line, sizeof(line), text));
}

static void
forget_key(void *ctx)
{
	struct far_login *l = ctx;

	key_free(l->key);
	l->key = NULL;
}

static void
on_done(void *ctx, const struct msg_done *done)
{
	struct far_login *l = ctx;

	l->steps.on_done(l->steps.ctx, done);
}

static void
on_entry(void *ctx, const struct msg_entry *entry)
{
	struct far_login *l = ctx;

	l->steps.on_entry(l->steps.ctx, entry);
}

static void
on_progress(void *ctx, uint64_t bytes)
{
	struct far_login *l = ctx;

	l->steps.on_progress(l->steps.ctx, bytes);
}

static void
begin(struct far_login *l, struct ferry_job *job)
{
	memset(l, 0, sizeof(*l));
	l->job = job;
	l->secrets.fd = job->options.secret_fd;
	l->secrets.ask = job->options.may_ask ? ask_user : NULL;
	l->secrets.ctx = job;
}

int
far_login_load_key(
    struct far_login *l, struct ferry_job *job, struct ferry_error *err)
{
	begin(l, job);
	return load_key(l, err);
}

int
far_login_open(struct far_login *l, struct ferry_job *job, struct host *host,
    const struct far_steps *steps, int cancel_fd, struct ferry_error *err)
{
	const struct ferry_site *site = job->site;
	struct session_config config = {
		.host = site->url.host,
		.port = site->url.port,
		.user = site->url.user,
		.worker = places_worker(&job->options),
		.algorithms = host_algorithms(host),
		.connect_ms = site->connect_seconds * 1000,
		.silence_ms = site->silence_seconds * 1000,
		.cancel_fd = cancel_fd,
		.log = &job->report.log,
		.confine = true,
		.ctx = l,
		.judge_host = judge_host,
		.need_key = job->options.use_password ? NULL : need_key,
		.need_password = need_password,
		.need_answer = need_answer,
		.said = said,
		.logged_in = forget_key,
		.host_only = steps == NULL,
	};
	int rc;

	begin(l, job);
	l->host = host;
	if (steps != NULL) {
		l->steps = *steps;
		config.on_done = on_done;
		config.on_entry = on_entry;
		config.on_progress = on_progress;
	}
	rc = session_open(&l->session, &config, err);
	forget_key(l);
	if (rc == 0)
		grants_note_login(job);
	if (steps == NULL || rc != 0) {
		session_close(l->session);
		l->session = NULL;
	}
	return rc;
}

void
far_login_close(struct far_login *l)
{
	session_close(l->session);
	l->session = NULL;
}
