/*
 * init: an address as people type it, into a url.  Hub (the command).
 *
 * What this makes of it is shown, and judged by the library as any other url.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cmd/init_parts.h"

/* Add n bytes, percent-encoded unless a url may have them as they are. */
static bool
add(char *dst, size_t size, const char *s, size_t n)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "-._~/!$&'()*+,;=";
	size_t at = strlen(dst);

	for (size_t i = 0; i < n; i++) {
		if (at + 4 > size)
			return false;
		at += (size_t)snprintf(dst + at, size - at,
		    strchr(plain, s[i]) != NULL ? "%c" : "%%%02X",
		    (unsigned char)s[i]);
	}
	return true;
}

/* As it is: a part of a url already. */
static bool
copy(char *dst, size_t size, const char *s, size_t n)
{
	if (n >= size)
		return false;
	memcpy(dst, s, n);
	dst[n] = '\0';
	return true;
}

static bool
refuse(struct ferry_error *err, const char *words, const char *hint)
{
	options_error(err, hint, "%s", words);
	return false;
}

static bool
too_long(struct ferry_error *err)
{
	return refuse(err, "the address is too long", NULL);
}

/* A folder of this machine, which has to be there. */
static bool
parse_folder(struct init_address *a, const char *typed, struct ferry_error *err)
{
	char path[PATH_MAX], real[PATH_MAX];

	snprintf(a->scheme, sizeof(a->scheme), "file");
	if (!init_folder_expand(path, typed))
		return too_long(err);
	if (realpath(path, real) == NULL) {
		options_error(err,
		    "Make it first: mkdir -p FOLDER. A server is written as "
		    "me@example.org.",
		    "%s: %s", path, strerror(errno));
		return false;
	}
	return add(a->path, sizeof(a->path), real, strlen(real)) ||
	    too_long(err);
}

/* "user@host:port"; encoded says whether the user is. */
static bool
parse_authority(struct init_address *a, const char *s, size_t n, bool encoded)
{
	const char *host = s;

	for (size_t i = 0; i < n; i++) {
		if (s[i] == '@')
			host = s + i + 1;
	}
	if (host == s)
		a->missing |= INIT_NO_USER;
	else if (encoded)
		copy(a->user, sizeof(a->user), s, (size_t)(host - s - 1));
	else
		add(a->user, sizeof(a->user), s, (size_t)(host - s - 1));
	return copy(a->host, sizeof(a->host), host, n - (size_t)(host - s));
}

static bool
parse_url(struct init_address *a, const char *typed, struct ferry_error *err)
{
	const char *rest = strstr(typed, "://") + 3;
	const size_t n = (size_t)(rest - typed - 3), host = strcspn(rest, "/");
	const bool ssh = (n == 3 && strncasecmp(typed, "ssh", 3) == 0) ||
	    (n == 3 && strncasecmp(typed, "scp", 3) == 0);

	if ((n == 4 && strncasecmp(typed, "http", n) == 0) ||
	    (n == 5 && strncasecmp(typed, "https", n) == 0))
		return refuse(err,
		    "that is where visitors go, not where files are sent to",
		    "It is asked for later. Name the server as your provider "
		    "does: me@example.org, or ftp.example.org.");
	if (n >= sizeof(a->scheme))
		return refuse(err, "the url has an unknown scheme",
		    "Write sftp://user@host/path.");
	if (ssh)
		snprintf(a->scheme, sizeof(a->scheme), "sftp");
	else
		copy(a->scheme, sizeof(a->scheme), typed, n);
	if (!copy(a->path, sizeof(a->path), rest + host, strlen(rest + host)))
		return too_long(err);
	if (strcasecmp(a->scheme, "file") == 0)
		return copy(a->host, sizeof(a->host), rest, host) ||
		    too_long(err);
	if (rest[host] == '\0')
		a->missing |= INIT_NO_FOLDER;
	return parse_authority(a, rest, host, true) || too_long(err);
}

