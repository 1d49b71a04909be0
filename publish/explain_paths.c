/* Where the rights of a job apply on this machine.  Hub; opens nothing. */
#include <fcntl.h>
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

/* The key that a login would use, as grants.c chooses it. */
static void
find_key(struct ferry_options *o, const struct ferry_job *job)
{
	const char *url = job->site->url.text;
	struct grant g;

	if (o->key_file == NULL)
		o->key_file = o->client_certificate;
	if (o->key_file != NULL || url == NULL ||
	    !grant_find(&g, job->access, url))
		return;
	o->key_file = g.key;
	if (site_is_ftp(job->site))
		o->client_certificate = g.certificate;
}

static bool
is_there(const struct belonging *b, struct stat *st)
{
	return fstatat(b->dirfd, b->path, st, AT_SYMLINK_NOFOLLOW) == 0;
}

/*
 * Of what every system may have, that which this one has, under one name; of
 * what is this user's, all.
 */
static bool
is_told(const struct belonging *b)
{
	struct stat st;

	switch (b->place) {
	case ROLE_LIBRARIES:
		return is_there(b, &st) && !S_ISLNK(st.st_mode);
	case ROLE_KEY: /* the certificate is looked for, and may be absent */
	case ROLE_TUNING:
		return is_there(b, &st);
	default:
		return true;
	}
}

/* What an open folder is called now, for people to read. */
static bool
name_folder(int dirfd, char dst[PLACES_SIZE])
{
	char name[sizeof("/proc/self/fd/") + 3 * sizeof(int)];
	ssize_t n;

	if (dirfd == AT_FDCWD)
		return getcwd(dst, PLACES_SIZE) != NULL;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", dirfd);
	n = readlink(name, dst, PLACES_SIZE - 1);
	if (n > 0)
		dst[n] = '\0';
	return n > 0;
}

static int
add(struct explain *e, const struct belonging *b, struct ferry_error *err)
{
	char folder[PLACES_SIZE], whole[PLACES_SIZE];
	const char *path = b->path;
	char *copy;

	/* Rules and manifests want it absolute. */
	if (*path != '/' && name_folder(b->dirfd, folder) &&
	    path_join(whole, sizeof(whole), folder, path))
		path = strcmp(path, ".") == 0 ? folder : whole;
	copy = arena_copy(&e->names, path, strlen(path));
	if (copy == NULL)
		return err_memory(err);
	e->paths[e->path_count++] = (struct explain_path){ b->place, copy };
	return 0;
}

static int
find_self(struct explain *e, struct ferry_error *err)
{
	char path[PLACES_SIZE];
	ssize_t n;

	e->home =
	    e->job->options.storage_fd < 0 && fs_real_home(path, sizeof(path))
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
	struct ferry_options o = e->job->options; /* borrowed strings */
	struct belongings all;
	int rc = find_self(e, err);

	find_key(&o, e->job);
	if (rc != 0 || !belongings_make(&all, &o, e->job->site))
		return rc != 0 ? rc : err_memory(err);
	for (size_t i = 0; rc == 0 && i < all.count; i++)
		if (is_told(&all.places[i]))
			rc = add(e, &all.places[i], err);
	belongings_free(&all);
	return rc;
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
