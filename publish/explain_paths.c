/* Where the rights of a job apply on this machine.  Hub; opens nothing. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/grant.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/path.h"
#include "publish/explain_parts.h"
#include "publish/places.h"

static int
add(struct explain *e, enum role_place place, const char *path, size_t n,
    struct ferry_error *err)
{
	char *copy;

	if (n == 0 || e->path_count == EXPLAIN_PATHS)
		return 0;
	copy = arena_copy(&e->names, path, n);
	if (copy == NULL)
		return err_memory(err);
	e->paths[e->path_count++] = (struct explain_path){ place, copy };
	return 0;
}

static int
add_path(struct explain *e, enum role_place place, const char *path,
    struct ferry_error *err)
{
	char folder[PLACES_SIZE], whole[PLACES_SIZE];

	if (path == NULL || *path == '\0')
		return 0;
	/* Rules and manifests want it absolute. */
	if (*path != '/' && getcwd(folder, sizeof(folder)) != NULL &&
	    path_join(whole, sizeof(whole), folder, path))
		path = whole;
	return add(e, place, path, strlen(path), err);
}

/* The folder that it lies in: the file itself is replaced, not rewritten. */
static int
add_folder(struct explain *e, enum role_place place, const char *file,
    struct ferry_error *err)
{
	return add(e, place, file, path_dir_len(file), err);
}

/* The key that a login would use, as grants.c chooses it. */
static const char *
find_key(const struct ferry_job *job)
{
	const char *url = job->site->url.text;
	struct grant g;

	if (job->options.key_file != NULL)
		return job->options.key_file;
	return url != NULL && grant_find(&g, job->access, url) ? g.key : NULL;
}

static int
add_own(struct explain *e, struct ferry_error *err)
{
	const struct ferry_options *o = &e->job->options;
	char path[PLACES_SIZE];
	int rc = 0;

	if (places_fallback(o, path, sizeof(path)))
		rc = add_path(e, ROLE_FALLBACK, path, err);
	if (rc == 0)
		rc = add_path(e, ROLE_FALLBACK, o->system_known_hosts, err);
	if (rc == 0 && places_known_hosts(o, path, sizeof(path)))
		rc = add_folder(e, ROLE_KNOWN_HOSTS, path, err);
	if (rc == 0 && e->job->site->url.text != NULL &&
	    places_state(o, e->job->site, path, sizeof(path)))
		rc = add_path(e, ROLE_STATE, path, err);
	if (rc == 0 && places_access(o, path, sizeof(path)))
		rc = add_folder(e, ROLE_ACCESS, path, err);
	return rc;
}

static int
add_system(struct explain *e, struct ferry_error *err)
{
	static const char *const libraries[] = { "/usr/lib", "/usr/lib64",
		"/lib", "/lib64", "/etc/ld.so.cache" };
	struct stat st;
	int rc = add_path(e, ROLE_WORKER, places_worker(&e->job->options), err);

	for (size_t i = 0;
	     rc == 0 && i < sizeof(libraries) / sizeof(libraries[0]); i++)
		if (lstat(libraries[i], &st) == 0 && !S_ISLNK(st.st_mode))
			rc = add_path(e, ROLE_LIBRARIES, libraries[i], err);
	if (rc == 0)
		rc = add_path(e, ROLE_TERMINAL, "/dev/tty", err);
	return rc;
}

static int
find_self(struct explain *e, struct ferry_error *err)
{
	char path[PLACES_SIZE];
	ssize_t n;

	e->home = fs_real_home(path, sizeof(path))
	    ? arena_copy(&e->names, path, strlen(path))
	    : "";
	n = readlink("/proc/self/exe", path, sizeof(path));
	e->program = n > 0 && (size_t)n < sizeof(path)
	    ? arena_copy(&e->names, path, (size_t)n)
	    : "/usr/local/bin/sandferry";
	return e->home != NULL && e->program != NULL ? 0 : err_memory(err);
}

int
explain_find_paths(struct explain *e, struct ferry_error *err)
{
	const struct ferry_site *site = e->job->site;
	int rc = find_self(e, err);

	if (rc == 0)
		rc = add_path(e, ROLE_SITE, site->source, err);
	if (rc == 0)
		rc = add_path(e, ROLE_SITE_FILE, site->file, err);
	if (rc == 0)
		rc = add_path(e, ROLE_KEY, find_key(e->job), err);
	if (rc == 0)
		rc = add_own(e, err);
	return rc == 0 ? add_system(e, err) : rc;
}

const char *
explain_path(
    const struct explain *e, enum role_place place, const char *otherwise)
{
	for (size_t i = 0; i < e->path_count; i++)
		if (e->paths[i].place == place)
			return e->paths[i].path;
	return otherwise;
}
