/*
 * test_landlock: what a process can still reach behind rules, by each version
 * of the interface that this kernel has.
 *
 * What a kernel does not hold, and what covers it meanwhile:
 *
 *  version    missing                      worker            the command's hub
 *  none       everything below, and files  seccomp           seccomp; Unix
 *                                                            rights for files
 *  1 (5.13)   (files are held) moves       seccomp           nothing is lost:
 *             between folders: always no                     it moves in place
 *  1, 2       O_TRUNC of what is read     seccomp           Unix rights
 *  1 ... 3    TCP: connect and bind        seccomp           bind: seccomp;
 *                                                            connect: nothing
 *  1 ... 4    ioctl(2) on devices          seccomp           Unix rights
 *  1 ... 5    abstract unix sockets,       seccomp           sockets: seccomp;
 *             signals to others                              signals: nothing
 *  1 ... 7    unix sockets by path, UDP,   seccomp           seccomp
 *             MPTCP, all other sockets
 *  1 ... 7    stat(2), chmod(2), utimes,   seccomp           Unix rights
 *             chdir(2), O_PATH
 */
#include "confine/landlock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "confine/role.h"

enum {
	LAST = 7, /* the newest version that is known here */
	NEVER = 99, /* refused by no version */
	MPTCP = 262,
};

/* The place: made once, in the current folder. */
static char root[] = "/tmp/sandferry-landlock.XXXXXX";
static unsigned open_port, other_port;
static char abstract[64];

static int
listener(unsigned *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, n), 0);
	assert_int_equal(listen(fd, 64), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

static socklen_t
unix_address(struct sockaddr_un *a, const char *name, bool is_abstract)
{
	memset(a, 0, sizeof(*a));
	a->sun_family = AF_UNIX;
	snprintf(a->sun_path + is_abstract, sizeof(a->sun_path) - is_abstract,
	    "%s", name);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    is_abstract + strlen(name));
}

static void
unix_listener(const char *name, bool is_abstract)
{
	struct sockaddr_un a;
	socklen_t n = unix_address(&a, name, is_abstract);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, n), 0);
	assert_int_equal(listen(fd, 64), 0);
}

static void
make_file(const char *path, mode_t mode)
{
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, mode);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
}

static int
make_place(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(root));
	assert_int_equal(chdir(root), 0);
	mkdir("read", 0700);
	mkdir("write", 0700);
	mkdir("write/sub", 0700);
	mkdir("run", 0700);
	mkdir("hidden", 0700);
	assert_int_equal(symlink("loop", "loop"), 0);
	make_file("read/a", 0600);
	make_file("write/a", 0600);
	make_file("run/program", 0700);
	make_file("hidden/a", 0600);
	make_file("hidden/program", 0700);
	make_file("hidden/one", 0600);
	listener(&open_port);
	listener(&other_port);
	snprintf(
	    abstract, sizeof(abstract), "sandferry-landlock-%d", (int)getpid());
	unix_listener(abstract, true);
	unix_listener("hidden/socket", false);
	return 0;
}

static int
remove_place(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", root);
	return chdir("/") == 0 ? system(command) : -1;
}

/* ---- What is tried: 0, or an errno ---- */

static int
result(long rc)
{
	return rc < 0 ? errno : 0;
}

static int
opened(const char *path, int flags)
{
	return result(open(path, flags | O_CLOEXEC, 0600));
}

static int
to_port(unsigned port, int protocol)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, protocol);

	return fd < 0 && protocol != 0
	    ? 0 /* no MPTCP here */
	    : result(connect(fd, (struct sockaddr *)&a, sizeof(a)));
}

static int
to_socket(const char *name, bool is_abstract)
{
	struct sockaddr_un a;
	socklen_t n = unix_address(&a, name, is_abstract);

	return result(
	    connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&a, n));
}

/* It is no program: only who may run it learns that. */
static int
run(const char *path)
{
	char *const argv[] = { NULL };

	execve(path, argv, argv);
	return errno == ENOEXEC ? 0 : errno;
}

