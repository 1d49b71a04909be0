/* One host taken out of a known_hosts text; every other byte stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/limits.h"
#include "known_hosts/edit.h"
#include "known_hosts/match.h"
#include "sandferry.h"
#include "tests/unit/known_hosts_keys.h"

#define K " " LINE_ED_A "\n"

/* Take the name out of text[0..n); the result is to be want[0..m). */
static void
assert_bytes(const char *name, const char *text, size_t n, const char *want,
    size_t m, unsigned removed)
{
	struct edit edit = { .name = name };
	char *copy = malloc(n + 1); /* of the size: nothing behind it is read */
	struct buf out;

	assert_non_null(copy);
	memcpy(copy, text, n);
	buf_init(&out, LIMIT_KNOWN_HOSTS);
	assert_int_equal(edit_remove(&edit, copy, n, &out), 0);
	assert_int_equal(edit.removed, removed);
	assert_int_equal(out.len, m);
	if (m > 0)
		assert_memory_equal(out.data, want, m);
	buf_free(&out);
	free(copy);
}

static void
assert_edit(
    const char *name, const char *text, const char *want, unsigned removed)
{
	assert_bytes(name, text, strlen(text), want, strlen(want), removed);
}

static void
names_in_lists(void **state)
{
	(void)state;
	assert_edit("h", "h" K, "", 1);
	assert_edit("h", "h" K "i" K "h" K, "i" K, 2);
	assert_edit("h", "h,i" K, "i" K, 1);
	assert_edit("h", "i,h" K, "i" K, 1);
	assert_edit("h", "i,h,j" K, "i,j" K, 1);
	assert_edit("h", "h,h,H" K, "", 1);
	assert_edit("h", "i,h,H,h" K, "i" K, 1);
	assert_edit("h", "hh,h.h,i" K, "hh,h.h,i" K, 0);
	/* The name of nobody is no loss. */
	assert_edit("h", ",h,,i," K, "i" K, 1);
	assert_edit("h", ",h,," K, "", 1);
	assert_edit("::1", "::1,192.0.2.1" K, "192.0.2.1" K, 1);
	/* Who is only excluded is nobody. */
	assert_edit("h", "h,!i" K, "", 1);
	assert_edit("h", "!i,h" K, "", 1);
	assert_edit("h", "h,!h" K, "h,!h" K, 0);
}

static void
names_with_ports(void **state)
{
	(void)state;
	assert_edit("h", "[h]:2222,h,i" K, "[h]:2222,i" K, 1);
	assert_edit("[h]:2222", "[h]:2222,h,i" K, "h,i" K, 1);
	assert_edit("[h]:2222", "[H]:2222,[h]:2223" K, "[h]:2223" K, 1);
	assert_edit("[h]:2222", "h" K "[h]:22" K, "h" K "[h]:22" K, 0);
	assert_edit("[::1]:2222", "::1,[::1]:2222" K, "::1" K, 1);
}

static void
patterns_get_exceptions(void **state)
{
	(void)state;
	assert_edit("h", "*" K, "*,!h" K, 1);
	assert_edit("h", "?,j*" K, "?,j*,!h" K, 1);
	assert_edit("h", "h,*" K, "*,!h" K, 1);
	assert_edit("h", "!i,*,h" K, "!i,*,!h" K, 1);
	assert_edit("h", "*,!h" K, "*,!h" K, 0);
	assert_edit("h", "*,!?" K, "*,!?" K, 0);
	assert_edit("[h]:2222", "[*]:2222" K, "[*]:2222,![h]:2222" K, 1);
	assert_edit("h", "[*]:2222" K, "[*]:2222" K, 0);
	/* Done twice it is done once. */
	assert_edit("h", "*,!h" K "h" K, "*,!h" K, 1);
}

static void
other_lines_stay(void **state)
{
	(void)state;
	assert_edit("h", "", "", 0);
	assert_edit("h", "@revoked h" K "@cert-authority h" K,
	    "@revoked h" K "@cert-authority h" K, 0);
	assert_edit("h", "@odd h" K "#h" K "h\nh ssh-rsa\nh x AAAA\n",
	    "@odd h" K "#h" K "h\nh ssh-rsa\nh x AAAA\n", 0);
	assert_edit("h", " \th,i\t" LINE_ED_A " a  comment \r\n",
	    " \ti\t" LINE_ED_A " a  comment \r\n", 1);
	/* no final newline */
	assert_edit("h", "i" K "h " LINE_ED_A, "i" K, 1);
	assert_edit("h", "h" K "i " LINE_ED_A, "i " LINE_ED_A, 1);
	assert_edit("h", "i,h " LINE_ED_A, "i " LINE_ED_A, 1);
}

