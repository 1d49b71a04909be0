/*
 * calls.h: the system calls that the sweep knows, and what can be done to each.
 */
#ifndef TESTS_SWEEP_CALLS_H
#define TESTS_SWEEP_CALLS_H

#include <sys/syscall.h>

/* What can be done to a call. */
enum {
	KILL = 1,
	IO = 2,
	FULL = 4,
	INTR = 8,
	FILES = 16,
	MEMORY = 32,
	SHORT = 64,
	NONE_AFTER = 128, /* done all the same: who closes has closed */
	LOOKS = 256, /* perhaps: opens for reading, or reads, a file */
	OPENS = KILL | IO | FULL | INTR | FILES | LOOKS,
	NAMES = KILL | IO | FULL,
	MOVES = KILL | IO | FULL | INTR | SHORT,
};

/* To be killed: what can change or tell anything.  What only looks (stat,
 * getdents, a read of a file) is left out: to die before it is to die behind
 * the call before. */
static const struct {
	long nr;
	const char *name;
	char what; /* of its arguments: f descriptor, p path, @ path at */
	int deeds;
} calls[] = {
#ifdef SYS_open
	{ SYS_open, "open", 'p', OPENS },
	{ SYS_creat, "creat", 'p', OPENS & ~LOOKS },
	{ SYS_rename, "rename", 'p', NAMES },
	{ SYS_unlink, "unlink", 'p', NAMES },
	{ SYS_mkdir, "mkdir", 'p', NAMES },
	{ SYS_rmdir, "rmdir", 'p', NAMES },
	{ SYS_link, "link", 'p', NAMES },
	{ SYS_symlink, "symlink", 'p', NAMES },
	{ SYS_chmod, "chmod", 'p', NAMES },
	{ SYS_utimes, "utimes", 'p', NAMES },
	{ SYS_stat, "stat", 'p', IO | MEMORY },
	{ SYS_lstat, "lstat", 'p', IO | MEMORY },
	{ SYS_access, "access", 'p', IO },
	{ SYS_readlink, "readlink", 'p', IO },
	{ SYS_pipe, "pipe", ' ', FILES },
	{ SYS_dup2, "dup2", 'f', FILES },
	{ SYS_poll, "poll", ' ', INTR | MEMORY },
	{ SYS_vfork, "vfork", ' ', MEMORY },
#endif
#ifdef SYS_openat2
	{ SYS_openat2, "openat2", '@', OPENS },
#endif
	{ SYS_openat, "openat", '@', OPENS },
	{ SYS_renameat, "renameat", '@', NAMES },
	{ SYS_renameat2, "renameat2", '@', NAMES },
	{ SYS_unlinkat, "unlinkat", '@', NAMES },
	{ SYS_mkdirat, "mkdirat", '@', NAMES },
	{ SYS_linkat, "linkat", '@', NAMES },
	{ SYS_fchmodat, "fchmodat", '@', NAMES },
	{ SYS_utimensat, "utimensat", '@', NAMES },
	{ SYS_newfstatat, "fstatat", '@', IO | MEMORY },
	{ SYS_statx, "statx", '@', IO | MEMORY },
	{ SYS_faccessat, "faccessat", '@', IO },
	{ SYS_readlinkat, "readlinkat", '@', IO },
	{ SYS_truncate, "truncate", 'p', NAMES },
	{ SYS_read, "read", 'f', (MOVES & ~FULL) | LOOKS },
	{ SYS_readv, "readv", 'f', KILL | IO | INTR | LOOKS },
	{ SYS_pread64, "pread", 'f', (MOVES & ~FULL) | LOOKS },
	{ SYS_preadv, "preadv", 'f', KILL | IO | INTR | LOOKS },
	{ SYS_write, "write", 'f', MOVES },
	{ SYS_writev, "writev", 'f', KILL | IO | FULL | INTR },
	{ SYS_pwrite64, "pwrite", 'f', MOVES },
	{ SYS_pwritev, "pwritev", 'f', KILL | IO | FULL | INTR },
	{ SYS_sendfile, "sendfile", 'f', KILL | IO | FULL | INTR },
	{ SYS_copy_file_range, "copy_file_range", 'f', NAMES },
	{ SYS_ftruncate, "ftruncate", 'f', NAMES },
	{ SYS_fallocate, "fallocate", 'f', NAMES },
	{ SYS_fchmod, "fchmod", 'f', NAMES },
	{ SYS_fsync, "fsync", 'f', NAMES | INTR },
	{ SYS_fdatasync, "fdatasync", 'f', NAMES | INTR },
	{ SYS_flock, "flock", 'f', KILL | IO | INTR },
	{ SYS_fstat, "fstat", 'f', IO | MEMORY },
	{ SYS_getdents64, "getdents", 'f', IO | MEMORY },
	{ SYS_lseek, "lseek", 'f', IO },
	{ SYS_fcntl, "fcntl", 'f', IO | INTR | FILES },
	{ SYS_close, "close", 'f', IO | INTR | NONE_AFTER },
	{ SYS_dup, "dup", 'f', FILES },
	{ SYS_dup3, "dup3", 'f', FILES },
	{ SYS_pipe2, "pipe2", ' ', FILES },
	{ SYS_socketpair, "socketpair", ' ', FILES | MEMORY },
	{ SYS_eventfd2, "eventfd", ' ', FILES },
	{ SYS_memfd_create, "memfd_create", ' ', FILES | MEMORY },
	{ SYS_epoll_create1, "epoll_create", ' ', FILES },
	{ SYS_ppoll, "ppoll", ' ', INTR | MEMORY },
	{ SYS_wait4, "wait4", ' ', INTR },
	{ SYS_waitid, "waitid", ' ', INTR },
	{ SYS_clone, "clone", ' ', MEMORY },
	{ SYS_mmap, "mmap", ' ', MEMORY },
	{ SYS_mlock, "mlock", ' ', MEMORY },
	{ SYS_prctl, "prctl", ' ', IO },
	{ SYS_prlimit64, "prlimit", ' ', IO },
	{ SYS_getrandom, "getrandom", ' ', IO | INTR },
#ifdef SYS_clone3
	{ SYS_clone3, "clone3", ' ', MEMORY },
#endif
#ifdef SYS_close_range
	{ SYS_close_range, "close_range", ' ', IO },
#endif
#ifdef SYS_landlock_create_ruleset
	{ SYS_landlock_create_ruleset, "landlock_create_ruleset", ' ',
	    IO | FILES },
	{ SYS_landlock_add_rule, "landlock_add_rule", ' ', IO },
	{ SYS_landlock_restrict_self, "landlock_restrict_self", ' ', IO },
#endif
	{ SYS_seccomp, "seccomp", ' ', IO },
	{ SYS_socket, "socket", ' ', KILL | FILES | MEMORY },
	{ SYS_connect, "connect", 'f', KILL | IO | INTR },
	{ SYS_sendto, "send", 'f', KILL | IO | INTR | SHORT },
	{ SYS_sendmsg, "sendmsg", 'f', KILL | IO | INTR },
	{ SYS_sendmmsg, "sendmmsg", 'f', KILL | IO | INTR },
	{ SYS_recvfrom, "recv", 'f', KILL | IO | INTR | SHORT },
	{ SYS_recvmsg, "recvmsg", 'f', KILL | IO | INTR },
	{ SYS_recvmmsg, "recvmmsg", 'f', KILL | IO | INTR },
	{ SYS_setsockopt, "setsockopt", 'f', IO | MEMORY },
	{ SYS_getsockopt, "getsockopt", 'f', IO },
	{ SYS_getsockname, "getsockname", 'f', IO },
	{ SYS_getpeername, "getpeername", 'f', IO },
	{ SYS_shutdown, "shutdown", 'f', KILL | IO },
};

#endif
