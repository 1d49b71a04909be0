/*
 * The secret that authenticates grants: asked for, or read, or made.  Hub only.
 */
#include "auth/app_secret.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/path.h"

enum { LOCK_WAIT_MS = 10 * 1000 };

static int
cannot(const char *what, const char *path, struct ferry_error *err)
{
	err_os(err, ferry_EKEY, errno, "app_secret_file",
	    "cannot %s the secret of this application, %s", what, path);
	err_hint(err, "See to its folder and its mode.");
	return -ferry_EKEY;
}

/* What nobody but we can have written, and nobody else read. */
static int
judge_file(const char *path, int fd, struct ferry_error *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return cannot("read", path, err);
	if (S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	    (st.st_mode & (S_IRWXG | S_IRWXO)) == 0 && st.st_nlink == 1)
		return 0;
	err_set(err, ferry_EKEY, "app_secret_unsafe",
	    "the secret of this application, %s, is not this account's alone",
	    path);
	err_hint(err, "Remove it, and grant the keys again.");
	return -ferry_EKEY;
}

static int
read_open_file(
    struct secret **out, const char *path, int fd, struct ferry_error *err)
{
	struct secret *s = secret_new(APP_SECRET_SIZE + 1);
	ssize_t n = 1;

	if (s == NULL)
		return err_memory(err);
	/* Not secret_read(): a last byte that is a newline counts. */
	while (s->len < s->cap && n > 0) {
		n = read(fd, s->data + s->len, s->cap - s->len);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0)
			s->len += (size_t)n;
	}
	if (n >= 0 && s->len == APP_SECRET_SIZE) {
		*out = s;
		return 0;
	}
	secret_free(s);
	if (n < 0)
		return cannot("read", path, err);
	err_set(err, ferry_EKEY, "app_secret_damaged",
	    "the secret of this application, %s, is damaged", path);
	err_hint(err, "Remove it, and grant the keys again.");
	return -ferry_EKEY;
}

/* A missing one is no failure here: *out stays NULL. */
static int
read_file(struct secret **out, const struct app_secret_config *c,
    struct ferry_error *err)
{
	const char *path = c->file;
	int fd = openat(c->dirfd, path,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	int rc;

	*out = NULL;
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0)
		return cannot("read", path, err);
	rc = judge_file(path, fd, err);
	if (rc == 0)
		rc = read_open_file(out, path, fd, err);
	close(fd);
	return rc;
}

/* Under the lock: two who make it at once must end up with the same one. */
static int
make_file(struct secret **out, const struct app_secret_config *c,
    struct ferry_error *err)
{
	const char *path = c->file;
	int dirfd = fs_open_parent_at(c->dirfd, path, 0700), lock = -1, rc;
	struct secret *s = NULL;

	if (dirfd < 0)
		return cannot("write", path, err);
	lock = fs_lock_beside(dirfd, path_base(path), LOCK_WAIT_MS);
	if (lock < 0) {
		rc = cannot("lock", path, err);
		goto out;
	}
	rc = read_file(out, c, err);
	if (rc != 0 || *out != NULL)
		goto out;
	if ((s = secret_new(APP_SECRET_SIZE)) == NULL) {
		rc = err_memory(err);
		goto out;
	}
	s->len = s->cap;
	fs_sweep(dirfd, path_base(path));
	if (getentropy(s->data, s->len) != 0 ||
	    fs_write(dirfd, path_base(path), s->data, s->len, 0600) < 0) {
		rc = cannot("write", path, err);
		goto out;
	}
	*out = s;
	s = NULL;
out:
	secret_free(s);
	if (lock >= 0)
		close(lock);
	close(dirfd);
	return rc;
}

static bool
inside_flatpak(const struct app_secret_config *c)
{
	return !c->only_file &&
	    access(c->flatpak != NULL ? c->flatpak : "/.flatpak-info", F_OK) ==
	    0;
}

static int
from_portal(struct secret **out, const struct app_secret_config *c,
    struct ferry_error *err)
{
	if (c->portal != NULL)
		return c->portal(c->ctx, out, err);
	err_set(err, ferry_EKEY, "app_secret_portal",
	    "inside Flatpak grants need the Secret portal, which this program "
	    "cannot ask");
	err_hint(err, "Name the key for each run: --key FILE.");
	return -ferry_EKEY;
}

static bool
always(const struct app_secret_config *c)
{
	(void)c;
	return true;
}

static int
from_file(struct secret **out, const struct app_secret_config *c,
    struct ferry_error *err)
{
	int rc;

	if (c->file == NULL)
		return err_set(err, ferry_EKEY, "app_secret_file",
		    "there is no home folder to keep this application's secret "
		    "in");
	rc = read_file(out, c, err);
	if (rc != 0 || *out != NULL)
		return rc;
	if (c->make)
		return make_file(out, c, err);
	err_set(err, ferry_EKEY, "app_secret_missing",
	    "the secret of this application, %s, is not there", c->file);
	err_hint(err, "Grant the keys again.");
	return -ferry_EKEY;
}

/* The first that applies has the say; a failure is not made up for. */
static const struct source {
	bool (*applies)(const struct app_secret_config *c);
	int (*get)(struct secret **out, const struct app_secret_config *c,
	    struct ferry_error *err);
} sources[] = {
	{ inside_flatpak, from_portal },
	{ always, from_file },
};

int
app_secret_get(struct secret **out, const struct app_secret_config *config,
    struct ferry_error *err)
{
	const struct source *s = sources;

	*out = NULL;
	while (!s->applies(config))
		s++;
	return s->get(out, config, err);
}
