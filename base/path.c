/*
 * Names that others sent: are they harmless, and how are they shown?
 * Runs in the hub and in the worker; no I/O.
 */
#include "base/path.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"

bool
path_name_ok(const char *name, size_t n)
{
	if (n == 0 || n > LIMIT_NAME)
		return false;
	if (memchr(name, '/', n) || memchr(name, '\0', n))
		return false;
	if (name[0] != '.')
		return true;
	return n != 1 && !(n == 2 && name[1] == '.');
}

bool
path_relative_ok(const char *path)
{
	size_t n;

	if (strnlen(path, LIMIT_PATH + 1) > LIMIT_PATH)
		return false;
	for (;; path += n + 1) {
		n = strcspn(path, "/");
		if (!path_name_ok(path, n))
			return false;
		if (path[n] == '\0')
			return true;
	}
}

bool
path_join(char *dst, size_t size, const char *dir, const char *name)
{
	size_t d = strlen(dir), n = strlen(name);
	bool slash = d > 0 && dir[d - 1] != '/';

	if (size == 0)
		return false;
	if (d >= size || n >= size - d || slash >= size - d - n) {
		dst[0] = '\0';
		return false;
	}
	memmove(dst, dir, d); /* dst may be dir */
	if (slash)
		dst[d++] = '/';
	memcpy(dst + d, name, n + 1);
	return true;
}

size_t
path_dir_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return 0;
	return slash == path ? 1 : (size_t)(slash - path);
}

const char *
path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool
path_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	if (n == 0)
		return true;
	if (strncmp(path, dir, n) != 0)
		return false;
	return dir[n - 1] == '/' || path[n] == '\0' || path[n] == '/';
}

/*
 * Decode the first character of s[0..n), n > 0.  Its length, or 0 when it is
 * not UTF-8: overlong forms, surrogates and what lies beyond U+10FFFF count
 * as broken (RFC 3629, 4).
 */
static size_t
utf8_get(const unsigned char *s, size_t n, uint32_t *c)
{
	static const uint32_t lowest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len, i;

	*c = s[0];
	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc0 || s[0] > 0xf7)
		return 0;
	len = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (len > n)
		return 0;
	*c = s[0] & (0x7fU >> len);
	for (i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (s[i] & 0x3f);
	}
	if (*c < lowest[len] || *c > 0x10ffff)
		return 0;
	return *c >= 0xd800 && *c <= 0xdfff ? 0 : len;
}

/* Would this character act on the reader's terminal instead of showing? */
static bool
acts(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x061c ||
	    c == 0x200e || c == 0x200f || /* direction marks */
	    (c >= 0x2028 && c <= 0x202e) || /* line breaks, overrides */
	    (c >= 0x2066 && c <= 0x2069); /* isolates */
}

/* Print the first character of s into out; set how many bytes it took. */
static size_t
escape_one(const unsigned char *s, size_t n, size_t *took, char out[20])
{
	uint32_t c;
	size_t i, len = utf8_get(s, n, &c);

	*took = len ? len : 1;
	if (c == '\\') {
		memcpy(out, "\\\\", 2);
		return 2;
	}
	if (len && !acts(c)) {
		memcpy(out, s, len);
		return len;
	}
	for (i = 0; i < *took; i++)
		snprintf(out + 4 * i, 5, "\\x%02x", s[i]);
	return 4 * *took;
}

char *
path_escape(char *dst, size_t size, const char *src, size_t n)
{
	const unsigned char *s = (const unsigned char *)src;
	size_t len = 0, cut = 0, took, more, dots;
	char out[20];

	if (size == 0)
		return dst;
	for (; n > 0; s += took, n -= took, len += more) {
		more = escape_one(s, n, &took, out);
		if (more > size - 1 - len) {
			dots = size - 1 - cut;
			memcpy(dst + cut, "...", dots < 3 ? dots : 3);
			len = cut + (dots < 3 ? dots : 3);
			break;
		}
		memcpy(dst + len, out, more);
		if (len + more + 3 <= size - 1)
			cut = len + more;
	}
	dst[len] = '\0';
	return dst;
}

bool
path_utf8_ok(const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;
	uint32_t c;
	size_t len;

	for (; n > 0; p += len, n -= len) {
		len = utf8_get(p, n, &c);
		if (len == 0)
			return false;
	}
	return true;
}
