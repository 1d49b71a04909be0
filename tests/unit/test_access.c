/* The access file: what is believed, what is said, what an edit leaves. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "auth/access.h"
#include "base/fs.h"
#include "base/limits.h"

#define SITE "sftp://me@example.org/www"
#define OTHER "sftp://me@[::1]:2222/www"
#define PIN "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

struct place {
	char dir[64];
	char file[128];
};

static int
make_place(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return -1;
	strcpy(p->dir, "/tmp/test-access-XXXXXX");
	if (mkdtemp(p->dir) == NULL)
		return -1;
	snprintf(p->file, sizeof(p->file), "%s/access.ini", p->dir);
	*state = p;
	return 0;
}

static int
free_place(void **state)
{
	struct place *p = *state;
	char command[128];
	int rc;

	snprintf(command, sizeof(command), "rm -rf %s", p->dir);
	rc = system(command);
	free(p);
	return rc;
}

static void
write_n(const struct place *p, const char *text, size_t n)
{
	int fd = open(p->file, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fs_write_all(fd, text, n), 0);
	close(fd);
}

static void
write_text(const struct place *p, const char *text)
{
	write_n(p, text, strlen(text));
}

static void
assert_file(const struct place *p, const char *text)
{
	struct buf b;

	buf_init(&b, LIMIT_ACCESS_FILE);
	assert_int_equal(fs_read(AT_FDCWD, p->file, false, &b), 0);
	assert_string_equal(buf_text(&b), text);
	buf_free(&b);
}

static struct access *
good(const struct place *p, const char *text)
{
	struct ferry_error e;
	struct access *a;

	write_text(p, text);
	if (access_load(&a, AT_FDCWD, p->file, &e) != 0)
		fail_msg("%s: %s", text, e.text);
	return a;
}

/* The file as it is fails: words behind its name, and in the hint. */
static void
bad_file(const struct place *p, const char *words, const char *hint)
{
	struct ferry_error e;
	struct access *a;
	const char *text;

	assert_int_equal(access_load(&a, AT_FDCWD, p->file, &e), -ferry_EUSAGE);
	assert_null(a);
	assert_int_equal(e.code, ferry_EUSAGE);
	text = strstr(e.text, p->file);
	if (text == NULL || strstr(text, words) == NULL)
		fail_msg("%s", e.text);
	if (strstr(e.hint, hint) == NULL)
		fail_msg("%s: hint: %s", e.text, e.hint);
}

static void
bad(const struct place *p, const char *text, const char *words,
    const char *hint)
{
	write_text(p, text);
	bad_file(p, words, hint);
}

static void
reads(void **state)
{
	const struct place *p = *state;
	struct access *a;
	unsigned line;

	a = good(p,
	    "\xef\xbb\xbf# mine\r\nfallback-known-hosts = /a b/known\r\n"
	    "\thash-known-hosts=yes\r\n[" SITE "]\r\nkey = /k\r\n"
	    "fingerprint = " PIN "\nhost-key = " PIN "\n"
	    "made = 2026-01-02T03:04:05Z\nused = 2026-01-02T03:04:05Z\n"
	    "mac = 0aZ+/=\npassword-command = /bin/pass show a=b\n"
	    "keyring = no\nplain-ftp = yes\n\n[" OTHER "]\nkey = /other");
	assert_string_equal(
	    access_get(a, NULL, "fallback-known-hosts"), "/a b/known");
	assert_true(access_yes(a, NULL, "hash-known-hosts", false));
	assert_null(access_get(a, NULL, "system-known-hosts"));
	assert_true(access_yes(a, NULL, "system-known-hosts", true));
	assert_string_equal(access_get(a, SITE, "key"), "/k");
	assert_string_equal(access_get(a, OTHER, "key"), "/other");
	assert_string_equal(
	    access_get(a, SITE, "password-command"), "/bin/pass show a=b");
	assert_false(access_yes(a, SITE, "keyring", true));
	assert_true(access_yes(a, SITE, "plain-ftp", false));
	assert_null(access_get(a, OTHER, "mac"));
	assert_null(access_get(a, NULL, "key"));
	assert_null(access_get(a, "sftp://me@example.org/ww", "key"));
	assert_string_equal(access_url(a, 0, &line), SITE);
	assert_int_equal(line, 4);
	assert_string_equal(access_url(a, 1, NULL), OTHER);
	assert_null(access_url(a, 2, &line));
	assert_string_equal(access_path(a), p->file);
	access_free(a);
	access_free(NULL);
}

