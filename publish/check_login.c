/* check, the way to the server: each door up to the login.  Hub. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "auth/key_peek.h"
#include "base/err.h"
#include "publish/check_parts.h"
#include "publish/far_secrets.h"
#include "publish/grants.h"

enum { SOON_DAYS = 14, DAY = 24 * 60 * 60 };

/* ---- The server's key, as it is told ---- */

static void
note_trust(struct check_host *to, const struct ferry_host_report *h)
{
	const struct ferry_host_finding *f = &h->own;

	if (f->line == 0 || f->verdict != ferry_HOST_TRUSTED)
		f = &h->fallback;
	if (f->line == 0 || f->verdict != ferry_HOST_TRUSTED)
		f = &h->system;
	if (f->path != NULL && f->line > 0 && f->verdict == ferry_HOST_TRUSTED)
		snprintf(to->trusted, sizeof(to->trusted), "%s:%u has it",
		    f->path, f->line);
	else if (h->pinned)
		snprintf(to->trusted, sizeof(to->trusted), "the site names it");
	else if (h->verdict == ferry_HOST_TRUSTED)
		snprintf(to->trusted, sizeof(to->trusted),
		    h->certificate != NULL ? "an authority vouches for it"
					   : "it is known");
	else
		snprintf(
		    to->trusted, sizeof(to->trusted), "it was accepted now");
}

void
check_login_note(struct check *c, const struct ferry_host_report *h)
{
	struct check_host *to = &c->host;

	memset(to, 0, sizeof(*to));
	to->seen = true;
	snprintf(to->key, sizeof(to->key), "%s %s", h->type, h->fingerprint);
	note_trust(to, h);
	if (h->certificate == NULL)
		return;
	to->until = h->certificate->until;
	snprintf(to->names, sizeof(to->names), "%s", h->certificate->names);
	snprintf(to->tls, sizeof(to->tls), "%s", h->certificate->version);
}

/* ---- Opening, and whose failure it is ---- */

enum gate { CONNECT, HOST, KEY, SECRET, LOGIN, NONE };

static enum gate
blame(const struct check *c)
{
	switch (-c->opened) {
	case ferry_OK:
		return NONE;
	case ferry_EHOSTKEY:
	case ferry_EHOSTCHANGED:
	case ferry_EPOLICY: /* no TLS */
		return HOST;
	case ferry_EKEY:
		return KEY;
	case ferry_ESECRET:
		return SECRET;
	case ferry_ELOGIN:
		return LOGIN;
	default:
		return c->host.seen ? LOGIN : CONNECT;
	}
}

/* Without a key that may be used, the server's own can still be looked at. */
static int
open_far(struct check *c, struct ferry_error *err)
{
	struct ferry_job *job = c->job;
	const bool no_key = !site_is_ftp(job->site) &&
	    !site_is_folder(job->site) && job->options.key_file == NULL &&
	    !job_has_key(job) && !job->options.use_password;
	int rc = far_prepare(&c->far, job, err);

	c->prepared = true;
	if (rc != 0)
		return rc;
	far_remember(&c->far, c->state_dir);
	rc = walls_seal(job, err);
	if (rc != 0)
		return rc;
	report_phase(&job->report, ferry_PHASE_CONNECT, 0, 0);
	return no_key ? far_login_open(&c->far.login, job, &c->far.host, NULL,
			    job->cancel[0], err)
		      : far_open(&c->far, err);
}

void
check_login_connect(struct check *c, struct check_finding *f)
{
	const struct site_url *url = &c->job->site->url;
	struct dial_contact contact = { .connected = false };
	size_t i = 0;

	c->opened = open_far(c, &c->why);
	c->cancelled = c->opened == -ferry_ECANCELLED;
	if (blame(c) == CONNECT) {
		check_fail(f, &c->why);
		return;
	}
	while (!contact.connected && c->job->walls.peers != NULL &&
	    dial_contact(c->job->walls.peers, i, &contact))
		i++;
	if (contact.by_app)
		check_ok(f, "%s port %u answers, by the application", url->host,
		    url->port);
	else if (contact.connected && strcmp(contact.address, url->host) != 0)
		check_ok(f, "%s port %u answers, at %s", url->host, url->port,
		    contact.address);
	else
		check_ok(f, "%s port %u answers", url->host, url->port);
}

void
check_login_host_key(struct check *c, struct check_finding *f)
{
	if (blame(c) == HOST)
		check_fail(f, &c->why);
	else
		check_ok(f, "%s: %s", c->host.key, c->host.trusted);
}

static void
judge_days(struct check_finding *f, const struct check_host *h, int64_t left)
{
	char age[CHECK_WORDS];

	if (left < 0) {
		check_warn(f, "expired %s ago; %s",
		    check_age(age, (uint64_t)-left), h->trusted);
		check_hint(f,
		    "Ask the provider to renew it: a pin is all that vouches "
		    "for it now.");
	} else {
		check_warn(f, "ends in %s; %s", check_age(age, (uint64_t)left),
		    h->trusted);
		check_hint(f,
		    "Ask the provider when it will be renewed, before "
		    "publishing fails.");
	}
}