#define PROBE(name, expression)    \
	static int name(void)      \
	{                          \
		return expression; \
	}

PROBE(read_file, opened("read/a", O_RDONLY))
PROBE(list_folder, opened("read", O_RDONLY | O_DIRECTORY))
PROBE(write_read_only, opened("read/a", O_WRONLY))
PROBE(create_read_only, opened("read/new", O_CREAT | O_WRONLY))
PROBE(remove_read_only, result(unlink("read/a")))
PROBE(cut_by_opening, opened("read/a", O_WRONLY | O_TRUNC))
PROBE(cut_by_path, result(truncate("read/a", 1)))
PROBE(write_file, opened("write/a", O_WRONLY | O_TRUNC))
PROBE(cut_writable, result(truncate("write/a", 1)))
PROBE(create, opened("write/new", O_CREAT | O_WRONLY))
PROBE(make_folder,
    result(mkdir("write/folder", 0700)) ?: result(rmdir("write/folder")))
PROBE(replace,
    opened("write/b", O_CREAT | O_WRONLY)
	?: result(rename("write/b", "write/c")) ?: result(unlink("write/c")))
PROBE(move,
    opened("write/d", O_CREAT | O_WRONLY)
	?: result(rename("write/d", "write/sub/d")))
PROBE(move_out, result(rename("write/a", "hidden/b")))
PROBE(link_in, result(link("hidden/a", "write/stolen")))
PROBE(make_link, result(symlink("/", "write/link")))
PROBE(make_pipe, result(mkfifo("write/pipe", 0600)))
PROBE(run_allowed, run("run/program"))
PROBE(run_hidden, run("hidden/program"))
PROBE(read_one, opened("hidden/one", O_RDONLY))
PROBE(write_one, opened("hidden/one", O_WRONLY))
PROBE(read_beside, opened("hidden/a", O_RDONLY))
PROBE(list_hidden, opened("hidden", O_RDONLY | O_DIRECTORY))
PROBE(read_above, opened("..", O_RDONLY | O_DIRECTORY))
PROBE(read_round, opened("read/../hidden/a", O_RDONLY))
PROBE(read_proc, opened("/proc/self/maps", O_RDONLY))
PROBE(path_only, opened("hidden/a", O_PATH))
PROBE(look, access("hidden/a", F_OK) != 0 ? errno : 0)
PROBE(change_mode, result(chmod("hidden/a", 0600)))
PROBE(enter, result(chdir("hidden")))
PROBE(tcp_open, to_port(open_port, 0))
PROBE(tcp_other, to_port(other_port, 0))
PROBE(mptcp_other, to_port(other_port, MPTCP))
PROBE(abstract_socket, to_socket(abstract, true))
PROBE(path_socket, to_socket("hidden/socket", false))
PROBE(signal_parent, result(kill(getppid(), 0)))
PROBE(signal_self, result(kill(getpid(), 0)))

static int
udp(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)other_port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	return result(connect(
	    socket(AF_INET, SOCK_DGRAM, 0), (struct sockaddr *)&a, sizeof(a)));
}

static int
bound(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	return result(bind(
	    socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&a, sizeof(a)));
}

static int
device(void)
{
	int n, fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);

	return fd < 0 ? errno : result(ioctl(fd, RNDGETENTCNT, &n));
}

