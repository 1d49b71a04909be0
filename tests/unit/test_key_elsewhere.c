/*
 * Goal: a key that stays elsewhere is known by the line of its public half or
 * its certificate; what it signs is judged; every other line has its words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/key.h"
#include "base/err.h"
#include "known_hosts/proof.h"
#include "tests/unit/keygen.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static const struct {
	const char *name, *options, *type, *algorithm;
} keys[] = {
	{ "ed", "-t ed25519", "ssh-ed25519", "ssh-ed25519" },
	{ "p256", "-t ecdsa -b 256", "ecdsa-sha2-nistp256",
	    "ecdsa-sha2-nistp256" },
	{ "p384", "-t ecdsa -b 384", "ecdsa-sha2-nistp384",
	    "ecdsa-sha2-nistp384" },
	{ "p521", "-t ecdsa -b 521", "ecdsa-sha2-nistp521",
	    "ecdsa-sha2-nistp521" },
	{ "rsa", "-t rsa -b 2048", "ssh-rsa", "rsa-sha2-512" },
};

static int
setup(void **state)
{
	if (keygen_setup(state) != 0)
		return -1;
	keygen_run(*state, "ssh-keygen -q -N '' -t ed25519 -f ca");
	for (size_t i = 0; i < COUNT(keys); i++)
		keygen_run(*state,
		    "ssh-keygen -q -N '' %s -C me -f %s; "
		    "TZ=UTC ssh-keygen -q -s ca -I me -n me "
		    "-V 20200101:20200201 %s.pub",
		    keys[i].options, keys[i].name, keys[i].name);
	return 0;
}

static char *
load(void **state, const char *name, const char *suffix)
{
	char file[64], *text;
	struct buf b;

	snprintf(file, sizeof(file), "%s%s", name, suffix);
	b = keygen_read(*state, file);
	text = strndup((const char *)b.data, b.len);
	assert_non_null(text);
	buf_free(&b);
	return text;
}

struct elsewhere {
	const struct key *key;
	int calls, rc;
	size_t size; /* told in place of the right one; or 0 */
};

static int
sign(void *ctx, const char *algorithm, const void *data, size_t n, void *sig,
    size_t *size)
{
	struct elsewhere *e = ctx;
	struct buf b;

	e->calls++;
	if (e->rc != 0)
		return e->rc;
	buf_init(&b, *size);
	assert_int_equal(key_sign(e->key, algorithm, data, n, &b, NULL), 0);
	memcpy(sig, b.data, b.len);
	*size = e->size != 0 ? e->size : b.len;
	buf_free(&b);
	return 0;
}

static void
signs(void **state)
{
	const uint64_t then = 1578000000;

	for (size_t i = 0; i < 2 * COUNT(keys); i++) {
		const bool certified = i >= COUNT(keys);
		const char *name = keys[i % COUNT(keys)].name;
		const char *algorithm = keys[i % COUNT(keys)].algorithm;
		char *file = load(state, name, "");
		char *line =
		    load(state, name, certified ? "-cert.pub" : ".pub");
		struct elsewhere e = { 0 };
		struct ferry_error err;
		struct key *own, *k;
		struct buf b;
		size_t n, own_n;
		const unsigned char *blob, *own_blob;

		assert_int_equal(
		    key_parse(&own, file, strlen(file), NULL, &err), 0);
		e.key = own;
		assert_int_equal(
		    key_elsewhere(&k, line, sign, &e, then, &err), 0);
		assert_true(key_is_elsewhere(k));
		assert_false(key_is_elsewhere(own));
		assert_string_equal(key_type(k), keys[i % COUNT(keys)].type);
		assert_string_equal(key_comment(k), certified ? "" : "me");
		assert_true((key_certificate(k) != NULL) == certified);
		blob = key_blob(k, &n);
		own_blob = key_blob(own, &own_n);
		assert_int_equal(n, own_n);
		assert_memory_equal(blob, own_blob, n);
		buf_init(&b, 8192);
		assert_int_equal(
		    key_sign(k, algorithm, "data", 4, &b, &err), 0);
		assert_true(
		    proof_signed(blob, n, algorithm, b.data, b.len, "data", 4));
		assert_false(
		    proof_signed(blob, n, algorithm, b.data, b.len, "Data", 4));
		assert_false(proof_signed(
		    blob, n, algorithm, b.data, b.len - 1, "data", 4));
		assert_false(proof_signed(
		    blob, n, "rsa-sha2-256", b.data, b.len, "data", 4));
		buf_reset(&b);
		/* what it must not be asked for at all */
		e.calls = 0;
		assert_int_equal(
		    key_sign(k, "ssh-rsa", "data", 4, &b, &err), -ferry_EKEY);
		assert_int_equal(e.calls, 0);
		e.rc = -1;
		assert_int_equal(
		    key_sign(k, algorithm, "data", 4, &b, &err), -ferry_EKEY);
		assert_string_equal(err.id, "sign_refused");
		e.rc = 0;
		e.size = SIZE_MAX;
		assert_int_equal(
		    key_sign(k, algorithm, "data", 4, &b, NULL), -ferry_EKEY);
		buf_free(&b);
		key_free(k);
		key_free(own);
		free(file);
		free(line);
	}
}

