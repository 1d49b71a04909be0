/* The driver for a folder: never out of it, and the wall that holds it too. */
#include <fcntl.h>
#include <linux/openat2.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fs.h"
#include "confine/role.h"
#include "confine/wall.h"
#include "remote/folder.h"

struct place {
	char dir[64];
	int outside, inside;
	struct folder *folder;
	unsigned entries;
};

static void
on_entry(void *ctx, const struct msg_entry *entry)
{
	struct place *p = ctx;

	(void)entry;
	p->entries++;
}

static bool
turn(void *ctx)
{
	(void)ctx;
	return true;
}

static int
set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	const struct folder_hooks hooks = { p, on_entry, turn };
	struct msg_ready ready;
	struct ferry_error e;
	int fd;

	strcpy(p->dir, "/tmp/test-folder-XXXXXX");
	if (mkdtemp(p->dir) == NULL)
		return -1;
	p->outside = open(p->dir, O_RDONLY | O_DIRECTORY);
	mkdirat(p->outside, "in", 0755);
	mkdirat(p->outside, "out", 0755);
	fd = openat(p->outside, "out/secret", O_CREAT | O_WRONLY, 0600);
	if (fs_write_all(fd, "secret", 6) != 0)
		return -1;
	close(fd);
	p->inside = openat(p->outside, "in", O_RDONLY | O_DIRECTORY);
	*state = p;
	if (folder_new(&p->folder, dup(p->inside), &hooks, &ready, &e) != 0)
		return -1;
	return symlinkat("../out", p->inside, "up") != 0 ||
	    symlinkat("/etc", p->inside, "etc") != 0;
}

static int
tear_down(void **state)
{
	struct place *p = *state;
	char command[96];
	int rc;

	folder_free(p->folder);
	close(p->inside);
	close(p->outside);
	snprintf(command, sizeof(command), "rm -rf %s", p->dir);
	rc = system(command);
	free(p);
	return rc;
}

/* op on path (and target), with a file of these bytes where it takes one. */
static struct msg_done
step(struct place *p, enum msg_op op, const char *path, const char *target,
    const char *bytes)
{
	struct msg_step s = { .op = (uint8_t)op, .mode = 0640, .mtime = 99 };
	struct msg_done done;
	struct ferry_error e;
	int fd = -1;

	snprintf(s.path, sizeof(s.path), "%s", path);
	snprintf(s.target, sizeof(s.target), "%s", target);
	if (op == STEP_PUT || op == STEP_GET) {
		fd = fs_scratch();
		assert_int_equal(fs_write_all(fd, bytes, strlen(bytes)), 0);
		s.length = op == STEP_PUT ? strlen(bytes) : 100;
		s.flags = PUT_TRUNCATE | PUT_ATTRIBUTES;
	}
	if (op == STEP_COPY)
		s.length = strlen(bytes);
	assert_int_equal(folder_step(p->folder, &s, fd, &done, &e), 0);
	return done;
}

static void
does_each_step(void **state)
{
	struct place *p = *state;
	struct msg_done d;

	assert_int_equal(step(p, STEP_MKDIR, "a", "", "").result, RESULT_OK);
	assert_int_equal(step(p, STEP_MKDIR, "a", "", "").result, RESULT_OK);
	d = step(p, STEP_PUT, "a/f", "", "hello");
	assert_int_equal(d.result, RESULT_OK);
	assert_int_equal(d.size, 5);
	assert_int_equal(d.mtime, 99);
	assert_int_equal(d.mode, S_IFREG | 0640);
	assert_int_equal(step(p, STEP_LINK, "a/f", "g", "").result, RESULT_OK);
	assert_int_equal(
	    step(p, STEP_LINK, "a/f", "g", "").result, RESULT_EXISTS);
	assert_int_equal(
	    step(p, STEP_COPY, "g", "h", "hello").result, RESULT_OK);
	assert_int_equal(
	    step(p, STEP_COPY, "g", "h", "hell").result, RESULT_SHORT);
	/* what is copied onto itself is not emptied */
	assert_int_equal(
	    step(p, STEP_COPY, "a/f", "g", "hello").result, RESULT_FAILED);
	assert_int_equal(step(p, STEP_STAT, "g", "", "").size, 5);
	assert_int_equal(
	    step(p, STEP_RENAME, "g", "a/i", "").result, RESULT_OK);
	assert_int_equal(step(p, STEP_GET, "a/i", "", "").sent, 5);
	assert_int_equal(
	    step(p, STEP_SYMLINK, "l", "a/f", "").result, RESULT_OK);
	assert_string_equal(step(p, STEP_READLINK, "l", "", "").text, "a/f");
	assert_int_equal(step(p, STEP_LIST, ".", "", "").result, RESULT_OK);
	assert_int_equal(p->entries, 5); /* a h l up etc */
	assert_int_equal(
	    step(p, STEP_RMDIR, "a", "", "").result, RESULT_FAILED);
	assert_int_equal(
	    step(p, STEP_REMOVE, "x", "", "").result, RESULT_ABSENT);
	assert_true(step(p, STEP_SPACE, "a", "", "").size > 0);
}

