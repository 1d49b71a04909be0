/*
 * Goal: only a handshake with the trusted server is signed, by TLS 1.2 and 1.3,
 * also after a second hello; what is signed is what the server wants.  Any
 * other key, any changed, missing or additional byte is refused.  And the file
 * of a client certificate: what is in it, and what is wrong with it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "auth/client_cert.h"
#include "auth/tls_claim.h"
#include "auth/tls_scheme.h"
#include "base/err.h"
#include "base/limits.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

struct pair {
	EVP_PKEY *key;
	X509 *cert;
};

/* The client's messages, as the worker collects them. */
struct seen {
	struct buf all, claimed; /* claimed: up to its CertificateVerify */
	const unsigned char *signature; /* in all */
	size_t signature_len;
	unsigned scheme;
};

static struct pair
make_pair(EVP_PKEY *key, long from, long until)
{
	struct pair p = { key, X509_new() };
	X509_NAME *name = X509_get_subject_name(p.cert);

	assert_non_null(key);
	ASN1_INTEGER_set(X509_get_serialNumber(p.cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(p.cert), from);
	X509_gmtime_adj(X509_getm_notAfter(p.cert), until);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
	    (const unsigned char *)"deploy", -1, -1, 0);
	X509_set_issuer_name(p.cert, name);
	X509_set_pubkey(p.cert, key);
	assert_true(X509_sign(p.cert, key, EVP_sha256()) > 0);
	return p;
}

static void
free_pair(struct pair *p)
{
	EVP_PKEY_free(p->key);
	X509_free(p->cert);
}

static void
on_message(int sent, int version, int type, const void *p, size_t n, SSL *tls,
    void *ctx)
{
	struct seen *s = ctx;
	const unsigned char *m = p;

	(void)version;
	(void)tls;
	if (type != SSL3_RT_HANDSHAKE || n == 0 || m[0] == 4)
		return;
	if (sent && m[0] == 15) { /* CertificateVerify */
		buf_put(&s->claimed, s->all.data, s->all.len);
		s->scheme = (unsigned)m[4] << 8 | m[5];
		s->signature_len = n - 8;
	}
	buf_put(&s->all, p, n);
	if (sent && m[0] == 15)
		s->signature = s->all.data + s->all.len - s->signature_len;
}

static int
accept_any(int ok, X509_STORE_CTX *ctx)
{
	(void)ok;
	(void)ctx;
	return 1;
}

/* A handshake in memory, with libssl at both ends. */
static void
shake(struct seen *s, const struct pair *server, const struct pair *client,
    int version, const char *server_groups)
{
	SSL_CTX *ctx[2] = { SSL_CTX_new(TLS_client_method()),
		SSL_CTX_new(TLS_server_method()) };
	SSL *tls[2];
	BIO *ends[2];
	bool done = false;

	buf_init(&s->all, LIMIT_MESSAGE);
	buf_init(&s->claimed, LIMIT_MESSAGE);
	BIO_new_bio_pair(&ends[0], 1 << 16, &ends[1], 1 << 16);
	for (int i = 0; i < 2; i++) {
		const struct pair *p = i == 0 ? client : server;

		SSL_CTX_set_min_proto_version(ctx[i], version);
		SSL_CTX_set_max_proto_version(ctx[i], version);
		SSL_CTX_set_cipher_list(ctx[i], "kECDHE+HIGH:!aNULL");
		SSL_CTX_use_certificate(ctx[i], p->cert);
		SSL_CTX_use_PrivateKey(ctx[i], p->key);
		tls[i] = SSL_new(ctx[i]);
		SSL_set_bio(tls[i], ends[i], ends[i]);
	}
	SSL_set1_groups_list(tls[0], "X25519:P-256:P-384");
	if (server_groups != NULL)
		SSL_set1_groups_list(tls[1], server_groups);
	SSL_set_verify(tls[1],
	    SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, accept_any);
	SSL_set_msg_callback(tls[0], on_message);
	SSL_set_msg_callback_arg(tls[0], s);
	SSL_set_connect_state(tls[0]);
	SSL_set_accept_state(tls[1]);
	for (int i = 0; i < 20 && !done; i++) {
		(void)SSL_do_handshake(tls[0]);
		(void)SSL_do_handshake(tls[1]);
		done = SSL_is_init_finished(tls[0]) &&
		    SSL_is_init_finished(tls[1]);
	}
	assert_true(done);
	assert_true(buf_ok(&s->all) && s->claimed.len > 0);
	for (int i = 0; i < 2; i++) {
		SSL_free(tls[i]);
		SSL_CTX_free(ctx[i]);
	}
}

