/*
 * The policy about an FTP server's key.  Hub.
 *
 *   the user's pins	one is equal: go on; none is: refused
 *   the site's pins	the same, where the user has none of his own
 *   no pins		an authority vouches for it, and for this name: go on
 *   else		the user is asked; nobody to ask: refused
 *
 * The user's pins stand in his access file: what he accepted once is not
 * overruled by a site file, which is shared, nor by an authority.
 */
#include "publish/host_tls.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/path.h"
#include "publish/allowed.h"
#include "publish/host_parts.h"

static const char KEY[] = "tls-pin", TYPE[] = "TLS";

struct judgement {
	struct ferry_job *job;
	char where[300], fingerprint[HASH_FINGERPRINT_SIZE];
	char recorded[HASH_FINGERPRINT_SIZE]; /* the first of the user's */
	bool own, own_equal, site, site_equal; /* pins */
	const char *path; /* of the access file */
	unsigned line; /* of the section */
	struct buf command;
	char version[16];
	struct ferry_certificate certificate;
	struct ferry_host_report report;
};

static void
print_fingerprint(const struct digest *d, char out[HASH_FINGERPRINT_SIZE])
{
	char base64[4 * ((HASH_SIZE + 2) / 3) + 1];

	hash_base64(d->b, HASH_SIZE, base64);
	base64[strcspn(base64, "=")] = '\0';
	snprintf(out, HASH_FINGERPRINT_SIZE, "SHA256:%s", base64);
}

static bool
parse_fingerprint(const char *text, struct digest *out)
{
	enum { PREFIX = 7, DIGITS = 43 };
	char base64[DIGITS + 2];
	unsigned char bytes[3 * (DIGITS + 1) / 4];
	size_t n;

	if (strlen(text) != PREFIX + DIGITS)
		return false;
	snprintf(base64, sizeof(base64), "%s=", text + PREFIX);
	if (!hash_unbase64(base64, DIGITS + 1, bytes, &n) || n != HASH_SIZE)
		return false;
	memcpy(out->b, bytes, HASH_SIZE);
	return true;
}

/* The next of several with blanks between them; false: that was all. */
static bool
next_pin(const char **list, char out[HASH_FINGERPRINT_SIZE])
{
	size_t n;

	*list += strspn(*list, " \t");
	n = strcspn(*list, " \t");
	if (n == 0 || n >= HASH_FINGERPRINT_SIZE)
		return false;
	memcpy(out, *list, n);
	out[n] = '\0';
	*list += n;
	return true;
}

static const char *
own_pins(const struct ferry_job *job)
{
	return access_get(job->access, job->site->url.text, KEY);
}

bool
host_tls_only_pin(const struct ferry_job *job, struct digest *out)
{
	char pin[HASH_FINGERPRINT_SIZE], other[HASH_FINGERPRINT_SIZE];
	const struct ferry_site *site = job->site;
	const char *list = own_pins(job);

	if (list != NULL)
		return next_pin(&list, pin) && !next_pin(&list, other) &&
		    parse_fingerprint(pin, out);
	return site->tls_pin_count == 1 &&
	    parse_fingerprint(site->tls_pins[0], out);
}

bool
host_tls_has_pins(const struct ferry_job *job)
{
	return own_pins(job) != NULL || job->site->tls_pin_count > 0;
}

/* ---- What is known ---- */

static void
ask_own(struct judgement *j)
{
	const char *list = own_pins(j->job), *url;
	char pin[HASH_FINGERPRINT_SIZE];
	size_t i;

	while (list != NULL && next_pin(&list, pin)) {
		if (!j->own)
			memcpy(j->recorded, pin, sizeof(pin));
		j->own = true;
		if (strcmp(pin, j->fingerprint) != 0)
			continue;
		j->own_equal = true;
		memcpy(j->recorded, pin, sizeof(pin));
	}
	for (i = 0; (url = access_url(j->job->access, i, &j->line)) != NULL;
	     i++)
		if (strcmp(url, j->job->site->url.text) == 0)
			return;
	j->line = 0;
}

static void
ask_site(struct judgement *j)
{
	const struct ferry_site *site = j->job->site;
	unsigned i;

	j->site = site->tls_pin_count > 0;
	for (i = 0; i < site->tls_pin_count; i++)
		j->site_equal |= strcmp(site->tls_pins[i], j->fingerprint) == 0;
}

static enum ferry_host_verdict
verdict(const struct judgement *j)
{
	if (j->own)
		return j->own_equal ? ferry_HOST_TRUSTED : ferry_HOST_CHANGED;
	if (j->site)
		return j->site_equal ? ferry_HOST_TRUSTED : ferry_HOST_CHANGED;
	return j->certificate.chain_ok && j->certificate.name_ok
	    ? ferry_HOST_TRUSTED
	    : ferry_HOST_UNKNOWN;
}

