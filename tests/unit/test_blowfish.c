/*
 * Goal: the 1,042 words that Blowfish starts from are those of pi, computed
 * here by Machin's formula: pi = 16 atan(1/5) - 4 atan(1/239).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/blowfish.h"

/* Fixed point: one word before the point, GUARD ones that may be wrong. */
enum { GUARD = 2, FRACTION = 18 + 4 * 256, WORDS = 1 + FRACTION + GUARD };

struct fixed {
	uint32_t w[WORDS]; /* the most significant first */
};

/* x /= by; true: something is left. */
static bool
divide(struct fixed *x, uint32_t by)
{
	uint64_t rest = 0;
	uint32_t any = 0;

	for (unsigned i = 0; i < WORDS; i++) {
		rest = rest << 32 | x->w[i];
		x->w[i] = (uint32_t)(rest / by);
		rest %= by;
		any |= x->w[i];
	}
	return any != 0;
}

static void
add(struct fixed *x, const struct fixed *y, bool minus)
{
	uint64_t carry = minus;

	for (unsigned i = WORDS; i-- > 0;) {
		carry += (uint64_t)x->w[i] + (minus ? ~y->w[i] : y->w[i]);
		x->w[i] = (uint32_t)carry;
		carry >>= 32;
	}
}

/* sum += (or -=) factor * atan(1 / x) */
static void
add_atan(struct fixed *sum, uint32_t factor, uint32_t x, bool minus)
{
	struct fixed power = { { factor } }, term;

	divide(&power, x);
	for (uint32_t k = 1;; k += 2, minus = !minus) {
		term = power;
		divide(&term, k);
		add(sum, &term, minus);
		if (!divide(&power, x * x))
			return;
	}
}

static void
test_pi(void **state)
{
	struct fixed pi = { { 0 } };
	struct blowfish b;

	(void)state;
	add_atan(&pi, 16, 5, false);
	add_atan(&pi, 4, 239, true);
	assert_int_equal(pi.w[0], 3);
	blowfish_init(&b);
	assert_memory_equal(b.p, pi.w + 1, sizeof(b.p));
	assert_memory_equal(b.s, pi.w + 1 + 18, sizeof(b.s));
}

/* The answer of `openssl enc -provider legacy -bf-ecb` for this key and text. */
static void
test_encrypt(void **state)
{
	uint32_t key[BLOWFISH_KEY_WORDS], block[2] = { 0x00112233, 0x44556677 };
	struct blowfish b;

	(void)state;
	for (unsigned i = 0; i < BLOWFISH_KEY_WORDS; i++)
		key[i] = i % 4 * 0x04040404 + 0x00010203;
	blowfish_init(&b);
	blowfish_expand(&b, NULL, key);
	blowfish_encrypt(&b, block);
	assert_int_equal(block[0], 0x0263249a);
	assert_int_equal(block[1], 0xa34d999e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pi),
		cmocka_unit_test(test_encrypt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
