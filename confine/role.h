/*
 * The one table of rights: which process may do what, why, and what keeps it
 * from doing more.  Hub and worker.  Landlock's rules, seccomp's filter, the
 * resource limits, `explain` and the manifests are all derived from it.
 */
#ifndef CONFINE_ROLE_H
#define CONFINE_ROLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum role {
	ROLE_HUB, /* the command's own process, once it knows its job */
	ROLE_SFTP, /* a worker that talks to an SSH server */
	ROLE_FTP, /* a worker that talks to an FTP server */
	ROLE_HTTP, /* a worker that asks a web server for a page */
	ROLE_FOLDER, /* a worker that writes to a folder of this machine */
	ROLE_COUNT,
};

enum role_kind {
	ROLE_FILE, /* what: enum role_access, on a place */
	ROLE_CONNECT, /* TCP, to the site's ports */
	ROLE_DESCRIPTOR, /* something that it is handed, already open */
	ROLE_CALLS, /* what: one of enum role_calls */
	ROLE_LIMIT, /* what: RLIMIT_..., value: the most */
};

enum role_access { /* bits */
	ROLE_READ = 1 << 0,
	ROLE_WRITE = 1 << 1, /* and make, rename, remove below it */
	ROLE_EXECUTE = 1 << 2,
	ROLE_SYMLINK = 1 << 3, /* make symbolic links */
};

/* Where a right on files applies; the paths are known at run time. */
enum role_place {
	ROLE_NOWHERE,
	ROLE_SITE, /* the folder that is published */
	ROLE_SITE_FILE,
	ROLE_KEY,
	ROLE_FALLBACK, /* known_hosts files that are only read */
	ROLE_KNOWN_HOSTS, /* the folder of the private known_hosts */
	ROLE_STATE, /* ledger copies, caches */
	ROLE_ACCESS, /* the folder of the access file */
	ROLE_WORKER, /* the program that a worker is */
	ROLE_LIBRARIES, /* what it is linked with */
	ROLE_TERMINAL,
	ROLE_LOADER, /* that starts a program */
	ROLE_NULL, /* the device */
	ROLE_TUNING, /* what the kernel says about its buffers */
	ROLE_CREDENTIALS, /* the service manager's */
	ROLE_TARGET, /* the folder that is published to; handed over */
	ROLE_PLACES,
};

/* Groups of system calls; confine/seccomp.c says which belong to each. */
enum role_calls { /* bits */
	ROLE_CALLS_ANY = 1 << 0, /* all but the dangerous ones */
	ROLE_CALLS_MEMORY = 1 << 1,
	ROLE_CALLS_PROCESS = 1 << 2, /* time, locks, randomness, the end */
	ROLE_CALLS_FILES = 1 << 3, /* on descriptors that are there */
	ROLE_CALLS_DOOR = 1 << 4,
	ROLE_CALLS_STREAM = 1 << 5, /* a connected socket */
	ROLE_CALLS_PEER = 1 << 6, /* asking a socket about itself */
	ROLE_CALLS_FOLDER = 1 << 7, /* names beneath one that is open */
};

struct role_right {
	unsigned roles; /* bits: 1 << enum role */
	enum role_kind kind;
	unsigned what;
	enum role_place place;
	uint64_t value;
	const char *name; /* a few words: "the site" */
	const char *why;
	const char *without; /* what breaks, or what could happen */
};

/* All rights of all roles; a NULL name ends them. */
extern const struct role_right role_rights[];

/* "hub", "sftp", "ftp", "http", "folder" */
const char *role_name(enum role role);
/* false: there is no such role. */
bool role_parse(const char *name, enum role *out);
/* A worker's second argument; the first is the name of its role. */
#define ROLE_CONFINED "confined"
#define ROLE_UNCONFINED "unconfined"

/* Bits of enum role_calls that the role has. */
unsigned role_calls(enum role role);
/* Bits of enum role_access that the role has on a place. */
unsigned role_access(enum role role, enum role_place place);

#endif
