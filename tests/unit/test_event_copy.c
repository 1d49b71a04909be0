/* An event kept beyond its callback says the same, and owns all it says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "publish/event_copy.h"

/* Strings that can be taken away: the copy must not miss them. */
static char *words[128];
static size_t count;

static const char *
word(const char *s)
{
	words[count] = strdup(s);
	assert_non_null(words[count]);
	return words[count++];
}

static void
take_away(void)
{
	while (count > 0) {
		count--;
		memset(words[count], '!', strlen(words[count]));
		free(words[count]);
	}
}

static void
same(const struct ferry_event *e)
{
	static char before[8192], after[8192];
	const struct ferry_event *copy;
	struct arena a;

	arena_init(&a);
	assert_true(
	    ferry_event_json(e, before, sizeof(before)) < sizeof(before));
	copy = event_copy(e, &a);
	assert_non_null(copy);
	take_away();
	assert_true(
	    ferry_event_json(copy, after, sizeof(after)) < sizeof(after));
	assert_string_equal(before, after);
	arena_free(&a);
}

/* All that an event can point to. */
struct everything {
	struct ferry_error error;
	struct ferry_certificate certificate;
	struct ferry_host_report host;
	struct ferry_host_entry entry;
	struct ferry_grant grant;
	struct ferry_question question;
	struct ferry_summary summary;
	struct ferry_surroundings surroundings;
	struct ferry_right right;
	struct ferry_wall self, worker;
	struct ferry_endpoint endpoints[2];
	struct ferry_receipt receipt;
	struct ferry_check check;
	struct ferry_status status;
	struct ferry_step step;
	struct ferry_run run;
	struct ferry_event event;
};

static struct ferry_host_finding
finding(unsigned line)
{
	return (struct ferry_host_finding){ .path = word("/known_hosts"),
		.line = line,
		.type = word("ssh-rsa"),
		.fingerprint = word("SHA256:recorded"),
		.verdict = ferry_HOST_CHANGED };
}

static void
fill_host(struct everything *x)
{
	x->certificate = (struct ferry_certificate){ .subject = word("CN=a"),
		.issuer = word("CN=b"),
		.names = word("a.org"),
		.why = word("too old"),
		.version = word("TLS 1.2") };
	x->host = (struct ferry_host_report){ .host = word("a.org"),
		.port = 22,
		.type = word("ssh-ed25519"),
		.fingerprint = word("SHA256:shown"),
		.own = finding(1),
		.fallback = finding(2),
		.system = finding(3),
		.line = word("a.org ssh-ed25519 AAAA"),
		.command = word("sandferry host trust"),
		.certificate = &x->certificate };
	x->entry = (struct ferry_host_entry){ .path = word("/known_hosts"),
		.hosts = word("a.org"),
		.type = word("ssh-rsa"),
		.fingerprint = word("SHA256:x") };
	x->grant = (struct ferry_grant){ .url = word("sftp://a.org/"),
		.key = word("/key"),
		.certificate = word("/key-cert.pub"),
		.type = word("ssh-ed25519"),
		.comment = word("me"),
		.fingerprint = word("SHA256:key"),
		.host_key = word("SHA256:host"),
		.made = word("2026-01-02T03:04:05Z"),
		.used = word("2026-01-03T03:04:05Z") };
	x->question = (struct ferry_question){ .id = 7,
		.kind = ferry_ASK_HOST_KEY,
		.prompt = word("Is it?"),
		.host = &x->host,
		.grant = &x->grant,
		.key = word("/key"),
		.fingerprint = word("SHA256:key"),
		.account = word("sftp://me@a.org"),
		.asked = word("Code?") };
}

static void
fill_here(struct everything *x)
{
	x->surroundings =
	    (struct ferry_surroundings){ .sandbox = word("Flatpak"),
		    .name = word("org.a"),
		    .evidence = word("/.flatpak-info") };
	x->right = (struct ferry_right){ .kind = word("file"),
		.name = word("the site"),
		.access = word("read"),
		.path = word("/site"),
		.address = word("a.org:22"),
		.why = word("it is read"),
		.without = word("nothing is"),
		.by = word("Landlock") };
	x->self.layers = 3;
	x->worker.layers = 15;
	for (size_t i = 0; i < 2; i++)
		x->endpoints[i].address = word("127.0.0.1");
	x->receipt = (struct ferry_receipt){ .self = &x->self,
		.worker = &x->worker,
		.looked_up = word("a.org"),
		.web_looked_up = word("www.a.org"),
		.endpoint_count = 2,
		.endpoints = x->endpoints,
		.host = &x->host };
}

static void
fill(struct everything *x, enum ferry_event_kind kind)
{
	memset(x, 0, sizeof(*x));
	fill_host(x);
	fill_here(x);
	x->error = (struct ferry_error){ .code = 30, .id = "x", .text = "y" };
	x->summary = (struct ferry_summary){ .target = word("production"),
		.url = word("sftp://a.org/"),
		.plan.url = word("sftp://a.org/") };
	x->check = (struct ferry_check){ .group = word("The server"),
		.check = word("login"),
		.found = word("publickey"),
		.hint = word("a hint") };
	x->status = (struct ferry_status){ .machine = word("laptop"),
		.owner = word("me@laptop") };
	x->run = (struct ferry_run){ .verb = word("publish"),
		.version = word("0.1.0"),
		.url = word("sftp://a.org/") };
	x->step = (struct ferry_step){ .sha256 = word("00ff"), .mode = 0644 };
	x->event = (struct ferry_event){ .size = sizeof(x->event),
		.kind = kind,
		.path = word("a/path"),
		.text = word("some text"),
		.error = &x->error,
		.question = &x->question,
		.host = &x->host,
		.summary = &x->summary,
		.entry = &x->entry,
		.grant = &x->grant,
		.surroundings = &x->surroundings,
		.right = &x->right,
		.receipt = &x->receipt,
		.check = &x->check,
		.status = &x->status,
		.step = &x->step,
		.run = &x->run };
}

static void
says_the_same(void **state)
{
	enum ferry_event_kind kind;
	struct everything x;

	(void)state;
	for (kind = ferry_EVENT_PHASE; kind <= ferry_EVENT_RUN; kind++) {
		fill(&x, kind);
		same(&x.event);
	}
}

static void
takes_what_is_not_there(void **state)
{
	enum ferry_event_kind kind;
	struct ferry_receipt receipt = { .endpoints = NULL };
	struct everything x;

	(void)state;
	for (kind = ferry_EVENT_PHASE; kind <= ferry_EVENT_RUN; kind++) {
		memset(&x, 0, sizeof(x));
		x.event.size = sizeof(x.event);
		x.event.kind = kind;
		same(&x.event);
	}
	x.event.kind = ferry_EVENT_WALL;
	x.event.receipt = &receipt;
	same(&x.event);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_the_same),
		cmocka_unit_test(takes_what_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
