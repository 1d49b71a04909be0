/*
 * The known_hosts files: loaded, asked, and the private one written.  Hub.
 * Format: sshd(8), SSH_KNOWN_HOSTS FILE FORMAT.
 */
#ifndef KNOWN_HOSTS_STORE_H
#define KNOWN_HOSTS_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/log.h"
#include "sandferry.h"

struct store;

/* Whom we talk to; the name as the user gave it. */
struct store_host {
	const char *name;
	const char *address; /* numeric, looked up too; or NULL */
	unsigned port;
};

enum store_verdict { /* in the order of enum ferry_host_verdict */
	STORE_TRUSTED,
	STORE_UNKNOWN,
	STORE_NEW_TYPE,
	STORE_CHANGED,
	STORE_REVOKED,
};

enum { STORE_TYPE_SIZE = 64 };

/* What one file says, alone. */
struct store_finding {
	enum store_verdict verdict;
	const char *path; /* as given to store_load; NULL: no such file */
	unsigned line; /* the line that decides; 0: none */
	char type[STORE_TYPE_SIZE]; /* of the key on that line, or "" */
	char fingerprint[HASH_FINGERPRINT_SIZE];
};

struct store_report {
	enum store_verdict verdict; /* all files together */
	bool from_fallback;
	struct store_finding own;
	struct store_finding fallback; /* of the fallback that decides */
};

/* The fallbacks are only read, and judged as one, as ssh(1) judges them. */
enum { STORE_USER, STORE_SYSTEM, STORE_FALLBACKS };

struct store_files { /* paths, to outlive the store; NULL: none */
	int dirfd; /* AT_FDCWD, or the open folder that own is in */
	const char *own; /* the private one: read and written */
	const char *fallback[STORE_FALLBACKS];
	bool hash_names; /* write new names hashed, as HashKnownHosts */
};

/*
 * Read the files.  A missing file is an empty one.  The private file must be
 * readable if it exists; a fallback that is not is logged once and counts as
 * empty.  A bad line is logged with file:line and skipped, and that anybody may
 * write to the private file or its folder is logged as a warning.
 */
int store_load(struct store **out, const struct store_files *files,
    const struct log *log, struct ferry_error *err);
void store_free(struct store *s);

/* Judge a host key blob (RFC 4253, 6.6) against all files. */
void store_judge(const struct store *s, const struct store_host *host,
    const void *blob, size_t n, struct store_report *report);

/*
 * The host-key algorithms to offer, known types first: a comma list for
 * SSH_MSG_KEXINIT, e.g. "ssh-ed25519,rsa-sha2-512,rsa-sha2-256,...".
 */
void store_prefer(
    const struct store *s, const struct store_host *host, struct buf *out);

/* One known_hosts line for this key, never hashed, without newline. */
void store_print_line(
    const struct store_host *host, const void *blob, size_t n, struct buf *out);

/*
 * Record the key in the private file, under a lock and fsynced: a new folder is
 * made 0700, the file is 0600 afterwards.  Older private lines of this host and
 * type are replaced; all else in the file survives byte for byte.  With
 * hash_names the new line is "|1|salt|hash ..."; a line that has the key stays.
 * Never written, under any name: the fallbacks, ~/.ssh/known_hosts of the real
 * home, /etc/ssh/ssh_known_hosts.
 */
int store_trust(struct store *s, const struct store_host *host,
    const void *blob, size_t n, struct ferry_error *err);

enum store_marker { STORE_NO_MARKER, STORE_MARK_REVOKED, STORE_MARK_AUTHORITY };

/* One good line of a file; pointers last as long as the call. */
struct store_entry {
	const char *path; /* as given to store_load */
	unsigned line; /* from 1 */
	enum store_marker marker;
	const char *hosts; /* its first field as written: any bytes but NUL */
	size_t hosts_len;
	bool hashed; /* "|1|...": nobody can tell the name */
	char type[STORE_TYPE_SIZE]; /* of the key */
	char fingerprint[HASH_FINGERPRINT_SIZE];
};

/*
 * All lines that hold a key, in the files' order: the private file, then the
 * fallbacks that the store was loaded with.  Load it without them to see the
 * private file alone.
 */
void store_list(const struct store *s,
    void (*each)(void *ctx, const struct store_entry *e), void *ctx);

/* Remove the host's private lines; *removed counts them. */
int store_forget(struct store *s, const struct store_host *host,
    unsigned *removed, struct ferry_error *err);

#endif
