/* All names of a folder: LIST.  Worker. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/path.h"
#include "remote/folder_parts.h"

#ifdef __linux__

/* As getdents64(2) has it: readdir(3) asks for more than the wall allows. */
struct dirent_record {
	uint64_t ino;
	int64_t off;
	unsigned short len;
	unsigned char type;
	char name[];
};

static long
read_names(int fd, void *p, size_t n)
{
	return syscall(SYS_getdents64, fd, p, n);
}

#else

struct dirent_record {
	unsigned short len;
	char name[];
};

static long
read_names(int fd, void *p, size_t n)
{
	(void)fd;
	(void)p;
	(void)n;
	errno = ENOSYS;
	return -1;
}

#endif

/* What was removed since it was read has no entry. */
static int
tell_name(struct folder *f, int dir, const char *name, struct msg_entry *entry)
{
	const size_t n = strlen(name);
	struct folder here = { .root = dir, .dev = f->dev };
	struct msg_done done = { 0 };
	struct stat st;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return 0;
	if (!path_name_ok(name, n)) {
		errno = EILSEQ;
		return -1;
	}
	if (folder_lstat(&here, name, &st) != 0) {
		if (errno == ENOENT)
			return 0;
		if (errno != FOLDER_OTHER)
			return -1;
		/* something is mounted there: a folder, of others */
		memset(&st, 0, sizeof(st));
		st.st_mode = S_IFDIR;
	}
	folder_note(&done, &st);
	memcpy(entry->name, name, n + 1);
	entry->size = done.size;
	entry->mtime = done.mtime;
	entry->mode = done.mode;
	f->hooks.entry(f->hooks.ctx, entry);
	return 0;
}

void
folder_list(
    struct folder *f, const struct msg_step *step, struct msg_done *done)
{
	struct msg_entry entry = { .id = step->id };
	size_t names = 0;
	int fd = folder_open(f, step->path, O_RDONLY | O_DIRECTORY, 0);
	long n = -1, at;

	if (fd < 0) {
		folder_fail(done, errno);
		return;
	}
	while (done->result == RESULT_OK &&
	    (n = read_names(fd, f->buffer, FOLDER_BUFFER)) > 0) {
		for (at = 0; at < n && done->result == RESULT_OK;) {
			const struct dirent_record *d =
			    (const void *)(f->buffer + at);

			at += d->len;
			if (++names > FOLDER_NAMES_MAX)
				folder_fail(done, E2BIG);
			else if (tell_name(f, fd, d->name, &entry) != 0)
				folder_fail(done, errno);
		}
	}
	if (n < 0)
		folder_fail(done, errno);
	close(fd);
}
