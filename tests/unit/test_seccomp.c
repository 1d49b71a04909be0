/*
 * test_seccomp: the filters are run here, instruction by instruction, and
 * compared with what libseccomp makes of the same tables.
 */
#include "confine/seccomp.c" /* for its tables */

#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

enum {
	NUMBERS = 1024, /* system calls that there may be */
	LAST_X32 = 600,
	ARGUMENTS = 300, /* sets of them for each number */
	BROKEN = 0x12345678, /* no action: the filter is no filter */
};

struct filter {
	struct sock_filter code[4096];
	size_t n;
};

/* ---- A machine for filters: what seccomp(2) lets through ---- */

static uint32_t
run(const struct filter *f, const struct seccomp_data *data)
{
	const unsigned char *bytes = (const unsigned char *)data;
	const struct sock_filter *i;
	uint32_t a = 0;
	bool yes;
	size_t pc;

	for (pc = 0; pc < f->n; pc++) {
		i = &f->code[pc];
		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (i->k % 4 != 0 || i->k > sizeof(*data) - 4)
				return BROKEN;
			memcpy(&a, bytes + i->k, sizeof(a));
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= i->k;
			continue;
		case BPF_RET | BPF_K:
			return i->k;
		case BPF_JMP | BPF_JA:
			pc += i->k;
			continue;
		case BPF_JMP | BPF_JEQ | BPF_K:
			yes = a == i->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			yes = a >= i->k;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			yes = a > i->k;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			yes = (a & i->k) != 0;
			break;
		default:
			return BROKEN;
		}
		pc += yes ? i->jt : i->jf;
	}
	return BROKEN;
}

static void
print(struct filter *f, enum role role)
{
	f->n = seccomp_print(f->code, role_calls(role));
	assert_in_range(f->n, 10, SECCOMP_MAX);
}

/* ---- The tables, read once more ---- */

static bool
holds(const struct check *c, const struct seccomp_data *d)
{
	uint64_t v = d->args[c->arg], high = v >> 32;

	switch (c->how) {
	case CHECK_NOTHING:
		return true;
	case CHECK_IS:
		return v == c->value;
	case CHECK_IS_SELF:
		return v == (uint64_t)getpid();
	case CHECK_LACKS:
		return high == 0 && (v & c->value) == 0;
	case CHECK_IS_STREAM:
		return high == 0 &&
		    (v & ~(uint64_t)SOCKET_FLAGS) == SOCK_STREAM;
	}
	return false;
}

static bool
in_table(const struct seccomp_data *d, unsigned calls)
{
	size_t i, k;
	bool good;

	for (i = 0; i < COUNT(allowed); i++) {
		if (allowed[i].number != d->nr ||
		    (allowed[i].group & calls) == 0)
			continue;
		good = true;
		for (k = 0; k < CHECKS; k++)
			good &= holds(&allowed[i].checks[k], d);
		if (good)
			return true;
	}
	return false;
}

static const char *
refusal_of(int number, bool hub)
{
	size_t i;

	for (i = 0; i < COUNT(refused); i++)
		if (refused[i].number == number && (!hub || refused[i].hub))
			return refused[i].name;
	return NULL;
}

/* 0, or what it fails with. */
static uint32_t
exception_of(const struct seccomp_data *d)
{
	size_t i;

	for (i = 0; i < COUNT(excepted); i++)
		if (excepted[i].number == d->nr &&
		    (d->args[excepted[i].arg] & excepted[i].mask) ==
			excepted[i].value)
			return SECCOMP_RET_ERRNO | (uint32_t)excepted[i].why;
	return 0;
}

/* What has to come out of it. */
static uint32_t
right_answer(const struct seccomp_data *d, enum role role)
{
	bool hub = role == ROLE_HUB;

	if (d->arch != ARCH || (uint32_t)d->nr >= X32)
		return SECCOMP_RET_KILL_PROCESS;
	if (in_table(d, role_calls(role)))
		return SECCOMP_RET_ALLOW;
	if (hub && exception_of(d) != 0)
		return exception_of(d);
	if (refusal_of(d->nr, hub) != NULL)
		return hub ? SECCOMP_RET_ERRNO | EPERM : SECCOMP_RET_TRAP;
	return hub ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | EPERM;
}

