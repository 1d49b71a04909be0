/* A grant is whole as it was made, and in no other way. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "auth/grant.h"

#define URL "sftp://me@example.org/www"
#define OTHER "sftp://me@example.org/www2"
#define A_KEY "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define B_KEY "SHA256:BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"

static const struct grant made = {
	.url = URL,
	.key = "/home/me/key",
	.fingerprint = A_KEY,
	.host_key = B_KEY,
	.made = "2026-01-02T03:04:05Z",
};

struct place {
	char dir[64], file[128];
	struct secret *secret;
	struct access *access;
};

static int
make_place(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	unsigned char bytes[32];

	if (p == NULL)
		return -1;
	strcpy(p->dir, "/tmp/test-grant-XXXXXX");
	if (mkdtemp(p->dir) == NULL)
		return -1;
	snprintf(p->file, sizeof(p->file), "%s/access.ini", p->dir);
	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)i;
	p->secret = secret_copy(bytes, sizeof(bytes));
	*state = p;
	return access_open(&p->access, AT_FDCWD, p->file, NULL);
}

static int
free_place(void **state)
{
	struct place *p = *state;
	char command[128];
	int rc;

	access_free(p->access);
	secret_free(p->secret);
	snprintf(command, sizeof(command), "rm -rf %s", p->dir);
	rc = system(command);
	free(p);
	return rc;
}

static void
put(struct place *p, const struct grant *g)
{
	struct ferry_error e;

	if (grant_put(p->access, g, p->secret, &e) != 0)
		fail_msg("%s", e.text);
}

static struct grant
found(const struct place *p, const char *url)
{
	struct grant g;

	assert_true(grant_find(&g, p->access, url));
	return g;
}

static void
is_whole_as_it_was_made(void **state)
{
	struct place *p = *state;
	struct grant g;

	assert_false(grant_find(&g, p->access, URL));
	assert_null(g.url);
	assert_false(grant_judge(&g, p->secret));
	put(p, &made);
	assert_int_equal(access_save(p->access, NULL), 0);
	access_free(p->access);
	assert_int_equal(access_load(&p->access, AT_FDCWD, p->file, NULL), 0);
	g = found(p, URL);
	assert_string_equal(g.url, URL);
	assert_string_equal(g.key, made.key);
	assert_null(g.certificate);
	assert_string_equal(g.fingerprint, A_KEY);
	assert_string_equal(g.host_key, B_KEY);
	assert_string_equal(g.made, made.made);
	assert_null(g.used);
	assert_int_equal(g.line, 1);
	assert_true(grant_judge(&g, p->secret));
	/* made by another program, by the words of sandferry-access(5) */
	assert_string_equal(
	    g.mac, "YL2JJb/fF26DsvCQpiYwRcGrW9HAiWOhWFJki8Rc5/E=");
	/* when it was used is not for ever */
	g.used = "2026-01-02T03:04:06Z";
	assert_true(grant_judge(&g, p->secret));
}

static void
is_nothing_when_changed(void **state)
{
	static const struct {
		size_t offset;
		const char *value;
	} changes[] = {
		{ offsetof(struct grant, url), OTHER },
		{ offsetof(struct grant, url), "sftp://you@example.org/www" },
		{ offsetof(struct grant, key), "/home/me/kez" },
		{ offsetof(struct grant, key), NULL },
		{ offsetof(struct grant, certificate), "/c" },
		{ offsetof(struct grant, certificate), "none" },
		{ offsetof(struct grant, fingerprint), B_KEY },
		{ offsetof(struct grant, fingerprint), NULL },
		{ offsetof(struct grant, host_key), A_KEY },
		{ offsetof(struct grant, host_key), NULL },
		{ offsetof(struct grant, made), "2026-01-02T03:04:06Z" },
		{ offsetof(struct grant, made), NULL },
		{ offsetof(struct grant, mac), NULL },
		{ offsetof(struct grant, mac), "" },
		{ offsetof(struct grant, mac), "YL2JJb/fF26D" },
	};
	struct place *p = *state;

	put(p, &made);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct grant g = found(p, URL);

		assert_true(grant_judge(&g, p->secret));
		*(const char **)((char *)&g + changes[i].offset) =
		    changes[i].value;
		if (grant_judge(&g, p->secret))
			fail_msg("change %zu is not seen", i);
	}
}

