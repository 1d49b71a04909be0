/* Attacks on the kernel and on its own memory.  Worker, of the tests only. */
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>

#include "base/limits.h"
#include "tests/walls/attack.h"

#define CALL(function, ...)              \
	static long function(void)       \
	{                                \
		return SYS(__VA_ARGS__); \
	}

/* ---- Doors into the kernel ---- */

static struct io_uring_params ring;
static char text[256];
static struct timex clock_state;
static const struct itimerval never;

CALL(uring, SYS_io_uring_setup, 1, &ring)
CALL(faults, SYS_userfaultfd, O_CLOEXEC)
CALL(new_key, SYS_add_key, "user", "walls", "x", 1, KEY_SPEC_PROCESS_KEYRING)
CALL(own_keys, SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1)
CALL(kernel_log, SYS_syslog, 10 /* its size */, NULL, 0)
CALL(host_name, SYS_sethostname, targets.host, strlen(targets.host))
CALL(set_time, SYS_settimeofday, NULL, NULL)
CALL(adjust_time, SYS_adjtimex, &clock_state)
CALL(alarm_clock, SYS_setitimer, ITIMER_REAL, &never, NULL)
CALL(landlock, SYS_landlock_create_ruleset, NULL, 0, 1)
CALL(members, SYS_membarrier, 0, 0, 0)
CALL(system_info, SYS_uname, text)

static long
program(void)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = attr.value_size = 4;
	attr.max_entries = 1;
	return SYS(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
}