static void
free_seen(struct seen *s)
{
	buf_free(&s->all);
	buf_free(&s->claimed);
}

struct asked {
	unsigned char *spki;
	size_t spki_len;
	struct digest trusted;
};

static struct asked
ask(EVP_PKEY *server)
{
	struct asked a = { NULL, 0, { { 0 } } };
	int n = i2d_PUBKEY(server, &a.spki);

	assert_true(n > 0);
	a.spki_len = (size_t)n;
	assert_true(hash_bytes(a.spki, a.spki_len, &a.trusted));
	return a;
}

static int
judge(
    const struct asked *a, const void *handshake, size_t n, struct buf *content)
{
	struct ferry_error err;
	/* of exactly this size, for the sanitizer */
	unsigned char *copy = malloc(n > 0 ? n : 1);
	int rc;

	memcpy(copy, handshake, n);
	rc = tls_claim_judge(
	    &(struct tls_claim){ 0x0804, a->spki, a->spki_len, copy, n },
	    &a->trusted, content, &err);
	free(copy);
	if (rc != 0) {
		assert_int_equal(rc, -ferry_EWALL);
		assert_string_equal(err.id, "claim_refused");
		assert_int_equal(content->len, 0);
	}
	return rc;
}

/* Is this what the client has signed in fact? */
static bool
is_content(
    const struct seen *s, const struct pair *client, const struct buf *content)
{
	return tls_scheme_verify(tls_scheme_find(s->scheme), client->key,
	    content->data, content->len, s->signature, s->signature_len);
}

static void
try_all(const struct pair *server, const struct pair *client, int version,
    const char *groups)
{
	struct asked a = ask(server->key), other = ask(client->key);
	struct buf content;
	struct seen s = { .scheme = 0 };
	size_t changed = 0;

	buf_init(&content, LIMIT_MESSAGE);
	shake(&s, server, client, version, groups);
	assert_int_equal(judge(&a, s.claimed.data, s.claimed.len, &content), 0);
	assert_true(is_content(&s, client, &content));
	/* another server's key, or this one where another is trusted */
	assert_int_not_equal(
	    judge(&other, s.claimed.data, s.claimed.len, &content), 0);
	other.trusted = a.trusted;
	assert_int_not_equal(
	    judge(&other, s.claimed.data, s.claimed.len, &content), 0);
	/* more, and less */
	assert_int_not_equal(judge(&a, s.all.data, s.all.len, &content), 0);
	for (size_t n = 0; n < s.claimed.len; n += 1 + n % 7)
		assert_int_not_equal(judge(&a, s.claimed.data, n, &content), 0);
	/* Any other byte: refused, or another content than is of use. */
	for (size_t i = 0; i < s.claimed.len; i += 3) {
		s.claimed.data[i] ^= 0x10;
		if (judge(&a, s.claimed.data, s.claimed.len, &content) == 0) {
			assert_false(is_content(&s, client, &content));
			changed++;
		}
		s.claimed.data[i] ^= 0x10;
	}
	/* by TLS 1.3 that is only what the server had not signed yet */
	if (version == TLS1_3_VERSION)
		assert_true(
		    3 * changed < (size_t)i2d_X509(client->cert, NULL) + 100);
	free_seen(&s);
	buf_free(&content);
	OPENSSL_free(a.spki);
	OPENSSL_free(other.spki);
}

static void
handshakes(void **state)
{
	struct pair rsa = make_pair(EVP_RSA_gen(2048), -60, 3600);
	struct pair ec = make_pair(EVP_EC_gen("P-256"), -60, 3600);
	struct pair p384 = make_pair(EVP_EC_gen("P-384"), -60, 3600);

	(void)state;
	try_all(&rsa, &ec, TLS1_2_VERSION, NULL);
	try_all(&ec, &rsa, TLS1_2_VERSION, NULL);
	try_all(&rsa, &p384, TLS1_3_VERSION, NULL);
	try_all(&ec, &rsa, TLS1_3_VERSION, NULL);
	try_all(&p384, &ec, TLS1_3_VERSION, "P-384"); /* a second hello */
	free_pair(&rsa);
	free_pair(&ec);
	free_pair(&p384);
}

