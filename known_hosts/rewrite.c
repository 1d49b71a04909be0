/*
 * Replace the private known_hosts file: one run at a time, whole or not at all.
 * Hub.
 */
#include "known_hosts/rewrite.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/path.h"

enum { LOCK_WAIT_MS = 10 * 1000 };

void
rewrite_init(struct rewrite *w, const char *path)
{
	w->path = path;
	w->dirfd = w->lock = -1;
	buf_init(&w->text, LIMIT_KNOWN_HOSTS);
}

static int
fail(const struct rewrite *w, struct ferry_error *err)
{
	err_os(err, ferry_EUSAGE, errno, "known_hosts_unwritable",
	    "cannot write the known hosts in %s", w->path);
	err_hint(err, "The file is as it was: see to its folder and disk.");
	return -ferry_EUSAGE;
}

/* The user's own ssh file must not be written by way of another name. */
static int
check_file(const struct rewrite *w, const char *const *never, size_t n,
    struct ferry_error *err)
{
	struct stat own, other;
	size_t i;

	if (lstat(w->path, &own) != 0)
		return 0;
	if (S_ISLNK(own.st_mode)) {
		err_set(err, ferry_EUSAGE, "known_hosts_link",
		    "%s is a symbolic link and is not written", w->path);
		err_hint(err, "Name the file itself.");
		return -ferry_EUSAGE;
	}
	for (i = 0; i < n; i++) {
		if (never[i] == NULL || stat(never[i], &other) != 0 ||
		    own.st_dev != other.st_dev || own.st_ino != other.st_ino)
			continue;
		err_set(err, ferry_EUSAGE, "known_hosts_same",
		    "%s is the fallback file too, which is never written",
		    w->path);
		err_hint(err, "Name another file for the accepted keys.");
		return -ferry_EUSAGE;
	}
	return 0;
}

static int
open_dir(const char *path)
{
	char dir[LIMIT_PATH + 1];
	size_t n = path_dir_len(path);

	if (n == 0)
		return fs_open_dir(path[0] == '/' ? "/" : ".", 0700);
	if (n >= sizeof(dir)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(dir, path, n);
	dir[n] = '\0';
	return fs_open_dir(dir, 0700);
}

static int
take_lock(const struct rewrite *w)
{
	char name[LIMIT_NAME + 1];
	int n = snprintf(name, sizeof(name), "%s.lock", path_base(w->path));

	if (n < 0 || (size_t)n >= sizeof(name)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return fs_lock(w->dirfd, name, LOCK_WAIT_MS);
}

int
rewrite_begin(struct rewrite *w, const char *const *never, size_t n,
    struct ferry_error *err)
{
	w->dirfd = open_dir(w->path);
	if (w->dirfd < 0)
		return fail(w, err);
	w->lock = take_lock(w);
	if (w->lock < 0)
		return fail(w, err);
	if (check_file(w, never, n, err) != 0)
		return -ferry_EUSAGE;
	/* Another run may have written since this one loaded it. */
	if (fs_read(w->dirfd, path_base(w->path), false, &w->text) != 0 &&
	    errno != ENOENT)
		return fail(w, err);
	return 0;
}

int
rewrite_commit(
    struct rewrite *w, const struct buf *text, struct ferry_error *err)
{
	if (fs_write(
		w->dirfd, path_base(w->path), text->data, text->len, 0600) != 0)
		return fail(w, err);
	return 0;
}

void
rewrite_end(struct rewrite *w)
{
	buf_free(&w->text);
	if (w->lock >= 0)
		close(w->lock);
	if (w->dirfd >= 0)
		close(w->dirfd);
	rewrite_init(w, w->path);
}
