/*
 * A grant of a folder: this site may publish to it.  Hub.
 *
 * It is bound to the url, to the path that this led to, and to what was there:
 * inode and device, as far as they outlive a restart.  A device with a number
 * of its own (a disk) does; btrfs, NFS and the like get another one each time;
 * with FUSE, which portals are, inodes are new as well.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "publish/allowed.h"
#include "publish/far_folder.h"
#include "publish/grants_parts.h"
#include "publish/host_parts.h"
#include "publish/places.h"
#include "publish/reach.h"

#ifdef __linux__
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#endif

enum { IDENTITY = 64 };

#ifdef __linux__

static bool
is_fuse(int fd)
{
	enum { FUSE = 0x65735546 }; /* statfs(2) */
	struct statfs s;

	return fstatfs(fd, &s) == 0 && (uint32_t)s.f_type == FUSE;
}

static bool
is_passing(const struct stat *st)
{
	return major(st->st_dev) == 0;
}

#else

static bool
is_fuse(int fd)
{
	(void)fd;
	return false;
}

static bool
is_passing(const struct stat *st)
{
	(void)st;
	return false;
}

#endif

/* "device:inode", each "-" where it means nothing. */
static bool
identify(int fd, char dst[IDENTITY])
{
	char device[24] = "-", inode[24] = "-";
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISDIR(st.st_mode))
		return false;
	if (!is_passing(&st))
		snprintf(device, sizeof(device), "%llu",
		    (unsigned long long)st.st_dev);
	if (!is_fuse(fd))
		snprintf(inode, sizeof(inode), "%llu",
		    (unsigned long long)st.st_ino);
	snprintf(dst, IDENTITY, "%s:%s", device, inode);
	return true;
}

static void
hint(struct ferry_error *err, const struct ferry_job *job, const char *words,
    const char *folder)
{
	struct buf command;

	if (err == NULL)
		return;
	buf_init(&command, sizeof(err->hint));
	host_command_begin(job, "access add", &command);
	host_command_option(&command, "--folder", folder);
	if (buf_ok(&command) &&
	    strlen(words) + command.len + 3 < sizeof(err->hint))
		err_hint(err, "%s: %s", words, buf_text(&command));
	else
		err_hint(err, "%s: sandferry access add --folder DIR", words);
	buf_free(&command);
}

/* Is it the folder that was granted? */
static bool
is_granted(int fd, const struct grant *g)
{
	char identity[IDENTITY], *real = realpath(g->folder, NULL);
	struct stat there, st;
	bool same = identify(fd, identity) &&
	    strcmp(identity, g->identity) == 0 && real != NULL &&
	    strcmp(real, g->folder) == 0 && stat(real, &there) == 0 &&
	    fstat(fd, &st) == 0 && there.st_ino == st.st_ino &&
	    there.st_dev == st.st_dev;

	free(real);
	return same;
}

int
grants_folder_open(int *out, struct ferry_job *job, struct ferry_error *err)
{
	const struct site_url *url = &job->site->url;
	struct grant g;
	int rc;

	*out = -1;
	if (!grant_find(&g, job->access, url->text)) {
		err_set(err, ferry_EKEY, "folder_not_granted",
		    "the site file wants to publish to %s, which nobody has "
		    "granted it",
		    url->path);
		hint(err, job, "If that is right", url->path);
		return -ferry_EKEY;
	}
	rc = grants_judge(job, &g, err);
	if (rc == 0 && g.folder == NULL)
		rc = err_set(err, ferry_EKEY, "grant_forged",
		    "%s:%u: the grant names no folder",
		    access_path(job->access), g.line);
	if (rc != 0) {
		if (strcmp(err->id, "app_secret_missing") == 0 ||
		    strcmp(err->id, "grant_forged") == 0)
			hint(err, job, "If it is what you want", url->path);
		return rc;
	}
	rc = far_folder_open_path(out, job, url->path, err);
	if (rc != 0 && strcmp(err->id, "folder_missing") == 0) {
		err->code = ferry_EKEY;
		strcpy(err->id, "grant_moved");
		err_set(err, ferry_EKEY, "grant_moved",
		    "the granted folder %s is not there", g.folder);
		err_hint(err,
		    "Is its disk not there? If it has moved, correct the url "
		    "and grant that folder.");
		reach_hint_to_write(err, &job->outer, url->path);
		return -ferry_EKEY;
	}
	if (rc == 0 && !is_granted(*out, &g)) {
		rc = err_set(err, ferry_EKEY, "grant_stale",
		    "%s is another folder than was granted", url->path);
		hint(err, job, "If that is right, grant it", url->path);
	}
	if (rc == 0)
		job->by.grant = g;
	return rc;
}

