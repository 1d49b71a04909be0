/*
 * Goal: what the keyring helper is asked and what it answers comes through
 * whole, and nothing that is cut, long or odd is taken for it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/keyring_msg.h"
#include "base/limits.h"

static const unsigned char *
bytes(const char *s)
{
	return (const unsigned char *)s;
}

static const struct keyring_request a_request = {
	.verb = KEYRING_STORE,
	.may_ask = true,
	.kind = "password",
	.about = "sftp://me@example.org",
	.label = "Password of me@example.org",
	.secret = (const unsigned char *)"hun\0ter2\n",
	.secret_len = 9,
};

static const struct keyring_answer an_answer = {
	.status = KEYRING_DONE,
	.words = "here it is",
	.secret = (const unsigned char *)"\0\n",
	.secret_len = 2,
};

static void
test_request(void **state)
{
	struct secret *s = keyring_put_request(&a_request);
	struct keyring_request m;

	(void)state;
	assert_true(keyring_get_request(&m, s->data, s->len));
	assert_int_equal(m.verb, KEYRING_STORE);
	assert_true(m.may_ask);
	assert_string_equal(m.kind, a_request.kind);
	assert_string_equal(m.about, a_request.about);
	assert_string_equal(m.label, a_request.label);
	assert_int_equal(m.secret_len, 9);
	assert_memory_equal(m.secret, a_request.secret, 9);
	for (size_t n = 0; n < s->len; n++)
		assert_false(keyring_get_request(&m, s->data, n));
	assert_false(keyring_get_request(&m, s->data, s->len + 1));
	s->data[5] = KEYRING_PORTAL_SECRET + 1;
	assert_false(keyring_get_request(&m, s->data, s->len));
	s->data[5] = 0;
	assert_false(keyring_get_request(&m, s->data, s->len));
	s->data[5] = KEYRING_LOOKUP;
	s->data[6] = 2;
	assert_false(keyring_get_request(&m, s->data, s->len));
	secret_free(s);
}

static void
test_answer(void **state)
{
	struct secret *s = keyring_put_answer(&an_answer);
	struct keyring_answer m;

	(void)state;
	assert_true(keyring_get_answer(&m, s->data, s->len));
	assert_int_equal(m.status, KEYRING_DONE);
	assert_string_equal(m.words, an_answer.words);
	assert_int_equal(m.secret_len, 2);
	assert_memory_equal(m.secret, an_answer.secret, 2);
	for (size_t n = 0; n < s->len; n++)
		assert_false(keyring_get_answer(&m, s->data, n));
	s->data[4] = 2; /* a version to come */
	assert_false(keyring_get_answer(&m, s->data, s->len));
	s->data[4] = 1;
	s->data[5] = KEYRING_FAILED + 1;
	assert_false(keyring_get_answer(&m, s->data, s->len));
	s->data[5] = KEYRING_FAILED;
	s->data[3]++; /* the length of another one */
	assert_false(keyring_get_answer(&m, s->data, s->len));
	secret_free(s);
}

static void
test_limits(void **state)
{
	static char most[LIMIT_SECRET + 1];
	struct keyring_request request = a_request;
	struct keyring_answer answer;
	struct secret *s;

	(void)state;
	memset(most, 'x', sizeof(most));
	memset(request.kind, 'k', sizeof(request.kind) - 1);
	memset(request.about, 'a', sizeof(request.about) - 1);
	memset(request.label, 'l', sizeof(request.label) - 1);
	request.secret = bytes(most);
	request.secret_len = LIMIT_SECRET;
	s = keyring_put_request(&request);
	assert_non_null(s); /* the longest of all fits */
	assert_true(keyring_get_request(&request, s->data, s->len));
	secret_free(s);

	answer = an_answer;
	answer.secret = bytes(most);
	answer.secret_len = LIMIT_SECRET + 1;
	s = keyring_put_answer(&answer);
	assert_non_null(s);
	assert_false(keyring_get_answer(&answer, s->data, s->len));
	secret_free(s);
	answer.secret_len = 2 * KEYRING_MSG_MAX;
	answer.secret = calloc(1, answer.secret_len);
	assert_null(keyring_put_answer(&answer));
	free((void *)(uintptr_t)answer.secret);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
