/* Two known_hosts files: judged by the table, the private one rewritten. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/limits.h"
#include "known_hosts/store.h"
#include "tests/unit/known_hosts_keys.h"

/* ssh-keygen -H of h.example */
#define HASH_H "|1|FmxMaXetNZs4YI2HRxjIDvy0aVw=|TAcxvtY2kQ8FIl5xErp/aKh89+U="
#define H "h.example"
#define ED_A H " " LINE_ED_A "\n"
#define ED_B H " " LINE_ED_B "\n"
#define HOST_RSA H " " LINE_RSA "\n"

static char dir[64], own[128], fallback[128];
static const struct store_files both = {
	.dirfd = AT_FDCWD, .own = own, .fallback = { fallback }
};
static const struct store_files alone = { .dirfd = AT_FDCWD, .own = own };
static unsigned warnings;
static char last_warning[512];

static void
sink(void *ctx, enum log_level level, const char *line)
{
	(void)ctx;
	if (level > LOG_WARNING)
		return;
	warnings++;
	snprintf(last_warning, sizeof(last_warning), "%s", line);
}

static const struct log test_log = { LOG_DEBUG, sink, NULL };

static void
write_file(const char *path, const char *text)
{
	unlink(path);
	if (text == NULL)
		return;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fs_write_all(fd, text, strlen(text)), 0);
	close(fd);
}

static void
assert_file(const char *path, const char *text)
{
	struct buf b;

	buf_init(&b, LIMIT_KNOWN_HOSTS);
	assert_int_equal(fs_read(AT_FDCWD, path, false, &b), 0);
	assert_string_equal(buf_text(&b), text);
	buf_free(&b);
}

static int
setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/ferry-store-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(own, sizeof(own), "%s/private/known_hosts", dir);
	snprintf(fallback, sizeof(fallback), "%s/fallback", dir);
	warnings = 0;
	return 0;
}

static int
teardown(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	return system(command);
}

static void
make_own_dir(void)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/private", dir);
	mkdir(path, 0700);
}

static struct store *
load(const char *own_text, const char *fallback_text)
{
	struct ferry_error err;
	struct store *s;

	if (own_text != NULL) {
		make_own_dir();
		write_file(own, own_text);
	} else {
		unlink(own);
	}
	write_file(fallback, fallback_text);
	assert_int_equal(store_load(&s, &both, &test_log, &err), 0);
	return s;
}

struct key {
	unsigned char blob[1024];
	size_t n;
};

static struct key
key_of(const char *base64)
{
	struct key k;

	assert_true(strlen(base64) / 4 * 3 <= sizeof(k.blob));
	assert_true(hash_unbase64(base64, strlen(base64), k.blob, &k.n));
	return k;
}

static struct store_report
judge_host(struct store *s, struct store_host host, const char *base64)
{
	struct store_report r;
	struct key k = key_of(base64);

	store_judge(s, &host, k.blob, k.n, &r);
	return r;
}

static enum store_verdict
verdict(const char *own_text, const char *fallback_text, unsigned port)
{
	struct store *s = load(own_text, fallback_text);
	struct store_report r =
	    judge_host(s, (struct store_host){ H, NULL, port }, KEY_ED_A);

	store_free(s);
	return r.verdict;
}

/* Own and fallback each say one of these things of KEY_ED_A. */
enum word { NONE, SAME, OTHER, TYPE, REVOKED, WORDS };

static void
the_table(void **state)
{
	static const char *const texts[WORDS] = { NULL, ED_A, ED_B, HOST_RSA,
		ED_A "@revoked * " LINE_ED_A "\n" };
	static const enum store_verdict want[WORDS][WORDS] = {
		[NONE] = { STORE_UNKNOWN, STORE_TRUSTED, STORE_CHANGED,
		    STORE_NEW_TYPE, STORE_REVOKED },
		[SAME] = { STORE_TRUSTED, STORE_TRUSTED, STORE_TRUSTED,
		    STORE_TRUSTED, STORE_REVOKED },
		[OTHER] = { STORE_CHANGED, STORE_CHANGED, STORE_CHANGED,
		    STORE_CHANGED, STORE_REVOKED },
		[TYPE] = { STORE_NEW_TYPE, STORE_TRUSTED, STORE_CHANGED,
		    STORE_NEW_TYPE, STORE_REVOKED },
		[REVOKED] = { STORE_REVOKED, STORE_REVOKED, STORE_REVOKED,
		    STORE_REVOKED, STORE_REVOKED },
	};
	struct store_report r;
	struct store *s;

	(void)state;
	for (int i = 0; i < WORDS; i++) {
		for (int j = 0; j < WORDS; j++) {
			s = load(texts[i], texts[j]);
			r = judge_host(
			    s, (struct store_host){ H, NULL, 22 }, KEY_ED_A);
			assert_int_equal(r.verdict, want[i][j]);
			assert_int_equal(r.from_fallback,
			    r.verdict == STORE_TRUSTED && i != SAME);
			assert_true((r.own.path == NULL) == (i == NONE));
			assert_true((r.fallback.path == NULL) == (j == NONE));
			assert_true((r.own.line == 0) == (i == NONE));
			store_free(s);
		}
	}
	assert_int_equal(warnings, 0);
}

