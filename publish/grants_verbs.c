/* access add, list, remove: jobs about grants alone.  Hub. */
#include <string.h>

#include "base/err.h"
#include "base/path.h"
#include "publish/allowed.h"
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
	if (url->scheme == SITE_SFTP && url->user != NULL)
		return 0;
	err_set(err, ferry_EUSAGE, "no_user",
	    "a key is granted to a user of an SFTP server, not to %s",
	    url->text);
	err_hint(err, "Write sftp://user@host/path.");
	return -ferry_EUSAGE;
}

int
grants_add(struct ferry_job *job, struct ferry_error *err)
{
	const char *path = job->options.key_file;
	struct grants_offer offer;
	int rc = grants_judge_site(job, err);

	if (rc != 0)
		return rc;
	if (path == NULL) {
		err_set(err, ferry_EUSAGE, "no_key", "no key is named");
		err_hint(err, "Name the private key file: --key FILE.");
		return -ferry_EUSAGE;
	}
	rc = grants_offer_make(&offer, job, path, err);
	return rc == 0 ? grants_offer_take(&offer, job, err) : rc;
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
	rc = key_peek(peek, file->data, file->len, &e);
	secret_free(file);
	if (rc != 0)
		return rc == -ferry_ESECRET ? ferry_GRANT_SEALED
					    : ferry_GRANT_UNREADABLE;
	return strcmp(peek->fingerprint, g->fingerprint) == 0
	    ? ferry_GRANT_GOOD
	    : ferry_GRANT_REPLACED;
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
	};

	if (secret != NULL && grant_judge(g, secret))
		shown.state = look_at_key(&peek, g);
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
