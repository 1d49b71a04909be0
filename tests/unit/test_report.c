/* Events as JSON: always one line, always well-formed, whatever is in them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "publish/report.h"

static void
assert_json(const struct ferry_event *e, const char *expected)
{
	char text[2048];
	size_t n = ferry_event_json(e, text, sizeof(text));

	assert_string_equal(text, expected);
	assert_int_equal(n, strlen(expected));
}

static struct ferry_event
step(const char *path, const char *reason)
{
	return (struct ferry_event){ .size = sizeof(struct ferry_event),
		.kind = ferry_EVENT_STEP,
		.path = path,
		.change = ferry_UPDATE,
		.size_before = 1,
		.size_after = 18446744073709551615u,
		.text = reason };
}

static void
escapes(void **state)
{
	struct ferry_event e = step("a \"b\"\\c\n\x01\x7f/\xc3\xa9", "new");

	(void)state;
	assert_json(&e,
	    "{\"v\":1,\"type\":\"step\",\"change\":\"update\","
	    "\"path\":\"a \\\"b\\\"\\\\c\\u000a\\u0001\\u007f/\xc3\xa9\","
	    "\"size_before\":1,\"size_after\":18446744073709551615,"
	    "\"reason\":\"new\"}");
}

static void
rights(void **state)
{
	const struct ferry_right r = { .hub = true,
		.kind = "file",
		.name = "the site",
		.access = "read",
		.path = "/a\"b",
		.why = "w",
		.without = "o",
		.enforced = ferry_PARTLY_ENFORCED,
		.by = "Landlock 2" };
	const struct ferry_surroundings s = { .sandbox = "Flatpak",
		.name = "a.b.C",
		.evidence = "/.flatpak-info",
		.landlock = 2,
		.filtered = -1,
		.no_new_privs = 1 };
	struct ferry_event e = { .kind = ferry_EVENT_RIGHT, .right = &r };

	(void)state;
	assert_json(&e,
	    "{\"v\":1,\"type\":\"right\",\"hub\":true,\"sftp\":false,"
	    "\"ftp\":false,\"folder\":false,\"http\":false,"
	    "\"kind\":\"file\",\"name\":\"the site\","
	    "\"access\":\"read\",\"path\":\"/a\\\"b\",\"why\":\"w\","
	    "\"without\":\"o\",\"enforced\":\"partly\",\"by\":\"Landlock 2\"}");
	e = (struct ferry_event){ .kind = ferry_EVENT_SURROUNDINGS,
		.surroundings = &s };
	assert_json(&e,
	    "{\"v\":1,\"type\":\"surroundings\",\"sandbox\":\"Flatpak\","
	    "\"name\":\"a.b.C\",\"evidence\":\"/.flatpak-info\","
	    "\"no_network\":false,\"landlock\":2,\"seccomp\":false,"
	    "\"no_new_privs\":true}");
	e = (struct ferry_event){ .kind = ferry_EVENT_LINE,
		.text = "  - \"--x\"" };
	assert_json(
	    &e, "{\"v\":1,\"type\":\"line\",\"text\":\"  - \\\"--x\\\"\"}");
}

static void
checks(void **state)
{
	struct ferry_check c = { .group = "The server",
		.check = "free space",
		.state = ferry_CHECK_WARN,
		.found = "only 3 \"MB\"",
		.hint = "Make room." };
	struct ferry_event e = { .kind = ferry_EVENT_CHECK, .check = &c };
	struct ferry_error failure;

	(void)state;
	assert_json(&e,
	    "{\"v\":1,\"type\":\"check\",\"group\":\"The server\","
	    "\"check\":\"free space\",\"state\":\"warn\","
	    "\"found\":\"only 3 \\\"MB\\\"\",\"hint\":\"Make room.\"}");
	err_set(&failure, ferry_EFULL, "remote_full", "it is full");
	c = (struct ferry_check){ "g", "c", ferry_CHECK_FAIL, "f", "" };
	e.error = &failure;
	assert_json(&e,
	    "{\"v\":1,\"type\":\"check\",\"group\":\"g\",\"check\":\"c\","
	    "\"state\":\"fail\",\"found\":\"f\",\"id\":\"remote_full\","
	    "\"code\":31}");
	c.state = ferry_CHECK_SKIP;
	e.error = NULL;
	assert_json(&e,
	    "{\"v\":1,\"type\":\"check\",\"group\":\"g\",\"check\":\"c\","
	    "\"state\":\"skip\",\"found\":\"f\"}");
}

static void
what_is_there(void **state)
{
	const struct ferry_status s = { .generation = 7,
		.time = 1795338707,
		.machine = "vm",
		.progress = ferry_COMMITTING,
		.files = 6,
		.bytes = 600,
		.same = 3,
		.changed = 1,
		.pending = 2,
		.strangers = 4,
		.owner = "eve@elsewhere",
		.locked = 1795338000,
		.age = -1 };
	struct ferry_event e = { .kind = ferry_EVENT_STATUS, .status = &s };

	(void)state;
	assert_json(&e,
	    "{\"v\":1,\"type\":\"status\",\"generation\":7,"
	    "\"time\":1795338707,\"machine\":\"vm\","
	    "\"progress\":\"committing\",\"files\":6,\"bytes\":600,"
	    "\"same\":3,\"changed\":1,\"missing\":0,\"unknown\":0,"
	    "\"pending\":2,\"strangers\":4,\"left_files\":0,"
	    "\"left_bytes\":0,\"owner\":\"eve@elsewhere\","
	    "\"locked\":1795338000}");
	e = (struct ferry_event){ .kind = ferry_EVENT_FILE,
		.file_state = ferry_FILE_ABSENT,
		.path = "br\xffken",
		.size_before = 5 };
	assert_json(&e,
	    "{\"v\":1,\"type\":\"file\",\"state\":\"absent\","
	    "\"path_b64\":\"YnL/a2Vu\",\"size_before\":5,"
	    "\"size_after\":0}");
}

static void
paths_that_are_not_utf8(void **state)
{
	struct ferry_event e = step("caf\xe9", "br\xffken");

	(void)state;
	assert_json(&e,
	    "{\"v\":1,\"type\":\"step\",\"change\":\"update\","
	    "\"path_b64\":\"Y2Fm6Q==\",\"size_before\":1,"
	    "\"size_after\":18446744073709551615,"
	    "\"reason\":\"br\\ufffdken\"}");
}

static void
counts_like_snprintf(void **state)
{
	struct ferry_event e = step("path", "reason");
	char text[512], cut[512];
	size_t n = ferry_event_json(&e, text, sizeof(text)), size;

	(void)state;
	assert_int_equal(ferry_event_json(&e, NULL, 0), n);
	for (size = 1; size <= n + 1; size++) {
		memset(cut, 'x', sizeof(cut));
		assert_int_equal(ferry_event_json(&e, cut, size), n);
		assert_int_equal(strlen(cut), size - 1);
		assert_memory_equal(cut, text, size - 1);
		assert_int_equal(cut[size], 'x');
	}
}

/* What was told, in order. */
struct heard {
	int kinds[64];
	size_t count;
	char last[2048];
};