/* What stands behind the host: "/path", ":/path", ":path", ":port/path". */
static bool
parse_rest(struct init_address *a, const char *rest)
{
	const size_t digits = *rest == ':' ? strspn(rest + 1, "0123456789") : 0;
	const char *end = rest + 1 + digits;
	size_t n = strlen(a->host);

	if (digits > 0 && (*end == '\0' || *end == '/')) {
		if (!copy(a->host + n, sizeof(a->host) - n, rest,
			(size_t)(end - rest)))
			return false;
		/* where these servers listen */
		if (digits == 2 && strncmp(rest, ":21", 3) == 0)
			snprintf(a->scheme, sizeof(a->scheme), "ftp");
		if (digits == 3 && strncmp(rest, ":990", 4) == 0)
			snprintf(a->scheme, sizeof(a->scheme), "ftps");
		rest = end;
	} else if (*rest == ':') {
		rest++;
		if (*rest != '\0')
			return init_address_set_folder(a, rest);
	}
	if (*rest == '\0')
		a->missing |= INIT_NO_FOLDER;
	return add(a->path, sizeof(a->path), rest, strlen(rest));
}

bool
init_address_parse(
    struct init_address *out, const char *typed, struct ferry_error *err)
{
	const char *at = strchr(typed, '@'), *host, *end;

	memset(out, 0, sizeof(*out));
	if (strstr(typed, "://") != NULL)
		return parse_url(out, typed, err);
	if (*typed == '/' || *typed == '~' || strcmp(typed, ".") == 0 ||
	    strncmp(typed, "./", 2) == 0 || strncmp(typed, "..", 2) == 0)
		return parse_folder(out, typed, err);
	if (strpbrk(typed, " \t") != NULL && at == NULL)
		return refuse(err, "the address is more than one word",
		    "Write me@example.org, or me@example.org:2222.");
	host = at != NULL && at < typed + strcspn(typed, "/") ? at + 1 : typed;
	end = *host == '[' ? host + strcspn(host, "]") : host;
	end += strcspn(end, ":/");
	snprintf(out->scheme, sizeof(out->scheme),
	    strncasecmp(host, "ftp.", 4) == 0 ? "ftp" : "sftp");
	if (!parse_authority(out, typed, (size_t)(end - typed), false) ||
	    !parse_rest(out, end))
		return too_long(err);
	return true;
}

bool
init_address_set_user(struct init_address *a, const char *typed)
{
	a->user[0] = '\0';
	a->missing &= ~(unsigned)INIT_NO_USER;
	return *typed != '\0' &&
	    add(a->user, sizeof(a->user), typed, strlen(typed));
}

bool
init_address_set_folder(struct init_address *a, const char *typed)
{
	a->path[0] = '\0';
	a->missing &= ~(unsigned)INIT_NO_FOLDER;
	if (*typed == '~' && (typed[1] == '/' || typed[1] == '\0'))
		typed += typed[1] == '/' ? 2 : 1;
	else if (strcmp(typed, ".") == 0 || strncmp(typed, "./", 2) == 0)
		typed += typed[1] == '/' ? 2 : 1;
	else if (*typed == '/')
		return add(a->path, sizeof(a->path), typed, strlen(typed));
	return copy(a->path, sizeof(a->path), "/~/", 3) &&
	    add(a->path, sizeof(a->path), typed, strlen(typed));
}

bool
init_address_print(
    char dst[INIT_URL], const struct init_address *a, struct ferry_error *err)
{
	struct ferry_site *site = NULL;
	bool ok;

	if (snprintf(dst, INIT_URL, "%s://%s%s%s%s", a->scheme, a->user,
		a->user[0] != '\0' ? "@" : "", a->host, a->path) >= INIT_URL)
		return too_long(err);
	ok = ferry_site_new(&site, err) == 0 &&
	    (a->missing != 0 || ferry_site_set(site, "url", dst, err) == 0);
	ferry_site_free(site);
	return ok;
}

const char *
init_address_folder(char dst[PATH_MAX], const char *url)
{
	const char *from = strchr(url + strlen("file://"), '/');
	size_t n = 0;
	unsigned c;

	for (; from != NULL && *from != '\0' && n < PATH_MAX - 1; from++) {
		if (*from == '%' && sscanf(from + 1, "%2x", &c) == 1) {
			dst[n++] = (char)c;
			from += 2;
		} else {
			dst[n++] = *from;
		}
	}
	dst[n] = '\0';
	return dst;
}
