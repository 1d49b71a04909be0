/* Replies of FTP servers: whole, in parts, odd and without end. */
#include "remote/ftp_reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct ftp_reply reply;

static int
begin(void **state)
{
	(void)state;
	ftp_reply_init(&reply);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	ftp_reply_free(&reply);
	return 0;
}

static bool
hear(const char *line)
{
	return ftp_reply_line(&reply, line, strlen(line));
}

static const char *
words(void)
{
	static char text[WORKER_MSG_TEXT];

	ftp_reply_text(&reply, text, sizeof(text));
	return text;
}

static void
reads_one_line(void **state)
{
	(void)state;
	assert_true(hear("226 Transfer  complete.\r\n"));
	assert_int_equal(reply.code, 226);
	assert_string_equal(words(), "Transfer complete.");
	assert_true(hear("550\r\n"));
	assert_int_equal(reply.code, 550);
	assert_string_equal(words(), "");
}

/* RFC 959, 4.2: other codes may stand in between. */
static void
reads_many_lines(void **state)
{
	(void)state;
	assert_true(hear("451-Error during write\r\n"));
	assert_int_equal(reply.code, 0);
	assert_true(hear("226 is no end\r\n"));
	assert_true(hear(" 451 neither\r\n"));
	assert_true(hear("451-File: No space left on device\r\n"));
	assert_int_equal(reply.code, 0);
	assert_true(hear("451 Sorry\r\n"));
	assert_int_equal(reply.code, 451);
	assert_string_equal(words(),
	    "Error during write 226 is no end 451 neither "
	    "File: No space left on device Sorry");
	assert_int_equal(ftp_reply_judge(&reply), RESULT_FULL);
}

static void
takes_nonsense_for_nothing(void **state)
{
	(void)state;
	assert_true(hear("hello\r\n"));
	assert_true(hear("2x6 no\r\n"));
	assert_true(hear("999 no\r\n"));
	assert_true(hear("099 no\r\n"));
	assert_true(hear("226no\r\n"));
	assert_true(hear("\r\n"));
	assert_true(ftp_reply_line(&reply, NULL, 0));
	assert_int_equal(reply.code, 0);
	assert_int_equal(ftp_reply_judge(&reply), RESULT_FAILED);
}

static void
ends_what_has_no_end(void **state)
{
	unsigned i;

	(void)state;
	assert_true(hear("220-Welcome\r\n"));
	for (i = 0; hear("220-and more\r\n"); i++)
		assert_true(i < 10000);
	ftp_reply_clear(&reply);
	assert_true(hear("220 again\r\n"));
	assert_int_equal(reply.code, 220);
}

static void
cuts_long_words(void **state)
{
	static char line[4000];

	(void)state;
	memset(line, 'x', sizeof(line) - 1);
	memcpy(line, "550 ", 4);
	assert_true(hear(line));
	assert_true(strlen(words()) < WORKER_MSG_TEXT);
}

static void
knows_what_codes_mean(void **state)
{
	static const struct {
		const char *line;
		enum msg_result result;
	} samples[] = {
		{ "200 ok", RESULT_OK },
		{ "350 ready", RESULT_OK },
		{ "421 Too many connections (8) from this IP", RESULT_AGAIN },
		{ "425 Unable to build data connection", RESULT_AGAIN },
		{ "426 Failure reading network stream.", RESULT_AGAIN },
		{ "430 no", RESULT_DENIED },
		{ "450 busy", RESULT_AGAIN },
		{ "451 Failure writing to local file.", RESULT_FULL },
		{ "451 Quota exceeded", RESULT_FULL },
		{ "452 no room", RESULT_FULL },
		{ "471 what", RESULT_AGAIN },
		{ "500 Unknown command.", RESULT_UNSUPPORTED },
		{ "502 no", RESULT_UNSUPPORTED },
		{ "503 order", RESULT_FAILED },
		{ "521 exists", RESULT_EXISTS },
		{ "522 SSL connection failed: session reuse required",
		    RESULT_AGAIN },
		{ "530 Login incorrect.", RESULT_DENIED },
		{ "550 Failed to open file.", RESULT_FAILED },
		{ "550 x: No such file or directory", RESULT_ABSENT },
		{ "550 x: Permission denied", RESULT_DENIED },
		{ "550 x: File exists", RESULT_EXISTS },
		{ "550 Disk full", RESULT_FULL },
		{ "550 The system cannot find the file specified.",
		    RESULT_ABSENT },
		{ "552 quota", RESULT_FULL },
		{ "553 Could not create file.", RESULT_DENIED },
		{ "631 protected", RESULT_FAILED },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		assert_true(hear(samples[i].line));
		if (ftp_reply_judge(&reply) != samples[i].result)
			fail_msg("\"%s\" means %d", samples[i].line,
			    ftp_reply_judge(&reply));
	}
}

static void
reads_a_number(void **state)
{
	static const struct {
		const char *line;
		bool good;
		uint64_t value;
	} samples[] = {
		{ "213 0", true, 0 },
		{ "213 2097152", true, 2097152 },
		{ "213 2097152 \r\n", true, 2097152 },
		{ "213 9223372036854775799", true, INT64_MAX - 8 },
		{ "213 18446744073709551615", false, 0 },
		{ "213 99999999999999999999999999999999", false, 0 },
		{ "213 -1", false, 0 },
		{ "213 +1", false, 0 },
		{ "213 1.5", false, 0 },
		{ "213 5 GB", false, 0 },
		{ "213 1,234", false, 0 },
		{ "213 0x10", false, 0 },
		{ "213", false, 0 },
		{ "213  ", false, 0 },
		{ "nothing", false, 0 },
	};
	uint64_t value;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		ftp_reply_clear(&reply);
		assert_true(hear(samples[i].line));
		if (ftp_reply_number(&reply, &value) != samples[i].good ||
		    (samples[i].good && value != samples[i].value))
			fail_msg("\"%s\" is read as %llu", samples[i].line,
			    (unsigned long long)value);
	}
	assert_true(hear("213-1"));
	assert_false(ftp_reply_number(&reply, &value));
	assert_true(hear("213 2"));
	assert_false(ftp_reply_number(&reply, &value));
}

static void
knows_a_crowd(void **state)
{
	(void)state;
	assert_true(hear("421 bye"));
	assert_true(ftp_reply_is_crowded(&reply));
	assert_true(hear("530 Sorry, the maximum number of clients (3) for "
			 "this user are already connected."));
	assert_true(ftp_reply_is_crowded(&reply));
	assert_true(hear("530 Login incorrect."));
	assert_false(ftp_reply_is_crowded(&reply));
}

static void
knows_a_last_word(void **state)
{
	(void)state;
	assert_true(hear("500 OOPS: priv_sock_get_cmd"));
	assert_true(ftp_reply_is_oops(&reply));
	assert_true(hear("500 Unknown command OOPS:."));
	assert_false(ftp_reply_is_oops(&reply));
	assert_true(hear("550 OOPS: none"));
	assert_false(ftp_reply_is_oops(&reply));
	assert_true(hear("500"));
	assert_false(ftp_reply_is_oops(&reply));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(reads_one_line),
		TEST(reads_many_lines),
		TEST(takes_nonsense_for_nothing),
		TEST(ends_what_has_no_end),
		TEST(cuts_long_words),
		TEST(knows_what_codes_mean),
		TEST(reads_a_number),
		TEST(knows_a_crowd),
		TEST(knows_a_last_word),
	};

	return cmocka_run_group_tests_name("ftp_reply", tests, NULL, NULL);
}
