/*
 * Look at a page, by libcurl.  Worker.
 *
 * HTTP/1.1 alone, no cookies, no compression, nothing remembered: the fewest
 * of libcurl's parsers that will do.  Redirects are followed here, one by one,
 * for as long as they stay on their host.
 */
#include "remote/http.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/path.h"

enum {
	POLL_MS = 10,
	HEADERS_MAX = 64 * 1024, /* bytes, of one reply */
};

struct http {
	struct http_hooks hooks;
	uint32_t silence_ms;
	struct buf authorities;
	CURLM *multi;
	CURL *easy;
	char why[CURL_ERROR_SIZE]; /* libcurl's words */
	/* the GET that runs */
	uint64_t deadline; /* ms */
	struct buf body;
	size_t headers; /* bytes */
	bool enough; /* of the body */
	bool stopped;
};

/* A part of a url; all of them are to be freed. */
struct place {
	char *scheme, *host, *port;
};

/* ---- What libcurl asks us ---- */

static curl_socket_t
on_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct http *h = ctx;
	const struct sockaddr_in *v4 = (const void *)&address->addr;
	const struct sockaddr_in6 *v6 = (const void *)&address->addr;
	int fd = h->hooks.dial(h->hooks.ctx,
	    ntohs(address->family == AF_INET6 ? v6->sin6_port : v4->sin_port));

	(void)purpose;
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

static size_t
on_header(char *p, size_t one, size_t n, void *ctx)
{
	struct http *h = ctx;

	(void)p;
	h->headers += one * n;
	return h->headers <= HEADERS_MAX ? one * n : 0;
}

/* As much as is wanted; what comes behind it is not even read. */
static size_t
on_body(char *p, size_t one, size_t n, void *ctx)
{
	struct http *h = ctx;
	size_t room = h->body.max - h->body.len;

	n *= one;
	buf_put(&h->body, p, n < room ? n : room);
	h->enough = n >= room;
	return h->enough ? 0 : n;
}

/* Also inside of what libcurl waits for by itself. */
static int
on_progress(void *ctx, curl_off_t down_all, curl_off_t down, curl_off_t up_all,
    curl_off_t up)
{
	struct http *h = ctx;

	(void)down_all;
	(void)down;
	(void)up_all;
	(void)up;
	h->stopped |= !h->hooks.turn(h->hooks.ctx);
	return h->stopped || clock_left(h->deadline) == 0;
}

/* ---- The handle ---- */

#define SET(option, value)                                                \
	do {                                                              \
		if (curl_easy_setopt(h->easy, option, value) != CURLE_OK) \
			return false;                                     \
	} while (0)

static bool
set_tls(struct http *h)
{
	struct curl_blob bundle = { h->authorities.data, h->authorities.len,
		CURL_BLOB_NOCOPY };

	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_CAINFO, NULL);
	SET(CURLOPT_CAPATH, NULL);
	if (h->authorities.len > 0)
		SET(CURLOPT_CAINFO_BLOB, &bundle);
	return true;
}

static bool
set_options(struct http *h)
{
	SET(CURLOPT_ERRORBUFFER, h->why);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_HTTP09_ALLOWED, 0L);
	SET(CURLOPT_USERAGENT, "sandferry");
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_PATH_AS_IS, 1L);
	SET(CURLOPT_OPENSOCKETFUNCTION, on_socket);
	SET(CURLOPT_OPENSOCKETDATA, h);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, h);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, h);
	SET(CURLOPT_NOPROGRESS, 0L);
	SET(CURLOPT_XFERINFOFUNCTION, on_progress);
	SET(CURLOPT_XFERINFODATA, h);
	return set_tls(h);
}

bool
http_new(struct http **out, const struct msg_connect_http *config,
    struct buf *authorities, const struct http_hooks *hooks)
{
	struct http *h = calloc(1, sizeof(*h));

	*out = h;
	if (h == NULL)
		return false;
	h->hooks = *hooks;
	h->silence_ms = config->silence_ms;
	h->authorities = *authorities;
	buf_init(authorities, 0);
	buf_init(&h->body, LIMIT_HTTP);
	h->multi = curl_multi_init();
	h->easy = curl_easy_init();
	return h->multi != NULL && h->easy != NULL && set_options(h);
}

void
http_free(struct http *h)
{
	if (h == NULL)
		return;
	curl_easy_cleanup(h->easy);
	if (h->multi != NULL)
		curl_multi_cleanup(h->multi);
	buf_free(&h->authorities);
	buf_free(&h->body);
	free(h);
}

/* ---- Where to ---- */

static bool
parse(struct place *p, CURLU *u, const char *url)
{
	return curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_SCHEME, &p->scheme, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_HOST, &p->host, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_PORT, &p->port, CURLU_DEFAULT_PORT) ==
	    CURLUE_OK;
}

static void
place_free(struct place *p)
{
	curl_free(p->scheme);
	curl_free(p->host);
	curl_free(p->port);
}

static bool
is_web(const char *scheme)
{
	return strcasecmp(scheme, "http") == 0 ||
	    strcasecmp(scheme, "https") == 0;
}

