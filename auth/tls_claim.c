/*
 * What may be signed in TLS: a handshake that the trusted server has signed
 * (RFC 8446, 4.4; RFC 5246, 7.4).  Hub only; the bytes come from the worker and
 * are hostile.
 *
 * The server's key is taken for its own as soon as its digest is the trusted
 * one, so nothing else of a certificate is parsed here.
 */
#include "auth/tls_claim.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>

#include "auth/tls_scheme.h"
#include "base/err.h"
#include "base/limits.h"

enum { /* RFC 8446, B.3; RFC 5246, A.4 */
	CLIENT_HELLO = 1,
	SERVER_HELLO = 2,
	ENCRYPTED_EXTENSIONS = 8,
	CERTIFICATE = 11,
	SERVER_KEY_EXCHANGE = 12,
	CERTIFICATE_REQUEST = 13,
	SERVER_HELLO_DONE = 14,
	CERTIFICATE_VERIFY = 15,
	CLIENT_KEY_EXCHANGE = 16,
	FINISHED = 20,
	CERTIFICATE_STATUS = 22,
	COMPRESSED_CERTIFICATE = 25,
	MESSAGE_HASH = 254,

	RANDOM = 32,
	HEADER = 4,
	SUPPORTED_VERSIONS = 43,
	TLS_1_2 = 0x0303,
	TLS_1_3 = 0x0304,
	NAMED_CURVE = 3,
};

struct bytes {
	const unsigned char *p;
	size_t n;
};

struct hello {
	const unsigned char *random;
	unsigned version;
	unsigned cipher;
	bool retry;
};

/* What the server has signed, and how. */
struct proof {
	unsigned scheme;
	struct bytes signature;
	struct buf content;
};

static int
refuse(struct ferry_error *err, const char *what)
{
	err_set(err, ferry_EWALL, "claim_refused",
	    "the worker asked to sign something else than a handshake with "
	    "this server (%s)",
	    what);
	err_hint(err,
	    "Nothing was signed, and it was stopped. Try again; if it happens "
	    "again, please report it with the log at its most detailed.");
	return -ferry_EWALL;
}

/* ---- Messages ---- */

static bool
is_next(const struct buf_reader *r, unsigned type)
{
	return !r->bad && r->left > 0 && r->p[0] == type;
}

/* The body of the next one, which has to be of this type. */
static struct buf_reader
take(struct buf_reader *r, unsigned type)
{
	struct buf_reader none = { .bad = true };
	const unsigned char *body;
	size_t n;

	if (!is_next(r, type)) {
		r->bad = true;
		return none;
	}
	buf_get_u8(r);
	n = (size_t)buf_get_u8(r) << 16;
	n |= buf_get_u16(r);
	body = buf_get(r, n);
	return body != NULL ? buf_read(body, n) : none;
}

static void
skip(struct buf_reader *r, unsigned type)
{
	(void)take(r, type);
}

static void
skip_certificate(struct buf_reader *r)
{
	skip(r,
	    is_next(r, COMPRESSED_CERTIFICATE) ? COMPRESSED_CERTIFICATE
					       : CERTIFICATE);
}

/* u16 scheme, u16 length, signature; and no byte more. */
static bool
take_signature(struct buf_reader *r, struct proof *proof)
{
	size_t n;

	proof->scheme = buf_get_u16(r);
	n = buf_get_u16(r);
	proof->signature = (struct bytes){ buf_get(r, n), n };
	return buf_get_end(r) && n > 0;
}

/* RFC 8446, 4.1.3: a HelloRetryRequest is a ServerHello with this random. */
static bool
is_retry(const unsigned char *random)
{
	static const unsigned char retry[RANDOM] = { 0xcf, 0x21, 0xad, 0x74,
		0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65,
		0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e,
		0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c };

	return memcmp(random, retry, RANDOM) == 0;
}

static const unsigned char *
take_client_hello(struct buf_reader *r)
{
	struct buf_reader body = take(r, CLIENT_HELLO);

	buf_get_u16(&body);
	return buf_get(&body, RANDOM);
}