static void
schemes(void **state)
{
	EVP_PKEY *rsa = EVP_RSA_gen(2048), *ec = EVP_EC_gen("P-256");
	struct buf b;

	(void)state;
	buf_init(&b, LIMIT_SIGNATURE);
	assert_null(tls_scheme_find(0x0201)); /* SHA-1 */
	assert_null(tls_scheme_find(0x0203));
	for (unsigned n = 0; n < 0x1000; n++) {
		const struct tls_scheme *s = tls_scheme_find(n);
		EVP_PKEY *key = s == NULL        ? NULL
		    : strcmp(s->key, "RSA") == 0 ? rsa
		    : strcmp(s->key, "EC") == 0  ? ec
						 : NULL;

		if (key == NULL)
			continue;
		buf_reset(&b);
		assert_true(tls_scheme_sign(s, key, "abc", 3, &b));
		assert_true(tls_scheme_verify(s, key, "abc", 3, b.data, b.len));
		assert_false(
		    tls_scheme_verify(s, key, "abd", 3, b.data, b.len));
		assert_false(
		    tls_scheme_sign(s, key == rsa ? ec : rsa, "abc", 3, &b));
	}
	buf_free(&b);
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(ec);
}

/* ---- The file ---- */

static struct secret *
make_file(const struct pair *p, bool with_key, unsigned copies)
{
	BIO *b = BIO_new(BIO_s_mem());
	struct secret *s;
	char *text;
	long n;

	if (with_key)
		assert_int_equal(PEM_write_bio_PrivateKey(
				     b, p->key, NULL, NULL, 0, NULL, NULL),
		    1);
	for (unsigned i = 0; i < copies; i++)
		PEM_write_bio_X509(b, p->cert);
	n = BIO_get_mem_data(b, &text);
	s = secret_copy(text, (size_t)n);
	BIO_free(b);
	return s;
}

/* The id of the failure, or "". */
static const char *
parse(const struct secret *file, int64_t now, const struct key *key,
    struct ferry_error *err)
{
	struct client_cert *c;
	int rc = client_cert_parse(&c, file->data, file->len, err);

	if (rc == 0)
		rc = client_cert_judge(c, key, now, err);
	if (rc == 0)
		err->id[0] = '\0';
	else
		assert_int_equal(rc, -ferry_EKEY);
	client_cert_free(c);
	return err->id;
}

static void
files(void **state)
{
	struct pair p = make_pair(EVP_EC_gen("P-256"), -60, 3600);
	struct pair ed = make_pair(EVP_EC_gen("P-256"), -60, 3600);
	struct secret *both = make_file(&p, true, 3), *cert, *none;
	struct secret *other = make_file(&ed, true, 0);
	int64_t now = (int64_t)time(NULL);
	struct client_cert *c;
	struct key *key, *wrong;
	struct ferry_error err;

	(void)state;
	cert = make_file(&p, false, 1);
	none = make_file(&p, true, 0);
	assert_int_equal(client_cert_parse(&c, both->data, both->len, &err), 0);
	assert_string_equal(c->subject, "CN = deploy");
	assert_true(c->until > now && c->since < now);
	assert_int_equal(c->chain.len, 3 * (size_t)i2d_X509(p.cert, NULL));
	client_cert_free(c);

	client_cert_leave_key(both);
	assert_null(strstr((char *)both->data, "CERTIFICATE"));
	assert_int_equal(key_parse(&key, both->data, both->len, NULL, &err), 0);
	assert_int_equal(
	    key_parse(&wrong, other->data, other->len, NULL, &err), 0);
	client_cert_leave_key(cert); /* as it was */
	assert_string_equal(parse(cert, now, key, &err), "");
	assert_string_equal(
	    parse(cert, now, wrong, &err), "client_cert_other_key");
	assert_string_equal(
	    parse(cert, now + 7200, key, &err), "client_cert_expired");
	assert_string_equal(
	    parse(cert, now - 7200, key, &err), "client_cert_early");
	assert_string_equal(parse(none, now, key, &err), "client_cert_none");
	cert->data[100] = '!';
	assert_string_equal(parse(cert, now, key, &err), "client_cert_damaged");
	cert->len = 100;
	assert_string_equal(parse(cert, now, key, &err), "client_cert_damaged");
	key_free(key);
	key_free(wrong);
	secret_free(both);
	secret_free(cert);
	secret_free(none);
	secret_free(other);
	free_pair(&p);
	free_pair(&ed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(handshakes),
		cmocka_unit_test(schemes),
		cmocka_unit_test(files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
