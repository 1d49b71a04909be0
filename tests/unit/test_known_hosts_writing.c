/*
 * The private known_hosts file on the disk: killed, crowded, full, forbidden
 * or failing, it is whole, and nothing else is written.
 *
 * KNOWN_HOSTS_KILLS=N: kill a writer so many times (40).
 */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <dirent.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/fs.h"
#include "base/limits.h"
#include "known_hosts/store.h"
#include "tests/unit/known_hosts_keys.h"

#define H "h.example"
#define A " " LINE_ED_A "\n"
#define B " " LINE_ED_B "\n"
/* What no writer may lose. */
#define OTHERS "# mine\r\ni,*.j" B "garbage\n@revoked k" A "[i]:2222" A

static char dir[64], folder[80], own[96], fallback[96];

/* ---- A disk that obeys, in the library's place ---------------------------- */

static int fatal_call = -1; /* end before this call that changes the disk */
static int failing_sync = -1; /* this fsync fails */
static const char *home; /* of everybody */
static bool hurried; /* a pause lasts no time */
static time_t slept; /* seconds */

static void
disk_call(void)
{
	if (fatal_call >= 0 && fatal_call-- == 0)
		raise(SIGKILL);
}

ssize_t
write(int fd, const void *p, size_t n)
{
	/* ... or in the middle of it. */
	if (fatal_call == 0 && n > 1)
		(void)syscall(SYS_write, fd, p, n / 2);
	disk_call();
	return syscall(SYS_write, fd, p, n);
}

/* What was written outlives a killed process: nobody waits for the disk. */
int
fsync(int fd)
{
	disk_call();
	if (failing_sync >= 0 && failing_sync-- == 0) {
		errno = EIO;
		return -1;
	}
	return fcntl(fd, F_GETFD) < 0 ? -1 : 0;
}

int
renameat(int from, const char *a, int to, const char *b)
{
	disk_call();
	return (int)syscall(SYS_renameat2, from, a, to, b, 0);
}

int
fchmod(int fd, mode_t mode)
{
	disk_call();
	return (int)syscall(SYS_fchmod, fd, mode);
}

int
nanosleep(const struct timespec *pause, struct timespec *left)
{
	slept += hurried;
	return hurried ? 0 : (int)syscall(SYS_nanosleep, pause, left);
}

int
clock_gettime(clockid_t clock, struct timespec *t)
{
	int rc = (int)syscall(SYS_clock_gettime, clock, t);

	t->tv_sec += slept;
	return rc;
}

int
getpwuid_r(
    uid_t uid, struct passwd *p, char *text, size_t n, struct passwd **found)
{
	(void)uid;
	(void)text;
	(void)n;
	memset(p, 0, sizeof(*p));
	p->pw_dir = (char *)(uintptr_t)home;
	*found = home != NULL ? p : NULL;
	return 0;
}

/* ---- Tools ---------------------------------------------------------------- */

static int
setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/ferry-write-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(folder, sizeof(folder), "%s/private", dir);
	snprintf(own, sizeof(own), "%s/known_hosts", folder);
	snprintf(fallback, sizeof(fallback), "%s/fallback", dir);
	home = NULL;
	return 0;
}

static int
teardown(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	return system(command);
}

static void
make_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fs_write_all(fd, text, strlen(text)), 0);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void
make_own(const char *text)
{
	(void)mkdir(folder, 0700);
	make_file(own, text, 0600);
}

static bool
has_text(const char *path, const char *text)
{
	struct buf b;
	bool same;

	buf_init(&b, LIMIT_KNOWN_HOSTS);
	same = fs_read(AT_FDCWD, path, false, &b) == 0 &&
	    strcmp(buf_text(&b), text) == 0;
	buf_free(&b);
	return same;
}

static size_t
files_in(const char *path)
{
	DIR *d = opendir(path);
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n - 2;
}

static unsigned warnings;

static void
count_warning(void *ctx, enum log_level level, const char *line)
{
	(void)ctx;
	(void)line;
	warnings += level <= LOG_WARNING;
}

static struct store *
load(struct ferry_error *err)
{
	static const struct log log = { LOG_WARNING, count_warning, NULL };
	const struct store_files files = {
		.dirfd = AT_FDCWD, .own = own, .fallback = { fallback }
	};
	struct store *s;

	warnings = 0;
	return store_load(&s, &files, &log, err) == 0 ? s : NULL;
}

