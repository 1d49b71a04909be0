/*
 * A line of JSON, written member by member into memory of the caller's.  Hub.
 * What a member has no value for (a text or path that is NULL) is left out.
 */
#ifndef PUBLISH_NDJSON_H
#define PUBLISH_NDJSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Goes on counting when it no longer fits. */
struct ndjson {
	char *dst;
	size_t size, len; /* len may be over size; nothing is terminated */
	bool comma; /* something stands before */
};

/* '{' or '[', and what closes it. */
void ndjson_open(struct ndjson *j, char bracket);
void ndjson_close(struct ndjson *j, char bracket);

void ndjson_key(struct ndjson *j, const char *key); /* a value follows */
void ndjson_next(struct ndjson *j); /* one more value of a list */

/* UTF-8; a byte that is none becomes U+FFFD. */
void ndjson_text(struct ndjson *j, const char *key, const char *s);
void ndjson_number(struct ndjson *j, const char *key, uint64_t v);
void ndjson_bool(struct ndjson *j, const char *key, bool v);
void ndjson_seconds(struct ndjson *j, double seconds); /* "seconds", to ms */
/* "path", or "path_b64" of one that is not UTF-8. */
void ndjson_path(struct ndjson *j, const char *path);

#endif
