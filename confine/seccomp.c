/*
 * The tables of system calls, the filter made from them, and the last words
 * of a process that it ends.  Hub and worker.
 */
#include "confine/seccomp.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "confine/role.h"

#ifdef __linux__

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCH AUDIT_ARCH_RISCV64
#endif

enum {
	X32 = 0x40000000, /* x86: the same calls by other numbers */
	CHECKS = 3,
	SOCKET_FLAGS = SOCK_NONBLOCK | SOCK_CLOEXEC,
	/* what may be set on a descriptor: no signals, nothing past caches */
	STATUS_FLAGS = O_NONBLOCK | O_ACCMODE,
	/* urgent bytes are in nobody's protocol, and were in many a hole */
	SEND_FLAGS = MSG_NOSIGNAL | MSG_DONTWAIT | MSG_MORE,
	RECEIVE_FLAGS = MSG_NOSIGNAL | MSG_DONTWAIT | MSG_PEEK | MSG_WAITALL |
	    MSG_TRUNC | MSG_CMSG_CLOEXEC,
	/*
	 * What is put into a folder never runs as its owner: whoever may call it
	 * there would be the user.  (By open it cannot be had either: the kernel
	 * takes that bit from a file that is written to.)
	 */
	FILE_MODES = 07777 & ~S_ISUID,
	/*
	 * Memory that the limits count: neither shared, nor growing as a stack
	 * does, nor pinned.
	 */
	PROTECTION = PROT_READ | PROT_WRITE,
	MAP_FLAGS =
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE | MAP_STACK,
};

enum check_how {
	CHECK_NOTHING,
	CHECK_IS, /* equal to value, in all 64 bits */
	CHECK_IS_SELF, /* equal to our process id */
	CHECK_LACKS, /* none of these bits, and none above 32 */
	CHECK_IS_STREAM, /* SOCK_STREAM, whatever its flags */
};

struct check {
	unsigned char how, arg;
	uint32_t value;
};

/* Allowed to those who have the group, if the arguments are as they should. */
struct allowed {
	int number;
	unsigned group;
	struct check checks[CHECKS];
};

#define IS(arg, value)               \
	{                            \
		CHECK_IS, arg, value \
	}
#define ONLY(arg, value) LACKS(arg, ~(unsigned)(value))
#define LACKS(arg, value)               \
	{                               \
		CHECK_LACKS, arg, value \
	}