static long
events(void)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_CPU_CLOCK };

	return SYS(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

/* Filters add up: it would gain nothing, but may not even try. */
static long
laxer(void)
{
	struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog filter = { 1, &all };

	return SYS(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter);
}

static long
timer(void)
{
	int id;

	return SYS(SYS_timer_create, CLOCK_MONOTONIC, NULL, &id);
}

static long
shared_segment(void)
{
	long id = SYS(SYS_shmget, IPC_PRIVATE, 4096, IPC_CREAT | 0600);

	if (id >= 0)
		shmctl((int)id, IPC_RMID, NULL);
	return id;
}

static long
queue(void)
{
	long id = SYS(SYS_msgget, IPC_PRIVATE, IPC_CREAT | 0600);

	if (id >= 0)
		msgctl((int)id, IPC_RMID, NULL);
	return id;
}

static long
semaphore(void)
{
	long id = SYS(SYS_semget, IPC_PRIVATE, 1, IPC_CREAT | 0600);

	if (id >= 0)
		semctl((int)id, 0, IPC_RMID);
	return id;
}

static long
posix_queue(void)
{
	long id =
	    SYS(SYS_mq_open, "sandferry-walls", O_CREAT | O_RDWR, 0600, NULL);

	if (id >= 0)
		(void)SYS(SYS_mq_unlink, "sandferry-walls");
	return id;
}

#ifdef __x86_64__
/* The same calls by other doors, which have other numbers. */
static long
old_door(void)
{
	long rc;

	__asm__ volatile("int $0x80"
			 : "=a"(rc)
			 : "a"(20 /* getpid */)
			 : "memory");
	return rc;
}

CALL(x32, 0x40000000 | SYS_getpid)
CALL(ports, SYS_ioperm, 0x80, 1, 0)
CALL(segments, SYS_modify_ldt, 0, text, sizeof(text))
CALL(thread_base, SYS_arch_prctl, 0x1003 /* ARCH_GET_FS */, text)
#endif

const struct attack attack_kernel[] = {
	{ "io_uring", uring, END_SIGSYS, 0, "a kernel without io_uring" },
	{ "userfaultfd", faults, END_SIGSYS, 0,
	    "a kernel without userfaultfd" },
	{ "bpf", program, END_SIGSYS, 0, NULL },
	{ "perf events", events, END_SIGSYS, 0, "a kernel without perf" },
	{ "add a key to the keyring", new_key, END_SIGSYS, 0, NULL },
	{ "look into the keyring", own_keys, END_SIGSYS, 0, NULL },
	{ "a laxer filter", laxer, END_SIGSYS, 0, NULL },
	{ "a Landlock of its own", landlock, END_EPERM, 0,
	    "a kernel without Landlock" },
	{ "read the kernel's log", kernel_log, END_SIGSYS, 0, NULL },
	{ "set the host name", host_name, END_SIGSYS, 0, NULL },
	{ "set the time", set_time, END_SIGSYS, 0, NULL },
	{ "adjust the clock", adjust_time, END_SIGSYS, 0, NULL },
	{ "make a timer", timer, END_EPERM, 0, NULL },
	{ "set an alarm", alarm_clock, END_EPERM, 0, NULL },
	{ "shared memory", shared_segment, END_EPERM, 0, NULL },
	{ "a message queue", queue, END_EPERM, 0, NULL },
	{ "a semaphore", semaphore, END_EPERM, 0, NULL },
	{ "a POSIX message queue", posix_queue, END_EPERM, 0, NULL },
	{ "membarrier", members, END_EPERM, 0, NULL },
	{ "ask for the system's name", system_info, END_EPERM, 0, NULL },
#ifdef __x86_64__
	{ "32-bit system calls", old_door, END_KILLED, FATAL,
	    "a kernel without them" },
	{ "x32 system calls", x32, END_KILLED, FATAL, "a kernel without them" },
	{ "ports of devices", ports, END_SIGSYS, 0, "a kernel without them" },
	{ "segments of its own", segments, END_SIGSYS, 0, NULL },
	{ "arch_prctl", thread_base, END_EPERM, 0, NULL },
#endif
	{ 0 },
};

/* ---- Memory ---- */

enum {
	MIB = 1024 * 1024,
	TOO_MUCH = LIMIT_WORKER_MEMORY + 32 * MIB,
	TOO_WIDE = LIMIT_WORKER_SPACE + 32 * MIB,
	RW = PROT_READ | PROT_WRITE,
};

static long
map(size_t n, int protection, int flags, int fd)
{
	void *p = mmap(NULL, n, protection, flags, fd, 0);

	if (p == MAP_FAILED)
		return -errno;
	munmap(p, n);
	return 0;
}

#define MAP(function, n, protection, flags, fd)               \
	static long function(void)                            \
	{                                                     \
		return map((n), (protection), (flags), (fd)); \
	}

MAP(code, 4096, RW | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1)
MAP(code_of_file, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, targets.file)
MAP(shared_file, 4096, RW, MAP_SHARED, targets.file)
MAP(much, TOO_MUCH, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1)
MAP(much_shared, 4096, RW, MAP_SHARED | MAP_ANONYMOUS, -1)
MAP(much_stack, TOO_MUCH, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN, -1)
MAP(wide, TOO_WIDE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1)

static char page[3 * 4096];

static long
protect(long number)
{
	uintptr_t at = ((uintptr_t)page + 4095) & ~(uintptr_t)4095;
	long rc = SYS(number, at, 4096, RW | PROT_EXEC, -1);

	if (rc == 0)
		mprotect((void *)at, 4096, RW);
	return rc;
}

static long
executable(void)
{
	return protect(SYS_mprotect);
}

static long
executable_by_key(void)
{
	return protect(SYS_pkey_mprotect);
}

static long
nameless(void)
{
	return SYS(SYS_memfd_create, "walls", 0);
}

#ifdef SYS_memfd_secret
static long
secret(void)
{
	return SYS(SYS_memfd_secret, 0);
}
#endif

static long
merge(void)
{
	uintptr_t at = ((uintptr_t)page + 4095) & ~(uintptr_t)4095;

	return SYS(SYS_madvise, at, 4096, MADV_MERGEABLE);
}

static long
lock_all(void)
{
	return SYS(SYS_mlockall, MCL_CURRENT);
}

/* One byte of it would be on the disk. */
static long
long_file(void)
{
	return SYS(SYS_pwrite64, targets.scratch, "x", 1, (off_t)LIMIT_LEDGER);
}

const struct attack attack_memory[] = {
	{ "memory to execute", code, END_EPERM, 0, NULL },
	{ "execute a handed file", code_of_file, END_EPERM, HANDED_FILE, NULL },
	{ "write a handed file by mapping it", shared_file, END_EPERM,
	    HANDED_FILE, "the kernel: the descriptor is read-only" },
	{ "make memory executable", executable, END_EPERM, 0, NULL },
	{ "make memory executable by a key", executable_by_key, END_EPERM, 0,
	    NULL },
	{ "more memory than the limit", much, END_ENOMEM, 0, NULL },
	{ "shared memory, which no limit counts", much_shared, END_EPERM, 0,
	    NULL },
	{ "a stack above the limit", much_stack, END_EPERM, 0, NULL },
	{ "more addresses than the limit", wide, END_ENOMEM, 0, NULL },
	{ "memfd_create", nameless, END_SIGSYS, 0, NULL },
#ifdef SYS_memfd_secret
	{ "memfd_secret", secret, END_SIGSYS, 0,
	    "a kernel without secret memory" },
#endif
	{ "merge pages with others", merge, END_EPERM, 0,
	    "a kernel without merging" },
	{ "lock all memory", lock_all, END_EPERM, 0, NULL },
	{ "a file longer than the limit", long_file,
	    END_KILLED | IN_FOLDER(END_TOLD), FATAL, NULL },
	{ 0 },
};
