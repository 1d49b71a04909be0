/* Small files: read whole, replaced whole, locked. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fs.h"

struct place {
	char path[64];
	int fd;
};

/* No disk of ours fails on demand: in the library's place. */
static bool folders_fail;

int
fsync(int fd)
{
	struct stat st;

	if (folders_fail && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		errno = EIO;
		return -1;
	}
	return (int)syscall(SYS_fsync, fd);
}

static int
make_place(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	if (!p)
		return -1;
	strcpy(p->path, "/tmp/test-fs-XXXXXX");
	if (!mkdtemp(p->path))
		return -1;
	p->fd = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = p;
	return p->fd < 0;
}

static int
free_place(void **state)
{
	struct place *p = *state;
	char command[128];
	int ret;

	close(p->fd);
	snprintf(command, sizeof(command), "rm -rf '%s'", p->path);
	ret = system(command);
	free(p);
	return ret;
}

static size_t
count_files(const struct place *p)
{
	DIR *d = opendir(p->path);
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2; /* "." and ".." */
}

static void
assert_content(struct place *p, const char *name, const char *expected)
{
	struct buf b;

	buf_init(&b, 100);
	assert_int_equal(fs_read(p->fd, name, false, &b), 0);
	assert_string_equal(buf_text(&b), expected);
	buf_free(&b);
}

