/*
 * Small local files, whole: read, replaced, locked.  Runs in the hub.
 */
#include "base/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/path.h"

enum {
	READ_SIZE = 32 * 1024,
	LOCK_POLL_MS = 20,
	TEMP_STEM = 200, /* so much of a name is in that of its temporary */
	TEMP_RANDOM = 16, /* and so many hexadecimal digits */
	TEMP_SECONDS = 60, /* no write of ours takes longer */
};

static int
fail(int why)
{
	errno = why;
	return -1;
}

/* Close on the way out of a failure, which keeps its errno. */
static void
close_quietly(int fd)
{
	int saved = errno;

	if (fd >= 0)
		(void)close(fd);
	errno = saved;
}

/* One read(2) into b, of at most n bytes; its result. */
static ssize_t
read_some(int fd, struct buf *b, size_t n)
{
	size_t before = b->len;
	unsigned char *p = buf_grow(b, n);
	ssize_t got;

	if (!p)
		return fail(ENOMEM);
	do
		got = read(fd, p, n);
	while (got < 0 && errno == EINTR);
	b->len = before + (got > 0 ? (size_t)got : 0);
	return got;
}

int
fs_read_fd(int fd, struct buf *b)
{
	size_t start = b->len, room;
	struct stat st;
	ssize_t got;
	char beyond;

	if (fstat(fd, &st) != 0)
		return -1;
	if (!S_ISREG(st.st_mode))
		return fail(EINVAL);
	do {
		room = b->max - b->len;
		if (room > 0)
			got = read_some(
			    fd, b, room < READ_SIZE ? room : READ_SIZE);
		else if ((got = read(fd, &beyond, 1)) > 0)
			got = fail(EFBIG);
	} while (got > 0 || (got < 0 && errno == EINTR));
	if (got < 0)
		b->len = start;
	return (int)got;
}

int
fs_read(int dirfd, const char *path, bool follow, struct buf *b)
{
	/* O_NONBLOCK: a FIFO must not hold us up before we can refuse it. */
	int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	int fd, ret;

	fd = openat(dirfd, path, follow ? flags : flags | O_NOFOLLOW);
	if (fd < 0)
		return -1;
	ret = fs_read_fd(fd, b);
	close_quietly(fd);
	return ret;
}

int
fs_open_quietly_at(int dirfd, const char *path)
{
	int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, fd = -1;
	struct stat st;

	if (fstatat(dirfd, path, &st, 0) != 0)
		return -1;
	if (!S_ISREG(st.st_mode))
		return fail(EINVAL);
#ifdef O_NOATIME
	fd = openat(dirfd, path, flags | O_NOATIME);
	if (fd < 0 && errno != EPERM) /* the owner's privilege */
		return -1;
#endif
	if (fd < 0)
		fd = openat(dirfd, path, flags);
	if (fd < 0 || (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)))
		return fd;
	(void)close(fd); /* it was another file a moment ago */
	return fail(EINVAL);
}

int
fs_open_quietly(const char *path)
{
	return fs_open_quietly_at(AT_FDCWD, path);
}

bool
fs_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return fd >= 0 && poll(&p, 1, 0) > 0;
}