/* Is it the host that was dialled, that this leads to? */
static bool
stays(const char *from, const char *to)
{
	struct place a = { NULL, NULL, NULL }, b = { NULL, NULL, NULL };
	CURLU *u = curl_url(), *v = curl_url();
	bool same = u != NULL && v != NULL && parse(&a, u, from) &&
	    parse(&b, v, to) && is_web(b.scheme) &&
	    strcasecmp(a.host, b.host) == 0;

	place_free(&a);
	place_free(&b);
	curl_url_cleanup(u);
	curl_url_cleanup(v);
	return same;
}

/* The hub has looked the name up: the address is any, the name is for TLS. */
static struct curl_slist *
address_of(const char *url)
{
	struct place p = { NULL, NULL, NULL };
	CURLU *u = curl_url();
	struct curl_slist *list = NULL;
	char text[WORKER_MSG_HOST + 64];

	if (u != NULL && parse(&p, u, url) && strchr(p.host, ':') == NULL &&
	    snprintf(text, sizeof(text), "%s:%s:127.0.0.1", p.host, p.port) <
		(int)sizeof(text))
		list = curl_slist_append(NULL, text);
	place_free(&p);
	curl_url_cleanup(u);
	return list;
}

/* ---- One exchange ---- */

static CURLcode
result_of(struct http *h)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(h->multi, &left)) != NULL)
		if (m->msg == CURLMSG_DONE)
			return m->data.result;
	return CURLE_ABORTED_BY_CALLBACK;
}

static CURLcode
run(struct http *h, const char *url)
{
	struct curl_slist *known = address_of(url);
	CURLcode rc = CURLE_FAILED_INIT;
	int running = 1;

	h->why[0] = '\0';
	h->headers = 0;
	h->enough = false;
	if (curl_easy_setopt(h->easy, CURLOPT_URL, url) == CURLE_OK &&
	    curl_easy_setopt(h->easy, CURLOPT_RESOLVE, known) == CURLE_OK &&
	    curl_multi_add_handle(h->multi, h->easy) == CURLM_OK) {
		while (curl_multi_perform(h->multi, &running) == CURLM_OK &&
		    running > 0 && on_progress(h, 0, 0, 0, 0) == 0)
			(void)curl_multi_poll(h->multi, NULL, 0, POLL_MS, NULL);
		rc = result_of(h);
		curl_multi_remove_handle(h->multi, h->easy);
	}
	curl_easy_setopt(h->easy, CURLOPT_RESOLVE, NULL);
	curl_slist_free_all(known);
	return rc;
}

static void
say(struct msg_http_reply *out, enum msg_http how, const char *text)
{
	out->how = how;
	path_escape(out->text, sizeof(out->text), text, strlen(text));
}

static void
say_failed(struct http *h, CURLcode rc, struct msg_http_reply *out)
{
	if (clock_left(h->deadline) == 0)
		say(out, MSG_HTTP_FAILED, "it does not answer");
	else if (rc == CURLE_OK)
		say(out, MSG_HTTP_FAILED, "its status is none of HTTP's");
	else
		say(out, MSG_HTTP_FAILED,
		    h->why[0] != '\0' ? h->why : curl_easy_strerror(rc));
}

/* The status, once there is one; 0. */
static uint32_t
status_of(struct http *h)
{
	long status = 0;

	if (curl_easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &status) !=
		CURLE_OK ||
	    status < 100 || status >= 600)
		return 0;
	return (uint32_t)status;
}

/* Where it leads to; NULL: nowhere.  To be freed. */
static char *
redirect_of(struct http *h)
{
	char *url = NULL;

	if (curl_easy_getinfo(h->easy, CURLINFO_REDIRECT_URL, &url) !=
		CURLE_OK ||
	    url == NULL || strlen(url) >= WORKER_MSG_URL)
		return NULL;
	return strdup(url);
}

static bool
is_shown(const struct buf *body, const struct msg_blob *token)
{
	return body->len >= token->n &&
	    memmem(body->data, body->len, token->p, token->n) != NULL;
}

/* True, and *next: it leads on. */
static bool
look(struct http *h, const char *url, const struct msg_http_get *get,
    struct msg_http_reply *out, char **next)
{
	CURLcode rc;

	*next = NULL;
	buf_free(&h->body);
	buf_init(&h->body, get->most);
	rc = run(h, url);
	out->status = status_of(h);
	if (out->status == 0 || (rc != CURLE_OK && !h->enough)) {
		say_failed(h, rc, out);
		return false;
	}
	*next = redirect_of(h);
	if (*next == NULL || out->redirects == LIMIT_REDIRECTS) {
		say(out, MSG_HTTP_ANSWERED, "");
		out->shown = is_shown(&h->body, &get->token);
		return false;
	}
	if (!stays(url, *next)) {
		say(out, MSG_HTTP_ELSEWHERE, *next);
		return false;
	}
	out->redirects++;
	return true;
}

void
http_get(
    struct http *h, const struct msg_http_get *get, struct msg_http_reply *out)
{
	char *at = strdup(get->url), *next = NULL;

	memset(out, 0, sizeof(*out));
	h->deadline = clock_ms() + h->silence_ms;
	say(out, MSG_HTTP_FAILED, "out of memory");
	while (at != NULL && look(h, at, get, out, &next)) {
		free(at);
		at = next;
	}
	free(at);
	free(next);
}