static void
print_command(struct judgement *j)
{
	const struct ferry_options *o = &j->job->options;

	host_command_begin(j->job, "host trust", &j->command);
	if (o->access_file != NULL)
		host_command_option(
		    &j->command, "--access-file", o->access_file);
	host_command_option(&j->command, "--fingerprint", j->fingerprint);
}

static void
judge(
    struct judgement *j, struct ferry_job *job, const struct msg_certificate *c)
{
	const struct site_url *url = &job->site->url;
	const bool v6 = strchr(url->host, ':') != NULL;

	memset(j, 0, sizeof(*j));
	j->job = job;
	snprintf(j->where, sizeof(j->where), v6 ? "[%s]:%u" : "%s:%u",
	    url->host, url->port);
	print_fingerprint(&c->spki, j->fingerprint);
	snprintf(j->version, sizeof(j->version), "TLS 1.%d",
	    c->tls > 0 ? c->tls - 1 : 0);
	j->certificate = (struct ferry_certificate){ .subject = c->subject,
		.issuer = c->issuer,
		.names = c->names,
		.since = c->since,
		.until = c->until,
		.chain_ok = c->chain_ok,
		.name_ok = c->name_ok,
		.why = c->why,
		.version = j->version };
	j->path = access_path(job->access);
	ask_own(j);
	ask_site(j);
	buf_init(&j->command, LIMIT_INI_LINE);
	print_command(j);
	j->report = (struct ferry_host_report){ .host = url->host,
		.port = url->port,
		.type = TYPE,
		.fingerprint = j->fingerprint,
		.verdict = verdict(j),
		.pinned = j->own_equal || (!j->own && j->site_equal),
		.own = { .path = *j->path != '\0' ? j->path : NULL,
		    .line = j->own ? j->line : 0,
		    .type = TYPE,
		    .fingerprint = j->recorded,
		    .verdict = !j->own ? ferry_HOST_UNKNOWN
			: j->own_equal ? ferry_HOST_TRUSTED
				       : ferry_HOST_CHANGED },
		.fallback = { .type = "", .fingerprint = "" },
		.system = { .type = "", .fingerprint = "" },
		.pins = job->site->tls_pin_count,
		.command = buf_ok(&j->command) ? buf_text(&j->command) : NULL,
		.certificate = &j->certificate };
	if (j->site && !j->site_equal)
		j->report.command = NULL;
}

/* ---- What follows ---- */

static void
hint_trust(struct judgement *j, const char *first, struct ferry_error *err)
{
	const char *command = j->report.command;

	if (command != NULL &&
	    strlen(first) + strlen(command) + 3 < sizeof(err->hint))
		err_hint(err, "%s: %s", first, command);
	else
		err_hint(err, "%s: `host trust' with --fingerprint %s", first,
		    j->fingerprint);
}

static int
refuse_unknown(struct judgement *j, struct ferry_error *err)
{
	const struct ferry_certificate *c = &j->certificate;

	if (c->chain_ok)
		err_set(err, ferry_EHOSTKEY, "certificate_name",
		    "the certificate of %s is for other names (%.60s): %s",
		    j->where, c->names, j->fingerprint);
	else
		err_set(err, ferry_EHOSTKEY, "certificate_unknown",
		    "no authority vouches for the certificate of %s "
		    "(%.60s): %s",
		    j->where, c->why, j->fingerprint);
	hint_trust(
	    j, "Compare it with what the server's owner says, then", err);
	return -ferry_EHOSTKEY;
}

static int
refuse_changed(struct judgement *j, struct ferry_error *err)
{
	if (j->own) {
		err_set(err, ferry_EHOSTCHANGED, "tls_pin_mismatch",
		    "the TLS key of %s has changed: it was %s, now it is %s "
		    "(%s:%u)",
		    j->where, j->recorded, j->fingerprint, j->path, j->line);
		hint_trust(j,
		    "Somebody may be listening. If the change is confirmed",
		    err);
		return -ferry_EHOSTCHANGED;
	}
	err_set(err, ferry_EHOSTCHANGED, "tls_pin_mismatch",
	    "%s shows the TLS key %s, which is not one that this site names",
	    j->where, j->fingerprint);
	err_hint(err,
	    "Somebody may be listening. If the key is right, correct "
	    "`tls-pin' in the site file or --tls-pin.");
	return -ferry_EHOSTCHANGED;
}

static int
refuse_other(struct judgement *j, struct ferry_error *err)
{
	j->report.command = NULL;
	err_set(err, ferry_EHOSTCHANGED, "tls_pin_not_expected",
	    "%s shows the TLS key %s, which is not the one that you expect",
	    j->where, j->fingerprint);
	err_hint(err,
	    "Somebody may be listening. Ask who runs the server which key it "
	    "has; nothing was recorded.");
	return -ferry_EHOSTCHANGED;
}

static int
record(struct judgement *j, struct ferry_error *err)
{
	const char *url = j->job->site->url.text;
	struct access *a;
	int rc = allowed_open(&a, &j->job->options, err);

