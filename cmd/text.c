/* Numbers, widths and escapes for a terminal.  Hub (the command). */
#include "cmd/text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <utf8proc.h>

enum { WORD_MAX = 40 };

char *
text_count(char dst[TEXT_NUMBER_SIZE], uint64_t n)
{
	char digits[TEXT_NUMBER_SIZE];
	size_t len, i, j = 0;

	len = (size_t)snprintf(
	    digits, sizeof(digits), "%llu", (unsigned long long)n);
	for (i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			dst[j++] = ' ';
		dst[j++] = digits[i];
	}
	dst[j] = '\0';
	return dst;
}

char *
text_bytes(char dst[TEXT_NUMBER_SIZE], uint64_t n)
{
	static const char *const units[] = { "kB", "MB", "GB", "TB", "PB",
		"EB" };
	double value = (double)n;
	size_t unit = 0;

	if (n < 1000) {
		snprintf(dst, TEXT_NUMBER_SIZE, "%u B", (unsigned)n);
		return dst;
	}
	/* 999.5 would print as "1000", so the next unit begins there. */
	for (value /= 1000; value >= 999.5; value /= 1000)
		unit++;
	snprintf(dst, TEXT_NUMBER_SIZE, "%.*f %s", value < 99.95 ? 1 : 0, value,
	    units[unit]);
	return dst;
}

char *
text_seconds(char dst[TEXT_NUMBER_SIZE], double seconds)
{
	unsigned long long whole =
	    seconds > 0 ? (unsigned long long)seconds : 0;

	if (seconds < 59.95)
		snprintf(dst, TEXT_NUMBER_SIZE, "%.1f s",
		    seconds > 0 ? seconds : 0.0);
	else if (whole < 3600)
		snprintf(dst, TEXT_NUMBER_SIZE, "%llu min %02llu s", whole / 60,
		    whole % 60);
	else
		snprintf(dst, TEXT_NUMBER_SIZE, "%llu h %02llu min",
		    whole / 3600, whole / 60 % 60);
	return dst;
}

char *
text_time(char dst[TEXT_TIME_SIZE], int64_t seconds)
{
	const time_t when = (time_t)seconds;
	struct tm tm;

	if (gmtime_r(&when, &tm) == NULL ||
	    strftime(dst, TEXT_TIME_SIZE, "%Y-%m-%d %H:%M UTC", &tm) == 0)
		snprintf(dst, TEXT_TIME_SIZE, "?");
	return dst;
}

char *
text_clock(char dst[TEXT_NUMBER_SIZE], double seconds)
{
	unsigned long long s = seconds > 0 ? (unsigned long long)seconds : 0;

	if (s < 3600)
		snprintf(dst, TEXT_NUMBER_SIZE, "%llu:%02llu", s / 60, s % 60);
	else
		snprintf(dst, TEXT_NUMBER_SIZE, "%llu:%02llu:%02llu", s / 3600,
		    s / 60 % 60, s % 60);
	return dst;
}

/* Would this character move, hide or reorder what stands around it? */
static bool
is_harmful(utf8proc_int32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x061c ||
	    c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
	    (c >= 0x2066 && c <= 0x2069);
}

/* Copies piece[0..n) to dst[*len]; false when it does not fit. */
static bool
append(char *dst, size_t size, size_t *len, const char *piece, size_t n)
{
	if (size - *len <= n)
		return false;
	memcpy(dst + *len, piece, n);
	*len += n;
	dst[*len] = '\0';
	return true;
}

static char *
escape(char *dst, size_t size, const char *src, bool utf8, bool raw)
{
	const unsigned char *p = (const unsigned char *)src;
	size_t left = strlen(src), len = 0;
	utf8proc_int32_t c;
	utf8proc_ssize_t n;
	char hex[5];
	bool fits = true;

	dst[0] = '\0';
	for (; left > 0 && fits; p += n, left -= (size_t)n) {
		n = utf8proc_iterate(p, (utf8proc_ssize_t)left, &c);
		if (n < 1 || is_harmful(c) || (c > 0x7e && !utf8)) {
			n = 1;
			snprintf(hex, sizeof(hex), "\\x%02x", *p);
			fits = append(dst, size, &len, hex, 4);
		} else if (c == '\\' && raw) {
			fits = append(dst, size, &len, "\\\\", 2);
		} else {
			fits =
			    append(dst, size, &len, (const char *)p, (size_t)n);
		}
	}
	return dst;
}

char *
text_escape(char *dst, size_t size, const char *src, bool utf8)
{
	return escape(dst, size, src, utf8, true);
}

char *
text_show(char *dst, size_t size, const char *src, bool utf8)
{
	return escape(dst, size, src, utf8, false);
}