int
fs_write_all(int fd, const void *p, size_t n)
{
	const unsigned char *s = p;
	ssize_t done;

	while (n > 0) {
		done = write(fd, s, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		if (done == 0)
			return fail(EIO);
		s += done;
		n -= (size_t)done;
	}
	return 0;
}

/* A new file beside name, which nobody else can have guessed or made. */
static int
open_beside(int dirfd, const char *name, char *temp, size_t size)
{
	uint64_t random;
	int fd, tries;

	for (tries = 0; tries < 10; tries++) {
		if (getentropy(&random, sizeof(random)) != 0)
			return -1;
		snprintf(temp, size, ".%.*s.%0*llx", TEMP_STEM, name,
		    TEMP_RANDOM, (unsigned long long)random);
		fd = openat(dirfd, temp,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
	return -1;
}

/* ".NAME.RANDOM" */
static bool
is_temporary(const char *temp)
{
	const size_t n = strlen(temp), end = n - TEMP_RANDOM;

	return temp[0] == '.' && n > TEMP_RANDOM + 2 && temp[end - 1] == '.' &&
	    strspn(temp + end, "0123456789abcdef") == TEMP_RANDOM;
}

static bool
is_beside(const char *temp, const char *name)
{
	size_t n = strlen(name);

	/* A longer one is cut: several names would have the same temporaries */
	return n <= TEMP_STEM && is_temporary(temp) &&
	    strlen(temp) == n + 2 + TEMP_RANDOM &&
	    strncmp(temp + 1, name, n) == 0;
}

static bool
is_old(int dirfd, const char *name)
{
	struct stat st;

	return fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(st.st_mode) && st.st_mtime < time(NULL) - TEMP_SECONDS;
}

/* name NULL: any, if it is old. */
static void
sweep(int dirfd, const char *name)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *e;

	if (dir == NULL) {
		close_quietly(fd);
		return;
	}
	while ((e = readdir(dir)) != NULL)
		if (name != NULL
			? is_beside(e->d_name, name)
			: is_temporary(e->d_name) && is_old(dirfd, e->d_name))
			(void)unlinkat(dirfd, e->d_name, 0);
	(void)closedir(dir);
}

void
fs_sweep(int dirfd, const char *name)
{
	sweep(dirfd, name);
}

void
fs_sweep_old(int dirfd)
{
	sweep(dirfd, NULL);
}

/* The system would not fail such a write(2) but end us: SIGXFSZ. */
static bool
over_limit(size_t n)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_FSIZE, &limit) == 0 &&
	    limit.rlim_cur != RLIM_INFINITY && n > limit.rlim_cur;
}

/* Make a rename last.  Some file systems cannot, and say EINVAL. */
static int
sync_dir(int dirfd)
{
	int fd, ret;

	fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ret = fsync(fd);
	if (ret != 0 && (errno == EINVAL || errno == ENOTSUP))
		ret = 0;
	close_quietly(fd);
	return ret;
}

int
fs_write(int dirfd, const char *name, const void *p, size_t n, mode_t mode)
{
	char temp[256];
	int fd, closed, saved;

	if (name[0] == '\0' || strchr(name, '/'))
		return fail(EINVAL);
	if (over_limit(n))
		return fail(EFBIG);
	fd = open_beside(dirfd, name, temp, sizeof(temp));
	if (fd < 0)
		return -1;
	if (fs_write_all(fd, p, n) != 0 || fchmod(fd, mode) != 0 ||
	    fsync(fd) != 0)
		goto out;
	closed = close(fd);
	fd = -1;
	if (closed != 0 || renameat(dirfd, temp, dirfd, name) != 0)
		goto out;
	return sync_dir(dirfd) != 0;
out:
	close_quietly(fd);
	saved = errno;
	(void)unlinkat(dirfd, temp, 0);
	return fail(saved);
}

static int
make_one(int dirfd, const char *path, mode_t mode)
{
	struct stat st;
	int why;

	if (mkdirat(dirfd, path, mode) == 0)
		return 0;
	why = errno;
	/* An existing folder may answer EROFS or EACCES as well as EEXIST. */
	if (fstatat(dirfd, path, &st, 0) != 0)
		return fail(why);
	return S_ISDIR(st.st_mode) ? 0 : fail(ENOTDIR);
}

static int
make_dirs(int dirfd, const char *path, mode_t mode)
{
	char part[PATH_MAX];
	size_t n = strlen(path), i;

	if (n == 0)
		return fail(ENOENT);
	if (n >= sizeof(part))
		return fail(ENAMETOOLONG);
	memcpy(part, path, n + 1);
	for (i = 1; i < n; i++) {
		if (part[i] != '/' || part[i - 1] == '/')
			continue;
		part[i] = '\0';
		if (make_one(dirfd, part, mode) != 0)
			return -1;
		part[i] = '/';
	}
	return make_one(dirfd, part, mode);
}

int
fs_make_dirs(const char *path, mode_t mode)
{
	return make_dirs(AT_FDCWD, path, mode);
}

