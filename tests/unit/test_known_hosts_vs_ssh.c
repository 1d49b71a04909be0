/*
 * The oracle: whole verdicts, ours and ssh's, of real servers with a key of
 * each type, on pairs of files from a seeded grammar.
 *
 * Where we differ on purpose a rule says how: with the files changed in that
 * one way, our verdict is that of ssh again.  sandferry-known-hosts(5) gives
 * the reasons.  We are never the milder one.
 *
 *   ORACLE_CASES=N   ask N times instead of 120
 *   ORACLE_SEED=N    begin with this case
 *   BIN              the programs, whose own words are asked for too
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
#include "known_hosts/store.h"
#include "tests/unit/known_hosts_cases.h"
#include "tests/unit/ssh_verdict.h"

enum { CASES = 120, WHOLE = 12, PATH_LEN = 200 };

/* In which ways we differ: bits, for several may have to do with one case. */
enum {
	RULE_LINE = 1, /* a line that only we understand counts */
	RULE_REVOKED = 2, /* one revoked without a port is so on each */
	RULE_PRIVATE = 4, /* the fallback never excuses */
	RULE_NEW_TYPE = 8, /* no key of this type: not yet "changed" */
	RULES = 16
};

static const struct {
	const char *name, *type, *bits;
} servers[CASES_KEYS] = {
	{ "ed25519", "ed25519", "256" },
	{ "p256", "ecdsa", "256" },
	{ "p384", "ecdsa", "384" },
	{ "p521", "ecdsa", "521" },
	{ "rsa", "rsa", "2048" },
};

struct oracle {
	char dir[64], paths[CASES_FILES][PATH_LEN];
	struct ssh_server servers[CASES_KEYS];
	const char *keys[CASES_KEYS];
	char program[PATH_LEN]; /* "": only the store is asked */
	unsigned by_rule[RULES], by_verdict[SSH_ELSE], wrong, whole;
};

/* ---- Servers -------------------------------------------------------------- */

/* In a network of our own they can have any address, and port 22 of it. */
static void
listen_all(struct oracle *o)
{
	bool ours = ssh_own_network();

	for (unsigned i = 0; i < CASES_KEYS; i++) {
		struct ssh_server *s = &o->servers[i];

		snprintf(s->address, sizeof(s->address), "127.0.0.%u",
		    ours ? 2 + i : 1);
		s->ports[0] = ours ? 2222 : 0;
		s->ports[1] = ours ? 22 : 0;
		assert_true(ssh_start_server(s));
	}
}

static void
find_program(struct oracle *o)
{
	const char *bin = getenv("BIN");
	char worker[PATH_LEN + 16];

	snprintf(o->program, sizeof(o->program), "%s/sandferry",
	    bin != NULL ? bin : "out/release");
	snprintf(worker, sizeof(worker), "%s-worker", o->program);
	if (access(o->program, X_OK) != 0 || access(worker, X_OK) != 0)
		o->program[0] = '\0';
}

static int
start(void **state)
{
	struct oracle *o = calloc(1, sizeof(*o));

	*state = o;
	assert_non_null(o);
	snprintf(o->dir, sizeof(o->dir), "/tmp/ferry-oracle-XXXXXX");
	assert_non_null(mkdtemp(o->dir));
	for (unsigned i = 0; i < CASES_FILES; i++)
		snprintf(o->paths[i], PATH_LEN, "%s/file%u", o->dir, i);
	find_program(o);
	if (!ssh_found())
		return 0;
	for (unsigned i = 0; i < CASES_KEYS; i++) {
		assert_true(ssh_make_server(&o->servers[i], o->dir,
		    servers[i].name, servers[i].type, servers[i].bits));
		o->keys[i] = o->servers[i].line;
	}
	return 0;
}

static int
stop(void **state)
{
	struct oracle *o = *state;
	char command[PATH_LEN];
	int rc;

	for (unsigned i = 0; i < CASES_KEYS; i++)
		ssh_stop_server(&o->servers[i]);
	snprintf(command, sizeof(command), "rm -rf '%s'", o->dir);
	rc = system(command);
	free(o);
	return rc;
}

