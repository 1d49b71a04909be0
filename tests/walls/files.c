/* Attacks on files.  Worker, of the tests only. */
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/fanotify.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/uio.h>

#include "tests/walls/attack.h"

/* Open it, and read a byte where that makes sense. */
static long
reach(const char *path, int flags)
{
	long fd = SYS(SYS_openat, AT_FDCWD, path, flags, 0600);
	char c;

	if (fd >= 0 && (flags & O_ACCMODE) == O_RDONLY &&
	    (flags & O_DIRECTORY) == 0)
		(void)!read((int)fd, &c, 1);
	if (fd >= 0)
		close((int)fd);
	return fd;
}

#define REACH(function, path, flags)         \
	static long function(void)           \
	{                                    \
		return reach(path, (flags)); \
	}

REACH(open_key, targets.key, O_RDONLY)
REACH(open_site, targets.site_file, O_RDONLY)
REACH(open_passwd, "/etc/passwd", O_RDONLY)
REACH(open_own_memory, "/proc/self/mem", O_RDWR)
REACH(open_maps, "/proc/self/maps", O_RDONLY)
REACH(open_known_hosts, targets.known_hosts, O_WRONLY | O_APPEND)
REACH(open_device, "/dev/zero", O_RDWR)
REACH(open_sys, "/sys/kernel/mm", O_RDONLY | O_DIRECTORY)
REACH(open_here, ".", O_RDONLY | O_DIRECTORY)
REACH(open_path_only, "/", O_PATH)
REACH(open_nameless, attack_play(""), O_TMPFILE | O_WRONLY)
REACH(make_file, attack_play("new"), O_CREAT | O_EXCL | O_WRONLY)
REACH(cut_file, attack_play("victim"), O_WRONLY | O_TRUNC)

static long
open_hub(const char *what, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)targets.hub, what);
	return reach(path, flags);
}

static long
open_hub_memory(void)
{
	return open_hub("mem", O_RDWR);
}

static long
open_hub_environ(void)
{
	return open_hub("environ", O_RDONLY);
}

static long
open_hub_descriptor(void)
{
	return open_hub("fd/0", O_RDONLY);
}

static long
reopen_handed(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", targets.file);
	return reach(path, O_WRONLY);
}

static long
open2(void)
{
	struct open_how how = { .flags = O_RDONLY };

	return SYS(SYS_openat2, AT_FDCWD, targets.site_file, &how, sizeof(how));
}

static long
open_handle(void)
{
	return SYS(SYS_open_by_handle_at, targets.handle_mount, targets.handle,
	    O_RDONLY);
}

static long
make_handle(void)
{
	unsigned char handle[256] = { 128 };
	int mount;

	return SYS(
	    SYS_name_to_handle_at, AT_FDCWD, targets.key, handle, &mount, 0);
}

/* By path, without opening. */
#define CALL(function, ...)              \
	static long function(void)       \
	{                                \
		return SYS(__VA_ARGS__); \
	}

static struct stat st;
static struct statx stx;
static struct statfs sfs;
static char text[256];
static const struct timespec times[2];

CALL(stat_path, SYS_newfstatat, AT_FDCWD, targets.key, &st, 0)
CALL(statx_path, SYS_statx, AT_FDCWD, targets.key, 0, STATX_ALL, &stx)
CALL(access_path, SYS_faccessat, AT_FDCWD, targets.key, R_OK)
CALL(read_link, SYS_readlinkat, AT_FDCWD, "/proc/self/exe", text, 255)
CALL(where, SYS_getcwd, text, sizeof(text))
CALL(go, SYS_chdir, "/")
CALL(chmod_path, SYS_fchmodat, AT_FDCWD, attack_play("victim"), 0777)
CALL(chown_path, SYS_fchownat, AT_FDCWD, attack_play("victim"), 1, 1, 0)
CALL(touch_path, SYS_utimensat, AT_FDCWD, attack_play("victim"), times, 0)
CALL(unlink_path, SYS_unlinkat, AT_FDCWD, attack_play("victim"), 0)
CALL(remove_folder, SYS_unlinkat, AT_FDCWD, attack_play("dir"), AT_REMOVEDIR)
CALL(make_folder, SYS_mkdirat, AT_FDCWD, attack_play("newdir"), 0700)
CALL(make_link, SYS_symlinkat, "/etc/passwd", AT_FDCWD, attack_play("new"))
CALL(make_fifo, SYS_mknodat, AT_FDCWD, attack_play("new"), S_IFIFO | 0600, 0)
CALL(make_node, SYS_mknodat, AT_FDCWD, attack_play("new"), S_IFCHR | 0600, 259)
CALL(truncate_path, SYS_truncate, attack_play("victim"), 0)
CALL(tag_path, SYS_setxattr, targets.key, "user.x", "y", 1, 0)
CALL(space_path, SYS_statfs, "/", &sfs)

