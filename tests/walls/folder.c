/*
 * Attacks by the calls that only a worker with a folder has: out of it, into
 * it, and on what lies in it.  Worker, of the tests only.
 *
 * The harness laid "walls/" into the folder: "own", a file; "key" and "out",
 * links that lead out.
 */
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#include "tests/walls/attack.h"

/* No `resolve': what the product asks the kernel for, an attacker does not. */
static long
open_at(int at, const char *path, int flags, unsigned mode)
{
	struct open_how how = { .flags = (unsigned)flags | O_CLOEXEC,
		.mode = mode };

	return SYS(SYS_openat2, at, path, &how, sizeof(how));
}

static long
closed(long fd)
{
	if (fd >= 0)
		close((int)fd);
	return fd;
}

static bool
is_making(int flags)
{
	return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
}

#define OPEN(function, at, path, flags)                                   \
	static long function(void)                                        \
	{                                                                 \
		return closed(open_at(                                    \
		    (at), (path), (flags), is_making(flags) ? 0600 : 0)); \
	}

enum { HERE = AT_FDCWD };

static const char *
of_hub(const char *what)
{
	static char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)targets.hub, what);
	return path;
}

static const char *
of_own(int fd)
{
	static char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return path;
}

/* ---- Looking elsewhere ---- */

OPEN(open_key, HERE, targets.key, O_RDONLY)
OPEN(open_parent, targets.folder, "..", O_RDONLY | O_DIRECTORY)
OPEN(open_up, targets.folder, "../../../../../../../../../../../../etc/passwd",
    O_RDONLY)
OPEN(open_by_link, targets.folder, "walls/key", O_RDONLY)
OPEN(open_known_hosts, HERE, targets.known_hosts, O_WRONLY | O_APPEND)
OPEN(open_hub_memory, HERE, of_hub("mem"), O_RDWR)
OPEN(open_hub_environ, HERE, of_hub("environ"), O_RDONLY)
OPEN(open_hub_descriptor, HERE, of_hub("fd/0"), O_RDONLY)
OPEN(open_own_memory, HERE, "/proc/self/mem", O_RDWR)
OPEN(open_maps, HERE, "/proc/self/maps", O_RDONLY)
OPEN(open_device, HERE, "/dev/zero", O_RDWR)
OPEN(open_root, HERE, "/", O_RDONLY | O_DIRECTORY)
OPEN(handed_anew, HERE, of_own(targets.file), O_RDWR)

/* A descriptor of the place alone, and on from there. */
static long
from_place(const char *place, long (*then)(int fd))
{
	long fd = open_at(AT_FDCWD, place, O_PATH, 0), rc;

	if (fd < 0)
		return fd;
	rc = then((int)fd);
	close((int)fd);
	return rc;
}

static long
on_to_passwd(int fd)
{
	return closed(open_at(fd, "etc/passwd", O_RDONLY, 0));
}

static long
walk(void)
{
	return from_place("/", on_to_passwd);
}

static long
read_it(int fd)
{
	char c;

	return SYS(SYS_pread64, fd, &c, 1, 0);
}

static long
read_place(void)
{
	return from_place(targets.key, read_it);
}

static long
open_it(int fd)
{
	return closed(open_at(AT_FDCWD, of_own(fd), O_RDONLY, 0));
}

static long
open_place(void)
{
	return from_place(targets.key, open_it);
}

static long
look_at_it(int fd)
{
	struct stat st;

	return SYS(SYS_fstat, fd, &st);
}

static long
look(void)
{
	return from_place(targets.key, look_at_it);
}

/* ---- Changing what is elsewhere ---- */

OPEN(make_file, HERE, attack_play("new"), O_CREAT | O_EXCL | O_WRONLY)
OPEN(make_by_link, targets.folder, "walls/out/new", O_CREAT | O_WRONLY)
OPEN(make_nameless, HERE, attack_play(""), O_TMPFILE | O_WRONLY)
OPEN(cut_file, HERE, attack_play("victim"), O_WRONLY | O_TRUNC)
OPEN(cut_by_link, targets.folder, "walls/out/victim", O_WRONLY | O_TRUNC)

static long
chmod_it(int fd)
{
	return SYS(SYS_fchmod, fd, 0666);
}

static long
chmod_place(void)
{
	return from_place(attack_play("victim"), chmod_it);
}

static long
touch_it(int fd)
{
	static const struct timespec times[2];

	return SYS(SYS_utimensat, fd, NULL, times, 0);
}

static long
touch_place(void)
{
	return from_place(attack_play("victim"), touch_it);
}

static long
clone_it(int fd)
{
	return SYS(SYS_ioctl, fd, FICLONE, targets.scratch);
}

static long
clone_place(void)
{
	return from_place(attack_play("victim"), clone_it);
}

