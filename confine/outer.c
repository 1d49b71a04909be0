/*
 * Recognise the sandbox around us by what it leaves behind.  Hub.
 *
 * The innermost comes first: it is the one that has to grant what is out of
 * reach.
 */
#include "confine/outer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#include "base/buf.h"
#include "base/fs.h"
#include "base/ini.h"
#include "base/limits.h"
#include "confine/landlock.h"

enum { PATH_SIZE = 4096, PROC_MAX = 64 * 1024 };

/* Where it is looked, and in which environment. */
struct view {
	const char *root;
	char *const *env;
};

static const char *
variable(const struct view *v, const char *name)
{
	size_t n = strlen(name);

	for (char *const *e = v->env; e != NULL && *e != NULL; e++)
		if (strncmp(*e, name, n) == 0 && (*e)[n] == '=')
			return *e + n + 1;
	return NULL;
}

/* Names go into commands that people paste. */
static bool
name_ok(const char *s, size_t n)
{
	static const char fit[] = "abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				  ".-_@:";

	if (n == 0 || *s == '-')
		return false;
	for (; n > 0; n--, s++)
		if (*s == '\0' || strchr(fit, *s) == NULL)
			return false;
	return true;
}

static void
take_name(char *dst, size_t size, const char *s, size_t n)
{
	if (n >= size || !name_ok(s, n))
		return;
	memcpy(dst, s, n);
	dst[n] = '\0';
}

static void
found(struct outer *o, enum outer_kind kind, const char *evidence)
{
	o->kind = kind;
	snprintf(o->evidence, sizeof(o->evidence), "%s", evidence);
}

static bool
exists(const struct view *v, const char *path)
{
	char whole[PATH_SIZE];
	struct stat st;
	int n = snprintf(whole, sizeof(whole), "%s%s", v->root, path);

	return n > 0 && (size_t)n < sizeof(whole) && stat(whole, &st) == 0;
}

/* The whole of a small file; false: it is not there, or not small. */
static bool
load(const struct view *v, const char *path, struct buf *b)
{
	char whole[PATH_SIZE];
	int n = snprintf(whole, sizeof(whole), "%s%s", v->root, path);

	return n > 0 && (size_t)n < sizeof(whole) &&
	    fs_read(AT_FDCWD, whole, true, b) == 0;
}

/* ---- Flatpak ------------------------------------------------------------ */

struct flatpak {
	struct outer *out;
	char section[32];
};

static bool
holds_word(const char *list, size_t n, const char *word)
{
	size_t len = strlen(word), part;

	for (; n > 0; list += part, n -= part) {
		const char *end = memchr(list, ';', n);

		part = end != NULL ? (size_t)(end - list) : n;
		if (part == len && memcmp(list, word, len) == 0)
			return true;
		part += end != NULL;
	}
	return false;
}

static int
flatpak_line(void *ctx, const struct ini_line *line, struct ferry_error *err)
{
	struct flatpak *f = ctx;
	struct outer *o = f->out;

	(void)err;
	if (line->key == NULL) {
		f->section[0] = '\0';
		take_name(f->section, sizeof(f->section), line->value,
		    line->value_len);
		if (strcmp(f->section, "Context") == 0)
			o->no_network = true; /* until it is said otherwise */
	} else if (strcmp(f->section, "Application") == 0 &&
	    strcmp(line->key, "name") == 0) {
		take_name(
		    o->name, sizeof(o->name), line->value, line->value_len);
	} else if (strcmp(f->section, "Instance") == 0 &&
	    strcmp(line->key, "instance-id") == 0) {
		take_name(o->instance, sizeof(o->instance), line->value,
		    line->value_len);
	} else if (strcmp(f->section, "Context") == 0 &&
	    strcmp(line->key, "shared") == 0) {
		o->no_network =
		    !holds_word(line->value, line->value_len, "network");
	}
	return 0;
}