/* ---- The same policy by libseccomp ---- */

static struct scmp_arg_cmp
comparison(const struct check *c)
{
	const uint64_t high = UINT64_C(0xffffffff) << 32;

	switch (c->how) {
	case CHECK_LACKS:
		return SCMP_CMP64(
		    c->arg, SCMP_CMP_MASKED_EQ, high | c->value, 0);
	case CHECK_IS_STREAM:
		return SCMP_CMP64(c->arg, SCMP_CMP_MASKED_EQ,
		    ~(uint64_t)SOCKET_FLAGS, SOCK_STREAM);
	case CHECK_IS_SELF:
		return SCMP_CMP64(c->arg, SCMP_CMP_EQ, (uint64_t)getpid(), 0);
	default:
		return SCMP_CMP64(c->arg, SCMP_CMP_EQ, c->value, 0);
	}
}

static void
add_allowed(scmp_filter_ctx ctx, unsigned calls)
{
	struct scmp_arg_cmp checks[CHECKS];
	unsigned n;
	size_t i;

	for (i = 0; i < COUNT(allowed); i++) {
		if ((allowed[i].group & calls) == 0)
			continue;
		for (n = 0;
		     n < CHECKS && allowed[i].checks[n].how != CHECK_NOTHING;
		     n++)
			checks[n] = comparison(&allowed[i].checks[n]);
		assert_int_equal(
		    seccomp_rule_add_exact_array(
			ctx, SCMP_ACT_ALLOW, allowed[i].number, n, checks),
		    0);
	}
}

static void
add_refused(scmp_filter_ctx ctx, bool hub)
{
	size_t i;

	for (i = 0; i < COUNT(refused); i++)
		if (!hub || refused[i].hub)
			assert_int_equal(
			    seccomp_rule_add_exact(ctx,
				hub ? SCMP_ACT_ERRNO(EPERM) : SCMP_ACT_TRAP,
				refused[i].number, 0),
			    0);
}

static void
add_excepted(scmp_filter_ctx ctx)
{
	const struct excepted *e;

	for (e = excepted; e < excepted + COUNT(excepted); e++)
		assert_int_equal(seccomp_rule_add_exact(ctx,
				     SCMP_ACT_ERRNO((uint32_t)e->why),
				     e->number, e->mask != 0,
				     SCMP_CMP64(e->arg, SCMP_CMP_MASKED_EQ,
					 e->mask, e->value)),
		    0);
}

static scmp_filter_ctx
begin(uint32_t otherwise)
{
	scmp_filter_ctx ctx = seccomp_init(otherwise);

	assert_non_null(ctx);
	assert_int_equal(seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH,
			     SCMP_ACT_KILL_PROCESS),
	    0);
	return ctx;
}

static void
finish(struct filter *f, scmp_filter_ctx ctx)
{
	FILE *file = tmpfile();

	assert_non_null(file);
	assert_int_equal(seccomp_export_bpf(ctx, fileno(file)), 0);
	rewind(file);
	f->n = fread(f->code, sizeof(f->code[0]), COUNT(f->code), file);
	assert_in_range(f->n, 10, COUNT(f->code) - 1);
	fclose(file);
	seccomp_release(ctx);
}

/*
 * It knows no exceptions from a refusal where the rest is allowed: the hub's
 * sockets have a filter of their own.
 */
struct policy {
	struct filter all, sockets;
};

static void
make_policy(struct policy *p, enum role role)
{
	bool hub = role == ROLE_HUB;
	scmp_filter_ctx ctx =
	    begin(hub ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(EPERM));

	if (!hub)
		add_allowed(ctx, role_calls(role));
	else
		add_excepted(ctx);
	add_refused(ctx, hub);
	finish(&p->all, ctx);
	ctx = begin(SCMP_ACT_ERRNO(EPERM));
	add_allowed(ctx, ROLE_CALLS_ANY);
	finish(&p->sockets, ctx);
}

