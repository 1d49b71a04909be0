/* One known_hosts line, and whom its first field means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "known_hosts/entry.h"
#include "known_hosts/match.h"
#include "tests/unit/known_hosts_keys.h"

/* ssh-keygen -H of h.example, and of [h.example]:2222 */
#define HASH_H "|1|FmxMaXetNZs4YI2HRxjIDvy0aVw=|TAcxvtY2kQ8FIl5xErp/aKh89+U="
#define HASH_P "|1|4ayW137zLMcKEpFb3C11gkP4k8M=|8QG5cArV/q2UokwKu16S/dukl+Q="

static enum entry_kind
kind_of_bytes(const char *line, size_t n, const char **fault)
{
	struct arena a;
	struct entry e;

	arena_init(&a);
	assert_int_equal(entry_parse(&e, line, n, &a), 0);
	assert_true((e.kind == ENTRY_BAD) == (e.fault != NULL));
	if (fault != NULL)
		*fault = e.fault;
	arena_free(&a);
	return e.kind;
}

static enum entry_kind
kind_of(const char *line)
{
	return kind_of_bytes(line, strlen(line), NULL);
}

static void
reads_good_lines(void **state)
{
	static const char *const keys[] = { LINE_ED_A, LINE_P256, LINE_P384,
		LINE_P521, LINE_RSA, LINE_DSA, "rsa-sha2-512 " KEY_RSA };
	struct arena a;
	struct entry e;
	char line[4096];

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		stpcpy(stpcpy(line, "a,b "), keys[i]);
		assert_int_equal(kind_of(line), ENTRY_HOST);
	}
	stpcpy(line, " \th.x,*.y\t \tssh-ed25519  " KEY_ED_A " my laptop # 1");
	arena_init(&a);
	assert_int_equal(entry_parse(&e, line, strlen(line), &a), 0);
	assert_int_equal(e.kind, ENTRY_HOST);
	assert_int_equal(e.hosts_len, strlen("h.x,*.y"));
	assert_memory_equal(e.hosts, "h.x,*.y", e.hosts_len);
	assert_int_equal(e.blob_len, 51);
	assert_int_equal(e.key.key_len, 32);
	assert_true(entry_has_key(&e, e.blob, e.blob_len));
	assert_false(entry_has_key(&e, e.blob, e.blob_len - 1));
	arena_free(&a);
}

static void
reads_markers(void **state)
{
	(void)state;
	assert_int_equal(kind_of("@revoked * " LINE_RSA), ENTRY_REVOKED);
	assert_int_equal(kind_of("@revoked\t* " LINE_RSA), ENTRY_REVOKED);
	assert_int_equal(kind_of("  @revoked   *\t" LINE_RSA), ENTRY_REVOKED);
	assert_int_equal(
	    kind_of("@cert-authority *.x " LINE_ED_A), ENTRY_AUTHORITY);
	assert_int_equal(kind_of("@revoke * " LINE_RSA), ENTRY_BAD);
	assert_int_equal(kind_of("@REVOKED * " LINE_RSA), ENTRY_BAD);
	assert_int_equal(kind_of("@ * " LINE_RSA), ENTRY_BAD);
	assert_int_equal(kind_of("@revoked @revoked * " LINE_RSA), ENTRY_BAD);
	assert_int_equal(
	    kind_of("@cert-authority @revoked * " LINE_RSA), ENTRY_BAD);
	assert_int_equal(kind_of("@revoked"), ENTRY_BAD);
}

static void
skips_what_says_nothing(void **state)
{
	(void)state;
	assert_int_equal(kind_of(""), ENTRY_NOTHING);
	assert_int_equal(kind_of("\r"), ENTRY_NOTHING);
	assert_int_equal(kind_of(" \t "), ENTRY_NOTHING);
	assert_int_equal(kind_of("# h " LINE_ED_A), ENTRY_NOTHING);
	assert_int_equal(kind_of("  #x"), ENTRY_NOTHING);
	assert_int_equal(kind_of_bytes("\0h x", 4, NULL), ENTRY_NOTHING);
}

static void
line_ends(void **state)
{
	static const char nul[] = "h " LINE_ED_A "\0 junk";

	(void)state;
	assert_int_equal(kind_of("h " LINE_ED_A "\r"), ENTRY_HOST);
	assert_int_equal(kind_of("h " LINE_ED_A " c\r"), ENTRY_HOST);
	assert_int_equal(kind_of("h " LINE_ED_A "\v\r\r"), ENTRY_HOST);
	/* Behind a NUL nothing counts: OpenSSH reads C strings. */
	assert_int_equal(kind_of_bytes(nul, sizeof(nul) - 1, NULL), ENTRY_HOST);
}