static void
replaces(void **state)
{
	struct place *p = *state;
	struct stat st;
	mode_t mask = umask(077);

	assert_int_equal(fs_write(p->fd, "a", "one", 3, 0644), 0);
	umask(mask);
	assert_content(p, "a", "one");
	assert_int_equal(fstatat(p->fd, "a", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(fs_write(p->fd, "a", NULL, 0, 0600), 0);
	assert_content(p, "a", "");
	assert_int_equal(fstatat(p->fd, "a", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(count_files(p), 1);
}

static void
replaces_nothing(void **state)
{
	struct place *p = *state;
	char longest[300];
	int fd;

	assert_int_equal(fs_write(p->fd, "a/b", "x", 1, 0600), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(fs_write(p->fd, "", "x", 1, 0600), -1);
	assert_int_equal(fs_write(-1, "a", "x", 1, 0600), -1);
	assert_int_equal(errno, EBADF);

	/* A folder stands where the file should go. */
	assert_int_equal(mkdirat(p->fd, "d", 0700), 0);
	assert_int_equal(fs_write(p->fd, "d", "x", 1, 0600), -1);
	assert_int_equal(errno, EISDIR);
	assert_int_equal(count_files(p), 1);

	memset(longest, 'n', sizeof(longest));
	longest[255] = '\0';
	assert_int_equal(fs_write(p->fd, longest, "x", 1, 0600), 0);
	longest[255] = 'n';
	longest[256] = '\0';
	assert_int_equal(fs_write(p->fd, longest, "x", 1, 0600), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	assert_int_equal(count_files(p), 2);

	fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		assert_int_equal(fs_write_all(fd, "x", 1), -1);
		assert_int_equal(errno, ENOSPC);
		close(fd);
	}
}

static void
says_what_is_not_durable(void **state)
{
	struct place *p = *state;
	int rc;

	assert_int_equal(fs_write(p->fd, "a", "one", 3, 0600), 0);
	folders_fail = true;
	rc = fs_write(p->fd, "a", "two", 3, 0600);
	folders_fail = false;
	assert_int_equal(rc, 1);
	assert_int_equal(errno, EIO);
	assert_content(p, "a", "two");
	assert_int_equal(count_files(p), 1);
}

/* A limit is an error, not the end of the program. */
static void
obeys_a_limit(void **state)
{
	const struct rlimit limit = { 4, 4 };
	struct place *p = *state;
	int status;

	assert_int_equal(fs_write(p->fd, "a", "old", 3, 0600), 0);
	if (fork() == 0) {
		if (setrlimit(RLIMIT_FSIZE, &limit) != 0 ||
		    fs_write(p->fd, "a", "five!", 5, 0600) != -1 ||
		    errno != EFBIG)
			_exit(1);
		_exit(fs_write(p->fd, "b", "four", 4, 0600) != 0);
	}
	assert_int_not_equal(wait(&status), -1);
	assert_int_equal(status, 0);
	assert_content(p, "a", "old");
	assert_content(p, "b", "four");
	assert_int_equal(count_files(p), 2);
}

static void
sweeps_only_its_own(void **state)
{
	static const char *const stay[] = { ".a.0123456789abcde",
		".a.0123456789abcdef0", ".a.0123456789abcdeF", ".a.lock",
		"a.0123456789abcdef", ".ab.0123456789abcdef", ".a" };
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(stay) / sizeof(stay[0]); i++)
		close(openat(p->fd, stay[i], O_WRONLY | O_CREAT, 0600));
	close(openat(p->fd, ".a.0123456789abcdef", O_WRONLY | O_CREAT, 0600));
	assert_int_equal(mkdirat(p->fd, ".a.fedcba9876543210", 0700), 0);
	fs_sweep(p->fd, "a");
	for (size_t i = 0; i < sizeof(stay) / sizeof(stay[0]); i++)
		assert_int_equal(faccessat(p->fd, stay[i], F_OK, 0), 0);
	assert_int_equal(faccessat(p->fd, ".a.0123456789abcdef", F_OK, 0), -1);
	assert_int_equal(count_files(p), 8);
	fs_sweep(-1, "a");
}

/* Whoever was killed leaves one behind: not for ever. */
static void
sweeps_what_is_old(void **state)
{
	static const char old[] = ".any.0123456789abcdef";
	static const char fresh[] = ".any.fedcba9876543210";
	static const char other[] = "any.0123456789abcdef";
	const struct timespec then[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
	struct place *p = *state;

	close(openat(p->fd, old, O_WRONLY | O_CREAT, 0600));
	close(openat(p->fd, fresh, O_WRONLY | O_CREAT, 0600));
	close(openat(p->fd, other, O_WRONLY | O_CREAT, 0600));
	assert_int_equal(utimensat(p->fd, old, then, 0), 0);
	assert_int_equal(utimensat(p->fd, other, then, 0), 0);
	fs_sweep_old(p->fd);
	assert_int_equal(faccessat(p->fd, old, F_OK, 0), -1);
	assert_int_equal(faccessat(p->fd, fresh, F_OK, 0), 0);
	assert_int_equal(faccessat(p->fd, other, F_OK, 0), 0);
	fs_sweep_old(-1);
}

/* The link is replaced, not what it points to. */
static void
replaces_links(void **state)
{
	struct place *p = *state;

	assert_int_equal(fs_write(p->fd, "file", "old", 3, 0600), 0);
	assert_int_equal(symlinkat("file", p->fd, "link"), 0);
	assert_int_equal(fs_write(p->fd, "link", "new", 3, 0600), 0);
	assert_content(p, "file", "old");
	assert_content(p, "link", "new");
}

static void
reads_within_limits(void **state)
{
	struct place *p = *state;
	char big[100000];
	struct buf b;
	int fd;

	memset(big, 'x', sizeof(big));
	assert_int_equal(fs_write(p->fd, "a", big, sizeof(big), 0600), 0);

	buf_init(&b, sizeof(big) + 2);
	buf_put(&b, "ab", 2);
	assert_int_equal(fs_read(p->fd, "a", false, &b), 0);
	assert_int_equal(b.len, sizeof(big) + 2);
	assert_memory_equal(b.data + 2, big, sizeof(big));
	buf_free(&b);

	buf_init(&b, sizeof(big) + 1);
	buf_put(&b, "ab", 2);
	assert_int_equal(fs_read(p->fd, "a", false, &b), -1);
	assert_int_equal(errno, EFBIG);
	assert_string_equal(buf_text(&b), "ab"); /* as it was */
	buf_free(&b);

	buf_init(&b, 10);
	fd = openat(p->fd, "a", O_RDONLY | O_CLOEXEC);
	assert_int_equal(
	    lseek(fd, sizeof(big) - 10, SEEK_SET), sizeof(big) - 10);
	assert_int_equal(fs_read_fd(fd, &b), 0);
	assert_string_equal(buf_text(&b), "xxxxxxxxxx");
	close(fd);
	buf_free(&b);
}

static void
reads_files_only(void **state)
{
	struct place *p = *state;
	struct buf b;

	buf_init(&b, 10);
	assert_int_equal(fs_read(p->fd, "none", true, &b), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(fs_read(p->fd, ".", true, &b), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(mkfifoat(p->fd, "fifo", 0600), 0);
	assert_int_equal(fs_read(p->fd, "fifo", true, &b), -1);
	assert_int_equal(errno, EINVAL);

	assert_int_equal(fs_write(p->fd, "a", "x", 1, 0600), 0);
	assert_int_equal(symlinkat("a", p->fd, "link"), 0);
	assert_int_equal(fs_read(p->fd, "link", false, &b), -1);
	assert_int_equal(errno, ELOOP);
	assert_int_equal(fs_read(p->fd, "link", true, &b), 0);
	assert_string_equal(buf_text(&b), "x");
	buf_free(&b);
}

static void
makes_folders(void **state)
{
	struct place *p = *state;
	char path[5000];
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "%s//a/b/c/", p->path);
	assert_int_equal(fs_make_dirs(path, 0700), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(fs_make_dirs(path, 0755), 0);
	assert_int_equal(fs_make_dirs("/", 0755), 0);
	assert_int_equal(fs_make_dirs("", 0755), -1);
	assert_int_equal(errno, ENOENT);

	fd = fs_open_dir(path, 0700);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);

	assert_int_equal(fs_write(p->fd, "file", "x", 1, 0600), 0);
	snprintf(path, sizeof(path), "%s/file", p->path);
	assert_int_equal(fs_make_dirs(path, 0700), -1);
	assert_int_equal(errno, ENOTDIR);
	snprintf(path, sizeof(path), "%s/file/sub", p->path);
	assert_int_equal(fs_open_dir(path, 0700), -1);
	assert_int_equal(errno, ENOTDIR);
	memset(path, 'n', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(fs_make_dirs(path, 0700), -1);
	assert_int_equal(errno, ENAMETOOLONG);
}

static void
finds_home(void **state)
{
	char home[4096], small[2];

	(void)state;
	setenv("HOME", "/nowhere", 1);
	assert_true(fs_real_home(home, sizeof(home)));
	assert_int_equal(home[0], '/');
	assert_string_not_equal(home, "/nowhere");
	assert_false(fs_real_home(small, 1));
	assert_string_equal(small, "");
	assert_false(fs_real_home(NULL, 0));
}

static void
scratches(void **state)
{
	struct stat st;
	char back[3];
	int fd = fs_scratch();

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fs_write_all(fd, "abc", 3), 0);
	assert_int_equal(pread(fd, back, 3, 0), 3);
	assert_memory_equal(back, "abc", 3);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_nlink, 0);
	close(fd);
}

static void
locks(void **state)
{
	struct place *p = *state;
	struct timespec from, to;
	struct stat st;
	int first, second;

	first = fs_lock(p->fd, "lock", 0);
	assert_true(first >= 0);
	assert_int_equal(fcntl(first, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fstat(first, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);

	clock_gettime(CLOCK_MONOTONIC, &from);
	assert_int_equal(fs_lock(p->fd, "lock", 100), -1);
	assert_int_equal(errno, EAGAIN);
	clock_gettime(CLOCK_MONOTONIC, &to);
	assert_true((to.tv_sec - from.tv_sec) * 1000 +
		(to.tv_nsec - from.tv_nsec) / 1000000 >=
	    99);

	/* Another file of that name is another lock. */
	assert_int_equal(unlinkat(p->fd, "lock", 0), 0);
	second = fs_lock(p->fd, "lock", 0);
	assert_true(second >= 0);
	close(second);
	close(first);

	assert_int_equal(fs_lock(-1, "lock", 0), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(symlinkat("lock", p->fd, "link"), 0);
	assert_int_equal(fs_lock(p->fd, "link", 0), -1);
	assert_int_equal(errno, ELOOP);
}

/* The lock goes with the process, and whoever waits gets it then. */
static void
waits_for_a_lock(void **state)
{
	struct place *p = *state;
	int fds[2], fd, status;
	pid_t child;
	char byte;

	assert_int_equal(pipe(fds), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		fd = fs_lock(p->fd, "lock", 0);
		if (fd < 0 || write(fds[1], "x", 1) != 1)
			_exit(1);
		usleep(100 * 1000);
		_exit(0);
	}
	assert_int_equal(read(fds[0], &byte, 1), 1);
	fd = fs_lock(p->fd, "lock", 10000);
	assert_true(fd >= 0);
	close(fd);
	close(fds[0]);
	close(fds[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

#define AT_PLACE(f) cmocka_unit_test_setup_teardown(f, make_place, free_place)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		AT_PLACE(replaces),
		AT_PLACE(replaces_nothing),
		AT_PLACE(says_what_is_not_durable),
		AT_PLACE(obeys_a_limit),
		AT_PLACE(sweeps_only_its_own),
		AT_PLACE(sweeps_what_is_old),
		AT_PLACE(replaces_links),
		AT_PLACE(reads_within_limits),
		AT_PLACE(reads_files_only),
		AT_PLACE(makes_folders),
		cmocka_unit_test(finds_home),
		cmocka_unit_test(scratches),
		AT_PLACE(locks),
		AT_PLACE(waits_for_a_lock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
