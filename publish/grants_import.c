/* access import: grants from the IdentityFile lines of an ssh_config.  Hub. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "auth/ssh_config.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/limits.h"
#include "publish/grants_parts.h"
#include "publish/places.h"

/* One key is granted to a site: the first that is accepted. */
struct import {
	struct ferry_job *job;
	unsigned usable; /* keys that could be */
	bool taken;
};

static int
consider(struct import *im, const char *path, struct ferry_error *err)
{
	struct ferry_job *job = im->job;
	struct grants_offer offer;
	struct ferry_error e;
	bool yes = job->options.accept_grants;

	if (grants_offer_make(&offer, job, path, &e) != 0) {
		report_warning(&job->report, NULL, &e);
		return 0;
	}
	im->usable++;
	report_grant(&job->report, &offer.shown);
	if (!yes && !job_ask_grant(job, &offer.shown))
		return 0;
	im->taken = true;
	return grants_offer_take(&offer, job, err);
}

static int
conclude(const struct import *im, struct ferry_error *err)
{
	struct ferry_job *job = im->job;

	if (im->taken)
		return 0;
	if (im->usable == 0) {
		err_set(err, ferry_EKEY, "import_none",
		    "%s has no key that could be granted to %s",
		    job->options.ssh_config, job->site->url.text);
		grants_hint(err, job, "Name the key", NULL);
		return -ferry_EKEY;
	}
	if (!job->options.may_ask) {
		err_set(err, ferry_EUSAGE, "import_unanswered",
		    "nobody can be asked whether to grant a key");
		err_hint(err, "Take the first one unasked: --yes");
		return -ferry_EUSAGE;
	}
	report_note(&job->report, "nothing is granted");
	return 0;
}

static int
read_config(struct buf *text, const char *path, struct ferry_error *err)
{
	if (fs_read(AT_FDCWD, path, true, text) == 0)
		return 0;
	err_os(err, ferry_EUSAGE, errno, "ssh_config", "cannot read %s", path);
	err_hint(err, "Name the file, such as ~/.ssh/config.");
	return -ferry_EUSAGE;
}

int
grants_import(struct ferry_job *job, struct ferry_error *err)
{
	const struct site_url *url = &job->site->url;
	const char *path = job->options.ssh_config;
	struct ssh_config config = { .key_count = 0 };
	struct import im = { .job = job };
	struct ssh_config_query query;
	char home[PLACES_SIZE];
	struct buf text;
	int rc = grants_judge_site(job, err);

	if (rc == 0 && site_is_ftp(job->site))
		rc = err_set(err, ferry_EUSAGE, "import_ftp",
		    "an ssh_config has nothing for %s", url->text);
	buf_init(&text, LIMIT_SSH_CONFIG);
	if (rc == 0 && path == NULL)
		rc = err_set(err, ferry_EUSAGE, "ssh_config",
		    "no ssh_config file is named");
	if (rc == 0)
		rc = read_config(&text, path, err);
	if (rc != 0)
		goto out;
	/* as ssh(1): not $HOME; and an application with a storage has none */
	if (job->options.storage_fd >= 0 || !fs_real_home(home, sizeof(home)))
		strcpy(home, "/");
	query =
	    (struct ssh_config_query){ url->host, url->port, url->user, home };
	rc = ssh_config_read(
	    &config, (const char *)text.data, text.len, &query, err);
	for (size_t i = 0; rc == 0 && i < config.odd_count; i++)
		report_note(&job->report, "%s:%u: %s", path, config.odd[i].line,
		    config.odd[i].what);
	for (size_t i = 0; rc == 0 && !im.taken && i < config.key_count; i++)
		rc = consider(&im, config.keys[i].path, err);
	if (rc == 0)
		rc = conclude(&im, err);
out:
	ssh_config_free(&config);
	buf_free(&text);
	return rc;
}