static uint32_t
its_answer(const struct policy *p, const struct seccomp_data *d, enum role role)
{
	return run(
	    role == ROLE_HUB && d->nr == SYS_socket ? &p->sockets : &p->all, d);
}

/* ---- What is asked ---- */

/* Numbers that follow from the seed: a failure can be repeated. */
static uint64_t
random64(void)
{
	static uint64_t x = 88172645463325252u;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

/* An argument near what the tables look for. */
static uint64_t
argument(unsigned n)
{
	const struct allowed *a = &allowed[random64() % COUNT(allowed)];
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < CHECKS; i++)
		if (a->checks[i].how != CHECK_NOTHING && a->checks[i].arg == n)
			v = a->checks[i].value;
	switch (random64() % 8) {
	case 0:
		return random64();
	case 1:
		return v | (random64() << 32);
	case 2:
		return v | (UINT64_C(1) << (random64() % 64));
	case 3:
		return random64() % 64;
	case 4:
		return n == 0 ? (uint64_t)getpid() : 0;
	case 5:
		return SOCK_STREAM | (random64() & SOCKET_FLAGS);
	default:
		return v;
	}
}

/* Arguments as a row of the table wants them, or nearly. */
static void
fill(struct seccomp_data *d)
{
	const struct allowed *a;
	size_t i, start = random64() % COUNT(allowed);
	unsigned n;

	for (n = 0; n < 6; n++)
		d->args[n] = argument(n);
	i = random64() % COUNT(excepted);
	if (excepted[i].number == d->nr)
		d->args[excepted[i].arg] =
		    excepted[i].value ^ (random64() << (random64() % 64));
	for (i = 0; i < COUNT(allowed); i++) {
		a = &allowed[(start + i) % COUNT(allowed)];
		if (a->number != d->nr)
			continue;
		for (n = 0; n < CHECKS; n++)
			if (a->checks[n].how == CHECK_IS && random64() % 8 != 0)
				d->args[a->checks[n].arg] = a->checks[n].value |
				    (random64() % 16 == 0 ? UINT64_C(1)
						<< (32 + random64() % 32)
							  : 0);
			else if (a->checks[n].how == CHECK_IS_STREAM)
				d->args[a->checks[n].arg] =
				    SOCK_STREAM | (random64() & SOCKET_FLAGS);
			else if (a->checks[n].how == CHECK_LACKS &&
			    random64() % 2 != 0)
				d->args[a->checks[n].arg] = random64() &
				    ~a->checks[n].value & UINT32_MAX;
		return;
	}
}

static size_t asked, allowed_count, disagreed;

static void
compare(const struct filter *ours, const struct policy *theirs,
    const struct seccomp_data *d, enum role role)
{
	uint32_t a = run(ours, d), b = its_answer(theirs, d, role);
	uint32_t c = right_answer(d, role);

	asked++;
	allowed_count += a == SECCOMP_RET_ALLOW;
	if (a == b && a == c)
		return;
	disagreed++;
	if (disagreed <= 10)
		print_error("%s: call %d of %#x (%#llx %#llx %#llx %#llx "
			    "%#llx): ours %#x, libseccomp's %#x, table %#x\n",
		    role_name(role), d->nr, d->arch,
		    (unsigned long long)d->args[0],
		    (unsigned long long)d->args[1],
		    (unsigned long long)d->args[2],
		    (unsigned long long)d->args[3],
		    (unsigned long long)d->args[4], a, b, c);
}

