/*
 * The secrets of a login: where they may come from, and what is asked.  Hub.
 */
#include "publish/far_secrets.h"

#include <stdio.h>
#include <string.h>

#include "auth/key_peek.h"
#include "base/err.h"
#include "base/hash.h"
#include "publish/account.h"
#include "publish/places.h"

enum { PROMPT_SIZE = 512 };

static int
ask_user(void *ctx, const struct secrets_request *request, struct secret **out,
    struct ferry_error *err)
{
	struct ferry_question q = *request->whose;

	q.kind = request->kind == SECRETS_PASSPHRASE ? ferry_ASK_PASSPHRASE
						     : ferry_ASK_PASSWORD;
	q.prompt = request->prompt;
	q.attempt = request->attempt;
	q.echo = request->echo;
	return job_ask_secret(ctx, &q, out, err);
}

/* The user says so for this run, or the access file for this site. */
static bool
wants_keyring(const struct ferry_job *job)
{
	const struct ferry_options *o = &job->options;

	return o->keyring || o->save_secret ||
	    access_yes(job->access, job->site->url.text, "keyring", false);
}

void
far_secrets_begin(struct far_login *l)
{
	struct ferry_job *job = l->job;
	const struct ferry_options *o = &job->options;
	struct secrets *s = &l->secrets;

	memset(s, 0, sizeof(*s));
	s->fd = o->secret_fd;
	s->credentials = o->credentials_dir;
	s->target = job->site->target;
	s->command =
	    access_get(job->access, job->site->url.text, "password-command");
	if (wants_keyring(job) &&
	    places_keyring(o, l->keyring, sizeof(l->keyring)))
		s->keyring.helper = l->keyring;
	/* Whoever named an askpass program has a screen for it. */
	s->keyring.may_ask = o->may_ask || o->askpass != NULL;
	s->keyring.cancel_fd = job->cancel[0];
	s->keyring.outside = s->outside = job->walls.outside;
	s->save = o->save_secret;
	s->askpass = o->askpass;
	s->ask = o->may_ask ? ask_user : NULL;
	s->ctx = job;
	s->cancel_fd = job->cancel[0];
	s->log = &job->report.log;
}

/*
 * The keyring knows a passphrase by the key that it opens, so that a copy of
 * the file elsewhere finds it too; where the file does not show which key that
 * is (false), by the file's own bytes.
 */
static bool
identify_key(char dst[HASH_FINGERPRINT_SIZE], const struct secret *file)
{
	struct key_peek peek;

	if (key_peek(&peek, file->data, file->len, NULL) != 0) {
		hash_fingerprint(file->data, file->len, dst);
		return false;
	}
	memcpy(dst, peek.fingerprint, HASH_FINGERPRINT_SIZE);
	return true;
}

int
far_secrets_unlock(
    struct far_login *l, const struct secret *file, struct ferry_error *err)
{
	const char *path = l->job->options.key_file;
	char prompt[PROMPT_SIZE], about[HASH_FINGERPRINT_SIZE];
	struct ferry_question whose = { .key = path };
	struct secrets_request request = { .kind = SECRETS_PASSPHRASE,
		.prompt = prompt,
		.about = about,
		.label = prompt,
		.whose = &whose };
	struct secret *passphrase;
	int rc = 0;

	snprintf(prompt, sizeof(prompt), "Passphrase of %s",
	    path != NULL ? path : "the key that was handed over");
	if (identify_key(about, file))
		whose.fingerprint = about;
	for (request.attempt = 1; request.attempt <= SECRETS_MAX_TRIES;
	     request.attempt++) {
		rc = secrets_get(&l->secrets, &request, &passphrase, err);
		if (rc != 0)
			return rc;
		rc = key_parse(&l->key, file->data, file->len, passphrase, err);
		secret_free(passphrase);
		if (rc == 0)
			secrets_worked(&l->secrets);
		if (rc != -ferry_ESECRET)
			return rc;
	}
	if (path != NULL)
		err_hint(
		    err, "Does it open it elsewhere? ssh-keygen -y -f FILE");
	key_name_file(err, path);
	return rc;
}