/* libinih would cut the url at 50 bytes and the path at 200. */
static void
reads_long_lines(void **state)
{
	const struct place *p = *state;
	char url[600], path[3000], text[4000];
	struct access *a;

	snprintf(url, sizeof(url), "sftp://me@example.org/%0500d", 7);
	snprintf(path, sizeof(path), "/%02900d", 8);
	snprintf(text, sizeof(text), "[%s]\nkey = %s\n", url, path);
	a = good(p, text);
	assert_string_equal(access_url(a, 0, NULL), url);
	assert_string_equal(access_get(a, url, "key"), path);
	access_free(a);
}

static void
missing_is_empty(void **state)
{
	struct place *p = *state;
	struct ferry_error e;
	struct access *a;

	assert_int_equal(access_load(&a, AT_FDCWD, p->file, &e), 0);
	assert_null(access_get(a, NULL, "hash-known-hosts"));
	assert_null(access_url(a, 0, NULL));
	access_free(a);
	strcat(p->file, "/below/a-file-that-is-none");
	assert_int_equal(access_load(&a, AT_FDCWD, p->file, &e), 0);
	access_free(a);
	assert_int_equal(access_load(&a, AT_FDCWD, NULL, &e), 0);
	assert_string_equal(access_path(a), "");
	assert_int_equal(access_save(a, &e), -ferry_EINTERNAL);
	access_free(a);
	assert_int_equal(access(p->file, F_OK), -1);
}