static void
hear(void *ctx, const struct ferry_event *e)
{
	struct heard *h = ctx;

	assert_int_equal(e->size, sizeof(*e));
	assert_true(h->count < 64);
	h->kinds[h->count++] = (int)e->kind;
	ferry_event_json(e, h->last, sizeof(h->last));
}

static void
summary_says_how_it_went(void **state)
{
	struct heard h = { .count = 0 };
	struct ferry_error err;
	struct report r;

	(void)state;
	report_init(&r, hear, &h, 1);
	r.summary.target = "production";
	r.summary.url = "sftp://h/p";
	r.summary.sent = 3;
	report_summary(&r, NULL);
	assert_non_null(strstr(
	    h.last, "\"type\":\"summary\",\"outcome\":\"ok\",\"code\":0,"));
	assert_non_null(strstr(h.last, "\"target\":\"production\""));
	assert_non_null(strstr(h.last, "\"sent\":3,"));
	assert_non_null(strstr(h.last, "\"seconds\":0.0"));
	err_set(&err, ferry_ELOCKED, "locked", "somebody is there");
	err_hint(&err, "Wait.");
	report_summary(&r, &err);
	assert_non_null(strstr(h.last,
	    "\"outcome\":\"locked\",\"code\":33,"
	    "\"text\":\"somebody is there\",\"hint\":\"Wait.\""));
	assert_int_equal(r.summary.outcome, ferry_ELOCKED);
}