/* --folder and the url are to mean the same. */
static int
judge_named(int fd, const struct ferry_job *job, struct ferry_error *err)
{
	const char *folder = job->options.folder;
	struct stat named, st;

	if (stat(folder, &named) != 0)
		return err_os(err, ferry_EKEY, errno, "folder_missing",
		    "cannot find the folder %s", folder);
	if (fstat(fd, &st) == 0 && named.st_ino == st.st_ino &&
	    named.st_dev == st.st_dev)
		return 0;
	err_set(err, ferry_EUSAGE, "folder_differs",
	    "%s is not the folder of the url %s", folder, job->site->url.text);
	err_hint(err, "A grant is for one url: make both the same.");
	return -ferry_EUSAGE;
}

static int
store(struct ferry_job *job, const struct grant *g, struct ferry_error *err)
{
	struct secret *secret = NULL;
	struct access *a;
	int rc = allowed_open(&a, &job->options, err);

	if (rc == 0)
		rc = grants_secret(&secret, job, true, err);
	if (rc == 0)
		rc = grant_put(a, g, secret, err);
	if (rc == 0)
		rc = access_save(a, err);
	secret_free(secret);
	access_free(a);
	return rc;
}

int
grants_folder_add(struct ferry_job *job, struct ferry_error *err)
{
	const struct site_url *url = &job->site->url;
	char made[GRANT_TIME_SIZE], identity[IDENTITY];
	struct grant g = { .url = url->text };
	struct ferry_grant shown = { .url = url->text,
		.key = "",
		.type = "",
		.comment = "",
		.fingerprint = "",
		.state = ferry_GRANT_GOOD };
	char *real = NULL;
	int fd = -1, rc;

	if (job->options.folder == NULL) {
		err_set(err, ferry_EUSAGE, "no_folder", "no folder is named");
		hint(err, job, "Name the folder of the url", url->path);
		return -ferry_EUSAGE;
	}
	rc = far_folder_open_path(&fd, job, url->path, err);
	if (rc == 0)
		rc = judge_named(fd, job, err);
	if (rc != 0)
		goto out;
	real = realpath(url->path, NULL);
	if (real == NULL || !identify(fd, identity)) {
		rc = err_os(err, ferry_EKEY, errno, "folder_unreadable",
		    "cannot name the folder %s", url->path);
		goto out;
	}
	grant_print_time(made, (long long)time(NULL));
	g.folder = shown.folder = real;
	g.identity = identity;
	g.made = shown.made = made;
	rc = store(job, &g, err);
	if (rc == 0)
		report_grant(&job->report, &shown);
out:
	free(real);
	if (fd >= 0)
		close(fd);
	return rc;
}

enum ferry_grant_state
grants_folder_look(const struct grant *g)
{
	enum ferry_grant_state state = ferry_GRANT_REPLACED;
	int fd = open(g->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? ferry_GRANT_MOVED
				       : ferry_GRANT_UNREADABLE;
	if (is_granted(fd, g))
		state = ferry_GRANT_GOOD;
	close(fd);
	return state;
}
