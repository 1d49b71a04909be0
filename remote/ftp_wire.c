/*
 * libcurl, one exchange after the other.  Worker.
 *
 * Commands go as QUOTE with a '*': libcurl itself would close the connection
 * when one is refused.  What was answered is seen line by line in the header
 * callback, so that every reply is judged here.  The handle goes through the
 * multi interface, in small waits, since 7.88's own loop may sleep a second.
 */
#include <errno.h>
#include <openssl/ssl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "remote/ftp_engine.h"

enum {
	POLL_MS = 10,
	RECEIVE = 128 * 1024,
	PIN = 80,
	FOR_EVER_S = 365 * 24 * 3600,
};

bool
wire_turn(struct ftp *f)
{
	if (!f->hooks.turn(f->hooks.ctx))
		f->stopped = true;
	else if (ftp_now_ms() - f->heard >= f->config.silence_ms)
		f->silent = true;
	return !f->stopped && !f->silent;
}

/* ---- What libcurl asks us ---- */

/* The first line of its greeting, without the frame that some draw. */
static void
note_server(struct ftp *f)
{
	const char *p = (const char *)f->reply.lines.data;
	size_t n = 0;

	while (*p == '-' || *p == ' ' || *p == '=' || *p == '*')
		p++;
	while (p[n] != '\n')
		n++;
	while (n > 0 && strchr("-=* ", p[n - 1]) != NULL)
		n--;
	msg_copy_text(f->server, sizeof(f->server), p, n);
}

static size_t
on_line(char *p, size_t one, size_t n, void *ctx)
{
	struct ftp *f = ctx;

	n *= one;
	f->heard = ftp_now_ms();
	if (!ftp_reply_line(&f->reply, p, n))
		return 0;
	if (f->ready && ftp_reply_is_oops(&f->reply))
		f->reply.code = 421;
	if (f->reply.code >= 200) {
		f->owed--;
		f->epsv_said = false;
	} else if (f->reply.code >= 100 && !f->early) {
		f->accepted = true;
	}
	f->data_expected = f->reply.code == 229 || f->reply.code == 227;
	if (f->reply.code == 227)
		f->passive = true;
	if (f->reply.code == 220 && f->server[0] == '\0')
		note_server(f);
	return n;
}

static size_t
on_read(char *p, size_t one, size_t n, void *ctx)
{
	struct ftp *f = ctx;

	if (data_is_cut(f))
		return 0;
	n = f->flow->read(f->flow->ctx, p, one * n);
	f->given += n;
	if (n > 0)
		f->heard = ftp_now_ms();
	return n;
}

static size_t
on_write(char *p, size_t one, size_t n, void *ctx)
{
	struct ftp *f = ctx;

	n *= one;
	f->heard = ftp_now_ms();
	return f->flow != NULL && f->flow->write != NULL &&
		f->flow->write(f->flow->ctx, p, n)
	    ? n
	    : 0;
}

/* Also inside of what libcurl waits for by itself. */
static int
on_progress(void *ctx, curl_off_t down_all, curl_off_t down, curl_off_t up_all,
    curl_off_t up)
{
	(void)down_all;
	(void)down;
	(void)up_all;
	(void)up;
	return wire_turn(ctx) ? 0 : 1;
}

static CURLcode
on_tls(CURL *easy, void *tls, void *ctx)
{
	(void)easy;
	return ftp_tls_prepare(ctx, tls) ? CURLE_OK : CURLE_SSL_CERTPROBLEM;
}

/* Every command is owed an answer; see run(). */
static int
on_debug(CURL *easy, curl_infotype type, char *p, size_t n, void *ctx)
{
	struct ftp *f = ctx;

	(void)easy;
	if (type == CURLINFO_HEADER_OUT) {
		f->owed++;
		data_note_command(f, p, n);
		f->epsv_said = n >= 4 && memcmp(p, "EPSV", 4) == 0;
	}
	return 0;
}

/* ---- The handle ---- */

#define SET(option, value)                                                \
	do {                                                              \
		if (curl_easy_setopt(f->easy, option, value) != CURLE_OK) \
			return false;                                     \
	} while (0)