static void
progress_is_rare(void **state)
{
	struct heard h = { .count = 0 };
	struct report r;
	uint64_t began;
	int i;

	(void)state;
	report_init(&r, hear, &h, 1);
	report_phase(&r, ferry_PHASE_STAGE, 10, 100);
	assert_int_equal(h.count, 1);
	began = clock_ms();
	for (i = 0; clock_ms() < began + 250; i++)
		report_progress(&r, "x");
	assert_true(i > 100);
	assert_in_range(h.count, 2, 4);
	assert_non_null(strstr(h.last, "\"files_total\":10"));
}

static void
folders_are_no_steps(void **state)
{
	struct heard h = { .count = 0 };
	struct plan_step s = { .kind = PLAN_MKDIR, .path = "d" };
	struct report r;

	(void)state;
	report_init(&r, hear, &h, 1);
	report_step(&r, &s);
	s.kind = PLAN_RMDIR;
	report_step(&r, &s);
	assert_int_equal(h.count, 0);
	s.kind = PLAN_REMOVE;
	report_step(&r, &s);
	assert_non_null(strstr(h.last, "\"change\":\"remove\""));
	report_skip(&r, ".env", "a secret");
	assert_non_null(strstr(h.last, "\"change\":\"skip\""));
}

static void
remarks_are_events(void **state)
{
	struct heard h = { .count = 0 };
	struct report r;

	(void)state;
	report_init(&r, hear, &h, 99);
	log_line(&r.log, LOG_TRACE, "-> STEP");
	assert_non_null(strstr(h.last, "\"type\":\"log\",\"level\":\"trace\""));
	report_note(&r, "a\x1b[31m%s", "b");
	assert_non_null(strstr(h.last, "\"type\":\"note\""));
	assert_null(strstr(h.last, "\x1b"));
	report_init(&r, NULL, NULL, 99);
	report_note(&r, "nobody listens");
}

static void
host_keys_in_full(void **state)
{
	struct ferry_host_report host = { .host = "h",
		.port = 2222,
		.type = "ssh-ed25519",
		.fingerprint = "SHA256:x",
		.verdict = ferry_HOST_NEW_TYPE,
		.own = { .path = "/k", .type = "", .fingerprint = "" },
		.line = "[h]:2222 ssh-ed25519 AAAA" };
	struct ferry_event e = { .kind = ferry_EVENT_HOST, .host = &host };

	(void)state;
	assert_json(&e,
	    "{\"v\":1,\"type\":\"host\",\"host\":\"h\",\"port\":2222,"
	    "\"key_type\":\"ssh-ed25519\",\"fingerprint\":\"SHA256:x\","
	    "\"verdict\":\"new_type\",\"from_fallback\":false,"
	    "\"pinned\":false,\"own\":{\"path\":\"/k\","
	    "\"verdict\":\"trusted\"},"
	    "\"line\":\"[h]:2222 ssh-ed25519 AAAA\",\"pins\":0}");
}

static void
refusals_say_what_the_files_say(void **state)
{
	struct ferry_host_report host = { .host = "h",
		.port = 22,
		.type = "ssh-ed25519",
		.fingerprint = "SHA256:x",
		.verdict = ferry_HOST_CHANGED,
		.own = { "/k", 3, "ssh-ed25519", "SHA256:y",
		    ferry_HOST_CHANGED },
		.system = { "/s", 4, "ssh-rsa", "SHA256:z",
		    ferry_HOST_NEW_TYPE },
		.pins = 2,
		.command = "c" };
	struct ferry_error error = { .code = ferry_EHOSTCHANGED,
		.id = "host_key_changed",
		.text = "t" };
	struct ferry_event e = {
		.kind = ferry_EVENT_FAILURE, .error = &error, .host = &host
	};

	(void)state;
	assert_json(&e,
	    "{\"v\":1,\"type\":\"failure\",\"id\":\"host_key_changed\","
	    "\"code\":12,\"text\":\"t\",\"host\":\"h\",\"port\":22,"
	    "\"key_type\":\"ssh-ed25519\",\"fingerprint\":\"SHA256:x\","
	    "\"verdict\":\"changed\",\"from_fallback\":false,"
	    "\"pinned\":false,\"own\":{\"path\":\"/k\","
	    "\"verdict\":\"changed\",\"line\":3,"
	    "\"key_type\":\"ssh-ed25519\",\"fingerprint\":\"SHA256:y\"},"
	    "\"system\":{\"path\":\"/s\",\"verdict\":\"new_type\","
	    "\"line\":4,\"key_type\":\"ssh-rsa\","
	    "\"fingerprint\":\"SHA256:z\"},\"pins\":2,\"command\":\"c\"}");
}

