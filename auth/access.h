/*
 * The access file: what the user of this machine allows this application.
 * Hub.  An INI text, for nobody but its owner to write:
 *
 *   # for every site
 *   fallback-known-hosts = /absolute/path | none
 *   system-known-hosts = yes | no	read /etc/ssh/ssh_known_hosts too
 *   hash-known-hosts = yes | no
 *   check-host-ip = yes | no		look the address up as well
 *
 *   [sftp://user@host/path]		a canonical url with its user: one site
 *   key = /absolute/path		the grant: this key, ...
 *   certificate = /absolute/path | none	... (what the user named; by FTP
 *					the client certificate)
 *   fingerprint = SHA256:...		... with this public half, ...
 *   host-key = SHA256:...		... for the host with this key ...
 *   folder = /absolute/path		of a file: url, in place of these: the
 *   identity = 2049:131		... folder, and what was there
 *   made = 2026-01-02T03:04:05Z
 *   used = 2026-01-02T03:04:05Z
 *   mac = text				... made by this application
 *   password-command = program argument ...
 *   keyring = yes | no
 *   plain-ftp = yes | no
 *   tls-pin = SHA256:... ...		keys that this FTP server may have
 *
 * A key stands once in its section, a section once in the file.  What is
 * unknown, misplaced or malformed is an error with file:line: nothing that
 * somebody wrote here is silently ignored.
 */
#ifndef AUTH_ACCESS_H
#define AUTH_ACCESS_H

#include <stdbool.h>
#include <stddef.h>

#include "sandferry.h"

struct access;

/*
 * Read dirfd/path.  A missing one is empty, and so is that of path NULL.
 * dirfd: AT_FDCWD, or an open folder that stays open until access_free().
 * ferry_EUSAGE names a file that others could have written or that cannot be
 * read, or its bad line.
 */
int access_load(
    struct access **out, int dirfd, const char *path, struct ferry_error *err);

/*
 * The same, to change it: makes the folder (0700) if need be and takes the lock
 * of the file, which access_free() gives back.  A link is refused.
 */
int access_open(
    struct access **out, int dirfd, const char *path, struct ferry_error *err);

void access_free(struct access *a); /* NULL is fine */

/*
 * The value of a key: of the site with this url, or of all sites (url NULL).
 * NULL: it is not there.  Valid until the next change.
 */
const char *
access_get(const struct access *a, const char *url, const char *key);
/* The same for yes or no. */
bool access_yes(
    const struct access *a, const char *url, const char *key, bool otherwise);

/* The url of section i, from 0; NULL behind the last.  line may be NULL. */
const char *access_url(const struct access *a, size_t i, unsigned *line);
/* The file, for people; "" of none. */
const char *access_path(const struct access *a);

/*
 * Change what access_get() sees; access_save() makes it last.  All other bytes
 * of the file stay: comments, order, blanks.  A new site goes to the end.
 * What could not be read back is refused, and nothing is changed.
 */
int access_set(struct access *a, const char *url, const char *key,
    const char *value, struct ferry_error *err);
/* key NULL: the whole section.  What is not there need not be removed. */
int access_remove(struct access *a, const char *url, const char *key,
    struct ferry_error *err);

/* Put the file in place: atomic, 0600, on the disk when this returns. */
int access_save(struct access *a, struct ferry_error *err);

#endif