static void
findings_name_the_line(void **state)
{
	struct store_report r;
	struct store *s;

	(void)state;
	s = load("# c\n\n" HOST_RSA ED_B, ED_A ED_B);
	r = judge_host(s, (struct store_host){ H, NULL, 22 }, KEY_ED_A);
	assert_int_equal(r.verdict, STORE_CHANGED);
	assert_int_equal(r.own.line, 4);
	assert_string_equal(r.own.path, own);
	assert_string_equal(r.own.type, "ssh-ed25519");
	assert_memory_equal(r.own.fingerprint, "SHA256:", 7);
	assert_int_equal(r.fallback.verdict, STORE_TRUSTED);
	assert_int_equal(r.fallback.line, 1);
	assert_string_not_equal(r.own.fingerprint, r.fallback.fingerprint);
	store_free(s);
}

static void
any_line_may_hold_the_key(void **state)
{
	(void)state;
	assert_int_equal(verdict(ED_B ED_A, NULL, 22), STORE_TRUSTED);
	assert_int_equal(
	    verdict("*.example " LINE_ED_A "\n" ED_B, NULL, 22), STORE_TRUSTED);
	assert_int_equal(
	    verdict(HASH_H " " LINE_ED_A "\r\n", NULL, 22), STORE_TRUSTED);
	assert_int_equal(
	    verdict(HASH_H " " LINE_ED_B, NULL, 22), STORE_CHANGED);
	assert_int_equal(verdict("*.example,!" H " " LINE_ED_A "\n", NULL, 22),
	    STORE_UNKNOWN);
	assert_int_equal(
	    verdict(H " " LINE_DSA "\n", NULL, 22), STORE_NEW_TYPE);
	assert_int_equal(
	    verdict(H " ssh-new AAAAB3NzaC1uZXc=\n", NULL, 22), STORE_NEW_TYPE);
}

static void
authorities_are_no_hosts(void **state)
{
	(void)state;
	assert_int_equal(verdict("@cert-authority * " LINE_ED_A "\n", NULL, 22),
	    STORE_UNKNOWN);
	assert_int_equal(verdict("@cert-authority * " LINE_ED_B "\n", NULL, 22),
	    STORE_UNKNOWN);
	assert_int_equal(
	    verdict("@cert-authority @revoked * " LINE_ED_A "\n", NULL, 22),
	    STORE_UNKNOWN);
}

static void
revoked_for_whom(void **state)
{
	(void)state;
	assert_int_equal(
	    verdict(ED_A "@revoked i.example " LINE_ED_A "\n", NULL, 22),
	    STORE_TRUSTED);
	assert_int_equal(verdict(ED_A "@revoked * " LINE_ED_B "\n", NULL, 22),
	    STORE_TRUSTED);
	assert_int_equal(
	    verdict(NULL, "@revoked\t" H "\t" LINE_ED_A, 22), STORE_REVOKED);
	/* The plain name's revocation holds on every port. */
	assert_int_equal(verdict("[" H "]:2222 " LINE_ED_A "\n",
			     "@revoked " H " " LINE_ED_A "\n", 2222),
	    STORE_REVOKED);
}

