/*
 * Goal: bcrypt_kdf() derives what ssh-keygen derives, for every length of key
 * and IV, any number of rounds and any passphrase.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/bcrypt_kdf.h"
#include "tests/unit/keygen.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* Taken from a key that ssh-keygen sealed: aes256-ctr, -a 3. */
static const unsigned char vector_salt[] = { 0xd4, 0xe9, 0x76, 0x06, 0x4a, 0x60,
	0x76, 0x57, 0x54, 0x00, 0x19, 0x5f, 0x87, 0x06, 0x3d, 0xbb };
static const unsigned char vector_key[] = { 0x63, 0x9c, 0xc5, 0x60, 0x2a, 0x96,
	0x2a, 0x6a, 0xa4, 0x31, 0x0f, 0xc2, 0x9f, 0xf6, 0x97, 0x7d, 0xdc, 0xe6,
	0x14, 0xf1, 0x0e, 0xe9, 0xa9, 0x04, 0x3e, 0x4f, 0x0c, 0xc8, 0x5f, 0xe1,
	0x5d, 0x5c, 0x93, 0xed, 0x3d, 0x4c, 0x1d, 0x6a, 0x3c, 0xe9, 0xc9, 0xc0,
	0xc3, 0xa7, 0x80, 0x48, 0xef, 0xf9 };

static void
test_vector(void **state)
{
	static const char pass[] = "correct horse";
	unsigned char out[sizeof(vector_key)];

	(void)state;
	assert_true(bcrypt_kdf(pass, strlen(pass), vector_salt,
	    sizeof(vector_salt), 3, out, sizeof(out)));
	assert_memory_equal(out, vector_key, sizeof(out));
}

/* Block i of b blocks is every b-th byte, counted from i. */
static void
test_lengths(void **state)
{
	static const size_t lengths[] = { 1, 31, 33, 48, 63, 64, 65, 97, 1024 };
	unsigned char first[32], out[1024 + 1];

	(void)state;
	assert_true(bcrypt_kdf("p", 1, "s", 1, 2, first, sizeof(first)));
	for (size_t i = 0; i < COUNT(lengths); i++) {
		size_t n = lengths[i], blocks = (n + 31) / 32;

		memset(out, 0xa5, sizeof(out));
		assert_true(bcrypt_kdf("p", 1, "s", 1, 2, out, n));
		for (size_t j = 0; j * blocks < n; j++)
			assert_int_equal(out[j * blocks], first[j]);
		assert_int_equal(out[n], 0xa5);
	}
}

static void
test_refused(void **state)
{
	unsigned char out[1025];

	(void)state;
	assert_false(bcrypt_kdf("p", 1, "s", 1, 0, out, 32));
	assert_false(bcrypt_kdf("", 0, "s", 1, 1, out, 32));
	assert_false(bcrypt_kdf("p", 1, "", 0, 1, out, 32));
	assert_false(bcrypt_kdf("p", 1, "s", 1, 1, out, 0));
	assert_false(bcrypt_kdf("p", 1, "s", 1, 1, out, sizeof(out)));
}

/* ssh-keygen seals, we open. */
static void
opens(const char *dir, const char *cipher, unsigned rounds, const char *pass)
{
	struct buf text;
	struct ferry_error err;
	struct key *k;

	keygen_run(dir,
	    "rm -f k k.pub; ssh-keygen -q -t ed25519 -f k -Z %s -a %u "
	    "-N '%s'",
	    cipher, rounds, pass);
	text = keygen_read(dir, "k");
	if (keygen_parse(&k, text.data, text.len, pass, &err) != 0)
		fail_msg(
		    "%s, %u rounds, '%s': %s", cipher, rounds, pass, err.text);
	key_free(k);
	buf_free(&text);
}

/* Every cipher of ssh-keygen -Z: 28, 32, 40, 48 and 64 bytes of key and IV. */
static void
test_rounds(void **state)
{
	static const struct {
		const char *cipher;
		unsigned rounds;
	} sealed[] = { { "3des-cbc", 1 }, { "aes128-cbc", 2 },
		{ "aes192-cbc", 3 }, { "aes256-cbc", 5 }, { "aes128-ctr", 8 },
		{ "aes192-ctr", 16 }, { "aes256-ctr", 17 },
		{ "aes128-gcm@openssh.com", 31 },
		{ "aes256-gcm@openssh.com", 33 },
		{ "chacha20-poly1305@openssh.com", 64 } };

	for (size_t i = 0; i < COUNT(sealed); i++)
		opens(*state, sealed[i].cipher, sealed[i].rounds, "right");
}

static void
test_passphrases(void **state)
{
	static const char *const passphrases[] = { "12345", "two words ",
		"p\xc3\xa4ssw\xc3\xb6rt", "\xff\xfe\xfd\x80\x81",
		"\tt\\t\\\\" };
	char longest[800];

	for (size_t i = 0; i < COUNT(passphrases); i++)
		opens(*state, "aes256-ctr", 1, passphrases[i]);
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	opens(*state, "aes256-ctr", 1, longest);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vector),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_rounds),
		cmocka_unit_test(test_passphrases),
	};

	return cmocka_run_group_tests(tests, keygen_setup, keygen_teardown);
}
