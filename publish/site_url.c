/*
 * The url of a site: scheme://user@host[:port]/path, with curl's path rules.
 * Hub.  What is refused is never quoted whole: it may hold a password.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/near.h"
#include "base/path.h"
#include "publish/site.h"

enum {
	LIMIT_URL = 3 * LIMIT_PATH,
	LIMIT_USER = 255,
	LIMIT_HOST = 253, /* RFC 1035, 2.3.4, written out */
};

static const struct scheme {
	const char *name;
	enum site_scheme scheme;
	unsigned port;
} schemes[] = {
	{ "sftp", SITE_SFTP, 22 },
	{ "ftp", SITE_FTP, 21 },
	{ "ftps", SITE_FTPS, 990 }, /* TLS from the first byte */
	{ "file", SITE_FILE, 0 },
};

enum { SCHEMES = sizeof(schemes) / sizeof(schemes[0]) };

/* A stretch of the text that is being parsed. */
struct span {
	const char *p;
	size_t n;
};

static const char *
find(struct span s, char c)
{
	return s.n > 0 ? memchr(s.p, c, s.n) : NULL;
}

static int
bad(struct ferry_error *err, const char *what)
{
	err_set(err, ferry_EUSAGE, "bad_url", "the url %s", what);
	err_hint(
	    err, "Write sftp://user@host/path, or sftp://user@host:port/path.");
	return -ferry_EUSAGE;
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Undo percent-encoding (RFC 3986, 2.1), in *out; a longer text is refused. */
static int
decode(char **out, struct span s, size_t max, struct ferry_error *err)
{
	char *text = malloc(s.n + 1);
	size_t n = 0;

	*out = NULL;
	if (text == NULL)
		return err_memory(err);
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '%') {
			int high = s.n - i > 2 ? hex(s.p[i + 1]) : -1;
			int low = s.n - i > 2 ? hex(s.p[i + 2]) : -1;

			if (high < 0 || low < 0) {
				free(text);
				bad(err, "has a `%' without two digits");
				err_hint(err, "Write a real `%%' as %%25.");
				return -ferry_EUSAGE;
			}
			c = (unsigned char)(high << 4 | low);
			i += 2;
		}
		if (c < ' ' || c == 0x7f) {
			free(text);
			return bad(err, "has a control character in it");
		}
		text[n++] = (char)c;
	}
	text[n] = '\0';
	if (n > max) {
		free(text);
		return bad(err, "is too long");
	}
	*out = text;
	return 0;
}

static int
parse_scheme(const struct scheme **out, struct span s, struct ferry_error *err)
{
	struct near near;
	char name[16];

	*out = NULL;
	if (s.n >= sizeof(name))
		return bad(err, "begins with no scheme that is known here");
	memcpy(name, s.p, s.n);
	name[s.n] = '\0';
	near = near_to(name);
	for (size_t i = 0; i < SCHEMES; i++) {
		if (strcasecmp(name, schemes[i].name) == 0) {
			*out = &schemes[i];
			return 0;
		}
		near_offer(&near, schemes[i].name);
	}
	err_set(err, ferry_EUSAGE, "bad_url",
	    "the url has an unknown scheme: %s", name);
	if (strcasecmp(name, "ssh") == 0 || strcasecmp(name, "scp") == 0)
		near.best = "sftp";
	if (near.best != NULL)
		err_hint(err, "Did you mean %s:// ?", near.best);
	else
		err_hint(err, "Write sftp://user@host/path.");
	return -ferry_EUSAGE;
}

static int
parse_user(struct site_url *u, struct span s, struct ferry_error *err)
{
	int rc;

	if (find(s, ':') != NULL) {
		bad(err, "has a password in it");
		err_hint(err,
		    "Take it out, and give it with --password-fd or when "
		    "asked.");
		return -ferry_EUSAGE;
	}
	rc = decode(&u->user, s, LIMIT_USER, err);
	if (rc == 0 && u->user[0] == '\0')
		rc = bad(err, "has an empty user name");
	return rc;
}

/* An address, with an interface behind a '%' where it needs one. */
static bool
is_ipv6(const char *host)
{
	const char *zone = strchr(host, '%');
	size_t n = zone != NULL ? (size_t)(zone - host) : strlen(host);
	char address[INET6_ADDRSTRLEN];
	struct in6_addr in6;

	if (n >= sizeof(address))
		return false;
	memcpy(address, host, n);
	address[n] = '\0';
	if (inet_pton(AF_INET6, address, &in6) != 1)
		return false;
	return zone == NULL ||
	    (zone[1] != '\0' &&
		zone[1 +
		    strspn(zone + 1,
			"0123456789.-_abcdefghijklmnopqrstuvwxyz"
			"ABCDEFGHIJKLMNOPQRSTUVWXYZ")] == '\0');
}

