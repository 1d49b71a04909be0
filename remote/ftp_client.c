/*
 * Our certificate, for a server that asks for one: shown here, and signed for
 * in the hub, which has the key.  Worker.
 *
 * libssl is given a key whose private half is a question to the hub.  What
 * libssl would have signed is not looked at: the hub gets the messages of the
 * handshake, judges them, and makes the bytes to sign by itself.
 *
 * A method of one's own is what OpenSSL 3 calls deprecated; the provider that
 * is to take its place would be ten times as long.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <stdlib.h>

#include "base/err.h"
#include "remote/ftp_engine.h"

enum { HELLO_REQUEST = 0, CLIENT_HELLO = 1, NEW_SESSION_TICKET = 4 };

struct ftp_client {
	struct ftp *ftp;
	STACK_OF(X509) * chain; /* its own first */
	EVP_PKEY *key;
	RSA_METHOD *rsa;
	EC_KEY_METHOD *ec;
	const SSL *tls; /* whose handshake this is: */
	struct buf handshake;
};

/* ---- The handshake's messages ---- */

static void
on_message(int sent, int version, int type, const void *p, size_t n, SSL *tls,
    void *ctx)
{
	struct ftp_client *c = ctx;
	const unsigned char *message = p;

	(void)version;
	if (type != SSL3_RT_HANDSHAKE || n == 0 ||
	    message[0] == HELLO_REQUEST || message[0] == NEW_SESSION_TICKET)
		return;
	if (c->tls == NULL && sent && message[0] == CLIENT_HELLO)
		c->tls = tls;
	if (c->tls == tls)
		buf_put(&c->handshake, p, n);
}

/* RFC 8446, 4.2.3: what libssl has agreed on; 0: nothing that we know. */
static uint32_t
scheme_of(const SSL *tls)
{
	int type = 0, digest = 0;
	uint32_t low;

	/* these two only look */
	if (SSL_get_signature_type_nid(tls, &type) != 1 ||
	    SSL_get_signature_nid((SSL *)(uintptr_t)tls, &digest) != 1)
		return 0;
	low = digest == NID_sha256 ? 0
	    : digest == NID_sha384 ? 1
	    : digest == NID_sha512 ? 2
				   : 3;
	if (low == 3)
		return 0;
	switch (type) {
	case EVP_PKEY_RSA:
		return 0x0401 + (low << 8);
	case EVP_PKEY_RSA_PSS:
		return 0x0804 + low;
	case EVP_PKEY_EC:
		return 0x0403 + (low << 8);
	default:
		return 0;
	}
}

/* How many bytes; 0: there is no signature. */
static size_t
sign(struct ftp_client *c, unsigned char *to, size_t size)
{
	struct msg_tls_sign m = { .scheme = 0 };
	unsigned char *server = NULL;
	X509 *cert;
	size_t n = 0;
	int len;

	if (c == NULL || c->tls == NULL || !buf_ok(&c->handshake))
		return 0;
	m.scheme = scheme_of(c->tls);
	m.handshake = (struct msg_blob){ c->handshake.data, c->handshake.len };
	cert = SSL_get0_peer_certificate(c->tls);
	len = cert != NULL
	    ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &server)
	    : 0;
	if (len > 0 && m.scheme != 0) {
		m.server = (struct msg_blob){ server, (size_t)len };
		n = c->ftp->hooks.sign(c->ftp->hooks.ctx, &m, to, size);
		c->ftp->heard = ftp_now_ms(); /* the hub's time */
	}
	OPENSSL_free(server);
	return n;
}

/* ---- The key ---- */

/* Whatever libssl has prepared, the hub prepares anew. */
static int
on_rsa(int n, const unsigned char *from, unsigned char *to, RSA *rsa, int pad)
{
	size_t size = (size_t)RSA_size(rsa);

	(void)n;
	(void)from;
	(void)pad;
	return sign(RSA_get_app_data(rsa), to, size) == size ? (int)size : -1;
}

static int
on_ecdsa(int type, const unsigned char *digest, int digest_len,
    unsigned char *to, unsigned *n, const BIGNUM *kinv, const BIGNUM *r,
    EC_KEY *key)
{
	(void)type;
	(void)digest;
	(void)digest_len;
	(void)kinv;
	(void)r;
	*n = (unsigned)sign(
	    EC_KEY_get_ex_data(key, 0), to, (size_t)ECDSA_size(key));
	return *n > 0;
}

static bool
make_rsa(struct ftp_client *c, EVP_PKEY *half)
{
	RSA *rsa = NULL, *public = EVP_PKEY_get1_RSA(half);
	bool ok;

	if (public != NULL)
		rsa = RSAPublicKey_dup(public);
	RSA_free(public);
	c->rsa = RSA_meth_dup(RSA_get_default_method());
	ok = rsa != NULL && c->rsa != NULL &&
	    RSA_meth_set_priv_enc(c->rsa, on_rsa) == 1 &&
	    RSA_set_method(rsa, c->rsa) == 1 && RSA_set_app_data(rsa, c) == 1 &&
	    EVP_PKEY_set1_RSA(c->key, rsa) == 1;
	RSA_free(rsa);
	return ok;
}