static const struct probe {
	const char *name;
	int (*run)(void);
	int from, to; /* versions that refuse it */
} probes[] = {
	{ "read", read_file, NEVER, 0 },
	{ "list", list_folder, NEVER, 0 },
	{ "write what is read-only", write_read_only, 1, LAST },
	{ "create in what is read-only", create_read_only, 1, LAST },
	{ "remove from what is read-only", remove_read_only, 1, LAST },
	{ "cut what is read-only, by opening", cut_by_opening, 1, LAST },
	{ "cut what is read-only, by path", cut_by_path, 3, LAST },
	{ "write", write_file, NEVER, 0 },
	{ "cut by path", cut_writable, NEVER, 0 },
	{ "create", create, NEVER, 0 },
	{ "make a folder", make_folder, NEVER, 0 },
	{ "replace", replace, NEVER, 0 },
	{ "move between folders", move, 1, 1 },
	{ "move out", move_out, 1, LAST },
	{ "link what is hidden", link_in, 1, LAST },
	{ "make a link", make_link, 1, LAST },
	{ "make a pipe", make_pipe, 1, LAST },
	{ "run", run_allowed, NEVER, 0 },
	{ "run what is hidden", run_hidden, 1, LAST },
	{ "read one file", read_one, NEVER, 0 },
	{ "write one file", write_one, 1, LAST },
	{ "read beside it", read_beside, 1, LAST },
	{ "list around it", list_hidden, 1, LAST },
	{ "read above", read_above, 1, LAST },
	{ "read by a way round", read_round, 1, LAST },
	{ "read /proc", read_proc, 1, LAST },
	{ "open as a path", path_only, NEVER, 0 },
	{ "look whether it is there", look, NEVER, 0 },
	{ "chmod", change_mode, NEVER, 0 },
	{ "chdir", enter, NEVER, 0 },
	{ "connect to the port", tcp_open, NEVER, 0 },
	{ "connect to another port", tcp_other, 4, LAST },
	{ "connect to another port by MPTCP", mptcp_other, NEVER, 0 },
	{ "connect by UDP", udp, NEVER, 0 },
	{ "bind", bound, 4, LAST },
	{ "ioctl on a device", device, 5, LAST },
	{ "an abstract socket", abstract_socket, 6, LAST },
	{ "a socket by path", path_socket, NEVER, 0 },
	{ "signal others", signal_parent, 6, LAST },
	{ "signal itself", signal_self, NEVER, 0 },
};

static const struct landlock_path paths[] = {
	{ "read", ROLE_READ, AT_FDCWD },
	{ "write", ROLE_READ | ROLE_WRITE, AT_FDCWD },
	{ "run", ROLE_READ | ROLE_EXECUTE, AT_FDCWD },
	{ "hidden/one", ROLE_READ, AT_FDCWD },
	{ "missing/file", ROLE_READ, AT_FDCWD },
	{ "read/a/none", ROLE_READ, AT_FDCWD },
	{ "loop", ROLE_READ, AT_FDCWD },
	{ "/dev", ROLE_READ, AT_FDCWD },
};

enum { BROKEN = 255 };

/* Behind the rules, in a child: errno of the probe. */
static int
behind(const struct landlock_rules *rules, int version, int (*probe)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
		    landlock_restrict(rules, version) != 0)
			_exit(BROKEN);
		_exit(probe());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_not_equal(WEXITSTATUS(status), BROKEN);
	return WEXITSTATUS(status);
}

static void
need_landlock(void)
{
	if (landlock_version() == 0) {
		print_message("no Landlock here\n");
		skip();
	}
}

static struct landlock_rules
some_rules(void)
{
	return (struct landlock_rules){ .paths = paths,
		.path_count = sizeof(paths) / sizeof(paths[0]),
		.ports = &open_port,
		.port_count = 1 };
}

/* Each version refuses what it knows, and nothing else. */
static void
holds_what_it_knows(void **state)
{
	const struct landlock_rules rules = some_rules();
	int v, got, last;
	size_t i;

	(void)state;
	need_landlock();
	last = landlock_version() < LAST ? landlock_version() : LAST;
	for (v = 1; v <= last; v++)
		for (i = 0; i < sizeof(probes) / sizeof(probes[0]); i++) {
			const struct probe *p = &probes[i];
			bool refuses = v >= p->from && v <= p->to;

			got = behind(&rules, v, p->run);
			if ((got != 0) != refuses)
				fail_msg("version %d: %s: %s", v, p->name,
				    strerror(got));
			if (refuses && got != EACCES && got != EPERM &&
			    got != EXDEV)
				fail_msg("version %d: %s: %s instead of a "
					 "refusal",
				    v, p->name, strerror(got));
		}
	print_message("%zu things tried behind versions 1 to %d\n",
	    sizeof(probes) / sizeof(probes[0]), last);
}