static void
ports(void **state)
{
	(void)state;
	assert_int_equal(
	    verdict("[" H "]:2222 " LINE_ED_A "\n", NULL, 2222), STORE_TRUSTED);
	assert_int_equal(
	    verdict("[" H "]:2222 " LINE_ED_A "\n", NULL, 22), STORE_UNKNOWN);
	assert_int_equal(
	    verdict("[" H "]:2222 " LINE_ED_A "\n", NULL, 2223), STORE_UNKNOWN);
	assert_int_equal(
	    verdict("[" H "]:22 " LINE_ED_A "\n", NULL, 22), STORE_UNKNOWN);
	/* As ssh(1): the plain name's key is good, another one says nothing. */
	assert_int_equal(verdict(ED_A, NULL, 2222), STORE_TRUSTED);
	assert_int_equal(verdict(NULL, ED_A, 2222), STORE_TRUSTED);
	assert_int_equal(verdict(ED_B, NULL, 2222), STORE_UNKNOWN);
	assert_int_equal(verdict(HOST_RSA, NULL, 2222), STORE_UNKNOWN);
	/* ... and not even that where the port itself is known. */
	assert_int_equal(
	    verdict("[" H "]:2222 " LINE_ED_B "\n" ED_A, NULL, 2222),
	    STORE_CHANGED);
	assert_int_equal(
	    verdict(ED_A, "[" H "]:2222 " LINE_ED_B "\n", 2222), STORE_CHANGED);
	assert_int_equal(
	    verdict(ED_A, "[" H "]:2222 " LINE_RSA "\n", 2222), STORE_NEW_TYPE);
}

static void
addresses_only_accuse(void **state)
{
	struct store_host host = { H, "192.0.2.1", 22 };
	struct store *s;

	(void)state;
	s = load("192.0.2.1 " LINE_ED_A "\n", NULL);
	assert_int_equal(judge_host(s, host, KEY_ED_A).verdict, STORE_UNKNOWN);
	store_free(s);
	s = load(ED_A "192.0.2.1 " LINE_ED_B "\n", NULL);
	assert_int_equal(judge_host(s, host, KEY_ED_A).verdict, STORE_CHANGED);
	assert_int_equal(judge_host(s, host, KEY_ED_A).own.line, 2);
	host.address = NULL;
	assert_int_equal(judge_host(s, host, KEY_ED_A).verdict, STORE_TRUSTED);
	store_free(s);
}

static void
bad_lines_end_nothing(void **state)
{
	struct store_report r;
	struct store *s;

	(void)state;
	s = load("h 1024 35 12345\ngarbage\n@what " ED_A "\n\r\n" H
		 " ssh-ed25519 !!!!\n" ED_A,
	    NULL);
	assert_int_equal(warnings, 4);
	assert_non_null(strstr(last_warning, "/private/known_hosts:6: "));
	r = judge_host(s, (struct store_host){ H, NULL, 22 }, KEY_ED_A);
	assert_int_equal(r.verdict, STORE_TRUSTED);
	assert_int_equal(r.own.line, 7);
	store_free(s);
}

static void
malformed_keys_are_never_trusted(void **state)
{
	struct store_host host = { H, NULL, 22 };
	struct store_report r;
	struct ferry_error err;
	struct store *s = load(ED_A, NULL);
	struct key k = key_of(KEY_ED_A);
	struct buf line;

	(void)state;
	for (size_t n = 0; n < k.n; n++) {
		store_judge(s, &host, k.blob, n, &r);
		assert_int_equal(r.verdict, STORE_NEW_TYPE);
		assert_int_equal(
		    store_trust(s, &host, k.blob, n, &err), -ferry_EHOSTKEY);
		buf_init(&line, 1000);
		store_print_line(&host, k.blob, n, &line);
		assert_false(buf_ok(&line));
		buf_free(&line);
	}
	assert_file(own, ED_A);
	store_free(s);
}

static void
check_fallback(const char *why)
{
	struct ferry_error err;
	struct store *s;

	warnings = 0;
	assert_int_equal(store_load(&s, &both, &test_log, &err), 0);
	assert_int_equal(warnings, why != NULL);
	if (why != NULL)
		assert_non_null(strstr(last_warning, why));
	store_free(s);
}

static void
a_fallback_is_never_fatal(void **state)
{
	char target[128];

	(void)state;
	check_fallback(NULL);
	assert_int_equal(mkfifo(fallback, 0600), 0);
	check_fallback("going on without it");
	unlink(fallback);
	assert_int_equal(mkdir(fallback, 0700), 0);
	check_fallback("going on without it");
	rmdir(fallback);
	snprintf(target, sizeof(target), "%s/target", dir);
	write_file(target, ED_A);
	assert_int_equal(symlink(target, fallback), 0);
	check_fallback(NULL);
	unlink(target);
	check_fallback(NULL);
	unlink(fallback);
	if (getuid() == 0) {
		write_file(target, ED_A);
		assert_int_equal(chown(target, 12345, 12345), 0);
		assert_int_equal(symlink(target, fallback), 0);
		check_fallback("going on without it");
	}
}

