/* Secrets: what they hold, and where they cannot be seen. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/secret.h"

/* Sanitizers make mlock(2) do nothing. */
#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED true
#else
#define SANITIZED false
#endif

static void
copies(void **state)
{
	struct secret *s = secret_copy("ab\0c", 4);

	(void)state;
	assert_non_null(s);
	assert_int_equal(s->len, 4);
	assert_int_equal(s->cap, 4);
	assert_memory_equal(s->data, "ab\0c", 5);
	secret_free(s);

	s = secret_copy(NULL, 0);
	assert_non_null(s);
	assert_int_equal(s->data[0], 0);
	secret_free(s);
	secret_free(NULL);

	errno = 0;
	assert_null(secret_new(SIZE_MAX));
	assert_int_equal(errno, ENOMEM);
	assert_null(secret_new(SIZE_MAX - 100));
}

/* Every byte up to cap and the NUL is there, at each size round a page. */
static void
whole_pages(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), cap;
	struct secret *s;

	(void)state;
	for (cap = page - 64; cap < page + 8; cap++) {
		s = secret_new(cap);
		assert_non_null(s);
		memset(s->data, 'x', cap);
		assert_int_equal(s->data[cap], 0);
		secret_free(s);
	}
}

static void
wipes(void **state)
{
	char text[] = "secret";

	(void)state;
	secret_wipe(text, 3);
	assert_memory_equal(text, "\0\0\0ret", 7);
	secret_wipe(NULL, 0);
}

#ifdef __linux__
/* Does the mapping that holds p carry this flag of proc(5)'s smaps? */
static bool
has_flag(const void *p, const char *flag)
{
	unsigned long from, to;
	bool here = false, found = false;
	char line[512];
	FILE *f = fopen("/proc/self/smaps", "re");

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			here = (uintptr_t)p >= from && (uintptr_t)p < to;
		else if (here && strncmp(line, "VmFlags:", 8) == 0)
			found = strstr(line, flag) != NULL;
	}
	fclose(f);
	return found;
}
#endif

static void
stays_in_memory(void **state)
{
#ifdef __linux__
	struct secret *s = secret_copy("x", 1);
	struct rlimit limit;

	(void)state;
	assert_non_null(s);
	assert_true(has_flag(s, " dd")); /* not in a core dump */
	assert_true(has_flag(s, " wf")); /* nor in a child */
	assert_int_equal(getrlimit(RLIMIT_MEMLOCK, &limit), 0);
	if (limit.rlim_cur >= 65536 && !SANITIZED)
		assert_true(has_flag(s, " lo"));
	secret_free(s);
#else
	(void)state;
	skip();
#endif
}

/* What secret_read() makes of these bytes; max 4. */
static struct secret *
read_back(const char *bytes, size_t n)
{
	struct secret *s;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], bytes, n), n);
	close(fds[1]);
	errno = 0;
	s = secret_read(fds[0], 4);
	close(fds[0]);
	return s;
}

static void
assert_read(const char *bytes, const char *expected)
{
	struct secret *s = read_back(bytes, strlen(bytes));

	if (!expected) {
		assert_null(s);
		assert_int_equal(errno, EFBIG);
		return;
	}
	assert_non_null(s);
	assert_int_equal(s->len, strlen(expected));
	assert_string_equal((char *)s->data, expected);
	secret_free(s);
}

static void
reads(void **state)
{
	struct secret *s;

	(void)state;
	assert_read("", "");
	assert_read("\n", "");
	assert_read("abc", "abc");
	assert_read("abcd", "abcd");
	assert_read("abcd\n", "abcd");
	assert_read("abcd\r\n", "abcd");
	assert_read("ab\n\n", "ab\n");
	assert_read("ab\r", "ab\r");
	assert_read(" a ", " a ");
	assert_read("abcde", NULL);
	assert_read("abcde\n", NULL);
	assert_read("abcde\r\n", NULL);
	assert_read("abcd\n\n", NULL);
	assert_read("abcdefghijkl", NULL);
	s = read_back("a\0b", 3);
	assert_int_equal(s->len, 3);
	secret_free(s);
}

static void
reads_nothing(void **state)
{
	int fd = open("/", O_RDONLY | O_DIRECTORY);

	(void)state;
	assert_null(secret_read(-1, 10));
	assert_int_equal(errno, EBADF);
	assert_null(secret_read(fd, 10));
	assert_int_equal(errno, EISDIR);
	assert_null(secret_read(fd, SIZE_MAX));
	assert_int_equal(errno, ENOMEM);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies),
		cmocka_unit_test(whole_pages),
		cmocka_unit_test(wipes),
		cmocka_unit_test(stays_in_memory),
		cmocka_unit_test(reads),
		cmocka_unit_test(reads_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
