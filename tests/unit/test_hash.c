/* Digests, fingerprints and base64 against published values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"

/* FIPS 180-4's own examples. */
static void
digests(void **state)
{
	char hex[HASH_HEX_SIZE], block[1000];
	struct digest once, twice;
	struct hash h;
	int i;

	(void)state;
	assert_true(hash_bytes(NULL, 0, &once));
	hash_hex(&once, hex);
	assert_string_equal(hex,
	    "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855");
	assert_true(hash_bytes("abc", 3, &once));
	hash_hex(&once, hex);
	assert_string_equal(hex,
	    "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad");
	assert_true(hash_init(&h));
	hash_update(&h, "a", 1);
	hash_update(&h, NULL, 0);
	hash_update(&h, "bc", 2);
	assert_true(hash_final(&h, &twice));
	assert_null(h.ctx);
	assert_true(hash_equal(&once, &twice));
	twice.b[31] ^= 1;
	assert_false(hash_equal(&once, &twice));

	memset(block, 'a', sizeof(block));
	assert_true(hash_init(&h));
	for (i = 0; i < 1000; i++)
		hash_update(&h, block, sizeof(block));
	assert_true(hash_final(&h, &once));
	hash_hex(&once, hex);
	assert_string_equal(hex,
	    "cdc76e5c9914fb9281a1c7e284d73e67"
	    "f1809a48a497200e046d39ccc7112cd0");
}

static void
unfinished(void **state)
{
	static const struct digest zero;
	struct digest d = { { 1 } };
	struct hash h;

	(void)state;
	assert_true(hash_init(&h));
	hash_update(&h, "x", 1);
	hash_free(&h);
	hash_free(&h);
	hash_update(&h, "x", 1);
	assert_false(hash_final(&h, &d));
	assert_true(hash_equal(&d, &zero));
}

/* `ssh-keygen -l` of this key says the same. */
static void
fingerprints(void **state)
{
	static const char key[] = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOo"
				  "qKLsabgH5C9okWi0dh2l9GKJl";
	unsigned char blob[3 * (sizeof(key) / 4)];
	char text[HASH_FINGERPRINT_SIZE];
	size_t n;

	(void)state;
	assert_true(hash_unbase64(key, sizeof(key) - 1, blob, &n));
	assert_int_equal(n, 51);
	hash_fingerprint(blob, n, text);
	assert_string_equal(
	    text, "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU");
}

/* RFC 4648, 10. */
static void
base64(void **state)
{
	static const char *const pairs[][2] = {
		{ "", "" },
		{ "f", "Zg==" },
		{ "fo", "Zm8=" },
		{ "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" },
		{ "\xfb\xff\xbf", "+/+/" },
	};
	unsigned char back[8];
	char text[16];
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		n = hash_base64(pairs[i][0], strlen(pairs[i][0]), text);
		assert_int_equal(n, strlen(pairs[i][1]));
		assert_string_equal(text, pairs[i][1]);
		assert_true(hash_unbase64(text, n, back, &n));
		assert_int_equal(n, strlen(pairs[i][0]));
		assert_memory_equal(back, pairs[i][0], n);
	}
}

static void
not_base64(void **state)
{
	static const char *const wrong[] = { "Z", "Zg",
		"Zg=", "Z===", "====", "=", "Zg==Zg==", "Z=g=", "Zm9v\n",
		"Zm9v    ", "Zm9 ", "Zm9-", "Zm9_",
		"Zh==", "Zm9=", "\xff\xff\xff\xff" };
	unsigned char back[8];
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		n = 7;
		if (hash_unbase64(wrong[i], strlen(wrong[i]), back, &n))
			fail_msg("'%s' was accepted", wrong[i]);
		assert_int_equal(n, 0);
	}
	assert_false(hash_unbase64("Zm9\0", 4, back, &n));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests),
		cmocka_unit_test(unfinished),
		cmocka_unit_test(fingerprints),
		cmocka_unit_test(base64),
		cmocka_unit_test(not_base64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