static bool
set_tls(struct ftp *f)
{
	char pin[PIN] = "sha256//";

	if (f->config.mode == MSG_TLS_NONE) {
		SET(CURLOPT_USE_SSL, (long)CURLUSESSL_NONE);
		return true;
	}
	hash_base64(
	    f->config.spki.b, sizeof(f->config.spki.b), pin + strlen(pin));
	SET(CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
	SET(CURLOPT_FTPSSLAUTH, (long)CURLFTPAUTH_TLS);
	SET(CURLOPT_SSLVERSION,
	    (long)CURL_SSLVERSION_TLSv1_2 |
		(f->config.tls_max >= 4 ? (long)CURL_SSLVERSION_MAX_TLSv1_3
					: (long)CURL_SSLVERSION_MAX_TLSv1_2));
	SET(CURLOPT_PINNEDPUBLICKEY, pin);
	SET(CURLOPT_SSL_VERIFYPEER, f->config.verify ? 1L : 0L);
	SET(CURLOPT_SSL_VERIFYHOST, f->config.verify ? 2L : 0L);
	SET(CURLOPT_CAINFO, NULL);
	SET(CURLOPT_CAPATH, NULL);
	SET(CURLOPT_SSL_SESSIONID_CACHE, 0L); /* ours is another: ftp_tls.c */
	SET(CURLOPT_SSL_CTX_FUNCTION, on_tls);
	SET(CURLOPT_SSL_CTX_DATA, f);
	return true;
}

/* The hub has dialled: the address is any, and the name is for TLS. */
static bool
set_address(struct ftp *f)
{
	bool v6 = strchr(f->config.host, ':') != NULL;
	char text[WORKER_MSG_HOST + 64];
	struct curl_slist *known;
	CURLcode rc;

	snprintf(f->url, sizeof(f->url), "%s://%s%s%s:%u/",
	    f->config.mode == MSG_TLS_IMPLICIT ? "ftps" : "ftp", v6 ? "[" : "",
	    f->config.host, v6 ? "]" : "", (unsigned)f->config.port);
	if (v6)
		return true;
	snprintf(text, sizeof(text), "%s:%u:127.0.0.1", f->config.host,
	    (unsigned)f->config.port);
	known = curl_slist_append(NULL, text);
	if (known == NULL)
		return false;
	rc = curl_easy_setopt(f->easy, CURLOPT_RESOLVE, known);
	if (rc == CURLE_OK) /* taken into the cache by the first exchange */
		rc = curl_easy_setopt(f->easy, CURLOPT_PRIVATE, known);
	return rc == CURLE_OK;
}

static bool
set_options(struct ftp *f)
{
	SET(CURLOPT_VERBOSE, 1L);
	SET(CURLOPT_DEBUGFUNCTION, on_debug);
	SET(CURLOPT_DEBUGDATA, f);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_PROTOCOLS_STR, "ftp,ftps");
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_USERNAME, f->config.user);
	SET(CURLOPT_FTP_FILEMETHOD, (long)CURLFTPMETHOD_NOCWD);
	SET(CURLOPT_FTP_SKIP_PASV_IP, 1L);
	SET(CURLOPT_FTP_USE_EPSV, f->config.lacks & MSG_FTP_EPSV ? 0L : 1L);
	SET(CURLOPT_FTP_CREATE_MISSING_DIRS, (long)CURLFTP_CREATE_DIR_NONE);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)f->config.silence_ms);
	SET(CURLOPT_SERVER_RESPONSE_TIMEOUT,
	    (long)(f->config.silence_ms / 1000 + 1));
	SET(CURLOPT_MAXAGE_CONN, (long)FOR_EVER_S); /* bursts go past it */
	SET(CURLOPT_UPLOAD_BUFFERSIZE, (long)RECEIVE);
	SET(CURLOPT_OPENSOCKETFUNCTION, data_open);
	SET(CURLOPT_OPENSOCKETDATA, f);
	SET(CURLOPT_CLOSESOCKETFUNCTION, data_close);
	SET(CURLOPT_CLOSESOCKETDATA, f);
	SET(CURLOPT_HEADERFUNCTION, on_line);
	SET(CURLOPT_HEADERDATA, f);
	SET(CURLOPT_READFUNCTION, on_read);
	SET(CURLOPT_READDATA, f);
	SET(CURLOPT_WRITEFUNCTION, on_write);
	SET(CURLOPT_WRITEDATA, f);
	SET(CURLOPT_NOPROGRESS, 0L);
	SET(CURLOPT_XFERINFOFUNCTION, on_progress);
	SET(CURLOPT_XFERINFODATA, f);
	return set_address(f) && set_tls(f);
}

