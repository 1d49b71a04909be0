/* Small pieces of large blocks. */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"

static void
pieces(void **state)
{
	unsigned char *p[500];
	struct arena a;
	size_t i, k, n;

	(void)state;
	arena_init(&a);
	for (i = 0; i < 500; i++) {
		n = i * 7 % 900;
		assert_string_equal(arena_copy(&a, "odd", 3), "odd");
		p[i] = arena_alloc(&a, n);
		assert_non_null(p[i]);
		assert_int_equal((uintptr_t)p[i] % _Alignof(max_align_t), 0);
		for (k = 0; k < n; k++)
			assert_int_equal(p[i][k], 0);
		memset(p[i], (int)(i & 255), n);
	}
	for (i = 0; i < 500; i++) {
		n = i * 7 % 900;
		for (k = 0; k < n; k++)
			assert_int_equal(p[i][k], i & 255);
	}
	arena_free(&a);
	assert_int_equal(a.total, 0);
	arena_free(&a);
}

/* A sanitizer counts for itself. */
size_t __attribute__((weak)) __sanitizer_get_current_allocated_bytes(void);

static size_t
allocated(void)
{
	return __sanitizer_get_current_allocated_bytes != NULL
	    ? __sanitizer_get_current_allocated_bytes()
	    : mallinfo2().uordblks;
}

/* There is one for each folder of a site. */
static void
many_of_a_few_names(void **state)
{
	const size_t before = allocated();
	struct arena a[1000];
	size_t i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		arena_init(&a[i]);
		assert_non_null(arena_copy(&a[i], "index.html", 10));
	}
	assert_true(allocated() - before < 1000 * 1200);
	for (i = 0; i < 100000; i++)
		assert_non_null(arena_copy(&a[0], "index.html", 10));
	assert_true(allocated() - before < 1000 * 1200 + 100000 * 12);
	for (i = 0; i < 1000; i++)
		arena_free(&a[i]);
}

static void
large_ones_leave_the_rest(void **state)
{
	struct arena a;
	char *first, *large, *next;

	(void)state;
	arena_init(&a);
	first = arena_copy(&a, "first", 5);
	large = arena_alloc(&a, 1000 * 1000);
	assert_non_null(large);
	memset(large, 'x', 1000 * 1000);
	next = arena_copy(&a, "next", 4);
	assert_ptr_equal(next, first + 6);
	assert_string_equal(first, "first");
	assert_int_equal(a.total, 6 + 1000 * 1000 + 5);
	arena_free(&a);
}

static void
corners(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);
	assert_string_equal(arena_copy(&a, NULL, 0), "");
	assert_memory_equal(arena_copy(&a, "a\0b", 3), "a\0b", 4);
	assert_non_null(arena_alloc(&a, 0));
	assert_null(arena_alloc(&a, SIZE_MAX));
	assert_null(arena_alloc(&a, SIZE_MAX - 16));
	assert_null(arena_copy(&a, "a", SIZE_MAX));
	assert_non_null(arena_alloc(&a, 64 * 1024));
	assert_non_null(arena_alloc(&a, 64 * 1024 - 1));
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces),
		cmocka_unit_test(many_of_a_few_names),
		cmocka_unit_test(large_ones_leave_the_rest),
		cmocka_unit_test(corners),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
