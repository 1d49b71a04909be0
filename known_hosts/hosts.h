/* One known_hosts file in memory.  Hub. */
#ifndef KNOWN_HOSTS_HOSTS_H
#define KNOWN_HOSTS_HOSTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "known_hosts/entry.h"
#include "known_hosts/store.h"

struct hosts_line {
	unsigned number; /* from 1 */
	struct entry entry; /* ENTRY_HOST, _REVOKED or _AUTHORITY */
};

struct hosts {
	char *path; /* NULL: none was named */
	bool present; /* the file exists and was read */
	struct buf text;
	struct arena arena; /* the keys' bytes */
	struct hosts_line *lines;
	size_t count, cap;
};

void hosts_init(struct hosts *h);
void hosts_free(struct hosts *h);
/*
 * Read dirfd/path, without ever waiting for a FIFO, or touching the time when it
 * was read last.  A missing one is empty.  A link of it or of its folder is
 * followed, unless own_link is set and it leads to somebody else's file.
 * 0; a positive errno when it cannot be read (EPERM: such a link, EINVAL: not
 * a regular file, EFBIG: too long); -ferry_EINTERNAL when out of memory.
 */
int hosts_load(struct hosts *h, int dirfd, const char *path, bool own_link,
    const struct log *log);
/* Words for such an errno. */
const char *hosts_why(int why);

/*
 * The same of bytes that are not on a disk; path is what messages call them.
 * 0, EFBIG or -ferry_EINTERNAL.
 */
int hosts_parse(struct hosts *h, const char *path, const void *text, size_t n,
    const struct log *log);

/* The key asked about. */
struct hosts_key {
	const void *blob;
	size_t n;
	struct blob parts;
};

/*
 * What the file says of the key under one looked-up name (see match_name()),
 * revocations aside.
 */
void hosts_judge(const struct hosts *h, const char *name,
    const struct hosts_key *key, struct store_finding *f);
/* Is it some host's key, whosever? */
bool hosts_has_key(const struct hosts *h, const struct hosts_key *key);
/* Where two files differ, is it a that counts? */
bool hosts_outranks(enum store_verdict a, enum store_verdict b);
/* The line that revokes the key under this name; NULL: none. */
const struct hosts_line *hosts_revoked(
    const struct hosts *h, const char *name, const void *blob, size_t n);
void hosts_find(const struct hosts_line *line, enum store_verdict verdict,
    struct store_finding *f);

#endif