static bool
take_server_hello(struct buf_reader *r, struct hello *hello)
{
	struct buf_reader body = take(r, SERVER_HELLO);
	struct bytes extension;
	unsigned type;

	hello->version = buf_get_u16(&body);
	hello->random = buf_get(&body, RANDOM);
	buf_get(&body, buf_get_u8(&body)); /* session id */
	hello->cipher = buf_get_u16(&body);
	buf_get_u8(&body); /* compression */
	if (body.left > 0 && buf_get_u16(&body) != body.left)
		return false;
	while (!body.bad && body.left > 0) {
		type = buf_get_u16(&body);
		extension.n = buf_get_u16(&body);
		extension.p = buf_get(&body, extension.n);
		if (type == SUPPORTED_VERSIONS && extension.p != NULL &&
		    extension.n == 2)
			hello->version =
			    (unsigned)extension.p[0] << 8 | extension.p[1];
	}
	hello->retry = !body.bad && is_retry(hello->random);
	return !body.bad;
}

/* ---- TLS 1.2 ---- */

/* What was agreed on is signed with both randoms (RFC 8422, 5.4). */
static bool
take_key_exchange(struct buf_reader *r, const unsigned char *client,
    const unsigned char *server, struct proof *proof)
{
	struct buf_reader body = take(r, SERVER_KEY_EXCHANGE);
	const unsigned char *begin = body.p;

	if (buf_get_u8(&body) != NAMED_CURVE)
		return false;
	buf_get_u16(&body); /* which */
	buf_get(&body, buf_get_u8(&body)); /* the point */
	if (body.bad)
		return false;
	buf_put(&proof->content, client, RANDOM);
	buf_put(&proof->content, server, RANDOM);
	buf_put(&proof->content, begin, (size_t)(body.p - begin));
	return take_signature(&body, proof);
}

static bool
take_1_2(struct buf_reader *r, const unsigned char *client,
    const struct hello *hello, struct proof *proof)
{
	skip(r, CERTIFICATE);
	if (is_next(r, CERTIFICATE_STATUS))
		skip(r, CERTIFICATE_STATUS);
	if (!take_key_exchange(r, client, hello->random, proof))
		return false;
	skip(r, CERTIFICATE_REQUEST);
	skip(r, SERVER_HELLO_DONE);
	skip(r, CERTIFICATE); /* ours */
	skip(r, CLIENT_KEY_EXCHANGE);
	return buf_get_end(r);
}

/* ---- TLS 1.3 ---- */

/* Of the cipher suite (RFC 8446, B.4); NULL: it is none of TLS 1.3's. */
static const char *
digest_of(unsigned cipher)
{
	switch (cipher) {
	case 0x1301:
	case 0x1303:
	case 0x1304:
	case 0x1305:
		return "SHA256";
	case 0x1302:
		return "SHA384";
	default:
		return NULL;
	}
}

static bool
put_hash(struct buf *b, const char *digest, const void *p, size_t n)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	size_t len = 0;

	if (EVP_Q_digest(NULL, digest, NULL, p, n, hash, &len) != 1)
		return false;
	buf_put(b, hash, len);
	return buf_ok(b);
}

/* RFC 8446, 4.4.3 */
static bool
put_content(
    struct buf *b, const char *who, const char *digest, const void *p, size_t n)
{
	enum { BLANKS = 64 };

	buf_printf(b, "%*sTLS 1.3, %s CertificateVerify", BLANKS, "", who);
	buf_put_u8(b, 0);
	return put_hash(b, digest, p, n);
}

/* 4.4.1: where the server asked for another hello, for the first its hash. */
static bool
begin_anew(struct buf *seen, const char *digest, const unsigned char *first,
    size_t first_len, const unsigned char *retry, size_t retry_len)
{
	struct buf hash;
	bool ok;

	buf_init(&hash, EVP_MAX_MD_SIZE);
	ok = put_hash(&hash, digest, first, first_len);
	buf_put_u8(seen, MESSAGE_HASH);
	buf_put_u8(seen, 0);
	buf_put_u16(seen, (uint16_t)hash.len);
	buf_put(seen, hash.data, hash.len);
	buf_put(seen, retry, retry_len);
	buf_free(&hash);
	return ok && buf_ok(seen);
}