static void
an_unreadable_private_file_is_an_error(void **state)
{
	struct ferry_error err;
	struct store *s;

	(void)state;
	make_own_dir();
	assert_int_equal(mkfifo(own, 0600), 0);
	assert_int_equal(
	    store_load(&s, &alone, &test_log, &err), -ferry_EUSAGE);
	assert_null(s);
	assert_non_null(strstr(err.text, own));
	assert_true(err.hint[0] != '\0');
}

static void
assert_prefers(const char *own_text, const char *fallback_text, unsigned port,
    const char *want)
{
	struct store_host host = { H, NULL, port };
	struct store *s = load(own_text, fallback_text);
	struct buf b;

	buf_init(&b, 1000);
	store_prefer(s, &host, &b);
	assert_string_equal(buf_text(&b), want);
	buf_free(&b);
	store_free(s);
}

static void
prefers_known_types(void **state)
{
#define EC3 "ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521"
#define RSA2 "rsa-sha2-512,rsa-sha2-256"
	(void)state;
	assert_prefers(NULL, NULL, 22, "ssh-ed25519," EC3 "," RSA2);
	assert_prefers(HOST_RSA, NULL, 22, RSA2 ",ssh-ed25519," EC3);
	assert_prefers(HOST_RSA, ED_A, 22, RSA2 ",ssh-ed25519," EC3);
	assert_prefers(H " " LINE_P384 "\n", HOST_RSA, 22,
	    "ecdsa-sha2-nistp384," RSA2
	    ",ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp521");
	assert_prefers(HOST_RSA ED_A, NULL, 22, "ssh-ed25519," RSA2 "," EC3);
	assert_prefers("i " LINE_RSA "\n@cert-authority * " LINE_RSA "\n", NULL,
	    22, "ssh-ed25519," EC3 "," RSA2);
	/* A key that may not be used is no reason to ask for it. */
	assert_prefers(HOST_RSA "@revoked * " LINE_RSA "\n", NULL, 22,
	    "ssh-ed25519," EC3 "," RSA2);
	assert_prefers(HOST_RSA, NULL, 2222, RSA2 ",ssh-ed25519," EC3);
	assert_prefers(HOST_RSA, "[" H "]:2222 " LINE_P521 "\n", 2222,
	    "ecdsa-sha2-nistp521,ssh-ed25519,ecdsa-sha2-nistp256,"
	    "ecdsa-sha2-nistp384," RSA2);
}

static void
trust(const char *own_text, const char *key, unsigned port, const char *want)
{
	struct store_host host = { "H.Example", NULL, port };
	struct ferry_error err;
	struct store *s = load(own_text, NULL);
	struct key k = key_of(key);
	struct store_report r;

	assert_int_equal(store_trust(s, &host, k.blob, k.n, &err), 0);
	assert_file(own, want);
	store_judge(s, &host, k.blob, k.n, &r);
	assert_int_equal(r.verdict, STORE_TRUSTED);
	assert_false(r.from_fallback);
	store_free(s);
}