bool
outer_parse_flatpak(struct outer *out, const char *text, size_t n)
{
	static const struct ini_reader reader = { "/.flatpak-info",
		"a [section]", flatpak_line };
	struct flatpak f = { .out = out };

	memset(out, 0, sizeof(*out));
	/* What follows behind may be anything, the environment for instance:
	 * where our reader gives up, what it has read still counts. */
	(void)ini_read(text, n, &reader, &f, NULL);
	return out->name[0] != '\0';
}

static bool
find_flatpak(struct outer *o, const struct view *v)
{
	static const char info[] = "/.flatpak-info";
	struct buf b;

	if (!exists(v, info))
		return false;
	buf_init(&b, LIMIT_SITE_FILE);
	if (load(v, info, &b))
		(void)outer_parse_flatpak(o, (char *)b.data, b.len);
	buf_free(&b);
	found(o, OUTER_FLATPAK, info);
	return true;
}

/* ---- Snap --------------------------------------------------------------- */

/* AppArmor's label of a confined snap: "snap.NAME.APP (enforce)". */
static bool
find_snap_label(struct outer *o, const struct view *v)
{
	static const char label[] = "/proc/self/attr/current";
	const char *s, *dot;
	bool is_snap = false;
	struct buf b;

	buf_init(&b, PROC_MAX);
	if (!load(v, label, &b))
		goto out;
	s = buf_text(&b);
	dot = strncmp(s, "snap.", 5) == 0 ? strchr(s + 5, '.') : NULL;
	if (dot == NULL || strstr(dot, "(enforce)") == NULL)
		goto out;
	take_name(o->name, sizeof(o->name), s + 5, (size_t)(dot - s) - 5);
	found(o, OUTER_SNAP, label);
	is_snap = true;
out:
	buf_free(&b);
	return is_snap;
}

/* Without AppArmor: is our own program one of the snap's? */
static bool
find_snap_program(struct outer *o, const struct view *v)
{
	const char *snap = variable(v, "SNAP");
	const char *name = variable(v, "SNAP_NAME");
	char whole[PATH_SIZE], program[PATH_SIZE];
	size_t len;
	ssize_t n;

	if (snap == NULL || name == NULL || snap[0] != '/')
		return false;
	snprintf(whole, sizeof(whole), "%s/proc/self/exe", v->root);
	n = readlink(whole, program, sizeof(program) - 1);
	len = strlen(snap);
	if (n <= (ssize_t)len || memcmp(program, snap, len) != 0 ||
	    program[len] != '/')
		return false;
	take_name(o->name, sizeof(o->name), name, strlen(name));
	found(o, OUTER_SNAP, "SNAP, and the program lies there");
	return true;
}

/* ---- The others --------------------------------------------------------- */

/* Its home is a container's: ~/Library/Containers/ID/Data. */
static bool
find_app_sandbox(struct outer *o, const struct view *v)
{
	const char *id = variable(v, "APP_SANDBOX_CONTAINER_ID");
	const char *home = variable(v, "HOME"), *at;
	size_t n;

	if (id == NULL || home == NULL)
		return false;
	n = strlen(id);
	at = strstr(home, "/Library/Containers/");
	if (at == NULL || n == 0)
		return false;
	at += strlen("/Library/Containers/");
	if (strncmp(at, id, n) != 0 || (at[n] != '/' && at[n] != '\0'))
		return false;
	take_name(o->name, sizeof(o->name), id, n);
	found(o, OUTER_APP_SANDBOX, "APP_SANDBOX_CONTAINER_ID, and HOME");
	return true;
}

/* The path in the hierarchy that systemd keeps: "0::" or "name=systemd:". */
static const char *
cgroup_of(char *text)
{
	char *line, *rest = text, *path = NULL;

	while ((line = strsep(&rest, "\n")) != NULL) {
		char *named = strstr(line, ":name=systemd:");

		if (named != NULL)
			return named + strlen(":name=systemd:");
		if (strncmp(line, "0::", 3) == 0)
			path = line + 3;
	}
	return path;
}

/*
 * A desktop starts programs as services, too: a user's own count only when
 * something was taken from them, which leaves no_new_privs behind.
 */