int
wire_open(struct ftp *f, struct ferry_error *err)
{
	f->multi = curl_multi_init();
	f->easy = curl_easy_init();
	if (f->multi == NULL || f->easy == NULL || !set_options(f))
		return err_set(err, ferry_EINTERNAL, "libcurl",
		    "this libcurl cannot do what FTP needs: %s",
		    curl_version());
	return 0;
}

void
wire_close(struct ftp *f)
{
	struct curl_slist *known = NULL;

	/* libcurl would wait for what the server answers to QUIT */
	if (f->control >= 0)
		(void)shutdown(f->control, SHUT_RD);
	if (f->easy != NULL)
		curl_easy_getinfo(f->easy, CURLINFO_PRIVATE, (char **)&known);
	curl_easy_cleanup(f->easy);
	if (f->multi != NULL)
		curl_multi_cleanup(f->multi);
	curl_slist_free_all(known);
}

/* ---- One exchange ---- */

static CURLcode
result_of(struct ftp *f)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(f->multi, &left)) != NULL)
		if (m->msg == CURLMSG_DONE)
			return m->data.result;
	return CURLE_OK;
}

static void
run(struct ftp *f)
{
	CURLMcode rc;
	int running = 1;

	f->heard = ftp_now_ms();
	f->curl = CURLE_OK;
	f->data_expected = f->passive = f->accepted = false;
	f->early = f->early_due = f->early_owed = false;
	f->ahead.used = false;
	f->given = 0;
	if (!ahead_settle(f))
		return;
	rc = curl_multi_add_handle(f->multi, f->easy);
	data_current(f);
	while (rc == CURLM_OK && running > 0) {
		rc = curl_multi_perform(f->multi, &running);
		if (rc != CURLM_OK || running == 0)
			break;
		if (!wire_turn(f)) {
			f->curl = CURLE_ABORTED_BY_CALLBACK;
			break;
		}
		rc = curl_multi_poll(f->multi, NULL, 0, POLL_MS, NULL);
	}
	if (rc != CURLM_OK)
		f->curl = CURLE_FAILED_INIT;
	else if (f->curl == CURLE_OK)
		f->curl = result_of(f);
	curl_multi_remove_handle(f->multi, f->easy);
	data_current(NULL);
	if (f->silent && f->epsv_said)
		ftp_learn(f, MSG_FTP_EPSV, false);
	if (f->ready && f->owed != 0 && !f->lost) {
		/* what is answered next would be taken for something else */
		ftp_reply_clear(&f->reply);
		f->curl = CURLE_WEIRD_SERVER_REPLY;
		f->lost = true;
	}
	if (f->curl == CURLE_FAILED_INIT || f->stopped || f->silent)
		f->lost = true;
}

static unsigned
run_command(struct ftp *f, const char *command)
{
	struct curl_slist *quote = curl_slist_append(NULL, command);

	ftp_reply_clear(&f->reply);
	f->flow = NULL;
	if (quote == NULL || f->lost) {
		curl_slist_free_all(quote);
		f->lost = true;
		return 0;
	}
	curl_easy_setopt(f->easy, CURLOPT_URL, f->url);
	curl_easy_setopt(f->easy, CURLOPT_UPLOAD, 0L);
	curl_easy_setopt(f->easy, CURLOPT_NOBODY, 1L);
	curl_easy_setopt(f->easy, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)0);
	curl_easy_setopt(f->easy, CURLOPT_CUSTOMREQUEST, NULL);
	curl_easy_setopt(f->easy, CURLOPT_QUOTE, quote);
	run(f);
	curl_easy_setopt(f->easy, CURLOPT_QUOTE, NULL);
	curl_slist_free_all(quote);
	if (f->curl != CURLE_OK)
		f->lost = true;
	return f->reply.code;
}