static int
parse_name(struct site_url *u, struct span s, struct ferry_error *err)
{
	int rc = decode(&u->host, s, LIMIT_HOST, err);

	if (rc != 0)
		return rc;
	if (u->host[0] == '\0')
		return bad(err, "names no host");
	for (char *p = u->host; *p != '\0'; p++) {
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
		if ((unsigned char)*p >= 0x80) {
			bad(err, "has a host name that is not ASCII");
			err_hint(err, "Write it in its xn-- form.");
			return -ferry_EUSAGE;
		}
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789-._", *p) ==
			NULL ||
		    u->host[0] == '-' || u->host[0] == '.')
			return bad(err, "has a host name that cannot be one");
	}
	return 0;
}

static int
parse_port(struct site_url *u, struct span s, struct ferry_error *err)
{
	unsigned port = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9' || port > 65535)
			return bad(err, "has a port that is not a number");
		port = port * 10 + (unsigned)(s.p[i] - '0');
	}
	if (port < 1 || port > 65535)
		return bad(err, "has a port that is not in 1-65535");
	u->port = port;
	return 0;
}

static int
parse_host(struct site_url *u, struct span s, struct ferry_error *err)
{
	const char *end = s.p + s.n, *colon;
	struct span name = s;
	int rc;

	if (s.n > 0 && s.p[0] == '[') {
		const char *close = find(s, ']');

		if (close == NULL)
			return bad(err, "has a `[' without a `]'");
		name = (struct span){ s.p + 1, (size_t)(close - s.p - 1) };
		rc = decode(&u->host, name, LIMIT_HOST, err);
		if (rc != 0)
			return rc;
		if (!is_ipv6(u->host))
			return bad(err, "has no IPv6 address in its brackets");
		colon = close + 1;
		if (colon < end && *colon != ':')
			return bad(err, "goes on strangely behind the `]'");
	} else {
		colon = find(s, ':');
		if (colon != NULL &&
		    find((struct span){ colon + 1, (size_t)(end - colon - 1) },
			':') != NULL) {
			bad(err, "has more than one `:' in its host");
			err_hint(
			    err, "An IPv6 address stands in brackets: [::1]");
			return -ferry_EUSAGE;
		}
		if (colon == NULL)
			colon = end;
		name.n = (size_t)(colon - s.p);
		rc = parse_name(u, name, err);
		if (rc != 0)
			return rc;
	}
	if (colon == end)
		return 0;
	return parse_port(
	    u, (struct span){ colon + 1, (size_t)(end - colon - 1) }, err);
}

/* Take an absolute path apart, and put its names together again. */
static int
clean_path(char *path, struct ferry_error *err)
{
	const char *from = path;
	char *to = path;

	while (*from != '\0') {
		size_t n = strcspn(from, "/");

		if (n > LIMIT_NAME)
			return bad(err, "has too long a name in its path");
		if (n == 2 && memcmp(from, "..", 2) == 0) {
			bad(err, "has `..' in its path");
			err_hint(err, "Write the path that you mean.");
			return -ferry_EUSAGE;
		}
		if (n > 0 && !(n == 1 && *from == '.')) {
			*to++ = '/';
			memmove(to, from, n);
			to += n;
		}
		from += n;
		from += *from == '/';
	}
	if (to == path)
		*to++ = '/';
	*to = '\0';
	return 0;
}

static int
parse_path(struct site_url *u, struct span s, struct ferry_error *err)
{
	int rc;

	if (s.n == 0) {
		bad(err, "names no folder on the server");
		err_hint(err,
		    "End it in /path, or in /~/path below the login "
		    "folder.");
		return -ferry_EUSAGE;
	}
	rc = decode(&u->path, s, LIMIT_PATH, err);
	if (rc != 0)
		return rc;
	rc = clean_path(u->path, err);
	if (rc != 0 || u->scheme == SITE_FILE)
		return rc;
	if (strcmp(u->path, "/~") == 0)
		memcpy(u->path, ".", 2);
	else if (strncmp(u->path, "/~/", 3) == 0)
		memmove(u->path, u->path + 3, strlen(u->path + 3) + 1);
	return 0;
}

/* A '/' is one of a path only: in a user it would end the host's part. */
static void
encode(struct buf *b, const char *s, bool path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "-._~!$&'()*+,;=@";

	for (; *s != '\0'; s++) {
		if (strchr(plain, *s) != NULL || (path && *s == '/'))
			buf_put_u8(b, (uint8_t)*s);
		else
			buf_printf(b, "%%%02X", (unsigned char)*s);
	}
}

