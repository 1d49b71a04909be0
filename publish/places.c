/*
 * Find our own files: where they are named, in the application's storage, in
 * the service's state folder, or by the XDG Base Directory rules.  Hub.  Nobody else in the library asks the
 * environment, or for a home, what is to be done.
 */
#include "publish/places.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/path.h"

#ifndef FERRY_WORKER_PATH
#define FERRY_WORKER_PATH "/usr/local/libexec/sandferry/sandferry-worker"
#endif

static bool
copy(char *dst, size_t size, const char *src)
{
	int n = snprintf(dst, size, "%s", src);

	return n > 0 && (size_t)n < size;
}

static const char OURS[] = "sandferry";

/*
 * What StateDirectory in systemd.exec(5) makes: all of it is the service's, so
 * that OURS is left out of the name.  The first, where there are several.
 */
static bool
of_service(char dst[PLACES_SIZE])
{
	const char *dir = getenv("STATE_DIRECTORY");
	int n;

	if (dir == NULL || dir[0] != '/')
		return false;
	n = snprintf(dst, PLACES_SIZE, "%.*s", (int)strcspn(dir, ":"), dir);
	return n > 0 && n < PLACES_SIZE;
}

/*
 * $variable/name, or else the service's folder, or ~/otherwise/name; a relative
 * variable counts as unset.
 */
static bool
xdg(const char *variable, const char *otherwise, const char *name, char *dst,
    size_t size)
{
	const char *base = getenv(variable), *home;
	char home_buf[PLACES_SIZE], base_buf[PLACES_SIZE];

	if ((base == NULL || base[0] != '/') && of_service(base_buf)) {
		name += strlen(OURS);
		name += *name == '/';
		return *name != '\0' ? path_join(dst, size, base_buf, name)
				     : copy(dst, size, base_buf);
	}
	if (base == NULL || base[0] != '/') {
		home = getenv("HOME");
		if (home == NULL || home[0] != '/') {
			if (!fs_real_home(home_buf, sizeof(home_buf)))
				return false;
			home = home_buf;
		}
		if (!path_join(base_buf, sizeof(base_buf), home, otherwise))
			return false;
		base = base_buf;
	}
	return path_join(dst, size, base, name);
}

/* Where one is when it is not named. */
struct kind {
	const char *stored; /* in the application's storage */
	const char *variable, *otherwise, *name; /* by XDG */
};

static bool
find(const struct ferry_options *o, const char *named, const struct kind *k,
    struct place *out)
{
	out->dirfd = AT_FDCWD;
	if (named != NULL)
		return copy(out->path, sizeof(out->path), named);
	if (o->storage_fd < 0)
		return xdg(k->variable, k->otherwise, k->name, out->path,
		    sizeof(out->path));
	out->dirfd = o->storage_fd;
	return copy(out->path, sizeof(out->path), k->stored);
}

bool
places_known_hosts(const struct ferry_options *o, struct place *out)
{
	static const struct kind kind = { "known_hosts", "XDG_DATA_HOME",
		".local/share", "sandferry/known_hosts" };

	return find(o, o->known_hosts, &kind, out);
}

bool
places_fallback(const struct ferry_options *o, char *dst, size_t size)
{
	char home[PLACES_SIZE];

	if (o->fallback_known_hosts != NULL)
		return strcmp(o->fallback_known_hosts, "none") != 0 &&
		    copy(dst, size, o->fallback_known_hosts);
	return o->storage_fd < 0 && fs_real_home(home, sizeof(home)) &&
	    path_join(dst, size, home, ".ssh/known_hosts");
}

bool
places_access(const struct ferry_options *o, struct place *out)
{
	static const struct kind kind = { "access.ini", "XDG_CONFIG_HOME",
		".config", "sandferry/access.ini" };

	if (o->access_file != NULL && strcmp(o->access_file, "none") == 0)
		return false;
	return find(o, o->access_file, &kind, out);
}

bool
places_app_secret(const struct ferry_options *o, struct place *out)
{
	static const struct kind kind = { "app-secret", "XDG_DATA_HOME",
		".local/share", "sandferry/app-secret" };

	return find(o, o->app_secret_file, &kind, out);
}

bool
places_state(const struct ferry_options *o, const struct ferry_site *site,
    struct place *out)
{
	static const struct kind kind = { "state", "XDG_STATE_HOME",
		".local/state", "sandferry" };
	struct place base;
	char name[256];

	if (!find(o, o->state_dir, &kind, &base))
		return false;
	site_state_name(site, name, sizeof(name));
	out->dirfd = base.dirfd;
	return path_join(out->path, sizeof(out->path), base.path, name);
}

const char *
places_worker(const struct ferry_options *o)
{
	return o->worker != NULL ? o->worker : FERRY_WORKER_PATH;
}

bool
places_keyring(const struct ferry_options *o, char *dst, size_t size)
{
	const char *worker = places_worker(o);
	int n = snprintf(dst, size, "%.*ssandferry-keyring",
	    (int)(path_base(worker) - worker), worker);

	return n > 0 && (size_t)n < size;
}