static void
names_bad_lines(void **state)
{
	static const struct {
		const char *line, *fault;
	} cases[] = {
		{ "h", "no key" },
		{ "h ssh-ed25519", "no key" },
		{ "h ssh-ed25519 ", "no key" },
		{ "h # comment", "bad base64" },
		{ "h 1024 35 1234567", "bad base64" },
		{ "h ssh-ed25519 ????", "bad base64" },
		{ "h ssh-ed25519 AAAA", "bad key" },
		{ "h ssh-ed25519 " KEY_ED_A "x", "bad base64" },
		{ "h ssh-ed25519 " KEY_ED_A "AAAA", "bad key" },
		{ "h ssh-ed25519 " KEY_RSA,
		    "the key is of another type than the line says" },
		{ "h rsa-sha2-512 " KEY_ED_A,
		    "the key is of another type than the line says" },
		{ "|1|x|y " LINE_ED_A, "bad hash of a host name" },
		{ HASH_H "," HASH_P " " LINE_ED_A, "bad hash of a host name" },
		{ "|2|" LINE_ED_A, "bad hash of a host name" },
	};
	const char *fault;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(
		    kind_of_bytes(cases[i].line, strlen(cases[i].line), &fault),
		    ENTRY_BAD);
		assert_string_equal(fault, cases[i].fault);
	}
}

/* The file's limit is the only one: OpenSSH reads a line of any length. */
static void
long_lines(void **state)
{
	static const char key[] = " " LINE_ED_A;
	size_t names = 4 << 20;
	char *line = malloc(names + sizeof(key));
	struct arena a;
	struct entry e;

	(void)state;
	assert_non_null(line);
	for (size_t i = 0; i < names; i++)
		line[i] = i % 8 == 7 ? ',' : 'h';
	memcpy(line + names, key, sizeof(key));
	memcpy(line + names - 4, ",end", 4);
	arena_init(&a);
	assert_int_equal(entry_parse(&e, line, strlen(line), &a), 0);
	assert_int_equal(e.kind, ENTRY_HOST);
	assert_true(match_hosts(e.hosts, e.hosts_len, "end"));
	assert_false(match_hosts(e.hosts, e.hosts_len, "hhhhhh"));
	arena_free(&a);
	free(line);
}

static bool
means(const char *field, const char *name)
{
	return match_hosts(field, strlen(field), name);
}

static void
matches_names(void **state)
{
	(void)state;
	assert_true(means("h.example", "h.example"));
	assert_true(means("H.Example", "h.example"));
	assert_true(means("a,h,b", "h"));
	assert_true(means("h", "h"));
	assert_true(means("h,", "h"));
	assert_true(means(",h", "h"));
	assert_true(means("::1", "::1"));
	assert_false(means("h.example", "h"));
	assert_false(means("h", "h.example"));
	assert_false(means("a,b", "a,b"));
	assert_false(means("", "h"));
	assert_false(means("[h]:22", "h"));
	assert_false(means("[h]:2222", "h"));
	assert_false(means("h", "[h]:2222"));
	assert_true(means("[h]:2222", "[h]:2222"));
	assert_true(means("[2001:DB8::1]:2222", "[2001:db8::1]:2222"));
	assert_false(means("h ", "h"));
}

