/*
 * Open a session: answer what the session asks on the way to being logged in.
 * Hub.  The key file is opened only after the host has proven itself.
 */
#include "publish/far_login.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "auth/certificate.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/limits.h"
#include "publish/far_secrets.h"
#include "publish/grants.h"
#include "publish/places.h"
#include "publish/reach.h"

enum {
	LONG_MS = 1000, /* a question was open; OpenSSH's server waits 120 s */
	AGAIN = 4, /* key, passphrase, password, and one more */
};

static int
judge_wall(void *ctx, const struct msg_wall *wall, struct ferry_error *err)
{
	struct far_login *l = ctx;

	return walls_judge_worker(l->job, wall, err);
}

/* Somebody is asked, and the server may not wait for him. */
static struct far_login *
think(void *ctx)
{
	struct far_login *l = ctx;

	l->since = clock_ms();
	return l;
}

static int
thought(struct far_login *l, int rc)
{
	l->asked_ms += clock_ms() - l->since;
	return rc;
}

static int
judge_host(void *ctx, const void *blob, size_t n, const char *address,
    struct ferry_error *err)
{
	struct far_login *l = think(ctx);
	char shown[HASH_FINGERPRINT_SIZE];
	int rc = 0;

	hash_fingerprint(blob, n, shown);
	if (strcmp(shown, l->trusted) != 0)
		rc = thought(l, host_judge(l->host, blob, n, address, err));
	if (rc != 0)
		return rc;
	strcpy(l->trusted, shown);
	return grants_judge_host(l->job, blob, n, err);
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
	if (rc != 0 && err->os_errno != 0 && o->certificate_file != NULL)
		reach_hint(err, &l->job->outer, o->certificate_file);
	if (rc != 0 || key_certificate(l->key) == NULL)
		return rc;
	buf_init(&line, 1024);
	certificate_print(key_certificate(l->key), &line);
	log_line(&l->job->report.log, LOG_INFO, "%s", buf_text(&line));
	buf_free(&line);
	return 0;
}

static int
borrow_key(struct far_login *l, struct ferry_error *err)
{
	const struct ferry_options *o = &l->job->options;

	return key_elsewhere(&l->key, o->public_key, o->sign, o->sign_ctx,
	    (uint64_t)time(NULL), err);
}

/* The file into l->key. */
static int
load_key(struct far_login *l, struct ferry_error *err)
{
	struct secret *file = NULL;
	unsigned worries;
	int rc;

	if (l->job->options.sign != NULL)
		return borrow_key(l, err);
	rc = grants_read_key(&file, &worries, l->job, err);
	if (rc != 0)
		return rc;
	rc = key_parse(&l->key, file->data, file->len, NULL, err);
	if (rc == 0 || rc == -ferry_ESECRET)
		warn(l, worries);
	if (rc == -ferry_ESECRET)
		rc = far_secrets_unlock(l, file, err);
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
	struct far_login *l = think(ctx);
	struct ferry_error local;
	int rc = 0;

	*out = NULL;
	if (err == NULL)
		err = &local;
	if (l->key == NULL) {
		rc = thought(l, load_key(l, err));
		if (rc == 0)
			rc = certify(l, err);
	}
	*out = l->key;
	return rc;
}

/* One that nobody has refused need not be asked for again. */
static int
need_password(void *ctx, unsigned attempt, const char *asked,
    struct secret **out, struct ferry_error *err)
{
	struct far_login *l = think(ctx);
	int rc = 0;

	if (l->resend && attempt == 1)
		*out = secret_copy(l->password->data, l->password->len);
	else
		rc = thought(
		    l, far_secrets_password(l, attempt, asked, out, err));
	l->resend = false;
	if (rc != 0)
		return rc;
	secret_free(l->password);
	l->password =
	    *out != NULL ? secret_copy((*out)->data, (*out)->len) : NULL;
	if (l->password != NULL)
		return 0;
	secret_free(*out);
	*out = NULL;
	return err_memory(err);
}

static int
need_answer(void *ctx, const char *asked, bool echo, struct secret **out,
    struct ferry_error *err)
{
	struct far_login *l = think(ctx);

	return thought(l, far_secrets_answer(l, asked, echo, out, err));
}

