/*
 * Goal: a password command is split as it is written, and run with little: no
 * terminal, few variables, no descriptor of ours, a limit of bytes, no other
 * child of the host disturbed; whatever ends early leaves nobody behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/secrets_child.h"
#include "auth/secrets_command.h"
#include "base/err.h"
#include "base/limits.h"

/* ---- Splitting ---- */

static void
test_split(void **state)
{
	static const struct {
		const char *line;
		const char *words[5];
	} good[] = {
		{ "pass", { "pass" } },
		{ " \tpass  show\twww ", { "pass", "show", "www" } },
		{ "\"my pass\" a\" \"b \"\"", { "my pass", "a b", "" } },
		{ "a\\ b \\\"c\\\\ \"d\\\"e\"", { "a b", "\"c\\", "d\"e" } },
		{ "x $HOME ~ 'a b'", { "x", "$HOME", "~", "'a", "b'" } },
		{ "x ; | > # `y`", { "x", ";", "|", ">", "#" } },
	};
	static const char *const bad[] = { "", "  ", "a \"b", "a\\", "\"\" x",
		"\"a\\\"" };
	struct secrets_command c;
	char many[3 * SECRETS_COMMAND_WORDS + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_true(secrets_command_split(&c, good[i].line));
		for (size_t j = 0; j < 5 && good[i].words[j] != NULL; j++)
			assert_string_equal(c.argv[j], good[i].words[j]);
		secrets_command_free(&c);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_false(secrets_command_split(&c, bad[i]));
		assert_null(c.text);
	}
	for (size_t i = 0; i < sizeof(many) - 1; i++)
		many[i] = i % 2 == 0 ? 'a' : ' ';
	many[2 * SECRETS_COMMAND_WORDS] = '\0';
	assert_true(secrets_command_split(&c, many));
	assert_null(c.argv[SECRETS_COMMAND_WORDS]);
	secrets_command_free(&c);
	many[2 * SECRETS_COMMAND_WORDS] = 'a';
	many[2 * SECRETS_COMMAND_WORDS + 1] = '\0';
	assert_false(secrets_command_split(&c, many));
}

/* ---- Running ---- */

static void
gives(const char *line, const char *want)
{
	struct ferry_error err;
	struct secret *got;

	if (secrets_command_run(&got, line, -1, NULL, &err) != 0)
		fail_msg("%s: %s", line, err.text);
	assert_string_equal((char *)got->data, want);
	assert_int_equal(got->len, strlen(want));
	secret_free(got);
}

static void
refuses(const char *line, const char *id, const char *words)
{
	struct ferry_error err;
	struct secret *got = (struct secret *)&err;

	assert_int_equal(
	    secrets_command_run(&got, line, -1, NULL, &err), -ferry_ESECRET);
	assert_null(got);
	assert_string_equal(err.id, id);
	if (strstr(err.text, words) == NULL)
		fail_msg("%s instead of %s", err.text, words);
	assert_null(strstr(err.text, "hunter2"));
	assert_null(strstr(err.hint, "hunter2"));
	assert_true(err.hint[0] != '\0');
}

static void
test_run(void **state)
{
	char line[128], most[LIMIT_SECRET + 1] = "";

	(void)state;
	gives("printf hunter2", "hunter2");
	gives("echo \"hunter 2\"", "hunter 2");
	gives("printf \"a\\\\r\\\\n\"", "a");
	gives("printf \"a\\\\n\\\\n\"", "a\n");
	snprintf(line, sizeof(line), "printf %%0%dd 0", LIMIT_SECRET);
	memset(most, '0', LIMIT_SECRET);
	gives(line, most);
	snprintf(line, sizeof(line), "printf %%0%dd 0", LIMIT_SECRET + 1);
	refuses(line, "secret_too_long", "command printf printed more than");
	refuses("sh -c \"echo hunter2; exit 3\"", "secret_program",
	    "the password command sh ended with status 3");
	refuses("sh -c \"echo hunter2; kill -9 $$\"", "secret_program",
	    "sh was ended by signal 9");
	refuses("true", "secret_empty", "the password command true printed");
	refuses("echo", "secret_empty", "printed nothing");
	refuses("/nonexistent/program", "secret_program",
	    "cannot start the password command /nonexistent/program");
	refuses("cat", "secret_empty", "the password command cat printed");
	refuses("\"", "secret_program", "is not a program");
}