static void
matches_patterns(void **state)
{
	(void)state;
	assert_true(means("*", "h"));
	assert_true(means("*.x", "h.x"));
	assert_true(means("*.x", ".x"));
	assert_false(means("*.x", "x"));
	assert_true(means("?.x", "h.x"));
	assert_false(means("?.x", ".x"));
	assert_true(means("a*b*c", "aXbbXc"));
	assert_false(means("a*b*c", "aXbbXcX"));
	assert_true(means("**?", "h"));
	assert_false(means("*??", "h"));
	assert_true(means("[*.x]:2222", "[h.x]:2222"));
	assert_true(means("*", "[h]:2222"));
	assert_false(means("[ab].x", "a.x"));
	assert_false(means("a\\*", "a*b"));
	/* No pattern may take exponential time. */
	assert_false(means("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

static void
negation_refuses_the_line(void **state)
{
	(void)state;
	assert_false(means("*.x,!h.x", "h.x"));
	assert_false(means("!h.x,*.x", "h.x"));
	assert_true(means("*.x,!h.x", "i.x"));
	assert_false(means("!h.x", "i.x"));
	assert_false(means("h.x,!*", "h.x"));
	assert_false(means("!H.X,*", "h.x"));
	assert_true(means("!!h.x,*", "h.x"));
	assert_true(means("!,h", "h"));
}

static void
too_long_an_element_matches_nothing(void **state)
{
	char list[MATCH_PATTERN_MAX + 8];

	(void)state;
	memset(list, '*', sizeof(list));
	list[0] = 'h';
	list[1] = ',';
	assert_true(match_hosts(list, 2 + MATCH_PATTERN_MAX, "h"));
	assert_false(match_hosts(list, 2 + MATCH_PATTERN_MAX + 1, "h"));
}

static void
matches_hashes(void **state)
{
	char field[] = HASH_H;

	(void)state;
	assert_true(means(HASH_H, "h.example"));
	assert_false(means(HASH_H, "i.example"));
	assert_false(means(HASH_H, "[h.example]:2222"));
	assert_true(means(HASH_P, "[h.example]:2222"));
	assert_false(means(HASH_P, "h.example"));
	assert_false(means(HASH_H ",h.example", "h.example"));
	assert_false(means("|1|", "h.example"));
	assert_false(means("|", "h.example"));
	for (size_t i = 0; field[i] != '\0'; i++) {
		field[i] ^= 1;
		assert_false(means(field, "h.example"));
		field[i] ^= 1;
	}
	assert_true(means(field, "h.example"));
}

/* As ssh(1): the address counts, not the way in which it is written. */
static void
makes_names_of_addresses(void **state)
{
	static const char *const names[][2] = {
		{ "192.0.2.1", "192.0.2.1" },
		{ "127.1", "127.0.0.1" },
		{ "0x7F.1", "127.0.0.1" },
		{ "192.0.513", "192.0.2.1" },
		{ "2001:DB8:0::1", "2001:db8::1" },
		{ "fe80:0::1%LO", "fe80::1%lo" },
		{ "::ffff:c000:201", "::ffff:192.0.2.1" },
		/* these are none */
		{ "127.1.", "127.1." },
		{ "127.1%lo", "127.1%lo" },
		{ "127.1 x", "127.1 x" },
		{ "256.0.0.1", "256.0.0.1" },
		{ "2001:db8::1::", "2001:db8::1::" },
		{ "h.x%lo", "h.x%lo" },
		{ "%lo", "%lo" },
		{ "", "" },
	};
	char name[MATCH_NAME_SIZE], with_port[MATCH_NAME_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		match_name(name, names[i][0], 22);
		assert_string_equal(name, names[i][1]);
		snprintf(
		    with_port, sizeof(with_port), "[%s]:2222", names[i][1]);
		match_name(name, names[i][0], 2222);
		assert_string_equal(name, with_port);
	}
}

static void
makes_names(void **state)
{
	char name[MATCH_NAME_SIZE], *longest;

	(void)state;
	match_name(name, "H.Example", 22);
	assert_string_equal(name, "h.example");
	match_name(name, "h", 0);
	assert_string_equal(name, "h");
	match_name(name, "::1", 2222);
	assert_string_equal(name, "[::1]:2222");
	longest = malloc(5000);
	assert_non_null(longest);
	memset(longest, 'a', 4999);
	longest[4999] = '\0';
	match_name(name, longest, 22);
	assert_int_equal(strlen(name), MATCH_NAME_SIZE - 1);
	assert_false(match_name_ok(longest));
	free(longest);
	assert_true(match_name_ok("h.example"));
	assert_true(match_name_ok("fe80::1%eth0"));
	assert_true(match_name_ok("b\xc3\xbc"
				  "cher.example"));
	for (const char *p = " \t\n,*?!|@#[]\x7f"; *p != '\0'; p++) {
		char bad[] = { 'a', *p, 'b', '\0' };

		assert_false(match_name_ok(bad));
	}
	assert_false(match_name_ok(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_good_lines),
		cmocka_unit_test(reads_markers),
		cmocka_unit_test(skips_what_says_nothing),
		cmocka_unit_test(line_ends),
		cmocka_unit_test(names_bad_lines),
		cmocka_unit_test(long_lines),
		cmocka_unit_test(matches_names),
		cmocka_unit_test(matches_patterns),
		cmocka_unit_test(negation_refuses_the_line),
		cmocka_unit_test(too_long_an_element_matches_nothing),
		cmocka_unit_test(matches_hashes),
		cmocka_unit_test(makes_names),
		cmocka_unit_test(makes_names_of_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