/* ---- Verdicts ------------------------------------------------------------- */

/* Lines that are not counted in, by file: bits. */
struct gaps {
	unsigned lines[CASES_FILES];
};

static void
write_file(int fd, const struct cases_file *f, unsigned gaps)
{
	for (size_t n = 0; n < f->count; n++) {
		const struct cases_line *line = &f->lines[n];
		bool gap = (gaps & 1U << n) != 0;

		assert_int_equal(fs_write_all(fd, gap ? "\n" : line->text,
				     gap ? 1 : line->len),
		    0);
	}
}

/* Merged, all of them stand in the first, each on lines of its own. */
static void
write_files(const struct oracle *o, const struct cases *c, const struct gaps *g,
    bool merged)
{
	int fd = -1;

	for (size_t i = 0; i < CASES_FILES; i++) {
		int next = open(o->paths[i],
		    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

		assert_true(next >= 0);
		if (fd >= 0 && merged) {
			close(next);
			assert_int_equal(fs_write_all(fd, "\n", 1), 0);
		} else {
			if (fd >= 0)
				close(fd);
			fd = next;
		}
		write_file(fd, &c->files[i], g->lines[i]);
	}
	close(fd);
}

static const char *
own_path(const struct oracle *o, const char *path)
{
	for (size_t i = 0; path != NULL && i < CASES_FILES; i++)
		if (strcmp(path, o->paths[i]) == 0)
			return o->paths[i];
	return NULL;
}

static enum store_verdict
judge(const struct oracle *o, const struct cases *c, const char *name,
    unsigned port, struct store_report *r)
{
	const struct ssh_server *server = &o->servers[c->host.key];
	const struct store_files files = { .dirfd = AT_FDCWD,
		.own = o->paths[0],
		.fallback = { o->paths[1], o->paths[2] } };
	const struct store_host host = { name, NULL, port };
	struct store *s;
	struct ferry_error err;

	assert_int_equal(store_load(&s, &files, NULL, &err), 0);
	store_judge(s, &host, server->blob, server->blob_len, r);
	/* What points into the store goes with it. */
	r->own.path = own_path(o, r->own.path);
	r->fallback.path = own_path(o, r->fallback.path);
	store_free(s);
	return r->verdict;
}

/* Leave out the line that revokes, if it means the host without its port. */
static bool
leave_out_revocation(const struct oracle *o, const struct cases *c,
    const struct store_report *r, struct gaps *g)
{
	struct store_report with_port;
	char name[PATH_LEN];

	snprintf(name, sizeof(name), c->host.port == 22 ? "%s" : "[%s]:%u",
	    c->host.known_as, c->host.port);
	if (judge(o, c, name, 22, &with_port) == STORE_REVOKED)
		return false;
	if (r->own.verdict == STORE_REVOKED)
		g->lines[0] |= 1U << (r->own.line - 1);
	else if (r->fallback.path == o->paths[1])
		g->lines[1] |= 1U << (r->fallback.line - 1);
	else
		g->lines[2] |= 1U << (r->fallback.line - 1);
	return true;
}

/* Our verdict, were we like OpenSSH in these ways. */
static enum store_verdict
judge_by(const struct oracle *o, const struct cases *c, unsigned rules)
{
	struct gaps g = { 0 };
	struct store_report r;

	if ((rules & RULE_LINE) != 0)
		for (size_t i = 0; i < CASES_FILES; i++)
			for (size_t n = 0; n < c->files[i].count; n++)
				if (c->files[i].lines[n].only_ours)
					g.lines[i] |= 1U << n;
	do {
		write_files(o, c, &g, false);
	} while (judge(o, c, c->host.name, c->host.port, &r) == STORE_REVOKED &&
	    (rules & RULE_REVOKED) != 0 && leave_out_revocation(o, c, &r, &g));
	if ((rules & RULE_PRIVATE) != 0) {
		write_files(o, c, &g, true);
		judge(o, c, c->host.name, c->host.port, &r);
	}
	if ((rules & RULE_NEW_TYPE) != 0 && r.verdict == STORE_NEW_TYPE)
		return STORE_CHANGED;
	return r.verdict;
}

static bool
same(enum store_verdict ours, enum ssh_verdict theirs)
{
	switch (theirs) {
	case SSH_ACCEPTED:
		return ours == STORE_TRUSTED;
	case SSH_UNKNOWN:
		return ours == STORE_UNKNOWN;
	case SSH_CHANGED:
		return ours == STORE_CHANGED;
	case SSH_REVOKED:
		return ours == STORE_REVOKED;
	case SSH_ELSE:
		break;
	}
	return false;
}

/* Would we go on, or be talked into going on, where ssh would not? */
static bool
milder(enum store_verdict ours, enum ssh_verdict theirs)
{
	switch (ours) {
	case STORE_TRUSTED:
		return theirs != SSH_ACCEPTED;
	case STORE_UNKNOWN:
		return theirs != SSH_ACCEPTED && theirs != SSH_UNKNOWN;
	case STORE_NEW_TYPE:
	case STORE_CHANGED:
		return theirs == SSH_REVOKED;
	case STORE_REVOKED:
		break;
	}
	return false;
}

/* The fewest rules that explain the difference; RULES: none do. */
static unsigned
explain(const struct oracle *o, const struct cases *c, enum ssh_verdict theirs)
{
	static const unsigned by_number[] = { 0, 1, 2, 4, 8, 3, 5, 6, 9, 10, 12,
		7, 11, 13, 14, 15 };

	for (size_t i = 0; i < RULES; i++)
		if (same(judge_by(o, c, by_number[i]), theirs))
			return by_number[i];
	return RULES;
}

static const char *const verdict_names[] = { "trusted", "unknown", "new_type",
	"changed", "revoked" };

static void
show(const struct cases *c, unsigned number, const char *ours, const char *said)
{
	static const char *const names[CASES_FILES] = { "private", "fallback",
		"system" };

	fprintf(stderr, "case %u, %s port %u, %s: %s, but ssh:\n%s\n", number,
	    c->host.name, c->host.port, servers[c->host.key].name, ours, said);
	for (size_t i = 0; i < CASES_FILES; i++)
		for (size_t n = 0; n < c->files[i].count; n++) {
			fprintf(stderr, "%s:%zu: ", names[i], n + 1);
			fwrite(c->files[i].lines[n].text, 1,
			    c->files[i].lines[n].len, stderr);
		}
	fprintf(stderr, "\n");
}

static enum store_verdict
compare(struct oracle *o, const struct cases *c, unsigned number,
    const char *config)
{
	char user[2 * PATH_LEN];
	struct ssh_question q = { user, o->paths[2], c->host.name, c->host.port,
		config };
	const struct gaps none = { 0 };
	enum store_verdict ours;
	enum ssh_verdict theirs;
	struct store_report r;
	struct buf said;
	unsigned rules;

	buf_init(&said, 65536);
	snprintf(user, sizeof(user), "%s %s", o->paths[0], o->paths[1]);
	write_files(o, c, &none, false);
	ours = judge(o, c, c->host.name, c->host.port, &r);
	theirs = ssh_ask(&q, &said);
	rules = explain(o, c, theirs);
	if (rules == RULES || milder(ours, theirs)) {
		o->wrong++;
		show(c, number, verdict_names[ours], buf_text(&said));
	} else {
		o->by_rule[rules]++;
		o->by_verdict[theirs]++;
	}
	write_files(o, c, &none, false);
	buf_free(&said);
	return ours;
}

/* The command's own words are those of the store. */
static void
ask_program(struct oracle *o, const struct cases *c, unsigned number,
    enum store_verdict expected)
{
	char url[128], wanted[64];
	const char *argv[] = { o->program, "host", "show", "--json",
		"--no-input", "--known-hosts", o->paths[0],
		"--fallback-known-hosts", o->paths[1], "--system-known-hosts",
		o->paths[2], "--url", url, NULL };
	const char *host;
	struct buf said;

	buf_init(&said, 1 << 20);
	snprintf(url, sizeof(url), "sftp://nobody@%s:%u/", c->host.name,
	    c->host.port);
	snprintf(wanted, sizeof(wanted), "\",\"verdict\":\"%s\",\"from",
	    verdict_names[expected]);
	ssh_run(argv, &said);
	host = strstr(buf_text(&said), "\"type\":\"host\"");
	o->whole++;
	if (host == NULL || strstr(host, wanted) == NULL) {
		o->wrong++;
		show(c, number, verdict_names[expected], buf_text(&said));
	}
	buf_free(&said);
}

/* A server that listens, under one of its names. */
static struct cases_host
listening(struct oracle *o, struct cases *c)
{
	unsigned key = cases_pick(c, CASES_KEYS);
	const struct ssh_server *s = &o->servers[key];
	struct cases_host host = { s->address, s->address, s->ports[0], key };

	if (s->ports[1] != 0)
		host.port = s->ports[cases_pick(c, 2)];
	if (strcmp(s->address, "127.0.0.1") != 0)
		return host;
	switch (cases_pick(c, 3)) {
	case 0:
		host.name = "127.1";
		break;
	case 1:
		host.name = "LOCALHOST";
		host.known_as = "localhost";
		break;
	default:
		break;
	}
	return host;
}

static unsigned
from_environment(const char *name, unsigned otherwise)
{
	const char *text = getenv(name);

	return text != NULL ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

static void
we_agree(void **state)
{
	static struct cases c;
	struct oracle *o = *state;
	unsigned count = from_environment("ORACLE_CASES", CASES);
	unsigned first = from_environment("ORACLE_SEED", 1);
	unsigned differences = 0;

	if (!ssh_found())
		skip();
	for (unsigned n = first; n < first + count; n++) {
		cases_make(&c, n, NULL, o->keys);
		compare(o, &c, n, o->servers[c.host.key].config);
	}
	for (unsigned i = 1; i < RULES; i++)
		differences += o->by_rule[i];
	print_message("%u cases, %u deliberate differences, "
		      "%u disagreements\n",
	    count, differences, o->wrong);
	for (unsigned i = 1; i < RULES; i++)
		if (o->by_rule[i] > 0)
			print_message("%8u by%s%s%s%s\n", o->by_rule[i],
			    i & RULE_LINE ? " a line only ours," : "",
			    i & RULE_REVOKED ? " a revoked host," : "",
			    i & RULE_PRIVATE ? " the private file," : "",
			    i & RULE_NEW_TYPE ? " a new type," : "");
	print_message("%8u accepted, %u unknown, %u changed, %u revoked\n",
	    o->by_verdict[SSH_ACCEPTED], o->by_verdict[SSH_UNKNOWN],
	    o->by_verdict[SSH_CHANGED], o->by_verdict[SSH_REVOKED]);
	assert_int_equal(o->wrong, 0);
	for (unsigned i = 0; count >= CASES && i < SSH_ELSE; i++)
		assert_true(o->by_verdict[i] >= count / 40);
}

/* The same over the network, and with the command instead of the store. */
static void
the_program_agrees(void **state)
{
	static struct cases c;
	struct oracle *o = *state;
	unsigned count = from_environment("ORACLE_CASES", CASES);
	unsigned first = from_environment("ORACLE_SEED", 1);

	if (!ssh_found() || o->program[0] == '\0')
		skip();
	listen_all(o);
	count = count * WHOLE / CASES;
	o->wrong = 0;
	for (unsigned n = first; n < first + count; n++) {
		struct cases_host host;

		c.seed = n;
		host = listening(o, &c);
		cases_make(&c, n, &host, o->keys);
		ask_program(o, &c, n, compare(o, &c, n, NULL));
	}
	print_message(
	    "%u cases of the program, %u disagreements\n", o->whole, o->wrong);
	assert_int_equal(o->wrong, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(we_agree),
		cmocka_unit_test(the_program_agrees),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
