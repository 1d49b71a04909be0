/*
 * Say what went wrong, in the caller's struct ferry_error, without allocating.
 * Runs in the hub and in the worker.
 */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/path.h"

/* More than any text holds, since escaping never makes it shorter. */
enum { RAW_SIZE = 512 };

/* Format, then escape into dst; arguments may point into dst. */
static void __attribute__((format(printf, 3, 0)))
put_text(char *dst, size_t size, const char *format, va_list ap)
{
	char raw[RAW_SIZE];

	if (vsnprintf(raw, sizeof(raw), format, ap) < 0)
		raw[0] = '\0';
	path_escape(dst, size, raw, strlen(raw));
}

static void
put_code(
    struct ferry_error *err, enum ferry_code code, int os_errno, const char *id)
{
	size_t n = strnlen(id, sizeof(err->id) - 1);

	err->code = code;
	err->os_errno = os_errno;
	err->wire_code = 0;
	memmove(err->id, id, n); /* it may be err's own */
	err->id[n] = '\0';
	err->hint[0] = '\0';
}

/* The system's words, never translated, so that logs can be searched. */
static void
os_words(int os_errno, char *dst, size_t size)
{
	const char *words = NULL;
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 32)
	words = strerrordesc_np(os_errno);
#elif !defined(__GLIBC__)
	if (strerror_r(os_errno, dst, size) == 0)
		return;
#endif
	if (words)
		snprintf(dst, size, "%s", words);
	else
		snprintf(dst, size, "system error %d", os_errno);
}

int
err_set(struct ferry_error *err, enum ferry_code code, const char *id,
    const char *format, ...)
{
	va_list ap;

	if (err) {
		va_start(ap, format);
		put_text(err->text, sizeof(err->text), format, ap);
		va_end(ap);
		put_code(err, code, 0, id);
	}
	return -(int)code;
}

int
err_os(struct ferry_error *err, enum ferry_code code, int os_errno,
    const char *id, const char *format, ...)
{
	char words[96];
	size_t room;
	va_list ap;

	if (err) {
		/* A long name is cut rather than the reason. */
		os_words(os_errno, words, sizeof(words));
		room = sizeof(err->text) - strlen(": ") - strlen(words);
		va_start(ap, format);
		put_text(err->text, room, format, ap);
		va_end(ap);
		strcat(err->text, ": ");
		strcat(err->text, words);
		put_code(err, code, os_errno, id);
	}
	return -(int)code;
}

void
err_hint(struct ferry_error *err, const char *format, ...)
{
	va_list ap;

	if (!err)
		return;
	va_start(ap, format);
	put_text(err->hint, sizeof(err->hint), format, ap);
	va_end(ap);
}

int
err_memory(struct ferry_error *err)
{
	return err_set(err, ferry_EINTERNAL, "out_of_memory", "out of memory");
}

/* How many bytes at the start of escaped text belong together. */
static size_t
unit_len(const char *s)
{
	size_t n = 1;

	if (s[0] == '\\')
		return s[1] == 'x' ? strnlen(s, 4) : strnlen(s, 2);
	while (((unsigned char)s[n] & 0xc0) == 0x80)
		n++;
	return n;
}

/* Copy escaped text, cut at a whole unit with "..." when it does not fit. */
static void
put_escaped(char *dst, size_t size, const char *src)
{
	size_t n = strlen(src), len = 0, unit;

	if (n < size) {
		memcpy(dst, src, n + 1);
		return;
	}
	while (src[len] != '\0') {
		unit = unit_len(src + len);
		if (len + unit + sizeof("...") > size)
			break;
		len += unit;
	}
	memcpy(dst, src, len);
	memcpy(dst + len, "...", sizeof("..."));
}

void
err_prefix(struct ferry_error *err, const char *format, ...)
{
	char text[sizeof(err->text) * 2 + sizeof(": ")];
	va_list ap;

	if (!err)
		return;
	va_start(ap, format);
	put_text(text, sizeof(err->text), format, ap);
	va_end(ap);
	strcat(text, ": ");
	strcat(text, err->text);
	put_escaped(err->text, sizeof(err->text), text);
}

int
err_recode(struct ferry_error *err, enum ferry_code code, const char *id)
{
	if (err)
		put_code(err, code, err->os_errno, id);
	return -(int)code;
}

void
err_clear(struct ferry_error *err)
{
	if (err)
		memset(err, 0, sizeof(*err));
}
