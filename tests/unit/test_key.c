/*
 * Goal: every private key that ssh-keygen and openssl write is read, is the
 * public key of its .pub file, and signs so that ssh-keygen believes it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/sha.h>

#include "base/err.h"
#include "tests/unit/keygen.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static const struct {
	const char *name, *type, *options, *algorithms[3];
} keys[] = {
	{ "ed25519", "ssh-ed25519", "-t ed25519", { "ssh-ed25519" } },
	{ "p256", "ecdsa-sha2-nistp256", "-t ecdsa -b 256",
	    { "ecdsa-sha2-nistp256" } },
	{ "p384", "ecdsa-sha2-nistp384", "-t ecdsa -b 384",
	    { "ecdsa-sha2-nistp384" } },
	{ "p521", "ecdsa-sha2-nistp521", "-t ecdsa -b 521",
	    { "ecdsa-sha2-nistp521" } },
	{ "rsa", "ssh-rsa", "-t rsa -b 2048",
	    { "rsa-sha2-512", "rsa-sha2-256" } },
	{ "rsa3", "ssh-rsa", "-t rsa -b 3071",
	    { "rsa-sha2-512", "rsa-sha2-256" } },
};
enum { NAMES = COUNT(keys), AN_ED25519 = 0, AN_RSA = 4 };

static const char *const ciphers[] = { "aes128-ctr", "aes192-ctr", "aes256-ctr",
	"aes128-cbc", "aes192-cbc", "aes256-cbc", "aes128-gcm@openssh.com",
	"aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com", "3des-cbc" };

static int
setup(void **state)
{
	if (keygen_setup(state) != 0)
		return -1;
	for (size_t i = 0; i < NAMES; i++)
		keygen_run(*state, "ssh-keygen -q -N '' -C 'of %s' %s -f %s",
		    keys[i].name, keys[i].options, keys[i].name);
	return 0;
}

/* The file opens with the passphrase, and is the key of keys[i]. */
static struct key *
load(const char *dir, const char *file, const char *passphrase, size_t i)
{
	char pub[64];
	struct buf text = keygen_read(dir, file), blob;
	struct ferry_error err;
	struct key *k;
	size_t n;

	snprintf(pub, sizeof(pub), "%s.pub", keys[i].name);
	blob = keygen_blob(dir, pub);
	if (keygen_parse(&k, text.data, text.len, passphrase, &err) != 0)
		fail_msg("%s: %s", file, err.text);
	assert_string_equal(key_type(k), keys[i].type);
	key_blob(k, &n);
	assert_int_equal(n, blob.len);
	assert_memory_equal(key_blob(k, &n), blob.data, n);
	assert_int_equal(ERR_peek_error(), 0);
	buf_free(&text);
	buf_free(&blob);
	return k;
}

static void
check(const char *dir, const char *file, const char *passphrase, size_t i)
{
	key_free(load(dir, file, passphrase, i));
}

/* It wants a passphrase, takes the right one and no other. */
static void
check_sealed(const char *dir, const char *file, size_t i)
{
	struct buf text = keygen_read(dir, file);
	struct ferry_error err;
	struct key *k;

	assert_int_equal(
	    keygen_parse(&k, text.data, text.len, NULL, &err), -ferry_ESECRET);
	assert_string_equal(err.id, "passphrase_needed");
	assert_int_equal(keygen_parse(&k, text.data, text.len, "wrong", &err),
	    -ferry_ESECRET);
	assert_string_equal(err.id, "passphrase_wrong");
	assert_int_equal(
	    keygen_parse(&k, text.data, text.len, "", &err), -ferry_ESECRET);
	assert_string_equal(err.id, "passphrase_wrong");
	assert_int_equal(ERR_peek_error(), 0);
	check(dir, file, "right", i);
	buf_free(&text);
}

/* OpenSSH's PROTOCOL.sshsig, so that ssh-keygen -Y can be the judge. */
static void
verify(const char *dir, const struct key *k, const char *algorithm)
{
	unsigned char digest[SHA512_DIGEST_LENGTH];
	struct buf data, signature, sshsig, text;
	struct ferry_error err;
	size_t n;
	const unsigned char *blob = key_blob(k, &n);

	buf_init(&data, 1024);
	buf_init(&signature, 4096);
	buf_init(&sshsig, 8192);
	SHA512((const unsigned char *)"hello", 5, digest);
	buf_put(&data, "SSHSIG", 6);
	buf_put_cstring(&data, "test");
	buf_put_cstring(&data, "");
	buf_put_cstring(&data, "sha512");
	buf_put_string(&data, digest, sizeof(digest));
	assert_int_equal(
	    key_sign(k, algorithm, data.data, data.len, &signature, &err), 0);
	buf_put(&sshsig, "SSHSIG", 6);
	buf_put_u32(&sshsig, 1);
	buf_put_string(&sshsig, blob, n);
	buf_put_cstring(&sshsig, "test");
	buf_put_cstring(&sshsig, "");
	buf_put_cstring(&sshsig, "sha512");
	buf_put_string(&sshsig, signature.data, signature.len);
	text = keygen_armour("SSH SIGNATURE", sshsig.data, sshsig.len);
	keygen_write(dir, "sig", text.data, text.len);
	keygen_run(dir,
	    "printf hello | ssh-keygen -Y check-novalidate "
	    "-n test -s sig");
	buf_free(&data);
	buf_free(&signature);
	buf_free(&sshsig);
	buf_free(&text);
}

