/* The site file: its shape, its keys, which target, and where it is found. */
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/near.h"
#include "publish/site_keys.h"

#define PIN_A "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define PIN_B "SHA256:BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA"

/* Parse a text as /site/f.ini; the caller frees *out. */
static int
parse_n(struct ferry_site **out, const char *text, size_t n, const char *target,
    struct ferry_error *e)
{
	assert_int_equal(ferry_site_new(out, e), 0);
	return site_parse(*out, text, n, "f.ini", "/site", target, e);
}

static struct ferry_site *
good(const char *text, const char *target)
{
	struct ferry_site *s;
	struct ferry_error e;

	if (parse_n(&s, text, strlen(text), target, &e) != 0)
		fail_msg("%s: %s", text, e.text);
	return s;
}

/* It fails with this text (or one that begins so, before a '*') and hint. */
static void
bad_n(const char *text, size_t size, const char *target, const char *words,
    const char *hint)
{
	size_t n = strcspn(words, "*");
	struct ferry_site *s;
	struct ferry_error e;

	if (parse_n(&s, text, size, target, &e) != -ferry_EUSAGE)
		fail_msg("taken: %s", text);
	if (strncmp(e.text, words, n) != 0 ||
	    (words[n] == '\0' && e.text[n] != '\0'))
		fail_msg("%s: %s", text, e.text);
	if (strstr(e.hint, hint) == NULL)
		fail_msg("%s: hint: %s", text, e.hint);
	ferry_site_free(s);
}

static void
bad(const char *text, const char *words, const char *hint)
{
	bad_n(text, strlen(text), NULL, words, hint);
}

static void
defaults(void **state)
{
	struct ferry_site *s = good("", NULL);
	struct ferry_error e;

	(void)state;
	assert_string_equal(s->target, "");
	assert_null(s->source);
	assert_int_equal(s->file_mode, 0644);
	assert_int_equal(s->dir_mode, 0755);
	assert_int_equal(s->connect_seconds, 15);
	assert_int_equal(s->silence_seconds, 30);
	assert_int_equal(s->max_removals, 20);
	assert_int_equal(s->max_removals_percent, 10);
	assert_int_equal(s->symlinks, SITE_FOLLOW);
	assert_int_equal(site_judge(s, &e), -ferry_EUSAGE);
	assert_string_equal(e.id, "no_source");
	ferry_site_free(s);
	ferry_site_free(NULL);
}

static void
every_key(void **state)
{
	struct ferry_site *s = good("\xef\xbb\xbf# a comment\r\n"
				    "source=./public//x/\r\n"
				    "  ; another\n"
				    "\texclude = *.map  \n"
				    "exclude=a=b:c\n"
				    "hostkey = " PIN_A "\n"
				    "symlinks = skip\n"
				    "durable = yes\n"
				    "allow-empty = true\n"
				    "strict-links = yes\n"
				    "site-url = https://e.org/x/\n"
				    "hash-known-hosts = yes\n"
				    "file-mode = 0640\n"
				    "dir-mode = 750\n"
				    "connect-timeout = 7\n"
				    "stall-timeout = 3600\n"
				    "max-removals = 0\n"
				    "max-removals-percent = 100\n"
				    "default = p\n"
				    "[p]\n"
				    "url = sftp://u@h/x\n"
				    "hostkey = " PIN_B "\n"
				    "hostkey = " PIN_A "\n"
				    "exclude = p.txt\n"
				    "durable = no\n"
				    "[q]\n"
				    "exclude = q.txt",
	    NULL);
	struct ferry_error e;

	(void)state;
	assert_string_equal(s->target, "p");
	assert_string_equal(s->source, "/site/public/x");
	assert_string_equal(s->url.text, "sftp://u@h/x");
	assert_int_equal(s->pin_count, 2);
	assert_string_equal(s->pins[0], PIN_A);
	assert_string_equal(s->pins[1], PIN_B);
	assert_true(glob_match(&s->exclude, "x.map", false));
	assert_true(glob_match(&s->exclude, "a=b:c", false));
	assert_true(glob_match(&s->exclude, "p.txt", false));
	assert_false(glob_match(&s->exclude, "q.txt", false));
	assert_int_equal(s->symlinks, SITE_SKIP);
	assert_false(s->durable);
	assert_true(s->allow_empty);
	assert_true(s->strict_links);
	assert_string_equal(s->site_url, "https://e.org/x/");
	assert_true(s->hash_known_hosts);
	assert_int_equal(s->file_mode, 0640);
	assert_int_equal(s->dir_mode, 0750);
	assert_int_equal(s->connect_seconds, 7);
	assert_int_equal(s->silence_seconds, 3600);
	assert_int_equal(s->max_removals, 0);
	assert_int_equal(s->max_removals_percent, 100);
	assert_int_equal(site_judge(s, &e), 0);
	ferry_site_free(s);

	/* the table is whole: every key has its words for the manual */
	for (const struct site_key *k = site_keys; k->name != NULL; k++) {
		assert_non_null(k->value);
		assert_non_null(k->what);
		assert_true((k->set == NULL) == (k->use == SITE_KEY_FILE));
		assert_ptr_equal(site_keys_find(k->name, NULL), k);
	}
}

