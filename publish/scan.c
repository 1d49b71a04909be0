/*
 * From a folder to a tree.  Hub.
 *
 * Walks the source in sorted order with a descriptor per open folder, so that
 * nothing is looked up by a path that could change under way.  What is wrong
 * is told and the walk goes on: all of it is known after one scan.
 */
#include "publish/scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/path.h"
#include "publish/scan_cache.h"
#include "publish/scan_names.h"
#include "publish/scan_never.h"
#include "publish/scan_open.h"
#include "publish/scan_sample.h"
#include "publish/scan_sidecars.h"

enum {
	CHUNK = 256 * 1024,
	TRIES = 3, /* for a file that changes while it is read */
	CANCEL_EVERY = 64, /* entries */
};

struct place {
	dev_t dev;
	ino_t ino;
};

struct walk {
	struct scan *scan;
	const struct ferry_site *site;
	struct tree *tree;
	struct scan_cache cache;
	int root;
	char path[SCAN_PATH_SIZE]; /* where the walk is */
	size_t len;
	struct place above[LIMIT_DEPTH]; /* folders from the root to here */
	struct place site_file; /* whatever its name: it is not published */
	unsigned depth;
	unsigned char *chunk;
	uint64_t bytes; /* hashed */
	size_t entries, problems;
	struct ferry_error *err;
	int rc; /* set: stop */
};

static bool
is_at(const struct stat *st, struct place p)
{
	return st->st_dev == p.dev && st->st_ino == p.ino;
}

static void
problem(struct walk *w, const struct ferry_error *error)
{
	w->problems++;
	if (w->scan->failed != NULL)
		w->scan->failed(w->scan->ctx, error);
}

/* Tell that a call failed on this path. */
static void
unreadable(struct walk *w, int os_errno)
{
	struct ferry_error e;

	err_os(&e, ferry_ESOURCE, os_errno, "source_unreadable",
	    "cannot read %s",
	    w->len > 0 ? w->path : site_source_label(w->site));
	if (os_errno == EACCES)
		err_hint(&e, "Make it readable, or exclude it.");
	problem(w, &e);
}

static void
skipped(struct walk *w, const char *reason)
{
	if (w->scan->skipped != NULL)
		w->scan->skipped(w->scan->ctx, w->path, reason);
}

/* Has somebody asked to stop? */
static bool
cancelled(struct walk *w)
{
	if (w->rc == 0 && fs_readable(w->scan->cancel_fd))
		w->rc = err_set(w->err, ferry_ECANCELLED, "cancelled",
		    "stopped while reading the source");
	return w->rc != 0;
}

/*
 * Read the open file through.  0; 1: it changed meanwhile; -1 and errno, or
 * w->rc is set.
 */
static int
hash_fd(struct walk *w, int fd, const struct stat *st, struct digest *digest,
    bool *secret)
{
	uint64_t size = (uint64_t)st->st_size, done = 0;
	struct hash hash;
	ssize_t n = 1;

	*secret = false;
	if (!hash_init(&hash)) {
		w->rc = err_memory(w->err);
		return -1;
	}
	while (done < size && n > 0 && !cancelled(w)) {
		n = read(fd, w->chunk, CHUNK);
		if (n < 0 && errno == EINTR) {
			n = 1;
			continue;
		}
		if (n <= 0)
			break;
		if (done == 0)
			*secret = scan_never_secret(
			    path_base(w->path), w->chunk, (size_t)n);
		hash_update(&hash, w->chunk, (size_t)n);
		done += (uint64_t)n;
		w->bytes += (uint64_t)n;
	}
	if (n < 0 || w->rc != 0) {
		hash_free(&hash);
		return -1;
	}
	hash_final(&hash, digest);
	return done == size ? 0 : 1;
}

/* The same with what it was and what it is compared: 0, 1 or -1 as above. */
static int
hash_once(struct walk *w, int dirfd, const char *name, struct stat *st,
    struct digest *digest, bool *secret)
{
	struct scan_stamp before, after;
	int fd = scan_open_beneath(dirfd, name, 0), rc, saved;

	if (fd < 0)
		return -1;
	rc = fstat(fd, st);
	if (rc == 0 && !S_ISREG(st->st_mode)) {
		rc = 1;
	} else if (rc == 0) {
		before = scan_cache_stamp(st);
		rc = hash_fd(w, fd, st, digest, secret);
		if (rc == 0)
			rc = fstat(fd, st);
		after = scan_cache_stamp(st);
		if (rc == 0 && !scan_cache_same(&before, &after))
			rc = 1;
	}
	saved = errno;
	close(fd);
	errno = saved;
	return rc;
}

static bool
hash_file(struct walk *w, int dirfd, const char *name, struct stat *st,
    struct digest *digest, bool *secret)
{
	struct ferry_error e;
	int rc = 1;

	for (unsigned i = 0; i < TRIES && rc > 0; i++)
		rc = hash_once(w, dirfd, name, st, digest, secret);
	if (rc == 0) {
		w->scan->hashed++;
		return true;
	}
	if (w->rc != 0)
		return false;
	if (rc < 0) {
		unreadable(w, errno);
	} else {
		err_set(&e, ferry_ESOURCE, "source_changing",
		    "a file changes while it is read: %s", w->path);
		err_hint(&e, "Publish when the site has been built.");
		problem(w, &e);
	}
	return false;
}

