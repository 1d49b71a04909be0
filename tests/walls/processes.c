/* Attacks on processes: new ones, others, and its own rights.  Worker, tests. */
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/kcmp.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "tests/walls/attack.h"

#define CALL(function, ...)              \
	static long function(void)       \
	{                                \
		return SYS(__VA_ARGS__); \
	}

/* ---- New ones ---- */

static char *const shell[] = { "sh", "-c", "exit 42" /* main.c looks for it */,
	NULL };
static char *const empty[] = { NULL };

CALL(exec, SYS_execve, "/bin/sh", shell, empty)
CALL(exec_at, SYS_execveat, AT_FDCWD, "/bin/sh", shell, empty, 0)

static long
exec_memory(void)
{
	long fd = SYS(SYS_memfd_create, "x", 0);

	return fd < 0 ? fd
		      : SYS(SYS_execveat, AT_FDCWD, "/bin/sh", shell, empty, 0);
}

static long
forked(void)
{
#ifdef SYS_fork
	long pid = SYS(SYS_fork);
#else
	long pid = SYS(SYS_clone, SIGCHLD, 0, 0, 0, 0);
#endif

	if (pid == 0)
		_exit(0);
	return pid;
}

static long
vforked(void)
{
	pid_t pid = vfork();

	if (pid == 0)
		_exit(0);
	return attack_result(pid);
}

static long
cloned(void)
{
	long pid = SYS(SYS_clone, SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		_exit(0);
	return pid;
}

static long
cloned3(void)
{
	struct clone_args args = { .exit_signal = SIGCHLD };
	long pid = SYS(SYS_clone3, &args, sizeof(args));

	if (pid == 0)
		_exit(0);
	return pid;
}

static void *
idle(void *p)
{
	return p;
}

static long
thread(void)
{
	pthread_t t;
	int rc = pthread_create(&t, NULL, idle, NULL);

	if (rc == 0)
		pthread_join(t, NULL);
	return -rc;
}

/* ---- Others ---- */

static char byte;

static long
memory_of_hub(long number)
{
	struct iovec ours = { &byte, 1 }, theirs = { targets.hub_memory, 1 };
	long rc = 0;

	if (number == SYS_process_vm_writev) /* what is there already */
		rc = SYS(
		    SYS_process_vm_readv, targets.hub, &ours, 1, &theirs, 1, 0);
	return rc < 0 ? rc : SYS(number, targets.hub, &ours, 1, &theirs, 1, 0);
}

static long
read_hub(void)
{
	return memory_of_hub(SYS_process_vm_readv);
}

static long
write_hub(void)
{
	return memory_of_hub(SYS_process_vm_writev);
}

CALL(seize, SYS_ptrace, PTRACE_SEIZE, targets.hub, 0, 0)
CALL(be_traced, SYS_ptrace, PTRACE_TRACEME, 0, 0, 0)
CALL(find_hub, SYS_pidfd_open, targets.hub, 0)
CALL(steal, SYS_pidfd_getfd, targets.hub_pidfd, 0, 0)
CALL(signal_pidfd, SYS_pidfd_send_signal, targets.hub_pidfd, SIGURG, NULL, 0)
CALL(kill_hub, SYS_kill, targets.hub, SIGURG)
CALL(kill_victim, SYS_kill, targets.victim, SIGUSR1)
CALL(kill_thread, SYS_tkill, targets.victim, SIGUSR1)
CALL(kill_in_group, SYS_tgkill, targets.victim, targets.victim, SIGUSR1)
CALL(wait_other, SYS_wait4, -1, NULL, WNOHANG, NULL)

static siginfo_t
letter(void)
{
	siginfo_t s;

	memset(&s, 0, sizeof(s));
	s.si_signo = SIGUSR1;
	s.si_code = SI_QUEUE;
	return s;
}

static long
queue(void)
{
	siginfo_t s = letter();

	return SYS(SYS_rt_sigqueueinfo, targets.victim, SIGUSR1, &s);
}

static long
queue_thread(void)
{
	siginfo_t s = letter();

	return SYS(
	    SYS_rt_tgsigqueueinfo, targets.victim, targets.victim, SIGUSR1, &s);
}

static struct rlimit64 limit;
static unsigned long mask[16] = { 3 };
static const struct sched_param idle_param;

CALL(limits_of_hub, SYS_prlimit64, targets.hub, RLIMIT_NOFILE, NULL, &limit)
CALL(slow_hub, SYS_setpriority, PRIO_PROCESS, targets.hub, 1)
CALL(pin_hub, SYS_sched_setaffinity, targets.hub, sizeof(mask), mask)
CALL(pages_of_hub, SYS_move_pages, targets.hub, 0, NULL, NULL, NULL, 0)
CALL(schedule, SYS_sched_setscheduler, 0, SCHED_BATCH, &idle_param)

static long
compare(void)
{
	return SYS(SYS_kcmp, targets.hub, targets.victim, KCMP_VM, 0, 0);
}

static long
advise_hub(void)
{
	struct iovec page = {
		(void *)((uintptr_t)targets.hub_memory & ~(uintptr_t)4095), 4096
	};

	return SYS(SYS_process_madvise, targets.hub_pidfd, &page, 1, 20, 0);
}

/* ---- Its own rights ---- */

static long
capabilities(void)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct all[2];

	memset(all, 0, sizeof(all));
	all[0].effective = all[0].permitted = 1 << CAP_DAC_READ_SEARCH;
	return SYS(SYS_capset, &h, all);
}