static void
said(void *ctx, const char *text)
{
	struct far_login *l = ctx;
	char line[LIMIT_BANNER];

	report_note(&l->job->report, "the server says: %s",
	    far_secrets_one_line(line, sizeof(line), text));
}

static void
forget_key(struct far_login *l)
{
	key_free(l->key);
	l->key = NULL;
}

/* Only now is a password known to be right. */
static void
logged_in(void *ctx)
{
	struct far_login *l = ctx;

	forget_key(l);
	if (l->job->verb != ferry_CHECK) /* which looks at it once more */
		job_key_forget(l->job);
	secrets_worked(&l->secrets);
}

static int
judge_certificate(
    void *ctx, const struct msg_certificate *c, struct ferry_error *err)
{
	struct far_login *l = think(ctx);

	return thought(l, far_ftp_judge(l->ftp, c, err));
}

static void
learned(void *ctx, const struct msg_learned *m)
{
	struct far_login *l = ctx;

	far_ftp_learned(l->ftp, m);
}

/* Once for all sessions of the job: it stays as long as there may be more. */
static int
need_client(
    void *ctx, const struct session_client **out, struct ferry_error *err)
{
	struct far_login *l = think(ctx);
	struct far_client *client = &l->ftp->client;
	struct ferry_error local;
	struct key *key;
	int rc = 0;

	*out = NULL;
	if (err == NULL)
		err = &local;
	if (l->job->options.client_certificate == NULL)
		return 0;
	if (client->key == NULL) {
		rc = thought(l, load_key(l, err));
		key = l->key;
		l->key = NULL;
		if (rc == 0)
			rc = far_client_take(client, l->job, key, err);
	}
	if (rc == 0)
		*out = &client->session;
	return rc;
}

static int
ftp_password(void *ctx, unsigned attempt, const char *asked,
    struct secret **out, struct ferry_error *err)
{
	struct far_login *l = think(ctx);
	bool known;
	int rc = far_ftp_password(l->ftp, attempt, &known, out, err);

	if (rc == 0 && !known)
		rc = thought(
		    l, far_secrets_password(l, attempt, asked, out, err));
	if (rc == 0)
		rc = far_ftp_keep_password(l->ftp, *out, err);
	if (rc != 0) {
		secret_free(*out);
		*out = NULL;
	}
	return rc;
}

