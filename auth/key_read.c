/*
 * Read the private key file that the user selected, or its certificate, without
 * waiting for anything.  Hub only.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/key_parts.h"
#include "base/err.h"
#include "base/limits.h"

/* A file that is being read, and how the words call it. */
struct subject {
	const char *path;
	const char *name; /* "the key file" */
	const char *id; /* "key"; the ids begin so */
	const char *hint; /* what to name instead of something else */
};

static int
wrong(const struct subject *s, const char *id, int os_errno, const char *what,
    struct ferry_error *err)
{
	char whole[32];

	snprintf(whole, sizeof(whole), "%s_%s", s->id, id);
	if (os_errno != 0)
		return err_os(err, ferry_EKEY, os_errno, whole,
		    "cannot read %s %s", s->name, s->path);
	err_set(err, ferry_EKEY, whole, "%s %s is %s", s->name, s->path, what);
	err_hint(err, "%s", s->hint);
	return -ferry_EKEY;
}

static int
unreadable(const struct subject *s, int os_errno, struct ferry_error *err)
{
	bool missing = os_errno == ENOENT || os_errno == ENOTDIR;

	wrong(s, missing ? "missing" : "unreadable", os_errno, "", err);
	err_hint(err,
	    missing ? "Check the file's name."
		    : "Give this account the right to read it.");
	return -ferry_EKEY;
}

static int
too_large(const struct subject *s, struct ferry_error *err)
{
	char what[64];

	snprintf(what, sizeof(what), "larger than %d bytes: it is none",
	    LIMIT_KEY_FILE);
	return wrong(s, "too_large", 0, what, err);
}

static int
judge(const struct subject *s, const struct stat *st, struct ferry_error *err)
{
	if (S_ISDIR(st->st_mode))
		return wrong(s, "not_file", 0, "a folder", err);
	if (S_ISFIFO(st->st_mode))
		return wrong(s, "not_file", 0, "a pipe", err);
	if (!S_ISREG(st->st_mode))
		return wrong(s, "not_file", 0, "not a regular file", err);
	if (st->st_size > LIMIT_KEY_FILE)
		return too_large(s, err);
	return 0;
}

static int
read_subject(const struct subject *s, struct secret **out, struct stat *st,
    struct ferry_error *err)
{
	int fd, rc;

	*out = NULL;
	fd = open(s->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENXIO ? wrong(s, "not_file", 0, "a socket", err)
				      : unreadable(s, errno, err);
	if (fstat(fd, st) != 0) {
		rc = unreadable(s, errno, err);
		goto out;
	}
	if ((rc = judge(s, st, err)) != 0)
		goto out;
	if ((*out = secret_read(fd, LIMIT_KEY_FILE)) == NULL)
		rc = errno == EFBIG ? too_large(s, err)
				    : unreadable(s, errno, err);
out:
	close(fd);
	return rc;
}

/* The system's own files are no worry: root can read the others anyway. */
static unsigned
worries_of(const struct stat *st)
{
	unsigned worries = 0;

	if ((st->st_mode & (S_IRWXG | S_IRWXO)) != 0)
		worries |= KEY_EXPOSED;
	if (st->st_uid != geteuid() && st->st_uid != 0)
		worries |= KEY_FOREIGN;
	return worries;
}

int
key_read_file(struct secret **out, unsigned *worries, const char *path,
    struct ferry_error *err)
{
	const struct subject subject = { path, "the key file", "key",
		"Name the private key itself." };
	struct stat st;
	int rc = read_subject(&subject, out, &st, err);

	if (worries != NULL)
		*worries = rc == 0 ? worries_of(&st) : 0;
	return rc;
}

int
key_read_certificate(
    struct secret **out, const char *path, struct ferry_error *err)
{
	const struct subject subject = { path, "the certificate", "certificate",
		"Name the file that `ssh-keygen -s` wrote." };
	struct stat st;

	return read_subject(&subject, out, &st, err);
}

int
key_read_client_cert(
    struct secret **out, const char *path, struct ferry_error *err)
{
	const struct subject subject = { path, "the client certificate",
		"client_cert", "Name the certificate in PEM." };
	struct stat st;

	return read_subject(&subject, out, &st, err);
}