#define CALL(function, ...)              \
	static long function(void)       \
	{                                \
		return SYS(__VA_ARGS__); \
	}

CALL(mkdir_by_link, SYS_mkdirat, targets.folder, "walls/out/newdir", 0700)
CALL(link_by_link, SYS_symlinkat, "x", targets.folder, "walls/out/new")
CALL(unlink_by_link, SYS_unlinkat, targets.folder, "walls/out/victim", 0)
CALL(rmdir_by_link, SYS_unlinkat, targets.folder, "walls/out/dir", AT_REMOVEDIR)

/* ---- Out and in ---- */

#define OWN targets.folder, "walls/own"
#define GOT targets.folder, "walls/got"
#define VICTIM AT_FDCWD, attack_play("victim")
#define NEW AT_FDCWD, attack_play("new")

CALL(move_out, SYS_renameat2, OWN, NEW, 0)
CALL(move_in, SYS_renameat2, VICTIM, GOT, 0)
CALL(move_over, SYS_renameat2, OWN, VICTIM, 0)
CALL(exchange, SYS_renameat2, OWN, VICTIM, RENAME_EXCHANGE)
CALL(whiteout, SYS_renameat2, OWN, GOT, RENAME_WHITEOUT)
CALL(link_out, SYS_linkat, OWN, NEW, 0)
CALL(link_in, SYS_linkat, AT_FDCWD, targets.key, GOT, 0)
CALL(link_in_by_link, SYS_linkat, targets.folder, "walls/out/victim", GOT, 0)
CALL(link_followed, SYS_linkat, AT_FDCWD, of_own(targets.file), GOT,
    AT_SYMLINK_FOLLOW)
CALL(link_handed, SYS_linkat, targets.file, "", GOT, AT_EMPTY_PATH)

/* ---- What lies in it ---- */

static long
on_own(int flags, long (*then)(int fd))
{
	long fd = open_at(OWN, flags, 0), rc;

	if (fd < 0)
		return fd;
	rc = then((int)fd);
	close((int)fd);
	return rc;
}

#define ON_OWN(function, flags, then)         \
	static long function(void)            \
	{                                     \
		return on_own((flags), then); \
	}

static long
become_program(int fd)
{
	return SYS(SYS_fchmod, fd, 04755);
}

/* With a byte in it: an empty one is of no use. */
static long
born_program(void)
{
	struct stat st = { 0 };
	long fd = open_at(GOT, O_CREAT | O_RDWR, 04755), rc;

	if (fd < 0)
		return fd;
	rc = SYS(SYS_pwrite64, fd, "#", 1, 0);
	if (rc == 1)
		rc = SYS(SYS_fstat, fd, &st);
	if (rc == 0 && (st.st_mode & S_ISUID) == 0)
		rc = -EPERM;
	close((int)fd);
	(void)SYS(SYS_unlinkat, GOT, 0);
	return rc;
}

static long
run_it(int fd)
{
	static char *const words[] = { "own", NULL }, *const empty[] = { NULL };

	return SYS(SYS_execveat, fd, "", words, empty, AT_EMPTY_PATH);
}

static long
map_code(int fd)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);

	return p == MAP_FAILED ? -errno : munmap(p, 4096);
}

static long
map_shared(int fd)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return p == MAP_FAILED ? -errno : munmap(p, 4096);
}

static long
give_away(int fd)
{
	return SYS(SYS_fchown, fd, 1, 1);
}

static long
tag(int fd)
{
	return SYS(SYS_fsetxattr, fd, "user.x", "y", 1, 0);
}

static long
freeze(int fd)
{
	int flags = 0;

	return SYS(SYS_ioctl, fd, FS_IOC_GETFLAGS, &flags);
}

static long
lock(int fd)
{
	return SYS(SYS_flock, fd, LOCK_SH | LOCK_NB);
}

static long
lease(int fd)
{
	return SYS(SYS_fcntl, fd, F_SETLEASE, F_RDLCK);
}

static long
punch(int fd)
{
	return SYS(SYS_fallocate, fd, 0, 0, 4096);
}

ON_OWN(own_program, O_RDWR, become_program)
ON_OWN(own_run, O_RDONLY, run_it)
ON_OWN(own_code, O_RDONLY, map_code)
ON_OWN(own_shared, O_RDWR, map_shared)
ON_OWN(own_away, O_RDWR, give_away)
ON_OWN(own_tag, O_RDWR, tag)
ON_OWN(own_flags, O_RDWR, freeze)
ON_OWN(own_lock, O_RDWR, lock)
ON_OWN(own_lease, O_RDONLY, lease)
ON_OWN(own_space, O_RDWR, punch)

/* What was made goes again: the next one is to find nothing there. */
static long
node(unsigned mode, dev_t device)
{
	long rc = SYS(SYS_mknodat, GOT, mode | 0600, device);

	if (rc == 0)
		(void)SYS(SYS_unlinkat, GOT, 0);
	return rc;
}

