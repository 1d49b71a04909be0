/*
 * The table of verdicts, every cell of it: what each of the three files says,
 * for each type of key; and what is said of each file then.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/hash.h"
#include "known_hosts/store.h"
#include "tests/unit/known_hosts_keys.h"

/* ssh-keygen -H of h.example, on port 22 and on 2222 */
#define HASH_H "|1|FmxMaXetNZs4YI2HRxjIDvy0aVw=|TAcxvtY2kQ8FIl5xErp/aKh89+U="
#define HASH_P "|1|4ayW137zLMcKEpFb3C11gkP4k8M=|8QG5cArV/q2UokwKu16S/dukl+Q="

enum { TYPES = 5, FILES = 1 + STORE_FALLBACKS, FORMS = 3, PORTS = 2 };

enum state { /* of one file */
	MISSING,
	SILENT, /* it exists */
	MATCH,
	OTHER_KEY, /* of the same type */
	OTHER_TYPE,
	AUTHORITY, /* this very key, but as @cert-authority */
	REVOKED_OTHER, /* another key is */
	REVOKED,
	STATES
};

struct key {
	char type[STORE_TYPE_SIZE];
	unsigned char blob[1024];
	size_t n;
	char fingerprint[HASH_FINGERPRINT_SIZE];
};

static const char *const lines[TYPES] = { LINE_ED_A, LINE_P256, LINE_P384,
	LINE_P521, LINE_RSA };
static const unsigned ports[PORTS] = { 22, 2222 };
static const char *const forms[PORTS][FORMS] = {
	{ "h.example", HASH_H, "*.example,!i.example" },
	{ "[h.example]:2222", HASH_P, "[*.example]:2222,![i.example]:2222" },
};

static char dir[64], paths[FILES][128];
static struct key keys[TYPES], others[TYPES];

static void
name_key(struct key *k)
{
	hash_fingerprint(k->blob, k->n, k->fingerprint);
}

static int
setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/ferry-table-XXXXXX");
	assert_non_null(mkdtemp(dir));
	for (int i = 0; i < FILES; i++)
		snprintf(paths[i], sizeof(paths[i]), "%s/%d", dir, i);
	for (int i = 0; i < TYPES; i++) {
		const char *text = strchr(lines[i], ' ') + 1;
		struct key *k = &keys[i];

		snprintf(k->type, sizeof(k->type), "%.*s",
		    (int)(text - 1 - lines[i]), lines[i]);
		assert_true(hash_unbase64(text, strlen(text), k->blob, &k->n));
		name_key(k);
		others[i] = *k;
		others[i].blob[k->n - 1] ^= 1;
		name_key(&others[i]);
	}
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	for (int i = 0; i < FILES; i++)
		unlink(paths[i]);
	return rmdir(dir);
}

/* Which key stands in the file's line; NULL: there is none. */
static const struct key *
key_of(enum state s, int type)
{
	switch (s) {
	case MATCH:
	case AUTHORITY:
	case REVOKED:
		return &keys[type];
	case OTHER_KEY:
	case REVOKED_OTHER:
		return &others[type];
	case OTHER_TYPE:
		return &keys[(type + 1) % TYPES];
	case MISSING:
	case SILENT:
	default:
		return NULL;
	}
}

/* The line stands below as many others as the file has before it. */
static void
write_state(int file, enum state s, int type, const char *name)
{
	const struct key *k = key_of(s, type);
	const char *marker = s == AUTHORITY ? "@cert-authority "
	    : s >= REVOKED_OTHER            ? "@revoked "
					    : "";
	char text[2048] = "", base64[1400];

	unlink(paths[file]);
	if (s == MISSING)
		return;
	for (int i = 0; i <= file; i++)
		strcat(text, "# another one\n");
	if (k != NULL) {
		hash_base64(k->blob, k->n, base64);
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "%s%s %s %s\n", marker, name, k->type, base64);
	}
	int fd = open(paths[file], O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fs_write_all(fd, text, strlen(text)), 0);
	close(fd);
}

/* One file alone. */
static enum store_verdict
verdict_of(enum state s)
{
	switch (s) {
	case MATCH:
		return STORE_TRUSTED;
	case OTHER_KEY:
		return STORE_CHANGED;
	case OTHER_TYPE:
		return STORE_NEW_TYPE;
	case REVOKED:
		return STORE_REVOKED;
	default:
		return STORE_UNKNOWN;
	}
}