/* The character at s: its bytes, and the columns it takes. */
static size_t
next_char(const char *s, size_t *columns)
{
	utf8proc_int32_t c;
	utf8proc_ssize_t n;
	int width;

	n = utf8proc_iterate((const utf8proc_uint8_t *)s, -1, &c);
	if (n < 1) {
		*columns = 1;
		return 1;
	}
	width = utf8proc_charwidth(c);
	*columns = width > 0 ? (size_t)width : 0;
	return (size_t)n;
}

char *
text_quote(char *dst, size_t size, const char *word)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz"
				    "0123456789%+,-./:=@_~";
	size_t n = strlen(word), len = 0;
	const char *part;

	dst[0] = '\0';
	if (n > 0 && *word != '~' && strspn(word, plain) == n) {
		if (n < size)
			memcpy(dst, word, n + 1);
		return dst;
	}
	/* Its quotes, its end, and the longest part of what is within. */
	dst[len++] = '\'';
	for (; *word != '\0' && len + 7 < size; word++) {
		part = *word == '\'' ? "'\"'\"'" : (char[]){ *word, '\0' };
		memcpy(dst + len, part, strlen(part));
		len += strlen(part);
	}
	dst[len++] = '\'';
	dst[len] = '\0';
	if (*word != '\0')
		dst[0] = '\0';
	return dst;
}

size_t
text_columns(const char *s)
{
	size_t columns, sum = 0;

	while (*s != '\0') {
		s += next_char(s, &columns);
		sum += columns;
	}
	return sum;
}

char *
text_cut(char *dst, size_t size, const char *s, size_t columns, bool utf8)
{
	const char *dots = utf8 ? "\xe2\x80\xa6" : "...", *tail;
	size_t total = text_columns(s), room, width, n, len = 0, used = 0;

	dst[0] = '\0';
	if (total <= columns) {
		append(dst, size, &len, s, strlen(s));
		return dst;
	}
	if (columns < text_columns(dots))
		return dst;
	room = columns - text_columns(dots);
	for (; (n = next_char(s, &width)) > 0; s += n, used += width) {
		if (used + width > room - room / 2 ||
		    !append(dst, size, &len, s, n))
			break;
	}
	append(dst, size, &len, dots, strlen(dots));
	/* Drop from the front until what is left fits behind the dots. */
	for (tail = s, total -= used; total > room - used; total -= width)
		tail += next_char(tail, &width);
	/* A combining mark may not hang on the dots. */
	while (*tail != '\0' && (n = next_char(tail, &width)) > 0 && width == 0)
		tail += n;
	append(dst, size, &len, tail, strlen(tail));
	return dst;
}

size_t
text_fit(const char *s, size_t columns)
{
	size_t used = 0, best = 0, i = 0, width;

	while (s[i] != '\0') {
		if (s[i] == ' ' && i > 0 && s[i - 1] != ' ') {
			if (used > columns)
				return best > 0 ? best : i;
			best = i;
		}
		i += next_char(s + i, &width);
		used += width;
	}
	return used > columns && best > 0 ? best : i;
}

/* Damerau-Levenshtein with neighbours swapped at most once. */
unsigned
text_distance(const char *a, const char *b)
{
	unsigned row[3][WORD_MAX + 1], *last = row[0], *now = row[1];
	unsigned *before = row[2], *spare, best;
	size_t n = strlen(a), m = strlen(b), i, j;

	if (n > WORD_MAX || m > WORD_MAX)
		return WORD_MAX;
	for (j = 0; j <= m; j++)
		last[j] = (unsigned)j;
	for (i = 1; i <= n; i++) {
		now[0] = (unsigned)i;
		for (j = 1; j <= m; j++) {
			best = last[j - 1] + (a[i - 1] != b[j - 1]);
			if (last[j] + 1 < best)
				best = last[j] + 1;
			if (now[j - 1] + 1 < best)
				best = now[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			now[j] = best;
		}
		spare = before;
		before = last;
		last = now;
		now = spare;
	}
	return last[m];
}

struct text_near
text_near_to(const char *word)
{
	return (struct text_near){ .word = word, .distance = WORD_MAX };
}

void
text_near_offer(struct text_near *near, const char *known)
{
	size_t n = strlen(near->word), m = strlen(known);
	unsigned distance = text_distance(near->word, known);

	/* A third of the letters may be wrong, of a short word just one. */
	if (n < 2 || distance > (n < 6 ? 1 : n / 3)) {
		/* Half a word is a hint of its own: "publ", "fallback". */
		if (n < 3 || n >= m || strncmp(near->word, known, n) != 0)
			return;
		distance = WORD_MAX - 1;
	}
	if (distance >= near->distance || m >= sizeof(near->best))
		return;
	near->distance = distance;
	memcpy(near->best, known, m + 1);
}
