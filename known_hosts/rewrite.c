/*
 * Replace the private known_hosts file: one run at a time, whole or not at all.
 * Hub.
 */
#include "known_hosts/rewrite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/path.h"

enum { LOCK_WAIT_MS = 10 * 1000 };

void
rewrite_init(struct rewrite *w, int at, const char *path)
{
	w->at = at;
	w->path = path;
	w->dirfd = w->lock = -1;
	buf_init(&w->text, LIMIT_KNOWN_HOSTS);
}

/* Say it with what can be done about it. */
static int
fail(const struct rewrite *w, struct ferry_error *err)
{
	int why = errno;

	err_os(err, ferry_EUSAGE, why, "known_hosts_unwritable",
	    "cannot write the known hosts in %s", w->path);
	switch (why) {
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		err_hint(err,
		    "The file is as it was: make room on its disk, or name "
		    "another file.");
		break;
	case EACCES:
	case EPERM:
	case EROFS:
		err_hint(err,
		    "The file is as it was: make its folder writable, or name "
		    "another file.");
		break;
	default:
		err_hint(
		    err, "The file is as it was: see to its folder and disk.");
	}
	return -ferry_EUSAGE;
}

/* It has replaced the old one, but may not outlive a power failure. */
static int
fail_late(const struct rewrite *w, struct ferry_error *err)
{
	err_os(err, ferry_EUSAGE, errno, "known_hosts_not_durable",
	    "the known hosts in %s are written, but perhaps not to the disk",
	    w->path);
	err_hint(err,
	    "See to the disk: after a power failure the old file may be back.");
	return -ferry_EUSAGE;
}

static int
fail_busy(const struct rewrite *w, struct ferry_error *err)
{
	err_set(err, ferry_EUSAGE, "known_hosts_busy",
	    "another run has been writing the known hosts in %s for %d seconds",
	    w->path, LOCK_WAIT_MS / 1000);
	err_hint(err, "Wait for it, or end it.");
	return -ferry_EUSAGE;
}

static bool
same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* False: the path is too long to be one. */
static bool
folder_of(const char *path, char dir[LIMIT_PATH + 1])
{
	size_t n = path_dir_len(path);

	if (n > LIMIT_PATH)
		return false;
	memcpy(dir, n > 0 ? path : ".", n > 0 ? n : 1);
	dir[n > 0 ? n : 1] = '\0';
	return true;
}

/* Is it ours under another name?  own is NULL while there is no file yet. */
static bool
is_own(const struct rewrite *w, const struct stat *own, const char *other)
{
	char dir[LIMIT_PATH + 1];
	struct stat a, b;

	if (own != NULL)
		return stat(other, &a) == 0 && same_file(own, &a);
	return strcmp(path_base(other), path_base(w->path)) == 0 &&
	    folder_of(other, dir) && stat(dir, &a) == 0 &&
	    fstat(w->dirfd, &b) == 0 && same_file(&a, &b);
}

/* The user's own ssh file must not be written by way of another name. */
static int
check_file(const struct rewrite *w, const char *const *never, size_t n,
    struct ferry_error *err)
{
	struct stat own;
	bool there = fstatat(w->dirfd, path_base(w->path), &own,
			 AT_SYMLINK_NOFOLLOW) == 0;
	size_t i;

	if (there && S_ISLNK(own.st_mode)) {
		err_set(err, ferry_EUSAGE, "known_hosts_link",
		    "%s is a symbolic link and is not written", w->path);
		err_hint(err, "Name the file itself.");
		return -ferry_EUSAGE;
	}
	for (i = 0; i < n; i++) {
		if (never[i] == NULL ||
		    !is_own(w, there ? &own : NULL, never[i]))
			continue;
		err_set(err, ferry_EUSAGE, "known_hosts_same",
		    "%s is the same file as %s, which is never written",
		    w->path, never[i]);
		err_hint(err, "Name another file for the accepted keys.");
		return -ferry_EUSAGE;
	}
	return 0;
}

int
rewrite_begin(struct rewrite *w, const char *const *never, size_t n,
    struct ferry_error *err)
{
	w->dirfd = fs_open_parent_at(w->at, w->path, 0700);
	if (w->dirfd < 0)
		return fail(w, err);
	/* Before there is a lock beside a file that we have no business with. */
	if (check_file(w, never, n, err) != 0)
		return -ferry_EUSAGE;
	w->lock = fs_lock_beside(w->dirfd, path_base(w->path), LOCK_WAIT_MS);
	if (w->lock < 0)
		return errno == EAGAIN ? fail_busy(w, err) : fail(w, err);
	fs_sweep(w->dirfd, path_base(w->path));
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
	int rc =
	    fs_write(w->dirfd, path_base(w->path), text->data, text->len, 0600);

	if (rc == 0)
		return 0;
	return rc > 0 ? fail_late(w, err) : fail(w, err);
}

void
rewrite_end(struct rewrite *w)
{
	buf_free(&w->text);
	if (w->lock >= 0)
		close(w->lock);
	if (w->dirfd >= 0)
		close(w->dirfd);
	rewrite_init(w, w->at, w->path);
}
