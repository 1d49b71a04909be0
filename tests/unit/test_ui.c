/* The command's pure parts: text, status line, options, answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/ask.h"
#include "cmd/options.h"
#include "cmd/progress.h"
#include "cmd/text.h"

static void
counts_are_grouped(void **state)
{
	char s[TEXT_NUMBER_SIZE];

	(void)state;
	assert_string_equal(text_count(s, 0), "0");
	assert_string_equal(text_count(s, 999), "999");
	assert_string_equal(text_count(s, 1000), "1 000");
	assert_string_equal(text_count(s, 2803), "2 803");
	assert_string_equal(text_count(s, 1234567), "1 234 567");
	assert_string_equal(
	    text_count(s, UINT64_MAX), "18 446 744 073 709 551 615");
}

static void
bytes_have_units(void **state)
{
	char s[TEXT_NUMBER_SIZE];

	(void)state;
	assert_string_equal(text_bytes(s, 0), "0 B");
	assert_string_equal(text_bytes(s, 999), "999 B");
	assert_string_equal(text_bytes(s, 1000), "1.0 kB");
	assert_string_equal(text_bytes(s, 1234), "1.2 kB");
	assert_string_equal(text_bytes(s, 99949), "99.9 kB");
	assert_string_equal(text_bytes(s, 99950), "100 kB");
	assert_string_equal(text_bytes(s, 999499), "999 kB");
	assert_string_equal(text_bytes(s, 999500), "1.0 MB");
	assert_string_equal(text_bytes(s, 1900000), "1.9 MB");
	assert_string_equal(text_bytes(s, UINT64_MAX), "18.4 EB");
}

static void
times_are_readable(void **state)
{
	char s[TEXT_NUMBER_SIZE];

	(void)state;
	assert_string_equal(text_seconds(s, -1), "0.0 s");
	assert_string_equal(text_seconds(s, 4.12), "4.1 s");
	assert_string_equal(text_seconds(s, 59.94), "59.9 s");
	assert_string_equal(text_seconds(s, 60), "1 min 00 s");
	assert_string_equal(text_seconds(s, 3599.99), "59 min 59 s");
	assert_string_equal(text_seconds(s, 7800), "2 h 10 min");
	assert_string_equal(text_clock(s, 7.9), "0:07");
	assert_string_equal(text_clock(s, 750), "12:30");
	assert_string_equal(text_clock(s, 3723), "1:02:03");
}

static void
names_are_escaped(void **state)
{
	char s[64], tiny[6];

	(void)state;
	assert_string_equal(text_escape(s, sizeof(s), "a\033[2J\\b\n", true),
	    "a\\x1b[2J\\\\b\\x0a");
	assert_string_equal(
	    text_escape(s, sizeof(s), "\xc3\xbc\xff", true), "\xc3\xbc\\xff");
	assert_string_equal(
	    text_escape(s, sizeof(s), "\xc3\xbc", false), "\\xc3\\xbc");
	/* a C1 control, and an override that would turn the line around */
	assert_string_equal(
	    text_escape(s, sizeof(s), "\xc2\x9b", true), "\\xc2\\x9b");
	assert_string_equal(
	    text_escape(s, sizeof(s), "\xe2\x80\xae", true), "\\xe2\\x80\\xae");
	assert_string_equal(text_show(s, sizeof(s), "a\\x1b", true), "a\\x1b");
	/* cut at a whole character, never inside an escape */
	assert_string_equal(
	    text_escape(tiny, sizeof(tiny), "abc\n", true), "abc");
	assert_string_equal(
	    text_escape(tiny, sizeof(tiny), "abcd\xc3\xbc", true), "abcd");
}

