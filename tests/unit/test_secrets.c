/*
 * Goal: a secret comes from each source once, in order, then from whoever can
 * be asked, and never in more tries than allowed; what opened a key is never
 * given as a password; the words never hold it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

/* ---- All of them ---- */

static void
write_file(const char *dir, const char *name, const char *text, mode_t mode)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

/* The next secret of this kind is want, from there. */
static void
next_is(struct secrets *s, enum secrets_kind kind, unsigned attempt,
    const char *want, enum secrets_source from)
{
	const struct secrets_request request = { .kind = kind,
		.prompt = "passphrase for ~/key",
		.attempt = attempt };
	struct ferry_error err;
	struct secret *got;

	if (secrets_get(s, &request, &got, &err) != 0)
		fail_msg("%s", err.text);
	assert_string_equal((char *)got->data, want);
	assert_int_equal(s->source, from);
	secret_free(got);
}

static void
test_order(void **state)
{
	char dir[] = "/tmp/ferry-secrets-XXXXXX", askpass[64], path[128];
	static const char *const names[] = { "passphrase", "password",
		"passphrase.www", "askpass" };
	struct person person = { "asked", 0 };
	struct secrets s = sources(pipe_with("of fd", 5), &person);

	(void)state;
	assert_non_null(mkdtemp(dir));
	write_file(dir, "passphrase", "for all\n", 0600);
	write_file(dir, "password", "for the account\n", 0600);
	write_file(dir, "passphrase.www", "for www\r\n", 0600);
	write_file(dir, "askpass", "#!/bin/sh\necho shown\n", 0700);
	snprintf(askpass, sizeof(askpass), "%s/askpass", dir);
	s.credentials = dir;
	s.target = "www";
	s.command = "echo \"of command\"";
	next_is(&s, SECRETS_PASSPHRASE, 1, "of fd", SECRETS_FROM_FD);
	next_is(&s, SECRETS_PASSPHRASE, 2, "for www", SECRETS_FROM_CREDENTIALS);
	next_is(&s, SECRETS_PASSPHRASE, 3, "of command", SECRETS_FROM_COMMAND);
	/* the descriptor and the command were for the key */
	next_is(&s, SECRETS_PASSWORD, 1, "for the account",
	    SECRETS_FROM_CREDENTIALS);
	next_is(&s, SECRETS_PASSWORD, 2, "asked", SECRETS_FROM_PERSON);
	s.askpass = askpass;
	next_is(&s, SECRETS_PASSWORD, 3, "shown", SECRETS_FROM_ASKPASS);
	close(s.fd);

	/* another target, and one that would lead elsewhere */
	s = sources(-1, NULL);
	s.credentials = dir;
	s.target = "other";
	next_is(&s, SECRETS_PASSPHRASE, 1, "for all", SECRETS_FROM_CREDENTIALS);
	s = sources(-1, NULL);
	s.credentials = dir;
	s.target = "../passphrase.www";
	next_is(&s, SECRETS_PASSPHRASE, 1, "for all", SECRETS_FROM_CREDENTIALS);
	s = sources(-1, NULL);
	s.credentials = dir + 1; /* it has to be absolute */
	expect(&s, 1, NULL, "secret_needed");

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	rmdir(dir);
}

