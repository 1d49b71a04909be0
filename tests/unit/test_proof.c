/* The hub's own check that the host key signed this session. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "base/buf.h"
#include "known_hosts/proof.h"

enum { TYPES = 5, H_LEN = 32 };

static const struct {
	const char *type, *curve, *group, *digest, *algorithm;
} kinds[TYPES] = {
	{ "ssh-ed25519", NULL, NULL, NULL, "ssh-ed25519" },
	{ "ecdsa-sha2-nistp256", "nistp256", "P-256", "SHA256",
	    "ecdsa-sha2-nistp256" },
	{ "ecdsa-sha2-nistp384", "nistp384", "P-384", "SHA384",
	    "ecdsa-sha2-nistp384" },
	{ "ecdsa-sha2-nistp521", "nistp521", "P-521", "SHA512",
	    "ecdsa-sha2-nistp521" },
	{ "ssh-rsa", NULL, NULL, "SHA512", "rsa-sha2-512" },
};

struct host {
	EVP_PKEY *key;
	struct buf blob;
};

static struct host hosts[TYPES], other[TYPES];

static void
put_bn(struct buf *b, const BIGNUM *n)
{
	unsigned char bytes[1024];

	assert_true(BN_num_bytes(n) <= (int)sizeof(bytes));
	buf_put_mpint(b, bytes, (size_t)BN_bn2bin(n, bytes));
}

static void
put_param(struct buf *b, EVP_PKEY *key, const char *param)
{
	BIGNUM *n = NULL;

	assert_int_equal(EVP_PKEY_get_bn_param(key, param, &n), 1);
	put_bn(b, n);
	BN_free(n);
}

static void
put_blob(struct host *h, int i)
{
	unsigned char bytes[256];
	size_t n = sizeof(bytes);

	buf_init(&h->blob, 4096);
	buf_put_cstring(&h->blob, kinds[i].type);
	if (i == 0) {
		assert_int_equal(
		    EVP_PKEY_get_raw_public_key(h->key, bytes, &n), 1);
		buf_put_string(&h->blob, bytes, n);
	} else if (kinds[i].curve != NULL) {
		buf_put_cstring(&h->blob, kinds[i].curve);
		assert_int_equal(
		    EVP_PKEY_get_octet_string_param(h->key,
			OSSL_PKEY_PARAM_PUB_KEY, bytes, sizeof(bytes), &n),
		    1);
		buf_put_string(&h->blob, bytes, n);
	} else {
		put_param(&h->blob, h->key, OSSL_PKEY_PARAM_RSA_E);
		put_param(&h->blob, h->key, OSSL_PKEY_PARAM_RSA_N);
	}
	assert_true(buf_ok(&h->blob));
}

static void
make_host(struct host *h, int i)
{
	if (i == 0)
		h->key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	else if (kinds[i].group != NULL)
		h->key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", kinds[i].group);
	else
		h->key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	assert_non_null(h->key);
	put_blob(h, i);
}

static int
setup(void **state)
{
	(void)state;
	for (int i = 0; i < TYPES; i++) {
		make_host(&hosts[i], i);
		make_host(&other[i], i);
	}
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	for (int i = 0; i < TYPES; i++) {
		EVP_PKEY_free(hosts[i].key);
		EVP_PKEY_free(other[i].key);
		buf_free(&hosts[i].blob);
		buf_free(&other[i].blob);
	}
	return 0;
}

static size_t
sign(EVP_PKEY *key, const char *digest, const void *h, size_t n,
    unsigned char *out, size_t size)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	assert_int_equal(
	    EVP_DigestSignInit_ex(ctx, NULL, digest, NULL, NULL, key, NULL), 1);
	assert_int_equal(EVP_DigestSign(ctx, out, &size, h, n), 1);
	EVP_MD_CTX_free(ctx);
	return size;
}

static void
put_signature(struct buf *b, EVP_PKEY *key, int i, const char *algorithm,
    const char *digest, const void *h, size_t n)
{
	unsigned char raw[1024];
	const unsigned char *der = raw;
	size_t len = sign(key, digest, h, n, raw, sizeof(raw));
	struct buf inner;
	ECDSA_SIG *sig;

	buf_init(&inner, 2048);
	if (kinds[i].curve != NULL) {
		sig = d2i_ECDSA_SIG(NULL, &der, (long)len);
		assert_non_null(sig);
		put_bn(&inner, ECDSA_SIG_get0_r(sig));
		put_bn(&inner, ECDSA_SIG_get0_s(sig));
		ECDSA_SIG_free(sig);
	} else {
		buf_put(&inner, raw, len);
	}
	buf_put_cstring(b, algorithm);
	buf_put_string(b, inner.data, inner.len);
	buf_free(&inner);
}

static void
put_reply(struct buf *b, const struct host *h, const struct buf *signature)
{
	buf_init(b, 35000);
	buf_put_u8(b, 31);
	buf_put_string(b, h->blob.data, h->blob.len);
	buf_put_string(b, "an ephemeral key", 16);
	buf_put_string(b, signature->data, signature->len);
	assert_true(buf_ok(b));
}

/* Verify a reply by `shown`'s key, signed by `signer`, over h. */
static int
try(const struct host *shown, EVP_PKEY *signer, int i, const char *algorithm,
    const char *digest, const unsigned char *h, size_t n,
    const unsigned char *checked)
{
	struct buf signature, msg;
	struct ferry_error err;
	struct proof p;
	int rc;

	buf_init(&signature, 4096);
	put_signature(&signature, signer, i, algorithm, digest, h, n);
	put_reply(&msg, shown, &signature);
	rc = proof_parse(&p, msg.data, msg.len, &err);
	assert_int_equal(rc, 0);
	assert_int_equal(p.key_len, shown->blob.len);
	rc = proof_verify(&p, checked, n, &err);
	assert_true(rc == 0 || (rc == -ferry_EWALL && err.text[0] != '\0'));
	buf_free(&signature);
	buf_free(&msg);
	return rc;
}

