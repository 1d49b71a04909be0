/*
 * The access file of a job: found, its urls judged, its settings put where the
 * caller set none (flags > access file > site file > defaults).  Hub.
 */
#include "publish/allowed.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "publish/places.h"
#include "publish/site.h"

/* One spelling for each url, or a grant would be there and not be found. */
static int
judge_urls(const struct access *a, struct ferry_error *err)
{
	const char *url;
	unsigned line;
	int rc = 0;

	for (size_t i = 0; (url = access_url(a, i, &line)) != NULL; i++) {
		struct site_url u;

		rc = site_parse_url(&u, url, err);
		if (rc == 0 && strcmp(u.text, url) != 0) {
			rc = err_set(err, ferry_EUSAGE, "bad_section",
			    "this url is written in another way: [%s]", url);
			err_hint(err, "Write [%s].", u.text);
		}
		site_free_url(&u);
		if (rc == -ferry_EUSAGE)
			err_prefix(err, "%s:%u", access_path(a), line);
		if (rc != 0)
			break;
	}
	return rc;
}

static int
take(struct access **out, int rc, struct ferry_error *err)
{
	if (rc == 0)
		rc = judge_urls(*out, err);
	if (rc != 0) {
		access_free(*out);
		*out = NULL;
	}
	return rc;
}

int
allowed_load(
    struct access **out, const struct ferry_options *o, struct ferry_error *err)
{
	struct place p;
	bool any = places_access(o, &p);

	return take(out,
	    access_load(
		out, any ? p.dirfd : AT_FDCWD, any ? p.path : NULL, err),
	    err);
}

int
allowed_open(
    struct access **out, const struct ferry_options *o, struct ferry_error *err)
{
	struct place p;

	*out = NULL;
	if (!places_access(o, &p))
		return err_set(err, ferry_EUSAGE, "no_access_file",
		    "there is no access file to change");
	return take(out, access_open(out, p.dirfd, p.path, err), err);
}

static int
set(const char **option, const char *value, struct ferry_error *err)
{
	if (*option != NULL || value == NULL)
		return 0;
	*option = strdup(value);
	return *option != NULL ? 0 : err_memory(err);
}

int
allowed_apply(
    struct ferry_options *o, const struct access *a, struct ferry_error *err)
{
	bool system = access_yes(a, NULL, "system-known-hosts", false);
	int rc;

	rc = set(&o->fallback_known_hosts,
	    access_get(a, NULL, "fallback-known-hosts"), err);
	if (rc == 0 && system)
		rc = set(
		    &o->system_known_hosts, ALLOWED_SYSTEM_KNOWN_HOSTS, err);
	if (o->system_known_hosts != NULL &&
	    strcmp(o->system_known_hosts, "none") == 0) {
		free((char *)o->system_known_hosts);
		o->system_known_hosts = NULL;
	}
	o->check_host_ip |= access_yes(a, NULL, "check-host-ip", false);
	return rc;
}
