/* access add, list, remove: jobs about grants alone.  Hub. */
#include <string.h>

#include "base/err.h"
#include "base/path.h"
#include "publish/allowed.h"
#include "publish/far_client.h"
#include "publish/grants_parts.h"

int
grants_judge_site(const struct ferry_job *job, struct ferry_error *err)
{
	const struct site_url *url = &job->site->url;

	if (url->host == NULL) {
		err_set(err, ferry_EUSAGE, "no_url", "no server is named");
		err_hint(err, "Give `url` in the site file, or --url.");
		return -ferry_EUSAGE;
	}
	if (url->user != NULL || site_is_folder(job->site))
		return 0;
	err_set(err, ferry_EUSAGE, "no_user",
	    "a key is granted to a user of a server, not to %s", url->text);
	err_hint(err, "Write sftp://user@host/path.");
	return -ferry_EUSAGE;
}

int
grants_judge_certificate(const struct ferry_job *job, struct ferry_error *err)
{
	if (job->options.client_certificate == NULL || site_is_ftp(job->site))
		return 0;
	err_set(err, ferry_EUSAGE, "client_cert_for_sftp",
	    "a client certificate is for FTP over TLS, not for %s",
	    job->site->url.text);
	err_hint(err,
	    "SSH has certificates of its own kind: --certificate. Or write "
	    "ftp:// or ftps://.");
	return -ferry_EUSAGE;
}

/* What is granted has to be named. */
static int
judge_files(struct ferry_job *job, struct ferry_error *err)
{
	const struct ferry_options *o = &job->options;

	if (site_is_ftp(job->site) && o->client_certificate == NULL) {
		err_set(err, ferry_EUSAGE, "no_client_cert",
		    "no client certificate is named, and an FTP server takes "
		    "no key without one");
		err_hint(err, "Name both: --client-cert FILE --key FILE.");
		return -ferry_EUSAGE;
	}
	if (o->key_file != NULL || o->client_certificate != NULL)
		return grants_judge_certificate(job, err);
	err_set(err, ferry_EUSAGE, "no_key", "no key is named");
	err_hint(err, "Name the private key file: --key FILE.");
	return -ferry_EUSAGE;
}

int
grants_add(struct ferry_job *job, struct ferry_error *err)
{
	const struct ferry_options *o = &job->options;
	struct grants_offer offer;
	int rc = grants_judge_site(job, err);

	if (rc == 0 && site_is_folder(job->site))
		return grants_folder_add(job, err);
	if (rc == 0)
		rc = judge_files(job, err);
	if (rc != 0)
		return rc;
	rc = grants_offer_make(&offer, job,
	    o->key_file != NULL ? o->key_file : o->client_certificate, err);
	return rc == 0 ? grants_offer_take(&offer, job, err) : rc;
}

static bool
is_client(const struct grant *g)
{
	return strncmp(g->url, "ftp", 3) == 0;
}

/* Is the key there that was granted? */
static enum ferry_grant_state
look_at_key(struct key_peek *peek, const struct grant *g)
{
	struct secret *file;
	struct ferry_error e;
	int rc = key_read_file(&file, NULL, g->key, &e);

	if (rc != 0)
		return strcmp(e.id, "key_missing") == 0
		    ? ferry_GRANT_MOVED
		    : ferry_GRANT_UNREADABLE;
	if (is_client(g))
		client_cert_leave_key(file);
	rc = key_peek(peek, file->data, file->len, &e);
	secret_free(file);
	if (rc != 0)
		return rc == -ferry_ESECRET ? ferry_GRANT_SEALED
					    : ferry_GRANT_UNREADABLE;
	return strcmp(peek->fingerprint, g->fingerprint) == 0
	    ? ferry_GRANT_GOOD
	    : ferry_GRANT_REPLACED;
}

/* The certificate, where FTP's grants have one; its key was looked at. */
static enum ferry_grant_state
look_at_certificate(const struct ferry_job *job, const struct grant *g,
    enum ferry_grant_state state)
{
	struct client_cert *c;
	struct ferry_error e;

	if (!is_client(g) ||
	    (state != ferry_GRANT_GOOD && state != ferry_GRANT_SEALED))
		return state;
	if (g->certificate == NULL ||
	    far_client_read(&c, job, g->certificate, &e) != 0)
		return ferry_GRANT_CERTIFICATE;
	client_cert_free(c);
	return state;
}

/* secret NULL: none to judge by.  What is not ours has no file opened. */
static void
show(struct ferry_job *job, const struct grant *g, const struct secret *secret)
{
	char comment[4 * sizeof(((struct key_peek *)0)->comment)] = "";
	struct key_peek peek = { .type = "" };
	struct ferry_grant shown = {
		.url = g->url,
		.key = g->key != NULL ? g->key : "",
		.certificate = g->certificate,
		.type = "",
		.comment = comment,
		.fingerprint = g->fingerprint != NULL ? g->fingerprint : "",
		.host_key = g->host_key,
		.made = g->made != NULL ? g->made : "",
		.used = g->used,
		.state = ferry_GRANT_FORGED,
		.folder = g->folder,
	};

	if (secret != NULL && grant_judge(g, secret))
		shown.state = g->folder != NULL
		    ? grants_folder_look(g)
		    : look_at_certificate(job, g, look_at_key(&peek, g));
	if (shown.state == ferry_GRANT_GOOD) {
		shown.type = peek.type;
		path_escape(comment, sizeof(comment), peek.comment,
		    strlen(peek.comment));
	}
	report_grant(&job->report, &shown);
}

/* Without it all are forged, which is said once, with the reason. */
static void
find_secret(struct secret **out, struct ferry_job *job)
{
	struct ferry_error e;

	if (grants_secret(out, job, false, &e) != 0)
		report_warning(&job->report, NULL, &e);
}

int
grants_list(struct ferry_job *job, struct ferry_error *err)
{
	struct secret *secret = NULL;
	const char *url;
	struct grant g;
	unsigned found = 0;

	(void)err;
	for (size_t i = 0; (url = access_url(job->access, i, NULL)); i++) {
		if (!grant_find(&g, job->access, url))
			continue;
		if (found++ == 0)
			find_secret(&secret, job);
		show(job, &g, secret);
	}
	secret_free(secret);
	if (found == 0)
		report_note(&job->report, "no key is granted to any site");
	return 0;
}

/* What is taken back is shown as it was, from the copy that stays. */
int
grants_remove(struct ferry_job *job, struct ferry_error *err)
{
	struct secret *secret = NULL;
	struct access *a;
	struct grant g;
	int rc = grants_judge_site(job, err);

	if (rc != 0)
		return rc;
	if (!grant_find(&g, job->access, job->site->url.text)) {
		report_note(&job->report, "no key is granted to %s",
		    job->site->url.text);
		return 0;
	}
	rc = allowed_open(&a, &job->options, err);
	if (rc == 0)
		rc = grant_remove(a, g.url, err);
	if (rc == 0)
		rc = access_save(a, err);
	access_free(a);
	if (rc != 0)
		return rc;
	find_secret(&secret, job);
	show(job, &g, secret);
	secret_free(secret);
	return 0;
}