static void
accepts_every_type(void **state)
{
	unsigned char h[64];
	char type[64];

	(void)state;
	memset(h, 7, sizeof(h));
	for (int i = 0; i < TYPES; i++) {
		for (size_t n = 32; n <= 64; n += 16)
			assert_int_equal(
			    try(&hosts[i], hosts[i].key, i, kinds[i].algorithm,
				kinds[i].digest, h, n, h),
			    0);
		proof_key_type(
		    hosts[i].blob.data, hosts[i].blob.len, type, sizeof(type));
		assert_string_equal(type, kinds[i].type);
	}
	assert_int_equal(try(&hosts[4], hosts[4].key, 4, "rsa-sha2-256",
			     "SHA256", h, H_LEN, h),
	    0);
}

static void
refuses_another_session(void **state)
{
	unsigned char h[H_LEN], tampered[H_LEN];

	(void)state;
	memset(h, 7, sizeof(h));
	for (int i = 0; i < TYPES; i++) {
		memcpy(tampered, h, sizeof(h));
		tampered[i] ^= 1;
		assert_int_equal(
		    try(&hosts[i], hosts[i].key, i, kinds[i].algorithm,
			kinds[i].digest, h, H_LEN, tampered),
		    -ferry_EWALL);
	}
}

static void
refuses_another_key(void **state)
{
	unsigned char h[H_LEN] = { 1 };

	(void)state;
	for (int i = 0; i < TYPES; i++)
		assert_int_equal(
		    try(&hosts[i], other[i].key, i, kinds[i].algorithm,
			kinds[i].digest, h, H_LEN, h),
		    -ferry_EWALL);
}

static void
refuses_weak_and_crossed_algorithms(void **state)
{
	unsigned char h[H_LEN] = { 1 };
	EVP_PKEY *rsa = hosts[4].key;

	(void)state;
	assert_int_equal(try(&hosts[4], rsa, 4, "ssh-rsa", "SHA1", h, H_LEN, h),
	    -ferry_EWALL);
	assert_int_equal(
	    try(&hosts[4], rsa, 4, "ssh-rsa", "SHA256", h, H_LEN, h),
	    -ferry_EWALL);
	assert_int_equal(
	    try(&hosts[4], rsa, 4, "rsa-sha2-256", "SHA512", h, H_LEN, h),
	    -ferry_EWALL);
	assert_int_equal(
	    try(&hosts[4], rsa, 4, "ssh-ed25519", "SHA512", h, H_LEN, h),
	    -ferry_EWALL);
	assert_int_equal(
	    try(&hosts[0], hosts[0].key, 0, "rsa-sha2-512", NULL, h, H_LEN, h),
	    -ferry_EWALL);
	assert_int_equal(try(&hosts[1], hosts[1].key, 1, "ecdsa-sha2-nistp384",
			     "SHA256", h, H_LEN, h),
	    -ferry_EWALL);
}

static void
refuses_odd_hash_lengths(void **state)
{
	unsigned char h[65] = { 1 };

	(void)state;
	for (size_t n = 0; n <= sizeof(h); n++)
		if (n != 32 && n != 48 && n != 64)
			assert_int_equal(try(&hosts[0], hosts[0].key, 0,
					     "ssh-ed25519", NULL, h, n, h),
			    -ferry_EWALL);
}

