/* The sandbox around us: recognised by what it leaves, named in the hint. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fs.h"
#include "confine/landlock.h"
#include "confine/outer.h"

static const char flatpak_info[] =
    "[Application]\nname=org.example.Editor\n"
    "runtime=runtime/org.freedesktop.Platform/x86_64/23.08\n\n"
    "[Instance]\ninstance-id=1234567\n"
    "[Context]\nshared=network;ipc;\n"
    "filesystems=xdg-download;~/.ssh/known_hosts:ro;\n";

static char root[64];

static int
set_up(void **state)
{
	(void)state;
	strcpy(root, "/tmp/test-outer-XXXXXX");
	return mkdtemp(root) != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", root);
	return system(command);
}

/* A file of the system that is looked at. */
static void
put(const char *path, const char *text)
{
	char whole[256], folder[256];
	FILE *f;

	snprintf(whole, sizeof(whole), "%s%s", root, path);
	strcpy(folder, whole);
	*strrchr(folder, '/') = '\0';
	assert_int_equal(fs_make_dirs(folder, 0755), 0);
	f = fopen(whole, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* What is found there; up to three variables. */
static struct outer
find(const char *a, const char *b, const char *c)
{
	char *const env[] = { (char *)a, (char *)b, (char *)c, NULL };
	struct outer o;

	outer_find(&o, root, env);
	return o;
}

static void
is(struct outer o, enum outer_kind kind, const char *name)
{
	assert_int_equal(o.kind, kind);
	assert_string_equal(o.name, name);
	assert_int_equal(o.evidence[0] != '\0', kind != OUTER_NONE);
}

static void
nothing_around(void **state)
{
	(void)state;
	is(find(NULL, NULL, NULL), OUTER_NONE, "");
	/* variables are inherited by whoever is started from there */
	is(find("SNAP=/snap/code/1", "SNAP_NAME=code", NULL), OUTER_NONE, "");
	is(find("FLATPAK_ID=org.example.Editor", "container=flatpak", NULL),
	    OUTER_NONE, "");
	is(find(
	       "APP_SANDBOX_CONTAINER_ID=org.example.E", "HOME=/Users/u", NULL),
	    OUTER_NONE, "");
	is(find("INVOCATION_ID=0123", NULL, NULL), OUTER_NONE, "");
}

static void
flatpak(void **state)
{
	struct outer o;

	(void)state;
	put("/.flatpak-info", flatpak_info);
	o = find(NULL, NULL, NULL);
	is(o, OUTER_FLATPAK, "org.example.Editor");
	assert_string_equal(o.instance, "1234567");
	assert_false(o.no_network);
}

static bool
parse(struct outer *o, const char *text)
{
	return outer_parse_flatpak(o, text, strlen(text));
}

static void
flatpak_info_of_all_sorts(void **state)
{
	struct outer o;

	(void)state;
	assert_true(parse(&o, "[Application]\nname=a.b.C\n[Context]\n"));
	assert_true(o.no_network);
	assert_true(parse(
	    &o, "[Application]\nname=a.b.C\n[Context]\nshared=ipc;networks\n"));
	assert_true(o.no_network);
	/* our reader gives up here, and what stood before counts */
	assert_true(parse(&o,
	    "[Application]\nname=a.b.C\n[Environment]\nPS1=$ ; x\n"
	    "[Application]\nname=other\n"));
	assert_string_equal(o.name, "a.b.C");
	assert_false(o.no_network);
	/* names that would do harm in a command */
	assert_false(parse(&o, "[Application]\nname=a b;rm -rf ~\n"));
	assert_false(parse(&o, "[Application]\nname=--help\n"));
	assert_false(parse(&o, "[Runtime]\nname=a.b.C\n"));
	assert_false(parse(&o, ""));
	/* without a name it is Flatpak all the same */
	put("/.flatpak-info", "[Runtime]\n");
	is(find(NULL, NULL, NULL), OUTER_FLATPAK, "");
}

static void
snap(void **state)
{
	char link[128];

	(void)state;
	put("/proc/self/attr/current", "snap.ferry.cli (enforce)\n");
	is(find(NULL, NULL, NULL), OUTER_SNAP, "ferry");
	put("/proc/self/attr/current", "snap.code.code (complain)\n");
	is(find(NULL, NULL, NULL), OUTER_NONE, "");
	put("/proc/self/attr/current", "unconfined\n");
	snprintf(link, sizeof(link), "%s/proc/self/exe", root);
	assert_int_equal(symlink("/snap/ferry/7/bin/sandferry", link), 0);
	is(find("SNAP=/snap/ferry/7", "SNAP_NAME=ferry", NULL), OUTER_SNAP,
	    "ferry");
	is(find("SNAP=/snap/fer", "SNAP_NAME=fer", NULL), OUTER_NONE, "");
}

static void
app_sandbox(void **state)
{
	(void)state;
	is(find("APP_SANDBOX_CONTAINER_ID=org.example.E",
	       "HOME=/Users/u/Library/Containers/org.example.E/Data", NULL),
	    OUTER_APP_SANDBOX, "org.example.E");
	is(find("APP_SANDBOX_CONTAINER_ID=org.example.E",
	       "HOME=/Users/u/Library/Containers/org.example.Ex/Data", NULL),
	    OUTER_NONE, "");
}

static void
systemd(void **state)
{
	(void)state;
	put("/proc/self/cgroup", "0::/system.slice/publish.service\n");
	is(find("INVOCATION_ID=1", NULL, NULL), OUTER_SYSTEMD,
	    "publish.service");
	is(find(NULL, NULL, NULL), OUTER_NONE, "");
	put("/proc/self/cgroup",
	    "1:name=systemd:/system.slice/old@x.service\n0::/\n");
	is(find("INVOCATION_ID=1", NULL, NULL), OUTER_SYSTEMD, "old@x.service");
	/* a desktop starts its programs as services */
	put("/proc/self/cgroup",
	    "0::/user.slice/user-1.slice/user@1.service/app.slice/k.service\n");
	is(find("INVOCATION_ID=1", NULL, NULL), OUTER_NONE, "");
	put("/proc/self/status", "Name:\tx\nNoNewPrivs:\t1\n");
	is(find("INVOCATION_ID=1", NULL, NULL), OUTER_SYSTEMD, "k.service");
	put("/proc/self/cgroup", "0::/user.slice/user-1.slice/session-2.scope");
	is(find("INVOCATION_ID=1", NULL, NULL), OUTER_NONE, "");
}

static void
container(void **state)
{
	(void)state;
	put("/.dockerenv", "");
	is(find(NULL, NULL, NULL), OUTER_CONTAINER, "docker");
	put("/run/.containerenv", "engine=\"podman-4.9.3\"\nname=\"web\"\n");
	is(find(NULL, NULL, NULL), OUTER_CONTAINER, "podman");
}

static void
some_other_container(void **state)
{
	(void)state;
	put("/run/host/container-manager", "systemd-nspawn\n");
	is(find(NULL, NULL, NULL), OUTER_CONTAINER, "systemd-nspawn");
}

/* The one that has to grant something is the innermost. */
static void
one_inside_another(void **state)
{
	(void)state;
	put("/.dockerenv", "");
	put("/proc/self/cgroup", "0::/system.slice/publish.service\n");
	is(find("INVOCATION_ID=1", NULL, NULL), OUTER_SYSTEMD,
	    "publish.service");
	put("/.flatpak-info", flatpak_info);
	is(find("INVOCATION_ID=1", NULL, NULL), OUTER_FLATPAK,
	    "org.example.Editor");
}

static void
hint(enum outer_kind kind, const char *name, const char *path, bool write,
    const char *want)
{
	struct outer o = { .kind = kind };
	char text[240];

	snprintf(o.name, sizeof(o.name), "%s", name);
	assert_int_equal(
	    outer_hint(&o, path, write, text, sizeof(text)), want != NULL);
	if (want == NULL)
		assert_string_equal(text, "");
	else if (strstr(text, want) == NULL)
		fail_msg("%s: not in: %s", want, text);
}

static void
hints(void **state)
{
	(void)state;
	hint(OUTER_NONE, "", "/home/u/key", false, NULL);
	hint(OUTER_FLATPAK, "a.b.C", "/home/u/key", false,
	    "flatpak override --user --filesystem=/home/u/key:ro a.b.C");
	hint(OUTER_FLATPAK, "a.b.C", "/home/u/my site", true,
	    "--filesystem=PATH a.b.C");
	hint(OUTER_FLATPAK, "", "/home/u/a(b)", false,
	    "--filesystem='/home/u/a(b)':ro APP");
	hint(OUTER_SNAP, "ferry", "/home/u/site", false,
	    "snap connect ferry:home");
	hint(OUTER_SNAP, "ferry", "/media/u/stick", false,
	    "snap connect ferry:removable-media");
	hint(OUTER_SNAP, "ferry", "/home/u/.ssh/known_hosts", false,
	    "snap connect ferry:ssh-known-hosts");
	hint(OUTER_SNAP, "ferry", "/home/u/.ssh/key", false,
	    "cp /home/u/.ssh/key ~/snap/ferry/common/");
	hint(OUTER_APP_SANDBOX, "a.b.C", "/Users/u/key", false, "open panel");
	hint(OUTER_SYSTEMD, "p.service", "/srv/site", false,
	    "systemctl edit p.service, and below [Service]: "
	    "BindReadOnlyPaths=/srv/site");
	hint(OUTER_SYSTEMD, "p.service", "/srv/100%", true, "BindPaths=PATH");
	hint(OUTER_CONTAINER, "podman", "/srv/site", false,
	    "podman run -v /srv/site:/srv/site:ro");
	hint(OUTER_CONTAINER, "lxc", "/srv/site", false,
	    "mount /srv/site into it, read-only");
	hint(OUTER_CONTAINER, "docker", "/x\x1b[31m$(reboot)", false,
	    "-v PATH:PATH:ro");
}

static void
network_hint(void **state)
{
	struct outer o = { .kind = OUTER_FLATPAK, .name = "a.b.C" };
	char text[240] = "x";

	(void)state;
	assert_false(outer_network_hint(&o, text, sizeof(text)));
	assert_string_equal(text, "");
	o.no_network = true;
	assert_true(outer_network_hint(&o, text, sizeof(text)));
	assert_non_null(strstr(text, "--share=network a.b.C"));
}

static void
long_paths(void **state)
{
	char path[512], text[240], small[16] = "x";
	struct outer o = { .kind = OUTER_CONTAINER, .name = "docker" };

	(void)state;
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_true(outer_hint(&o, path, false, text, sizeof(text)));
	assert_non_null(strstr(text, "-v PATH:PATH:ro"));
	assert_false(outer_hint(&o, "/a", false, small, sizeof(small)));
	assert_string_equal(small, "");
}

/* The kernel says what it has, and what this process gave up already. */
static void
kernel(void **state)
{
	struct outer_kernel before, after;
	int status;
	pid_t pid;

	(void)state;
	outer_ask_kernel(&before);
	assert_int_equal(before.landlock, landlock_version());
	assert_int_equal(before.landlock == 0, before.landlock_errno != 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
			_exit(1);
		outer_ask_kernel(&after);
		_exit(after.no_new_privs == 1 && after.seccomp == before.seccomp
			? 0
			: 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	outer_ask_kernel(&after);
	assert_memory_equal(&before, &after, sizeof(before));
}

#define IN_A_ROOT(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_ROOT(nothing_around),
		IN_A_ROOT(flatpak),
		IN_A_ROOT(flatpak_info_of_all_sorts),
		IN_A_ROOT(snap),
		IN_A_ROOT(app_sandbox),
		IN_A_ROOT(systemd),
		IN_A_ROOT(container),
		IN_A_ROOT(some_other_container),
		IN_A_ROOT(one_inside_another),
		cmocka_unit_test(hints),
		cmocka_unit_test(network_hint),
		cmocka_unit_test(long_paths),
		cmocka_unit_test(kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
