/* What the store's two halves share: store.c asks, store_write.c writes. */
#ifndef KNOWN_HOSTS_STORE_PARTS_H
#define KNOWN_HOSTS_STORE_PARTS_H

#include "base/limits.h"
#include "known_hosts/hosts.h"
#include "known_hosts/match.h"
#include "known_hosts/store.h"

struct store {
	struct store_files files;
	struct hosts own, fallback[STORE_FALLBACKS];
	const struct log *log;
	char users[LIMIT_PATH + 1]; /* ssh's own, in the real home; or "" */
};

/* What is asked: one key, under the names that it may be known by. */
struct store_inquiry {
	struct hosts_key key; /* parts.type is NULL for what is no key */
	char name[MATCH_NAME_SIZE];
	char plain[MATCH_NAME_SIZE]; /* without the port; "": the same */
	char address[MATCH_NAME_SIZE]; /* or "" */
};

void store_inquire(struct store_inquiry *q, const struct store_host *host,
    const void *blob, size_t n);
/* The line of this file that revokes the key under any name; NULL: none. */
const struct hosts_line *
store_revoked(const struct hosts *h, const struct store_inquiry *q);
/* Words for a private file that cannot be read; returns -ferry_EUSAGE. */
int store_unreadable(const char *path, int why, struct ferry_error *err);

#endif