static void
compare_role(enum role role)
{
	static const uint32_t strangers[] = { AUDIT_ARCH_I386,
		AUDIT_ARCH_X86_64, AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM,
		AUDIT_ARCH_RISCV64, AUDIT_ARCH_MIPS, 0, UINT32_MAX };
	static struct filter ours;
	static struct policy theirs;
	struct seccomp_data d = { .arch = ARCH };
	unsigned i, k;

	print(&ours, role);
	make_policy(&theirs, role);
	asked = allowed_count = 0;
	for (i = 0; i < NUMBERS; i++) {
		d.arch = ARCH;
		d.nr = (int)i;
		memset(d.args, 0, sizeof(d.args));
		compare(&ours, &theirs, &d, role);
		for (k = 0; k < ARGUMENTS; k++) {
			fill(&d);
			compare(&ours, &theirs, &d, role);
		}
		for (k = 0; k < COUNT(strangers); k++) {
			d.arch = strangers[k];
			compare(&ours, &theirs, &d, role);
		}
	}
	d.arch = ARCH;
	for (i = 0; i < LAST_X32; i++) {
		d.nr = (int)(X32 + i);
		fill(&d);
		compare(&ours, &theirs, &d, role);
	}
	print_message("%s: %zu calls compared, %zu of them allowed, filter of "
		      "%zu instructions, %zu disagreements\n",
	    role_name(role), asked, allowed_count, ours.n, disagreed);
	assert_int_equal(disagreed, 0);
	assert_true(allowed_count > asked / 100);
}

static void
agrees_with_libseccomp(void **state)
{
	unsigned role;

	(void)state;
	for (role = 0; role < ROLE_COUNT; role++)
		compare_role((enum role)role);
}

/* ---- What the tables must never say ---- */

/* The one that is refused to all others with a bang. */
static bool
is_for_folders(int number)
{
	return number == SYS_openat2;
}

static void
refuses_loudly(void **state)
{
	static struct filter f;
	struct seccomp_data d = { .arch = ARCH };
	unsigned role;
	size_t i;

	(void)state;
	for (role = 0; role < ROLE_COUNT; role++) {
		print(&f, (enum role)role);
		for (i = 0; i < COUNT(refused); i++) {
			d.nr = refused[i].number;
			if (role == ROLE_FOLDER && is_for_folders(d.nr))
				assert_int_equal(
				    run(&f, &d), SECCOMP_RET_ALLOW);
			else if (role != ROLE_HUB)
				assert_int_equal(run(&f, &d), SECCOMP_RET_TRAP);
			else
				assert_int_equal(
				    run(&f, &d), right_answer(&d, ROLE_HUB));
			assert_true(seccomp_is_refusal(
			    refused[i].name, strlen(refused[i].name)));
			assert_string_equal(
			    name_of(refused[i].number), refused[i].name);
		}
	}
}

/* No row is there twice, or in both tables; except the hub's sockets. */
static void
says_nothing_twice(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; i < COUNT(refused); i++) {
		for (k = 0; k < i; k++)
			assert_int_not_equal(
			    refused[i].number, refused[k].number);
		for (k = 0; k < COUNT(allowed); k++)
			assert_false(refused[i].number == allowed[k].number &&
			    allowed[k].group != ROLE_CALLS_ANY &&
			    !is_for_folders(refused[i].number));
	}
	assert_false(seccomp_is_refusal("opena", 5));
	assert_false(seccomp_is_refusal("read", 4));
	assert_false(seccomp_is_refusal("", 0));
}

struct question {
	int number;
	uint64_t args[6];
	uint32_t sftp, ftp, hub; /* http: as ftp */
};