static void
test_without_terminal(void **state)
{
	(void)state;
	gives("sh -c \"(exec 3</dev/tty) 2>/dev/null && echo yes || echo no\"",
	    "no");
	/* its own session and group, so that it can be ended whole */
	gives("sh -c \"ps -o sid= -o pgid= -p $$ | "
	      "{ read s g; [ $s = $$ ] && [ $g = $$ ] && echo own; }\"",
	    "own");
}

static void
test_few_variables(void **state)
{
	char *const argv[] = { "env", NULL };
	struct secrets_child child = { .name = "env",
		.argv = argv,
		.env = SECRETS_ENV_FEW,
		.timeout_ms = -1,
		.cancel_fd = -1,
		.max = 1 << 20 };
	struct secret *got;

	(void)state;
	setenv("FERRY_CANARY", "hunter2", 1);
	setenv("SSH_AUTH_SOCK", "/agent", 1);
	setenv("LC_CANARY", "kept", 1);
	setenv("DISPLAY", ":7", 1);
	setenv("HOMELESS", "1", 1);
	assert_int_equal(secrets_child_run(&got, &child, NULL), 0);
	assert_non_null(strstr((char *)got->data, "PATH="));
	assert_non_null(strstr((char *)got->data, "LC_CANARY=kept"));
	assert_non_null(strstr((char *)got->data, "DISPLAY=:7"));
	assert_null(strstr((char *)got->data, "FERRY_CANARY"));
	assert_null(strstr((char *)got->data, "SSH_AUTH_SOCK"));
	assert_null(strstr((char *)got->data, "HOMELESS"));
	secret_free(got);
	child.env = SECRETS_ENV_NO_DISPLAY;
	assert_int_equal(secrets_child_run(&got, &child, NULL), 0);
	assert_null(strstr((char *)got->data, "DISPLAY"));
	assert_null(strstr((char *)got->data, "FERRY_CANARY"));
	secret_free(got);
	child.env = SECRETS_ENV_ALL;
	assert_int_equal(secrets_child_run(&got, &child, NULL), 0);
	assert_non_null(strstr((char *)got->data, "FERRY_CANARY=hunter2"));
	secret_free(got);
}

static void
test_no_descriptors(void **state)
{
	int fd = open("/dev/null", O_RDONLY); /* no CLOEXEC, as hosts are */

	(void)state;
	/* 0, 1, 2, and the one by which ls reads the folder */
	gives("sh -c \"ls /proc/self/fd | tr '\\\\n' ' '\"", "0 1 2 3 ");
	close(fd);
}

static void
test_input(void **state)
{
	char *const argv[] = { "cat", NULL }, *const deaf[] = { "true", NULL };
	struct secret *input = secret_new(SECRETS_CHILD_INPUT), *got;
	struct secrets_child child = { .name = "cat",
		.argv = argv,
		.env = SECRETS_ENV_FEW,
		.input = input,
		.timeout_ms = -1,
		.cancel_fd = -1,
		.max = SECRETS_CHILD_INPUT };

	(void)state;
	memset(input->data, '\n', input->cap);
	input->len = input->cap;
	assert_int_equal(secrets_child_run(&got, &child, NULL), 0);
	assert_int_equal(got->len, input->len);
	assert_memory_equal(got->data, input->data, input->len);
	secret_free(got);
	child.argv = deaf; /* one who does not listen is no SIGPIPE */
	assert_int_equal(secrets_child_run(&got, &child, NULL), 0);
	assert_int_equal(got->len, 0);
	secret_free(got);
	secret_free(input);
}

/* ---- Ending early ---- */

static pid_t
read_pid(const char *path)
{
	FILE *f = fopen(path, "r");
	int pid = 0;

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%d", &pid), 1);
	fclose(f);
	return pid;
}

