/* Build the wall, layer by layer, and note what stands.  Hub and worker. */
#include "confine/wall.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "confine/seccomp.h"

#ifdef __linux__
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

/* For good: what was started with less keeps less. */
static bool
lower(int resource, uint64_t most)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) != 0)
		return false;
	if (limit.rlim_max > most)
		limit.rlim_max = (rlim_t)most;
	limit.rlim_cur = limit.rlim_max;
	return setrlimit(resource, &limit) == 0;
}

static bool
set_limits(enum role role)
{
	const struct role_right *r;
	bool all = true;

	for (r = role_rights; r->name != NULL; r++)
		if ((r->roles >> role & 1) != 0 && r->kind == ROLE_LIMIT)
			all &= lower((int)r->what, r->value);
	return all;
}

#ifdef __linux__

/* Root without capabilities is an account like any other. */
static bool
drop_capabilities(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3,
		0 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3];
	unsigned long cap;

	memset(none, 0, sizeof(none));
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	/* only who has CAP_SETPCAP may; nobody else could use the rest */
	for (cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	return syscall(SYS_capset, &header, none) == 0;
}

static bool
give_up_privileges(enum role role)
{
	bool all = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;

	all &= prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
	/* the hub may need them to read the site */
	return all && (role == ROLE_HUB || drop_capabilities());
}

#else

static bool
give_up_privileges(enum role role)
{
	(void)role;
	return false;
}

#endif

void
wall_build(struct wall *w, enum role role, unsigned layers,
    const struct landlock_rules *rules)
{
	static const struct landlock_rules nothing;
	int rc;

	memset(w, 0, sizeof(*w));
	if ((layers & WALL_PRIVILEGES) && give_up_privileges(role))
		w->layers |= WALL_PRIVILEGES;
	if ((layers & WALL_LIMITS) && set_limits(role))
		w->layers |= WALL_LIMITS;
	if (layers & WALL_LANDLOCK) {
		w->landlock = landlock_version();
		/* version 1 forbids every move between two folders */
		rc = role == ROLE_FOLDER && w->landlock == 1
		    ? -EOPNOTSUPP
		    : landlock_restrict(
			  rules != NULL ? rules : &nothing, w->landlock);
		if (rc == 0)
			w->layers |= WALL_LANDLOCK;
		else
			w->landlock = 0;
		w->landlock_errno = -rc;
	}
	if (layers & WALL_SECCOMP) {
		(void)seccomp_announce();
		/* Landlock is for this thread alone: it comes before others */
		rc = seccomp_restrict(role_calls(role), false);
		if (rc == 0)
			w->layers |= WALL_SECCOMP;
		w->seccomp_errno = -rc;
	}
}
