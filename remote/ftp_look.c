/*
 * The first handshake of a run: whom are we talking to?  Worker.
 *
 * A few lines of FTP and one TLS handshake by libssl, on a connection that is
 * closed afterwards.  No certificate is refused here, none is believed: what
 * there is to know about it goes to the hub, and no password is in this
 * process yet.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/x509.h"
#include "remote/ftp_engine.h"

enum {
	LOOK_MS = 50, /* between two looks at the door */
	LINE = 1024,
};

static int
failed(struct ferry_error *err, enum ferry_code code, const char *id,
    const char *what, const char *why)
{
	err_set(err, code, id, "%s%s%s", what, why[0] != '\0' ? ": " : "", why);
	return -(int)code;
}

/* Until the socket is ready for it. */
static int
wait_for(struct ftp *f, short events, struct ferry_error *err)
{
	struct pollfd p = { .fd = f->sock, .events = events };

	while (wire_turn(f)) {
		if (poll(&p, 1, LOOK_MS) > 0) {
			f->heard = ftp_now_ms();
			return 0;
		}
	}
	return ftp_error(f, err);
}

/* One line of a reply, byte by byte: what is behind it may be TLS. */
static int
read_line(struct ftp *f, char *line, size_t *n, struct ferry_error *err)
{
	*n = 0;
	while (*n < LINE) {
		ssize_t got = recv(f->sock, line + *n, 1, MSG_DONTWAIT);
		int rc;

		if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
			rc = wait_for(f, POLLIN, err);
			if (rc < 0)
				return rc;
			continue;
		}
		if (got <= 0)
			return failed(err, ferry_EREACH, "ftp_failed",
			    "the server closed the connection at once", "");
		if (line[(*n)++] == '\n')
			return 0;
	}
	return failed(err, ferry_EREACH, "ftp_failed",
	    "this is no FTP server: a line without end", "");
}

static int
read_reply(struct ftp *f, struct ferry_error *err)
{
	char line[LINE];
	size_t n, lines = 0;
	int rc;

	ftp_reply_clear(&f->reply);
	do {
		rc = read_line(f, line, &n, err);
		if (rc < 0)
			return rc;
		if (!ftp_reply_line(&f->reply, line, n) || ++lines > LINE)
			return failed(err, ferry_EREACH, "ftp_failed",
			    "this is no FTP server: a reply without end", "");
	} while (f->reply.code == 0);
	return 0;
}

/* A certificate of ours is for a server that is trusted, later. */
static int
on_client_asked(SSL *tls, X509 **cert, EVP_PKEY **key)
{
	struct ftp *f = SSL_CTX_get_app_data(SSL_get_SSL_CTX(tls));

	(void)cert;
	(void)key;
	f->client_asked = true;
	return 0;
}

/* Greeting, then AUTH TLS. */
static int
ask_for_tls(struct ftp *f, struct ferry_error *err)
{
	static const char command[] = "AUTH TLS\r\n";
	char text[WORKER_MSG_TEXT];
	int rc = read_reply(f, err);

	while (rc == 0 && f->reply.code / 100 == 1)
		rc = read_reply(f, err);
	if (rc < 0)
		return rc;
	ftp_reply_text(&f->reply, text, sizeof(text));
	if (ftp_reply_is_crowded(&f->reply))
		return ftp_error(f, err);
	if (f->reply.code != 220)
		return failed(err, ferry_EREACH, "ftp_failed",
		    "the server does not want us", text);
	if (write(f->sock, command, sizeof(command) - 1) !=
	    (ssize_t)sizeof(command) - 1)
		return failed(err, ferry_EREACH, "ftp_failed",
		    "the server closed the connection", "");
	rc = read_reply(f, err);
	if (rc < 0 || f->reply.code == 234 || f->reply.code == 334)
		return rc;
	ftp_reply_text(&f->reply, text, sizeof(text));
	rc = failed(err, ferry_EPOLICY, "ftp_no_tls",
	    "the server refuses to encrypt the session", text);
	err_hint(err,
	    "Ask the provider for FTPS or SFTP; nothing was sent in clear.");
	if (err != NULL)
		err->wire_code = (int)f->reply.code;
	return rc;
}

static int
tls_failed(SSL *tls, struct ferry_error *err)
{
	unsigned long e = ERR_get_error();
	const char *why = ERR_reason_error_string(e);
	int reason = ERR_GET_REASON(e);

	(void)tls;
	if (reason == SSL_R_TLSV1_ALERT_PROTOCOL_VERSION ||
	    reason == SSL_R_UNSUPPORTED_PROTOCOL ||
	    reason == SSL_R_UNKNOWN_PROTOCOL ||
	    reason == SSL_R_WRONG_SSL_VERSION) {
		failed(err, ferry_EREACH, "ftp_tls_version",
		    "the server does not take this version of TLS", why);
		err_hint(
		    err, "Ask the provider for TLS 1.2 or 1.3 on the server.");
		return -ferry_EREACH;
	}
	failed(err, ferry_EREACH, "ftp_tls", "the TLS handshake failed",
	    why != NULL ? why : "the server closed the connection");
	err_hint(err, "Ask the provider which TLS the server speaks.");
	return -ferry_EREACH;
}

static int
handshake(struct ftp *f, SSL *tls, struct ferry_error *err)
{
	int rc;

	f->heard = ftp_now_ms();
	for (;;) {
		ERR_clear_error();
		rc = SSL_connect(tls);
		if (rc == 1) {
			ftp_tls_note_group(f, tls);
			return 0;
		}
		switch (SSL_get_error(tls, rc)) {
		case SSL_ERROR_WANT_READ:
			rc = wait_for(f, POLLIN, err);
			break;
		case SSL_ERROR_WANT_WRITE:
			rc = wait_for(f, POLLOUT, err);
			break;
		default:
			return tls_failed(tls, err);
		}
		if (rc < 0)
			return rc;
	}
}