static void
trust_records_and_supersedes(void **state)
{
	struct stat st;
	char path[128];

	(void)state;
	trust(NULL, KEY_ED_A, 22, ED_A);
	assert_int_equal(stat(own, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	snprintf(path, sizeof(path), "%s/private", dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);

	trust(ED_A, KEY_ED_A, 22, ED_A);
	trust(ED_B, KEY_ED_A, 22, ED_A);
	trust(ED_B ED_A ED_B, KEY_ED_A, 22, ED_A);
	trust(HOST_RSA, KEY_ED_A, 22, HOST_RSA ED_A);
	trust(ED_B, KEY_ED_A, 2222, ED_B "[" H "]:2222 " LINE_ED_A "\n");
	trust(HASH_H " " LINE_ED_B "\n", KEY_ED_A, 22, ED_A);
	trust(
	    HASH_H " " LINE_ED_A "\n", KEY_ED_A, 22, HASH_H " " LINE_ED_A "\n");
	trust("i " LINE_ED_B, KEY_ED_A, 22, "i " LINE_ED_B "\n" ED_A);
}

static void
everything_else_survives(void **state)
{
#define ODD                                                         \
	"# mine\r\n\n  \t\ngarbage\n@revoked " H " " LINE_ED_C "\n" \
	"@cert-authority * " LINE_ED_B " ca\n"
	(void)state;
	trust(ODD ED_B ODD, KEY_ED_A, 22, ODD ODD ED_A);
	/* Other hosts of a line keep it; a pattern gets an exception. */
	trust("i,H.example,j " LINE_ED_B " note\r\n", KEY_ED_A, 22,
	    "i,j " LINE_ED_B " note\r\n" ED_A);
	trust(H ",!i " LINE_ED_B "\n", KEY_ED_A, 22, ED_A);
	trust("*.example " LINE_ED_B "\n", KEY_ED_A, 22,
	    "*.example,!" H " " LINE_ED_B "\n" ED_A);
	trust("  *.example," H "\t" LINE_ED_B, KEY_ED_A, 22,
	    "  *.example,!" H "\t" LINE_ED_B "\n" ED_A);
}

static void
trust_refuses(void **state)
{
	struct store_host host = { H, NULL, 22 };
	struct store_host odd = { "a,b", NULL, 22 };
	struct key k = key_of(KEY_ED_A);
	struct ferry_error err;
	struct store *s;

	(void)state;
	s = load(NULL, "@revoked * " LINE_ED_A "\n");
	assert_int_equal(
	    store_trust(s, &host, k.blob, k.n, &err), -ferry_EHOSTCHANGED);
	assert_string_equal(err.id, "host_key_revoked");
	assert_int_equal(access(own, F_OK), -1);
	store_free(s);

	s = load(NULL, NULL);
	assert_int_equal(
	    store_trust(s, &odd, k.blob, k.n, &err), -ferry_EUSAGE);
	store_free(s);

	/* The fallback is not written by way of a link or another name. */
	s = load(ED_B, ED_B);
	unlink(own);
	assert_int_equal(symlink(fallback, own), 0);
	assert_int_equal(
	    store_trust(s, &host, k.blob, k.n, &err), -ferry_EUSAGE);
	assert_string_equal(err.id, "known_hosts_link");
	unlink(own);
	assert_int_equal(link(fallback, own), 0);
	assert_int_equal(
	    store_trust(s, &host, k.blob, k.n, &err), -ferry_EUSAGE);
	assert_string_equal(err.id, "known_hosts_same");
	assert_file(fallback, ED_B);
	store_free(s);
}

static void
the_fallback_is_untouched(void **state)
{
	struct store_host host = { H, NULL, 22 };
	struct key k = key_of(KEY_ED_A);
	struct stat before, after;
	struct ferry_error err;
	struct store *s;
	unsigned removed;

	(void)state;
	s = load(NULL, HOST_RSA);
	assert_int_equal(stat(fallback, &before), 0);
	assert_int_equal(store_trust(s, &host, k.blob, k.n, &err), 0);
	assert_int_equal(store_forget(s, &host, &removed, &err), 0);
	assert_int_equal(removed, 1);
	assert_int_equal(stat(fallback, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(before.st_mtim.tv_sec, after.st_mtim.tv_sec);
	assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
	assert_file(fallback, HOST_RSA);
	store_free(s);
}

static void
forgets(void **state)
{
	struct store_host host = { H, NULL, 22 };
	struct ferry_error err;
	struct store *s;
	unsigned removed;
	char path[128];

	(void)state;
	s = load(NULL, NULL);
	assert_int_equal(store_forget(s, &host, &removed, &err), 0);
	assert_int_equal(removed, 0);
	snprintf(path, sizeof(path), "%s/private", dir);
	assert_int_equal(access(path, F_OK), -1);
	store_free(s);

	s = load("# c\n" ED_A "[" H "]:2222 " LINE_ED_A "\n" HASH_H " " LINE_RSA
		 "\n@revoked " ED_B "i," ED_B,
	    NULL);
	assert_int_equal(store_forget(s, &host, &removed, &err), 0);
	assert_int_equal(removed, 3);
	assert_file(own,
	    "# c\n[" H "]:2222 " LINE_ED_A "\n@revoked " ED_B "i " LINE_ED_B
	    "\n");
	assert_int_equal(judge_host(s, host, KEY_ED_A).verdict, STORE_UNKNOWN);
	assert_int_equal(store_forget(s, &host, &removed, &err), 0);
	assert_int_equal(removed, 0);
	store_free(s);
}

/* What another run wrote since ours loaded the file is not lost. */
static void
runs_keep_each_others_lines(void **state)
{
	enum { RUNS = 8 };
	struct key k = key_of(KEY_ED_A);
	struct store *s = load("", NULL);
	struct ferry_error err;
	int status;

	(void)state;
	for (int i = 0; i < RUNS; i++) {
		char name[16];
		struct store_host host = { name, NULL, 22 };

		snprintf(name, sizeof(name), "h%d", i);
		if (fork() == 0)
			_exit(store_trust(s, &host, k.blob, k.n, &err) != 0);
	}
	while (wait(&status) > 0)
		assert_int_equal(status, 0);
	store_free(s);
	assert_int_equal(store_load(&s, &alone, &test_log, &err), 0);
	for (int i = 0; i < RUNS; i++) {
		char name[16];

		snprintf(name, sizeof(name), "h%d", i);
		assert_int_equal(
		    judge_host(
			s, (struct store_host){ name, NULL, 22 }, KEY_ED_A)
			.verdict,
		    STORE_TRUSTED);
	}
	assert_int_equal(warnings, 0);
	store_free(s);
}

/* Does ssh-keygen find the name in the private file? */
static bool
keygen_finds(const char *name)
{
	char command[300];

	snprintf(command, sizeof(command),
	    "ssh-keygen -F '%s' -f '%s' >/dev/null", name, own);
	return system(command) == 0;
}

static size_t
count_of(const char *what)
{
	struct buf b;
	size_t n = 0;

	buf_init(&b, LIMIT_KNOWN_HOSTS);
	assert_int_equal(fs_read(AT_FDCWD, own, false, &b), 0);
	for (const char *p = buf_text(&b); (p = strstr(p, what)) != NULL; p++)
		n++;
	buf_free(&b);
	return n;
}

static struct store *
load_hashing(const char *own_text)
{
	static const struct store_files hashing = {
		.dirfd = AT_FDCWD, .own = own, .hash_names = true
	};
	struct ferry_error err;
	struct store *s;

	make_own_dir();
	write_file(own, own_text);
	assert_int_equal(store_load(&s, &hashing, &test_log, &err), 0);
	return s;
}

static void
assert_trusts(struct store *s, unsigned port, const char *base64)
{
	struct store_host host = { "H.example", NULL, port };
	struct key k = key_of(base64);
	struct ferry_error err;

	assert_int_equal(store_trust(s, &host, k.blob, k.n, &err), 0);
	assert_int_equal(judge_host(s, host, base64).verdict, STORE_TRUSTED);
}

static void
names_are_hashed(void **state)
{
	struct store_host host = { H, NULL, 2222 };
	struct store *s = load_hashing("# c\n" H " " LINE_RSA);
	struct key k = key_of(KEY_ED_A);
	struct ferry_error err;
	unsigned removed;
	struct buf line;

	(void)state;
	assert_trusts(s, 22, KEY_ED_A);
	assert_trusts(s, 2222, KEY_ED_A);
	assert_int_equal(count_of("\n|1|"), 2);
	assert_int_equal(count_of(H), 1); /* what was there stays */
	assert_true(keygen_finds(H));
	assert_true(keygen_finds("[" H "]:2222"));
	assert_false(keygen_finds("[" H "]:2223"));
	buf_init(&line, 1000);
	store_print_line(&host, k.blob, k.n, &line);
	assert_string_equal(buf_text(&line), "[" H "]:2222 " LINE_ED_A);
	buf_free(&line);

	/* Known already: as it was.  Another key: replaced. */
	assert_trusts(s, 22, KEY_ED_A);
	assert_int_equal(count_of("\n"), 4);
	assert_trusts(s, 2222, KEY_ED_B);
	assert_int_equal(count_of("\n"), 4);
	assert_int_equal(count_of(LINE_ED_A), 1);

	assert_int_equal(store_forget(s, &host, &removed, &err), 0);
	assert_int_equal(removed, 1);
	assert_false(keygen_finds("[" H "]:2222"));
	host.port = 22;
	assert_int_equal(store_forget(s, &host, &removed, &err), 0);
	assert_int_equal(removed, 2);
	assert_file(own, "# c\n");
	store_free(s);
}

static void
names_are_salted(void **state)
{
	struct store *s = load_hashing(NULL);
	struct buf a, b;

	(void)state;
	buf_init(&a, 1000);
	buf_init(&b, 1000);
	assert_trusts(s, 22, KEY_ED_A);
	assert_int_equal(fs_read(AT_FDCWD, own, false, &a), 0);
	store_free(s);
	s = load_hashing(NULL);
	assert_trusts(s, 22, KEY_ED_A);
	assert_int_equal(fs_read(AT_FDCWD, own, false, &b), 0);
	assert_int_equal(a.len, b.len);
	assert_memory_not_equal(a.data, b.data, 3 + 28);
	assert_memory_not_equal(a.data + 32, b.data + 32, 28);
	store_free(s);
	buf_free(&a);
	buf_free(&b);
}

static void
openssh_hashes_too(void **state)
{
	struct store_host host = { H, NULL, 2222 };
	char command[300];
	struct ferry_error err;
	struct store *s;
	unsigned removed;

	(void)state;
	make_own_dir();
	write_file(own,
	    H ",[" H "]:2222 " LINE_ED_B "\ni.example " LINE_ED_B "\n" H
	      " " LINE_RSA "\n");
	snprintf(command, sizeof(command),
	    "ssh-keygen -q -H -f '%s' >/dev/null 2>&1", own);
	assert_int_equal(system(command), 0);
	assert_int_equal(store_load(&s, &alone, &test_log, &err), 0);
	assert_int_equal(count_of("|1|"), 4);
	assert_trusts(s, 22, KEY_ED_A);
	assert_int_equal(count_of(H " " LINE_ED_A), 1);
	assert_int_equal(count_of(LINE_ED_B), 2);
	assert_int_equal(judge_host(s, host, KEY_ED_B).verdict, STORE_TRUSTED);
	assert_int_equal(store_forget(s, &host, &removed, &err), 0);
	assert_int_equal(removed, 1);
	assert_int_equal(count_of("|1|"), 2);
	assert_true(keygen_finds("i.example"));
	store_free(s);
}

struct listed {
	char text[1000];
};

static void
list_one(void *ctx, const struct store_entry *e)
{
	struct listed *l = ctx;
	size_t n = strlen(l->text);

	assert_memory_equal(e->fingerprint, "SHA256:", 7);
	snprintf(l->text + n, sizeof(l->text) - n, "%s:%u %d%d %.*s %s\n",
	    strrchr(e->path, '/') + 1, e->line, e->marker, e->hashed,
	    (int)e->hosts_len, e->hosts, e->type);
}

static void
lists(void **state)
{
	struct listed l = { "" };
	struct store *s =
	    load("# c\nbad\n@revoked * " LINE_RSA "\nA,!b\t" LINE_ED_A
		 "\n@cert-authority *.x " LINE_P256,
		HASH_H " " LINE_ED_B "\r\n");

	(void)state;
	store_list(s, list_one, &l);
	assert_string_equal(l.text,
	    "known_hosts:3 10 * ssh-rsa\n"
	    "known_hosts:4 00 A,!b ssh-ed25519\n"
	    "known_hosts:5 20 *.x ecdsa-sha2-nistp256\n"
	    "fallback:1 01 " HASH_H " ssh-ed25519\n");
	store_free(s);
	l.text[0] = '\0';
	s = load(NULL, NULL);
	store_list(s, list_one, &l);
	assert_string_equal(l.text, "");
	store_free(s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_table),
		TEST(findings_name_the_line),
		TEST(any_line_may_hold_the_key),
		TEST(authorities_are_no_hosts),
		TEST(revoked_for_whom),
		TEST(ports),
		TEST(addresses_only_accuse),
		TEST(bad_lines_end_nothing),
		TEST(malformed_keys_are_never_trusted),
		TEST(a_fallback_is_never_fatal),
		TEST(an_unreadable_private_file_is_an_error),
		TEST(prefers_known_types),
		TEST(trust_records_and_supersedes),
		TEST(everything_else_survives),
		TEST(trust_refuses),
		TEST(the_fallback_is_untouched),
		TEST(forgets),
		TEST(runs_keep_each_others_lines),
		TEST(names_are_hashed),
		TEST(names_are_salted),
		TEST(openssh_hashes_too),
		TEST(lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