static int
trust_by(struct store *s, const char *name, const char *base64,
    struct ferry_error *err)
{
	const struct store_host host = { name, NULL, 22 };
	unsigned char blob[64];
	size_t n;

	return hash_unbase64(base64, strlen(base64), blob, &n)
	    ? store_trust(s, &host, blob, n, err)
	    : -1;
}

/* As a program would: read, write, end. */
static int
trust(const char *name, const char *base64, struct ferry_error *err)
{
	struct store *s = load(err);
	int rc = s != NULL ? trust_by(s, name, base64, err) : -ferry_EUSAGE;

	store_free(s);
	return rc;
}

static int
forget(const char *name, unsigned *removed)
{
	const struct store_host host = { name, NULL, 22 };
	struct ferry_error err;
	struct store *s = load(&err);
	int rc = s != NULL ? store_forget(s, &host, removed, &err) : -1;

	store_free(s);
	return rc;
}

/* Another process, in which cmocka's assertions would not end the test. */
#define CHECK(x)                                                   \
	do {                                                       \
		if (!(x)) {                                        \
			fprintf(stderr, "%d: %s\n", __LINE__, #x); \
			_exit(1);                                  \
		}                                                  \
	} while (0)

static pid_t
start(void (*f)(void))
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		f();
		_exit(0);
	}
	return pid;
}