static long
more_memory(void)
{
	struct rlimit64 most = { RLIM64_INFINITY, RLIM64_INFINITY };

	return SYS(SYS_prlimit64, 0, RLIMIT_DATA, &most, NULL);
}

static long
more_memory_old(void)
{
	struct rlimit most = { RLIM_INFINITY, RLIM_INFINITY };

	return SYS(SYS_setrlimit, RLIMIT_DATA, &most);
}

static long
dumpable(void)
{
	return SYS(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0);
}

CALL(new_privileges, SYS_prctl, PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0)
CALL(tracer, SYS_prctl, PR_SET_PTRACER, targets.victim, 0, 0, 0)
CALL(rename_self, SYS_prctl, PR_SET_NAME, "sandferry", 0, 0, 0)
CALL(move_memory, SYS_prctl, PR_SET_MM, PR_SET_MM_ARG_START,
    program_invocation_name, 0, 0)
CALL(reaper, SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
CALL(be_user, SYS_setresuid, 65534, 65534, 65534)
CALL(be_group, SYS_setresgid, 65534, 65534, 65534)
CALL(groups, SYS_setgroups, 0, NULL)
CALL(session, SYS_setsid)
CALL(user_space, SYS_unshare, CLONE_NEWUSER)
CALL(mount_space, SYS_unshare, CLONE_NEWNS)
CALL(net_space, SYS_unshare, CLONE_NEWNET)
CALL(enter, SYS_setns, targets.network, CLONE_NEWNET)
CALL(persona, SYS_personality, 0x0400000 /* READ_IMPLIES_EXEC */)

static long
ignore(void)
{
	unsigned long action[4] = { (unsigned long)(uintptr_t)SIG_IGN };

	return SYS(SYS_rt_sigaction, SIGTERM, action, NULL, 8);
}

static char stack[16384];

static long
other_stack(void)
{
	stack_t s = { .ss_sp = stack, .ss_size = sizeof(stack) };

	return SYS(SYS_sigaltstack, &s, NULL);
}

const struct attack attack_processes[] = {
	{ "exec /bin/sh", exec, END_SIGSYS, 0, NULL },
	{ "execveat", exec_at, END_SIGSYS, 0, NULL },
	{ "exec from memory", exec_memory, END_SIGSYS, 0, NULL },
	{ "fork", forked, END_SIGSYS, 0, NULL },
	{ "vfork", vforked, END_SIGSYS, 0, NULL },
	{ "clone", cloned, END_SIGSYS, 0, NULL },
	{ "clone3", cloned3, END_SIGSYS, 0, NULL },
	/* it blocks signals meanwhile, so that the death has no name */
	{ "start a thread", thread, END_KILLED, FATAL, NULL },
	{ "ptrace the hub", seize, END_SIGSYS, 0, NULL },
	{ "ask to be traced", be_traced, END_SIGSYS, 0, NULL },
	{ "read the hub's memory", read_hub, END_SIGSYS, 0, NULL },
	{ "write the hub's memory", write_hub, END_SIGSYS, 0, NULL },
	{ "pidfd_open the hub", find_hub, END_SIGSYS, 0, NULL },
	{ "take a descriptor of the hub's", steal, END_SIGSYS, 0, NULL },
	{ "signal the hub by pidfd", signal_pidfd, END_SIGSYS, 0, NULL },
	{ "signal the hub", kill_hub, END_SIGSYS, 0, NULL },
	{ "signal another process", kill_victim, END_SIGSYS, 0, NULL },
	{ "signal a thread", kill_thread, END_SIGSYS, 0, NULL },
	{ "signal a thread of a process", kill_in_group, END_EPERM, 0, NULL },
	{ "queue a signal", queue, END_SIGSYS, 0, NULL },
	{ "queue a signal for a thread", queue_thread, END_SIGSYS, 0, NULL },
	{ "wait for others", wait_other, END_EPERM, 0,
	    "the kernel: it has no children" },
	{ "read the hub's limits", limits_of_hub, END_EPERM, 0, NULL },
	{ "slow the hub down", slow_hub, END_EPERM, 0, NULL },
	{ "pin the hub to processors", pin_hub, END_EPERM, 0, NULL },
	{ "move the hub's pages", pages_of_hub, END_SIGSYS, 0,
	    "a kernel without NUMA" },
	{ "compare the hub with another", compare, END_SIGSYS, 0,
	    "a kernel without kcmp" },
	{ "push the hub's pages out", advise_hub, END_SIGSYS, 0,
	    "a kernel without swap" },
	{ "change its scheduling", schedule, END_EPERM, 0, NULL },
	{ "take capabilities back", capabilities, END_EPERM, 0, NULL },
	{ "raise the memory limit", more_memory, END_EPERM, 0, NULL },
	{ "raise the memory limit by setrlimit", more_memory_old, END_SIGSYS, 0,
	    NULL },
	{ "be dumpable again", dumpable, END_EPERM, 0, NULL },
	{ "gain privileges again", new_privileges, END_EPERM, 0,
	    "the kernel: there is no way back" },
	{ "name a tracer", tracer, END_EPERM, 0, "a kernel without Yama" },
	{ "take another name", rename_self, END_EPERM, 0, NULL },
	{ "move its memory about", move_memory, END_EPERM, 0,
	    "a container without CAP_SYS_RESOURCE" },
	{ "adopt orphans", reaper, END_EPERM, 0, NULL },
	{ "setuid", be_user, END_EPERM, 0, NULL },
	{ "setgid", be_group, END_EPERM, 0, NULL },
	{ "setgroups", groups, END_EPERM, 0, NULL },
	{ "setsid", session, END_EPERM, 0, NULL },
	{ "unshare users", user_space, END_SIGSYS, 0,
	    "a system without user namespaces" },
	{ "unshare mounts", mount_space, END_SIGSYS, 0, NULL },
	{ "unshare the network", net_space, END_SIGSYS, 0, NULL },
	{ "setns", enter, END_SIGSYS, 0, NULL },
	{ "personality", persona, END_SIGSYS, 0, NULL },
	{ "ignore a signal", ignore, END_EPERM, 0, NULL },
	{ "sigaltstack", other_stack, END_EPERM, 0, NULL },
	{ 0 },
};
