/* Landlock by its three system calls.  Hub and worker. */
#include "confine/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "confine/role.h"

#ifdef __linux__

/* linux/landlock.h, as of version 7 */
enum {
	SYS_CREATE = 444,
	SYS_ADD = 445,
	SYS_RESTRICT = 446,
	CREATE_VERSION = 1 << 0,
	RULE_PATH = 1,
	RULE_PORT = 2,
};

struct ruleset {
	uint64_t fs, net, scoped;
};

struct path_rule {
	uint64_t access;
	int32_t fd;
} __attribute__((packed));

struct port_rule {
	uint64_t access, port;
};

#define BIT(n) (UINT64_C(1) << (n))

enum {
	FS_EXECUTE,
	FS_WRITE_FILE,
	FS_READ_FILE,
	FS_READ_DIR,
	FS_REMOVE_DIR,
	FS_REMOVE_FILE,
	FS_MAKE_CHAR,
	FS_MAKE_DIR,
	FS_MAKE_REG,
	FS_MAKE_SOCK,
	FS_MAKE_FIFO,
	FS_MAKE_BLOCK,
	FS_MAKE_SYM,
	FS_REFER, /* 2 */
	FS_TRUNCATE, /* 3 */
	FS_IOCTL_DEV, /* 5 */
	NET_BIND = 0, /* 4 */
	NET_CONNECT = 1,
	SCOPE_ABSTRACT_UNIX = 0, /* 6 */
	SCOPE_SIGNAL = 1,
};

/* All that version v can forbid. */
static struct ruleset
everything(int v)
{
	struct ruleset r = { 0, 0, 0 };

	r.fs = BIT(FS_MAKE_SYM + 1) - 1;
	if (v >= 2)
		r.fs |= BIT(FS_REFER);
	if (v >= 3)
		r.fs |= BIT(FS_TRUNCATE);
	if (v >= 4)
		r.net = BIT(NET_BIND) | BIT(NET_CONNECT);
	if (v >= 5)
		r.fs |= BIT(FS_IOCTL_DEV);
	if (v >= 6)
		r.scoped = BIT(SCOPE_ABSTRACT_UNIX) | BIT(SCOPE_SIGNAL);
	return r;
}

/* What an access to a file or a folder means in bits. */
static uint64_t
bits_of(unsigned access, bool folder)
{
	uint64_t bits = 0;

	if (access & ROLE_READ)
		bits |= BIT(FS_READ_FILE) | (folder ? BIT(FS_READ_DIR) : 0);
	if (access & ROLE_EXECUTE)
		bits |= BIT(FS_EXECUTE);
	if (access & ROLE_WRITE) {
		bits |= BIT(FS_WRITE_FILE) | BIT(FS_TRUNCATE);
		if (folder)
			bits |= BIT(FS_REMOVE_DIR) | BIT(FS_REMOVE_FILE) |
			    BIT(FS_MAKE_DIR) | BIT(FS_MAKE_REG) | BIT(FS_REFER);
		else /* a terminal is asked for its size and its modes */
			bits |= BIT(FS_IOCTL_DEV);
	}
	if (access & ROLE_SYMLINK)
		bits |= BIT(FS_MAKE_SYM);
	return bits;
}

int
landlock_version(void)
{
	long v = syscall(SYS_CREATE, NULL, 0, CREATE_VERSION);

	return v > 0 ? (int)v : 0;
}

/* What no path leads to needs no rule, and nobody gets there. */
static bool
is_nowhere(int e)
{
	return e == ENOENT || e == ENOTDIR || e == EACCES || e == ENXIO ||
	    e == ELOOP || e == ENAMETOOLONG;
}

static int
add_path(int ruleset, const struct landlock_path *p, uint64_t handled)
{
	struct path_rule rule;
	struct stat st;
	int rc = 0, fd = openat(p->dirfd, p->path, O_PATH | O_CLOEXEC);

	if (fd < 0)
		return is_nowhere(errno) ? 0 : -errno;
	rule.fd = fd;
	if (fstat(fd, &st) != 0) {
		rc = -errno;
		goto out;
	}
	rule.access = bits_of(p->access, S_ISDIR(st.st_mode)) & handled;
	/* no right at all cannot be said as a rule, nor has to be */
	if (rule.access != 0 &&
	    syscall(SYS_ADD, ruleset, RULE_PATH, &rule, 0) != 0)
		rc = -errno;
out:
	close(fd);
	return rc;
}

static int
add_port(int ruleset, unsigned port)
{
	struct port_rule rule = { BIT(NET_CONNECT), port };

	return syscall(SYS_ADD, ruleset, RULE_PORT, &rule, 0) != 0 ? -errno : 0;
}

int
landlock_restrict(const struct landlock_rules *rules, int version)
{
	struct ruleset all;
	size_t i, size;
	int rc = 0, fd, v = landlock_version();

	if (version < v)
		v = version;
	if (v <= 0)
		return -ENOSYS;
	all = everything(v);
	if (rules->any_port)
		all.net &= ~BIT(NET_CONNECT);
	/* an older kernel wants the part of the struct that it knows */
	size = v >= 6 ? sizeof(all)
	    : v >= 4  ? 2 * sizeof(all.fs)
		      : sizeof(all.fs);
	fd = (int)syscall(SYS_CREATE, &all, size, 0);
	if (fd < 0)
		return -errno;
	for (i = 0; rc == 0 && i < rules->path_count; i++)
		rc = add_path(fd, &rules->paths[i], all.fs);
	for (i = 0; rc == 0 && (all.net & BIT(NET_CONNECT)) != 0 &&
	     i < rules->port_count;
	     i++)
		rc = add_port(fd, rules->ports[i]);
	if (rc == 0 && syscall(SYS_RESTRICT, fd, 0) != 0)
		rc = -errno;
	close(fd);
	return rc;
}

#else

int
landlock_version(void)
{
	return 0;
}

int
landlock_restrict(const struct landlock_rules *rules, int version)
{
	(void)rules;
	(void)version;
	return -ENOSYS;
}

#endif
