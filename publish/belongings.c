/* Which file plays which part in a job.  Hub. */
#include "publish/belongings.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "publish/places.h"

#ifdef __linux__
#include <link.h>
#endif

static const struct {
	enum role_place place;
	const char *path;
} everywhere[] = {
	/* as ld.so(8) looks for libraries */
	{ ROLE_LIBRARIES, "/etc/ld.so.cache" },
	{ ROLE_LIBRARIES, "/lib" },
	{ ROLE_LIBRARIES, "/lib32" },
	{ ROLE_LIBRARIES, "/lib64" },
	{ ROLE_LIBRARIES, "/usr/lib" },
	{ ROLE_LIBRARIES, "/usr/lib32" },
	{ ROLE_LIBRARIES, "/usr/lib64" },
	{ ROLE_LIBRARIES, "/usr/local/lib" },
	{ ROLE_LIBRARIES, "/app/lib" }, /* in Flatpak */
	{ ROLE_LIBRARIES, "/nix/store" },
	{ ROLE_NULL, "/dev/null" },
	{ ROLE_TERMINAL, "/dev/tty" },
	{ ROLE_TUNING, "/proc/sys/net/core/wmem_max" },
	{ ROLE_TUNING, "/proc/sys/net/ipv4/tcp_wmem" },
};

static bool
add_at(struct belongings *r, enum role_place place, int dirfd, const char *path,
    size_t n)
{
	char *copy = r->count < BELONGINGS_MAX ? strndup(path, n) : NULL;

	if (copy == NULL)
		return false;
	r->places[r->count++] = (struct belonging){ place, copy, dirfd };
	return true;
}

static bool
add(struct belongings *r, enum role_place place, const char *path)
{
	return path == NULL || add_at(r, place, AT_FDCWD, path, strlen(path));
}

/* A file of ours and its folder: a new one is written beside it, and renamed.
 */
static bool
add_own(struct belongings *r, enum role_place place, const struct place *own)
{
	const char *path = own->path, *slash = strrchr(path, '/');
	size_t n = slash == NULL ? 0 : (size_t)(slash - path);

	return add_at(r, place, own->dirfd, path, strlen(path)) &&
	    (slash == NULL ? add_at(r, place, own->dirfd, ".", 1)
			   : add_at(r, place, own->dirfd, path, n > 0 ? n : 1));
}

static bool
is_none(const char *path)
{
	return strcmp(path, "none") == 0;
}

/* The key, and the certificate that goes with it. */
static bool
add_key(struct belongings *r, const struct ferry_options *o)
{
	static const char suffix[] = "-cert.pub";
	char path[PLACES_SIZE];
	size_t n;

	if (o->key_file == NULL)
		return true;
	if (!add(r, ROLE_KEY, o->key_file))
		return false;
	if (o->client_certificate != NULL)
		return add(r, ROLE_KEY, o->client_certificate);
	if (o->certificate_file != NULL)
		return is_none(o->certificate_file) ||
		    add(r, ROLE_KEY, o->certificate_file);
	n = strlen(o->key_file);
	if (n + sizeof(suffix) > sizeof(path))
		return true;
	memcpy(path, o->key_file, n);
	memcpy(path + n, suffix, sizeof(suffix));
	return add(r, ROLE_KEY, path);
}

static bool
add_private(struct belongings *r, const struct ferry_options *o,
    const struct ferry_site *site)
{
	char path[PLACES_SIZE];
	struct place p;
	bool ok = true;

	if (places_fallback(o, path, sizeof(path)))
		ok &= add(r, ROLE_FALLBACK, path);
	ok &= add(r, ROLE_FALLBACK, o->system_known_hosts);
	if (places_known_hosts(o, &p))
		ok &= add_own(r, ROLE_KNOWN_HOSTS, &p);
	if (site->url.text != NULL && places_state(o, site, &p))
		ok &= add_at(r, ROLE_STATE, p.dirfd, p.path, strlen(p.path));
	if (places_access(o, &p))
		ok &= add_own(r, ROLE_ACCESS, &p);
	if (places_app_secret(o, &p))
		ok &= add_own(r, ROLE_ACCESS, &p);
	return ok && add(r, ROLE_CREDENTIALS, o->credentials_dir);
}

#ifdef __linux__

/* The program's own: the worker was made for the same system. */
static int
take_loader(struct dl_phdr_info *info, size_t size, void *ctx)
{
	const char **loader = ctx;
	size_t i;

	(void)size;
	for (i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_INTERP)
			*loader = (const char *)(info->dlpi_addr +
			    info->dlpi_phdr[i].p_vaddr);
	return 1; /* the first is the program */
}

static bool
add_loader(struct belongings *r)
{
	const char *loader = NULL;

	dl_iterate_phdr(take_loader, &loader);
	return add(r, ROLE_LOADER, loader);
}

#else

static bool
add_loader(struct belongings *r)
{
	(void)r;
	return true;
}

#endif

bool
belongings_make(struct belongings *out, const struct ferry_options *o,
    const struct ferry_site *site)
{
	bool ok;
	size_t i;

	memset(out, 0, sizeof(*out));
	ok = (site->source_fd >= 0
		     ? add_at(out, ROLE_SITE, site->source_fd, ".", 1)
		     : add(out, ROLE_SITE, site->source)) &&
	    add(out, ROLE_SITE_FILE, site->file) && add_key(out, o) &&
	    add_private(out, o, site) &&
	    add(out, ROLE_WORKER, places_worker(o)) && add_loader(out);
	for (i = 0; ok && i < sizeof(everywhere) / sizeof(everywhere[0]); i++)
		ok = add(out, everywhere[i].place, everywhere[i].path);
	if (!ok)
		belongings_free(out);
	return ok;
}

void
belongings_free(struct belongings *r)
{
	size_t i;

	for (i = 0; i < r->count; i++)
		free(r->places[i].path);
	memset(r, 0, sizeof(*r));
}