static void
says_what_is_wrong(void **state)
{
	const struct place *p = *state;
	static char text[LIMIT_ACCESS_FILE + 2];
	static const char *const sections[] = { "[]", "[a]", "[p] x", "[p",
		"[sftp://example.org/www]", "[sftp://example.org/u@h]",
		"[://u@h/]", "[sftp://@h/]", "[sftp://u@]",
		"[sftp://u@h/a b]" };

	bad(p, "\nhash-known-host = yes\n", ":2: unknown key `hash-known-host'",
	    "Did you mean `hash-known-hosts'?");
	bad(p, "agent = /k\n", ":1: unknown key `agent'", "");
	bad(p, "key = /k\n", ":1: `key' belongs below a [url] of a site", "");
	bad(p, "[" SITE "]\nhash-known-hosts = yes\n",
	    ":2: `hash-known-hosts' belongs above the first [url]", "");
	bad(p, "hash-known-hosts = yes\nhash-known-hosts = yes\n",
	    ":2: `hash-known-hosts' stands in this section already", "");
	bad(p, "[" SITE "]\nkey = /a\nkey = /b\n", ":3: `key' stands in", "");
	bad(p, "[" SITE "]\n[" OTHER "]\n[" SITE "]\n", ":3: [" SITE "] stands",
	    "");
	bad(p, "hash-known-hosts = maybe\n",
	    ":1: hash-known-hosts: `maybe' is not yes or no", "");
	bad(p, "hash-known-hosts =\n", ":1: hash-known-hosts: `' is not", "");
	bad(p, "fallback-known-hosts = ~/x\n", "is not a path that begins", "");
	bad(p, "[" SITE "]\nkey = k\n", "is not a path that begins", "");
	bad(p, "[" SITE "]\nfingerprint = SHA256:AA\n", "is not a finger", "");
	bad(p, "[" SITE "]\nfingerprint = " PIN "A\n", "is not a finger", "");
	bad(p, "[" SITE "]\nmade = 2026-01-02T03:04:05\n", "not a time", "");
	bad(p, "[" SITE "]\nmade = 2026-01-0xT03:04:05Z\n", "not a time", "");
	bad(p, "[" SITE "]\nmac = a!\n", "is not letters, digits", "");
	bad(p, "[" SITE "]\npassword-command =\n", "is not a program", "");
	bad(p, "yes\n", ":1: neither `key = value' nor a [url]", "");
	bad(p, "[" SITE "]\nkey = /k # mine\n", ":2: `#' behind a blank",
	    "line of its own");
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		bad(p, sections[i], ":1: not ", "");
	write_n(p, "mac = \0\n", 8);
	bad_file(p, ":1: a control character (0)", "");
	memset(text, '#', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	bad(p, text, "File too large", "name another");
}

/* Whoever else could have written it cannot speak for the user. */
static void
believes_its_owner_only(void **state)
{
	struct place *p = *state;
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	char real[128];
	struct access *a;
	int fd;

	write_text(p, "hash-known-hosts = yes\n");
	assert_int_equal(chmod(p->file, 0620), 0);
	bad_file(p, "can be written by others", "chmod 600 '");
	assert_int_equal(chmod(p->file, 0602), 0);
	bad_file(p, "can be written by others", "chmod 600 '");
	assert_int_equal(chmod(p->file, 0644), 0); /* it holds no secrets */
	assert_int_equal(access_load(&a, AT_FDCWD, p->file, NULL), 0);
	access_free(a);

	/* a link is as good as what it leads to */
	snprintf(real, sizeof(real), "%s/real", p->dir);
	assert_int_equal(rename(p->file, real), 0);
	assert_int_equal(symlink("real", p->file), 0);
	assert_int_equal(access_load(&a, AT_FDCWD, p->file, NULL), 0);
	assert_true(access_yes(a, NULL, "hash-known-hosts", false));
	access_free(a);
	assert_int_equal(unlink(p->file), 0);
	assert_int_equal(symlink(p->file, p->file), 0);
	bad_file(p, "Too many levels", "name another");
	assert_int_equal(unlink(p->file), 0);
	assert_int_equal(symlink("/dev/zero", p->file), 0);
	bad_file(p, "is not a regular file", "move it away");
	assert_int_equal(unlink(p->file), 0);
	if (getuid() == 0) {
		assert_int_equal(chown(real, 12345, 12345), 0);
		assert_int_equal(symlink("real", p->file), 0);
	} else {
		assert_int_equal(symlink("/etc/passwd", p->file), 0);
	}
	bad_file(p, "belongs to somebody else", "name another");
	assert_int_equal(unlink(p->file), 0);

	assert_int_equal(mkfifo(p->file, 0600), 0);
	bad_file(p, "is not a regular file", "move it away");
	assert_int_equal(unlink(p->file), 0);
	assert_int_equal(mkdir(p->file, 0700), 0);
	bad_file(p, "is not a regular file", "move it away");
	assert_int_equal(rmdir(p->file), 0);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	strcpy(name.sun_path, p->file);
	assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	bad_file(p, "is not a regular file", "move it away");
	close(fd);
}

static struct access *
opened(const struct place *p)
{
	struct ferry_error e;
	struct access *a;

	if (access_open(&a, AT_FDCWD, p->file, &e) != 0)
		fail_msg("%s", e.text);
	return a;
}

static void
set(struct access *a, const char *url, const char *key, const char *value)
{
	struct ferry_error e;

	if (access_set(a, url, key, value, &e) != 0)
		fail_msg("%s", e.text);
	assert_string_equal(access_get(a, url, key), value);
}

static void
makes_the_file(void **state)
{
	struct place *p = *state;
	struct access *a;
	struct stat st;
	char dir[96];

	snprintf(dir, sizeof(dir), "%s/x/y", p->dir);
	snprintf(p->file, sizeof(p->file), "%s/access.ini", dir);
	a = opened(p);
	set(a, SITE, "key", "/k");
	set(a, OTHER, "key", "/o");
	set(a, SITE, "fingerprint", PIN);
	set(a, NULL, "hash-known-hosts", "no");
	assert_int_equal(access_save(a, NULL), 0);
	access_free(a);
	assert_file(p,
	    "hash-known-hosts = no\n[" SITE "]\nkey = /k\nfingerprint = " PIN
	    "\n\n[" OTHER "]\nkey = /o\n");
	assert_int_equal(stat(p->file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

static void
edits_nothing_else(void **state)
{
	const struct place *p = *state;
	static const char before[] =
	    "# mine\n\n; odd  \n  fallback-known-hosts=/a\n\n# a site\n[" SITE
	    "]\n# why\nkey   =   /k\n\n# another\n[" OTHER "]\nkey = /o";
	struct access *a;

	write_text(p, before);
	assert_int_equal(chmod(p->file, 0644), 0);
	a = opened(p);
	set(a, SITE, "key", "/new");
	set(a, SITE, "keyring", "yes");
	set(a, NULL, "system-known-hosts", "yes");
	set(a, OTHER, "mac", "00");
	assert_int_equal(access_remove(a, NULL, "hash-known-hosts", NULL), 0);
	assert_int_equal(access_remove(a, OTHER, "made", NULL), 0);
	assert_int_equal(access_remove(a, "sftp://a@b/", NULL, NULL), 0);
	assert_file(p, before);
	assert_int_equal(access_save(a, NULL), 0);
	access_free(a);
	assert_file(p,
	    "# mine\n\n; odd  \n  fallback-known-hosts=/a\n"
	    "system-known-hosts = yes\n\n# a site\n[" SITE
	    "]\n# why\nkey = /new\nkeyring = yes\n\n# another\n[" OTHER
	    "]\nkey = /o\nmac = 00\n");

	/* and what was added goes without a trace */
	write_text(p, before);
	a = opened(p);
	set(a, OTHER, "mac", "00");
	assert_int_equal(access_remove(a, SITE, NULL, NULL), 0);
	assert_null(access_get(a, SITE, "key"));
	assert_int_equal(access_save(a, NULL), 0);
	assert_file(p,
	    "# mine\n\n; odd  \n  fallback-known-hosts=/a\n\n# a site\n"
	    "\n# another\n[" OTHER "]\nkey = /o\nmac = 00\n");
	set(a, SITE, "key", "/k");
	assert_int_equal(access_remove(a, SITE, NULL, NULL), 0);
	assert_int_equal(access_save(a, NULL), 0);
	assert_file(p,
	    "# mine\n\n; odd  \n  fallback-known-hosts=/a\n\n# a site\n"
	    "\n# another\n[" OTHER "]\nkey = /o\nmac = 00\n");
	access_free(a);
}

static void
keeps_line_ends_and_mark(void **state)
{
	const struct place *p = *state;
	struct access *a;

	write_text(p, "\xef\xbb\xbf# mine\r\n[" SITE "]\r\nkey = /k\r\n");
	a = opened(p);
	set(a, NULL, "hash-known-hosts", "yes");
	set(a, OTHER, "key", "/o");
	assert_int_equal(access_save(a, NULL), 0);
	assert_file(p,
	    "\xef\xbb\xbfhash-known-hosts = yes\r\n# mine\r\n[" SITE
	    "]\r\nkey = /k\r\n\r\n[" OTHER "]\r\nkey = /o\r\n");
	assert_int_equal(access_remove(a, OTHER, NULL, NULL), 0);
	assert_int_equal(access_remove(a, NULL, "hash-known-hosts", NULL), 0);
	assert_int_equal(access_save(a, NULL), 0);
	access_free(a);
	assert_file(p, "\xef\xbb\xbf# mine\r\n[" SITE "]\r\nkey = /k\r\n");
}

/* No value becomes two lines, or a comment, or another value. */
static void
refuses_what_it_could_not_read(void **state)
{
	static const struct {
		const char *url, *key, *value;
	} cases[] = {
		{ SITE, "key", "/a\nkeyring = yes" },
		{ SITE, "key", "/a\r" },
		{ SITE, "key", "/a " },
		{ SITE, "key", "/a #b" },
		{ SITE, "key", "a" },
		{ SITE, "password-command", " /x" },
		{ SITE, "password-command", "" },
		{ SITE, "keyring", "maybe" },
		{ SITE, "unknown", "/a" },
		{ SITE, "key = /b\nkey", "/a" },
		{ SITE, "hash-known-hosts", "yes" },
		{ NULL, "key", "/a" },
		{ SITE "]\n[" OTHER, "key", "/a" },
		{ "sftp://example.org/", "key", "/a" },
		{ "", "key", "/a" },
	};
	const struct place *p = *state;
	struct ferry_error e;
	static char huge[LIMIT_ACCESS_FILE];
	struct access *a;

	write_text(p, "[" SITE "]\nmac = 00\n");
	a = opened(p);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (access_set(a, cases[i].url, cases[i].key, cases[i].value,
			&e) != -ferry_EUSAGE)
			fail_msg("case %zu was taken", i);
		assert_string_not_equal(e.text, "");
		assert_string_equal(access_get(a, SITE, "mac"), "00");
		assert_null(access_get(a, SITE, "key"));
	}
	memset(huge, 'x', sizeof(huge) - 1);
	huge[0] = '/';
	assert_int_equal(access_set(a, SITE, "key", huge, &e), -ferry_EUSAGE);
	huge[LIMIT_INI_LINE] = '\0';
	assert_int_equal(access_set(a, SITE, "key", huge, &e), -ferry_EUSAGE);
	assert_int_equal(access_save(a, NULL), 0);
	access_free(a);
	assert_file(p, "[" SITE "]\nmac = 00\n");
}

static void
replaces_no_link(void **state)
{
	const struct place *p = *state;
	struct ferry_error e;
	struct access *a;

	assert_int_equal(symlink("real", p->file), 0);
	assert_int_equal(access_open(&a, AT_FDCWD, p->file, &e), -ferry_EUSAGE);
	assert_non_null(strstr(e.text, "is a symbolic link"));
	assert_null(a);
	assert_int_equal(unlink(p->file), 0);
	assert_int_equal(rmdir(p->dir), 0); /* not even a lock is left */
	assert_int_equal(mkdir(p->dir, 0700), 0);
}

/* Runs at the same time: nothing that one of them wrote is lost. */
static void
excludes_others(void **state)
{
	enum { RUNS = 8, EACH = 5 };
	const struct place *p = *state;
	struct access *a;
	char url[64];
	int status, i, k;

	for (i = 0; i < RUNS; i++) {
		if (fork() != 0)
			continue;
		for (k = 0; k < EACH; k++) {
			snprintf(url, sizeof(url), "sftp://u%d@h/%d", i, k);
			if (access_open(&a, AT_FDCWD, p->file, NULL) != 0 ||
			    access_set(a, url, "keyring", "yes", NULL) != 0 ||
			    access_save(a, NULL) != 0)
				_exit(1);
			access_free(a);
		}
		_exit(0);
	}
	for (i = 0; i < RUNS; i++) {
		assert_int_not_equal(wait(&status), -1);
		assert_int_equal(status, 0);
	}
	assert_int_equal(access_load(&a, AT_FDCWD, p->file, NULL), 0);
	assert_non_null(access_url(a, RUNS * EACH - 1, NULL));
	assert_null(access_url(a, RUNS * EACH, NULL));
	access_free(a);
}

#define AT_PLACE(test) \
	cmocka_unit_test_setup_teardown(test, make_place, free_place)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		AT_PLACE(reads),
		AT_PLACE(reads_long_lines),
		AT_PLACE(missing_is_empty),
		AT_PLACE(says_what_is_wrong),
		AT_PLACE(believes_its_owner_only),
		AT_PLACE(makes_the_file),
		AT_PLACE(edits_nothing_else),
		AT_PLACE(keeps_line_ends_and_mark),
		AT_PLACE(refuses_what_it_could_not_read),
		AT_PLACE(replaces_no_link),
		AT_PLACE(excludes_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