/* The one spelling of this url, for people and for comparing. */
static int
make_text(
    struct site_url *u, const struct scheme *scheme, struct ferry_error *err)
{
	bool v6 = strchr(u->host, ':') != NULL;
	struct buf b;

	buf_init(&b, 2 * LIMIT_URL);
	buf_printf(&b, "%s://", scheme->name);
	if (u->user != NULL) {
		encode(&b, u->user, false);
		buf_put_u8(&b, '@');
	}
	if (v6) {
		const char *zone = strchr(u->host, '%');
		int n = (int)(zone != NULL ? zone - u->host
					   : (ptrdiff_t)strlen(u->host));

		buf_printf(&b, "[%.*s", n, u->host);
		encode(&b, zone != NULL ? zone : "", false);
		buf_put_u8(&b, ']');
	} else {
		encode(&b, u->host, false);
	}
	if (u->port != scheme->port)
		buf_printf(&b, ":%u", u->port);
	if (u->path[0] != '/')
		buf_printf(&b, "/~/");
	if (strcmp(u->path, ".") != 0)
		encode(&b, u->path, true);
	if (buf_ok(&b))
		u->text = strdup(buf_text(&b));
	buf_free(&b);
	return u->text != NULL ? 0 : err_memory(err);
}

static int
parse_authority(struct site_url *u, struct span s, struct span path,
    struct ferry_error *err)
{
	const char *at = NULL, *colon = find(s, ':');
	int rc;

	for (const char *p = s.p; p < s.p + s.n; p++) {
		if (*p == '@')
			at = p;
	}
	/* user:pass/word@host reads like host:port/path: do not quote it */
	if (at == NULL && colon != NULL && find(path, '@') != NULL &&
	    s.n - (size_t)(colon - s.p) > 1 &&
	    (colon[1] < '0' || colon[1] > '9') && s.p[0] != '[')
		return parse_user(u, s, err);
	if (at != NULL) {
		rc = parse_user(
		    u, (struct span){ s.p, (size_t)(at - s.p) }, err);
		if (rc != 0)
			return rc;
		s = (struct span){ at + 1, s.n - (size_t)(at + 1 - s.p) };
	}
	if (u->scheme == SITE_FILE) {
		if (at == NULL && s.n == 9 && /* RFC 8089, 2 */
		    strncasecmp(s.p, "localhost", s.n) == 0)
			s.n = 0;
		if (s.n > 0 || at != NULL) {
			bad(err, "of a folder names a host");
			err_hint(err, "Write file:///path.");
			return -ferry_EUSAGE;
		}
		u->host = strdup("");
		return u->host != NULL ? 0 : err_memory(err);
	}
	return parse_host(u, s, err);
}

/* What the text lacks, for one that has no "://". */
static int
no_scheme(const char *text, struct ferry_error *err)
{
	bad(err, "has no scheme");
	if (strchr(text, '@') != NULL && strchr(text, ':') != NULL)
		err_hint(
		    err, "Write user@host:path as sftp://user@host/~/path.");
	else
		err_hint(err, "Write sftp://user@host/path.");
	return -ferry_EUSAGE;
}

int
site_parse_url(struct site_url *out, const char *text, struct ferry_error *err)
{
	const struct scheme *scheme;
	struct span authority, path;
	const char *sep = strstr(text, "://");
	size_t n = strlen(text);
	int rc;

	memset(out, 0, sizeof(*out));
	if (n > LIMIT_URL)
		return bad(err, "is too long");
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < ' ' || c == 0x7f)
			return bad(err, "has a control character in it");
		if (c == ' ' || c == '?' || c == '#') {
			bad(err, "has a blank, a `?' or a `#' in it");
			err_hint(err, "Write them as %%20, %%3F and %%23.");
			return -ferry_EUSAGE;
		}
	}
	if (sep == NULL)
		return no_scheme(text, err);
	rc = parse_scheme(
	    &scheme, (struct span){ text, (size_t)(sep - text) }, err);
	if (rc != 0)
		return rc;
	out->scheme = scheme->scheme;
	out->port = scheme->port;
	authority.p = sep + 3;
	authority.n = strcspn(authority.p, "/");
	path.p = authority.p + authority.n;
	path.n = strlen(path.p);
	rc = parse_authority(out, authority, path, err);
	if (rc == 0)
		rc = parse_path(out, path, err);
	if (rc == 0)
		rc = make_text(out, scheme, err);
	if (rc != 0)
		site_free_url(out);
	return rc;
}

void
site_free_url(struct site_url *url)
{
	free(url->user);
	free(url->host);
	free(url->path);
	free(url->text);
	memset(url, 0, sizeof(*url));
}