/* By hand: what must be said whatever the tables are. */
static void
answers_as_promised(void **state)
{
	enum {
		YES = (int)SECCOMP_RET_ALLOW,
		NO = SECCOMP_RET_ERRNO | EPERM,
		OLD = SECCOMP_RET_ERRNO | ENOSYS,
		TRAP = SECCOMP_RET_TRAP,
	};
	const uint64_t high = UINT64_C(1) << 32, self = (uint64_t)getpid();
	const struct question questions[] = {
		{ SYS_openat, { 0 }, TRAP, TRAP, YES },
		{ SYS_socket, { AF_INET, SOCK_STREAM }, TRAP, TRAP, YES },
		{ SYS_socket, { AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 6 }, TRAP,
		    TRAP, YES },
		{ SYS_socket, { AF_INET, SOCK_STREAM, 262 }, TRAP, TRAP, NO },
		{ SYS_socket, { AF_INET, SOCK_STREAM, 132 }, TRAP, TRAP, NO },
		{ SYS_socket, { AF_INET, SOCK_DGRAM }, TRAP, TRAP, NO },
		{ SYS_socket, { AF_INET, SOCK_RAW }, TRAP, TRAP, NO },
		{ SYS_socket, { AF_UNIX, SOCK_STREAM }, TRAP, TRAP, NO },
		{ SYS_socket, { AF_NETLINK, SOCK_RAW }, TRAP, TRAP, NO },
		{ SYS_socket, { AF_INET | high, SOCK_STREAM }, TRAP, TRAP, NO },
		{ SYS_sendto, { 3, 1, 1, MSG_NOSIGNAL, 0, 0 }, YES, YES, YES },
		{ SYS_sendto, { 3, 1, 1, 0, 4096, 16 }, NO, NO, YES },
		{ SYS_sendto, { 3, 1, 1, 0, high, 16 }, NO, NO, YES },
		{ SYS_sendto, { 3, 1, 1, MSG_FASTOPEN, 0, 0 }, NO, NO, YES },
		{ SYS_sendmsg, { 3, 1, MSG_FASTOPEN }, NO, NO, YES },
		{ SYS_sendmsg, { 3, 1, MSG_NOSIGNAL }, YES, YES, YES },
		{ SYS_mmap, { 0, 1, PROT_READ, MAP_PRIVATE }, YES, YES, YES },
		{ SYS_mmap, { 0, 1, PROT_EXEC, MAP_PRIVATE }, NO, NO, YES },
		{ SYS_mmap, { 0, 1, 7, MAP_PRIVATE }, NO, NO, YES },
		{ SYS_mmap, { 0, 1, 3, MAP_SHARED | MAP_ANONYMOUS }, NO, NO,
		    YES },
		{ SYS_mmap, { 0, 1, 3, MAP_PRIVATE | MAP_GROWSDOWN }, NO, NO,
		    YES },
		{ SYS_mmap, { 0, 1, 3, MAP_PRIVATE | MAP_LOCKED }, NO, NO,
		    YES },
		{ SYS_mmap, { 0, 1, 3, MAP_PRIVATE | MAP_HUGETLB }, NO, NO,
		    YES },
		{ SYS_mprotect, { 0, 1, PROT_GROWSDOWN | PROT_READ }, NO, NO,
		    YES },
		{ SYS_mremap, { 0, 1, 2, MREMAP_MAYMOVE }, YES, YES, YES },
		{ SYS_mremap, { 0, 1, 2, 1 | MREMAP_FIXED }, NO, NO, YES },
		{ SYS_sendto, { 3, 1, 1, MSG_OOB, 0, 0 }, NO, NO, YES },
		{ SYS_sendmsg, { 3, 1, MSG_OOB }, NO, NO, YES },
		{ SYS_recvfrom, { 3, 1, 1, MSG_OOB }, NO, NO, YES },
		{ SYS_recvfrom, { 3, 1, 1, MSG_PEEK }, YES, YES, YES },
		{ SYS_recvmsg, { 3, 1, MSG_OOB }, NO, NO, YES },
		{ SYS_recvmsg, { 3, 1, MSG_CMSG_CLOEXEC }, YES, YES, YES },
		{ SYS_mprotect, { 0, 1, PROT_EXEC }, NO, NO, YES },
		{ SYS_mprotect, { 0, 1, PROT_READ | high }, NO, NO, YES },
		{ SYS_madvise, { 0, 1, MADV_DONTNEED }, YES, YES, YES },
		{ SYS_madvise, { 0, 1, MADV_MERGEABLE }, NO, NO, YES },
		{ SYS_madvise, { 0, 1, MADV_HWPOISON }, NO, NO, YES },
		{ SYS_fcntl, { 3, F_GETFL }, YES, YES, YES },
		{ SYS_fcntl, { 3, F_SETFL, O_RDWR | O_NONBLOCK }, YES, YES,
		    YES },
		{ SYS_fcntl, { 3, F_SETFL, O_ASYNC }, NO, NO, YES },
		{ SYS_fcntl, { 3, F_DUPFD, 0 }, NO, NO, YES },
		{ SYS_fcntl, { 3, F_DUPFD_CLOEXEC, 0 }, NO, NO, YES },
		{ SYS_fcntl, { 3, F_SETOWN, 1 }, NO, NO, YES },
		{ SYS_fcntl, { 3, F_SETPIPE_SZ, 1 << 20 }, NO, NO, YES },
		{ SYS_fcntl, { 3, F_GETFL | high }, NO, NO, YES },
		{ SYS_futex, { 1, FUTEX_WAKE_PRIVATE }, YES, YES, YES },
		{ SYS_futex, { 1, FUTEX_LOCK_PI }, NO, NO, YES },
		{ SYS_futex, { 1, FUTEX_CMP_REQUEUE_PI }, NO, NO, YES },
		{ SYS_tgkill, { self, self, SIGABRT }, YES, YES, YES },
		{ SYS_tgkill, { self + 1, 1, SIGABRT }, NO, NO, YES },
		{ SYS_tgkill, { self | high, 1, SIGABRT }, NO, NO, YES },
		{ SYS_prlimit64, { 0, 7, 0, 1 }, YES, YES, YES },
		{ SYS_prlimit64, { 0, 7, 1, 0 }, NO, NO, YES },
		{ SYS_prlimit64, { 1, 7, 0, 1 }, NO, NO, YES },
		{ SYS_setsockopt, { 3, IPPROTO_TCP, TCP_QUICKACK }, YES, YES,
		    YES },
		{ SYS_setsockopt, { 3, IPPROTO_TCP, TCP_NODELAY }, NO, YES,
		    YES },
		{ SYS_setsockopt, { 3, SOL_SOCKET, SO_REUSEPORT }, NO, NO,
		    YES },
		{ SYS_setsockopt, { 3, SOL_SOCKET, SO_BINDTODEVICE }, NO, NO,
		    YES },
		{ SYS_setsockopt, { 3, IPPROTO_TCP, 19 }, NO, NO, YES },
		{ SYS_getsockopt, { 3, SOL_SOCKET, SO_ERROR }, NO, YES, YES },
		{ SYS_getsockopt, { 3, 0, 64 }, NO, NO, YES },
		{ SYS_getsockname, { 0 }, NO, YES, YES },
		{ SYS_dup, { 3 }, NO, NO, YES },
		{ SYS_ioctl, { 0 }, NO, NO, YES },
		{ SYS_ioctl, { 0, TIOCGWINSZ }, NO, NO, YES },
		{ SYS_ioctl, { 0, TIOCSTI }, NO, NO, NO },
		{ SYS_ioctl, { 0, TIOCSTI | high }, NO, NO, NO },
		{ SYS_ioctl, { 0, TIOCLINUX }, NO, NO, NO },
		{ SYS_clone, { SIGCHLD }, TRAP, TRAP, YES },
		{ SYS_clone, { CLONE_VM | CLONE_VFORK | SIGCHLD }, TRAP, TRAP,
		    YES },
		{ SYS_clone, { CLONE_NEWUSER | SIGCHLD }, TRAP, TRAP, NO },
		{ SYS_clone, { high | CLONE_NEWNET | CLONE_VM }, TRAP, TRAP,
		    NO },
		{ SYS_clone3, { 1, 88 }, TRAP, TRAP, OLD },
		{ SYS_unshare, { CLONE_NEWUSER }, TRAP, TRAP, NO },
		{ SYS_truncate, { 1, 0 }, NO, NO, NO },
		{ SYS_ftruncate, { 1, 0 }, NO, NO, YES },
		{ SYS_prctl, { 0 }, NO, NO, YES },
		{ SYS_rt_sigaction, { 0 }, NO, NO, YES },
		{ SYS_newfstatat, { 0 }, NO, NO, YES },
		{ SYS_sendmmsg, { 0 }, NO, NO, YES },
		{ SYS_socketpair, { 0 }, NO, NO, YES },
		{ SYS_listen, { 3, 1 }, TRAP, TRAP, NO },
		{ SYS_bind, { 3 }, TRAP, TRAP, NO },
		{ SYS_io_uring_setup, { 1 }, TRAP, TRAP, NO },
		{ SYS_ptrace, { 16, 1 }, TRAP, TRAP, NO },
		{ SYS_execve, { 0 }, TRAP, TRAP, YES },
		{ SYS_seccomp, { 1 }, TRAP, TRAP, YES },
	};
	static struct filter f[ROLE_COUNT];
	struct seccomp_data d = { .arch = ARCH };
	size_t i;

	(void)state;
	for (i = 0; i < ROLE_COUNT; i++)
		print(&f[i], (enum role)i);
	for (i = 0; i < COUNT(questions); i++) {
		const struct question *q = &questions[i];

		d.nr = q->number;
		memcpy(d.args, q->args, sizeof(d.args));
		if (run(&f[ROLE_SFTP], &d) != q->sftp ||
		    run(&f[ROLE_FTP], &d) != q->ftp ||
		    run(&f[ROLE_HTTP], &d) != q->ftp ||
		    run(&f[ROLE_HUB], &d) != q->hub)
			fail_msg("question %zu, call %d: %#x %#x %#x", i,
			    q->number, run(&f[ROLE_SFTP], &d),
			    run(&f[ROLE_FTP], &d), run(&f[ROLE_HUB], &d));
	}
}