static bool
find_systemd(struct outer *o, const struct view *v)
{
	static const char *const files[] = { "/proc/self/cgroup",
		"/proc/self/status" };
	const char *path, *unit;
	bool is_service = false;
	struct buf group, status;
	size_t n;

	if (variable(v, "INVOCATION_ID") == NULL)
		return false;
	buf_init(&group, PROC_MAX);
	buf_init(&status, PROC_MAX);
	if (!load(v, files[0], &group) || buf_text(&group)[0] == '\0')
		goto out;
	path = cgroup_of((char *)group.data);
	unit = path != NULL ? strrchr(path, '/') : NULL;
	if (unit == NULL)
		goto out;
	n = strlen(++unit);
	if (n <= strlen(".service") ||
	    strcmp(unit + n - strlen(".service"), ".service") != 0)
		goto out;
	if (strncmp(path, "/user.slice/", 12) == 0 &&
	    (!load(v, files[1], &status) ||
		strstr(buf_text(&status), "NoNewPrivs:\t1") == NULL))
		goto out;
	take_name(o->name, sizeof(o->name), unit, n);
	found(o, OUTER_SYSTEMD, "INVOCATION_ID, and the control group");
	is_service = true;
out:
	buf_free(&group);
	buf_free(&status);
	return is_service;
}

/* The word behind key, without quotes: engine="podman-4.9.3" */
static void
take_engine(struct outer *o, const char *text)
{
	const char *s = strstr(text, "engine=\"");

	if (s == NULL)
		return;
	s += strlen("engine=\"");
	take_name(o->name, sizeof(o->name), s, strcspn(s, "-\"\n"));
}

static bool
find_container(struct outer *o, const struct view *v)
{
	static const struct {
		const char *path, *name;
	} marks[] = {
		{ "/run/.containerenv", "podman" },
		{ "/.dockerenv", "docker" },
		{ "/run/host/container-manager", "" }, /* systemd.io */
		{ "/run/systemd/container", "" },
	};
	struct buf b;
	size_t i, n;

	for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (exists(v, marks[i].path))
			break;
	if (i == sizeof(marks) / sizeof(marks[0]))
		return false;
	found(o, OUTER_CONTAINER, marks[i].path);
	buf_init(&b, PROC_MAX);
	if (load(v, marks[i].path, &b) && b.len > 0) {
		take_engine(o, buf_text(&b));
		n = strcspn(buf_text(&b), "\n");
		if (marks[i].name[0] == '\0')
			take_name(o->name, sizeof(o->name), buf_text(&b), n);
	}
	buf_free(&b);
	if (o->name[0] == '\0')
		snprintf(o->name, sizeof(o->name), "%s", marks[i].name);
	return true;
}

void
outer_find(struct outer *out, const char *root, char *const *env)
{
	const struct view v = { root, env };

	memset(out, 0, sizeof(*out));
	if (find_flatpak(out, &v) || find_snap_label(out, &v) ||
	    find_snap_program(out, &v) || find_app_sandbox(out, &v) ||
	    find_systemd(out, &v))
		return;
	(void)find_container(out, &v);
}

const char *
outer_kind_name(enum outer_kind kind)
{
	static const char *const names[OUTER_KINDS] = { "", "Flatpak", "snap",
		"App Sandbox", "systemd service", "container" };

	return names[kind];
}

/* ---- The kernel --------------------------------------------------------- */

void
outer_ask_kernel(struct outer_kernel *out)
{
	memset(out, 0, sizeof(*out));
	errno = 0;
	out->landlock = landlock_version();
	out->landlock_errno = out->landlock > 0 ? 0 : errno;
	out->filtered = out->no_new_privs = -1;
#ifdef __linux__
	const unsigned kill_process = SECCOMP_RET_KILL_PROCESS;
	int mode = prctl(PR_GET_SECCOMP, 0, 0, 0, 0);

	out->seccomp = syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0,
			   &kill_process) == 0;
	out->filtered = mode >= 0 ? mode != 0 : -1;
	out->no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
#endif
}