static void
words_are_quoted_for_a_shell(void **state)
{
	char dst[16];

	(void)state;
	assert_string_equal(
	    text_quote(dst, sizeof(dst), "/srv/a-b"), "/srv/a-b");
	assert_string_equal(text_quote(dst, sizeof(dst), "a b"), "'a b'");
	assert_string_equal(text_quote(dst, sizeof(dst), "~x"), "'~x'");
	assert_string_equal(text_quote(dst, sizeof(dst), ""), "''");
	assert_string_equal(
	    text_quote(dst, sizeof(dst), "it's"), "'it'\"'\"'s'");
	/* never half a quotation */
	assert_string_equal(
	    text_quote(dst, sizeof(dst), "0123456789 abcd"), "");
	assert_string_equal(text_quote(dst, 4, "abcd"), "");
}

static void
columns_are_counted(void **state)
{
	(void)state;
	assert_int_equal(text_columns(""), 0);
	assert_int_equal(text_columns("abc"), 3);
	assert_int_equal(text_columns("\xc3\xbc"), 1);
	assert_int_equal(text_columns("\xe6\x97\xa5\xe6\x9c\xac"), 4);
	assert_int_equal(text_columns("e\xcc\x81"), 1); /* combining accent */
}

static void
long_names_lose_their_middle(void **state)
{
	char s[64];
	size_t n;

	(void)state;
	assert_string_equal(text_cut(s, sizeof(s), "short", 5, true), "short");
	assert_string_equal(text_cut(s, sizeof(s), "abcdefghij", 7, true),
	    "abc\xe2\x80\xa6hij");
	assert_string_equal(
	    text_cut(s, sizeof(s), "abcdefghij", 7, false), "ab...ij");
	assert_string_equal(text_cut(s, sizeof(s), "abcdefghij", 2, false), "");
	/* No width is ever exceeded, whatever the characters' own are. */
	for (n = 0; n < 30; n++) {
		text_cut(s, sizeof(s),
		    "a\xe6\x97\xa5\xe6\x9c\xac"
		    "e\xcc\x81/\xe8\xaa\x9e\xe8\xaa\x9e"
		    "e\xcc\x81\xe8\xaa\x9e.html",
		    n, true);
		assert_true(text_columns(s) <= n);
		assert_true(n < 3 || n > 19 || n - text_columns(s) <= 2);
	}
}

static void
lines_end_at_words(void **state)
{
	(void)state;
	assert_int_equal(text_fit("one two", 7), 7);
	assert_int_equal(text_fit("one two", 6), 3);
	assert_int_equal(text_fit("one two", 3), 3);
	assert_int_equal(text_fit("one  two", 5), 3);
	assert_int_equal(text_fit("  one two", 5), 5);
	assert_int_equal(text_fit("", 5), 0);
	/* a long word, which is for the terminal to cut */
	assert_int_equal(text_fit("endless words", 4), 7);
	assert_int_equal(text_fit("endless", 0), 7);
	/* columns, not bytes */
	assert_int_equal(
	    text_fit("\xe6\x97\xa5\xe6\x9c\xac e\xcc\x81 z", 6), 10);
	assert_int_equal(
	    text_fit("\xe6\x97\xa5\xe6\x9c\xac e\xcc\x81 z", 5), 6);
}

static const char *
nearest(const char *word)
{
	static const char *const known[] = { "keep", "dry-run", "publish",
		"trust", "url", "key" };
	static struct text_near near;
	size_t i;

	near = text_near_to(word);
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		text_near_offer(&near, known[i]);
	return near.best;
}

static void
near_misses_are_found(void **state)
{
	(void)state;
	assert_int_equal(text_distance("", ""), 0);
	assert_int_equal(text_distance("", "abc"), 3);
	assert_int_equal(text_distance("publish", "publsih"), 1);
	assert_int_equal(text_distance("kitten", "sitting"), 3);
	assert_string_equal(nearest("dryrun"), "dry-run");
	assert_string_equal(nearest("pub"), "publish");
	assert_string_equal(nearest("trsut"), "trust");
	assert_string_equal(nearest("ket"), "key");
	assert_string_equal(nearest("remove"), "");
	assert_string_equal(nearest("x"), "");
	assert_int_equal(
	    text_distance("0123456789012345678901234567890123456789"
			  "0",
		"x"),
	    40);
}

