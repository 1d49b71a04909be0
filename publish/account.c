/*
 * The account of a job, and whether a password that is bound to none may be
 * sent to it.  Hub.
 */
#include "publish/account.h"

#include <stdio.h>
#include <string.h>

/* Up to the path. */
static size_t
account_len(const char *url)
{
	const char *host = strstr(url, "://");
	size_t n = host != NULL ? 3 + (size_t)(host - url) : 0;

	return n + strcspn(url + n, "/");
}

void
account_print(char *dst, size_t size, const struct site_url *url)
{
	snprintf(dst, size, "%.*s", (int)account_len(url->text), url->text);
}

static bool
has_section(const struct ferry_job *job)
{
	const char *url;

	for (size_t i = 0; (url = access_url(job->access, i, NULL)) != NULL;
	     i++) {
		if (strcmp(url, job->site->url.text) == 0)
			return true;
	}
	return false;
}

/* By somebody other than the site file. */
static bool
is_named(const struct ferry_job *job)
{
	const char *named = job->options.account, *url = job->site->url.text;
	size_t n = account_len(url);

	if (named != NULL)
		return account_len(named) == n && strncmp(named, url, n) == 0;
	return job->site->file == NULL || has_section(job);
}

bool
account_is_meant(const struct ferry_job *job)
{
	return is_named(job) ||
	    (job->options.account == NULL && job->host_known);
}

bool
account_may_record(const struct ferry_job *job)
{
	const struct ferry_options *o = &job->options;

	return is_named(job) ||
	    (o->secret_fd < 0 && o->credentials_dir == NULL);
}
