/* The local file system: small files whole, and folders. */
#ifndef BASE_FS_H
#define BASE_FS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"

/*
 * Read a regular file whole, appending to b (whose max is the limit).  Opens
 * O_NOFOLLOW|O_NONBLOCK when follow is false.  0, or -1 and errno: EFBIG over
 * the limit, EINVAL when it is not a regular file.
 */
int fs_read(int dirfd, const char *path, bool follow, struct buf *b);
/* The same from an open descriptor, from its current offset. */
int fs_read_fd(int fd, struct buf *b);
/*
 * Open a regular file to read it, disturbing nothing: a FIFO is not waited for,
 * a device not opened, and the time of access stays as it is where the system
 * lets us.  Links are followed.  An fd, or -1 and errno: EINVAL when it is not
 * a regular file.
 */
int fs_open_quietly(const char *path);
int fs_open_quietly_at(int dirfd, const char *path);
/*
 * Replace dirfd/name: temporary file, fsync, rename, fsync of the folder.
 * name is one component; a link of that name is replaced, not followed.
 * 0; -1 and errno with the old file intact; 1 and errno when only the last
 * fsync failed: the new file is there, but a power failure may undo it.
 */
int fs_write(int dirfd, const char *name, const void *p, size_t n, mode_t mode);
/*
 * Remove the temporary files that killed fs_write()s of this name left behind.
 * For whoever holds the lock that all its writers take.
 */
void fs_sweep(int dirfd, const char *name);
/*
 * The same for files of any name in this folder, without a lock: no write takes
 * as long as they have been lying there.
 */
void fs_sweep_old(int dirfd);
/* Is there something to read, or the other end gone?  -1 never has. */
bool fs_readable(int fd);
int fs_write_all(int fd, const void *p, size_t n); /* 0, or -1 and errno */
/* pread(2), but all of n bytes unless the file ends. */
ssize_t fs_read_at(int fd, void *p, size_t n, uint64_t offset);
/* mkdir -p, new folders with this mode; 0, or -1 and errno. */
int fs_make_dirs(const char *path, mode_t mode);
/* Make the folder if need be and open it O_DIRECTORY|O_CLOEXEC. */
int fs_open_dir(const char *path, mode_t mode);
int fs_open_dir_at(int dirfd, const char *path, mode_t mode);
/* The same for the folder that path lies in. */
int fs_open_parent_at(int dirfd, const char *path, mode_t mode);
/* The home of the real user (getpwuid_r, not $HOME).  False: none. */
bool fs_real_home(char *dst, size_t size);
/* An anonymous temporary file, read-write, CLOEXEC; -1 and errno. */
int fs_scratch(void);
/* A pipe, CLOEXEC.  0; or -1, errno, and both are -1. */
int fs_pipe(int fds[2]);
/* Take an exclusive lock on dirfd/name (made 0600 when missing), waiting at
 * most this many milliseconds.  An fd to close later; -1 and errno (EAGAIN). */
int fs_lock(int dirfd, const char *name, int timeout_ms);
/* The same for the lock of dirfd/name: a file beside it, called name.lock. */
int fs_lock_beside(int dirfd, const char *name, int timeout_ms);

#endif