/* The busiest first. */
static const struct allowed allowed[] = {
	{ SYS_recvfrom, ROLE_CALLS_STREAM, { ONLY(3, RECEIVE_FLAGS) } },
	/* no address: a handed socket stays with its peer */
	{ SYS_sendto, ROLE_CALLS_STREAM, { IS(4, 0), ONLY(3, SEND_FLAGS) } },
	{ SYS_setsockopt, ROLE_CALLS_STREAM,
	    { IS(1, IPPROTO_TCP), IS(2, TCP_QUICKACK) } },
	{ SYS_shutdown, ROLE_CALLS_STREAM, { { 0 } } },

	{ SYS_recvmsg, ROLE_CALLS_DOOR, { ONLY(2, RECEIVE_FLAGS) } },
	{ SYS_sendmsg, ROLE_CALLS_DOOR, { ONLY(2, SEND_FLAGS) } },
#ifdef SYS_poll
	{ SYS_poll, ROLE_CALLS_DOOR, { { 0 } } },
#endif
	{ SYS_ppoll, ROLE_CALLS_DOOR, { { 0 } } },

	{ SYS_pread64, ROLE_CALLS_FILES, { { 0 } } },
	{ SYS_read, ROLE_CALLS_FILES, { { 0 } } },
	{ SYS_write, ROLE_CALLS_FILES, { { 0 } } },
	{ SYS_writev, ROLE_CALLS_FILES, { { 0 } } },
	{ SYS_pwrite64, ROLE_CALLS_FILES, { { 0 } } },
	{ SYS_close, ROLE_CALLS_FILES, { { 0 } } },
	{ SYS_lseek, ROLE_CALLS_FILES, { { 0 } } },
	{ SYS_fstat, ROLE_CALLS_FILES, { { 0 } } },
	{ SYS_fcntl, ROLE_CALLS_FILES, { IS(1, F_GETFL) } },
	{ SYS_fcntl, ROLE_CALLS_FILES,
	    { IS(1, F_SETFL), ONLY(2, STATUS_FLAGS) } },
	{ SYS_fcntl, ROLE_CALLS_FILES, { IS(1, F_GETFD) } },
	{ SYS_fcntl, ROLE_CALLS_FILES, { IS(1, F_SETFD) } },

	/* Landlock says beneath which folder; attributes by descriptor only */
	{ SYS_openat2, ROLE_CALLS_FOLDER, { { 0 } } },
	{ SYS_renameat2, ROLE_CALLS_FOLDER, { IS(4, 0) } },
	{ SYS_mkdirat, ROLE_CALLS_FOLDER, { { 0 } } },
	{ SYS_unlinkat, ROLE_CALLS_FOLDER, { { 0 } } },
	{ SYS_linkat, ROLE_CALLS_FOLDER, { IS(4, 0) } },
	{ SYS_symlinkat, ROLE_CALLS_FOLDER, { { 0 } } },
	{ SYS_readlinkat, ROLE_CALLS_FOLDER, { { 0 } } },
	{ SYS_getdents64, ROLE_CALLS_FOLDER, { { 0 } } },
	{ SYS_fchmod, ROLE_CALLS_FOLDER, { ONLY(1, FILE_MODES) } },
	{ SYS_utimensat, ROLE_CALLS_FOLDER, { IS(1, 0) } },
	{ SYS_ftruncate, ROLE_CALLS_FOLDER, { { 0 } } },
	{ SYS_fsync, ROLE_CALLS_FOLDER, { { 0 } } },
	{ SYS_fstatfs, ROLE_CALLS_FOLDER, { { 0 } } },
	{ SYS_copy_file_range, ROLE_CALLS_FOLDER, { { 0 } } },
	{ SYS_ioctl, ROLE_CALLS_FOLDER, { IS(1, FICLONE) } },

	{ SYS_brk, ROLE_CALLS_MEMORY, { { 0 } } },
	{ SYS_mmap, ROLE_CALLS_MEMORY,
	    { ONLY(2, PROTECTION), ONLY(3, MAP_FLAGS) } },
	{ SYS_mprotect, ROLE_CALLS_MEMORY, { ONLY(2, PROTECTION) } },
	{ SYS_munmap, ROLE_CALLS_MEMORY, { { 0 } } },
	{ SYS_mremap, ROLE_CALLS_MEMORY, { ONLY(3, MREMAP_MAYMOVE) } },
	/* malloc(3) gives back; a password is kept out of swap and dumps */
	{ SYS_madvise, ROLE_CALLS_MEMORY, { IS(2, MADV_DONTNEED) } },
	{ SYS_madvise, ROLE_CALLS_MEMORY, { IS(2, MADV_DONTDUMP) } },
	{ SYS_mlock, ROLE_CALLS_MEMORY, { { 0 } } },

	/* one thread: nobody to wait for, and no priorities to inherit */
	{ SYS_futex, ROLE_CALLS_PROCESS, { IS(1, FUTEX_WAKE_PRIVATE) } },
	{ SYS_futex, ROLE_CALLS_PROCESS, { IS(1, FUTEX_WAIT_PRIVATE) } },
	{ SYS_getpid, ROLE_CALLS_PROCESS, { { 0 } } },
	{ SYS_gettid, ROLE_CALLS_PROCESS, { { 0 } } },
	{ SYS_getrandom, ROLE_CALLS_PROCESS, { { 0 } } },
	{ SYS_clock_gettime, ROLE_CALLS_PROCESS, { { 0 } } },
	{ SYS_clock_getres, ROLE_CALLS_PROCESS, { { 0 } } },
	{ SYS_clock_nanosleep, ROLE_CALLS_PROCESS, { { 0 } } },
	{ SYS_nanosleep, ROLE_CALLS_PROCESS, { { 0 } } },
	{ SYS_gettimeofday, ROLE_CALLS_PROCESS, { { 0 } } },
#ifdef SYS_time
	{ SYS_time, ROLE_CALLS_PROCESS, { { 0 } } },
#endif
	{ SYS_sched_yield, ROLE_CALLS_PROCESS, { { 0 } } },
	{ SYS_restart_syscall, ROLE_CALLS_PROCESS, { { 0 } } },
	{ SYS_rt_sigreturn, ROLE_CALLS_PROCESS, { { 0 } } },
	{ SYS_rt_sigprocmask, ROLE_CALLS_PROCESS, { { 0 } } },
	/* abort(3) */
	{ SYS_tgkill, ROLE_CALLS_PROCESS, { { CHECK_IS_SELF, 0, 0 } } },
	/* its own limits may be asked for, not set */
	{ SYS_prlimit64, ROLE_CALLS_PROCESS, { IS(0, 0), IS(2, 0) } },
	{ SYS_exit, ROLE_CALLS_PROCESS, { { 0 } } },
	{ SYS_exit_group, ROLE_CALLS_PROCESS, { { 0 } } },

	{ SYS_getsockopt, ROLE_CALLS_PEER, { IS(1, SOL_SOCKET) } },
	{ SYS_getsockname, ROLE_CALLS_PEER, { { 0 } } },
	{ SYS_getpeername, ROLE_CALLS_PEER, { { 0 } } },
	{ SYS_setsockopt, ROLE_CALLS_PEER,
	    { IS(1, IPPROTO_TCP), IS(2, TCP_NODELAY) } },
	{ SYS_setsockopt, ROLE_CALLS_PEER,
	    { IS(1, SOL_SOCKET), IS(2, SO_KEEPALIVE) } },

	/* the hub makes sockets of one kind: TCP, and neither MPTCP nor SCTP */
	{ SYS_socket, ROLE_CALLS_ANY,
	    { IS(0, AF_INET), { CHECK_IS_STREAM, 1, 0 }, IS(2, 0) } },
	{ SYS_socket, ROLE_CALLS_ANY,
	    { IS(0, AF_INET), { CHECK_IS_STREAM, 1, 0 }, IS(2, IPPROTO_TCP) } },
	{ SYS_socket, ROLE_CALLS_ANY,
	    { IS(0, AF_INET6), { CHECK_IS_STREAM, 1, 0 }, IS(2, 0) } },
	{ SYS_socket, ROLE_CALLS_ANY,
	    { IS(0, AF_INET6), { CHECK_IS_STREAM, 1, 0 },
		IS(2, IPPROTO_TCP) } },
};

