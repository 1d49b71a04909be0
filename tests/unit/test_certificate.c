/*
 * Goal: every user certificate that ssh-keygen signs is read and fits its key;
 * one that a server would refuse, or that is damaged, is refused with its own
 * id, at the right second.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "auth/certificate.h"
#include "base/err.h"
#include "tests/unit/keygen.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static const struct {
	const char *name, *options, *type;
} keys[] = {
	{ "ed", "-t ed25519", "ssh-ed25519" },
	{ "p256", "-t ecdsa -b 256", "ecdsa-sha2-nistp256" },
	{ "p384", "-t ecdsa -b 384", "ecdsa-sha2-nistp384" },
	{ "p521", "-t ecdsa -b 521", "ecdsa-sha2-nistp521" },
	{ "rsa", "-t rsa -b 2048", "ssh-rsa" },
};

static const uint64_t after = 1577836800, before = 1580515200;

static int
setup(void **state)
{
	if (keygen_setup(state) != 0)
		return -1;
	keygen_run(*state, "ssh-keygen -q -N '' -t rsa -b 2048 -f ca");
	for (size_t i = 0; i < COUNT(keys); i++)
		keygen_run(*state,
		    "ssh-keygen -q -N '' %s -C me -f %s; "
		    "TZ=UTC ssh-keygen -q -s ca -I 'id of %s' -z %zu "
		    "-n deploy,www -V 20200101:20200201 %s.pub",
		    keys[i].options, keys[i].name, keys[i].name, i + 1,
		    keys[i].name);
	return 0;
}

static int
parse(struct certificate **c, const void *p, size_t n, struct ferry_error *err)
{
	int rc;

	err_clear(err);
	rc = certificate_parse(c, p, n, err);
	assert_true((rc == 0) == (*c != NULL));
	assert_int_equal(rc, -err->code);
	return rc;
}

static struct certificate *
load(const char *dir, const char *name)
{
	struct buf text = keygen_read(dir, name);
	struct certificate *c;
	struct ferry_error err;

	if (parse(&c, text.data, text.len, &err) != 0)
		fail_msg("%s: %s", name, err.text);
	buf_free(&text);
	return c;
}

static void
test_fields(void **state)
{
	for (size_t i = 0; i < COUNT(keys); i++) {
		char name[64], want[64];
		struct certificate *c;
		struct buf key, line;

		snprintf(name, sizeof(name), "%s-cert.pub", keys[i].name);
		c = load(*state, name);
		snprintf(
		    want, sizeof(want), "%s" CERTIFICATE_SUFFIX, keys[i].type);
		assert_string_equal(c->type, want);
		assert_int_equal(c->serial, i + 1);
		snprintf(want, sizeof(want), "id of %s", keys[i].name);
		assert_string_equal(c->id, want);
		assert_string_equal(c->principals, "deploy, www");
		assert_int_equal(c->after, after);
		assert_int_equal(c->before, before);
		snprintf(name, sizeof(name), "%s.pub", keys[i].name);
		key = keygen_blob(*state, name);
		assert_int_equal(key.len, c->key.len);
		assert_memory_equal(key.data, c->key.data, key.len);
		buf_init(&line, 1024);
		certificate_print(c, &line);
		keygen_write(*state, "line", line.data, line.len);
		keygen_run(*state,
		    "grep -F 'certificate \"%s\" (serial %zu) for deploy, www, "
		    "until 2020-02-01 00:00:00 UTC, by SHA256:' line; "
		    "grep -F $(ssh-keygen -lf ca.pub | cut -d' ' -f2) line",
		    want, i + 1);
		buf_free(&line);
		buf_free(&key);
		certificate_free(c);
	}
}

static void
test_dates(void **state)
{
	static const struct {
		uint64_t now;
		const char *id;
	} cases[] = {
		{ 0, "certificate_early" },
		{ after - 1, "certificate_early" },
		{ after, "" },
		{ before - 1, "" },
		{ before, "certificate_expired" },
		{ UINT64_MAX, "certificate_expired" },
	};
	struct certificate *c = load(*state, "ed-cert.pub");
	struct buf key = keygen_blob(*state, "ed.pub");

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ferry_error err = { 0 };
		int rc =
		    certificate_judge(c, key.data, key.len, cases[i].now, &err);

		assert_int_equal(rc, *cases[i].id ? -ferry_EKEY : 0);
		assert_string_equal(err.id, cases[i].id);
		assert_int_equal(rc != 0, err.hint[0] != '\0');
		if (cases[i].now == before)
			assert_non_null(strstr(err.text, "2020-02-01 00:00"));
	}
	c->after = 0;
	c->before = UINT64_MAX; /* as ssh-keygen without -V */
	assert_int_equal(
	    certificate_judge(c, key.data, key.len, before, NULL), 0);
	buf_free(&key);
	certificate_free(c);
}