static uint32_t seed = 1;

static unsigned
pick(unsigned n)
{
	seed = seed * 1664525U + 1013904223U;
	return (seed >> 8) % n;
}

struct piece {
	const char *p;
	size_t n;
};

#define PIECE(s)                 \
	{                        \
		s, sizeof(s) - 1 \
	}

static void
put(struct buf *b, struct piece piece)
{
	buf_put(b, piece.p, piece.n);
}

/* A line that means no host: bytes, not words. */
static void
put_junk(struct buf *b)
{
	static const struct piece starts[] = { PIECE(""), PIECE("#"),
		PIECE(" "), PIECE("\t"), PIECE("\r"), PIECE("\0"), PIECE("h "),
		PIECE("h ssh-ed25519 "), PIECE("@revoked h "), PIECE("@x ") };

	put(b, starts[pick(10)]);
	for (unsigned i = pick(12); i > 0; i--) {
		unsigned c = pick(256);

		buf_put_u8(b, (uint8_t)(c != '\n' ? c : 0));
	}
	buf_put_u8(b, '\n');
}

static void
bytes_survive(void **state)
{
	static const struct piece meant[] = { PIECE("h" K),
		PIECE("h " LINE_ED_B " c\r\n"),
		PIECE("h " LINE_RSA "\0behind\n"),
		PIECE("h,!x\t" LINE_P256 "\n") };
	struct buf text, want;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		unsigned removed = 0;

		buf_init(&text, LIMIT_KNOWN_HOSTS);
		buf_init(&want, LIMIT_KNOWN_HOSTS);
		for (unsigned lines = pick(8); lines > 0; lines--) {
			size_t before = want.len;

			if (pick(3) == 0) {
				put(&text, meant[pick(4)]);
				removed++;
				continue;
			}
			put_junk(&want);
			buf_put(&text, want.data + before, want.len - before);
			if (lines == 1 && pick(2) == 0)
				text.len--, want.len--; /* no final newline */
		}
		buf_put_u8(&text, 0); /* so that there is something */
		assert_bytes("h", (const char *)text.data, text.len - 1,
		    (const char *)want.data, want.len, removed);
		buf_free(&text);
		buf_free(&want);
	}
}

/* A line may be as long as the file: its other hosts must not be lost. */
static void
long_lines(void **state)
{
	const size_t key = strlen(" " LINE_ED_A), n = 200 * 1000;
	struct edit edit = { .name = "hh" };
	char *line = malloc(n + key + 2);
	struct buf out;

	(void)state;
	assert_non_null(line);
	for (size_t i = 0; i < n; i++)
		line[i] = i % 2 == 1 ? ',' : 'x';
	line[0] = '*';
	line[n - 1] = 'x';
	memcpy(line + n, " " LINE_ED_A "\n", key + 2);
	buf_init(&out, LIMIT_KNOWN_HOSTS);
	assert_int_equal(edit_remove(&edit, line, n + key + 1, &out), 0);
	assert_int_equal(out.len, n + key + 1 + strlen(",!hh"));
	assert_memory_equal(out.data, line, n);
	assert_memory_equal(out.data + n, ",!hh ", 5);
	buf_free(&out);
	free(line);
}

static void
one_type_only(void **state)
{
	unsigned char blob[64];
	struct edit edit = { .name = "h", .keep = blob };
	struct blob type;
	struct buf out;

	(void)state;
	assert_true(
	    hash_unbase64(KEY_ED_B, strlen(KEY_ED_B), blob, &edit.keep_len));
	assert_true(blob_parse(&type, blob, edit.keep_len));
	edit.type = &type;
	buf_init(&out, LIMIT_KNOWN_HOSTS);
#define TEXT                                                         \
	"h " LINE_RSA "\nh" K "[h]:2222" K "i" K "h " LINE_ED_B "\n" \
	"h ssh-new AAAAB3NzaC1uZXc=\nh " LINE_P256 "\nh " LINE_ED_C "\n"
	assert_int_equal(edit_remove(&edit, TEXT, strlen(TEXT), &out), 0);
	assert_string_equal(buf_text(&out),
	    "h " LINE_RSA "\n[h]:2222" K "i" K "h " LINE_ED_B "\n"
	    "h ssh-new AAAAB3NzaC1uZXc=\nh " LINE_P256 "\n");
	assert_true(edit.kept);
	assert_int_equal(edit.removed, 2);
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_in_lists),
		cmocka_unit_test(names_with_ports),
		cmocka_unit_test(patterns_get_exceptions),
		cmocka_unit_test(other_lines_stay),
		cmocka_unit_test(bytes_survive),
		cmocka_unit_test(long_lines),
		cmocka_unit_test(one_type_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