const char *
far_secrets_one_line(char *dst, size_t size, const char *text)
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

/* A code of the moment is nothing to store. */
static bool
is_password(const char *asked)
{
	return asked == NULL || strcasestr(asked, "passw") != NULL;
}

/* There is no key to try instead: name all the ways. */
static void
hint_sources(const struct far_login *l, struct ferry_error *err)
{
	if (err == NULL || strcmp(err->id, "secret_needed") != 0 ||
	    l->secrets.keyring_words[0] != '\0')
		return;
	err_hint(err,
	    "FTP knows no login without one: run it in a terminal, give "
	    "--password-fd N or --keyring, or name a password-command in the "
	    "access file or an SSH_ASKPASS program.");
}

/* "Password of me@host", or what the server calls it: "(me@host) Password:" */
int
far_secrets_password(void *ctx, unsigned attempt, const char *asked,
    struct secret **out, struct ferry_error *err)
{
	struct far_login *l = ctx;
	const struct site_url *url = &l->job->site->url;
	char prompt[PROMPT_SIZE], line[WORKER_MSG_TEXT];
	char about[KEYRING_ABOUT_SIZE], label[KEYRING_ABOUT_SIZE];
	const struct ferry_question whose = { .account = about,
		.asked = asked };
	const struct secrets_request request = {
		.kind = SECRETS_PASSWORD,
		.prompt = prompt,
		.attempt = attempt,
		.about = is_password(asked) ? about : NULL,
		.label = label,
		.whose = &whose,
	};
	int rc;

	account_print(about, sizeof(about), url);
	l->secrets.stranger = account_is_meant(l->job) ? NULL : about;
	snprintf(
	    label, sizeof(label), "Password of %s@%s", url->user, url->host);
	if (asked != NULL)
		snprintf(prompt, sizeof(prompt), "(%s@%s) %s", url->user,
		    url->host, far_secrets_one_line(line, sizeof(line), asked));
	else
		snprintf(prompt, sizeof(prompt), "%s", label);
	rc = secrets_get(&l->secrets, &request, out, err);
	l->secrets.stranger = NULL;
	if (rc == -ferry_ESECRET && attempt == 1 && site_is_ftp(l->job->site))
		hint_sources(l, err);
	return rc;
}

/* Only somebody who sees the question can answer it. */
int
far_secrets_answer(void *ctx, const char *asked, bool echo, struct secret **out,
    struct ferry_error *err)
{
	struct far_login *l = ctx;
	const struct site_url *url = &l->job->site->url;
	char prompt[PROMPT_SIZE], line[WORKER_MSG_TEXT];
	char account[KEYRING_ABOUT_SIZE];
	const struct ferry_question whose = { .account = account,
		.asked = asked };
	const struct secrets_request request = { .kind = SECRETS_PASSWORD,
		.prompt = prompt,
		.attempt = 1,
		.echo = echo,
		.whose = &whose };
	int rc;

	*out = NULL;
	account_print(account, sizeof(account), url);
	snprintf(prompt, sizeof(prompt), "(%s@%s) %s", url->user, url->host,
	    far_secrets_one_line(line, sizeof(line), asked));
	if (secrets_can_ask(&l->secrets, &request)) {
		enum secrets_source source = l->secrets.source;

		rc = secrets_ask(&l->secrets, &request, out, err);
		l->secrets.source = source; /* of the password */
		return rc;
	}
	err_set(err, ferry_ESECRET, "answer_needed",
	    "the server asks a question, and nobody can be asked: %s", prompt);
	err_hint(err,
	    "Run it in a terminal, or log in by a key that needs no second "
	    "factor.");
	return -ferry_ESECRET;
}