static void
wrong_keys(void **state)
{
	(void)state;
	bad("a\n", "f.ini:1: neither*", "");
	bad("\n\nsorce = x\n", "f.ini:3: unknown key `sorce'",
	    "Did you mean `source'?");
	bad("host-key = x", "f.ini:1: unknown key `host-key'",
	    "Did you mean `hostkey'?");
	bad("Source = x", "f.ini:1: unknown key `Source'", "`source'");
	bad("zzzzz = x", "f.ini:1: unknown key `zzzzz'", "");
	bad("[p]\n\n# c\nulr = x", "f.ini:4: unknown key `ulr'", "`url'");
	bad("key = ~/.ssh/id", "f.ini:1: `key' is not for a site file",
	    "never grants access to a key: name it with --key");
	bad("identity-file = x", "f.ini:1: `identity-file' is not*", "--key");
	bad("password = x", "f.ini:1: `password' is not*", "--password-fd");
	bad("Passphrase = x", "f.ini:1: `Passphrase' is not*", "--password-fd");
	bad("password-command = x", "f.ini:1: `password-command' is not*",
	    "never names a program");
	bad("post-hook = x", "f.ini:1: `post-hook' is not*",
	    "never names a program");
	bad("source = a\nurl = sftp://u@h/x\nsource = b",
	    "f.ini:3: `source' stands on line 1 already", "");
	bad("[p]\ndefault = p", "f.ini:2: `default' belongs above*", "");
}