/* A zombie that its new parent has not reaped yet is gone as well. */
static bool
is_gone(pid_t pid)
{
	char path[64], state = 'X';
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "r");
	if (f == NULL)
		return true;
	if (fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
		state = 'X';
	fclose(f);
	return state == 'Z' || state == 'X';
}

static void
test_leaves_nobody(void **state)
{
	char path[] = "/tmp/ferry-secrets-XXXXXX", line[256];
	int fd = mkstemp(path), tries;
	pid_t pid;

	(void)state;
	close(fd);
	snprintf(line, sizeof(line),
	    "sh -c \"sleep 600 & echo $! >%s; head -c 4000 /dev/zero; wait\"",
	    path);
	refuses(line, "secret_too_long", "printed more than");
	pid = read_pid(path);
	for (tries = 0; !is_gone(pid) && tries < 1000; tries++)
		usleep(10 * 1000);
	assert_true(is_gone(pid));

	/* Who was left behind on purpose does not hold up the answer. */
	snprintf(line, sizeof(line),
	    "sh -c \"sleep 600 & echo $! >%s; echo agent\"", path);
	gives(line, "agent");
	pid = read_pid(path);
	assert_false(is_gone(pid));
	kill(pid, SIGKILL);
	unlink(path);
}

static void
test_limit_of_time(void **state)
{
	char *const argv[] = { "sleep", "600", NULL };
	struct secrets_child child = { .name = "the sleeper",
		.argv = argv,
		.env = SECRETS_ENV_FEW,
		.timeout_ms = 1000,
		.cancel_fd = -1,
		.max = 10 };
	struct ferry_error err;
	struct secret *got;
	int fds[2];

	(void)state;
	assert_int_equal(secrets_child_run(&got, &child, &err), -ferry_ESECRET);
	assert_string_equal(
	    err.text, "the sleeper did not answer within 1 seconds");
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "", 1), 1);
	child.timeout_ms = -1;
	child.cancel_fd = fds[0];
	assert_int_equal(
	    secrets_child_run(&got, &child, &err), -ferry_ECANCELLED);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	close(fds[0]);
	close(fds[1]);
}

/* ---- Manners ---- */

static void
test_other_children(void **state)
{
	struct sigaction before, after;
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(7);
	sigaction(SIGCHLD, NULL, &before);
	gives("echo one", "one");
	sigaction(SIGCHLD, NULL, &after);
	assert_true(before.sa_handler == after.sa_handler);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 7);

	/* A host that lets the system reap its children. */
	signal(SIGCHLD, SIG_IGN);
	gives("echo two", "two");
	signal(SIGCHLD, SIG_DFL);
}

static void
test_askpass(void **state)
{
	struct ferry_error err;
	struct secret *got;

	(void)state;
	assert_int_equal(secrets_askpass_run(&got, "echo", "a; $(prompt) \"x\"",
			     -1, NULL, &err),
	    0);
	assert_string_equal((char *)got->data, "a; $(prompt) \"x\"");
	secret_free(got);
	/* a server's words may not steer the terminal of the program */
	assert_int_equal(secrets_askpass_run(&got, "echo",
			     "(me@h) \x1b[2JPIN\b\xe2\x80\xae", -1, NULL, NULL),
	    0);
	assert_string_equal(
	    (char *)got->data, "(me@h) \\x1b[2JPIN\\x08\\xe2\\x80\\xae");
	secret_free(got);
	assert_int_equal(
	    secrets_askpass_run(&got, "false", "prompt", -1, NULL, &err),
	    -ferry_ESECRET);
	assert_string_equal(
	    err.text, "the askpass program false ended with status 1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_run),
		cmocka_unit_test(test_without_terminal),
		cmocka_unit_test(test_few_variables),
		cmocka_unit_test(test_no_descriptors),
		cmocka_unit_test(test_input),
		cmocka_unit_test(test_leaves_nobody),
		cmocka_unit_test(test_limit_of_time),
		cmocka_unit_test(test_other_children),
		cmocka_unit_test(test_askpass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
