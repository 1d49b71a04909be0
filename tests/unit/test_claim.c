/*
 * Goal: only our own login is signed.  Every field wrong in turn, every
 * truncation, every flipped bit and a byte too many are refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/claim.h"
#include "base/buf.h"
#include "base/err.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static const unsigned char session[32] = "the exchange hash of this sess.";
static const unsigned char blob[] = "\0\0\0\13ssh-ed25519\0\0\0\4blob";

struct request { /* what the worker sends; NULL and 0 leave a field right */
	const void *session;
	size_t session_len;
	int type;
	const char *user, *service, *method;
	int has_signature;
	const char *algorithm;
	const void *key;
	size_t key_len;
};

static struct buf
make(const struct request *q)
{
	struct buf b;

	buf_init(&b, 4096);
	buf_put_string(&b, q->session ? q->session : session,
	    q->session ? q->session_len : sizeof(session));
	buf_put_u8(&b, (uint8_t)(q->type ? q->type : 50));
	buf_put_cstring(&b, q->user ? q->user : "deploy");
	buf_put_cstring(&b, q->service ? q->service : "ssh-connection");
	buf_put_cstring(&b, q->method ? q->method : "publickey");
	buf_put_u8(&b, (uint8_t)(q->has_signature ? q->has_signature - 1 : 1));
	buf_put_cstring(&b, q->algorithm ? q->algorithm : "ssh-ed25519");
	buf_put_string(
	    &b, q->key ? q->key : blob, q->key ? q->key_len : sizeof(blob));
	assert_true(buf_ok(&b));
	return b;
}

static int
judge(const char *key_type, const void *data, size_t n, char algorithm[32])
{
	struct claim c = { session, sizeof(session), "deploy", key_type, blob,
		sizeof(blob) };
	struct ferry_error err;
	int rc;

	err_clear(&err);
	memset(algorithm, 'x', 32);
	rc = claim_judge(&c, data, n, algorithm, &err);
	if (rc != 0) {
		assert_int_equal(rc, -ferry_EWALL);
		assert_int_equal(err.code, ferry_EWALL);
		assert_string_equal(err.id, "claim_refused");
		assert_string_equal(algorithm, "");
	}
	return rc;
}

static int
judge_request(const char *key_type, const struct request *q, char algorithm[32])
{
	struct buf b = make(q);
	int rc = judge(key_type, b.data, b.len, algorithm);

	buf_free(&b);
	return rc;
}

static void
test_right(void **state)
{
	char algorithm[32];
	struct buf b = make(&(struct request){ .type = 50 });

	(void)state;
	assert_int_equal(judge("ssh-ed25519", b.data, b.len, algorithm), 0);
	assert_string_equal(algorithm, "ssh-ed25519");
	buf_free(&b);
}

static void
test_algorithms(void **state)
{
	static const struct {
		const char *type, *algorithm;
		bool ok;
	} cases[] = {
		{ "ssh-rsa", "rsa-sha2-512", true },
		{ "ssh-rsa", "rsa-sha2-256", true },
		{ "ssh-rsa", "ssh-rsa", false },
		{ "ssh-rsa", "ssh-ed25519", false },
		{ "ssh-rsa", "", false },
		{ "ssh-ed25519", "rsa-sha2-512", false },
		{ "ssh-ed25519", "ssh-ed25519-cert-v01@openssh.com", false },
		{ "ssh-ed25519-cert-v01@openssh.com",
		    "ssh-ed25519-cert-v01@openssh.com", true },
		{ "ssh-ed25519-cert-v01@openssh.com", "ssh-ed25519", false },
		{ "ssh-ed25519-cert-v01@openssh.com",
		    "rsa-sha2-512-cert-v01@openssh.com", false },
		{ "ecdsa-sha2-nistp521-cert-v01@openssh.com",
		    "ecdsa-sha2-nistp521-cert-v01@openssh.com", true },
		{ "ssh-rsa-cert-v01@openssh.com",
		    "rsa-sha2-512-cert-v01@openssh.com", true },
		{ "ssh-rsa-cert-v01@openssh.com",
		    "rsa-sha2-256-cert-v01@openssh.com", true },
		{ "ssh-rsa-cert-v01@openssh.com", "rsa-sha2-512", false },
		{ "ssh-rsa-cert-v01@openssh.com",
		    "ssh-rsa-cert-v01@openssh.com", false },
		{ "ssh-rsa", "rsa-sha2-512-cert-v01@openssh.com", false },
		{ "ssh-ed25519-cert-v01@openssh.com",
		    "ssh-ed25519-cert-v01@openssh.com"
		    "-cert-v01@openssh.com",
		    false },
		{ "ssh-ed25519", "ssh-ed2551", false },
		{ "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", true },
		{ "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", false },
		{ "ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521", true },
	};
	char algorithm[32], want[64], *p;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct request q = { .algorithm = cases[i].algorithm };
		int rc = judge_request(cases[i].type, &q, algorithm);

		assert_int_equal(rc, cases[i].ok ? 0 : -ferry_EWALL);
		/* a certificate signs as its key does */
		snprintf(want, sizeof(want), "%s", cases[i].algorithm);
		if ((p = strstr(want, "-cert-v01@")) != NULL)
			*p = '\0';
		if (rc == 0)
			assert_string_equal(algorithm, want);
	}
}