static void
status_line_fits_any_width(void **state)
{
	struct ferry_event e;
	struct progress p;
	char line[PROGRESS_LINE_SIZE];
	size_t columns;

	(void)state;
	memset(&e, 0, sizeof(e));
	progress_init(&p);
	e.kind = ferry_EVENT_PHASE;
	e.phase = ferry_PHASE_STAGE;
	e.files_total = 100000;
	e.bytes_total = 5000000000;
	progress_update(&p, &e, true);
	e.kind = ferry_EVENT_PROGRESS;
	e.seconds = 1;
	e.files_done = 12345;
	e.bytes_done = 1000000000;
	e.path = "images/\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5/"
		 "a long\033name.png";
	progress_update(&p, &e, true);
	for (columns = 1; columns < 200; columns++) {
		progress_print(&p, line, columns, true);
		assert_true(text_columns(line) <= columns);
		assert_null(strchr(line, '\033'));
	}
	assert_string_equal(progress_print(&p, line, 199, true),
	    "Sending  12 345/100 000  1.0 GB/5.0 GB  0:04 left  1.0 GB/s  "
	    "images/\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5/"
	    "a long\\x1bname.png");
	assert_string_equal(progress_print(&p, line, 39, true),
	    "Sending  12 345/100 000  1.0 GB/5.0 GB");
}

static void
rate_begins_anew_with_a_phase(void **state)
{
	struct ferry_event e;
	struct progress p;

	(void)state;
	memset(&e, 0, sizeof(e));
	progress_init(&p);
	e.kind = ferry_EVENT_PROGRESS;
	e.phase = ferry_PHASE_SCAN;
	e.bytes_done = 1000;
	progress_update(&p, &e, true);
	e.seconds = 1;
	e.bytes_done = 501000;
	progress_update(&p, &e, true);
	assert_true(p.rate > 499999 && p.rate < 500001);
	e.phase = ferry_PHASE_STAGE;
	e.bytes_done = 0;
	progress_update(&p, &e, true);
	assert_true(p.rate == 0);
}

/* Parse these words; a NULL ends them. */
static int
parse(struct options *o, struct ferry_error *err, ...)
{
	char *argv[16] = { "sandferry" };
	int argc = 1;
	va_list ap;

	va_start(ap, err);
	while ((argv[argc] = va_arg(ap, char *)) != NULL)
		argc++;
	va_end(ap);
	memset(err, 0, sizeof(*err));
	return options_parse(o, argc, argv, err);
}

static void
options_are_understood(void **state)
{
	struct ferry_error err;
	struct options o;

	(void)state;
	assert_int_equal(parse(&o, &err, "publish", "-nvv", "--exclude=*.bak",
			     "-C/srv", "production", "--exclude", "!x",
			     "--password-fd", "3", "--color=never", NULL),
	    0);
	assert_int_equal(o.verb, VERB_PUBLISH);
	assert_true(o.dry_run);
	assert_int_equal(o.verbose, 2);
	assert_string_equal(o.dir, "/srv");
	assert_string_equal(o.target, "production");
	assert_int_equal(o.secret_fd, 3);
	assert_int_equal(o.color, COLOR_NEVER);
	assert_int_equal(o.setting_count, 2);
	assert_string_equal(o.settings[0].value, "*.bak");
	assert_string_equal(options_value(&o, "exclude"), "!x");
	assert_null(options_value(&o, "url"));
	options_free(&o);

	assert_int_equal(
	    parse(&o, &err, "--json", "deploy", "--strict-links", NULL), 0);
	assert_string_equal(options_value(&o, "strict-links"), "yes");
	assert_int_equal(o.verb, VERB_PUBLISH);
	assert_int_equal(o.secret_fd, -1);
	assert_int_equal(o.key_fd, -1);
	options_free(&o);

	assert_int_equal(parse(&o, &err, "host", "-q", "trust", "--fingerprint",
			     "SHA256:x", "--", "-odd", NULL),
	    0);
	assert_int_equal(o.verb, VERB_HOST_TRUST);
	assert_string_equal(o.target, "-odd");
	assert_string_equal(o.fingerprint, "SHA256:x");
	assert_null(options_value(&o, "hostkey"));
	options_free(&o);

	assert_int_equal(parse(&o, &err, "host", "list", "--all", NULL), 0);
	assert_int_equal(o.verb, VERB_HOST_LIST);
	assert_true(o.list_all);
	options_free(&o);

	assert_int_equal(parse(&o, &err, "host", "--help", NULL), 0);
	assert_true(o.help);
	options_free(&o);
	assert_int_equal(parse(&o, &err, NULL), 0);
	assert_int_equal(o.verb, 0);
	options_free(&o);
}