static void
is_nothing_when_its_mac_is_touched(void **state)
{
	struct place *p = *state;
	char mac[GRANT_MAC_SIZE];
	struct grant g;

	put(p, &made);
	g = found(p, URL);
	strcpy(mac, g.mac);
	g.mac = mac;
	assert_true(grant_judge(&g, p->secret));
	for (size_t i = 0; mac[i] != '\0'; i++) {
		mac[i] ^= 1;
		assert_false(grant_judge(&g, p->secret));
		mac[i] ^= 1;
	}
	strcat(mac, "=");
	assert_false(grant_judge(&g, p->secret));
}

/* What moves from one field to its neighbour is another grant. */
static void
fields_have_borders(void **state)
{
	struct place *p = *state;
	struct grant g = made, moved;
	const char *mac;

	g.certificate = "/b";
	put(p, &g);
	mac = found(p, URL).mac;
	moved = g;
	moved.mac = mac;
	assert_true(grant_judge(&moved, p->secret));
	moved.key = "/home/me/key/b";
	moved.certificate = NULL;
	assert_false(grant_judge(&moved, p->secret));
	moved = g;
	moved.mac = mac;
	moved.fingerprint = B_KEY;
	moved.host_key = A_KEY;
	assert_false(grant_judge(&moved, p->secret));
}

static void
is_of_this_application(void **state)
{
	struct place *p = *state;
	struct grant g;

	put(p, &made);
	g = found(p, URL);
	p->secret->data[31] ^= 1;
	assert_false(grant_judge(&g, p->secret));
	p->secret->data[31] ^= 1;
	assert_true(grant_judge(&g, p->secret));
	p->secret->len--;
	assert_false(grant_judge(&g, p->secret));
	p->secret->len++;
}

static void
is_replaced_and_removed(void **state)
{
	struct place *p = *state;
	struct grant g = made, old;

	assert_int_equal(
	    access_set(p->access, OTHER, "keyring", "no", NULL), 0);
	put(p, &made);
	g.url = OTHER;
	g.certificate = "none";
	g.host_key = NULL;
	put(p, &g);
	assert_int_equal(
	    access_set(p->access, OTHER, "used", "2026-01-02T03:04:07Z", NULL),
	    0);
	old = found(p, OTHER);
	assert_true(grant_judge(&old, p->secret));
	assert_null(old.host_key);
	assert_string_equal(old.used, "2026-01-02T03:04:07Z");

	/* nothing of the old one is left */
	g = made;
	g.url = OTHER;
	put(p, &g);
	old = found(p, OTHER);
	assert_null(old.certificate);
	assert_null(old.used);
	assert_true(grant_judge(&old, p->secret));

	/* nothing but the grant goes */
	assert_int_equal(grant_remove(p->access, OTHER, NULL), 0);
	assert_false(grant_find(&g, p->access, OTHER));
	assert_string_equal(access_get(p->access, OTHER, "keyring"), "no");
	g = found(p, URL);
	assert_true(grant_judge(&g, p->secret));
	assert_int_equal(grant_remove(p->access, URL, NULL), 0);
	assert_string_equal(access_url(p->access, 0, NULL), OTHER);
	assert_null(access_url(p->access, 1, NULL));
	assert_int_equal(grant_remove(p->access, URL, NULL), 0);
}

/* What could not be read back is not written. */
static void
is_refused_when_it_cannot_stand_there(void **state)
{
	struct place *p = *state;
	struct grant g = made;

	g.key = "/home/me/ke\ny";
	assert_int_equal(
	    grant_put(p->access, &g, p->secret, NULL), -ferry_EUSAGE);
	g.key = "relative";
	assert_int_equal(
	    grant_put(p->access, &g, p->secret, NULL), -ferry_EUSAGE);
}

static void
prints_the_time(void **state)
{
	char text[GRANT_TIME_SIZE];

	(void)state;
	grant_print_time(text, 0);
	assert_string_equal(text, "1970-01-01T00:00:00Z");
	grant_print_time(text, 1767323045);
	assert_string_equal(text, "2026-01-02T03:04:05Z");
	grant_print_time(text, INT64_MAX);
	assert_string_equal(text, "1970-01-01T00:00:00Z");
}

#define IN_PLACE(test) \
	cmocka_unit_test_setup_teardown(test, make_place, free_place)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(is_whole_as_it_was_made),
		IN_PLACE(is_nothing_when_changed),
		IN_PLACE(is_nothing_when_its_mac_is_touched),
		IN_PLACE(fields_have_borders),
		IN_PLACE(is_of_this_application),
		IN_PLACE(is_replaced_and_removed),
		IN_PLACE(is_refused_when_it_cannot_stand_there),
		cmocka_unit_test(prints_the_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
