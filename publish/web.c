/* Fetch pages of the site, as visitors do.  Hub. */
#include "publish/web.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "publish/authorities.h"
#include "publish/job.h"
#include "publish/places.h"

enum {
	HTTP = 80,
	HTTPS = 443,
	CONNECT_MS = 10 * 1000,
	GET_MS = 20 * 1000, /* a page as a whole */
};

struct web {
	struct ferry_job *job;
	const char *url; /* the site's */
	char host[WORKER_MSG_HOST]; /* no brackets */
	unsigned ports[FETCH_PORTS]; /* the url's first; 0s end them */
	struct dial_peers *peers;
	int authorities; /* or -1 */
	struct fetch *fetch; /* once it was wanted */
	unsigned used; /* bits: of ports */
	int failed; /* 0, or why there is no look: */
	struct ferry_error why;
};

/* ---- The url ---- */

static int
bad_url(struct web *w, const char *what)
{
	err_set(&w->why, ferry_EUSAGE, "site_url", "site-url, %s, %s", w->url,
	    what);
	err_hint(&w->why,
	    "Write https://host/, or https://host/folder/; a name that is not "
	    "in ASCII as xn--...");
	return -ferry_EUSAGE;
}

/* "[::1]:8080" or "example.org": the host, and what is behind it. */
static const char *
find_host(const char *at, size_t *n, const char **behind)
{
	const char *end;

	if (*at == '[') {
		end = strchr(at, ']');
		*n = end != NULL ? (size_t)(end - at) - 1 : 0;
		*behind = end != NULL ? end + 1 : at;
		return at + 1;
	}
	*n = strcspn(at, ":/");
	*behind = at + *n;
	return at;
}

static bool
find_port(const char *behind, unsigned otherwise, unsigned *out)
{
	char *end;
	unsigned long port;

	*out = otherwise;
	if (*behind != ':')
		return *behind == '\0' || *behind == '/';
	if (behind[1] < '0' || behind[1] > '9')
		return false;
	port = strtoul(behind + 1, &end, 10);
	*out = (unsigned)port;
	return port > 0 && port <= 65535 && (*end == '\0' || *end == '/');
}