int
fs_open_dir_at(int dirfd, const char *path, mode_t mode)
{
	if (make_dirs(dirfd, path, mode) != 0)
		return -1;
	return openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int
fs_open_dir(const char *path, mode_t mode)
{
	return fs_open_dir_at(AT_FDCWD, path, mode);
}

int
fs_open_parent_at(int dirfd, const char *path, mode_t mode)
{
	char dir[PATH_MAX];
	size_t n = path_dir_len(path);

	if (n == 0)
		return fs_open_dir_at(dirfd, path[0] == '/' ? "/" : ".", mode);
	if (n >= sizeof(dir))
		return fail(ENAMETOOLONG);
	memcpy(dir, path, n);
	dir[n] = '\0';
	return fs_open_dir_at(dirfd, dir, mode);
}

bool
fs_real_home(char *dst, size_t size)
{
	struct passwd entry, *found = NULL;
	char text[16 * 1024];
	size_t n;

	if (size > 0)
		dst[0] = '\0';
	if (getpwuid_r(getuid(), &entry, text, sizeof(text), &found) != 0 ||
	    !found || !found->pw_dir || found->pw_dir[0] != '/')
		return false;
	n = strlen(found->pw_dir);
	if (n >= size)
		return false;
	memcpy(dst, found->pw_dir, n + 1);
	return true;
}

int
fs_pipe(int fds[2])
{
#ifdef __linux__
	if (pipe2(fds, O_CLOEXEC) == 0)
		return 0;
#else
	if (pipe(fds) == 0) {
		fcntl(fds[0], F_SETFD, FD_CLOEXEC);
		fcntl(fds[1], F_SETFD, FD_CLOEXEC);
		return 0;
	}
#endif
	fds[0] = fds[1] = -1;
	return -1;
}

/* Where temporary files go, whatever the environment says. */
static bool
scratch_folder(char *dst, size_t size)
{
#ifdef _CS_DARWIN_USER_TEMP_DIR
	size_t n = confstr(_CS_DARWIN_USER_TEMP_DIR, dst, size);

	return n > 0 && n <= size;
#else
	return snprintf(dst, size, "/tmp") < (int)size;
#endif
}

int
fs_scratch(void)
{
	char dir[PATH_MAX - 32], path[PATH_MAX];
	int fd;

#ifdef MFD_CLOEXEC
	fd = memfd_create("sandferry", MFD_CLOEXEC);
	if (fd >= 0)
		return fd;
#endif
	if (!scratch_folder(dir, sizeof(dir)))
		return fail(ENAMETOOLONG);
	snprintf(path, sizeof(path), "%s/sandferry-XXXXXX", dir);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		(void)unlink(path);
	return fd;
}

static int64_t
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Is this still the file of that name, or was it replaced while we waited? */
static bool
same_file(int fd, int dirfd, const char *name)
{
	struct stat held, named;

	return fstat(fd, &held) == 0 &&
	    fstatat(dirfd, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	    held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

int
fs_lock(int dirfd, const char *name, int timeout_ms)
{
	const struct timespec pause = { 0, LOCK_POLL_MS * 1000000L };
	int64_t deadline = now_ms() + timeout_ms;
	int fd;

	for (;;) {
		fd = openat(dirfd, name,
		    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
		    0600);
		if (fd < 0)
			return -1;
		/* flock(2) belongs to the descriptor: threads exclude, too. */
		if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
			if (same_file(fd, dirfd, name))
				return fd;
			errno = EWOULDBLOCK;
		}
		close_quietly(fd);
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -1;
		if (now_ms() >= deadline)
			return fail(EAGAIN);
		(void)nanosleep(&pause, NULL);
	}
}

int
fs_lock_beside(int dirfd, const char *name, int timeout_ms)
{
	char lock[NAME_MAX + 1];
	int n = snprintf(lock, sizeof(lock), "%s.lock", name);

	if (n < 0 || (size_t)n >= sizeof(lock))
		return fail(ENAMETOOLONG);
	return fs_lock(dirfd, lock, timeout_ms);
}

ssize_t
fs_read_at(int fd, void *p, size_t n, uint64_t offset)
{
	unsigned char *dst = p;
	size_t got = 0;

	while (got < n) {
		ssize_t r =
		    pread(fd, dst + got, n - got, (off_t)(offset + got));

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -1;
		if (r == 0)
			break;
		got += (size_t)r;
	}
	return (ssize_t)got;
}
