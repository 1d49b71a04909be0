/*
 * Ways to a path beneath the folder that never lead out, and what errors mean.
 * Worker.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/path.h"
#include "remote/folder_parts.h"

#ifdef __linux__

#include <linux/openat2.h>

enum { TRIES = 16 }; /* EAGAIN: something was renamed meanwhile */

static int
open_how(int at, const char *path, int flags, unsigned mode, uint64_t resolve)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC | O_NOCTTY),
		.mode = (flags & O_CREAT) != 0 ? mode : 0,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | resolve,
	};
	long fd;
	int tries = 0;

	if ((flags & O_PATH) != 0)
		how.flags &= ~(uint64_t)O_NOCTTY;
	do
		fd = syscall(SYS_openat2, at, path, &how, sizeof(how));
	while (
	    fd < 0 && (errno == EINTR || errno == EAGAIN) && ++tries < TRIES);
	return (int)fd;
}

int
folder_open(const struct folder *f, const char *path, int flags, unsigned mode)
{
	int fd = open_how(f->root, path, flags, mode, RESOLVE_NO_XDEV), other;

	if (fd >= 0 || errno != EXDEV)
		return fd;
	/* out of the folder, or only out of its file system? */
	other = open_how(f->root, path, O_PATH | (flags & O_NOFOLLOW), 0, 0);
	if (other >= 0)
		close(other);
	errno = other >= 0 || errno != EXDEV ? FOLDER_OTHER : EXDEV;
	return -1;
}

int
folder_parent(const struct folder *f, const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	char dir[WORKER_MSG_PATH] = ".";

	*name = slash != NULL ? slash + 1 : path;
	if (!path_name_ok(*name, strlen(*name)) ||
	    (slash != NULL && (size_t)(slash - path) >= sizeof(dir))) {
		errno = EINVAL;
		return -1;
	}
	if (slash != NULL) {
		memcpy(dir, path, (size_t)(slash - path));
		dir[slash - path] = '\0';
	}
	return folder_open(f, dir, O_PATH | O_DIRECTORY, 0);
}

/* glibc's fstat(3) is a call that the wall refuses. */
int
folder_fstat(int fd, struct stat *st)
{
	return (int)syscall(SYS_fstat, fd, st);
}

#else

int
folder_open(const struct folder *f, const char *path, int flags, unsigned mode)
{
	(void)f;
	(void)path;
	(void)flags;
	(void)mode;
	errno = ENOSYS;
	return -1;
}

int
folder_parent(const struct folder *f, const char *path, const char **name)
{
	*name = path;
	return folder_open(f, path, 0, 0);
}

int
folder_fstat(int fd, struct stat *st)
{
	return fstat(fd, st);
}

#define O_PATH 0

#endif

int
folder_lstat(const struct folder *f, const char *path, struct stat *st)
{
	int fd = folder_open(f, path, O_PATH | O_NOFOLLOW, 0), rc;

	if (fd < 0)
		return -1;
	rc = folder_fstat(fd, st);
	close(fd);
	if (rc == 0 && S_ISDIR(st->st_mode) && st->st_dev != f->dev) {
		errno = FOLDER_OTHER; /* a subvolume is no mount */
		rc = -1;
	}
	return rc;
}

/* What errno means for a step. */
static enum msg_result
result_of(int e)
{
	switch (e) {
	case ENOENT:
	case ENOTDIR:
		return RESULT_ABSENT;
	case EACCES:
	case EPERM:
	case EROFS:
	case EXDEV:
	case FOLDER_OTHER:
		return RESULT_DENIED;
	case ENOSPC:
	case EDQUOT:
		return RESULT_FULL;
	default:
		return RESULT_FAILED;
	}
}

void
folder_fail(struct msg_done *done, int e)
{
	done->result = (uint8_t)result_of(e);
	done->status = MSG_FOLDER_ERRNO | (uint32_t)e;
}

void
folder_note(struct msg_done *done, const struct stat *st)
{
	done->size = (uint64_t)st->st_size;
	done->mtime = st->st_mtime < 0  ? 0
	    : st->st_mtime > UINT32_MAX ? UINT32_MAX
					: (uint64_t)st->st_mtime;
	done->mode = st->st_mode;
}

int
folder_chmod(const struct folder *f, int fd, unsigned mode)
{
	/* never to run as its owner: the wall refuses that, too */
	if (fchmod(fd, mode & 07777 & ~(unsigned)S_ISUID) == 0)
		return 0;
	return f->plain && errno == EPERM ? 0 : -1;
}

int
folder_touch(const struct folder *f, int fd, uint64_t mtime)
{
	const struct timespec t = { .tv_sec = (time_t)mtime };
	const struct timespec times[2] = { t, t };

	if (futimens(fd, times) == 0)
		return 0;
	return f->plain && errno == EPERM ? 0 : -1;
}