static void
test_wrong_fields(void **state)
{
	static const unsigned char other[64] = { 1 };
	static const struct request wrong[] = {
		{ .session = other, .session_len = sizeof(session) },
		{ .session = session, .session_len = 31 },
		{ .session = session, .session_len = 0 },
		{ .type = 51 },
		{ .type = 80 },
		{ .user = "root" },
		{ .user = "deployer" },
		{ .user = "deplo" },
		{ .user = "" },
		{ .service = "ssh-userauth" },
		{ .service = "ssh-connection2" },
		{ .method = "hostbased" },
		{ .method = "password" },
		{ .method = "publickey-hostbound-v00@openssh.com" },
		{ .has_signature = 1 + 0 },
		{ .has_signature = 1 + 2 },
		{ .algorithm = "ssh-rsa" },
		{ .algorithm = "a name that is longer than any buffer for it" },
		{ .key = other, .key_len = sizeof(blob) },
		{ .key = blob, .key_len = sizeof(blob) - 1 },
		{ .key = other, .key_len = sizeof(blob) + 1 },
		{ .key = blob, .key_len = 0 },
	};
	char algorithm[32];

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		if (judge_request("ssh-ed25519", &wrong[i], algorithm) == 0)
			fail_msg("wrong request %zu was accepted", i);
	}
}

/* SHA-256, SHA-384, SHA-512: each is itself only, not a part of another. */
static void
test_session_lengths(void **state)
{
	static const size_t lengths[] = { 32, 48, 64 };
	unsigned char id[68], asked[68];
	char algorithm[32];
	struct request q = { .session = asked };
	struct claim c = { id, 0, "deploy", "ssh-ed25519", blob, sizeof(blob) };
	struct buf b;
	int rc;

	(void)state;
	for (size_t i = 0; i < sizeof(id); i++)
		id[i] = asked[i] = (unsigned char)i;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		c.session_id_len = lengths[i];
		for (q.session_len = 0; q.session_len <= sizeof(asked);
		     q.session_len++) {
			b = make(&q);
			rc = claim_judge(&c, b.data, b.len, algorithm, NULL);
			assert_true((rc == 0) == (q.session_len == lengths[i]));
			buf_free(&b);
		}
		q.session_len = lengths[i];
		for (size_t at = 0; at < lengths[i]; at++) {
			asked[at] ^= 0x80;
			b = make(&q);
			assert_int_not_equal(
			    claim_judge(&c, b.data, b.len, algorithm, NULL), 0);
			buf_free(&b);
			asked[at] ^= 0x80;
		}
	}
}

/* Of every prefix, of every bit turned, and with a byte behind it. */
static void
test_damage(void **state)
{
	struct buf b = make(&(struct request){ .type = 50 });
	char algorithm[32];

	(void)state;
	for (size_t n = 0; n < b.len; n++) {
		/* of its own size, so that a read behind it is noticed */
		unsigned char *cut = malloc(n + (n == 0));

		assert_non_null(cut);
		memcpy(cut, b.data, n);
		assert_int_not_equal(
		    judge("ssh-ed25519", cut, n, algorithm), 0);
		free(cut);
	}
	for (size_t bit = 0; bit < 8 * b.len; bit++) {
		b.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
		assert_int_not_equal(
		    judge("ssh-ed25519", b.data, b.len, algorithm), 0);
		b.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	buf_put_u8(&b, 0);
	assert_int_not_equal(judge("ssh-ed25519", b.data, b.len, algorithm), 0);
	buf_free(&b);
}

/* Before a session is proven there is nothing that may be signed. */
static void
test_empty_claim(void **state)
{
	struct request q = { .session = "", .session_len = 0 };
	struct claim c = { "", 0, "deploy", "ssh-ed25519", blob, sizeof(blob) };
	struct buf b = make(&q);
	char algorithm[32];

	(void)state;
	assert_int_equal(
	    claim_judge(&c, b.data, b.len, algorithm, NULL), -ferry_EWALL);
	c.session_id = NULL;
	assert_int_equal(
	    claim_judge(&c, b.data, b.len, algorithm, NULL), -ferry_EWALL);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_right),
		cmocka_unit_test(test_algorithms),
		cmocka_unit_test(test_wrong_fields),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_empty_claim),
		cmocka_unit_test(test_session_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
