/* init: folders and files of this machine, as typed.  Hub (the command). */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/init_parts.h"

enum { OTHERS = 6 /* folders that are named besides */ };

/* Where generators put a site. */
static const char *const likely[] = { "public", "dist", "_site", "build",
	"out" };
enum { LIKELY = sizeof(likely) / sizeof(likely[0]) };

static bool
is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool
is_likely(const char *name)
{
	for (size_t i = 0; i < LIKELY; i++) {
		if (strcmp(name, likely[i]) == 0)
			return true;
	}
	return false;
}

static bool
is_empty(DIR *dir)
{
	const struct dirent *d;

	while ((d = readdir(dir)) != NULL) {
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			return false;
	}
	return true;
}

bool
init_folder_expand(char dst[PATH_MAX], const char *typed)
{
	const char *home = getenv("HOME");
	const bool below = typed[0] == '~' &&
	    (typed[1] == '/' || typed[1] == '\0') && home != NULL;

	return snprintf(dst, PATH_MAX, "%s%s", below ? home : "",
		   below ? typed + 1 : typed) < PATH_MAX;
}

/* An absolute path below this folder, as seen from here. */
static void
make_relative(char path[PATH_MAX])
{
	char here[PATH_MAX], real[PATH_MAX];
	size_t n;

	if (path[0] != '/' || getcwd(here, sizeof(here)) == NULL ||
	    realpath(path, real) == NULL)
		return;
	n = strlen(here);
	if (strcmp(real, here) == 0)
		snprintf(path, PATH_MAX, ".");
	else if (n > 1 && strncmp(real, here, n) == 0 && real[n] == '/')
		snprintf(path, PATH_MAX, "%s", real + n + 1);
}

bool
init_folder_judge(
    char dst[PATH_MAX], const char *typed, struct ferry_error *err)
{
	size_t n;
	DIR *dir;
	bool empty;

	if (!init_folder_expand(dst, typed)) {
		options_error(err, NULL, "the folder's name is too long");
		return false;
	}
	dir = opendir(dst);
	if (dir == NULL) {
		options_error(err,
		    errno == ENOENT ? "Build the site first, or name another "
				      "folder."
				    : "Name the folder that holds the site.",
		    "%s: %s", dst, strerror(errno));
		return false;
	}
	empty = is_empty(dir);
	closedir(dir);
	if (empty) {
		options_error(err, "Build the site first.", "%s is empty", dst);
		return false;
	}
	n = strlen(dst);
	while (n > 1 && dst[n - 1] == '/')
		dst[--n] = '\0';
	make_relative(dst);
	return true;
}

/* "public (with index.html), dist; besides: content, themes" */
void
init_folder_look(char preset[PATH_MAX], char *here, size_t size)
{
	const struct dirent *d;
	char index[64];
	size_t n = 0, others = 0;
	DIR *dir;

	preset[0] = here[0] = '\0';
	for (size_t i = 0; i < LIKELY; i++) {
		if (!is_folder(likely[i]))
			continue;
		snprintf(index, sizeof(index), "%s/index.html", likely[i]);
		if (preset[0] == '\0')
			snprintf(preset, PATH_MAX, "%s", likely[i]);
		n += (size_t)snprintf(here + n, size - n, "%s%s%s",
		    n > 0 ? ", " : "", likely[i],
		    access(index, F_OK) == 0 ? " (with index.html)" : "");
	}
	if (preset[0] == '\0' && access("index.html", F_OK) == 0) {
		snprintf(preset, PATH_MAX, ".");
		n +=
		    (size_t)snprintf(here + n, size - n, ". (with index.html)");
	}
	dir = opendir(".");
	while (dir != NULL && others < OTHERS && (d = readdir(dir)) != NULL) {
		if (d->d_name[0] == '.' || is_likely(d->d_name) ||
		    !is_folder(d->d_name) || n + strlen(d->d_name) + 16 > size)
			continue;
		n += (size_t)snprintf(here + n, size - n, "%s%s",
		    others > 0  ? ", "
			: n > 0 ? "; besides: "
				: "",
		    d->d_name);
		others++;
	}
	if (dir != NULL)
		closedir(dir);
}

bool
init_folder_judge_key(
    char dst[PATH_MAX], const char *typed, struct ferry_error *err)
{
	const size_t n = strlen(typed);
	struct stat st;

	if (!init_folder_expand(dst, typed)) {
		options_error(err, NULL, "the file's name is too long");
		return false;
	}
	if (n > 4 && strcmp(typed + n - 4, ".pub") == 0)
		options_error(err, "Name the file without .pub.",
		    "%s is the public half of a key", dst);
	else if (stat(dst, &st) != 0 || access(dst, R_OK) != 0)
		options_error(err,
		    "Name the private key file, such as ~/.ssh/id_ed25519.",
		    "%s: %s", dst, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		options_error(err,
		    "Name the private key file, such as ~/.ssh/id_ed25519.",
		    "%s is no file", dst);
	else
		return true;
	return false;
}