static bool
is_host(const char *p, size_t n)
{
	static const char fine[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:";

	return n > 0 && n < WORKER_MSG_HOST && strspn(p, fine) >= n;
}

static int
parse(struct web *w)
{
	const bool tls = strncasecmp(w->url, "https:", 6) == 0;
	const char *host, *behind;
	size_t n, i;

	host = strstr(w->url, "://");
	if (host == NULL)
		return bad_url(w, "is no web address");
	host = find_host(host + 3, &n, &behind);
	if (!is_host(host, n))
		return bad_url(w, "has a host that cannot be looked up");
	if (!find_port(behind, tls ? HTTPS : HTTP, &w->ports[0]))
		return bad_url(w, "has a port that is none");
	memcpy(w->host, host, n);
	w->host[n] = '\0';
	/* where redirects lead to */
	i = 1;
	if (w->ports[0] != HTTP)
		w->ports[i++] = HTTP;
	if (w->ports[0] != HTTPS)
		w->ports[i] = HTTPS;
	return 0;
}

/* What cannot stand in a url as it is (RFC 3986, 2). */
static void
put_escaped(struct buf *b, const char *path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "-._~/";

	for (; *path != '\0'; path++) {
		if (strchr(plain, *path) != NULL)
			buf_put_u8(b, (uint8_t)*path);
		else
			buf_printf(b, "%%%02X", (unsigned char)*path);
	}
}

/* ---- Before the seal ---- */

int
web_new(struct web **out, struct ferry_job *job, struct ferry_error *err)
{
	struct web *w;

	*out = NULL;
	if (job->site->site_url == NULL)
		return 0;
	w = calloc(1, sizeof(*w));
	if (w == NULL)
		return err_memory(err);
	w->job = job;
	w->url = job->site->site_url;
	w->authorities = -1;
	w->failed = parse(w);
	if (w->failed == 0)
		w->failed =
		    authorities_open(&w->authorities, &job->options, &w->why);
	if (w->failed == 0)
		w->failed = walls_find_peers(
		    job, &w->peers, w->host, w->ports[0], &w->why);
	*out = w;
	return 0;
}

size_t
web_ports(const struct web *w, unsigned ports[FETCH_PORTS])
{
	size_t n = 0;

	while (w != NULL && n < FETCH_PORTS && w->ports[n] != 0) {
		ports[n] = w->ports[n];
		n++;
	}
	return n;
}

/* ---- Looks ---- */

static int
judge_wall(void *ctx, const struct msg_wall *wall, struct ferry_error *err)
{
	struct web *w = ctx;

	return walls_judge_worker(w->job, wall, err);
}

static int
start(struct web *w)
{
	struct fetch_config c = { .worker = places_worker(&w->job->options),
		.confine = w->job->options.confine != ferry_CONFINE_OFF,
		.cancel_fd = w->job->cancel[0],
		.log = &w->job->report.log,
		.peers = w->peers,
		.authorities = w->authorities,
		.connect_ms = CONNECT_MS,
		.silence_ms = GET_MS,
		.ctx = w,
		.judge_wall = judge_wall };

	memcpy(c.ports, w->ports, sizeof(c.ports));
	return fetch_open(&w->fetch, &c, &w->why);
}

int
web_look(struct web *w, const char *path, const void *token, size_t n,
    struct msg_http_reply *out, struct ferry_error *err)
{
	struct buf url;

	memset(out, 0, sizeof(*out));
	if (w->failed == 0 && w->fetch == NULL)
		w->failed = start(w);
	if (w->failed != 0) {
		if (err != NULL)
			*err = w->why;
		return w->failed;
	}
	buf_init(&url, WORKER_MSG_URL);
	buf_printf(&url, "%s", w->url);
	if (url.len > 0 && url.data[url.len - 1] != '/')
		buf_put_u8(&url, '/');
	put_escaped(&url, path);
	if (!buf_ok(&url))
		w->failed = bad_url(w, "is too long");
	else
		w->failed =
		    fetch_get(w->fetch, buf_text(&url), token, n, out, &w->why);
	buf_free(&url);
	if (w->failed != 0 && err != NULL)
		*err = w->why;
	return w->failed;
}

/* ---- Afterwards ---- */

void
web_end(struct web *w)
{
	size_t i;

	if (w == NULL || w->fetch == NULL)
		return;
	for (i = 0; i < FETCH_PORTS; i++)
		w->used |= fetch_used(w->fetch, i) ? 1U << i : 0;
	fetch_close(w->fetch);
	w->fetch = NULL;
	w->failed = -ferry_EINTERNAL;
}

void
web_free(struct web *w)
{
	if (w == NULL)
		return;
	web_end(w);
	dial_free(w->peers);
	if (w->authorities >= 0)
		close(w->authorities);
	free(w);
}

/* The other ports were reached at the address that had answered first. */
bool
web_contact(
    const struct web *w, size_t i, struct dial_contact *out, unsigned *port)
{
	size_t n = 0, k;

	if (w == NULL || w->peers == NULL)
		return false;
	*port = w->ports[0];
	while (dial_contact(w->peers, n, out))
		if (n++ == i)
			return true;
	if (n == 0)
		return false;
	for (k = 1; k < FETCH_PORTS; k++) {
		if ((w->used >> k & 1) == 0 || n++ != i)
			continue;
		*port = w->ports[k];
		for (n = 0; dial_contact(w->peers, n, out); n++)
			if (out->connected)
				return true;
	}
	return false;
}

const char *
web_looked_up(const struct web *w)
{
	return w != NULL && w->peers != NULL && dial_asked(w->peers) ? w->host
								     : NULL;
}