/* Whoever edits the site file could have it sent to a server of his own. */
static void
test_stranger(void **state)
{
	char dir[] = "/tmp/ferry-secrets-XXXXXX", path[64];
	struct person person = { "asked", 0 };
	struct secrets s = sources(pipe_with("hunter2", 7), &person);
	struct secrets_request request = { .kind = SECRETS_PASSWORD,
		.prompt = "passphrase for ~/key",
		.attempt = 1 };
	struct ferry_error err;
	struct secret *got;

	(void)state;
	s.stranger = "ftp://me@elsewhere.example";
	assert_int_equal(secrets_get(&s, &request, &got, &err), -ferry_EPOLICY);
	assert_string_equal(err.id, "password_unbound");
	assert_non_null(strstr(err.text, s.stranger));
	assert_non_null(strstr(err.hint, "--account ftp://me@elsewhere"));
	assert_null(strstr(err.text, "hunter2"));
	assert_null(got);
	close(s.fd);

	/* a passphrase stays here */
	s = sources(pipe_with("hunter2", 7), NULL);
	s.stranger = "ftp://me@elsewhere.example";
	next_is(&s, SECRETS_PASSPHRASE, 1, "hunter2", SECRETS_FROM_FD);
	close(s.fd);

	/* a folder of credentials without one is no reason to stop */
	assert_non_null(mkdtemp(dir));
	s = sources(-1, &person);
	s.credentials = dir;
	s.stranger = "ftp://me@elsewhere.example";
	next_is(&s, SECRETS_PASSWORD, 1, "asked", SECRETS_FROM_PERSON);
	write_file(dir, "password", "hunter2\n", 0600);
	s.asked[SECRETS_PASSWORD] = 0;
	assert_int_equal(secrets_get(&s, &request, &got, &err), -ferry_EPOLICY);
	snprintf(path, sizeof(path), "%s/password", dir);
	unlink(path);
	rmdir(dir);

	/* who bound it to this account may have it sent there */
	s = sources(-1, NULL);
	s.command = "echo bound";
	s.stranger = "ftp://me@elsewhere.example";
	next_is(&s, SECRETS_PASSWORD, 1, "bound", SECRETS_FROM_COMMAND);
}

static void
test_command_fails(void **state)
{
	struct person person = { "asked", 0 };
	struct secrets s = sources(-1, &person);

	(void)state;
	s.command = "sh -c \"echo hunter2; false\"";
	expect(&s, 1, NULL, "secret_program");
	assert_int_equal(person.asked, 0);
	s.command = "true";
	s.asked[SECRETS_PASSPHRASE] = 0;
	expect(&s, 1, NULL, "secret_empty");
	expect(&s, 1, "asked", NULL); /* it is not run again */
}

/* A question of the server's own is for whoever sees it. */
static void
test_ask(void **state)
{
	struct person person = { "asked", 0 };
	struct secrets s = sources(pipe_with("hunter2", 7), &person);
	struct secrets_request request = { .kind = SECRETS_PASSWORD,
		.prompt = "passphrase for ~/key",
		.attempt = 1,
		.echo = true };
	struct secret *got;

	(void)state;
	s.askpass = "echo";
	assert_true(secrets_can_ask(&s, &request));
	assert_int_equal(secrets_ask(&s, &request, &got, NULL), 0);
	assert_string_equal((char *)got->data, "asked");
	secret_free(got);
	request.echo = false;
	for (unsigned i = 0; i < SECRETS_ASKPASS_CALLS; i++) {
		assert_int_equal(secrets_ask(&s, &request, &got, NULL), 0);
		assert_string_equal((char *)got->data, request.prompt);
		secret_free(got);
	}
	assert_int_equal(secrets_ask(&s, &request, &got, NULL), -ferry_ESECRET);
	assert_int_equal(person.asked, 1);
	s.ask = NULL;
	assert_true(secrets_can_ask(&s, &request));
	request.echo = true;
	assert_false(secrets_can_ask(&s, &request));
	close(s.fd);
}

/* Whatever the helper does, the next source is asked. */
static void
test_keyring_fails(void **state)
{
	struct person person = { "asked", 0 };
	static const char *const helpers[] = { "/nonexistent", "/bin/true",
		"/bin/false", "/bin/cat" };
	const struct secrets_request request = { .kind = SECRETS_PASSWORD,
		.prompt = "passphrase for ~/key",
		.attempt = 1,
		.about = "sftp://me@example.org" };
	struct secret *got;

	(void)state;
	for (size_t i = 0; i < sizeof(helpers) / sizeof(*helpers); i++) {
		struct secrets s = sources(-1, &person);

		s.keyring.helper = helpers[i];
		s.keyring.cancel_fd = -1;
		s.save = true;
		assert_int_equal(secrets_get(&s, &request, &got, NULL), 0);
		assert_string_equal((char *)got->data, "asked");
		assert_true(s.keyring_words[0] != '\0');
		assert_non_null(s.candidate);
		secret_free(got);
		secrets_worked(&s);
		assert_null(s.candidate);
	}
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
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_stranger),
		cmocka_unit_test(test_command_fails),
		cmocka_unit_test(test_ask),
		cmocka_unit_test(test_keyring_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