static void
never_leaves(void **state)
{
	static const char *const ways[] = { "up/secret", "../out/secret",
		"etc/passwd", "/etc/passwd", "a/../../out/secret",
		"up/../out/secret" };
	static const enum msg_op ops[] = { STEP_STAT, STEP_GET, STEP_PUT,
		STEP_CHMOD, STEP_REMOVE, STEP_READLINK };
	struct place *p = *state;
	struct stat st;
	size_t i, k;

	(void)step(p, STEP_MKDIR, "a", "", "");
	(void)step(p, STEP_PUT, "mine", "", "mine");
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		for (k = 0; k < sizeof(ops) / sizeof(ops[0]); k++)
			assert_int_equal(
			    step(p, ops[k], ways[i], "", "evil").result,
			    RESULT_DENIED);
		assert_int_not_equal(
		    step(p, STEP_RENAME, "mine", ways[i], "").result,
		    RESULT_OK);
		assert_int_not_equal(
		    step(p, STEP_LINK, ways[i], "got", "").result, RESULT_OK);
		assert_int_not_equal(
		    step(p, STEP_COPY, ways[i], "got", "secret").result,
		    RESULT_OK);
	}
	assert_int_not_equal(
	    step(p, STEP_PUT, "up", "", "evil").result, RESULT_OK);
	assert_int_not_equal(
	    step(p, STEP_LIST, "up", "", "").result, RESULT_OK);
	assert_int_not_equal(
	    step(p, STEP_REMOVE, "..", "", "").result, RESULT_OK);
	assert_int_equal(fstatat(p->outside, "out/secret", &st, 0), 0);
	assert_int_equal(st.st_size, 6);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static long
open_freely(int at, const char *path, uint64_t flags)
{
	const struct open_how how = { .flags = flags };

	return syscall(SYS_openat2, at, path, &how, sizeof(how));
}

/* Taken over, it resolves as it likes: what holds it then is the wall. */
static int
attack(const struct place *p)
{
	const struct landlock_path path = { .path = ".",
		.access = role_access(ROLE_FOLDER, ROLE_TARGET),
		.dirfd = p->inside };
	const struct landlock_rules rules = { .paths = &path, .path_count = 1 };
	struct wall w;

	wall_build(&w, ROLE_FOLDER,
	    WALL_PRIVILEGES | WALL_LANDLOCK | WALL_SECCOMP, &rules);
	if ((w.layers & WALL_LANDLOCK) == 0 || (w.layers & WALL_SECCOMP) == 0)
		return 77;
	if (open_freely(p->inside, "mine", O_RDONLY) < 0)
		return 1;
	if (open_freely(-1, "/etc/passwd", O_RDONLY) >= 0 ||
	    open_freely(p->inside, "../out/secret", O_RDONLY) >= 0 ||
	    open_freely(p->inside, "up/secret", O_RDONLY) >= 0 ||
	    open_freely(p->outside, "new", O_CREAT | O_WRONLY) >= 0)
		return 2;
	if (syscall(SYS_linkat, p->outside, "out/secret", p->inside, "got",
		0) == 0 ||
	    syscall(SYS_renameat2, p->inside, "mine", p->outside, "gone", 0) ==
		0 ||
	    syscall(SYS_unlinkat, p->outside, "out/secret", 0) == 0 ||
	    syscall(SYS_mkdirat, p->outside, "new", 0700) == 0)
		return 3;
	(void)syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
	return 4; /* that should have been the end */
}

static void
is_held_by_its_wall(void **state)
{
	struct place *p = *state;
	int status;
	pid_t pid;

	(void)step(p, STEP_PUT, "mine", "", "mine");
	pid = fork();
	if (pid == 0)
		_exit(attack(p));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	/* the handler says its last words, and is ended by SIGSYS */
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

#define AT_PLACE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		AT_PLACE(does_each_step),
		AT_PLACE(never_leaves),
		AT_PLACE(is_held_by_its_wall),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
