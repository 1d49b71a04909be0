/*
 * Opening what lies beneath the source.  Hub.
 *
 * Following and opening are apart.  A link is followed by reading it, name by
 * name, into a path that has no links; whatever that said, the path is opened
 * name by name with O_NOFOLLOW.  Somebody who changes the folder meanwhile can
 * make the opening fail, but not make it leave the source.
 */
#include "publish/scan_open.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/path.h"
#include "publish/reach.h"
#include "publish/scan.h"

enum { LINKS_MAX = 40 }; /* as many as Linux follows */

int
scan_open_source(const struct ferry_site *site, struct ferry_error *err)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	int fd;

	/* by itself again, for its own place in the list of names */
	if (site->source_fd >= 0) {
		fd = openat(site->source_fd, ".", flags);
		if (fd < 0)
			err_os(err, ferry_ESOURCE, errno, "source_unreadable",
			    "cannot read the source");
		return fd;
	}
	fd = open(site->source, flags);
	if (fd >= 0)
		return fd;
	if (errno == ENOENT)
		err_set(err, ferry_ESOURCE, "no_source",
		    "there is no folder %s to publish", site->source);
	else
		err_os(err, ferry_ESOURCE, errno, "source_unreadable",
		    "cannot read the source %s", site->source);
	err_hint(err, "Build the site first, or correct `source'.");
	reach_hint(err, NULL, site->source);
	return -1;
}

/*
 * The document portal of Flatpak (xdg-desktop-portal 1.16, Debian 12's) answers
 * ELOOP to whoever opens a file with O_NOFOLLOW.  So take hold of what has the
 * name, see that it is a file, and open what is held.
 */
static int
open_held(int at, const char *name, int flags)
{
	int fd = -1, saved = ELOOP;
#ifdef O_PATH
	int held = openat(at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	char path[sizeof("/proc/self/fd/") + 3 * sizeof(int)];
	struct stat st;

	if (held >= 0 && fstat(held, &st) == 0 && S_ISREG(st.st_mode)) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", held);
		fd = open(path, flags & ~O_NOFOLLOW);
		saved = errno;
	}
	if (held >= 0)
		close(held);
#endif
	errno = saved;
	return fd;
}

static int
open_name(int at, const char *name, int flags)
{
	int fd;

	flags |= O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	fd = openat(at, name, flags);
	if (fd < 0 && errno == ELOOP && (flags & O_DIRECTORY) == 0)
		fd = open_held(at, name, flags);
	return fd;
}

int
scan_open_beneath(int dirfd, const char *path, int flags)
{
	int at = dirfd, fd, saved;

	for (;;) {
		size_t n = strcspn(path, "/");
		bool last = path[n] == '\0';
		char name[LIMIT_NAME + 1];

		if (!path_name_ok(path, n)) {
			errno = n > LIMIT_NAME ? ENAMETOOLONG : EINVAL;
			fd = -1;
		} else {
			memcpy(name, path, n);
			name[n] = '\0';
			fd = open_name(at, name, last ? flags : O_DIRECTORY);
		}
		saved = errno;
		if (at != dirfd)
			close(at);
		errno = saved;
		if (fd < 0 || last)
			return fd;
		at = fd;
		path += n + 1;
	}
}

/* What of an absolute link's text lies below dir; NULL: it is not there. */
static const char *
below(const char *text, const char *dir)
{
	size_t n = strlen(dir);

	if (dir[0] == '/' && dir[1] == '\0')
		return text;
	return path_below(text, dir) ? text + n : NULL;
}

/* Put the link's text before what is still to come of the path. */
static const char *
expand(const struct ferry_site *site, const char *text, char *todo, char *dst)
{
	size_t n, left = strlen(todo);

	if (*text == '/') {
		const bool named = site->source_fd < 0;
		const char *rest = named ? below(text, site->source) : NULL;
		char *real =
		    named && rest == NULL ? realpath(site->source, NULL) : NULL;

		if (real != NULL)
			rest = below(text, real);
		free(real);
		if (rest == NULL)
			return "leaves the source";
		text = rest;
		*dst = '\0';
	}
	n = strlen(text);
	if (n + 1 + left >= SCAN_PATH_SIZE)
		return "leads to too long a path";
	memmove(todo + n + 1, todo, left + 1);
	memcpy(todo, text, n);
	todo[n] = '/';
	return NULL;
}