/* Every flipped bit and every cut of a good reply is caught. */
static void
refuses_every_damage(void **state)
{
	unsigned char h[H_LEN] = { 9 };
	struct buf signature, msg;
	struct proof p;
	size_t from;

	(void)state;
	for (int i = 0; i < TYPES; i++) {
		buf_init(&signature, 4096);
		put_signature(&signature, hosts[i].key, i, kinds[i].algorithm,
		    kinds[i].digest, h, H_LEN);
		put_reply(&msg, &hosts[i], &signature);
		from = 1 + 4 + hosts[i].blob.len;
		for (size_t at = 0; at < msg.len; at++) {
			assert_int_equal(
			    proof_parse(&p, msg.data, at, NULL), -ferry_EWALL);
			if (at >= from && at < from + 4 + 16)
				continue; /* not ours to judge */
			msg.data[at] ^= 0x40;
			assert_true(
			    proof_parse(&p, msg.data, msg.len, NULL) != 0 ||
			    proof_verify(&p, h, H_LEN, NULL) != 0);
			msg.data[at] ^= 0x40;
		}
		assert_int_equal(proof_parse(&p, msg.data, msg.len, NULL), 0);
		assert_int_equal(proof_verify(&p, h, H_LEN, NULL), 0);
		buf_put_u8(&msg, 0);
		assert_int_equal(
		    proof_parse(&p, msg.data, msg.len, NULL), -ferry_EWALL);
		buf_free(&signature);
		buf_free(&msg);
	}
}

/* r and s as negative mpints are other numbers than the signed ones. */
static void
refuses_negative_numbers(void **state)
{
	unsigned char h[H_LEN] = { 3 }, raw[256];
	const unsigned char *der;
	struct buf inner, signature, msg;
	unsigned char number[32];
	struct proof p;
	ECDSA_SIG *sig = NULL;
	size_t len;

	(void)state;
	/* A signature whose r has its top bit set: every second one. */
	do {
		ECDSA_SIG_free(sig);
		len = sign(hosts[1].key, "SHA256", h, H_LEN, raw, sizeof(raw));
		der = raw;
		sig = d2i_ECDSA_SIG(NULL, &der, (long)len);
		assert_non_null(sig);
		BN_bn2binpad(ECDSA_SIG_get0_r(sig), number, 32);
	} while ((number[0] & 0x80) == 0);
	buf_init(&inner, 256);
	buf_init(&signature, 512);
	buf_put_string(&inner, number, 32); /* without its zero byte */
	put_bn(&inner, ECDSA_SIG_get0_s(sig));
	buf_put_cstring(&signature, "ecdsa-sha2-nistp256");
	buf_put_string(&signature, inner.data, inner.len);
	put_reply(&msg, &hosts[1], &signature);
	assert_int_equal(proof_parse(&p, msg.data, msg.len, NULL), 0);
	assert_int_equal(proof_verify(&p, h, H_LEN, NULL), -ferry_EWALL);
	ECDSA_SIG_free(sig);
	buf_free(&inner);
	buf_free(&signature);
	buf_free(&msg);
}

static void
types_of_odd_blobs(void **state)
{
	static const unsigned char future[] = "\0\0\0\4next whatever";
	char type[16];

	(void)state;
	proof_key_type(future, sizeof(future) - 1, type, sizeof(type));
	assert_string_equal(type, "next");
	proof_key_type(future, sizeof(future) - 1, type, 4);
	assert_string_equal(type, "");
	proof_key_type("\0\0\0\4ne,t", 8, type, sizeof(type));
	assert_string_equal(type, "");
	proof_key_type("\0\0\0\0", 4, type, sizeof(type));
	assert_string_equal(type, "");
	proof_key_type("", 0, type, sizeof(type));
	assert_string_equal(type, "");
	proof_key_type("\xff\xff\xff\xffxx", 6, type, sizeof(type));
	assert_string_equal(type, "");
}

/* ---- What real servers have said ---- */

/* tests/unit/proof: a comment, kex, algorithm, and in hex the reply and H. */
static const char *const recorded[] = { "ed25519", "ed25519-group14",
	"nistp256", "nistp384", "nistp521", "rsa2048-sha512", "rsa3072-sha256",
	"rsa4096-sha512" };

enum { RECORDED = sizeof(recorded) / sizeof(recorded[0]), LINE = 8192 };

struct record {
	struct buf reply, hash;
	char algorithm[64];
};

static void
get_hex(struct buf *b, const char *hex)
{
	unsigned byte;

	buf_init(b, LINE);
	for (; sscanf(hex, "%2x", &byte) == 1; hex += 2)
		buf_put_u8(b, (uint8_t)byte);
	assert_true(buf_ok(b) && b->len > 0);
}