static bool
is_numeric(const char *host)
{
	return strchr(host, ':') != NULL ||
	    host[strspn(host, "0123456789.")] == '\0';
}

static void
print_names(char *dst, X509 *cert)
{
	GENERAL_NAMES *names =
	    X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	int i, count = names != NULL ? sk_GENERAL_NAME_num(names) : 0;
	size_t n = 0;

	dst[0] = '\0';
	for (i = 0; i < count; i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(names, i);
		const char *text;
		size_t len;

		if (g->type != GEN_DNS)
			continue;
		text = (const char *)ASN1_STRING_get0_data(g->d.dNSName);
		len = (size_t)ASN1_STRING_length(g->d.dNSName);
		if (memchr(text, '\0', len) != NULL ||
		    n + len + 3 > WORKER_MSG_TEXT)
			continue;
		n += (size_t)snprintf(dst + n, WORKER_MSG_TEXT - n, "%s%.*s",
		    n > 0 ? ", " : "", (int)len, text);
	}
	GENERAL_NAMES_free(names);
}

/* snprintf, and never a NUL inside. */
static void
copy_text(char *dst, const char *src)
{
	snprintf(dst, WORKER_MSG_TEXT, "%s", src);
}

static bool
describe(struct ftp *f, SSL *tls, X509 *cert, struct msg_certificate *out,
    struct buf *der)
{
	const char *host = f->config.host;
	unsigned char *spki = NULL;
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &spki);
	long result = SSL_get_verify_result(tls);
	bool ok = n > 0 && hash_bytes(spki, (size_t)n, &out->spki);
	unsigned char *p;

	OPENSSL_free(spki);
	n = i2d_X509(cert, NULL);
	if (!ok || n <= 0 || n > LIMIT_CERTIFICATE)
		return false;
	p = buf_grow(der, (size_t)n);
	if (p == NULL || i2d_X509(cert, &p) != n)
		return false;
	out->der = (struct msg_blob){ der->data, der->len };
	out->tls = SSL_version(tls) == TLS1_3_VERSION ? 4 : 3;
	out->chain_ok = f->authorities != NULL && result == X509_V_OK;
	out->name_ok = is_numeric(host)
	    ? X509_check_ip_asc(cert, host, 0) == 1
	    : X509_check_host(cert, host, strlen(host), 0, NULL) == 1;
	if (!out->chain_ok)
		copy_text(out->why,
		    f->authorities == NULL
			? "no certificate authorities were given"
			: X509_verify_cert_error_string(result));
	out->since = x509_seconds(X509_get0_notBefore(cert));
	out->until = x509_seconds(X509_get0_notAfter(cert));
	x509_print_name(
	    out->subject, sizeof(out->subject), X509_get_subject_name(cert));
	x509_print_name(
	    out->issuer, sizeof(out->issuer), X509_get_issuer_name(cert));
	print_names(out->names, cert);
	return true;
}

static SSL *
begin(struct ftp *f, SSL_CTX *ctx)
{
	SSL *tls;

	SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_max_proto_version(
	    ctx, f->config.tls_max >= 4 ? TLS1_3_VERSION : TLS1_2_VERSION);
	if (f->authorities != NULL)
		SSL_CTX_set1_verify_cert_store(ctx, f->authorities);
	SSL_CTX_set_app_data(ctx, f);
	SSL_CTX_set_client_cert_cb(ctx, on_client_asked);
	tls = SSL_new(ctx);
	if (tls == NULL)
		return NULL;
	if (SSL_set_fd(tls, f->sock) != 1 ||
	    (!is_numeric(f->config.host) &&
		SSL_set_tlsext_host_name(tls, f->config.host) != 1)) {
		SSL_free(tls);
		return NULL;
	}
	return tls;
}

int
ftp_look(struct ftp *f, struct msg_certificate *out, struct buf *der,
    struct ferry_error *err)
{
	static const char quit[] = "QUIT\r\n";
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *tls = NULL;
	X509 *cert = NULL;
	int rc = 0;

	memset(out, 0, sizeof(*out));
	f->heard = ftp_now_ms();
	fcntl(f->sock, F_SETFL, fcntl(f->sock, F_GETFL) | O_NONBLOCK);
	if (f->config.mode == MSG_TLS_EXPLICIT)
		rc = ask_for_tls(f, err);
	if (rc == 0 && (ctx == NULL || (tls = begin(f, ctx)) == NULL))
		rc = err_memory(err);
	if (rc == 0)
		rc = handshake(f, tls, err);
	/* it has shown its own, and ends this for want of ours */
	if (rc < 0 && f->client_asked && !f->silent && !f->stopped)
		rc = 0;
	if (rc == 0) {
		cert = SSL_get1_peer_certificate(tls);
		if (cert == NULL || !describe(f, tls, cert, out, der))
			rc = failed(err, ferry_EREACH, "ftp_tls",
			    "the server's certificate cannot be read", "");
		(void)SSL_write(tls, quit, sizeof(quit) - 1);
		(void)SSL_shutdown(tls);
	}
	f->config.spki = out->spki; /* from here on no other */
	X509_free(cert);
	SSL_free(tls);
	SSL_CTX_free(ctx);
	close(f->sock);
	f->sock = -1;
	return rc;
}