static void
mistakes_are_named(void **state)
{
	static const struct {
		char *words[5];
		const char *text, *hint;
	} cases[] = {
		{ { "publsh" }, "unknown verb `publsh'",
		    "Did you mean `publish'?" },
		{ { "xyzzy" }, "unknown verb `xyzzy'",
		    "`sandferry help' lists all verbs." },
		{ { "host", "trsut" }, "unknown verb `host trsut'",
		    "Did you mean `host trust'?" },
		{ { "host" }, "`host' needs to know what to do",
		    "Say show, trust, forget or list." },
		{ { "publish", "--dryrun" }, "unknown option --dryrun",
		    "Did you mean `--dry-run'?" },
		{ { "publish", "-x" }, "unknown option -x",
		    "`sandferry help VERB' lists the options." },
		/* Whatever was typed behind it may be a secret. */
		{ { "publish", "--password=hunter2" },
		    "--password takes no value",
		    "A secret is never given in words: use --password-fd." },
		{ { "publish", "--passphrase=hunter2" },
		    "unknown option --passphrase",
		    "`sandferry help VERB' lists the options." },
		{ { "publish", "--key" }, "--key needs a value: FILE", "" },
		{ { "publish", "-C" }, "-C needs a value: DIR", "" },
		{ { "publish", "--password-fd=x" },
		    "--password-fd needs a number, not `x'", "" },
		{ { "publish", "--password-fd", "-1" },
		    "--password-fd needs a number, not `-1'", "" },
		{ { "publish", "--color=red" }, "--color does not know `red'",
		    "Say auto, always or never." },
		{ { "publish", "--color=alway" },
		    "--color does not know `alway'", "Did you mean `always'?" },
		{ { "check", "--confine", "reqiure" },
		    "--confine does not know `reqiure'",
		    "Did you mean `require'?" },
		/* The nearest, not the first that is near. */
		{ { "publish", "--ket" }, "unknown option --ket",
		    "Did you mean `--key'?" },
		{ { "publish", "--stall-timout" },
		    "unknown option --stall-timout",
		    "Did you mean `--stall-timeout'?" },
		{ { "depoly" }, "unknown verb `depoly'",
		    "Did you mean `deploy'?" },
		{ { "publish", "a", "b" }, "`b' is one word too many",
		    "`sandferry help VERB' shows what it takes." },
		{ { "publish", "\033[2J", "a", "b" },
		    "`a' is one word too many",
		    "`sandferry help VERB' shows what it takes." },
		{ { "publish", "--url", "sftp://h/" },
		    "--url says where to, but not what to publish",
		    "Add --source DIR." },
		{ { "host", "show", "--url", "sftp://h/", "production" },
		    "--url reads no site file, so it has no targets",
		    "Leave out one of them." },
		{ { "host", "show", "--dry-run" },
		    "--dry-run means nothing to `host show'",
		    "`sandferry help VERB' lists the options." },
		{ { "host", "list", "production" },
		    "`production' is one word too many",
		    "`sandferry help VERB' shows what it takes." },
		{ { "host", "list", "--url", "sftp://h/" },
		    "--url means nothing to `host list'",
		    "`sandferry help VERB' lists the options." },
		{ { "publish", "-q", "-v" },
		    "--quiet and --verbose contradict each other",
		    "Leave out one of them." },
	};
	struct ferry_error err;
	struct options o;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *const *w = cases[i].words;

		assert_int_equal(
		    parse(&o, &err, w[0], w[1], w[2], w[3], w[4], NULL),
		    -ferry_EUSAGE);
		assert_int_equal(err.code, ferry_EUSAGE);
		assert_string_equal(err.text, cases[i].text);
		assert_string_equal(err.hint, cases[i].hint);
		options_free(&o);
	}
	/* Control bytes of the command line do not reach the terminal. */
	assert_int_equal(parse(&o, &err, "\033[2J", NULL), -ferry_EUSAGE);
	assert_string_equal(err.text, "unknown verb `\\x1b[2J'");
	options_free(&o);
}