/* Take one name from todo onto dst, and follow it if it is a link. */
static const char *
step(int root, const struct ferry_site *site, char *todo, char *dst,
    unsigned *links)
{
	size_t n = strcspn(todo, "/"), len = strlen(dst), dir;
	char text[SCAN_PATH_SIZE];
	ssize_t got;

	if (n == 2 && memcmp(todo, "..", 2) == 0) {
		if (len == 0)
			return "leaves the source";
		dst[path_dir_len(dst)] = '\0';
		n += todo[n] == '/';
		memmove(todo, todo + n, strlen(todo + n) + 1);
		return NULL;
	}
	dir = len;
	if (n > 0 && !(n == 1 && *todo == '.')) {
		if (len + 1 + n >= SCAN_PATH_SIZE)
			return "leads to too long a path";
		if (len > 0)
			dst[len++] = '/';
		memcpy(dst + len, todo, n);
		dst[len + n] = '\0';
	}
	n += todo[n] == '/';
	memmove(todo, todo + n, strlen(todo + n) + 1);
	if (dst[dir] == '\0')
		return NULL;
	got = readlinkat(root, dst, text, sizeof(text));
	if (got < 0)
		return errno == EINVAL ? NULL
		    : errno == ENOENT || errno == ENOTDIR
		    ? "leads to nothing"
		    : "cannot be followed";
	if ((size_t)got == sizeof(text))
		return "leads to too long a path";
	if (++*links > LINKS_MAX)
		return "leads to itself";
	text[got] = '\0';
	dst[dir] = '\0';
	return expand(site, text, todo, dst);
}

const char *
scan_open_resolve(int root, const struct ferry_site *site, const char *path,
    char dst[SCAN_PATH_SIZE])
{
	char todo[SCAN_PATH_SIZE];
	const char *wrong = NULL;
	unsigned links = 0;

	*dst = '\0';
	if (strlen(path) >= sizeof(todo))
		return "leads to too long a path";
	memcpy(todo, path, strlen(path) + 1);
	while (*todo != '\0' && wrong == NULL)
		wrong = step(root, site, todo, dst, &links);
	return wrong;
}

int
scan_open(
    const struct ferry_site *site, const char *path, struct ferry_error *err)
{
	int root = scan_open_source(site, err), fd;
	char target[SCAN_PATH_SIZE];
	const char *wrong;
	struct stat st;

	if (root < 0)
		return -1;
	fd = scan_open_beneath(root, path, 0);
	if (fd < 0 && (errno == ELOOP || errno == ENOTDIR) &&
	    site->symlinks == SITE_FOLLOW) {
		wrong = scan_open_resolve(root, site, path, target);
		if (wrong != NULL) {
			err_set(err, ferry_ESOURCE, "source_link",
			    "a link %s: %s", wrong, path);
			goto out;
		}
		fd = scan_open_beneath(root, target, 0);
	}
	if (fd < 0) {
		err_os(err, ferry_ESOURCE, errno, "source_unreadable",
		    "cannot read %s", path);
	} else if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		err_set(err, ferry_ESOURCE, "source_changed",
		    "%s is no longer a file", path);
		close(fd);
		fd = -1;
	}
out:
	close(root);
	return fd;
}

/* ---- One after the other ---- */

void
scan_opener_init(struct scan_opener *o, const struct ferry_site *site)
{
	o->site = site;
	o->root = o->dir = -1;
	o->path[0] = '\0';
}

/* The folder of a path without links.  -1: not to be opened like this. */
static int
opener_folder(struct scan_opener *o, const char *path, size_t n)
{
	if (o->dir >= 0 && strncmp(o->path, path, n) == 0 && o->path[n] == '\0')
		return o->dir;
	if (o->root < 0)
		o->root = scan_open_source(o->site, NULL);
	if (o->root < 0 || n >= sizeof(o->path))
		return -1;
	if (o->dir >= 0)
		close(o->dir);
	memcpy(o->path, path, n);
	o->path[n] = '\0';
	o->dir = n == 0
	    ? openat(o->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
	    : scan_open_beneath(o->root, o->path, O_DIRECTORY);
	return o->dir;
}

int
scan_opener_open(
    struct scan_opener *o, const char *path, struct ferry_error *err)
{
	const size_t n = path_dir_len(path);
	const int dir = opener_folder(o, path, n);
	struct stat st;
	int fd = -1;

	if (dir >= 0)
		fd = scan_open_beneath(dir, path + n + (n > 0), 0);
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	if (fd >= 0)
		close(fd);
	/* behind a link, or gone: whoever looks at all of the path says it */
	return scan_open(o->site, path, err);
}

void
scan_opener_close(struct scan_opener *o)
{
	if (o->dir >= 0)
		close(o->dir);
	if (o->root >= 0)
		close(o->root);
	scan_opener_init(o, o->site);
}