static bool
make_ec(struct ftp_client *c, EVP_PKEY *half)
{
	EC_KEY *ec = NULL, *public = EVP_PKEY_get1_EC_KEY(half);
	bool ok;

	if (public != NULL)
		ec = EC_KEY_dup(public);
	EC_KEY_free(public);
	c->ec = EC_KEY_METHOD_new(EC_KEY_OpenSSL());
	if (c->ec != NULL)
		EC_KEY_METHOD_set_sign(c->ec, on_ecdsa, NULL, NULL);
	ok = ec != NULL && c->ec != NULL && EC_KEY_set_method(ec, c->ec) == 1 &&
	    EC_KEY_set_ex_data(ec, 0, c) == 1 &&
	    EVP_PKEY_set1_EC_KEY(c->key, ec) == 1;
	EC_KEY_free(ec);
	return ok;
}

/* ---- The certificate ---- */

static bool
read_chain(struct ftp_client *c, const struct msg_blob *der)
{
	const unsigned char *p = der->p;
	size_t left = der->n;
	X509 *x;

	c->chain = sk_X509_new_null();
	while (c->chain != NULL && left > 0) {
		x = d2i_X509(NULL, &p, (long)left);
		if (x == NULL || sk_X509_push(c->chain, x) <= 0) {
			X509_free(x);
			return false;
		}
		left = der->n - (size_t)(p - der->p);
	}
	return c->chain != NULL && sk_X509_num(c->chain) > 0;
}

bool
ftp_client_set(struct ftp *f, const struct msg_blob *der)
{
	struct ftp_client *c = calloc(1, sizeof(*c));
	EVP_PKEY *half;
	bool ok;

	ftp_client_free(f->client);
	f->client = c;
	if (c == NULL)
		return false;
	c->ftp = f;
	buf_init(&c->handshake, LIMIT_HANDSHAKE);
	c->key = EVP_PKEY_new();
	if (c->key == NULL || !read_chain(c, der))
		return false;
	half = X509_get_pubkey(sk_X509_value(c->chain, 0));
	ok = half != NULL &&
	    (EVP_PKEY_is_a(half, "RSA")         ? make_rsa(c, half)
		    : EVP_PKEY_is_a(half, "EC") ? make_ec(c, half)
						: false);
	EVP_PKEY_free(half);
	return ok;
}

void
ftp_client_free(struct ftp_client *c)
{
	if (c == NULL)
		return;
	EVP_PKEY_free(c->key);
	RSA_meth_free(c->rsa);
	if (c->ec != NULL) /* unlike others, this one minds */
		EC_KEY_METHOD_free(c->ec);
	sk_X509_pop_free(c->chain, X509_free);
	buf_free(&c->handshake);
	free(c);
}

bool
ftp_client_alert(int alert)
{
	switch (alert) {
	case SSL_AD_HANDSHAKE_FAILURE:
	case SSL_AD_ILLEGAL_PARAMETER: /* another curve than the server's own */
	case SSL_AD_BAD_CERTIFICATE:
	case SSL_AD_UNSUPPORTED_CERTIFICATE:
	case SSL_AD_CERTIFICATE_REVOKED:
	case SSL_AD_CERTIFICATE_EXPIRED:
	case SSL_AD_CERTIFICATE_UNKNOWN:
	case SSL_AD_UNKNOWN_CA:
	case SSL_AD_ACCESS_DENIED:
	case SSL_AD_CERTIFICATE_REQUIRED:
		return true;
	default:
		return false;
	}
}

/* There is none, which is remembered. */
static int
on_asked(SSL *tls, X509 **cert, EVP_PKEY **key)
{
	struct ftp *f = SSL_CTX_get_app_data(SSL_get_SSL_CTX(tls));

	(void)cert;
	(void)key;
	f->client_asked = true;
	return 0;
}

/*
 * What a server signs with another key exchange than these the hub could not
 * tell from what any other server signs; and a second handshake would be
 * another one.
 */
bool
ftp_client_prepare(struct ftp *f, SSL_CTX *ctx)
{
	struct ftp_client *c = f->client;
	bool ok;

	if (c == NULL) {
		SSL_CTX_set_client_cert_cb(ctx, on_asked);
		return true;
	}
	c->tls = NULL;
	buf_reset(&c->handshake);
	SSL_CTX_set_msg_callback(ctx, on_message);
	SSL_CTX_set_msg_callback_arg(ctx, c);
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION);
	ok = SSL_CTX_set_cipher_list(ctx, "kECDHE+HIGH:!aNULL:!eNULL") == 1 &&
	    SSL_CTX_use_certificate(ctx, sk_X509_value(c->chain, 0)) == 1 &&
	    SSL_CTX_use_PrivateKey(ctx, c->key) == 1;
	for (int i = 1; ok && i < sk_X509_num(c->chain); i++)
		ok = SSL_CTX_add1_chain_cert(ctx, sk_X509_value(c->chain, i)) ==
		    1;
	return ok;
}