static void
every_row_is_sound(void **state)
{
	const struct options_row *a, *b;

	(void)state;
	for (a = options_rows; a->name != NULL; a++) {
		assert_true(a->verbs != 0);
		assert_true(strlen(a->help) <= 70);
		for (b = a + 1; b->name != NULL; b++) {
			assert_string_not_equal(a->name, b->name);
			assert_true(a->letter == 0 || a->letter != b->letter);
		}
	}
	/* The parser notes what it saw in 64 bits. */
	assert_true(a - options_rows <= 64);
}

static void
answers_are_judged(void **state)
{
	static const char key[] =
	    "SHA256:abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

	(void)state;
	assert_int_equal(ask_judge("yes", key), ASK_YES);
	assert_int_equal(ask_judge(" YES ", key), ASK_YES);
	assert_int_equal(ask_judge("no", key), ASK_NO);
	assert_int_equal(ask_judge("", key), ASK_NO);
	assert_int_equal(ask_judge("y", key), ASK_UNCLEAR);
	assert_int_equal(ask_judge("yes please", key), ASK_UNCLEAR);
	assert_int_equal(ask_judge(key, key), ASK_YES);
	assert_int_equal(ask_judge(key + 7, key), ASK_YES);
	assert_int_equal(
	    ask_judge(
		"sha256:abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG= ", key),
	    ASK_YES);
	/* a digit less, a digit more, one letter in the other case */
	assert_int_equal(
	    ask_judge("SHA256:abcdefghijklmnopqrstuvwxyz0123456789ABCDEF", key),
	    ASK_OTHER_KEY);
	assert_int_equal(
	    ask_judge(
		"SHA256:abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGH", key),
	    ASK_OTHER_KEY);
	assert_int_equal(
	    ask_judge("Abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", key),
	    ASK_OTHER_KEY);
	assert_int_equal(ask_judge("SHA256:", key), ASK_UNCLEAR);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_are_grouped),
		cmocka_unit_test(bytes_have_units),
		cmocka_unit_test(times_are_readable),
		cmocka_unit_test(names_are_escaped),
		cmocka_unit_test(words_are_quoted_for_a_shell),
		cmocka_unit_test(columns_are_counted),
		cmocka_unit_test(long_names_lose_their_middle),
		cmocka_unit_test(lines_end_at_words),
		cmocka_unit_test(near_misses_are_found),
		cmocka_unit_test(status_line_fits_any_width),
		cmocka_unit_test(rate_begins_anew_with_a_phase),
		cmocka_unit_test(options_are_understood),
		cmocka_unit_test(mistakes_are_named),
		cmocka_unit_test(every_row_is_sound),
		cmocka_unit_test(answers_are_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