unsigned
wire_command(struct ftp *f, const char *format, ...)
{
	char command[FTP_COMMAND] = "*";
	unsigned code;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(command + 1, sizeof(command) - 1, format, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(command) - 1 ||
	    strpbrk(command, "\r\n") != NULL) {
		ftp_reply_clear(&f->reply);
		f->reply.code = 501;
		return 501;
	}
	code = run_command(f, command);
	if (code == 421)
		f->lost = true;
	return f->lost && code != 421 ? 0 : code;
}

void
wire_login(struct ftp *f, const struct secret *password)
{
	curl_easy_setopt(
	    f->easy, CURLOPT_PASSWORD, (const char *)password->data);
	f->logging_in = true;
	f->distrusted = false;
	ahead_forget(f);
	f->lost = false;
	f->server[0] = '\0';
	/* no command of ours: the login is all of the exchange */
	ftp_reply_clear(&f->reply);
	curl_easy_setopt(f->easy, CURLOPT_URL, f->url);
	curl_easy_setopt(f->easy, CURLOPT_NOBODY, 1L);
	run(f);
	f->logging_in = false;
	if (f->curl != CURLE_OK)
		f->lost = true;
}

/* The path as a url has it: whatever is not a plain letter, as %XX. */
static bool
set_path(struct ftp *f, const char *path)
{
	char *escaped = curl_easy_escape(f->easy, path, 0), *url = NULL;
	bool ok = false;

	if (escaped != NULL && asprintf(&url, "%s%s", f->url, escaped) >= 0)
		ok = curl_easy_setopt(f->easy, CURLOPT_URL, url) == CURLE_OK;
	free(url);
	curl_free(escaped);
	return ok;
}

static bool
set_transfer(struct ftp *f, const struct ftp_flow *flow)
{
	bool up = flow->transfer == FTP_STOR || flow->transfer == FTP_APPE;

	SET(CURLOPT_NOBODY, 0L);
	SET(CURLOPT_UPLOAD, up ? 1L : 0L);
	SET(CURLOPT_APPEND, flow->transfer == FTP_APPE ? 1L : 0L);
	SET(CURLOPT_CUSTOMREQUEST, NULL);
	if (up)
		SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)flow->length);
	if (flow->transfer == FTP_LIST) {
		SET(CURLOPT_URL, f->url);
		SET(CURLOPT_CUSTOMREQUEST, flow->path);
		return true;
	}
	/* no SIZE before a RETR; but then it would not say REST either */
	SET(CURLOPT_IGNORE_CONTENT_LENGTH, flow->offset == 0 ? 1L : 0L);
	SET(CURLOPT_RESUME_FROM_LARGE,
	    flow->transfer == FTP_RETR ? (curl_off_t)flow->offset : 0);
	return set_path(f, flow->path);
}

enum msg_result
wire_transfer(struct ftp *f, struct ftp_flow *flow)
{
	ftp_reply_clear(&f->reply);
	if (f->lost || strpbrk(flow->path, "\r\n") != NULL ||
	    !set_transfer(f, flow))
		return RESULT_FAILED;
	f->flow = flow;
	run(f);
	f->flow = NULL;
	f->binary = flow->transfer != FTP_LIST;
	data_learn(f);
	if (f->reply.code == 421)
		f->lost = true;
	if (f->reply.code >= 400)
		return ftp_reply_judge(&f->reply);
	if (f->curl == CURLE_OK || f->curl == CURLE_PARTIAL_FILE)
		return f->reply.code / 100 == 2 ? RESULT_OK : RESULT_FAILED;
	return RESULT_FAILED;
}