/* Which fallback is spoken of: the one that says more, the first of equals. */
static int
deciding_fallback(const enum state s[FILES])
{
	static const int weight[] = { [STORE_UNKNOWN] = 0,
		[STORE_NEW_TYPE] = 1,
		[STORE_CHANGED] = 2,
		[STORE_TRUSTED] = 3,
		[STORE_REVOKED] = 4 };

	if (s[1] == MISSING)
		return 2;
	return weight[verdict_of(s[2])] > weight[verdict_of(s[1])] ? 2 : 1;
}

/* The table. */
static enum store_verdict
expected(const enum state s[FILES])
{
	enum store_verdict own = verdict_of(s[0]);
	enum store_verdict fallback = verdict_of(s[deciding_fallback(s)]);

	if (own == STORE_REVOKED || fallback == STORE_REVOKED)
		return STORE_REVOKED;
	if (own == STORE_TRUSTED || own == STORE_CHANGED)
		return own;
	if (fallback == STORE_TRUSTED || fallback == STORE_CHANGED)
		return fallback;
	return own == STORE_NEW_TYPE ? own : fallback;
}

static void
check_finding(const struct store_finding *f, int file, enum state s, int type)
{
	const struct key *k = key_of(s, type);

	assert_int_equal(f->verdict, verdict_of(s));
	if (s == MISSING)
		assert_null(f->path);
	else
		assert_string_equal(f->path, paths[file]);
	if (f->verdict == STORE_UNKNOWN) {
		assert_int_equal(f->line, 0);
		assert_string_equal(f->type, "");
		assert_string_equal(f->fingerprint, "");
		return;
	}
	assert_int_equal(f->line, file + 2);
	assert_string_equal(f->type, k->type);
	assert_string_equal(f->fingerprint, k->fingerprint);
}

static struct store *
load(void)
{
	const struct store_files files = { .dirfd = AT_FDCWD,
		.own = paths[0],
		.fallback = { paths[1], paths[2] } };
	struct ferry_error err;
	struct store *s;

	assert_int_equal(store_load(&s, &files, NULL, &err), 0);
	return s;
}

static void
check_cell(const enum state s[FILES], int type, unsigned port)
{
	const struct store_host host = { "h.example", NULL, port };
	int fallback = deciding_fallback(s);
	struct store *store = load();
	struct store_report r;

	store_judge(store, &host, keys[type].blob, keys[type].n, &r);
	if (r.verdict != expected(s))
		fail_msg("%s: files in states %d, %d, %d: verdict %d, not %d",
		    keys[type].type, s[0], s[1], s[2], r.verdict, expected(s));
	assert_int_equal(
	    r.from_fallback, r.verdict == STORE_TRUSTED && s[0] != MATCH);
	check_finding(&r.own, 0, s[0], type);
	check_finding(&r.fallback, fallback, s[fallback], type);
	store_free(store);
}

static void
every_cell(void **state)
{
	unsigned cells = 0;

	(void)state;
	for (int type = 0; type < TYPES; type++)
		for (unsigned n = 0; n < STATES * STATES * STATES; n++) {
			const enum state s[FILES] = { n / STATES / STATES,
				n / STATES % STATES, n % STATES };
			unsigned port = cells / FORMS % PORTS;

			for (int i = 0; i < FILES; i++)
				write_state(i, s[i], type,
				    forms[port][(cells + i) % FORMS]);
			check_cell(s, type, ports[port]);
			cells++;
		}
	print_message("%u cells\n", cells);
}

/* Recorded for port 22, a key is believed on another one, but accuses none. */
static void
every_cell_without_the_port(void **state)
{
	const struct store_host host = { "h.example", NULL, 2222 };

	(void)state;
	for (int type = 0; type < TYPES; type++)
		for (unsigned n = 0; n < STATES * STATES; n++) {
			const enum state s[FILES] = { n / STATES, n % STATES,
				MISSING };
			enum store_verdict verdict = expected(s);
			struct store_report r;
			struct store *store;

			if (verdict != STORE_REVOKED &&
			    verdict != STORE_TRUSTED)
				verdict = STORE_UNKNOWN;
			for (int i = 0; i < FILES; i++)
				write_state(
				    i, s[i], type, forms[0][(n + i) % FORMS]);
			store = load();
			store_judge(
			    store, &host, keys[type].blob, keys[type].n, &r);
			assert_int_equal(r.verdict, verdict);
			store_free(store);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cell),
		cmocka_unit_test(every_cell_without_the_port),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
