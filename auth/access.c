/*
 * The access file: found to be its owner's alone, read, asked and replaced.
 * Hub.
 */
#include "auth/access.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/access_text.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/path.h"

enum { LOCK_WAIT_MS = 10 * 1000, OTHERS_WRITE = 022 };

struct access {
	int at; /* what path is relative to, as for openat(2) */
	char *path; /* NULL: none */
	int dirfd, lock; /* to change it; or -1 */
	struct access_text text;
};

/* command: what may help, in front of the path; or NULL. */
static int
unsafe(struct ferry_error *err, const char *path, const char *what,
    const char *command)
{
	err_set(err, ferry_EUSAGE, "access_unsafe", "%s %s", path, what);
	if (command != NULL && strchr(path, '\'') == NULL &&
	    strlen(path) < sizeof(err->hint) / 2)
		err_hint(err, "Look at it, then: %s '%s'", command, path);
	else
		err_hint(err, "Look at it, move it away, or name another one.");
	return -ferry_EUSAGE;
}

static int
cannot(const char *what, const struct access *a, struct ferry_error *err)
{
	err_os(err, ferry_EUSAGE, errno, "access_file",
	    "cannot %s the access file %s", what, a->path);
	err_hint(err, "See to its folder and its mode, or name another file.");
	return -ferry_EUSAGE;
}

/* May we believe that its owner wrote it? */
static int
judge_file(const struct access *a, int fd, struct ferry_error *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return cannot("read", a, err);
	if (st.st_uid != getuid())
		return unsafe(err, a->path, "belongs to somebody else", NULL);
	if ((st.st_mode & OTHERS_WRITE) != 0)
		return unsafe(
		    err, a->path, "can be written by others", "chmod 600");
	return 0;
}

static int
read_file(struct access *a, struct ferry_error *err)
{
	int fd = fs_open_quietly_at(a->at, a->path), rc;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return access_text_parse(&a->text, a->path, err);
	if (fd < 0 && errno == EINVAL)
		return unsafe(err, a->path, "is not a regular file", NULL);
	if (fd < 0)
		return cannot("read", a, err);
	rc = judge_file(a, fd, err);
	if (rc == 0 && fs_read_fd(fd, &a->text.text) != 0)
		rc = cannot("read", a, err);
	close(fd);
	return rc == 0 ? access_text_parse(&a->text, a->path, err) : rc;
}

/* The folder and the lock.  A link would be replaced, not what it leads to. */
static int
lock_file(struct access *a, struct ferry_error *err)
{
	struct stat st;

	a->dirfd = fs_open_parent_at(a->at, a->path, 0700);
	if (a->dirfd < 0)
		return cannot("write", a, err);
	if (fstatat(a->at, a->path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISLNK(st.st_mode))
		return unsafe(err, a->path,
		    "is a symbolic link and is not written", NULL);
	a->lock = fs_lock_beside(a->dirfd, path_base(a->path), LOCK_WAIT_MS);
	if (a->lock >= 0)
		return 0;
	if (errno != EAGAIN)
		return cannot("lock", a, err);
	err_set(err, ferry_EUSAGE, "access_busy",
	    "another run has been writing %s for %d seconds", a->path,
	    LOCK_WAIT_MS / 1000);
	err_hint(err, "Wait for it, or end it.");
	return -ferry_EUSAGE;
}

static int
load(struct access **out, int dirfd, const char *path, bool change,
    struct ferry_error *err)
{
	struct access *a = calloc(1, sizeof(*a));
	int rc = 0;

	*out = NULL;
	if (a == NULL)
		return err_memory(err);
	a->at = dirfd;
	a->dirfd = a->lock = -1;
	access_text_init(&a->text);
	if (path == NULL) {
		rc = access_text_parse(&a->text, "", err);
	} else {
		a->path = strdup(path);
		if (a->path == NULL)
			rc = err_memory(err);
		if (rc == 0 && change)
			rc = lock_file(a, err);
		if (rc == 0)
			rc = read_file(a, err);
	}
	if (rc != 0) {
		access_free(a);
		return rc;
	}
	*out = a;
	return 0;
}

int
access_load(
    struct access **out, int dirfd, const char *path, struct ferry_error *err)
{
	return load(out, dirfd, path, false, err);
}

int
access_open(
    struct access **out, int dirfd, const char *path, struct ferry_error *err)
{
	return load(out, dirfd, path, true, err);
}

void
access_free(struct access *a)
{
	if (a == NULL)
		return;
	access_text_free(&a->text);
	if (a->lock >= 0)
		close(a->lock);
	if (a->dirfd >= 0)
		close(a->dirfd);
	free(a->path);
	free(a);
}

const char *
access_get(const struct access *a, const char *url, const char *key)
{
	const struct access_item *item =
	    access_text_item(&a->text, access_text_section(&a->text, url), key);

	return item != NULL ? item->value : NULL;
}

bool
access_yes(
    const struct access *a, const char *url, const char *key, bool otherwise)
{
	const char *value = access_get(a, url, key);

	return value != NULL ? strcmp(value, "yes") == 0 : otherwise;
}

const char *
access_url(const struct access *a, size_t i, unsigned *line)
{
	const struct access_section *s;

	if (i + 1 >= a->text.section_count)
		return NULL;
	s = &a->text.sections[i + 1];
	if (line != NULL)
		*line = s->line;
	return s->url;
}

const char *
access_path(const struct access *a)
{
	return a->path != NULL ? a->path : "";
}

int
access_set(struct access *a, const char *url, const char *key,
    const char *value, struct ferry_error *err)
{
	return access_text_set(&a->text, url, key, value, err);
}

int
access_remove(
    struct access *a, const char *url, const char *key, struct ferry_error *err)
{
	return access_text_remove(&a->text, url, key, err);
}

int
access_save(struct access *a, struct ferry_error *err)
{
	const struct buf *text = &a->text.text;
	int rc;

	if (a->lock < 0)
		return err_set(err, ferry_EINTERNAL, "access_not_locked",
		    "an access file is saved that was not opened to change");
	fs_sweep(a->dirfd, path_base(a->path));
	rc =
	    fs_write(a->dirfd, path_base(a->path), text->data, text->len, 0600);
	if (rc < 0)
		return cannot("write", a, err);
	if (rc == 0)
		return 0;
	err_os(err, ferry_EUSAGE, errno, "access_not_durable",
	    "%s is written, but perhaps not to the disk", a->path);
	err_hint(err,
	    "See to the disk: after a power failure the old file may be back.");
	return -ferry_EUSAGE;
}
