/*
 * One line of what an FTP server lists, in any of the usual forms: MLSD and
 * MLST (RFC 3659), `ls -l`, and the one of Windows.  Worker.  No I/O.
 */
#ifndef REMOTE_LISTING_H
#define REMOTE_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"

enum listing_kind {
	LISTING_ENTRY,
	LISTING_SELF, /* the folder itself, its parent, or "total 12" */
	LISTING_ODD, /* in no form that we know */
	LISTING_EVIL, /* a name that is none: with a '/', ".." or too long */
};

enum listing_has {
	LISTING_SIZE = 1 << 0,
	LISTING_TIME = 1 << 1,
	LISTING_MODE = 1 << 2, /* permissions; the type is always there */
};

struct listing {
	unsigned has; /* enum listing_has */
	uint64_t size;
	uint64_t mtime; /* seconds since 1970; of a LIST: in its own zone */
	uint32_t mode; /* as of stat(2) */
	char name[LIMIT_NAME + 1];
};

/* A line without its end.  *l is zero where the kind is not LISTING_ENTRY. */
enum listing_kind listing_mlsd(const char *line, size_t n, struct listing *l);
/* MLST's line names a path as the server likes: only the facts are read. */
enum listing_kind listing_mlst(const char *line, size_t n, struct listing *l);
/* now: for dates without a year. */
enum listing_kind
listing_list(const char *line, size_t n, uint64_t now, struct listing *l);
/* "20261122061517" or "...17.123", UTC: of MDTM and MLSD.  False: it is not. */
bool listing_time(const char *text, size_t n, uint64_t *out);

#endif