/* What nobody does by accident. */
static const struct {
	int number;
	const char *name;
	bool hub; /* the hub has no use for it either */
} refused[] = {
#define CALL(name) SYS_##name, #name
#ifdef SYS_open
	{ CALL(open), false },
	{ CALL(creat), false },
	{ CALL(fork), false },
	{ CALL(vfork), false },
#endif
	/* files and programs */
	{ CALL(openat), false },
	{ CALL(openat2), false },
	{ CALL(open_by_handle_at), true },
	{ CALL(name_to_handle_at), true },
	{ CALL(execve), false },
	{ CALL(execveat), false },
	{ CALL(memfd_create), false },
#ifdef SYS_memfd_secret
	{ CALL(memfd_secret), true },
#endif
	/* the network */
	{ CALL(socket), true },
	{ CALL(connect), false },
	{ CALL(bind), true },
	{ CALL(listen), true },
	{ CALL(accept), true },
	{ CALL(accept4), true },
	/* processes, and what is theirs */
	{ CALL(clone), false },
	{ CALL(clone3), false },
	{ CALL(kill), false },
	{ CALL(tkill), false },
	{ CALL(rt_sigqueueinfo), true },
	{ CALL(rt_tgsigqueueinfo), true },
	{ CALL(pidfd_open), false },
	{ CALL(pidfd_send_signal), false },
	{ CALL(pidfd_getfd), true },
	{ CALL(ptrace), true },
	{ CALL(process_vm_readv), true },
	{ CALL(process_vm_writev), true },
	{ CALL(process_madvise), true },
	{ CALL(kcmp), true },
	{ CALL(move_pages), true },
	{ CALL(migrate_pages), true },
	{ CALL(setrlimit), false },
	{ CALL(seccomp), false },
	/* doors to the kernel that most of its holes lie behind */
	{ CALL(userfaultfd), true },
	{ CALL(io_uring_setup), true },
	{ CALL(io_uring_enter), true },
	{ CALL(io_uring_register), true },
	{ CALL(bpf), true },
	{ CALL(perf_event_open), true },
	{ CALL(keyctl), true },
	{ CALL(add_key), true },
	{ CALL(request_key), true },
	{ CALL(fanotify_init), true },
#ifdef SYS_lookup_dcookie
	{ CALL(lookup_dcookie), true },
#endif
#ifdef SYS_modify_ldt
	{ CALL(modify_ldt), true },
#endif
#ifdef SYS_iopl
	{ CALL(iopl), true },
#endif
#ifdef SYS_ioperm
	{ CALL(ioperm), true },
#endif
#ifdef SYS_uselib
	{ CALL(uselib), true },
#endif
	{ CALL(personality), true },
	/* namespaces and mounts */
	{ CALL(unshare), true },
	{ CALL(setns), true },
	{ CALL(mount), true },
	{ CALL(umount2), true },
	{ CALL(pivot_root), true },
	{ CALL(chroot), true },
	{ CALL(open_tree), true },
	{ CALL(move_mount), true },
	{ CALL(fsopen), true },
	{ CALL(fsconfig), true },
	{ CALL(fsmount), true },
	{ CALL(fspick), true },
	{ CALL(mount_setattr), true },
	/* the system itself */
	{ CALL(init_module), true },
	{ CALL(finit_module), true },
	{ CALL(delete_module), true },
	{ CALL(kexec_load), true },
#ifdef SYS_kexec_file_load
	{ CALL(kexec_file_load), true },
#endif
	{ CALL(reboot), true },
	{ CALL(swapon), true },
	{ CALL(swapoff), true },
	{ CALL(acct), true },
	{ CALL(quotactl), true },
#ifdef SYS_quotactl_fd
	{ CALL(quotactl_fd), true },
#endif
	{ CALL(syslog), true },
	{ CALL(sethostname), true },
	{ CALL(setdomainname), true },
	{ CALL(settimeofday), true },
	{ CALL(clock_settime), true },
	{ CALL(clock_adjtime), true },
	{ CALL(adjtimex), true },
	{ CALL(vhangup), true },
#ifdef SYS_nfsservctl
	{ CALL(nfsservctl), true },
#endif
#undef CALL
};