void
check_login_certificate(struct check *c, struct check_finding *f)
{
	const struct check_host *h = &c->host;
	const time_t until = (time_t)h->until;
	const int64_t left = h->until - (int64_t)time(NULL);
	char day[16] = "?";
	struct tm tm;

	if (blame(c) == HOST || (!h->seen && !c->plain)) {
		check_fail(f, &c->why);
		return;
	}
	if (!h->seen) {
		check_warn(f,
		    "NONE: everybody on the way can read the password and "
		    "change the files");
		check_hint(f,
		    "Take `plain-ftp' or --plain-ftp away as soon as the "
		    "server speaks TLS.");
		return;
	}
	if (left < (int64_t)SOON_DAYS * DAY) {
		judge_days(f, h, left);
		return;
	}
	if (gmtime_r(&until, &tm) != NULL)
		strftime(day, sizeof(day), "%Y-%m-%d", &tm);
	check_ok(f, "%s until %s: %s", h->key, day, h->trusted);
}

/* ---- The user's key, and what opens it ---- */

static void
judge_key(struct check_finding *f, const char *path, unsigned worries)
{
	struct ferry_error e;

	if (worries == 0)
		return;
	err_set(&e, ferry_EKEY, "key_worry", "%s", "");
	if ((worries & KEY_EXPOSED) != 0)
		err_hint(&e,
		    "Others on this machine can read it. Take their rights "
		    "away: chmod 600 FILE");
	else
		err_hint(&e,
		    "It belongs to another account. Take a copy of your own: "
		    "install -m 600 FILE FILE.mine");
	key_name_file(&e, path);
	f->state = ferry_CHECK_WARN;
	snprintf(f->hint, sizeof(f->hint), "%s", e.hint);
}

void
check_login_key(struct check *c, struct check_finding *f)
{
	const char *path = job_has_key(c->job) ? "the key that was handed over"
					       : c->job->options.key_file;
	struct secret *file;
	struct key *key = NULL;
	struct key_peek peek;
	struct ferry_error e;
	unsigned worries;
	bool sealed;

	if (path == NULL || c->job->options.use_password) {
		check_ok(f, "none is needed: by password");
		return;
	}
	if (blame(c) == KEY) {
		check_fail(f, &c->why);
		return;
	}
	if (c->job->options.sign != NULL) {
		check_ok(f, "the application signs with it, elsewhere");
		return;
	}
	if (grants_read_key(&file, &worries, c->job, &e) != 0) {
		check_fail(f, &e);
		return;
	}
	sealed =
	    key_parse(&key, file->data, file->len, NULL, &e) == -ferry_ESECRET;
	if (key_peek(&peek, file->data, file->len, &e) == 0)
		check_ok(f, "%s %s, %s", peek.type, peek.fingerprint,
		    sealed ? "with a passphrase" : "without a passphrase");
	else
		check_ok(f, "%s, %s", path,
		    sealed ? "with a passphrase" : "without a passphrase");
	judge_key(f, path, worries);
	key_free(key);
	secret_free(file);
}

static void
add_source(struct buf *b, bool there, enum secrets_source source)
{
	if (there)
		buf_printf(b, "%s%s", b->len > 0 ? ", then " : "",
		    secrets_source_name(source));
}

/* Who would be asked, in order. */
static void
list_sources(const struct check *c, struct check_finding *f)
{
	struct far_login l = { .job = c->job };
	const struct secrets *s = &l.secrets;
	struct buf b;

	far_secrets_begin(&l);
	buf_init(&b, CHECK_FOUND);
	add_source(&b, s->fd >= 0, SECRETS_FROM_FD);
	add_source(&b, s->credentials != NULL, SECRETS_FROM_CREDENTIALS);
	add_source(&b, s->command != NULL, SECRETS_FROM_COMMAND);
	add_source(&b, s->keyring.helper != NULL, SECRETS_FROM_KEYRING);
	add_source(&b, s->askpass != NULL, SECRETS_FROM_ASKPASS);
	add_source(
	    &b, s->askpass == NULL && s->ask != NULL, SECRETS_FROM_PERSON);
	if (b.len > 0)
		check_ok(
		    f, "none was needed; one would come from %s", buf_text(&b));
	else
		check_ok(f, "none was needed");
	buf_free(&b);
}

void
check_login_secret(struct check *c, struct check_finding *f)
{
	if (blame(c) == SECRET)
		check_fail(f, &c->why);
	else if (c->seen.source != SECRETS_FROM_NOWHERE)
		check_ok(f, "from %s", secrets_source_name(c->seen.source));
	else
		list_sources(c, f);
}

static const char *
way_in(const struct check *c)
{
	const struct ferry_options *o = &c->job->options;

	if (site_is_ftp(c->job->site))
		return o->client_certificate != NULL
		    ? "password and client certificate"
		    : "password";
	if ((o->key_file == NULL && !job_has_key(c->job)) || o->use_password)
		return "password";
	return c->seen.source == SECRETS_FROM_NOWHERE ? "key"
						      : "key and what opens it";
}

void
check_login_login(struct check *c, struct check_finding *f)
{
	if (c->opened != 0)
		check_fail(f, &c->why);
	else
		check_ok(f, "as %s, by %s", c->job->site->url.user, way_in(c));
}

void
check_login_folder(struct check *c, struct check_finding *f)
{
	c->opened = open_far(c, &c->why);
	c->cancelled = c->opened == -ferry_ECANCELLED;
	if (c->opened != 0)
		check_fail(f, &c->why);
	else
		check_ok(f, "none is needed: the folder is open");
}
