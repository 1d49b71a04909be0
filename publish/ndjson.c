/* One line of JSON, written member by member.  Hub; no I/O, no locale. */
#include "publish/ndjson.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/path.h"

static void
put_char(struct ndjson *j, char c)
{
	if (j->len + 1 < j->size)
		j->dst[j->len] = c;
	j->len++;
}

static void
put_raw(struct ndjson *j, const char *s)
{
	while (*s != '\0')
		put_char(j, *s++);
}

/*
 * Bytes of the well-formed character at s, 0 when it is broken.
 */
static size_t
char_len(const char *s, size_t left)
{
	size_t n;

	for (n = 1; n <= 4 && n <= left; n++)
		if (path_utf8_ok(s, n))
			return n;
	return 0;
}

static void
put_text(struct ndjson *j, const char *s)
{
	size_t left = strlen(s), n;
	unsigned char c;
	char hex[8];

	put_char(j, '"');
	for (; left > 0; s += n, left -= n) {
		c = (unsigned char)*s;
		n = 1;
		if (c == '"' || c == '\\') {
			put_char(j, '\\');
			put_char(j, *s);
		} else if (c < 0x20 || c == 0x7f) {
			snprintf(hex, sizeof(hex), "\\u%04x", c);
			put_raw(j, hex);
		} else if (c < 0x80) {
			put_char(j, *s);
		} else if ((n = char_len(s, left)) > 0) {
			for (size_t i = 0; i < n; i++)
				put_char(j, s[i]);
		} else {
			n = 1;
			put_raw(j, "\\ufffd");
		}
	}
	put_char(j, '"');
}

void
ndjson_next(struct ndjson *j)
{
	if (j->comma)
		put_char(j, ',');
	j->comma = true;
}

void
ndjson_key(struct ndjson *j, const char *key)
{
	ndjson_next(j);
	put_char(j, '"');
	put_raw(j, key);
	put_raw(j, "\":");
}

void
ndjson_text(struct ndjson *j, const char *key, const char *s)
{
	if (s == NULL)
		return;
	ndjson_key(j, key);
	put_text(j, s);
}

void
ndjson_number(struct ndjson *j, const char *key, uint64_t v)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)v);
	ndjson_key(j, key);
	put_raw(j, text);
}

void
ndjson_bool(struct ndjson *j, const char *key, bool v)
{
	ndjson_key(j, key);
	put_raw(j, v ? "true" : "false");
}

/* Milliseconds, printed without asking the locale for its decimal point. */
void
ndjson_seconds(struct ndjson *j, double seconds)
{
	uint64_t ms = seconds > 0 ? (uint64_t)(seconds * 1000 + 0.5) : 0;
	char text[32];

	snprintf(text, sizeof(text), "%llu.%03u",
	    (unsigned long long)(ms / 1000), (unsigned)(ms % 1000));
	ndjson_key(j, "seconds");
	put_raw(j, text);
}

static void
put_base64(struct ndjson *j, const char *s)
{
	size_t left = strlen(s), n;
	char text[8];

	put_char(j, '"');
	for (; left > 0; s += n, left -= n) {
		n = left < 3 ? left : 3;
		hash_base64(s, n, text);
		put_raw(j, text);
	}
	put_char(j, '"');
}

void
ndjson_path(struct ndjson *j, const char *path)
{
	if (path == NULL)
		return;
	if (path_utf8_ok(path, strlen(path))) {
		ndjson_text(j, "path", path);
	} else {
		ndjson_key(j, "path_b64");
		put_base64(j, path);
	}
}

void
ndjson_open(struct ndjson *j, char bracket)
{
	put_char(j, bracket);
	j->comma = false;
}

void
ndjson_close(struct ndjson *j, char bracket)
{
	put_char(j, bracket);
	j->comma = true;
}
