/*
 * Read the private key file that the user selected.  Hub only.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/key_parts.h"
#include "base/err.h"
#include "base/limits.h"

static int
not_a_file(struct ferry_error *err, const char *path, const char *what)
{
	err_set(err, ferry_EKEY, "key_not_file", "the key file %s is %s", path,
	    what);
	err_hint(err, "Name the private key itself");
	return -ferry_EKEY;
}

static int
unreadable(struct ferry_error *err, const char *path, int os_errno)
{
	bool missing = os_errno == ENOENT || os_errno == ENOTDIR;

	err_os(err, ferry_EKEY, os_errno,
	    missing ? "key_missing" : "key_unreadable",
	    "cannot read the key file %s", path);
	err_hint(err,
	    missing ? "Check the name of the private key."
		    : "Give this account the right to read the private key");
	return -ferry_EKEY;
}

static int
judge(const struct stat *st, const char *path, struct ferry_error *err)
{
	if (S_ISDIR(st->st_mode))
		return not_a_file(err, path, "a folder");
	if (S_ISFIFO(st->st_mode))
		return not_a_file(err, path, "a pipe");
	if (!S_ISREG(st->st_mode))
		return not_a_file(err, path, "not a regular file");
	if (st->st_size > LIMIT_KEY_FILE)
		return key_wrong_size(err);
	return 0;
}

int
key_read_file(struct secret **out, bool *exposed, const char *path,
    struct ferry_error *err)
{
	struct stat st;
	int fd, rc;

	*out = NULL;
	if (exposed != NULL)
		*exposed = false;
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENXIO ? not_a_file(err, path, "a socket")
				      : unreadable(err, path, errno);
	if (fstat(fd, &st) != 0) {
		rc = unreadable(err, path, errno);
		goto out;
	}
	if ((rc = judge(&st, path, err)) != 0)
		goto out;
	if ((*out = secret_read(fd, LIMIT_KEY_FILE)) == NULL) {
		rc = errno == EFBIG ? key_wrong_size(err)
				    : unreadable(err, path, errno);
		goto out;
	}
	if (exposed != NULL)
		*exposed = (st.st_mode & (S_IRWXG | S_IRWXO)) != 0;
out:
	close(fd);
	return rc;
}
