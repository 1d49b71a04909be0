/*
 * Open a session: answer what the session asks on the way to being logged in.
 * Hub.  The key file is opened only after the host has proven itself.
 */
#include "publish/far_login.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
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

	return host_judge(l->host, blob, n, address, err);
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
	err_prefix(err, "%s", l->job->options.key_file);
	err_hint(err, "Does it open it elsewhere? ssh-keygen -y -f FILE");
	return rc;
}

static void
warn_exposed(struct far_login *l)
{
	const char *path = l->job->options.key_file;
	struct ferry_error e;

	err_set(&e, ferry_EKEY, "key_exposed",
	    "others on this machine can read the private key %s", path);
	err_hint(&e, "Take their rights away: chmod 600 %s", path);
	report_warning(&l->job->report, NULL, &e);
}

static int
need_key(void *ctx, const struct key **out, struct ferry_error *err)
{
	struct far_login *l = ctx;
	struct ferry_error local;
	struct secret *file = NULL;
	bool exposed = false;
	int rc;

	*out = NULL;
	if (err == NULL)
		err = &local;
	if (l->job->options.use_password)
		return 0;
	rc = key_read_file(&file, &exposed, l->job->options.key_file, err);
	if (rc != 0)
		return rc;
	rc = key_parse(&l->key, file->data, file->len, NULL, err);
	if (exposed && (rc == 0 || rc == -ferry_ESECRET))
		warn_exposed(l);
	if (rc == -ferry_ESECRET)
		rc = unlock(l, file, err);
	if (rc == -ferry_EKEY)
		err_prefix(err, "%s", l->job->options.key_file);
	secret_free(file);
	*out = l->key;
	return rc;
}

static int
need_password(
    void *ctx, unsigned attempt, struct secret **out, struct ferry_error *err)
{
	struct far_login *l = ctx;
	char prompt[PROMPT_SIZE];
	struct secrets_request request = {
		.kind = SECRETS_PASSWORD,
		.prompt = prompt,
		.attempt = attempt,
	};

	snprintf(prompt, sizeof(prompt), "Password of %s@%s",
	    l->job->site->url.user, l->job->site->url.host);
	return secrets_get(&l->secrets, &request, out, err);
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
		.ctx = l,
		.judge_host = judge_host,
		.need_key = need_key,
		.need_password = need_password,
		.logged_in = forget_key,
		.host_only = steps == NULL,
	};
	int rc;

	memset(l, 0, sizeof(*l));
	l->job = job;
	l->host = host;
	l->secrets.fd = job->options.secret_fd;
	l->secrets.ask = job->options.may_ask ? ask_user : NULL;
	l->secrets.ctx = job;
	if (steps != NULL) {
		l->steps = *steps;
		config.on_done = on_done;
		config.on_entry = on_entry;
		config.on_progress = on_progress;
	}
	rc = session_open(&l->session, &config, err);
	forget_key(l);
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