/* A file that may be executed by its owner may be by whoever may read it. */
static uint32_t
published_mode(const struct walk *w, const struct stat *st)
{
	unsigned mode = w->site->file_mode;

	return st->st_mode & S_IXUSR ? mode | (mode & 0444) >> 2 : mode;
}

static void
met(const struct walk *w, int dirfd, const char *name, const struct stat *st)
{
	const uint64_t size = (uint64_t)st->st_size;

	if (w->scan->met != NULL)
		w->scan->met(
		    w->scan->ctx, size, scan_sample(dirfd, name, size));
}

static void
walk_file(struct walk *w, int dirfd, const char *name, struct stat *st)
{
	struct scan_stamp stamp = scan_cache_stamp(st);
	struct tree_file *f;
	struct digest digest;
	bool secret, known;

	if (is_at(st, w->site_file)) {
		skipped(w, "site file");
		return;
	}
	known = scan_cache_find(&w->cache, w->path, &stamp, &digest, &secret);
	if (!known || w->scan->meets_all)
		met(w, dirfd, name, st);
	if (!known) {
		if (!hash_file(w, dirfd, name, st, &digest, &secret))
			return;
		stamp = scan_cache_stamp(st);
	}
	if (w->scan->state_dir >= 0)
		scan_cache_note(&w->cache, w->path, &stamp, &digest, secret);
	if (secret) {
		skipped(w, "private key");
		return;
	}
	f = tree_add(w->tree, w->path);
	if (f == NULL) {
		w->rc = err_memory(w->err);
		return;
	}
	f->size = (uint64_t)st->st_size;
	f->mtime = st->st_mtime;
	f->mode = published_mode(w, st);
	f->digest = digest;
	if (w->scan->progress != NULL)
		w->scan->progress(w->scan->ctx, w->tree->count, w->bytes);
}

static void walk_folder(struct walk *w, int fd);

/* A file or folder, by a name beneath dirfd that has no links in it. */
static void
walk_found(struct walk *w, int dirfd, const char *name, struct stat *st)
{
	static const struct {
		mode_t type;
		const char *words;
	} kinds[] = {
		{ S_IFIFO, "a FIFO" },
		{ S_IFSOCK, "a socket" },
		{ S_IFCHR, "a device" },
		{ S_IFBLK, "a device" },
	};
	const char *kind = "neither a file nor a folder";
	struct ferry_error e;
	int fd;

	if (S_ISREG(st->st_mode)) {
		walk_file(w, dirfd, name, st);
		return;
	}
	if (S_ISDIR(st->st_mode)) {
		fd = scan_open_beneath(dirfd, name, O_DIRECTORY);
		if (fd < 0)
			unreadable(w, errno);
		else
			walk_folder(w, fd);
		return;
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if ((st->st_mode & S_IFMT) == kinds[i].type)
			kind = kinds[i].words;
	}
	err_set(&e, ferry_ESOURCE, "source_special",
	    "%s cannot be published: %s", kind, w->path);
	err_hint(&e, "Remove it, or exclude it.");
	problem(w, &e);
}

static void
bad_link(struct walk *w, int dirfd, const char *name, const char *wrong)
{
	char text[SCAN_PATH_SIZE];
	ssize_t n = readlinkat(dirfd, name, text, sizeof(text) - 1);
	struct ferry_error e;

	text[n > 0 ? n : 0] = '\0';
	err_set(&e, ferry_ESOURCE, "source_link", "a link %s: %s -> %s", wrong,
	    w->path, text);
	err_hint(&e, "Correct it, exclude it, or set `symlinks = skip'.");
	problem(w, &e);
}

/* A link: publish what it leads to, if that is ours. */
static void
walk_link(struct walk *w, int dirfd, const char *name)
{
	char target[SCAN_PATH_SIZE];
	const char *wrong, *reason;
	struct stat st;

	if (w->site->symlinks == SITE_SKIP) {
		skipped(w, "symbolic link");
		return;
	}
	wrong = scan_open_resolve(w->root, w->site, w->path, target);
	if (wrong == NULL && *target == '\0') /* the source itself */
		wrong = "leads to a folder that it lies in";
	if (wrong == NULL &&
	    fstatat(w->root, target, &st, AT_SYMLINK_NOFOLLOW) != 0)
		wrong = "leads to nothing";
	if (wrong != NULL) {
		bad_link(w, dirfd, name, wrong);
		return;
	}
	reason = scan_never_path(target);
	if (reason != NULL) {
		skipped(w, reason);
		return;
	}
	if (S_ISDIR(st.st_mode) && glob_match(&w->site->exclude, w->path, true))
		return;
	walk_found(w, w->root, target, &st);
}