/* What is put into the folder never runs as who owns it. */
static void
makes_nobody_its_owner(void **state)
{
	static struct filter f;
	struct seccomp_data d = { .arch = ARCH, .nr = SYS_fchmod };

	(void)state;
	print(&f, ROLE_FOLDER);
	for (d.args[1] = 0; d.args[1] <= 07777; d.args[1]++)
		assert_int_equal(run(&f, &d),
		    (d.args[1] & S_ISUID) != 0 ? SECCOMP_RET_ERRNO | EPERM
					       : SECCOMP_RET_ALLOW);
	d.args[1] = UINT64_C(1) << 32;
	assert_int_equal(run(&f, &d), SECCOMP_RET_ERRNO | EPERM);
}

/* The kernel agrees; /dev/null would say that it is no terminal. */
static int
try_exceptions(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC), status;
	struct winsize size;
	pid_t pid;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    seccomp_restrict(role_calls(ROLE_HUB), false) != 0)
		return 1;
	if (ioctl(fd, TIOCSTI, "x") != -1 || errno != EPERM)
		return 2;
	if (syscall(SYS_ioctl, fd, TIOCSTI | UINT64_C(1) << 32, "x") != -1 ||
	    errno != EPERM)
		return 3;
	if (ioctl(fd, TIOCGWINSZ, &size) != -1 || errno != ENOTTY)
		return 4;
	pid = (pid_t)syscall(
	    SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, 0);
	if (pid == 0)
		_exit(0);
	if (pid > 0 || errno != EPERM)
		return 5;
	pid = fork();
	if (pid == 0)
		_exit(0);
	return pid < 0 || waitpid(pid, &status, 0) != pid || status != 0 ? 6
									 : 0;
}

static void
excepts_as_promised(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(try_exceptions());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_int_equal(status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_libseccomp),
		cmocka_unit_test(refuses_loudly),
		cmocka_unit_test(says_nothing_twice),
		cmocka_unit_test(answers_as_promised),
		cmocka_unit_test(makes_nobody_its_owner),
		cmocka_unit_test(excepts_as_promised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