static long
rename_path(void)
{
	char from[PATH_MAX];

	snprintf(from, sizeof(from), "%s", attack_play("victim"));
	return SYS(
	    SYS_renameat2, AT_FDCWD, from, AT_FDCWD, attack_play("new"), 0);
}

static long
link_path(void)
{
	return SYS(
	    SYS_linkat, AT_FDCWD, targets.key, AT_FDCWD, attack_play("new"), 0);
}

/* What was handed read-only. */
CALL(handed_chown, SYS_fchown, targets.file, 1, 1)
CALL(handed_cut, SYS_ftruncate, targets.file, 0)
CALL(handed_write, SYS_pwrite64, targets.file, "x", 1, 0)
CALL(handed_allocate, SYS_fallocate, targets.file, 0, 0, 4096)
CALL(handed_tag, SYS_fsetxattr, targets.file, "user.x", "y", 1, 0)
CALL(handed_space, SYS_fstatfs, targets.file, &sfs)
CALL(handed_lock, SYS_flock, targets.file, LOCK_SH | LOCK_NB)
CALL(handed_lease, SYS_fcntl, targets.file, F_SETLEASE, F_RDLCK)
CALL(handed_send, SYS_sendfile, targets.pipe[1], targets.file, NULL, 1)
CALL(handed_splice, SYS_splice, targets.file, NULL, targets.pipe[1], NULL, 1, 0)
CALL(handed_stat, SYS_newfstatat, targets.file, "", &st, AT_EMPTY_PATH)
CALL(handed_reach, SYS_openat, targets.file, "..", O_RDONLY)

/* To what it is: who may do that, may do the rest. */
static long
handed_chmod(void)
{
	(void)syscall(SYS_fstat, targets.file, &st);
	return SYS(SYS_fchmod, targets.file, st.st_mode & 0777);
}

static long
handed_touch(void)
{
	struct timespec same[2];

	(void)syscall(SYS_fstat, targets.file, &st);
	same[0] = st.st_atim;
	same[1] = st.st_mtim;
	return SYS(SYS_utimensat, targets.file, NULL, same, 0);
}

static long
gift(void)
{
	struct iovec v = { text, 1 };

	return SYS(SYS_vmsplice, targets.pipe[1], &v, 1, 0);
}

/* Watching others, and the file system itself. */
static long
watch(void)
{
	long fd = SYS(SYS_inotify_init1, IN_CLOEXEC);

	return fd < 0
	    ? fd
	    : SYS(SYS_inotify_add_watch, fd, targets.dir, IN_ALL_EVENTS);
}

CALL(watch_all, SYS_fanotify_init, FAN_CLASS_NOTIF, O_RDONLY)
CALL(
    bind_mount, SYS_mount, targets.dir, attack_play("dir"), NULL, MS_BIND, NULL)
CALL(change_root, SYS_chroot, targets.dir)
CALL(tree, SYS_open_tree, AT_FDCWD, targets.dir, 0)
CALL(file_system, SYS_fsopen, "tmpfs", 0)

static long
mount_over(void)
{
	long rc = bind_mount();

	if (rc == 0)
		umount2(attack_play("dir"), MNT_DETACH);
	return rc;
}

#define KERNEL_READ_ONLY "the kernel: the descriptor is read-only"