/*
 * What the hub may do but with these bits of an argument, of which the kernel
 * reads the low half.  Who types on the terminal has the shell there run what it
 * likes.  A new namespace makes its owner root there, as unshare(2) does.
 */
static const struct excepted {
	int number;
	unsigned arg;
	uint32_t mask, value;
	int why;
} excepted[] = {
	{ SYS_ioctl, 1, UINT32_MAX, TIOCSTI, EPERM },
	/* it selects text and pastes it */
	{ SYS_ioctl, 1, UINT32_MAX, TIOCLINUX, EPERM },
#define NAMESPACE(flag) SYS_clone, 0, flag, flag, EPERM
	{ NAMESPACE(CLONE_NEWUSER) },
	{ NAMESPACE(CLONE_NEWNS) },
	{ NAMESPACE(CLONE_NEWCGROUP) },
	{ NAMESPACE(CLONE_NEWUTS) },
	{ NAMESPACE(CLONE_NEWIPC) },
	{ NAMESPACE(CLONE_NEWPID) },
	{ NAMESPACE(CLONE_NEWNET) },
#undef NAMESPACE
	/* Landlock 1 and 2 let it cut what it may not write */
	{ SYS_truncate, 0, 0, 0, EPERM },
	/* its flags lie in memory: libc then asks in the old way */
	{ SYS_clone3, 0, 0, 0, ENOSYS },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct program {
	struct sock_filter *code;
	size_t n;
	bool number_lost; /* the accumulator no longer holds it */
};

static void
add(struct program *p, unsigned op, unsigned value, size_t yes, size_t no)
{
	p->code[p->n++] = (struct sock_filter){ (uint16_t)op, (uint8_t)yes,
		(uint8_t)no, value };
}

static void
load(struct program *p, size_t offset)
{
	add(p, BPF_LD | BPF_W | BPF_ABS, (unsigned)offset, 0, 0);
}

static void
answer(struct program *p, unsigned action)
{
	add(p, BPF_RET | BPF_K, action, 0, 0);
}

/* Where half an argument lies: 0 the low one, 1 the high one. */
static size_t
half(unsigned arg, unsigned which)
{
	size_t at = offsetof(struct seccomp_data, args) + arg * 8;

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	which = 1 - which;
#endif
	return at + 4 * which;
}

enum {
	CHECK_LEN = 5, /* instructions at most */
	ALLOWED_LEN = 3 + CHECKS * CHECK_LEN,
	REFUSED_LEN = 2,
	EXCEPTED_LEN = 6,
	FRAME_LEN = 8, /* what surrounds them */
};

_Static_assert(COUNT(allowed) * ALLOWED_LEN + COUNT(refused) * REFUSED_LEN +
	    COUNT(excepted) * EXCEPTED_LEN + FRAME_LEN <=
	SECCOMP_MAX,
    "the filter has room for both tables");

static size_t
check_len(const struct check *c)
{
	if (c->how == CHECK_NOTHING)
		return 0;
	return c->how == CHECK_IS_STREAM ? CHECK_LEN : CHECK_LEN - 1;
}

/* Both halves; where it does not hold, skip what follows and `rest` more. */
static void
add_check(struct program *p, const struct check *c, size_t rest)
{
	size_t end = p->n + check_len(c) + rest;

	load(p, half(c->arg, 1));
	add(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, end - p->n - 1);
	load(p, half(c->arg, 0));
	switch (c->how) {
	case CHECK_LACKS:
		add(p, BPF_JMP | BPF_JSET | BPF_K, c->value, end - p->n - 1, 0);
		break;
	case CHECK_IS_STREAM:
		add(p, BPF_ALU | BPF_AND | BPF_K, ~(unsigned)SOCKET_FLAGS, 0,
		    0);
		add(p, BPF_JMP | BPF_JEQ | BPF_K, SOCK_STREAM, 0,
		    end - p->n - 1);
		break;
	default:
		add(p, BPF_JMP | BPF_JEQ | BPF_K,
		    c->how == CHECK_IS_SELF ? (unsigned)getpid() : c->value, 0,
		    end - p->n - 1);
	}
}

static void
need_number(struct program *p)
{
	if (p->number_lost)
		load(p, offsetof(struct seccomp_data, nr));
	p->number_lost = false;
}

static void
allow(struct program *p, const struct allowed *a)
{
	size_t rest = 1, i;

	need_number(p);
	for (i = 0; i < CHECKS; i++)
		rest += check_len(&a->checks[i]);
	add(p, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)a->number, 0, rest);
	for (i = 0; i < CHECKS && a->checks[i].how != CHECK_NOTHING; i++) {
		rest -= check_len(&a->checks[i]);
		add_check(p, &a->checks[i], rest);
		p->number_lost = true;
	}
	answer(p, SECCOMP_RET_ALLOW);
}