static long
make_disk(void)
{
	return node(S_IFBLK, makedev(7, 0));
}

static long
make_device(void)
{
	return node(S_IFCHR, makedev(1, 5));
}

static long
make_pipe(void)
{
	return node(S_IFIFO, 0);
}

static long
make_socket(void)
{
	return node(S_IFSOCK, 0);
}

static long
watch(void)
{
	long fd = SYS(SYS_inotify_init1, IN_CLOEXEC), rc;

	if (fd < 0)
		return fd;
	rc = SYS(
	    SYS_inotify_add_watch, fd, of_own(targets.folder), IN_ALL_EVENTS);
	close((int)fd);
	return rc;
}

static long
mount_over(void)
{
	const char *folder = of_own(targets.folder);
	long rc = SYS(SYS_mount, targets.dir, folder, NULL, MS_BIND, NULL);

	if (rc == 0)
		umount2(folder, MNT_DETACH);
	return rc;
}

CALL(go_there, SYS_fchdir, targets.folder)
CALL(sync_all, SYS_syncfs, targets.folder)

#define NO_ATTRIBUTES "some file systems: no such attributes"
#define PLACE_ONLY "the kernel: such a descriptor is of the place alone"

const struct attack attack_folder[] = {
	{ "openat2 the key", open_key, END_SIGSYS | IN_FOLDER(END_EACCES), 0,
	    NULL },
	{ "openat2 known_hosts to write", open_known_hosts,
	    END_SIGSYS | IN_FOLDER(END_EACCES), 0, NULL },
	{ "openat2 the hub's memory", open_hub_memory,
	    END_SIGSYS | IN_FOLDER(END_EACCES), 0, NULL },
	{ "openat2 the hub's environment", open_hub_environ,
	    END_SIGSYS | IN_FOLDER(END_EACCES), 0, NULL },
	{ "openat2 the hub's descriptors", open_hub_descriptor,
	    END_SIGSYS | IN_FOLDER(END_EACCES), 0, NULL },
	{ "openat2 /proc/self/mem", open_own_memory,
	    END_SIGSYS | IN_FOLDER(END_EACCES), 0, NULL },
	{ "openat2 /proc/self/maps", open_maps,
	    END_SIGSYS | IN_FOLDER(END_EACCES), 0, NULL },
	{ "openat2 a device", open_device, END_SIGSYS | IN_FOLDER(END_EACCES),
	    0, NULL },
	{ "list /", open_root, END_SIGSYS | IN_FOLDER(END_EACCES), 0, NULL },
	{ "openat2 a handed file, to write", handed_anew,
	    END_SIGSYS | IN_FOLDER(END_EACCES), HANDED_FILE, NULL },
	{ "/ as a place, and on from there", walk,
	    END_SIGSYS | IN_FOLDER(END_EACCES), 0, NULL },
	{ "the key as a place, and read it", read_place,
	    END_SIGSYS | IN_FOLDER(END_EBADF), 0, PLACE_ONLY },
	{ "the key as a place, and open that", open_place,
	    END_SIGSYS | IN_FOLDER(END_EACCES), 0, NULL },
	{ "the key as a place, and look at it", look,
	    END_SIGSYS | IN_FOLDER(END_TOLD), 0, NULL },
	{ "make a file by openat2", make_file,
	    END_SIGSYS | IN_FOLDER(END_EACCES), 0, NULL },
	{ "make a nameless file by openat2", make_nameless,
	    END_SIGSYS | IN_FOLDER(END_EACCES), 0, NULL },
	{ "cut a file by openat2", cut_file, END_SIGSYS | IN_FOLDER(END_EACCES),
	    0, NULL },
	{ "a file as a place, and chmod it", chmod_place,
	    END_SIGSYS | IN_FOLDER(END_EBADF), 0, PLACE_ONLY },
	{ "a file as a place, and utimes it", touch_place,
	    END_SIGSYS | IN_FOLDER(END_EBADF), 0, PLACE_ONLY },
	{ "a file as a place, and clone into it", clone_place,
	    END_SIGSYS | IN_FOLDER(END_EBADF), 0, PLACE_ONLY },

	{ "list what the folder lies in", open_parent,
	    END_SIGSYS | IN_FOLDER(END_EACCES), HANDED_FOLDER, NULL },
	{ "out of the folder by ..", open_up,
	    END_SIGSYS | IN_FOLDER(END_EACCES), HANDED_FOLDER, NULL },
	{ "out by a link, to read", open_by_link,
	    END_SIGSYS | IN_FOLDER(END_EACCES), HANDED_FOLDER, NULL },
	{ "out by a link, to make a file", make_by_link,
	    END_SIGSYS | IN_FOLDER(END_EACCES), HANDED_FOLDER, NULL },
	{ "out by a link, to cut a file", cut_by_link,
	    END_SIGSYS | IN_FOLDER(END_EACCES), HANDED_FOLDER, NULL },
	{ "out by a link, to mkdir", mkdir_by_link,
	    END_EPERM | IN_FOLDER(END_EACCES), HANDED_FOLDER, NULL },
	{ "out by a link, to symlink", link_by_link,
	    END_EPERM | IN_FOLDER(END_EACCES), HANDED_FOLDER, NULL },
	{ "out by a link, to unlink", unlink_by_link,
	    END_EPERM | IN_FOLDER(END_EACCES), HANDED_FOLDER, NULL },
	{ "out by a link, to rmdir", rmdir_by_link,
	    END_EPERM | IN_FOLDER(END_EACCES), HANDED_FOLDER, NULL },
	{ "move a file out", move_out, END_EPERM | IN_FOLDER(END_EACCES),
	    HANDED_FOLDER, NULL },
	{ "move a file in", move_in, END_EPERM | IN_FOLDER(END_EACCES),
	    HANDED_FOLDER, NULL },
	{ "move a file over another, outside", move_over,
	    END_EPERM | IN_FOLDER(END_EACCES), HANDED_FOLDER, NULL },
	{ "exchange a file with one outside", exchange, END_EPERM,
	    HANDED_FOLDER, NULL },
	{ "leave a whiteout", whiteout, END_EPERM, HANDED_FOLDER,
	    "some file systems: no such thing" },
	{ "a second name outside", link_out, END_EPERM | IN_FOLDER(END_EACCES),
	    HANDED_FOLDER, NULL },
	{ "a second name of the key", link_in, END_EPERM | IN_FOLDER(END_EXDEV),
	    HANDED_FOLDER, NULL },
	{ "a second name of what is behind a link", link_in_by_link,
	    END_EPERM | IN_FOLDER(END_EXDEV), HANDED_FOLDER, NULL },
	{ "a second name of a handed file", link_handed, END_EPERM,
	    HANDED_FOLDER | HANDED_FILE, NULL },
	{ "the same by /proc", link_followed, END_EPERM,
	    HANDED_FOLDER | HANDED_FILE, NULL },

	{ "a program that runs as its owner", own_program,
	    END_SIGSYS | IN_FOLDER(END_EPERM), HANDED_FOLDER, NULL },
	{ "the same, born so", born_program, END_SIGSYS | IN_FOLDER(END_EPERM),
	    HANDED_FOLDER, NULL },
	{ "run a file of the folder", own_run, END_SIGSYS, HANDED_FOLDER,
	    "the file: it is no program" },
	{ "map a file of the folder as code", own_code,
	    END_SIGSYS | IN_FOLDER(END_EPERM), HANDED_FOLDER, NULL },
	{ "write a file by mapping it", own_shared,
	    END_SIGSYS | IN_FOLDER(END_EPERM), HANDED_FOLDER, NULL },
	{ "give a file away", own_away, END_SIGSYS | IN_FOLDER(END_EPERM),
	    HANDED_FOLDER, NULL },
	{ "set an attribute of a file", own_tag,
	    END_SIGSYS | IN_FOLDER(END_EPERM), HANDED_FOLDER, NO_ATTRIBUTES },
	{ "ask for flags of a file", own_flags,
	    END_SIGSYS | IN_FOLDER(END_EPERM), HANDED_FOLDER, NO_ATTRIBUTES },
	{ "lock a file of the folder", own_lock,
	    END_SIGSYS | IN_FOLDER(END_EPERM), HANDED_FOLDER, NULL },
	{ "lease a file of the folder", own_lease,
	    END_SIGSYS | IN_FOLDER(END_EPERM), HANDED_FOLDER, NULL },
	{ "allocate space of the disk", own_space,
	    END_SIGSYS | IN_FOLDER(END_EPERM), HANDED_FOLDER, NULL },
	{ "make a disk in the folder", make_disk, END_EPERM, HANDED_FOLDER,
	    NULL },
	{ "make a device in the folder", make_device, END_EPERM, HANDED_FOLDER,
	    NULL },
	{ "make a named pipe in the folder", make_pipe, END_EPERM,
	    HANDED_FOLDER, NULL },
	{ "make a socket in the folder", make_socket, END_EPERM, HANDED_FOLDER,
	    NULL },
	{ "watch the folder", watch, END_EPERM, HANDED_FOLDER, NULL },
	{ "mount over the folder", mount_over, END_SIGSYS, HANDED_FOLDER,
	    NULL },
	{ "go into the folder", go_there, END_EPERM, HANDED_FOLDER, NULL },
	{ "have the disk written out", sync_all, END_EPERM, HANDED_FOLDER,
	    NULL },
	{ 0 },
};