static void
expect(const char *line, const char *id)
{
	struct ferry_error err;
	struct key *k;

	assert_int_equal(
	    key_elsewhere(&k, line, sign, NULL, 1578000000, &err), -ferry_EKEY);
	assert_null(k);
	assert_string_equal(err.id, id);
	assert_true(err.hint[0] != '\0');
	assert_int_equal(
	    key_elsewhere(&k, line, sign, NULL, 1578000000, NULL), -ferry_EKEY);
}

static void
has_words_for_the_others(void **state)
{
	char *file = load(state, "ed", ""), *line = load(state, "ed", ".pub");
	char *cert = load(state, "ed", "-cert.pub");
	char text[512];
	struct ferry_error err;
	struct key *k;

	expect("", "public_key_wrong");
	expect("\n", "public_key_wrong");
	expect("ssh-ed25519", "public_key_wrong");
	expect("ssh-ed25519 ", "public_key_wrong");
	expect("ssh-ed25519 AAAA", "public_key_wrong");
	expect("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 me", "public_key_wrong");
	expect("ssh-ed25519 !!!!", "public_key_wrong");
	expect("ssh-dss AAAAB3NzaC1kc3M=", "public_key_type");
	expect("sk-ssh-ed25519@openssh.com AAAA", "public_key_type");
	expect(file, "public_key_wrong");
	/* another type than inside */
	snprintf(text, sizeof(text), "ssh-rsa%s", strchr(line, ' '));
	expect(text, "public_key_wrong");
	/* two lines */
	snprintf(text, sizeof(text), "%s%s", line, line);
	expect(text, "public_key_wrong");
	/* the certificate's own words, and its time */
	expect("ssh-ed25519-cert-v01@openssh.com AAAA", "certificate_damaged");
	assert_int_equal(
	    key_elsewhere(&k, cert, sign, NULL, 1600000000, &err), -ferry_EKEY);
	assert_string_equal(err.id, "certificate_expired");
	/* a comment may be missing, or have blanks */
	*strrchr(line, ' ') = '\0';
	assert_int_equal(key_elsewhere(&k, line, sign, NULL, 0, &err), 0);
	assert_string_equal(key_comment(k), "");
	key_free(k);
	snprintf(text, sizeof(text), "%s me and you\r\n", line);
	assert_int_equal(key_elsewhere(&k, text, sign, NULL, 0, &err), 0);
	assert_string_equal(key_comment(k), "me and you");
	key_free(k);
	free(file);
	free(line);
	free(cert);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs),
		cmocka_unit_test(has_words_for_the_others),
	};

	return cmocka_run_group_tests(tests, setup, keygen_teardown);
}
