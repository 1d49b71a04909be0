/*
 * Goal: a secret comes from the descriptor once, then from whoever can be
 * asked, and never in more tries than allowed; the words never hold it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "auth/secrets.h"
#include "base/err.h"
#include "base/limits.h"

struct person {
	const char *answer; /* NULL: goes away */
	unsigned asked;
};

static int
ask(void *ctx, const struct secrets_request *request, struct secret **out,
    struct ferry_error *err)
{
	struct person *p = ctx;

	p->asked++;
	assert_string_equal(request->prompt, "passphrase for ~/key");
	if (p->answer == NULL)
		return err_set(err, ferry_ESECRET, "nobody", "nobody there");
	*out = secret_copy(p->answer, strlen(p->answer));
	return *out != NULL ? 0 : err_memory(err);
}

static int
pipe_with(const char *text, size_t n)
{
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], text, n), n);
	close(fds[1]);
	return fds[0];
}

static struct secrets
sources(int fd, struct person *person)
{
	struct secrets s = { .fd = fd,
		.ask = person != NULL ? ask : NULL,
		.ctx = person,
		.cancel_fd = -1 };

	return s;
}

/* "" stands for a failure, whose id goes into id. */
static void
expect(struct secrets *s, unsigned attempt, const char *want, const char *id)
{
	struct secrets_request request = { .kind = SECRETS_PASSPHRASE,
		.prompt = "passphrase for ~/key",
		.attempt = attempt };
	struct ferry_error err;
	struct secret *got = (struct secret *)&request;
	int rc;

	err_clear(&err);
	rc = secrets_get(s, &request, &got, &err);
	if (id != NULL) {
		assert_int_equal(rc, -ferry_ESECRET);
		assert_int_equal(err.code, ferry_ESECRET);
		assert_string_equal(err.id, id);
		assert_null(got);
		assert_null(strstr(err.text, "hunter2"));
		return;
	}
	assert_int_equal(rc, 0);
	assert_non_null(got);
	assert_string_equal((char *)got->data, want);
	secret_free(got);
}

static void
test_descriptor_first(void **state)
{
	struct person person = { "asked", 0 };
	struct secrets s = sources(pipe_with("hunter2\n", 8), &person);

	(void)state;
	expect(&s, 1, "hunter2", NULL);
	assert_int_equal(person.asked, 0);
	expect(&s, 2, "asked", NULL);
	expect(&s, 3, "asked", NULL);
	assert_int_equal(person.asked, 2);
	expect(&s, 4, NULL, "secret_tries");
	assert_int_equal(person.asked, 2);
	close(s.fd);
}

static void
test_descriptor_alone(void **state)
{
	struct secrets s = sources(pipe_with("hunter2", 7), NULL);

	(void)state;
	expect(&s, 1, "hunter2", NULL);
	expect(&s, 2, NULL, "secret_needed");
	close(s.fd);
}

static void
test_empty_descriptor(void **state)
{
	struct person person = { "asked", 0 };
	struct secrets s = sources(pipe_with("\n", 1), &person);

	(void)state;
	expect(&s, 1, "asked", NULL);
	close(s.fd);
	s = sources(pipe_with("", 0), NULL);
	expect(&s, 1, NULL, "secret_needed");
	close(s.fd);
}

static void
test_bad_descriptor(void **state)
{
	struct secrets s = sources(pipe_with("", 0), NULL);
	char text[LIMIT_SECRET + 2];

	(void)state;
	close(s.fd);
	expect(&s, 1, NULL, "secret_unreadable");
	memset(text, 'x', sizeof(text));
	s = sources(pipe_with(text, sizeof(text)), NULL);
	expect(&s, 1, NULL, "secret_too_long");
	close(s.fd);
}

static void
test_nobody(void **state)
{
	struct person person = { NULL, 0 };
	struct secrets s = sources(-1, NULL);
	struct secrets_request request = { .kind = SECRETS_PASSWORD,
		.prompt = "password of deploy@www",
		.attempt = 1 };
	struct ferry_error err;
	struct secret *got;

	(void)state;
	expect(&s, 1, NULL, "secret_needed");
	s.ask = ask;
	s.ctx = &person;
	expect(&s, 1, NULL, "nobody");
	assert_int_equal(person.asked, 1);

	s.ask = NULL;
	assert_int_equal(secrets_get(&s, &request, &got, &err), -ferry_ESECRET);
	assert_non_null(strstr(err.text, "a password is needed"));
	assert_non_null(strstr(err.text, "deploy@www"));
	assert_non_null(strstr(err.hint, "--password-fd"));
	assert_int_equal(secrets_get(&s, &request, &got, NULL), -ferry_ESECRET);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_descriptor_first),
		cmocka_unit_test(test_descriptor_alone),
		cmocka_unit_test(test_empty_descriptor),
		cmocka_unit_test(test_bad_descriptor),
		cmocka_unit_test(test_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