const struct attack attack_files[] = {
	{ "open the private key", open_key, END_SIGSYS, 0, NULL },
	{ "open another file of the site", open_site, END_SIGSYS, 0, NULL },
	{ "open /etc/passwd", open_passwd, END_SIGSYS, 0, NULL },
	{ "open /proc/self/mem", open_own_memory, END_SIGSYS, 0, NULL },
	{ "open /proc/self/maps", open_maps, END_SIGSYS, 0, NULL },
	{ "open the hub's memory", open_hub_memory, END_SIGSYS, 0, NULL },
	{ "open the hub's environment", open_hub_environ, END_SIGSYS, 0, NULL },
	{ "open the hub's descriptors", open_hub_descriptor, END_SIGSYS, 0,
	    NULL },
	{ "open known_hosts to write", open_known_hosts, END_SIGSYS, 0, NULL },
	{ "open a device", open_device, END_SIGSYS, 0, NULL },
	{ "open /sys", open_sys, END_SIGSYS, 0, NULL },
	{ "open the current folder", open_here, END_SIGSYS, 0, NULL },
	{ "open / as a path", open_path_only, END_SIGSYS, 0, NULL },
	{ "make a nameless file", open_nameless, END_SIGSYS, 0, NULL },
	{ "make a file", make_file, END_SIGSYS, 0, NULL },
	{ "cut a file", cut_file, END_SIGSYS, 0, NULL },
	{ "openat2", open2, END_SIGSYS | IN_FOLDER(END_EACCES), 0, NULL },
	{ "open the key by its handle", open_handle, END_SIGSYS, 0, NULL },
	{ "make a handle of the key", make_handle, END_SIGSYS, 0, NULL },
	{ "stat the key", stat_path, END_EPERM, 0, NULL },
	{ "statx the key", statx_path, END_EPERM, 0, NULL },
	{ "access the key", access_path, END_EPERM, 0, NULL },
	{ "read a link", read_link, END_EPERM | IN_FOLDER(END_TOLD), 0, NULL },
	{ "ask for the current folder", where, END_EPERM, 0, NULL },
	{ "change the current folder", go, END_EPERM, 0, NULL },
	{ "chmod", chmod_path, END_EPERM, 0, NULL },
	{ "chown", chown_path, END_EPERM, 0, NULL },
	{ "utimes", touch_path, END_EPERM, 0, NULL },
	{ "unlink", unlink_path, END_EPERM | IN_FOLDER(END_EACCES), 0, NULL },
	{ "rmdir", remove_folder, END_EPERM | IN_FOLDER(END_EACCES), 0, NULL },
	{ "rename", rename_path, END_EPERM | IN_FOLDER(END_EACCES), 0, NULL },
	{ "link the key elsewhere", link_path,
	    END_EPERM | IN_FOLDER(END_EACCES), 0, NULL },
	{ "symlink", make_link, END_EPERM | IN_FOLDER(END_EACCES), 0, NULL },
	{ "mkdir", make_folder, END_EPERM | IN_FOLDER(END_EACCES), 0, NULL },
	{ "make a named pipe", make_fifo, END_EPERM, 0, NULL },
	{ "make a device", make_node, END_EPERM, 0, NULL },
	{ "truncate", truncate_path, END_EPERM, 0, NULL },
	{ "set an attribute of the key", tag_path, END_EPERM, 0,
	    "some file systems: no such attributes" },
	{ "statfs", space_path, END_EPERM, 0, NULL },
	{ "fchmod a handed file", handed_chmod, END_EPERM | IN_FOLDER(END_TOLD),
	    HANDED_FILE, NULL },
	{ "fchown a handed file", handed_chown, END_EPERM, HANDED_FILE, NULL },
	{ "futimens a handed file", handed_touch,
	    END_EPERM | IN_FOLDER(END_TOLD), HANDED_FILE, NULL },
	{ "ftruncate a handed file", handed_cut,
	    END_EPERM | IN_FOLDER(END_EINVAL), HANDED_FILE, KERNEL_READ_ONLY },
	{ "write a handed file", handed_write, END_NOTHING, HANDED_FILE,
	    KERNEL_READ_ONLY },
	{ "fallocate a handed file", handed_allocate, END_EPERM, HANDED_FILE,
	    KERNEL_READ_ONLY },
	{ "set an attribute of a handed file", handed_tag, END_EPERM,
	    HANDED_FILE, "some file systems: no such attributes" },
	{ "fstatfs a handed file", handed_space,
	    END_EPERM | IN_FOLDER(END_TOLD), HANDED_FILE, NULL },
	{ "flock a handed file", handed_lock, END_EPERM, HANDED_FILE, NULL },
	{ "lease a handed file", handed_lease, END_EPERM, HANDED_FILE, NULL },
	{ "sendfile a handed file", handed_send, END_EPERM, HANDED_FILE, NULL },
	{ "splice a handed file", handed_splice, END_EPERM, HANDED_FILE, NULL },
	{ "stat a handed file as a path", handed_stat, END_EPERM, HANDED_FILE,
	    NULL },
	{ "open beside a handed file", handed_reach, END_SIGSYS, HANDED_FILE,
	    "the kernel: a file is no folder" },
	{ "open a handed file anew, to write", reopen_handed, END_SIGSYS,
	    HANDED_FILE, NULL },
	{ "vmsplice", gift, END_EPERM, 0, NULL },
	{ "inotify", watch, END_EPERM, 0, NULL },
	{ "fanotify", watch_all, END_SIGSYS, 0, NULL },
	{ "mount", mount_over, END_SIGSYS, 0, NULL },
	{ "chroot", change_root, END_SIGSYS, 0, NULL },
	{ "open_tree", tree, END_SIGSYS, 0, NULL },
	{ "fsopen", file_system, END_SIGSYS, 0, NULL },
	{ 0 },
};