static void
wrong_values(void **state)
{
	(void)state;
	bad("source =", "f.ini:1: source: `' is not a folder", "");
	bad("durable = maybe", "f.ini:1: durable: `maybe' is not yes or no",
	    "");
	bad("site-url = e.org", "f.ini:1: site-url: `e.org' is not http*", "");
	bad("site-url = https:///x", "f.ini:1: site-url: `https:///x' is*", "");
	bad("site-url = https://u@h/", "f.ini:1: site-url: `https://u@h/'*",
	    "");
	bad("site-url = https://h/?x", "f.ini:1: site-url: `https://h/?x'*",
	    "");
	bad("symlinks = copy", "f.ini:1: symlinks: `copy' is not*", "");
	bad("exclude =", "f.ini:1: exclude: `' is not a pattern", "");
	bad("exclude = a\\ ", "f.ini:1: exclude: `a\\\\' is not a pattern", "");
	bad("hostkey = MD5:aa", "f.ini:1: hostkey: `MD5:aa' is not*",
	    "ssh-keygen -lf");
	bad("hostkey = " PIN_A "=", "f.ini:1: hostkey*", "Leave out");
	bad("hostkey = 16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48",
	    "f.ini:1: hostkey*", "MD5 is too weak");
	bad("hostkey = AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	    "f.ini:1: hostkey*", "Write SHA256: before it");
	bad("hostkey = " PIN_A "A", "f.ini:1: hostkey*", "Write all of it");
	bad("hostkey = SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	    "f.ini:1: hostkey*", "Write all of it");
	/* 43 digits, but no 32 bytes */
	bad("hostkey = SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB",
	    "f.ini:1: hostkey*", "Write all of it");
	bad("connect-timeout = 0",
	    "f.ini:1: connect-timeout: `0' is not a "
	    "number from 1 to 3600",
	    "");
	bad("connect-timeout = 3601", "f.ini:1: connect-timeout*", "");
	bad("connect-timeout = -1", "f.ini:1: connect-timeout*", "");
	bad("connect-timeout = 1s", "f.ini:1: connect-timeout*", "");
	bad("connect-timeout =", "f.ini:1: connect-timeout*", "");
	bad("connect-timeout = 99999999999999999999",
	    "f.ini:1: connect-timeout*", "");
	bad("max-removals-percent = 101", "f.ini:1: max-removals-percent*", "");
	bad("file-mode = 0688", "f.ini:1: file-mode*", "");
	bad("file-mode = 4755", "f.ini:1: file-mode*", "");
	bad("file-mode = 0044", "f.ini:1: file-mode: 0044 would lock out*", "");
	bad("dir-mode = 0600", "f.ini:1: dir-mode: 0600 would lock out*", "");
	bad("\nurl = sftp://u:secret@h/x",
	    "f.ini:2: the url has a password in it", "--password-fd");
}

/* What libinih would read as something else is refused, not changed. */
static void
no_silent_change(void **state)
{
	static char line[LIMIT_INI_LINE + 2], words[80];
	struct ferry_site *s;

	(void)state;
	bad("source = a ; b", "f.ini:1: `;' behind a blank", "line of its own");
	bad("source = a\t# b", "f.ini:1: `#' behind a blank", "");
	bad("source = ;b", "f.ini:1: `;' behind a blank", "");
	bad("exclude = a\n    b", "f.ini:2: neither*", "");
	bad("exclude = a\n    b = c", "f.ini:2: unknown key `b'", "");
	bad("[p] x\n", "f.ini:1: not a target's [name]*", "");
	bad("[]\n", "f.ini:1: not a target's [name]*", "");
	bad("[p\n", "f.ini:1: not a target's [name]*", "");
	bad("[p/q]\n", "f.ini:1: not a target's [name]*", "");
	bad("[-p]\n", "f.ini:1: not a target's [name]*", "");
	bad("[p]\n[p]\n", "f.ini:2: target [p] stands here twice", "");
	bad("= a\n", "f.ini:1: neither*", "");
	bad("source: a\n", "f.ini:1: neither*", "");
	bad("source: = a\n", "f.ini:1: neither*", "");
	bad("source = a\rurl = b\n", "f.ini:1: a control character (13)", "");
	bad_n("source = a\0b\n", 13, NULL, "f.ini:1: a control character (0)",
	    "");

	/* a long line is read whole, or refused */
	memset(line, 'x', sizeof(line));
	memcpy(line, "source = /", 10);
	line[LIMIT_INI_LINE] = '\0';
	s = good(line, NULL);
	assert_int_equal(strlen(s->source), LIMIT_INI_LINE - 9);
	ferry_site_free(s);
	line[LIMIT_INI_LINE] = 'x';
	line[LIMIT_INI_LINE + 1] = '\0';
	snprintf(words, sizeof(words),
	    "f.ini:1: a line of %d bytes; %d is the most", LIMIT_INI_LINE + 1,
	    LIMIT_INI_LINE);
	bad(line, words, "");

	/* a comment may be long, and so may blanks be around a line */
	memset(line, ' ', sizeof(line));
	line[0] = '#';
	memcpy(line + 300, "\n  source = /a", 14);
	line[350] = '\0';
	s = good(line, NULL);
	assert_string_equal(s->source, "/a");
	ferry_site_free(s);

	s = good("source = /a;b#c", NULL);
	assert_string_equal(s->source, "/a;b#c");
	ferry_site_free(s);
}

static void
targets(void **state)
{
	static const char two[] = "source = a\n[prod]\nurl = sftp://u@p/x\n"
				  "[staging]\nurl = sftp://u@s/x\nsource = b\n";
	static const char standard[] = "default = b\n[a]\n[b]\n";
	struct ferry_site *s;

	(void)state;
	s = good("[only]\nurl = sftp://u@h/x", NULL);
	assert_string_equal(s->target, "only");
	ferry_site_free(s);
	s = good(two, "staging");
	assert_string_equal(s->target, "staging");
	assert_string_equal(s->url.host, "s");
	assert_string_equal(s->source, "/site/b");
	ferry_site_free(s);
	s = good(two, "prod");
	assert_string_equal(s->source, "/site/a");
	ferry_site_free(s);
	s = good(standard, NULL);
	assert_string_equal(s->target, "b");
	ferry_site_free(s);
	s = good(standard, "a"); /* an empty section is one */
	assert_string_equal(s->target, "a");
	ferry_site_free(s);

	bad(two, "f.ini has more than one target",
	    "Name one of: prod, staging.");
	bad_n(two, strlen(two), "prd", "no target `prd' in f.ini",
	    "Did you mean `prod'?  Known targets: prod, staging.");
	bad_n(two, strlen(two), "zzz", "no target `zzz' in f.ini",
	    "Known targets: prod, staging.");
	bad_n(two, strlen(two), "", "no target `' in f.ini", "");
	bad_n("source = a", 10, "x", "no target `x' in f.ini", "name none");
	bad("\ndefault = c\n[a]\n", "f.ini:2: no target [c] in this file",
	    "Known targets: a.");
	/* a mistake in another target is one all the same */
	bad_n("[a]\n[b]\nfoo = 1", 15, "a", "f.ini:3: unknown key `foo'", "");
}

static void
set_keys(void **state)
{
	struct ferry_site *s;
	struct ferry_error e;
	char cwd[4096], want[4200];

	(void)state;
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	assert_int_equal(ferry_site_new(&s, &e), 0);
	assert_int_equal(ferry_site_set(s, "source", "a/./b/", &e), 0);
	snprintf(want, sizeof(want), "%s/a/b", cwd);
	assert_string_equal(s->source, want);
	assert_int_equal(ferry_site_set(s, "source", "/", &e), 0);
	assert_string_equal(s->source, "/");
	assert_int_equal(ferry_site_set(s, "source", "/a/../b", &e), 0);
	assert_string_equal(s->source, "/a/../b");
	assert_int_equal(ferry_site_set(s, "url", "sftp://u@h/x", &e), 0);
	assert_int_equal(ferry_site_set(s, "url", "bad", &e), -ferry_EUSAGE);
	assert_string_equal(s->url.text, "sftp://u@h/x");
	assert_int_equal(ferry_site_set(s, "exclude", "a", &e), 0);
	assert_int_equal(ferry_site_set(s, "exclude", "b", &e), 0);
	assert_int_equal(s->exclude.count, 2);
	assert_int_equal(ferry_site_set(s, "sorce", "b", &e), -ferry_EUSAGE);
	assert_string_equal(e.text, "unknown key `sorce'");
	assert_int_equal(
	    ferry_site_set(s, "default", "b", NULL), -ferry_EUSAGE);
	for (int i = 0; i <= SITE_MAX_PINS; i++) {
		char pin[] = PIN_A;

		pin[10] = (char)('a' + i);
		assert_int_equal(ferry_site_set(s, "hostkey", pin, &e),
		    i < SITE_MAX_PINS ? 0 : -ferry_EUSAGE);
	}
	ferry_site_free(s);
}

static void
judge(void **state)
{
	static const struct {
		const char *url, *id;
	} cases[] = {
		{ "sftp://u@h/x", NULL },
		{ "sftp://h/x", "no_user" },
		{ "ftp://u@h/x", NULL },
		{ "ftps://h/x", "no_user" },
		{ "file:///x", NULL },
	};
	struct ferry_site *s;
	struct ferry_error e;

	(void)state;
	assert_int_equal(ferry_site_new(&s, &e), 0);
	assert_int_equal(ferry_site_set(s, "source", "/a", &e), 0);
	assert_int_equal(site_judge(s, &e), -ferry_EUSAGE);
	assert_string_equal(e.id, "no_url");
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(ferry_site_set(s, "url", cases[i].url, &e), 0);
		assert_int_equal(
		    site_judge(s, &e), cases[i].id != NULL ? -ferry_EUSAGE : 0);
		if (cases[i].id != NULL)
			assert_string_equal(e.id, cases[i].id);
	}
	ferry_site_free(s);
}

static void
state_names(void **state)
{
	struct ferry_site *s = good("source = a\n[prod]\n"
				    "url = sftp://u@[::1]/x",
	    NULL);
	char name[64], other[64], cut[20];
	char source[SITE_SOURCE_NAME], second[SITE_SOURCE_NAME];

	(void)state;
	site_state_name(s, name, sizeof(name));
	assert_memory_equal(name, "__1-", 4);
	assert_int_equal(strlen(name), 4 + 16);
	assert_null(strchr(name, '/'));
	site_state_name(s, other, sizeof(other));
	assert_string_equal(name, other);
	site_state_name(s, cut, sizeof(cut));
	assert_int_equal(strlen(cut), 19);
	assert_string_equal(cut + 3, name + 4);

	/* one state for the url, and caches of their own for each source */
	site_source_name(s, source);
	assert_int_equal(ferry_site_set(s, "source", "/b", NULL), 0);
	site_state_name(s, other, sizeof(other));
	assert_string_equal(name, other);
	site_source_name(s, second);
	assert_string_not_equal(source, second);
	assert_null(strchr(second, '/'));
	assert_int_equal(ferry_site_set(s, "url", "sftp://v@[::1]/x", NULL), 0);
	site_state_name(s, name, sizeof(name));
	assert_string_not_equal(name, other);
	ferry_site_free(s);
}

static char top[] = "/tmp/test-site-XXXXXX";

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int
enter_top(void **state)
{
	char *real;

	(void)state;
	if (mkdtemp(top) == NULL || chdir(top) != 0)
		return -1;
	real = realpath(".", NULL);
	if (real == NULL || strlen(real) >= sizeof(top))
		return -1;
	free(real);
	return mkdir("a", 0755) || mkdir("a/b", 0755);
}

static int
drop(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int
leave_top(void **state)
{
	(void)state;
	return chdir("/") || nftw(top, drop, 8, FTW_DEPTH | FTW_PHYS);
}

static void
found_by_walking_up(void **state)
{
	struct ferry_site *s;
	struct ferry_error e;
	char want[100];

	(void)state;
	assert_int_equal(
	    ferry_site_load(&s, NULL, "a/b", NULL, &e), -ferry_EUSAGE);
	assert_string_equal(e.id, "no_site_file");
	assert_null(s);

	write_file("sandferry.ini", "source = web\nurl = sftp://u@h/x\n");
	assert_int_equal(ferry_site_load(&s, NULL, "a/b", NULL, &e), 0);
	snprintf(want, sizeof(want), "%s/web", top);
	assert_string_equal(s->source, want);
	snprintf(want, sizeof(want), "%s/sandferry.ini", top);
	assert_string_equal(s->file, want);
	ferry_site_free(s);

	/* the nearest one counts, even a broken one */
	write_file("a/sandferry.ini", "oops\n");
	assert_int_equal(
	    ferry_site_load(&s, NULL, "a/b", NULL, &e), -ferry_EUSAGE);
	assert_memory_equal(e.text, "sandferry.ini:1: ", 17);
	assert_int_equal(ferry_site_load(&s, NULL, NULL, NULL, &e), 0);
	ferry_site_free(s);

	/* a named one */
	assert_int_equal(
	    ferry_site_load(&s, "a/../sandferry.ini", "a", NULL, &e), 0);
	snprintf(want, sizeof(want), "%s/web", top);
	assert_string_equal(s->source, want);
	ferry_site_free(s);
	assert_int_equal(ferry_site_load(&s, "a/sandferry.ini", NULL, NULL, &e),
	    -ferry_EUSAGE);
	assert_memory_equal(e.text, "a/sandferry.ini:1: ", 19);

	assert_int_equal(
	    ferry_site_load(&s, "none.ini", NULL, NULL, &e), -ferry_EUSAGE);
	assert_int_equal(
	    ferry_site_load(&s, "a/b", NULL, NULL, &e), -ferry_EUSAGE);
	assert_int_equal(
	    ferry_site_load(&s, "no/x.ini", NULL, NULL, &e), -ferry_EUSAGE);
	assert_int_equal(
	    ferry_site_load(&s, NULL, "no", NULL, &e), -ferry_EUSAGE);
	assert_int_equal(
	    ferry_site_load(&s, "/dev/zero", NULL, NULL, &e), -ferry_EUSAGE);
}

static void
near_words(void **state)
{
	struct near n = near_to("source");

	(void)state;
	near_offer(&n, "exclude");
	assert_null(n.best);
	near_offer(&n, "osurce");
	assert_string_equal(n.best, "osurce");
	near_offer(&n, "sauces");
	assert_string_equal(n.best, "osurce");
	near_offer(&n, "source");
	assert_string_equal(n.best, "source");
	n = near_to("");
	near_offer(&n, "a");
	assert_null(n.best);
	n = near_to("a-very-long-word-that-is-longer-than-forty-letters");
	near_offer(&n, "a-very-long-word-that-is-longer-than-forty-letter");
	assert_null(n.best);
}

static void
from_memory(void **state)
{
	static const char text[] = "source = out\n[a]\nurl = sftp://u@h/x\n"
				   "[b]\nurl = sftp://u@h/y\nconections = 2\n";
	const size_t good_n = (size_t)(strstr(text, "con") - text);
	char *large = calloc(1, LIMIT_SITE_FILE + 1), cwd[LIMIT_PATH];
	struct ferry_site *s = (struct ferry_site *)text;
	struct ferry_error e;

	(void)state;
	assert_int_equal(ferry_site_parse(&s, text, sizeof(text) - 1, "my.ini",
			     "/site", "b", &e),
	    -ferry_EUSAGE);
	assert_null(s);
	assert_memory_equal(e.text, "my.ini:6: ", 10);
	assert_int_equal(
	    ferry_site_parse(&s, text, good_n, NULL, "/site", NULL, &e),
	    -ferry_EUSAGE);
	assert_string_equal(e.text, "sandferry.ini has more than one target");
	/* exactly n bytes; nowhere a file, nor a folder that is looked at */
	assert_int_equal(
	    ferry_site_parse(&s, text, good_n, NULL, "/no/where", "b", &e), 0);
	assert_string_equal(s->source, "/no/where/out");
	assert_string_equal(s->target, "b");
	assert_string_equal(s->url.path, "/y");
	assert_null(s->file);
	ferry_site_free(s);
	assert_int_equal(
	    ferry_site_parse(&s, text, good_n, NULL, NULL, "a", &e), 0);
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	assert_memory_equal(s->source, cwd, strlen(cwd));
	assert_string_equal(s->source + strlen(cwd), "/out");
	ferry_site_free(s);
	assert_int_equal(
	    ferry_site_parse(&s, text, good_n, "n", "no/where", "a", &e),
	    -ferry_EUSAGE);
	assert_string_equal(e.id, "no_current_folder");
	assert_memory_equal(e.text, "n:1: ", 5);
	assert_int_equal(ferry_site_parse(&s, "", 0, NULL, NULL, NULL, &e), 0);
	ferry_site_free(s);
	memset(large, '\n', LIMIT_SITE_FILE + 1);
	assert_int_equal(
	    ferry_site_parse(&s, large, LIMIT_SITE_FILE, NULL, NULL, NULL, &e),
	    0);
	ferry_site_free(s);
	assert_int_equal(ferry_site_parse(&s, large, LIMIT_SITE_FILE + 1, NULL,
			     NULL, NULL, &e),
	    -ferry_EUSAGE);
	assert_string_equal(e.id, "site_too_long");
	free(large);
}

static void
note_target(void *ctx, const char *name)
{
	strcat(strcat(ctx, name), " ");
}

static void
targets_are_told(void **state)
{
	char dir[] = "/tmp/test_site.XXXXXX", path[64], names[64] = "";
	struct ferry_error e;
	FILE *file;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/sandferry.ini", dir);
	assert_int_equal(ferry_site_targets(path, NULL, note_target, names, &e),
	    -ferry_EUSAGE);
	assert_string_equal(e.id, "no_site_file");
	file = fopen(path, "w");
	assert_non_null(file);
	/* What a target says is judged when it is loaded. */
	fputs("default = none\n[b]\nurl = nonsense\n[a.1]\n", file);
	fclose(file);
	assert_int_equal(
	    ferry_site_targets(path, NULL, note_target, names, &e), 0);
	assert_string_equal(names, "b a.1 ");
	assert_int_equal(
	    ferry_site_targets(NULL, dir, note_target, names, NULL), 0);
	assert_string_equal(names, "b a.1 b a.1 ");
	file = fopen(path, "a");
	assert_non_null(file);
	fputs("sorce = x\n", file);
	fclose(file);
	assert_int_equal(ferry_site_targets(path, NULL, note_target, names, &e),
	    -ferry_EUSAGE);
	assert_string_equal(e.hint, "Did you mean `source'?");
	assert_string_equal(names, "b a.1 b a.1 ");
	unlink(path);
	rmdir(dir);
}

static void
words_have_near_misses(void **state)
{
	static const struct {
		const char *key, *value, *hint;
	} cases[] = {
		{ "drift", "overwrit", "Did you mean `overwrite'?" },
		{ "symlinks", "folow", "Did you mean `follow'?" },
		{ "layout", "release", "Did you mean `releases'?" },
		{ "compression", "atuo", "Did you mean `auto'?" },
		{ "precompress", "gzpi", "Did you mean `gzip'?" },
		{ "durable", "yse", "Did you mean `yes'?" },
		{ "drift", "elsewhere", "" },
		{ "source", "", "" },
	};
	struct ferry_error e;
	struct ferry_site *s;

	(void)state;
	assert_int_equal(ferry_site_new(&s, NULL), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(
		    ferry_site_set(s, cases[i].key, cases[i].value, &e),
		    -ferry_EUSAGE);
		assert_string_equal(e.id, "bad_value");
		assert_string_equal(e.hint, cases[i].hint);
	}
	ferry_site_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(every_key),
		cmocka_unit_test(wrong_keys),
		cmocka_unit_test(wrong_values),
		cmocka_unit_test(no_silent_change),
		cmocka_unit_test(targets),
		cmocka_unit_test(set_keys),
		cmocka_unit_test(judge),
		cmocka_unit_test(from_memory),
		cmocka_unit_test(state_names),
		cmocka_unit_test_setup_teardown(
		    found_by_walking_up, enter_top, leave_top),
		cmocka_unit_test(near_words),
		cmocka_unit_test(targets_are_told),
		cmocka_unit_test(words_have_near_misses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
