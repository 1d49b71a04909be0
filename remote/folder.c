/*
 * Steps on the names of a folder: made, moved, removed, looked at.
 * Worker.
 */
#include "remote/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "remote/folder_parts.h"

#ifdef __linux__
#include <sys/vfs.h>

enum {
	FS_FAT = 0x4d44, /* statfs(2) */
	FS_EXFAT = 0x2011bab0,
};

/* Has it modes, hard links, and seconds that are odd? */
static bool
is_plain(int fd)
{
	struct statfs s;

	return fstatfs(fd, &s) == 0 &&
	    ((uint32_t)s.f_type == FS_FAT || (uint32_t)s.f_type == FS_EXFAT);
}

static int
room(int fd, uint64_t *bytes)
{
	struct statfs s;
	uint64_t unit;

	if (fstatfs(fd, &s) != 0)
		return -1;
	unit = (uint64_t)(s.f_frsize > 0 ? s.f_frsize : s.f_bsize);
	*bytes = unit != 0 && s.f_bavail > UINT64_MAX / unit
	    ? UINT64_MAX
	    : s.f_bavail * unit;
	return 0;
}

static int
rename_at(int at, const char *name, int to, const char *target)
{
	return (int)syscall(SYS_renameat2, at, name, to, target, 0);
}

#else

static bool
is_plain(int fd)
{
	(void)fd;
	return false;
}

static int
room(int fd, uint64_t *bytes)
{
	(void)fd;
	(void)bytes;
	errno = ENOSYS;
	return -1;
}

static int
rename_at(int at, const char *name, int to, const char *target)
{
	return renameat(at, name, to, target);
}

#define O_PATH 0

#endif

/* ---- One name ---- */

static void
outcome(struct msg_done *done, int rc)
{
	if (rc != 0)
		folder_fail(done, errno);
}

