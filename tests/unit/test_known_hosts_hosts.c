/* A whole known_hosts file in memory: its lines, and what it says of a key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "base/hash.h"
#include "base/limits.h"
#include "known_hosts/hosts.h"
#include "known_hosts/prefer.h"
#include "tests/unit/known_hosts_keys.h"

struct key {
	unsigned char blob[1024];
	struct hosts_key asked;
};

static void
get_key(struct key *k, const char *base64)
{
	assert_true(
	    hash_unbase64(base64, strlen(base64), k->blob, &k->asked.n));
	k->asked.blob = k->blob;
	assert_true(blob_parse(&k->asked.parts, k->blob, k->asked.n));
}

static void
use_blob(struct key *k, const struct buf *blob)
{
	assert_true(buf_ok(blob) && blob->len <= sizeof(k->blob));
	memcpy(k->blob, blob->data, blob->len);
	k->asked.blob = k->blob;
	k->asked.n = blob->len;
	assert_true(blob_parse(&k->asked.parts, k->blob, k->asked.n));
}

static void
put_line(struct buf *text, const char *start, const struct buf *blob)
{
	char *base64 = malloc(4 * ((blob->len + 2) / 3) + 1);

	assert_non_null(base64);
	hash_base64(blob->data, blob->len, base64);
	buf_printf(text, "%s %s\n", start, base64);
	free(base64);
}

static void
count(void *ctx, enum log_level level, const char *line)
{
	char *said = ctx;

	if (level == LOG_WARNING || level == LOG_DEBUG)
		snprintf(
		    said + strlen(said), 4096 - strlen(said), "%s\n", line);
}

static void
parse(struct hosts *h, const void *text, size_t n)
{
	hosts_init(h);
	assert_int_equal(hosts_parse(h, "f", text, n, NULL), 0);
}

static enum store_verdict
verdict(
    const struct hosts *h, const char *name, const struct key *k, unsigned line)
{
	struct store_finding f;

	hosts_judge(h, name, &k->asked, &f);
	assert_int_equal(f.line, line);
	return f.verdict;
}

static bool
revoked(const struct hosts *h, const char *name, const struct key *k)
{
	return hosts_revoked(h, name, k->asked.blob, k->asked.n) != NULL;
}

/* Every bad line is named, skipped, and counts as a line. */
static void
nothing_ends_the_read(void **state)
{
	static const char text[] = "\n"
				   "# h " LINE_ED_B "\n"
				   "h " LINE_ED_A "x\r\n"
				   "@x h " LINE_ED_B "\n"
				   "\0 " LINE_ED_B "\n"
				   "h\0 " LINE_ED_B "\n"
				   "@cert-authority h " LINE_ED_B "\n"
				   "@revoked h " LINE_RSA "\r\n"
				   "|1|x|y " LINE_ED_B "\n"
				   "\t h \t" LINE_ED_A "\t\0\r\n"
				   "i " LINE_ED_A;
	char said[4096] = "";
	struct log log = { LOG_DEBUG, count, said };
	struct key a, b, rsa;
	struct hosts h;

	(void)state;
	get_key(&a, KEY_ED_A);
	get_key(&b, KEY_ED_B);
	get_key(&rsa, KEY_RSA);
	hosts_init(&h);
	assert_int_equal(hosts_parse(&h, "f", text, sizeof(text) - 1, &log), 0);
	assert_string_equal(said,
	    "f:3: bad base64; line skipped\n"
	    "f:4: unknown marker; line skipped\n"
	    "f:6: no key; line skipped\n"
	    "f:9: bad hash of a host name; line skipped\n"
	    "f: 1 @cert-authority lines: host certificates are not used\n");
	assert_int_equal(h.count, 4);
	assert_int_equal(verdict(&h, "h", &a, 10), STORE_TRUSTED);
	assert_int_equal(verdict(&h, "h", &b, 10), STORE_CHANGED);
	assert_int_equal(verdict(&h, "h", &rsa, 10), STORE_NEW_TYPE);
	assert_int_equal(verdict(&h, "i", &a, 11), STORE_TRUSTED);
	assert_int_equal(verdict(&h, "j", &a, 0), STORE_UNKNOWN);
	assert_true(revoked(&h, "h", &rsa));
	assert_false(revoked(&h, "i", &rsa));
	assert_false(revoked(&h, "h", &a));
	hosts_free(&h);
}