static void
known_hosts_are_listed(void **state)
{
	struct ferry_host_entry entry = { .path = "/k",
		.line = 7,
		.hosts = "*.a,\xff",
		.marker = ferry_HOST_MARKED_AUTHORITY,
		.type = "ssh-rsa",
		.fingerprint = "SHA256:x" };
	struct ferry_event e = { .kind = ferry_EVENT_HOST_ENTRY,
		.entry = &entry };

	(void)state;
	assert_json(&e,
	    "{\"v\":1,\"type\":\"host_entry\",\"path\":\"/k\",\"line\":7,"
	    "\"hosts\":\"*.a,\\ufffd\",\"hashed\":false,"
	    "\"only_read\":false,\"marker\":\"cert-authority\","
	    "\"key_type\":\"ssh-rsa\",\"fingerprint\":\"SHA256:x\"}");
}

static void
receipts(void **state)
{
	const struct ferry_wall self = { ferry_WALL_PRIVILEGES |
		    ferry_WALL_LIMITS | ferry_WALL_LANDLOCK |
		    ferry_WALL_SECCOMP,
		7, 0, 0 };
	const struct ferry_wall worker = { ferry_WALL_SECCOMP, 0, ENOSYS, 0 };
	const struct ferry_endpoint endpoints[] = { { "::1", 22, false, false },
		{ "192.0.2.1", 22, true, true } };
	const struct ferry_host_report host = { .host = "a",
		.port = 22,
		.type = "ssh-rsa",
		.fingerprint = "SHA256:x",
		.verdict = ferry_HOST_UNKNOWN,
		.pinned = true,
		.pins = 1 };
	struct ferry_receipt r = { .confine = ferry_CONFINE_REQUIRE,
		.self = &self,
		.worker = &worker,
		.looked_up = "example.org",
		.endpoint_count = 2,
		.endpoints = endpoints };
	struct ferry_event e = {
		.size = sizeof(e), .kind = ferry_EVENT_WALL, .receipt = &r
	};

	(void)state;
	assert_json(&e,
	    "{\"v\":1,\"type\":\"wall\",\"confine\":\"require\","
	    "\"self\":{\"privileges\":true,\"limits\":true,\"landlock\":7,"
	    "\"seccomp\":true},\"worker\":{\"privileges\":false,"
	    "\"limits\":false,\"landlock\":0,\"seccomp\":true},"
	    "\"looked_up\":\"example.org\",\"endpoints\":["
	    "{\"address\":\"::1\",\"port\":22,\"connected\":false},"
	    "{\"address\":\"192.0.2.1\",\"port\":22,\"connected\":true,"
	    "\"by_app\":true}]}");
	r = (struct ferry_receipt){ .confine = ferry_CONFINE_OFF };
	assert_json(&e,
	    "{\"v\":1,\"type\":\"wall\",\"confine\":\"off\","
	    "\"endpoints\":[]}");
	r.host = &host;
	assert_json(&e,
	    "{\"v\":1,\"type\":\"wall\",\"confine\":\"off\","
	    "\"endpoints\":[],\"host\":{\"host\":\"a\",\"port\":22,"
	    "\"key_type\":\"ssh-rsa\",\"fingerprint\":\"SHA256:x\","
	    "\"verdict\":\"unknown\",\"from_fallback\":false,"
	    "\"pinned\":true,\"pins\":1}}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(receipts),
		cmocka_unit_test(escapes),
		cmocka_unit_test(rights),
		cmocka_unit_test(checks),
		cmocka_unit_test(what_is_there),
		cmocka_unit_test(paths_that_are_not_utf8),
		cmocka_unit_test(counts_like_snprintf),
		cmocka_unit_test(summary_says_how_it_went),
		cmocka_unit_test(progress_is_rare),
		cmocka_unit_test(folders_are_no_steps),
		cmocka_unit_test(remarks_are_events),
		cmocka_unit_test(host_keys_in_full),
		cmocka_unit_test(refusals_say_what_the_files_say),
		cmocka_unit_test(known_hosts_are_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