static struct record
load(const char *name)
{
	struct record v = { 0 };
	char path[128], line[LINE], word[16], rest[LINE];
	FILE *f;

	snprintf(path, sizeof(path), "tests/unit/proof/%s", name);
	f = fopen(path, "r");
	if (f == NULL)
		fail_msg("no %s: start it in the root", path);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (line[0] == '#' ||
		    sscanf(line, "%15s %8191s", word, rest) != 2)
			continue;
		if (strcmp(word, "reply") == 0)
			get_hex(&v.reply, rest);
		else if (strcmp(word, "hash") == 0)
			get_hex(&v.hash, rest);
		else if (strcmp(word, "algorithm") == 0)
			snprintf(
			    v.algorithm, sizeof(v.algorithm), "%.63s", rest);
	}
	fclose(f);
	assert_true(v.reply.len > 0 && v.hash.len > 0);
	return v;
}

static void
unload(struct record *v)
{
	buf_free(&v->reply);
	buf_free(&v->hash);
}

static int
judge(const struct buf *reply, const struct buf *hash)
{
	struct ferry_error err = { 0 };
	struct proof p;
	int rc = proof_parse(&p, reply->data, reply->len, &err);

	if (rc == 0)
		rc = proof_verify(&p, hash->data, hash->len, &err);
	assert_true(rc == 0 || (rc == -ferry_EWALL && err.hint[0] != '\0'));
	return rc;
}

static void
accepts_real_servers(void **state)
{
	struct buf_reader r;
	struct record v;
	struct proof p;
	size_t n;

	(void)state;
	for (size_t i = 0; i < RECORDED; i++) {
		v = load(recorded[i]);
		assert_int_equal(judge(&v.reply, &v.hash), 0);
		assert_int_equal(
		    proof_parse(&p, v.reply.data, v.reply.len, NULL), 0);
		r = buf_read(p.signature, p.signature_len);
		assert_memory_equal(buf_get_string(&r, &n, 64), v.algorithm,
		    strlen(v.algorithm));
		unload(&v);
	}
}

/* The session of one server for the reply of another. */
static void
refuses_crossed_sessions(void **state)
{
	struct record v[RECORDED];

	(void)state;
	for (size_t i = 0; i < RECORDED; i++)
		v[i] = load(recorded[i]);
	for (size_t i = 0; i < RECORDED; i++)
		for (size_t j = 0; j < RECORDED; j++)
			assert_true(
			    (judge(&v[i].reply, &v[j].hash) == 0) == (i == j));
	for (size_t i = 0; i < RECORDED; i++)
		unload(&v[i]);
}

static void
refuse_flips(const struct record *v, struct buf *b, size_t from, size_t to)
{
	for (size_t at = from; at < to; at++) {
		for (unsigned bit = 0x01; bit <= 0x80; bit *= 0x80) {
			b->data[at] ^= (unsigned char)bit;
			if (judge(&v->reply, &v->hash) == 0)
				fail_msg("%s: byte %zu", v->algorithm, at);
			b->data[at] ^= (unsigned char)bit;
		}
	}
}

/* Every byte of the key, of the signature and of H. */
static void
refuses_every_flip(void **state)
{
	struct record v;
	struct proof p;
	size_t key, signature;

	(void)state;
	for (size_t i = 0; i < RECORDED; i++) {
		v = load(recorded[i]);
		assert_int_equal(
		    proof_parse(&p, v.reply.data, v.reply.len, NULL), 0);
		key = (size_t)(p.key - v.reply.data);
		signature = (size_t)(p.signature - v.reply.data);
		refuse_flips(&v, &v.hash, 0, v.hash.len);
		refuse_flips(&v, &v.reply, 0, key + p.key_len);
		refuse_flips(&v, &v.reply, signature - 4, v.reply.len);
		assert_int_equal(judge(&v.reply, &v.hash), 0);
		unload(&v);
	}
}

/* H of another length: a part of it, or with more behind it. */
static void
refuses_parts_of_the_hash(void **state)
{
	struct record v;
	size_t len;

	(void)state;
	for (size_t i = 0; i < RECORDED; i++) {
		v = load(recorded[i]);
		len = v.hash.len;
		memset(buf_grow(&v.hash, 65 - len), 0, 65 - len);
		for (v.hash.len = 0; v.hash.len <= 65; v.hash.len++)
			assert_true((judge(&v.reply, &v.hash) == 0) ==
			    (v.hash.len == len));
		unload(&v);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts_real_servers),
		cmocka_unit_test(refuses_crossed_sessions),
		cmocka_unit_test(refuses_every_flip),
		cmocka_unit_test(refuses_parts_of_the_hash),
		cmocka_unit_test(accepts_every_type),
		cmocka_unit_test(refuses_another_session),
		cmocka_unit_test(refuses_another_key),
		cmocka_unit_test(refuses_weak_and_crossed_algorithms),
		cmocka_unit_test(refuses_odd_hash_lengths),
		cmocka_unit_test(refuses_every_damage),
		cmocka_unit_test(refuses_negative_numbers),
		cmocka_unit_test(types_of_odd_blobs),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