/* OpenSSH 9.2 takes the key of the line before for one that was cut short. */
static void
half_a_line_is_none(void **state)
{
	static const char *const texts[] = { "a " LINE_ED_A "\nh",
		"a " LINE_ED_A "\nh\n", "a " LINE_ED_A "\nh ",
		"a " LINE_ED_A "\nh\r\n" };
	struct hosts h;
	struct key a;

	(void)state;
	get_key(&a, KEY_ED_A);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		parse(&h, texts[i], strlen(texts[i]));
		assert_int_equal(verdict(&h, "h", &a, 0), STORE_UNKNOWN);
		assert_int_equal(verdict(&h, "a", &a, 1), STORE_TRUSTED);
		hosts_free(&h);
	}
}

static void
an_authority_is_no_host(void **state)
{
	static const char text[] = "@cert-authority h " LINE_ED_A "\n"
				   "@cert-authority * " LINE_RSA "\n";
	struct buf offer;
	struct key a;
	struct hosts h;
	const struct hosts *files[] = { &h };

	(void)state;
	get_key(&a, KEY_ED_A);
	parse(&h, text, sizeof(text) - 1);
	assert_int_equal(h.count, 2);
	assert_int_equal(verdict(&h, "h", &a, 0), STORE_UNKNOWN);
	assert_int_equal(verdict(&h, "@cert-authority", &a, 0), STORE_UNKNOWN);
	buf_init(&offer, 512);
	prefer_print(files, 1, "h", "", &offer);
	assert_string_equal(buf_text(&offer),
	    "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,"
	    "ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256");
	buf_free(&offer);
	hosts_free(&h);
}

/* What a line is skipped for must not depend on its length: @revoked is one. */
static void
a_long_line_revokes(void **state)
{
	struct hosts h;
	struct buf text;
	struct key a;

	(void)state;
	get_key(&a, KEY_ED_A);
	buf_init(&text, LIMIT_KNOWN_HOSTS);
	buf_printf(&text, "@revoked ");
	while (text.len < 1 << 20)
		buf_printf(&text, "host%zu.example,", text.len);
	buf_printf(&text, "h.* " LINE_ED_A "\nh.x " LINE_ED_A "\n");
	parse(&h, text.data, text.len);
	assert_true(revoked(&h, "h.x", &a));
	assert_false(revoked(&h, "i.x", &a));
	assert_int_equal(verdict(&h, "h.x", &a, 2), STORE_TRUSTED);
	hosts_free(&h);
	buf_free(&text);
}

/* A stolen key is the same one with a zero in front of its numbers. */
static void
zeros_make_no_other_key(void **state)
{
	struct key rsa, padded;
	struct buf blob, text;
	struct hosts h;

	(void)state;
	get_key(&rsa, KEY_RSA);
	buf_init(&blob, 1024);
	buf_init(&text, 4096);
	buf_put_cstring(&blob, "ssh-rsa");
	buf_put_string(&blob, "\0\0\1\0\1", 5);
	buf_put_u32(&blob, (uint32_t)rsa.asked.parts.modulus_len + 2);
	buf_put(&blob, "\0\0", 2);
	buf_put(&blob, rsa.asked.parts.modulus, rsa.asked.parts.modulus_len);
	use_blob(&padded, &blob);
	buf_printf(&text, "@revoked h " LINE_RSA "\ni " LINE_RSA "\n");
	put_line(&text, "@revoked j ssh-rsa", &blob);
	parse(&h, text.data, text.len);
	assert_true(revoked(&h, "h", &padded));
	assert_true(revoked(&h, "h", &rsa));
	assert_true(revoked(&h, "j", &rsa));
	assert_int_equal(verdict(&h, "i", &padded, 2), STORE_TRUSTED);
	padded.blob[padded.asked.n - 1] ^= 2;
	assert_false(revoked(&h, "h", &padded));
	assert_int_equal(verdict(&h, "i", &padded, 2), STORE_CHANGED);
	hosts_free(&h);
	buf_free(&text);
	buf_free(&blob);
}

