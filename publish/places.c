/* Find the user's own folders by the XDG Base Directory rules.  Hub. */
#include "publish/places.h"

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

/* $variable/name, or ~/otherwise/name; a relative variable counts as unset. */
static bool
xdg(const char *variable, const char *otherwise, const char *name, char *dst,
    size_t size)
{
	const char *base = getenv(variable), *home;
	char home_buf[PLACES_SIZE], base_buf[PLACES_SIZE];

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

bool
places_known_hosts(const struct ferry_options *o, char *dst, size_t size)
{
	if (o->known_hosts != NULL)
		return copy(dst, size, o->known_hosts);
	return xdg("XDG_DATA_HOME", ".local/share", "sandferry/known_hosts",
	    dst, size);
}

bool
places_fallback(const struct ferry_options *o, char *dst, size_t size)
{
	char home[PLACES_SIZE];

	if (o->fallback_known_hosts != NULL)
		return strcmp(o->fallback_known_hosts, "none") != 0 &&
		    copy(dst, size, o->fallback_known_hosts);
	return fs_real_home(home, sizeof(home)) &&
	    path_join(dst, size, home, ".ssh/known_hosts");
}

bool
places_access(const struct ferry_options *o, char *dst, size_t size)
{
	if (o->access_file != NULL)
		return strcmp(o->access_file, "none") != 0 &&
		    copy(dst, size, o->access_file);
	return xdg(
	    "XDG_CONFIG_HOME", ".config", "sandferry/access.ini", dst, size);
}

bool
places_app_secret(const struct ferry_options *o, char *dst, size_t size)
{
	if (o->app_secret_file != NULL)
		return copy(dst, size, o->app_secret_file);
	return xdg(
	    "XDG_DATA_HOME", ".local/share", "sandferry/app-secret", dst, size);
}

bool
places_state(const struct ferry_options *o, const struct ferry_site *site,
    char *dst, size_t size)
{
	char base[PLACES_SIZE], name[256];

	if (o->state_dir != NULL ? !copy(base, sizeof(base), o->state_dir)
				 : !xdg("XDG_STATE_HOME", ".local/state",
				       "sandferry", base, sizeof(base)))
		return false;
	site_state_name(site, name, sizeof(name));
	return path_join(dst, size, base, name);
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