/* seen: what a retry left of all before `from`; r stands behind the hello. */
static bool
take_1_3(struct buf_reader *r, const unsigned char *from, struct buf *seen,
    const char *digest, struct proof *proof, struct buf *content)
{
	struct buf_reader verify;
	size_t before = seen->len, signed_len;

	skip(r, ENCRYPTED_EXTENSIONS);
	skip(r, CERTIFICATE_REQUEST);
	skip_certificate(r);
	signed_len = (size_t)(r->p - from);
	verify = take(r, CERTIFICATE_VERIFY);
	if (!take_signature(&verify, proof))
		return false;
	skip(r, FINISHED);
	skip_certificate(r); /* ours */
	if (!buf_get_end(r))
		return false;
	buf_put(seen, from, (size_t)(r->p - from));
	return buf_ok(seen) &&
	    put_content(&proof->content, "server", digest, seen->data,
		before + signed_len) &&
	    put_content(content, "client", digest, seen->data, seen->len);
}

/* ---- The whole ---- */

static bool
take_handshake(const struct bytes *all, struct buf *seen, struct proof *proof,
    struct buf *content)
{
	struct buf_reader r = buf_read(all->p, all->n);
	const unsigned char *client = take_client_hello(&r), *from = all->p;
	size_t first = (size_t)(r.p - all->p);
	struct hello hello = { .retry = false };
	unsigned cipher;

	if (client == NULL || !take_server_hello(&r, &hello))
		return false;
	if (hello.retry) {
		cipher = hello.cipher;
		from = r.p;
		if (digest_of(cipher) == NULL ||
		    !begin_anew(seen, digest_of(cipher), all->p, first,
			all->p + first, (size_t)(from - all->p) - first) ||
		    take_client_hello(&r) == NULL ||
		    !take_server_hello(&r, &hello) || hello.retry ||
		    hello.cipher != cipher || hello.version != TLS_1_3)
			return false;
	}
	if (hello.version == TLS_1_3)
		return digest_of(hello.cipher) != NULL &&
		    take_1_3(&r, from, seen, digest_of(hello.cipher), proof,
			content);
	if (hello.version != TLS_1_2 || !take_1_2(&r, client, &hello, proof))
		return false;
	buf_put(content, all->p, all->n);
	return buf_ok(content);
}

/* Did the one whose key this is sign that? */
static bool
is_proven(const struct tls_claim *c, const struct proof *proof)
{
	const struct tls_scheme *scheme = tls_scheme_find(proof->scheme);
	const unsigned char *p = c->server;
	EVP_PKEY *pkey = NULL;
	bool ok;

	ERR_set_mark();
	if (scheme != NULL && buf_ok(&proof->content))
		pkey = d2i_PUBKEY(NULL, &p, (long)c->server_len);
	ERR_pop_to_mark();
	ok = pkey != NULL &&
	    tls_scheme_verify(scheme, pkey, proof->content.data,
		proof->content.len, proof->signature.p, proof->signature.n);
	EVP_PKEY_free(pkey);
	return ok;
}

int
tls_claim_judge(const struct tls_claim *c, const struct digest *trusted,
    struct buf *content, struct ferry_error *err)
{
	const struct bytes all = { c->handshake, c->handshake_len };
	struct digest server;
	struct proof proof = { .scheme = 0 };
	struct buf seen;
	int rc = 0;

	buf_reset(content);
	buf_init(&seen, LIMIT_MESSAGE);
	buf_init(&proof.content, LIMIT_MESSAGE);
	if (!hash_bytes(c->server, c->server_len, &server))
		rc = err_memory(err);
	else if (!hash_equal(&server, trusted))
		rc = refuse(err, "another server");
	else if (!take_handshake(&all, &seen, &proof, content))
		rc = refuse(err, "no handshake");
	else if (!is_proven(c, &proof))
		rc = refuse(err, "the server has not signed it");
	if (rc != 0)
		buf_reset(content);
	buf_free(&seen);
	buf_free(&proof.content);
	return rc;
}