static void
test_plain(void **state)
{
	char comment[32];

	for (size_t i = 0; i < NAMES; i++) {
		struct key *k = load(*state, keys[i].name, NULL, i);

		snprintf(comment, sizeof(comment), "of %s", keys[i].name);
		assert_string_equal(key_comment(k), comment);
		key_free(k);
		/* an idle passphrase is no harm */
		check(*state, keys[i].name, "idle", i);
	}
}

static void
test_signatures(void **state)
{
	for (size_t i = 0; i < NAMES; i++) {
		struct key *k = load(*state, keys[i].name, NULL, i);

		for (size_t j = 0; keys[i].algorithms[j] != NULL; j++) {
			/* r and s of ECDSA are short once in 256 times */
			for (int again = 0; again < 4; again++)
				verify(*state, k, keys[i].algorithms[j]);
		}
		key_free(k);
	}
}

static void
test_short_numbers(void **state)
{
	struct key *k = load(*state, "p521", NULL, 3);
	struct ferry_error err;
	struct buf b;
	bool shorter = false;

	/* until an mpint is shorter than the others, as one in 256 is */
	for (int i = 0; i < 4000 && !shorter; i++) {
		struct buf_reader r;
		size_t n, r_len, s_len;

		buf_init(&b, 4096);
		assert_int_equal(
		    key_sign(k, key_type(k), &i, sizeof(i), &b, &err), 0);
		r = buf_read(b.data, b.len);
		buf_get_string(&r, &n, 64);
		r = buf_read(buf_get_string(&r, &n, 256), b.len - 27);
		buf_get_string(&r, &r_len, 67);
		buf_get_string(&r, &s_len, 67);
		assert_true(buf_get_end(&r));
		shorter = r_len < 65 || s_len < 65;
		buf_free(&b);
	}
	assert_true(shorter);
	key_free(k);
}

static void
test_other_algorithms(void **state)
{
	static const char *const refused[] = { "ssh-rsa", "rsa-sha2-512",
		"ecdsa-sha2-nistp256", "ssh-ed25519", "ssh-ed448", "" };
	struct key *ed25519 = load(*state, "ed25519", NULL, AN_ED25519);
	struct key *rsa = load(*state, "rsa", NULL, AN_RSA);
	struct ferry_error err;
	struct buf b;

	buf_init(&b, 4096);
	for (size_t i = 0; i < COUNT(refused); i++) {
		if (strcmp(refused[i], "ssh-ed25519") != 0) {
			assert_int_equal(
			    key_sign(ed25519, refused[i], "x", 1, &b, &err),
			    -ferry_EKEY);
			assert_string_equal(err.id, "key_algorithm");
		}
		if (strcmp(refused[i], "rsa-sha2-512") != 0)
			assert_int_equal(
			    key_sign(rsa, refused[i], "x", 1, &b, NULL),
			    -ferry_EKEY);
	}
	assert_int_equal(b.len, 0);
	b.max = 16; /* no room for the signature */
	assert_int_equal(
	    key_sign(rsa, "rsa-sha2-512", "x", 1, &b, &err), -ferry_EINTERNAL);
	buf_free(&b);
	key_free(ed25519);
	key_free(rsa);
}

/* Every cipher, and every key in one of them: none knows what it encrypts. */
static void
test_ciphers(void **state)
{
	for (size_t i = 0; i < NAMES; i++) {
		for (size_t j = 0; j < COUNT(ciphers); j++) {
			if (i != AN_ED25519 && j != i)
				continue;
			keygen_run(*state,
			    "cp %s sealed; ssh-keygen -q -p -a 1 -P '' "
			    "-N right -Z %s -f sealed",
			    keys[i].name, ciphers[j]);
			check_sealed(*state, "sealed", i);
		}
	}
}