static int
run(void (*f)(void))
{
	pid_t pid = start(f);
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* ---- What is written ------------------------------------------------------ */

static mode_t
mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void
modes(void **state)
{
	mode_t mask = umask(0);
	struct ferry_error err;

	(void)state;
	assert_int_equal(trust(H, KEY_ED_A, &err), 0);
	assert_int_equal(mode_of(folder), 0700);
	assert_int_equal(mode_of(own), 0600);
	umask(mask);

	/* The file is ours alone again; the folder is the user's business. */
	assert_int_equal(chmod(own, 0664), 0);
	assert_int_equal(chmod(folder, 0755), 0);
	assert_int_equal(trust(H, KEY_ED_B, &err), 0);
	assert_int_equal(warnings, 0);
	assert_int_equal(mode_of(own), 0600);
	assert_int_equal(mode_of(folder), 0755);

	assert_int_equal(chmod(own, 0606), 0);
	store_free(load(&err));
	assert_int_equal(warnings, 1);
	assert_int_equal(chmod(folder, 0757), 0);
	assert_int_equal(trust(H, KEY_ED_A, &err), 0);
	assert_int_equal(warnings, 2);
	assert_int_equal(chmod(folder, 01777), 0);
	store_free(load(&err));
	assert_int_equal(warnings, 0);
}

static void
assert_refused(const char *id)
{
	struct ferry_error err;

	assert_int_equal(trust(H, KEY_ED_A, &err), -ferry_EUSAGE);
	assert_string_equal(err.id, id);
	assert_true(err.hint[0] != '\0');
}

static void
never_by_another_name(void **state)
{
	char path[128];

	(void)state;
	/* The folder of the fallback, which is not there yet. */
	assert_int_equal(symlink(dir, folder), 0);
	snprintf(fallback, sizeof(fallback), "%s/known_hosts", dir);
	assert_refused("known_hosts_same");
	assert_int_equal(files_in(dir), 1);
	/* ... and when it is. */
	make_file(fallback, "i" A, 0600);
	assert_refused("known_hosts_same");
	assert_int_equal(files_in(dir), 2);
	assert_true(has_text(fallback, "i" A));

	/* The user's, whatever the fallback is. */
	snprintf(fallback, sizeof(fallback), "%s/fallback", dir);
	unlink(folder);
	home = dir;
	snprintf(path, sizeof(path), "%s/.ssh", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(symlink(".ssh", folder), 0);
	assert_refused("known_hosts_same");
	assert_int_equal(files_in(path), 0);
	snprintf(path, sizeof(path), "%s/.ssh/known_hosts", dir);
	make_file(path, "i" A, 0600);
	assert_refused("known_hosts_same");
	assert_int_equal(unlink(folder), 0);
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_int_equal(link(path, own), 0);
	assert_refused("known_hosts_same");
	assert_true(has_text(path, "i" A));
	assert_int_equal(unlink(own), 0);
	assert_int_equal(symlink(path, own), 0);
	assert_refused("known_hosts_link");
	assert_true(has_text(path, "i" A));
}

/* ---- A disk that fails ---------------------------------------------------- */

static void
failing_syncs(void **state)
{
	const struct store_host host = { H, NULL, 22 };
	struct ferry_error err;
	struct store *s;
	unsigned removed;

	(void)state;
	make_own(OTHERS);
	failing_sync = 0; /* the file's */
	assert_int_equal(trust(H, KEY_ED_A, &err), -ferry_EUSAGE);
	assert_string_equal(err.id, "known_hosts_unwritable");
	assert_non_null(strstr(err.hint, "as it was"));
	assert_true(has_text(own, OTHERS));
	assert_int_equal(files_in(folder), 2);

	/* The folder's: it is not as it was, and must not be said to be. */
	s = load(&err);
	failing_sync = 1;
	assert_int_equal(trust_by(s, H, KEY_ED_A, &err), -ferry_EUSAGE);
	assert_string_equal(err.id, "known_hosts_not_durable");
	assert_null(strstr(err.hint, "as it was"));
	assert_true(has_text(own, OTHERS H A));
	/* ... which this run knows, too. */
	assert_int_equal(store_forget(s, &host, &removed, &err), 0);
	assert_int_equal(removed, 1);
	store_free(s);
	assert_true(has_text(own, OTHERS));
	assert_int_equal(files_in(folder), 2);
}

static void
supersede(void)
{
	struct ferry_error err;

	CHECK(trust(H, KEY_ED_A, &err) == 0);
}

/* Killed before or in the midst of each call that changes the disk. */
static void
killed_at_each_step(void **state)
{
	int before = 0, after = 0, left = 0, status;
	unsigned removed;

	(void)state;
	for (int i = 0;; i++) {
		make_own(OTHERS H B);
		fatal_call = i;
		status = run(supersede);
		fatal_call = -1;
		if (status == 0)
			break;
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGKILL);
		if (has_text(own, OTHERS H B))
			before++;
		else if (has_text(own, OTHERS H A))
			after++;
		else
			fail_msg("neither old nor new after call %d", i);
		left += files_in(folder) > 2;
		/* The next run clears up, whatever it does. */
		assert_int_equal(forget("nobody", &removed), 0);
		assert_int_equal(files_in(folder), 2);
	}
	assert_true(has_text(own, OTHERS H A));
	assert_int_equal(before, 4); /* write, chmod, fsync, rename */
	assert_int_equal(after, 1); /* fsync */
	assert_int_equal(left, 4);
}

static void
write_for_ever(void)
{
	struct ferry_error err;
	unsigned removed;
	char name[16];

	for (unsigned i = 0;; i++) {
		snprintf(name, sizeof(name), "h%u", i % 7);
		CHECK(trust(name, i % 3 ? KEY_ED_A : KEY_ED_B, &err) == 0);
		snprintf(name, sizeof(name), "h%u", i % 5);
		CHECK(i % 2 || forget(name, &removed) == 0);
	}
}

/* Others first, then whole lines of h0 to h9, each once. */
static void
assert_whole(void)
{
	bool seen[10] = { false };
	struct buf b;
	char *p;

	buf_init(&b, LIMIT_KNOWN_HOSTS);
	assert_int_equal(fs_read(AT_FDCWD, own, false, &b), 0);
	buf_put_u8(&b, 0);
	p = (char *)b.data;
	assert_memory_equal(p, OTHERS, strlen(OTHERS));
	for (p += strlen(OTHERS); *p != '\0'; p += 2 + strlen(A)) {
		assert_true(p[0] == 'h' && p[1] >= '0' && p[1] <= '9');
		assert_false(seen[p[1] - '0']);
		seen[p[1] - '0'] = true;
		assert_true(strncmp(p + 2, A, strlen(A)) == 0 ||
		    strncmp(p + 2, B, strlen(B)) == 0);
	}
	buf_free(&b);
}

static void
killed_at_any_moment(void **state)
{
	const char *wanted = getenv("KNOWN_HOSTS_KILLS");
	int kills = wanted != NULL ? atoi(wanted) : 40, left = 0, status;
	unsigned removed;

	(void)state;
	make_own(OTHERS);
	srand((unsigned)getpid());
	for (int i = 0; i < kills; i++) {
		struct timespec pause = { 0, rand() % 12000000 };
		pid_t pid = start(write_for_ever);

		nanosleep(&pause, NULL);
		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		assert_whole();
		left += files_in(folder) > 2;
		assert_int_equal(forget("nobody", &removed), 0);
		assert_true(files_in(folder) <= 2);
	}
	print_message("%d kills, %d left a temporary file\n", kills, left);
}

/* ---- Several at a time ---------------------------------------------------- */

enum { ROUNDS = 5 };

static char who;

static void
write_some(void)
{
	char mine[3] = { 'h', who, 0 }, brief[3] = { 'x', who, 0 };
	struct ferry_error err;
	unsigned removed;

	for (int i = 0; i < ROUNDS; i++) {
		CHECK(trust(brief, KEY_ED_B, &err) == 0);
		CHECK(trust(mine, i % 2 ? KEY_ED_A : KEY_ED_B, &err) == 0);
		CHECK(forget(brief, &removed) == 0 && removed == 1);
	}
}

static void
all_at_once(int n)
{
	pid_t pids[10];
	int status;

	make_own(OTHERS);
	for (int i = 0; i < n; i++) {
		who = (char)('0' + i);
		pids[i] = start(write_some);
	}
	for (int i = 0; i < n; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_whole();
	for (int i = 0; i < n; i++) {
		char mine[3] = { 'h', (char)('0' + i), 0 };
		unsigned removed;

		assert_int_equal(forget(mine, &removed), 0);
		assert_int_equal(removed, 1);
	}
	assert_true(has_text(own, OTHERS));
	assert_int_equal(files_in(folder), 2);
}

static void
two_at_once(void **state)
{
	(void)state;
	all_at_once(2);
}

static void
eight_at_once(void **state)
{
	(void)state;
	all_at_once(8);
}

/* A run that hangs, or is stopped, holds the others up for a while only. */
static void
waits_no_longer(void **state)
{
	struct ferry_error err;
	char path[128];
	int fd;

	(void)state;
	make_own(OTHERS);
	snprintf(path, sizeof(path), "%s.lock", own);
	fd = fs_lock(AT_FDCWD, path, 0);
	assert_true(fd >= 0);
	hurried = true;
	assert_int_equal(trust(H, KEY_ED_A, &err), -ferry_EUSAGE);
	hurried = false;
	assert_string_equal(err.id, "known_hosts_busy");
	assert_true(err.hint[0] != '\0');
	assert_in_range(slept, 2, 60);
	assert_true(has_text(own, OTHERS));
	close(fd);
	assert_int_equal(trust(H, KEY_ED_A, &err), 0);
}

/* ---- No room, no right ---------------------------------------------------- */

/* Mounts that nobody else sees. */
static bool
may_mount(void)
{
	return unshare(CLONE_NEWNS) == 0 &&
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

static void
try_mounts(void)
{
	if (!may_mount() ||
	    mount("none", folder, "tmpfs", 0, "size=16k,nr_inodes=16") != 0)
		_exit(77);
}

static void
need_mounts(void)
{
	int status;

	assert_int_equal(mkdir(folder, 0700), 0);
	status = run(try_mounts);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		print_message("no right to mount a file system\n");
		skip();
	}
	assert_int_equal(status, 0);
}

static void
check_full(int why)
{
	struct ferry_error err;
	unsigned removed;

	CHECK(trust(H, KEY_ED_A, &err) == -ferry_EUSAGE);
	CHECK(strcmp(err.id, "known_hosts_unwritable") == 0);
	CHECK(err.os_errno == why);
	CHECK(strstr(err.hint, "as it was: make room") != NULL);
	CHECK(forget("i", &removed) == -ferry_EUSAGE && removed == 0);
	CHECK(has_text(own, OTHERS));
}

static void
fill_bytes(void)
{
	char path[128], junk[1024] = { 1 };
	int fd;

	CHECK(
	    may_mount() && mount("none", folder, "tmpfs", 0, "size=16k") == 0);
	make_own(OTHERS);
	snprintf(path, sizeof(path), "%s/junk", folder);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	while (fs_write_all(fd, junk, sizeof(junk)) == 0)
		;
	CHECK(errno == ENOSPC);
	check_full(ENOSPC);
	CHECK(files_in(folder) == 3); /* with the lock */
	CHECK(ftruncate(fd, 0) == 0);
	supersede();
	CHECK(has_text(own, OTHERS H A));
	CHECK(files_in(folder) == 3);
}

static void
fill_inodes(void)
{
	unsigned removed, n = 0;
	char path[128];

	CHECK(may_mount() &&
	    mount("none", folder, "tmpfs", 0, "nr_inodes=16") == 0);
	make_own(OTHERS);
	/* The lock is there from an earlier run, or not. */
	for (int locked = 0; locked < 2; locked++) {
		do {
			snprintf(path, sizeof(path), "%s/%u", folder, n++);
		} while (close(open(path, O_WRONLY | O_CREAT, 0600)) == 0);
		check_full(ENOSPC);
		snprintf(path, sizeof(path), "%s/%u", folder, 0U);
		CHECK(locked || unlink(path) == 0);
		CHECK(locked || forget("nobody", &removed) == 0);
	}
}

static void
a_full_disk(void **state)
{
	(void)state;
	need_mounts();
	assert_int_equal(run(fill_bytes), 0);
	assert_int_equal(run(fill_inodes), 0);
}

static void
limit_files(void)
{
	const struct rlimit limit = { sizeof(OTHERS), sizeof(OTHERS) };

	CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
	CHECK(signal(SIGXFSZ, SIG_DFL) != SIG_ERR);
	struct ferry_error err;

	CHECK(trust(H, KEY_ED_A, &err) == -ferry_EUSAGE);
	CHECK(err.os_errno == EFBIG);
	CHECK(strstr(err.hint, "as it was: make room") != NULL);
	CHECK(has_text(own, OTHERS));
	CHECK(files_in(folder) == 2);
}

static void
a_file_size_limit(void **state)
{
	(void)state;
	make_own(OTHERS);
	assert_int_equal(run(limit_files), 0);
}

static void
check_forbidden(void)
{
	struct ferry_error err;
	unsigned removed;

	CHECK(trust(H, KEY_ED_A, &err) == -ferry_EUSAGE);
	CHECK(strcmp(err.id, "known_hosts_unwritable") == 0);
	CHECK(strstr(err.hint, "make its folder writable") != NULL);
	CHECK(forget("i", &removed) == -ferry_EUSAGE);
	CHECK(has_text(own, OTHERS));
	CHECK(files_in(folder) == 1);
}

static void
forbid_by_mount(void)
{
	CHECK(may_mount() && mount(folder, folder, NULL, MS_BIND, NULL) == 0 &&
	    mount(NULL, folder, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) ==
		0);
	check_forbidden();
}

static void
forbid_by_mode(void)
{
	CHECK(chmod(folder, 0500) == 0);
	CHECK(getuid() != 0 ||
	    (chmod(dir, 0755) == 0 && chown(folder, 12345, 12345) == 0 &&
		chown(own, 12345, 12345) == 0 && setgid(12345) == 0 &&
		setuid(12345) == 0));
	check_forbidden();
}

static void
a_read_only_folder(void **state)
{
	(void)state;
	make_own(OTHERS);
	assert_int_equal(run(forbid_by_mode), 0);
	assert_int_equal(chmod(folder, 0700), 0);
	teardown(NULL);
	setup(NULL);
	need_mounts();
	make_own(OTHERS);
	assert_int_equal(run(forbid_by_mount), 0);
}

/* The user's file, bound to where ours should be. */
static void
bind_fallback(void)
{
	struct ferry_error err;

	CHECK(may_mount() && mount(fallback, own, NULL, MS_BIND, NULL) == 0);
	CHECK(trust(H, KEY_ED_A, &err) == -ferry_EUSAGE);
	CHECK(strcmp(err.id, "known_hosts_same") == 0);
	CHECK(has_text(fallback, OTHERS));
}

static void
never_by_a_mount(void **state)
{
	(void)state;
	need_mounts();
	make_own("");
	make_file(fallback, OTHERS, 0600);
	assert_int_equal(run(bind_fallback), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(modes),
		TEST(never_by_another_name),
		TEST(never_by_a_mount),
		TEST(failing_syncs),
		TEST(killed_at_each_step),
		TEST(killed_at_any_moment),
		TEST(two_at_once),
		TEST(eight_at_once),
		TEST(waits_no_longer),
		TEST(a_full_disk),
		TEST(a_file_size_limit),
		TEST(a_read_only_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
