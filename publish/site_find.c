/* Where the site file is, and which targets stand in it.  Hub. */
#include "publish/site_find.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/limits.h"
#include "base/path.h"
#include "publish/reach.h"
#include "publish/site_file.h"

/* Is there something of this name in the folder?  Its path in *out. */
static int
look_in(const char *dir, char **out, struct ferry_error *err)
{
	struct buf b;
	struct stat st;

	buf_init(&b, 64 * 1024);
	buf_printf(
	    &b, "%s/%s", strcmp(dir, "/") == 0 ? "" : dir, SITE_FILE_NAME);
	if (buf_ok(&b) && lstat(buf_text(&b), &st) == 0) {
		*out = (char *)b.data;
		return 0;
	}
	if (!buf_ok(&b)) {
		buf_free(&b);
		return err_memory(err);
	}
	buf_free(&b);
	return 0;
}

int
site_find(const char *dir, char **out, struct ferry_error *err)
{
	char *folder, *slash;
	int rc = 0;

	*out = NULL;
	folder = realpath(dir != NULL ? dir : ".", NULL);
	if (folder == NULL)
		return err_os(err, ferry_EUSAGE, errno, "no_folder",
		    "cannot look for %s in %s", SITE_FILE_NAME,
		    dir != NULL ? dir : "the current folder");
	for (;;) {
		rc = look_in(folder, out, err);
		if (rc != 0 || *out != NULL || strcmp(folder, "/") == 0)
			break;
		slash = strrchr(folder, '/');
		slash[slash == folder] = '\0';
	}
	free(folder);
	if (rc != 0 || *out != NULL)
		return rc;
	err_set(err, ferry_EUSAGE, "no_site_file",
	    "no %s in %s or a folder above it", SITE_FILE_NAME,
	    dir != NULL ? dir : "this folder");
	err_hint(
	    err, "`sandferry init' writes one; or give --source and --url.");
	return -ferry_EUSAGE;
}

int
site_find_folder(
    const char *path, char **file, char **folder, struct ferry_error *err)
{
	size_t n = path_dir_len(path);
	char *dir = n > 0 ? strndup(path, n) : strdup(*path == '/' ? "/" : ".");
	struct buf b;

	*file = *folder = NULL;
	if (dir == NULL)
		return err_memory(err);
	*folder = realpath(dir, NULL);
	free(dir);
	if (*folder == NULL) {
		err_os(err, ferry_EUSAGE, errno, "no_site_file",
		    "cannot read %s", path);
		reach_hint(err, NULL, path);
		return -ferry_EUSAGE;
	}
	buf_init(&b, 64 * 1024);
	buf_printf(&b, "%s/%s", strcmp(*folder, "/") == 0 ? "" : *folder,
	    path_base(path));
	*file = strdup(buf_text(&b));
	if (!buf_ok(&b) || *file == NULL) {
		buf_free(&b);
		return err_memory(err);
	}
	buf_free(&b);
	return 0;
}

int
ferry_site_targets(const char *path, const char *dir, ferry_target_fn *fn,
    void *ctx, struct ferry_error *err)
{
	const char *name = path != NULL ? path : SITE_FILE_NAME;
	char *found = NULL;
	struct site_file file;
	struct buf text;
	int rc;

	err_clear(err);
	buf_init(&text, LIMIT_SITE_FILE);
	if (path == NULL) {
		rc = site_find(dir, &found, err);
		if (rc != 0)
			goto out;
		path = found;
	}
	if (fs_read(AT_FDCWD, path, true, &text) != 0) {
		rc = err_os(err, ferry_EUSAGE, errno, "no_site_file",
		    "cannot read %s", name);
		reach_hint(err, NULL, path);
		goto out;
	}
	rc = site_file_parse(&file, buf_text(&text), text.len, name, err);
	if (rc != 0)
		goto out;
	for (size_t i = 0; i < file.target_count; i++)
		fn(ctx, file.targets[i]);
	site_file_free(&file);
out:
	free(found);
	buf_free(&text);
	return rc;
}