static void
test_other_key(void **state)
{
	struct certificate *c = load(*state, "ed-cert.pub");
	struct buf key = keygen_blob(*state, "p256.pub");
	struct ferry_error err;

	assert_int_equal(
	    certificate_judge(c, key.data, key.len, after, &err), -ferry_EKEY);
	assert_string_equal(err.id, "certificate_other_key");
	buf_free(&key);
	key = keygen_blob(*state, "ed.pub");
	key.data[key.len - 1] ^= 1;
	assert_int_equal(
	    certificate_judge(c, key.data, key.len, after, &err), -ferry_EKEY);
	assert_int_equal(
	    certificate_judge(c, key.data, 0, after, &err), -ferry_EKEY);
	buf_free(&key);
	certificate_free(c);
}

/* Each of these commands writes a file that is refused, or taken: id "". */
static void
test_files(void **state)
{
	static const struct {
		const char *id, *command;
	} files[] = {
		{ "", "cat ed-cert.pub; echo; echo ' '" },
		{ "", "sed 's/$/\\r/' ed-cert.pub" },
		{ "", "printf '  \\t'; cat ed-cert.pub" },
		{ "", "cut -d ' ' -f 1,2 ed-cert.pub | tr -d '\\n'" },
		{ "", "ssh-keygen -q -s ca -I ' ' ed.pub; cat ed-cert.pub" },
		{ "",
		    "ssh-keygen -q -s ca -I x -n $(seq -s , 250) "
		    "-O clear -O force-command='a b' ed.pub; cat ed-cert.pub" },
		{ "certificate_none", "true" },
		{ "certificate_none", "echo" },
		{ "certificate_none", "cat ed" },
		{ "certificate_none", "cat ed.pub" },
		{ "certificate_none", "cat p256.pub" },
		{ "certificate_none", "echo hello" },
		{ "certificate_none", "head -c 4000 /dev/zero" },
		{ "certificate_host",
		    "ssh-keygen -q -h -s ca -I x -n h ed.pub; "
		    "cat ed-cert.pub" },
		{ "certificate_damaged", "cat rsa-cert.pub rsa-cert.pub" },
		{ "certificate_damaged", "cat rsa-cert.pub rsa.pub" },
		{ "certificate_damaged", "cut -d ' ' -f 1 rsa-cert.pub" },
		{ "certificate_damaged", "cut -c 1-400 rsa-cert.pub" },
		{ "certificate_damaged", "sed 's/AAA/A!A/' rsa-cert.pub" },
		{ "certificate_damaged",
		    "sed 's/^ssh-rsa/ssh-dss/' rsa-cert.pub" },
		{ "certificate_damaged",
		    "printf %0100d-cert-v01@openssh.com 0; echo ' AAAA'" },
		{ "certificate_damaged",
		    "printf 'ssh-rsa-cert-v01@openssh.com '; "
		    "head -c 30000 /dev/zero | base64 -w 0" },
		{ "certificate_type",
		    "ssh-keygen -q -N '' -t dsa -f dsa; "
		    "ssh-keygen -q -s ca -I x -n me dsa.pub; "
		    "cat dsa-cert.pub" },
		{ "certificate_type",
		    "n=sk-ssh-ed25519-cert-v01@openssh.com; echo $n "
		    "$(printf '\\0\\0\\0\\43'$n | base64 -w 0)" },
	};

	for (size_t i = 0; i < COUNT(files); i++) {
		struct certificate *c;
		struct ferry_error err;
		struct buf text;

		keygen_run(*state, "(%s) >file 2>log2", files[i].command);
		text = keygen_read(*state, "file");
		parse(&c, text.data, text.len, &err);
		if (strcmp(err.id, files[i].id) != 0)
			fail_msg("%s: %s, not %s: %s", files[i].command, err.id,
			    files[i].id, err.text);
		assert_int_equal(err.code != 0, err.hint[0] != '\0');
		certificate_free(c);
		buf_free(&text);
	}
}

static struct buf
line_of(const char *type, const void *p, size_t n)
{
	char *base64 = malloc(4 * ((n + 2) / 3) + 1);
	struct buf line;

	assert_non_null(base64);
	hash_base64(p, n, base64);
	buf_init(&line, 1 << 16);
	buf_printf(&line, "%s %s", type, base64);
	free(base64);
	return line;
}