static void
except(struct program *p, const struct excepted *e)
{
	need_number(p);
	add(p, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)e->number, 0, 4);
	load(p, half(e->arg, 0));
	add(p, BPF_ALU | BPF_AND | BPF_K, e->mask, 0, 0);
	add(p, BPF_JMP | BPF_JEQ | BPF_K, e->value, 0, 1);
	answer(p, SECCOMP_RET_ERRNO | (unsigned)e->why);
	p->number_lost = true;
}

size_t
seccomp_print(struct sock_filter *code, unsigned calls)
{
#ifdef ARCH
	struct program p = { code, 0, true };
	bool any = calls & ROLE_CALLS_ANY;
	size_t i;

	load(&p, offsetof(struct seccomp_data, arch));
	add(&p, BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
	answer(&p, SECCOMP_RET_KILL_PROCESS);
	need_number(&p);
	add(&p, BPF_JMP | BPF_JGE | BPF_K, X32, 0, 1);
	answer(&p, SECCOMP_RET_KILL_PROCESS);
	for (i = 0; i < COUNT(allowed); i++)
		if (allowed[i].group & calls)
			allow(&p, &allowed[i]);
	for (i = 0; any && i < COUNT(excepted); i++)
		except(&p, &excepted[i]);
	need_number(&p);
	for (i = 0; i < COUNT(refused); i++) {
		if (any && !refused[i].hub)
			continue;
		add(&p, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)refused[i].number,
		    0, 1);
		answer(&p, any ? SECCOMP_RET_ERRNO | EPERM : SECCOMP_RET_TRAP);
	}
	answer(&p, any ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | EPERM);
	return p.n;
#else
	(void)code;
	(void)calls;
	return 0;
#endif
}