static void
ftp_logged_in(void *ctx)
{
	struct far_login *l = ctx;

	if (!l->ftp->right)
		secrets_worked(&l->secrets);
	l->ftp->right = true;
	if (l->job->verb != ferry_CHECK)
		job_key_forget(l->job);
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

static enum msg_compress
compress(void *ctx, unsigned rtt_us)
{
	struct far_login *l = ctx;

	return far_line_compress(l->steps.line, rtt_us);
}

static void
begin(struct far_login *l, struct ferry_job *job)
{
	memset(l, 0, sizeof(*l));
	l->job = job;
	far_secrets_begin(l);
}

int
far_login_load_key(
    struct far_login *l, struct ferry_job *job, struct ferry_error *err)
{
	int rc;

	begin(l, job);
	rc = load_key(l, err);
	secrets_end(&l->secrets);
	return rc;
}

static struct session_config
make_config(struct far_login *l, int cancel_fd, const struct far_steps *steps)
{
	const struct ferry_job *job = l->job;
	const struct ferry_site *site = job->site;
	struct session_config config = {
		.host = site->url.host,
		.port = site->url.port,
		.user = site->url.user,
		.worker = places_worker(&job->options),
		.connect_ms = site->connect_seconds * 1000,
		.silence_ms = site->silence_seconds * 1000,
		.keepalive_ms = LIMIT_IDLE,
		.cancel_fd = cancel_fd,
		.log = &job->report.log,
		.peers = job->walls.peers,
		.confine = job->options.confine != ferry_CONFINE_OFF,
		.ctx = l,
		.judge_wall = judge_wall,
		.said = said,
		.host_only = steps == NULL,
	};

	if (steps != NULL) {
		l->steps = *steps;
		config.on_done = on_done;
		config.on_entry = on_entry;
		config.on_progress = on_progress;
		if (steps->line != NULL)
			config.compress = compress;
	}
	return config;
}

static void
note_seen(const struct far_login *l)
{
	struct far_seen *seen = l->job->seen;

	if (seen == NULL || seen->sessions++ > 0)
		return;
	seen->source = l->secrets.source;
	seen->ready = *session_ready(l->session);
	seen->ftp = l->ftp;
}

static int
open_session(struct far_login *l, const struct session_config *config,
    struct ferry_error *err)
{
	int rc = session_open(&l->session, config, err);

	if (rc == -ferry_EREACH && config->folder == NULL &&
	    l->job->options.connect == NULL)
		reach_hint_network(err, &l->job->outer);
	if (rc == 0 && !config->host_only)
		note_seen(l);
	if (rc == 0)
		grants_note_login(l->job);
	if (config->host_only || rc != 0) {
		session_close(l->session);
		l->session = NULL;
	}
	return rc;
}

/*
 * A server ends a session that does not log in for a minute or two.  One that
 * was lost behind a question deserves another connection, on which nothing is
 * asked again that was answered.
 */
static bool
is_worth_another(struct far_login *l, int rc)
{
	const bool lost = rc == -ferry_ELOST || rc == -ferry_EREACH;

	if (!lost || l->asked_ms < LONG_MS || l->again == AGAIN ||
	    fs_readable(l->job->cancel[0]))
		return false;
	l->again++;
	l->asked_ms = 0;
	l->resend = l->password != NULL;
	log_line(&l->job->report.log, LOG_INFO,
	    "the server did not wait for the answer: connecting again");
	return true;
}

static void
end_login(struct far_login *l)
{
	forget_key(l);
	secret_free(l->password);
	l->password = NULL;
	secrets_end(&l->secrets);
}

int
far_login_open(struct far_login *l, struct ferry_job *job, struct host *host,
    const struct far_steps *steps, int cancel_fd, struct ferry_error *err)
{
	struct session_config config;
	int rc;

	begin(l, job);
	l->host = host;
	config = make_config(l, cancel_fd, steps);
	config.algorithms = host_algorithms(host);
	config.judge_host = judge_host;
	config.need_key = job->options.use_password ? NULL : need_key;
	config.need_password = need_password;
	config.need_answer = need_answer;
	config.logged_in = logged_in;
	do
		rc = open_session(l, &config, err);
	while (rc != 0 && is_worth_another(l, rc));
	end_login(l);
	return rc;
}

int
far_login_open_folder(struct far_login *l, struct ferry_job *job,
    const int *folder, const struct far_steps *steps, int cancel_fd,
    struct ferry_error *err)
{
	struct session_config config;

	begin(l, job);
	config = make_config(l, cancel_fd, steps);
	config.folder = folder;
	return open_session(l, &config, err);
}

/* login and config are one: config points into it. */
static struct session_config
begin_ftp(struct far_login *l, struct ferry_job *job, struct far_ftp *ftp,
    const struct far_steps *steps, int cancel_fd)
{
	struct session_config config;

	begin(l, job);
	l->ftp = ftp;
	config = make_config(l, cancel_fd, steps);
	far_ftp_config(ftp, &l->ftp_config);
	l->ftp_config.judge_certificate = judge_certificate;
	l->ftp_config.learned = learned;
	l->ftp_config.need_client = need_client;
	config.ftp = &l->ftp_config;
	config.need_password = ftp_password;
	config.logged_in = ftp_logged_in;
	return config;
}

int
far_login_open_ftp(struct far_login *l, struct ferry_job *job,
    struct far_ftp *ftp, const struct far_steps *steps, int cancel_fd,
    struct ferry_error *err)
{
	struct ferry_error local;
	struct session_config config;
	unsigned again = 0;
	bool more;
	int rc;

	if (err == NULL)
		err = &local;
	do {
		config = begin_ftp(l, job, ftp, steps, cancel_fd);
		l->again = again;
		rc = open_session(l, &config, err);
		end_login(l);
		more = rc != 0 &&
		    (far_ftp_try_again(ftp, err) || is_worth_another(l, rc));
		again = l->again;
	} while (more);
	return rc != 0 ? -err->code : 0;
}

int
far_login_begin_ftp(struct far_login *l, const struct far_login *beside,
    const struct far_steps *steps, int cancel_fd, struct ferry_error *err)
{
	struct session_config config =
	    begin_ftp(l, beside->job, beside->ftp, steps, cancel_fd);

	return session_begin(&l->session, &config, beside->session, err);
}

void
far_login_close(struct far_login *l)
{
	session_close(l->session);
	l->session = NULL;
}