/* A worker has no rule at all: nothing is left of the files. */
static void
nothing_without_rules(void **state)
{
	static const struct landlock_rules none;
	int (*const all[])(void) = { read_file, list_folder, write_file, create,
		run_allowed, read_one, read_above, read_proc, make_folder,
		replace, device };
	size_t i;
	int v;

	(void)state;
	need_landlock();
	for (v = 1; v <= LAST && v <= landlock_version(); v++)
		for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
			assert_int_not_equal(behind(&none, v, all[i]), 0);
	if (landlock_version() >= 4)
		assert_int_equal(behind(&none, LAST, tcp_open), EACCES);
}

static void
any_port_frees_connecting(void **state)
{
	struct landlock_rules rules = some_rules();

	(void)state;
	need_landlock();
	rules.any_port = true;
	assert_int_equal(behind(&rules, LAST, tcp_other), 0);
	assert_int_equal(behind(&rules, LAST, tcp_open), 0);
	if (landlock_version() >= 4)
		assert_int_equal(behind(&rules, LAST, bound), EACCES);
	assert_int_equal(behind(&rules, LAST, read_beside), EACCES);
}

/* A newer program than kernel: what the kernel has. */
static void
takes_what_there_is(void **state)
{
	const struct landlock_rules rules = some_rules();

	(void)state;
	need_landlock();
	assert_int_equal(behind(&rules, 1000, read_beside), EACCES);
	assert_int_equal(behind(&rules, 1000, read_file), 0);
}

static const struct landlock_rules *wrong;
static int wrong_version;

static int
restricts(void)
{
	static const struct landlock_rules none;

	/* twice: within what is left, it may give up more */
	return landlock_restrict(&none, LAST) == 0 ? 0 : EINVAL;
}

/* In a child that gives up nothing: what restrict said, and is all there? */
static int
refused_rules(void)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		int rc;

		(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		rc = -landlock_restrict(wrong, wrong_version);
		_exit(rc <= 0 || read_beside() != 0 || tcp_other() != 0 ||
			    create() != 0
			? BROKEN
			: rc);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
gives_up_all_or_nothing(void **state)
{
	static char long_name[300];
	struct landlock_path more[] = { { long_name, ROLE_READ, AT_FDCWD },
		{ "hidden/one", ROLE_READ, AT_FDCWD } };
	struct landlock_path useless = { "read", 0, AT_FDCWD };
	unsigned impossible = 70000;
	struct landlock_rules rules = some_rules();

	(void)state;
	need_landlock();
	memset(long_name, 'x', sizeof(long_name) - 1);
	wrong = &rules;
	wrong_version = 0;
	assert_int_equal(refused_rules(), ENOSYS);
	wrong_version = LAST;
	rules.ports = &impossible;
	if (landlock_version() >= 4)
		assert_int_equal(refused_rules(), EINVAL);
	/* a file that cannot be is nothing to give up the rest of the wall for */
	rules = some_rules();
	rules.paths = more;
	rules.path_count = 2;
	assert_int_equal(behind(&rules, LAST, read_file), EACCES);
	/* a right to nothing is no right, and no failure */
	rules = some_rules();
	rules.paths = &useless;
	rules.path_count = 1;
	assert_int_equal(behind(&rules, LAST, read_file), EACCES);
}

static void
can_be_narrowed(void **state)
{
	const struct landlock_rules rules = some_rules();

	(void)state;
	need_landlock();
	assert_int_equal(behind(&rules, LAST, restricts), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds_what_it_knows),
		cmocka_unit_test(nothing_without_rules),
		cmocka_unit_test(any_port_frees_connecting),
		cmocka_unit_test(takes_what_there_is),
		cmocka_unit_test(gives_up_all_or_nothing),
		cmocka_unit_test(can_be_narrowed),
	};

	return cmocka_run_group_tests(tests, make_place, remove_place);
}