int
seccomp_restrict(unsigned calls, bool all_threads)
{
	struct sock_filter code[SECCOMP_MAX];
	struct sock_fprog program = { .filter = code };
	long rc;

	program.len = (unsigned short)seccomp_print(code, calls);
	if (program.len == 0)
		return -ENOSYS;
	rc = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	    all_threads ? SECCOMP_FILTER_FLAG_TSYNC : 0, &program);
	/* with TSYNC it may be the thread that could not follow */
	return rc == 0 ? 0 : rc > 0 ? -EBUSY : -errno;
}

static const char *
name_of(int number)
{
	size_t i;

	for (i = 0; i < COUNT(refused); i++)
		if (refused[i].number == number)
			return refused[i].name;
	return "?";
}

static void
on_refusal(int number, siginfo_t *info, void *context)
{
	const char *name = name_of(info->si_syscall);

	(void)number;
	(void)context;
	(void)!write(
	    STDERR_FILENO, SECCOMP_LAST_WORDS, sizeof(SECCOMP_LAST_WORDS) - 1);
	(void)!write(STDERR_FILENO, name, strlen(name));
	(void)!write(STDERR_FILENO, "\n", 1);
	/* refused again, while its signal is blocked: that ends us */
	syscall(SYS_ptrace, 0, 0, 0, 0);
	_exit(1);
}

int
seccomp_announce(void)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_sigaction = on_refusal;
	action.sa_flags = SA_SIGINFO;
	sigemptyset(&action.sa_mask);
	return sigaction(SIGSYS, &action, NULL);
}

bool
seccomp_is_refusal(const char *name, size_t n)
{
	size_t i;

	for (i = 0; i < COUNT(refused); i++)
		if (strlen(refused[i].name) == n &&
		    memcmp(refused[i].name, name, n) == 0)
			return true;
	return false;
}

#else

size_t
seccomp_print(struct sock_filter *code, unsigned calls)
{
	(void)code;
	(void)calls;
	return 0;
}

int
seccomp_restrict(unsigned calls, bool all_threads)
{
	(void)calls;
	(void)all_threads;
	return -ENOSYS;
}

int
seccomp_announce(void)
{
	return 0;
}

bool
seccomp_is_refusal(const char *name, size_t n)
{
	(void)name;
	(void)n;
	return false;
}

#endif