/* No prefix is a certificate, and no turned bit one of another key. */
static void
test_damage(void **state)
{
	struct certificate *c = load(*state, "p521-cert.pub"), *other;
	struct ferry_error err;

	for (size_t i = 0; i < c->blob.len; i++) {
		struct buf line = line_of(c->type, c->blob.data, i);

		assert_int_not_equal(
		    parse(&other, line.data, line.len, &err), 0);
		buf_free(&line);
		c->blob.data[i] ^= (unsigned char)(1 << i % 8);
		line = line_of(c->type, c->blob.data, c->blob.len);
		if (parse(&other, line.data, line.len, &err) == 0) {
			assert_int_equal(other->blob.len, c->blob.len);
			assert_string_equal(other->type, c->type);
		}
		certificate_free(other);
		buf_free(&line);
		c->blob.data[i] ^= (unsigned char)(1 << i % 8);
	}
	buf_put_u8(&c->blob, 0);
	{
		struct buf line = line_of(c->type, c->blob.data, c->blob.len);

		parse(&other, line.data, line.len, &err);
		assert_string_equal(err.id, "certificate_damaged");
		buf_free(&line);
	}
	certificate_free(c);
}

/* ---- With a key ---- */

static struct key *
load_key(const char *dir, const char *name)
{
	struct buf text = keygen_read(dir, name);
	struct ferry_error err;
	struct key *k;

	assert_int_equal(keygen_parse(&k, text.data, text.len, NULL, &err), 0);
	buf_free(&text);
	return k;
}

static int
certify(struct key *k, const char *dir, const char *key, const char *name,
    struct ferry_error *err)
{
	char key_path[512], path[512];

	snprintf(key_path, sizeof(key_path), "%s/%s", dir, key);
	snprintf(path, sizeof(path), "%s/%s", dir, name != NULL ? name : "");
	err_clear(err);
	return key_certify(k, key_path, name != NULL ? path : NULL, after, err);
}

static void
test_offer(void **state)
{
	struct key *k = load_key(*state, "p256");
	struct certificate *c = load(*state, "p256-cert.pub");
	struct ferry_error err;
	size_t n, plain;

	key_blob(k, &plain);
	assert_ptr_equal(key_offer(k, &n), key_blob(k, &plain));
	assert_null(key_certificate(k));
	/* none lies beside a key of that name */
	assert_int_equal(certify(k, *state, "nowhere", NULL, &err), 0);
	assert_int_equal(err.code, 0);
	assert_null(key_certificate(k));
	assert_string_equal(key_offer_type(k), "ecdsa-sha2-nistp256");

	assert_int_equal(certify(k, *state, "p256", NULL, &err), 0);
	assert_non_null(key_certificate(k));
	assert_string_equal(key_offer_type(k), c->type);
	assert_string_equal(key_type(k), "ecdsa-sha2-nistp256");
	assert_memory_equal(key_offer(k, &n), c->blob.data, c->blob.len);
	assert_int_equal(n, c->blob.len);
	/* once more, by name */
	assert_int_equal(
	    certify(k, *state, "nowhere", "p256-cert.pub", &err), 0);
	certificate_free(c);
	key_free(k);
}

static void
test_certificate_files(void **state)
{
	static const struct {
		const char *name, *id;
	} cases[] = { { "nowhere", "certificate_missing" },
		{ "ed/x", "certificate_missing" },
		{ "folder", "certificate_not_file" },
		{ "fifo", "certificate_not_file" },
		{ "null", "certificate_not_file" },
		{ "giant", "certificate_too_large" },
		{ "ed", "certificate_none" },
		{ "p256-cert.pub", "certificate_other_key" },
		{ "late-cert.pub", "certificate_expired" } };
	struct key *k = load_key(*state, "p384");
	struct ferry_error err;

	keygen_run(*state,
	    "mkdir folder; mkfifo fifo; ln -s /dev/null null; "
	    "truncate -s 1G giant; cp p384.pub late.pub; "
	    "ssh-keygen -q -s ca -I x -V 20190101:20190102 late.pub");
	alarm(20);
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(
		    certify(k, *state, "p384", cases[i].name, &err),
		    -ferry_EKEY);
		assert_string_equal(err.id, cases[i].id);
		assert_non_null(strstr(err.text, cases[i].name));
		assert_true(err.hint[0] != '\0');
		assert_null(key_certificate(k));
	}
	/* what lies beside the key is not forgiven either */
	assert_int_equal(certify(k, *state, "late", NULL, &err), -ferry_EKEY);
	keygen_run(*state, "mkdir other-cert.pub");
	assert_int_equal(certify(k, *state, "other", NULL, &err), -ferry_EKEY);
	assert_string_equal(err.id, "certificate_not_file");
	alarm(0);
	key_free(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_other_key),
		cmocka_unit_test(test_offer),
		cmocka_unit_test(test_certificate_files),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, setup, keygen_teardown);
}
