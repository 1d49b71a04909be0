/* Errors and log lines: one clean line each, whatever goes in. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/log.h"

static void
sets(void **state)
{
	struct ferry_error err;

	(void)state;
	memset(&err, 'x', sizeof(err));
	assert_int_equal(
	    err_set(&err, ferry_EKEY, "key_bad", "%s: bad", "a\x1b"), -14);
	assert_int_equal(err.code, ferry_EKEY);
	assert_int_equal(err.os_errno, 0);
	assert_int_equal(err.wire_code, 0);
	assert_string_equal(err.id, "key_bad");
	assert_string_equal(err.text, "a\\x1b: bad");
	assert_string_equal(err.hint, "");

	err_hint(&err, "Type \"%s\".", "ls\n");
	assert_string_equal(err.hint, "Type \"ls\\x0a\".");
	err_clear(&err);
	assert_int_equal(err.code, 0);
	assert_string_equal(err.text, "");
	assert_int_equal(err_memory(&err), -1);
	assert_string_equal(err.id, "out_of_memory");
}

static void
without_err(void **state)
{
	(void)state;
	assert_int_equal(err_set(NULL, ferry_EWALL, "x", "x"), -60);
	assert_int_equal(err_os(NULL, ferry_EREACH, ENOENT, "x", "x"), -20);
	assert_int_equal(err_memory(NULL), -1);
	err_hint(NULL, "x");
	err_prefix(NULL, "x");
	err_clear(NULL);
}

static void
system_words(void **state)
{
	struct ferry_error err;
	char name[1000];

	(void)state;
	assert_int_equal(
	    err_os(&err, ferry_ESOURCE, ENOENT, "open", "%s", "a.html"), -41);
	assert_string_equal(err.text, "a.html: No such file or directory");
	assert_int_equal(err.os_errno, ENOENT);
	err_os(&err, ferry_ESOURCE, 99999, "open", "a");
	assert_string_equal(err.text, "a: system error 99999");

	/* However long the name is, the reason is still there. */
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	err_os(&err, ferry_ESOURCE, EACCES, "open", "%s", name);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	assert_non_null(strstr(err.text, "nnn...: Permission denied"));
}

static void
long_texts(void **state)
{
	struct ferry_error err;
	char text[5000];

	(void)state;
	memset(text, '\x01', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	err_set(&err, ferry_EUSAGE, "a_name_that_is_far_longer_than_32_bytes",
	    "%s", text);
	assert_int_equal(strlen(err.id), sizeof(err.id) - 1);
	assert_true(strlen(err.text) < sizeof(err.text));
	assert_non_null(strstr(err.text, "\\x01..."));
	err_hint(&err, "%s", text);
	assert_true(strlen(err.hint) < sizeof(err.hint));
}

static void
own_text_as_argument(void **state)
{
	struct ferry_error err;

	(void)state;
	err_set(&err, ferry_EUSAGE, "first", "one");
	err_set(&err, ferry_EKEY, err.id, "[%s]", err.text);
	assert_string_equal(err.text, "[one]");
	assert_string_equal(err.id, "first");
}

/* Is every backslash in it the beginning of a whole escape? */
static bool
whole_escapes(const char *s)
{
	while ((s = strchr(s, '\\'))) {
		if (s[1] != '\\' && strspn(s + 1, "x0123456789abcdef") < 3)
			return false;
		s += s[1] == '\\' ? 2 : 4;
	}
	return true;
}

static void
prefixes(void **state)
{
	struct ferry_error err;
	char name[300];
	size_t cut;

	(void)state;
	err_set(&err, ferry_ESOURCE, "x", "a\x1b\\ is odd");
	err_hint(&err, "Go on.");
	err_prefix(&err, "site\n%s", ".ini");
	/* What was escaped once is not escaped again. */
	assert_string_equal(err.text, "site\\x0a.ini: a\\x1b\\\\ is odd");
	assert_string_equal(err.hint, "Go on.");
	assert_int_equal(err.code, ferry_ESOURCE);
	/* nor for another reason */
	assert_int_equal(
	    err_recode(&err, ferry_EPARTIAL, "part"), -ferry_EPARTIAL);
	assert_string_equal(err.text, "site\\x0a.ini: a\\x1b\\\\ is odd");
	assert_string_equal(err.id, "part");
	assert_string_equal(err.hint, "");
	assert_int_equal(
	    err_recode(NULL, ferry_EPARTIAL, "part"), -ferry_EPARTIAL);

	/* Wherever it is cut, no escape and no character is torn. */
	for (cut = 210; cut < 245; cut++) {
		memset(name, 'n', sizeof(name));
		name[cut] = '\0';
		err_set(&err, ferry_ESOURCE, "x",
		    "\xc3\xa9\x1b\xe2\x82\xac\\%040d", 0);
		err_prefix(&err, "%s", name);
		assert_true(strlen(err.text) < sizeof(err.text));
		assert_true(strlen(err.text) > sizeof(err.text) - 8);
		assert_string_equal(err.text + strlen(err.text) - 3, "...");
		assert_int_not_equal(
		    (unsigned char)err.text[strlen(err.text) - 4], 0xc3);
		assert_true(whole_escapes(err.text));
	}
}

struct heard {
	int count;
	enum log_level level;
	char line[4096];
};

static void
listen(void *ctx, enum log_level level, const char *line)
{
	struct heard *heard = ctx;

	heard->count++;
	heard->level = level;
	assert_true(strlen(line) < sizeof(heard->line));
	strcpy(heard->line, line);
}

static void
logs(void **state)
{
	struct heard heard = { 0 };
	struct log log = { LOG_INFO, listen, &heard };
	char name[9000];

	(void)state;
	log_line(NULL, LOG_ERROR, "x");
	log_line(&(struct log){ LOG_TRACE, NULL, NULL }, LOG_ERROR, "x");
	log_line(&log, LOG_DEBUG, "x");
	assert_int_equal(heard.count, 0);
	log_line(&log, LOG_INFO, "%s", "220 hi\r\n\x1b[2J");
	assert_int_equal(heard.count, 1);
	assert_int_equal(heard.level, LOG_INFO);
	assert_string_equal(heard.line, "220 hi\\x0d\\x0a\\x1b[2J");
	memset(name, '\n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	log_line(&log, LOG_ERROR, "%s", name);
	assert_int_equal(heard.count, 2);
	assert_non_null(strstr(heard.line, "\\x0a..."));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets),
		cmocka_unit_test(without_err),
		cmocka_unit_test(system_words),
		cmocka_unit_test(long_texts),
		cmocka_unit_test(own_text_as_argument),
		cmocka_unit_test(prefixes),
		cmocka_unit_test(logs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