/* As OpenSSH: who revokes a certificate revokes the key in it. */
static void
a_certificate_revokes_its_key(void **state)
{
	static const char *const types[] = { "ssh-ed25519",
		"ecdsa-sha2-nistp256", "ssh-rsa" };
	static const char *const keys[] = { KEY_ED_A, KEY_P256, KEY_RSA };
	struct buf blob, text;
	struct hosts h;
	struct key k;
	char start[128];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		size_t name = 4 + strlen(types[i]);

		get_key(&k, keys[i]);
		buf_init(&blob, 2048);
		buf_init(&text, 8192);
		snprintf(
		    start, sizeof(start), "%s-cert-v01@openssh.com", types[i]);
		buf_put_cstring(&blob, start);
		buf_put_cstring(&blob, "nonce");
		buf_put(&blob, k.blob + name, k.asked.n - name);
		buf_put_cstring(&blob, "serial, principals, signature");
		snprintf(start, sizeof(start),
		    "@revoked h %s-cert-v01@openssh.com", types[i]);
		put_line(&text, start, &blob);
		put_line(&text, start + strlen("@revoked "), &blob);
		parse(&h, text.data, text.len);
		assert_int_equal(h.count, 2);
		assert_true(revoked(&h, "h", &k));
		assert_false(revoked(&h, "i", &k));
		/* But nobody is trusted by a plain line of it. */
		assert_int_equal(verdict(&h, "h", &k, 2), STORE_NEW_TYPE);
		k.blob[k.asked.n - 1] ^= 1;
		assert_false(revoked(&h, "h", &k));
		hosts_free(&h);
		buf_free(&text);
		buf_free(&blob);
	}
}

static void
offers_what_is_known(void **state)
{
	static const char own[] = "h " LINE_RSA "\n*.x " LINE_P384 "\n";
	static const char other[] =
	    "h " LINE_P521 "\nh " LINE_ED_A "\n@revoked * " LINE_ED_A "\n"
	    "[h]:2222 " LINE_P256 "\nh " LINE_DSA "\n";
	struct hosts h[2];
	const struct hosts *files[] = { &h[0], &h[1] };
	struct buf offer;

	(void)state;
	parse(&h[0], own, sizeof(own) - 1);
	parse(&h[1], other, sizeof(other) - 1);
	buf_init(&offer, 512);
	prefer_print(files, 2, "h", "", &offer);
	assert_string_equal(buf_text(&offer),
	    "rsa-sha2-512,rsa-sha2-256,ecdsa-sha2-nistp521,ssh-ed25519,"
	    "ecdsa-sha2-nistp256,ecdsa-sha2-nistp384");
	buf_reset(&offer);
	prefer_print(files, 2, "[h]:2222", "h", &offer);
	assert_memory_equal(offer.data, "ecdsa-sha2-nistp256,ssh-ed25519", 31);
	buf_reset(&offer);
	prefer_print(files, 2, "[h]:23", "h", &offer);
	assert_memory_equal(
	    offer.data, "rsa-sha2-512,rsa-sha2-256,ecdsa-s", 33);
	buf_free(&offer);
	hosts_free(&h[0]);
	hosts_free(&h[1]);
}

static void
empty_and_too_long(void **state)
{
	char *text = calloc(1, LIMIT_KNOWN_HOSTS + 1);
	struct hosts h;

	(void)state;
	assert_non_null(text);
	parse(&h, "", 0);
	assert_int_equal(h.count, 0);
	assert_true(h.present);
	assert_int_equal(
	    hosts_parse(&h, "f", text, LIMIT_KNOWN_HOSTS + 1, NULL), EFBIG);
	hosts_free(&h);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_ends_the_read),
		cmocka_unit_test(half_a_line_is_none),
		cmocka_unit_test(an_authority_is_no_host),
		cmocka_unit_test(a_long_line_revokes),
		cmocka_unit_test(zeros_make_no_other_key),
		cmocka_unit_test(a_certificate_revokes_its_key),
		cmocka_unit_test(offers_what_is_known),
		cmocka_unit_test(empty_and_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