/* What a folder hands down to what is made in it stays: set-group-id. */
static int
set_folder_mode(const struct folder *f, int fd, unsigned mode)
{
	struct stat st;

	if (folder_fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		mode |= st.st_mode & S_ISGID;
	return folder_chmod(f, fd, mode);
}

/* A folder that is there is fine; a new one has the mode that it should. */
static void
make_folder(
    struct folder *f, const struct msg_step *step, struct msg_done *done)
{
	const char *name;
	int at = -1, fd, made = -1;

	if (strcmp(step->path, ".") != 0) {
		at = folder_parent(f, step->path, &name);
		if (at < 0) {
			folder_fail(done, errno);
			return;
		}
		made = mkdirat(at, name, step->mode & 0777);
		if (made != 0 && errno != EEXIST)
			folder_fail(done, errno);
		close(at);
	}
	if (done->result != RESULT_OK)
		return;
	fd = folder_open(f, step->path, O_RDONLY | O_DIRECTORY, 0);
	if (made != 0 && (step->flags & PUT_EXCLUSIVE))
		done->result = RESULT_EXISTS;
	else if (fd < 0 && made != 0)
		folder_fail(done, errno == ENOTDIR ? EEXIST : errno);
	else if (fd >= 0 && made == 0)
		outcome(done, set_folder_mode(f, fd, step->mode));
	if (fd >= 0)
		close(fd);
}

static void
remove_name(struct folder *f, const struct msg_step *step, int flags,
    struct msg_done *done)
{
	const char *name;
	int at = folder_parent(f, step->path, &name);

	outcome(done, at < 0 ? -1 : unlinkat(at, name, flags));
	if (at >= 0)
		close(at);
}

static void
make_link(struct folder *f, const struct msg_step *step, struct msg_done *done)
{
	const char *name;
	int at = folder_parent(f, step->path, &name);

	outcome(done, at < 0 ? -1 : symlinkat(step->target, at, name));
	if (at >= 0)
		close(at);
}

static void
read_link(struct folder *f, const struct msg_step *step, struct msg_done *done)
{
	char held[WORKER_MSG_TEXT];
	const char *name;
	int at = folder_parent(f, step->path, &name);
	ssize_t n = at < 0 ? -1 : readlinkat(at, name, held, sizeof(held));

	if (n < 0)
		folder_fail(done, errno);
	else
		msg_copy_text(done->text, sizeof(done->text), held, (size_t)n);
	if (at >= 0)
		close(at);
}

/* Could it be there?  Not in what belongs to another file system. */
static int
judge_absent(const struct folder *f, const char *path)
{
	const char *name;
	struct stat st;
	int at = folder_parent(f, path, &name), e = ENOENT;

	if (at >= 0 && folder_fstat(at, &st) == 0 && st.st_dev != f->dev)
		e = FOLDER_OTHER;
	if (at >= 0)
		close(at);
	return e;
}

static void
look(struct folder *f, const struct msg_step *step, struct msg_done *done)
{
	struct stat st;
	int e = folder_lstat(f, step->path, &st) == 0 ? 0 : errno;

	if (e == ENOENT)
		e = judge_absent(f, step->path);
	if (e != 0)
		folder_fail(done, e);
	else
		folder_note(done, &st);
}

static void
tell_space(struct folder *f, const struct msg_step *step, struct msg_done *done)
{
	int fd = folder_open(f, step->path, O_PATH, 0);

	outcome(done, fd < 0 ? -1 : room(fd, &done->size));
	if (fd >= 0)
		close(fd);
}

static void
set_mode(struct folder *f, const struct msg_step *step, struct msg_done *done)
{
	int fd = folder_open(f, step->path, O_RDONLY | O_NONBLOCK, 0);

	/* what nobody may read is still its owner's */
	if (fd < 0 && errno == EACCES)
		fd = folder_open(f, step->path, O_WRONLY | O_NONBLOCK, 0);
	outcome(done, fd < 0 ? -1 : set_folder_mode(f, fd, step->mode));
	if (fd >= 0)
		close(fd);
}

/* ---- Two names ---- */

static bool
is_file(const struct folder *f, const char *path)
{
	struct stat st;

	return folder_lstat(f, path, &st) == 0 && S_ISREG(st.st_mode);
}

static void
judge_link(const struct folder *f, const struct msg_step *step, int e,
    struct msg_done *done)
{
	folder_fail(done, e);
	if (e == EEXIST && is_file(f, step->target))
		done->result = RESULT_EXISTS;
	else if (e == EPERM || e == EOPNOTSUPP || e == ENOSYS || e == EMLINK)
		done->result = RESULT_UNSUPPORTED;
}

/* Rename it, or give it a second name. */
static void
join(struct folder *f, const struct msg_step *step, struct msg_done *done)
{
	const char *name, *target;
	int at = folder_parent(f, step->path, &name), to = -1, rc = -1, e;

	if (at >= 0)
		to = folder_parent(f, step->target, &target);
	if (to >= 0)
		rc = step->op == STEP_LINK ? linkat(at, name, to, target, 0)
					   : rename_at(at, name, to, target);
	e = errno;
	if (rc != 0 && to >= 0 && e == EXDEV)
		e = FOLDER_OTHER; /* the names were found, beneath */
	if (rc != 0 && step->op == STEP_LINK)
		judge_link(f, step, e, done);
	else if (rc != 0)
		folder_fail(done, e);
	if (at >= 0)
		close(at);
	if (to >= 0)
		close(to);
}

/* ---- The driver ---- */

/* Does this errno speak of the whole folder rather than of the step? */
static bool
is_lost(const struct folder *f, const struct msg_done *done)
{
	struct stat st;

	if ((done->status & MSG_FOLDER_ERRNO) == 0)
		return false;
	switch (done->status & ~(uint32_t)MSG_FOLDER_ERRNO) {
	case EIO:
	case ENODEV:
	case ENXIO:
	case ENOTCONN:
	case ESTALE:
	case ESHUTDOWN:
		return true;
	case ENOENT: /* removed, while we hold it */
		return folder_fstat(f->root, &st) != 0 || st.st_nlink == 0;
	default:
		return false;
	}
}

static void
run(struct folder *f, const struct msg_step *step, int fd,
    struct msg_done *done)
{
	switch (step->op) {
	case STEP_MKDIR:
		make_folder(f, step, done);
		break;
	case STEP_PUT:
		folder_put(f, step, fd, done);
		break;
	case STEP_GET:
		folder_get(f, step, fd, done);
		break;
	case STEP_COPY:
		folder_copy(f, step, done);
		break;
	case STEP_RENAME:
	case STEP_LINK:
		join(f, step, done);
		break;
	case STEP_REMOVE:
		remove_name(f, step, 0, done);
		break;
	case STEP_RMDIR:
		remove_name(f, step, AT_REMOVEDIR, done);
		break;
	case STEP_STAT:
		look(f, step, done);
		break;
	case STEP_LIST:
		folder_list(f, step, done);
		break;
	case STEP_SPACE:
		tell_space(f, step, done);
		break;
	case STEP_CHMOD:
		set_mode(f, step, done);
		break;
	case STEP_SYMLINK:
		make_link(f, step, done);
		break;
	case STEP_READLINK:
		read_link(f, step, done);
		break;
	default:
		done->result = RESULT_UNSUPPORTED;
	}
}

/* What rests on all that came before it: no file of the site's. */
static bool
is_record(const struct msg_step *step)
{
	return step->op == STEP_PUT && (step->flags & PUT_DURABLE) != 0 &&
	    (step->flags & PUT_ATTRIBUTES) == 0;
}

int
folder_step(struct folder *f, const struct msg_step *step, int fd,
    struct msg_done *done, struct ferry_error *err)
{
	int rc = 0;

	memset(done, 0, sizeof(*done));
	done->id = step->id;
	if (is_record(step) && folder_durable_sync(f) != 0)
		folder_fail(done, errno);
	else
		run(f, step, fd, done);
	if (fd >= 0)
		close(fd);
	if (done->result == RESULT_OK)
		folder_durable_note(f, step);
	/* it may have made the ledger */
	if (done->result == RESULT_OK && is_record(step) &&
	    folder_durable_sync(f) != 0)
		folder_fail(done, errno);
	if (is_lost(f, done)) {
		rc = err_os(err, ferry_ELOST,
		    (int)(done->status & ~(uint32_t)MSG_FOLDER_ERRNO),
		    "folder_lost",
		    "the folder that is published to is gone, or its disk "
		    "fails");
		err_hint(err,
		    "Is the disk still there? Then run the same command "
		    "again: it goes on where it was.");
	}
	return rc;
}

int
folder_new(struct folder **out, int dirfd, const struct folder_hooks *hooks,
    struct msg_ready *ready, struct ferry_error *err)
{
	struct folder *f = calloc(1, sizeof(*f));
	struct stat st;
	int fd;

	*out = NULL;
	if (f != NULL)
		f->buffer = malloc(2 * FOLDER_BUFFER);
	if (f == NULL || f->buffer == NULL) {
		free(f);
		close(dirfd);
		return err_memory(err);
	}
	f->root = dirfd;
	f->hooks = *hooks;
	f->plain = is_plain(dirfd);
	fd = folder_open(f, ".", O_PATH | O_DIRECTORY, 0);
	if (fd < 0 || folder_fstat(fd, &st) != 0) {
		if (fd >= 0)
			close(fd);
		err_os(err, ferry_EREACH, errno, "folder_unreachable",
		    "cannot work beneath the folder");
		err_hint(err, "It takes Linux 5.6: openat2(2).");
		folder_free(f);
		return -ferry_EREACH;
	}
	close(fd);
	f->dev = st.st_dev;
	memset(ready, 0, sizeof(*ready));
	ready->features = MSG_POSIX_RENAME | MSG_FSYNC | MSG_STATVFS |
	    MSG_COPY_DATA | MSG_LSETSTAT |
	    (f->plain ? MSG_ROUGH_TIMES : MSG_HARDLINK);
	strcpy(ready->server, "a folder of this machine");
	*out = f;
	return 0;
}

void
folder_free(struct folder *f)
{
	if (f == NULL)
		return;
	folder_durable_free(f);
	close(f->root);
	free(f->buffer);
	free(f);
}

uint64_t
folder_moved(const struct folder *f)
{
	return f->moved;
}