static void
walk_entry(struct walk *w, int dirfd, const char *name)
{
	const char *reason;
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		unreadable(w, errno);
		return;
	}
	if (glob_match(&w->site->exclude, w->path, S_ISDIR(st.st_mode)))
		return;
	reason = scan_never_name(name);
	if (reason != NULL)
		skipped(w, reason);
	else if (S_ISLNK(st.st_mode))
		walk_link(w, dirfd, name);
	else
		walk_found(w, dirfd, name, &st);
}

/* May the walk enter this folder?  Tells it otherwise. */
static bool
enter(struct walk *w, int fd)
{
	struct ferry_error e;
	struct stat st;

	if (fstat(fd, &st) != 0) {
		unreadable(w, errno);
		return false;
	}
	for (unsigned i = 0; i < w->depth; i++) {
		if (is_at(&st, w->above[i])) {
			err_set(&e, ferry_ESOURCE, "source_link",
			    "a link leads back to a folder that it lies in: %s",
			    w->path);
			err_hint(&e, "Exclude it, or set `symlinks = skip'.");
			problem(w, &e);
			return false;
		}
	}
	if (w->depth == LIMIT_DEPTH) {
		err_set(&e, ferry_ESOURCE, "source_too_deep",
		    "more than %d folders inside each other: %s", LIMIT_DEPTH,
		    w->path);
		problem(w, &e);
		return false;
	}
	w->above[w->depth] = (struct place){ st.st_dev, st.st_ino };
	return true;
}

/* Go on to an entry of the folder that the walk is in, and come back. */
static void
descend(struct walk *w, int dirfd, const char *name)
{
	size_t n = strlen(name), len = w->len, slash = len > 0;
	struct ferry_error e;

	if (n > LIMIT_NAME || len + slash + n > LIMIT_PATH) {
		err_set(&e, ferry_ESOURCE, "source_name_too_long",
		    "the path of a file is too long: %s", w->path);
		problem(w, &e);
		return;
	}
	if (slash)
		w->path[w->len++] = '/';
	memcpy(w->path + w->len, name, n + 1);
	w->len += n;
	walk_entry(w, dirfd, name);
	w->len = len;
	w->path[len] = '\0';
}

/* Takes fd over. */
static void
walk_folder(struct walk *w, int fd)
{
	struct scan_names names = { .count = 0 };
	DIR *dir = NULL;

	if (!enter(w, fd))
		goto out;
	dir = fdopendir(fd);
	if (dir == NULL || scan_names_read(&names, dir) != 0) {
		unreadable(w, errno);
		goto out;
	}
	w->depth++;
	for (size_t i = 0; i < names.count && w->rc == 0; i++) {
		if (++w->entries % CANCEL_EVERY == 0 && cancelled(w))
			break;
		descend(w, fd, names.list[i]);
	}
	w->depth--;
out:
	if (dir != NULL)
		closedir(dir);
	else
		close(fd);
	scan_names_free(&names);
}

/* The walk closes the descriptor it is given; links need the root's longer. */
static void
walk_root(struct walk *w)
{
	int fd = fcntl(w->root, F_DUPFD_CLOEXEC, 0);

	if (fd >= 0)
		walk_folder(w, fd);
	else
		w->rc =
		    err_os(w->err, ferry_ESOURCE, errno, "source_unreadable",
			"cannot read %s", site_source_label(w->site));
	close(w->root);
}

static int
judge(const struct walk *w)
{
	if (w->rc != 0 || w->problems == 0)
		return w->rc;
	err_set(w->err, ferry_ESOURCE, "source_problems",
	    w->problems == 1 ? "%zu thing in %s cannot be published"
			     : "%zu things in %s cannot be published",
	    w->problems, site_source_label(w->site));
	err_hint(w->err, "Correct what is named, or exclude it.");
	return -ferry_ESOURCE;
}

int
scan_source(struct scan *s, struct tree *out, struct ferry_error *err)
{
	struct walk *w = calloc(1, sizeof(*w));
	struct stat st;
	int rc;

	tree_init(out);
	s->hashed = 0;
	if (w == NULL)
		return err_memory(err);
	w->scan = s;
	w->site = s->site;
	w->tree = out;
	w->err = err;
	if (s->site->file != NULL && stat(s->site->file, &st) == 0)
		w->site_file = (struct place){ st.st_dev, st.st_ino };
	scan_cache_init(&w->cache, (int64_t)time(NULL));
	w->chunk = malloc(CHUNK);
	if (w->chunk == NULL) {
		rc = err_memory(err);
		goto out;
	}
	w->root = scan_open_source(s->site, err);
	if (w->root < 0) {
		rc = -ferry_ESOURCE;
		goto out;
	}
	if (s->state_dir >= 0)
		scan_cache_load(&w->cache, s->state_dir);
	walk_root(w);
	rc = judge(w);
	if (rc != 0)
		goto out;
	tree_seal(out);
	rc = scan_sidecars(s, out, &w->problems, err);
	if (rc == 0)
		rc = judge(w);
	if (rc != 0)
		goto out;
	if (s->state_dir >= 0) /* without it the next scan reads more */
		scan_cache_save(&w->cache, s->state_dir);
out:
	if (rc != 0)
		tree_free(out);
	scan_cache_free(&w->cache);
	free(w->chunk);
	free(w);
	return rc;
}
