/*
 * Open the folder to publish to, once, and see that it is not the source's.
 * Hub.
 */
#include "publish/far_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "publish/grants.h"
#include "publish/reach.h"
#include "publish/scan_open.h"

enum { DEPTH_MAX = 4096 }; /* of a path whose names are a byte long */

#ifndef O_PATH
#define O_PATH 0
#endif

static int
give(int *out, const struct ferry_job *job, struct ferry_error *err)
{
	struct stat st;

	*out = fcntl(job->options.folder_fd, F_DUPFD_CLOEXEC, 0);
	if (*out >= 0 && fstat(*out, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	return err_os(err, ferry_EUSAGE, *out < 0 ? errno : ENOTDIR,
	    "options_folder_fd", "ferry_options.folder_fd is no open folder");
}

int
far_folder_open_path(int *out, const struct ferry_job *job, const char *path,
    struct ferry_error *err)
{
	*out = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*out >= 0)
		return 0;
	if (errno == ENOENT) {
		err_set(err, ferry_EREACH, "folder_missing",
		    "there is no folder %s to publish to", path);
		err_hint(err,
		    "Make it, if that is where the site belongs; or is its "
		    "disk not there?");
	} else if (errno == ENOTDIR) {
		err_set(err, ferry_EREACH, "folder_none",
		    "%s is no folder to publish to", path);
		err_hint(err, "Correct the path of the url.");
	} else {
		err_os(err, ferry_EREACH, errno, "folder_unreadable",
		    "cannot open the folder %s", path);
		err_hint(err, "Check its owner and mode.");
	}
	reach_hint_to_write(err, &job->outer, path);
	return -ferry_EREACH;
}

/* Does one of the folders above `fd', or itself, lie at this place? */
static bool
is_beneath(int fd, const struct stat *place)
{
	int at = fcntl(fd, F_DUPFD_CLOEXEC, 0), up, depth;
	struct stat st, above = { 0 };
	bool same = false;

	for (depth = 0; at >= 0 && depth < DEPTH_MAX; depth++) {
		if (fstat(at, &st) != 0)
			break;
		same = st.st_ino == place->st_ino && st.st_dev == place->st_dev;
		if (same ||
		    (depth > 0 && st.st_ino == above.st_ino &&
			st.st_dev == above.st_dev))
			break;
		above = st;
		/* which need not be ours to read */
		up = openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		close(at);
		at = up;
	}
	if (at >= 0)
		close(at);
	return same;
}

int
far_folder_judge_storage(
    const struct ferry_job *job, int folder, struct ferry_error *err)
{
	const struct ferry_site *site = job->site;
	const int storage = job->options.storage_fd;
	struct ferry_error unsaid; /* where it is needed it is said */
	struct stat st;
	int source = -1, rc = 0;

	if (storage >= 0 && site_has_source(site))
		source = scan_open_source(site, &unsaid);
	if (source >= 0 && fstat(source, &st) == 0 && is_beneath(storage, &st))
		rc = err_set(err, ferry_ESOURCE, "storage_in_source",
		    "the folder for what is kept lies in the source, %s",
		    site_source_label(site));
	else if (storage >= 0 && folder >= 0 && fstat(folder, &st) == 0 &&
	    is_beneath(storage, &st))
		rc = err_set(err, ferry_ESOURCE, "storage_in_folder",
		    "the folder for what is kept lies in the folder that is "
		    "published to");
	if (rc != 0)
		err_hint(err,
		    "Visitors would get to see it: name another "
		    "ferry_options.storage_fd.");
	if (source >= 0)
		close(source);
	return rc;
}

/* Each publish would publish the last one, or overwrite what it reads. */
static int
judge_source(int folder, const struct ferry_job *job, struct ferry_error *err)
{
	const struct ferry_site *site = job->site;
	struct ferry_error unsaid; /* where it is needed it is said */
	struct stat ours, theirs;
	int source, rc = 0;

	if (!site_has_source(site))
		return 0;
	source = scan_open_source(site, &unsaid);
	if (source < 0 || fstat(source, &ours) != 0 ||
	    fstat(folder, &theirs) != 0)
		goto out;
	if (ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev)
		rc = err_set(err, ferry_ESOURCE, "folder_is_source",
		    "the folder that is published to is the source itself");
	else if (is_beneath(folder, &ours))
		rc = err_set(err, ferry_ESOURCE, "folder_in_source",
		    "the folder that is published to lies in the source, %s",
		    site_source_label(site));
	else if (is_beneath(source, &theirs))
		rc = err_set(err, ferry_ESOURCE, "source_in_folder",
		    "the source, %s, lies in the folder that is published to",
		    site_source_label(site));
	if (rc != 0)
		err_hint(err, "Publish to a folder beside the source.");
out:
	if (source >= 0)
		close(source);
	return rc;
}

int
far_folder_open(int *out, struct ferry_job *job, struct ferry_error *err)
{
	const struct ferry_site *site = job->site;
	int rc;

	*out = -1;
	if (job->options.folder_fd >= 0)
		rc = give(out, job, err);
	else if (site->file == NULL) /* typed, or set by the application */
		rc = far_folder_open_path(out, job, site->url.path, err);
	else
		rc = grants_folder_open(out, job, err);
	if (rc == 0)
		rc = judge_source(*out, job, err);
	if (rc != 0 && *out >= 0) {
		close(*out);
		*out = -1;
	}
	return rc;
}
