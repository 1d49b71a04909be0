/*
 * Names on disk: a file's own fsync(2) says nothing of the folder that lists
 * it.  Worker.
 *
 * Where the hub wants to be sure, it says so with the ledger's records, and a
 * record rests on what came before it.  So the folders whose names have changed
 * since are gathered, and are on disk before the record is written.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "remote/folder_parts.h"

enum { NEAR = 16 }; /* of the last ones: steps come folder by folder */

/* Some file systems have nothing to do for a folder; one may be gone, or not
 * be ours to read. */
static bool
is_harmless(int e)
{
	return e == EINVAL || e == ENOSYS || e == EOPNOTSUPP || e == ENOENT ||
	    e == ENOTDIR || e == EACCES;
}

static void
sync_folder(struct folder *f, const char *path)
{
	int fd = folder_open(f, path, O_RDONLY | O_DIRECTORY, 0);

	if ((fd < 0 || fsync(fd) != 0) && !is_harmless(errno))
		f->unsynced = errno;
	if (fd >= 0)
		close(fd);
}

static void
sync_all(struct folder *f)
{
	while (f->changed_count > 0) {
		sync_folder(f, f->changed[--f->changed_count]);
		free(f->changed[f->changed_count]);
	}
}

/*
 * Room for one more.  A run that finishes another one's commit changes names
 * before its first record says that they are to last; where no record ever
 * says so nobody waits for a disk.
 */
static void
make_room(struct folder *f)
{
	if (f->changed_count < FOLDER_CHANGED)
		return;
	if (f->durable) {
		sync_all(f);
		return;
	}
	free(f->changed[0]);
	memmove(f->changed, f->changed + 1,
	    --f->changed_count * sizeof(*f->changed));
}

/* The folder that this name is in. */
static void
note(struct folder *f, const char *path)
{
	const char *slash = strrchr(path, '/');
	const size_t n = slash != NULL ? (size_t)(slash - path) : 1;
	const char *dir = slash != NULL ? path : ".";
	size_t i = f->changed_count, far = i > NEAR ? i - NEAR : 0;

	while (i-- > far)
		if (strlen(f->changed[i]) == n &&
		    memcmp(f->changed[i], dir, n) == 0)
			return;
	make_room(f);
	f->changed[f->changed_count] = strndup(dir, n);
	if (f->changed[f->changed_count] != NULL)
		f->changed_count++;
	else
		f->unsynced = ENOMEM;
}

void
folder_durable_note(struct folder *f, const struct msg_step *step)
{
	switch (step->op) {
	case STEP_RENAME:
		note(f, step->path);
		note(f, step->target);
		break;
	case STEP_LINK:
	case STEP_COPY:
		note(f, step->target);
		break;
	case STEP_MKDIR:
	case STEP_PUT:
	case STEP_REMOVE:
	case STEP_RMDIR:
	case STEP_SYMLINK:
		note(f, step->path);
		break;
	default:
		break;
	}
}

int
folder_durable_sync(struct folder *f)
{
	f->durable = true;
	sync_all(f);
	errno = f->unsynced;
	f->unsynced = 0;
	return errno == 0 ? 0 : -1;
}

void
folder_durable_free(struct folder *f)
{
	while (f->changed_count > 0)
		free(f->changed[--f->changed_count]);
}