/* ssh-keygen writes these three forms of RSA and ECDSA keys. */
static void
test_pem(void **state)
{
	static const char *const forms[] = { "PEM", "PKCS8" };

	for (size_t i = 1; i < NAMES; i++) {
		for (size_t j = 0; j < COUNT(forms); j++) {
			keygen_run(*state,
			    "cp %s pem; ssh-keygen -q -p -P '' -N '' -m %s "
			    "-f pem; ! grep OPENSSH pem",
			    keys[i].name, forms[j]);
			check(*state, "pem", NULL, i);
			keygen_run(*state,
			    "ssh-keygen -q -p -P '' -N right -m %s -f pem; "
			    "grep ENCRYPTED pem",
			    forms[j]);
			check_sealed(*state, "pem", i);
		}
	}
}

static void
test_openssl_ciphers(void **state)
{
	static const char *const pkcs8[] = { "-v2 aes-256-cbc", "-v2 des3",
		"-v2 aes-128-cbc -v2prf hmacWithSHA1", "-v2 camellia256",
		"-v2 aes-192-cbc -iter 100000", "-v1 PBE-SHA1-3DES",
		"-v1 PBE-SHA1-2DES",
		"-scrypt -scrypt_N 1024 -scrypt_r 8 -scrypt_p 2" };
	static const char *const dek[] = { "-aes128", "-aes192", "-aes256",
		"-des3", "-camellia256", "-aria256" };

	keygen_run(*state,
	    "cp rsa pem; ssh-keygen -q -p -P '' -N '' -m PKCS8 "
	    "-f pem");
	for (size_t i = 0; i < COUNT(pkcs8); i++) {
		keygen_run(*state,
		    "openssl pkcs8 -topk8 -in pem -out sealed "
		    "-passout pass:right %s",
		    pkcs8[i]);
		check_sealed(*state, "sealed", AN_RSA);
	}
	for (size_t i = 0; i < COUNT(dek); i++) {
		keygen_run(*state,
		    "openssl rsa -traditional %s -in pem -out sealed "
		    "-passout pass:right; grep DEK-Info sealed",
		    dek[i]);
		check_sealed(*state, "sealed", AN_RSA);
	}
}

/* Keys that openssl made: there is no .pub, so ssh-keygen -y says it. */
static void
test_openssl_keys(void **state)
{
	static const struct {
		size_t i;
		const char *command;
	} made[] = {
		{ 0, "openssl genpkey -algorithm ed25519 -out made" },
		{ 1, "openssl ecparam -genkey -name prime256v1 -out made" },
		{ 1,
		    "openssl ecparam -genkey -name prime256v1 | openssl ec "
		    "-conv_form compressed -out made" },
		{ 1,
		    "openssl ecparam -genkey -name prime256v1 "
		    "-param_enc explicit -out made" },
		{ 2,
		    "openssl ecparam -genkey -noout -name secp384r1 "
		    "-out made" },
		{ 2,
		    "openssl ecparam -genkey -noout -name secp384r1 | "
		    "openssl ec -no_public -out made" },
		{ 3,
		    "openssl genpkey -algorithm EC -pkeyopt "
		    "ec_paramgen_curve:secp521r1 -out made" },
		{ 4, "openssl genrsa -traditional -out made 1024" },
		{ 4, "openssl genrsa -3 -out made 2048" },
	};
	struct key *k;

	for (size_t i = 0; i < COUNT(made); i++) {
		struct buf text;
		struct ferry_error err;

		keygen_run(*state, "%s", made[i].command);
		text = keygen_read(*state, "made");
		if (keygen_parse(&k, text.data, text.len, NULL, &err) != 0)
			fail_msg("%s: %s", made[i].command, err.text);
		assert_string_equal(key_type(k), keys[made[i].i].type);
		assert_string_equal(key_comment(k), "");
		verify(*state, k, keys[made[i].i].algorithms[0]);
		key_free(k);
		buf_free(&text);
	}
}

/* Small harm of the text that changes nothing. */
static void
test_forgiven(void **state)
{
	static const char *const harm[] = { "printf %s \"$(cat ed25519)\"",
		"cat ed25519; echo; echo '  '", "echo 'my key:'; cat ed25519",
		"sed 's/$/ /' ed25519", "sed '/-/!s/.\\{7\\}/&\\n/g' ed25519" };

	for (size_t i = 0; i < COUNT(harm); i++) {
		keygen_run(*state, "(%s) >harmed", harm[i]);
		check(*state, "harmed", NULL, AN_ED25519);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_signatures),
		cmocka_unit_test(test_short_numbers),
		cmocka_unit_test(test_other_algorithms),
		cmocka_unit_test(test_ciphers),
		cmocka_unit_test(test_pem),
		cmocka_unit_test(test_openssl_ciphers),
		cmocka_unit_test(test_openssl_keys),
		cmocka_unit_test(test_forgiven),
	};

	return cmocka_run_group_tests(tests, setup, keygen_teardown);
}
