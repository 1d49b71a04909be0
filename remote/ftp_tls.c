/*
 * TLS sessions: each data connection resumes the one of the control connection,
 * as servers demand.  Worker.
 *
 * libcurl keeps sessions by host and port, and OpenSSL takes a ticket of TLS
 * 1.3 for used up once it was resumed.  Here the newest session of the control
 * connection is kept, and each data connection begins with a copy of it.
 */
#include <string.h>

#include "remote/ftp_engine.h"

/*
 * TLS 1.3 begins with a key of the group that we expect the server to want; if
 * it wants another, that is one more round trip, in each file.  So the one that
 * it took first comes first from then on.
 */
void
ftp_tls_note_group(struct ftp *f, const SSL *tls)
{
#ifdef SSL_get_negotiated_group
	SSL *own = (SSL *)(uintptr_t)tls; /* it only reads */

	f->group = (int)SSL_get_negotiated_group(own);
#else
	(void)f;
	(void)tls;
#endif
}

static bool
prefer_group(const struct ftp *f, SSL_CTX *ctx)
{
	static const int usual[] = { NID_X25519, NID_X9_62_prime256v1,
		NID_secp384r1, NID_secp521r1, NID_X448 };
	int groups[sizeof(usual) / sizeof(usual[0])];
	bool known = false;
	size_t i, n = 1;

	groups[0] = f->group;
	for (i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (usual[i] == f->group)
			known = true;
		else if (n < sizeof(groups) / sizeof(groups[0]))
			groups[n++] = usual[i];
	return !known || SSL_CTX_set1_groups(ctx, groups, (int)n) == 1;
}

/* 1: we keep the reference. */
static int
on_session(SSL *tls, SSL_SESSION *session)
{
	struct ftp *f = SSL_CTX_get_app_data(SSL_get_SSL_CTX(tls));

	SSL_SESSION_free(f->session);
	f->session = session;
	return 1;
}

static void
on_control(const SSL *tls, int where, int value)
{
	struct ftp *f = SSL_CTX_get_app_data(SSL_get_SSL_CTX(tls));

	if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT &&
	    value >> 8 == SSL3_AL_FATAL)
		f->alert = value & 0xff;
	if ((where & SSL_CB_HANDSHAKE_DONE) == 0)
		return;
	ftp_tls_note_group(f, tls);
	f->tls = (SSL *)(uintptr_t)tls;
	if (SSL_version(tls) == TLS1_3_VERSION)
		f->has |= MSG_FTP_TLS13;
}

static void
on_data(const SSL *tls, int where, int value)
{
	struct ftp *f = SSL_CTX_get_app_data(SSL_get_SSL_CTX(tls));
	SSL *own = (SSL *)(uintptr_t)tls; /* the callback's type is older */
	SSL_SESSION *copy;

	(void)value;
	if (where & SSL_CB_HANDSHAKE_START) {
		/* once: tickets that arrive later are a handshake, too */
		if (f->session == NULL || SSL_get_session(tls) != NULL)
			return;
		copy = SSL_SESSION_dup(f->session);
		if (copy != NULL)
			(void)SSL_set_session(own, copy);
		SSL_SESSION_free(copy);
	} else if (where & SSL_CB_HANDSHAKE_DONE) {
		ftp_learn(f, MSG_FTP_REUSE, SSL_session_reused(tls) == 1);
	}
}

bool
ftp_tls_prepare(struct ftp *f, SSL_CTX *ctx)
{
	if (f->authorities != NULL &&
	    SSL_CTX_set1_verify_cert_store(ctx, f->authorities) != 1)
		return false;
	SSL_CTX_set_app_data(ctx, f);
	f->client_asked = false;
	f->alert = 0;
	if (!ftp_client_prepare(f, ctx) || !prefer_group(f, ctx))
		return false;
	SSL_CTX_set_session_cache_mode(
	    ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	if (f->tls_begun) {
		SSL_CTX_sess_set_new_cb(ctx, NULL);
		SSL_CTX_set_info_callback(ctx, on_data);
	} else {
		SSL_CTX_sess_set_new_cb(ctx, on_session);
		SSL_CTX_set_info_callback(ctx, on_control);
	}
	f->tls_begun = true;
	return true;
}

void
ftp_tls_forget(struct ftp *f)
{
	SSL_SESSION_free(f->session);
	f->session = NULL;
	f->tls = NULL;
	f->tls_begun = false;
}