	if (rc != 0)
		return rc;
	rc = access_set(a, url, KEY, j->fingerprint, err);
	if (rc == 0)
		rc = access_save(a, err);
	if (rc == 0)
		report_note(&j->job->report,
		    "the TLS key %s of %s is trusted now, recorded in %s%s%s",
		    j->fingerprint, j->where, access_path(a),
		    j->own ? " instead of " : "", j->own ? j->recorded : "");
	access_free(a);
	return rc;
}

/* It is accepted for this run in any case. */
static int
accept_key(struct judgement *j)
{
	struct ferry_error e;

	if (record(j, &e) != 0)
		report_warning(&j->job->report, NULL, &e);
	return 0;
}

/* When publishing. */
static int
decide(struct judgement *j, struct ferry_error *err)
{
	enum job_host_answer answer;

	if (j->report.verdict == ferry_HOST_TRUSTED)
		return 0;
	if (j->report.verdict == ferry_HOST_CHANGED)
		return refuse_changed(j, err);
	answer = job_ask_host(j->job, &j->report);
	j->job->host_known |= answer == JOB_HOST_YES;
	if (answer == JOB_HOST_YES)
		return accept_key(j);
	return answer == JOB_HOST_OTHER_KEY ? refuse_other(j, err)
					    : refuse_unknown(j, err);
}

static int
decide_trust(struct judgement *j, struct ferry_error *err)
{
	const char *expected = j->job->options.fingerprint;
	enum job_host_answer answer = JOB_HOST_YES;

	if (expected != NULL && strcmp(expected, j->fingerprint) != 0)
		return refuse_other(j, err);
	if (j->site && !j->site_equal)
		return refuse_changed(j, err);
	if (j->own_equal) {
		report_note(&j->job->report, "%s is trusted already", j->where);
		return 0;
	}
	if (j->own && expected == NULL)
		return refuse_changed(j, err);
	if (expected == NULL && j->report.verdict != ferry_HOST_TRUSTED)
		answer = job_ask_host(j->job, &j->report);
	if (answer == JOB_HOST_OTHER_KEY)
		return refuse_other(j, err);
	return answer == JOB_HOST_YES ? record(j, err) : refuse_unknown(j, err);
}

int
host_tls_judge(struct ferry_job *job, const struct msg_certificate *c,
    bool *pinned, struct ferry_error *err)
{
	struct judgement j;
	struct ferry_error local;
	int rc = 0;

	if (err == NULL)
		err = &local;
	judge(&j, job, c);
	if (job->verb != ferry_HOST_SHOW && job->verb != ferry_HOST_TRUST)
		rc = decide(&j, err);
	if (rc == 0 &&
	    (job->verb == ferry_HOST_SHOW || job->verb == ferry_HOST_TRUST ||
		job->verb == ferry_CHECK))
		report_host(&job->report, &j.report);
	if (job->verb == ferry_HOST_TRUST)
		rc = decide_trust(&j, err);
	if (rc == 0)
		walls_note_host(&job->walls, &j.report);
	if (rc == -ferry_EHOSTKEY || rc == -ferry_EHOSTCHANGED)
		report_refusal(&job->report, &j.report, err);
	*pinned = j.report.verdict != ferry_HOST_TRUSTED || j.report.pinned;
	buf_free(&j.command);
	return rc;
}

/* ---- The verbs ---- */

static void
tell(struct ferry_job *job, const char *url, unsigned line, const char *list)
{
	char pin[HASH_FINGERPRINT_SIZE];
	struct ferry_host_entry entry = { .path = access_path(job->access),
		.line = line,
		.hosts = url,
		.type = TYPE,
		.fingerprint = pin };

	while (next_pin(&list, pin))
		report_host_entry(&job->report, &entry);
}

unsigned
host_tls_list(struct ferry_job *job)
{
	const char *url, *list;
	unsigned line, n = 0;
	size_t i;

	for (i = 0; (url = access_url(job->access, i, &line)) != NULL; i++) {
		list = access_get(job->access, url, KEY);
		if (list == NULL)
			continue;
		tell(job, url, line, list);
		n++;
	}
	return n;
}

int
host_tls_forget(struct ferry_job *job, struct ferry_error *err)
{
	const char *url = job->site->url.text, *list;
	struct access *a;
	int rc = allowed_open(&a, &job->options, err);

	if (rc != 0)
		return rc;
	list = access_get(a, url, KEY);
	if (list != NULL)
		tell(job, url, 0, list);
	else
		report_note(&job->report, "%s holds no TLS key of %s",
		    access_path(a), url);
	if (list != NULL)
		rc = access_remove(a, url, KEY, err);
	if (rc == 0 && list != NULL)
		rc = access_save(a, err);
	if (rc == 0 && list != NULL)
		report_note(&job->report, "forgotten, in %s", access_path(a));
	access_free(a);
	return rc;
}
