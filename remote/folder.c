/*
 * Steps on the names of a folder: made, moved, removed, looked at, listed.
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
#include "base/path.h"
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

/* As getdents64(2) has it: readdir(3) asks for more than the wall allows. */
struct dirent_record {
	uint64_t ino;
	int64_t off;
	unsigned short len;
	unsigned char type;
	char name[];
};

static long
read_names(int fd, void *p, size_t n)
{
	return syscall(SYS_getdents64, fd, p, n);
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

struct dirent_record {
	unsigned short len;
	char name[];
};

static long
read_names(int fd, void *p, size_t n)
{
	(void)fd;
	(void)p;
	(void)n;
	errno = ENOSYS;
	return -1;
}

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

static void
look(struct folder *f, const struct msg_step *step, struct msg_done *done)
{
	struct stat st;

	if (folder_lstat(f, step->path, &st) != 0)
		folder_fail(done, errno);
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

/* ---- All names ---- */

/* What was removed since it was read has no entry. */
static int
tell_name(struct folder *f, int dir, const char *name, struct msg_entry *entry)
{
	const size_t n = strlen(name);
	struct folder here = { .root = dir };
	struct msg_done done = { 0 };
	struct stat st;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return 0;
	if (!path_name_ok(name, n)) {
		errno = EILSEQ;
		return -1;
	}
	if (folder_lstat(&here, name, &st) != 0) {
		if (errno == ENOENT)
			return 0;
		if (errno != FOLDER_OTHER)
			return -1;
		/* something is mounted there: a folder, of others */
		memset(&st, 0, sizeof(st));
		st.st_mode = S_IFDIR;
	}
	folder_note(&done, &st);
	memcpy(entry->name, name, n + 1);
	entry->size = done.size;
	entry->mtime = done.mtime;
	entry->mode = done.mode;
	f->hooks.entry(f->hooks.ctx, entry);
	return 0;
}

static void
list(struct folder *f, const struct msg_step *step, struct msg_done *done)
{
	struct msg_entry entry = { .id = step->id };
	size_t names = 0;
	int fd = folder_open(f, step->path, O_RDONLY | O_DIRECTORY, 0);
	long n = -1, at;

	if (fd < 0) {
		folder_fail(done, errno);
		return;
	}
	while (done->result == RESULT_OK &&
	    (n = read_names(fd, f->buffer, FOLDER_BUFFER)) > 0) {
		for (at = 0; at < n && done->result == RESULT_OK;) {
			const struct dirent_record *d =
			    (const void *)(f->buffer + at);

			at += d->len;
			if (++names > FOLDER_NAMES_MAX)
				folder_fail(done, E2BIG);
			else
				outcome(
				    done, tell_name(f, fd, d->name, &entry));
		}
	}
	if (n < 0)
		folder_fail(done, errno);
	close(fd);
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
		list(f, step, done);
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

int
folder_step(struct folder *f, const struct msg_step *step, int fd,
    struct msg_done *done, struct ferry_error *err)
{
	int rc = 0;

	memset(done, 0, sizeof(*done));
	done->id = step->id;
	run(f, step, fd, done);
	if (fd >= 0)
		close(fd);
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
	if (fd < 0) {
		err_os(err, ferry_EREACH, errno, "folder_unreachable",
		    "cannot work beneath the folder");
		err_hint(err, "It takes Linux 5.6: openat2(2).");
		folder_free(f);
		return -ferry_EREACH;
	}
	close(fd);
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
	close(f->root);
	free(f->buffer);
	free(f);
}

uint64_t
folder_moved(const struct folder *f)
{
	return f->moved;
}
